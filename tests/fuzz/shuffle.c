/* shuffle.c - fuzzes the shuffle of a kernel: any text is refused with a sentence, or written again
 * with the same bytes in another order, and as JSON where it was JSON. */
#include <stdint.h>
#include <stdlib.h>

#include "eval/kernel_parts.h"
#include "eval/shuffle.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_bytes(struct str a, struct str b)
{
    size_t counts[256] = {0};
    if (a.len != b.len)
        abort();
    for (size_t i = 0; i < a.len; i++)
        counts[(unsigned char)a.ptr[i]]++;
    for (size_t i = 0; i < b.len; i++)
        if (counts[(unsigned char)b.ptr[i]]-- == 0)
            abort();
}

static size_t count_objects(struct str text)
{
    struct kernel_parts parts;
    struct err err = {0};
    bool ok = kernel_parts_read(&parts, text, "input", &err);
    size_t count = parts.count;
    kernel_parts_release(&parts);
    return ok ? count : SIZE_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_n((const char *)data, size);
    struct shuffle shuffle;
    struct err err = {0};
    struct buf out;
    if (!utf8_is_valid(text)) /* kernel_load has refused it */
        return 0;
    if (!shuffle_read(&shuffle, text, "input", &err)) {
        if (shuffle.count || err.code == ERR_NONE || !err.msg[0])
            abort();
        return 0;
    }
    buf_init(&out, BUF_MAX_DEFAULT);
    shuffle_write(&out, &shuffle, size);
    check_bytes(text, buf_str(&out));
    size_t objects = count_objects(text);
    if (objects > 0 && count_objects(buf_str(&out)) != objects)
        abort();
    buf_release(&out);
    shuffle_release(&shuffle);
    return 0;
}
