/* probe.c - fuzzes probe_set_parse: any bytes are probes or are refused with a sentence. */
#include <stdint.h>
#include <stdlib.h>

#include "probe/probe.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct probe_options options = {.skip_bad = size % 2, .limit = size % 3};
    struct probe_set set;
    struct err err = {0};
    if (!probe_set_parse(&set, str_n((const char *)data, size), "input", &options, &err)) {
        if (err.code == ERR_NONE || !err.msg[0] || set.items)
            abort(); /* a refusal says why and leaves nothing */
        return 0;
    }
    for (size_t i = 0; i < set.count; i++)
        if (!utf8_is_valid(set.items[i].id) || !utf8_is_valid(set.items[i].category) ||
            !utf8_is_valid(set.items[i].prompt))
            abort();
    probe_set_release(&set);
    return 0;
}
