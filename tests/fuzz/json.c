/* json.c - fuzzes json_parse: any bytes are refused with a sentence, or are a value whose text
 * reads back as the same value. */
#include <stdint.h>
#include <stdlib.h>

#include "text/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_style(const json_t *value, struct json_style style)
{
    struct err err = {0};
    struct buf text;
    json_t *again;
    buf_init(&text, BUF_MAX_DEFAULT);
    json_format(&text, value, style);
    if (!json_parse(&again, buf_str(&text), "again", &err))
        abort();
    if (!style.sort_keys && !json_equal(value, again))
        abort();
    json_decref(again);
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    json_t *value;
    if (!json_parse(&value, str_n((const char *)data, size), "input", &err)) {
        if (value || err.code == ERR_NONE || !err.msg[0])
            abort();
        return 0;
    }
    check_style(value, (struct json_style){.ascii = true});
    check_style(value, (struct json_style){.compact = true});
    check_style(value, (struct json_style){.indent = 2, .sort_keys = true});
    json_decref(value);
    return 0;
}
