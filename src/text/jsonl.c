#include "text/jsonl.h"

#include "text/utf8.h"

void jsonl_init(struct jsonl *in, struct str text, const char *name)
{
    if (text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0)
        text = str_from(text, 3);
    *in = (struct jsonl){.rest = text, .name = name};
}

bool jsonl_next(struct jsonl *in, struct str *line)
{
    while (in->rest.len > 0) {
        const char *end = memchr(in->rest.ptr, '\n', in->rest.len);
        size_t len = end ? (size_t)(end - in->rest.ptr) : in->rest.len;
        *line = str_n(in->rest.ptr, len);
        in->rest = str_from(in->rest, len + (end ? 1 : 0));
        in->line++;
        if (line->len && line->ptr[line->len - 1] == '\r')
            line->len--;
        if (utf8_strip(*line).len > 0)
            return true;
    }
    return false;
}

bool jsonl_parse(json_t **out, const struct jsonl *in, struct str line, struct err *err)
{
    *out = NULL;
    if (line.len > JSONL_LINE_MAX)
        return err_set(err, ERR_LIMIT, "%s: line %zu has %zu bytes, at most %d are read", in->name,
                       in->line, line.len, JSONL_LINE_MAX);
    json_error_t at;
    *out = json_loadb(line.ptr, line.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &at);
    if (!*out)
        return err_set(err, ERR_FORMAT, "%s: line %zu, column %d: not valid JSON: %s", in->name,
                       in->line, at.column, at.text);
    return true;
}
