#include "text/jsonl.h"

#include <stdlib.h>

#include "base/mem.h"
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

void jsonl_ahead_init(struct jsonl_ahead *in, struct str text, const char *name)
{
    *in = (struct jsonl_ahead){.pool = pool_create(0)};
    jsonl_init(&in->reader, text, name);
    in->lines = in->reader;
    in->batch = mem_zalloc(JSONL_AHEAD, sizeof *in->batch);
}

void jsonl_ahead_release(struct jsonl_ahead *in)
{
    for (; in->at < in->count; in->at++)
        json_decref(in->batch[in->at].value);
    free(in->batch);
    pool_free(in->pool);
    *in = (struct jsonl_ahead){0};
}

static void parse_line(void *arg, size_t index, size_t thread)
{
    struct jsonl_ahead *in = arg;
    struct err ignored;
    (void)thread;
    if (!jsonl_parse(&in->batch[index].value, &in->reader, in->batch[index].text, &ignored))
        in->batch[index].value = NULL;
}

static void read_batch(struct jsonl_ahead *in)
{
    struct str line;
    in->at = in->count = 0;
    while (in->count < JSONL_AHEAD && jsonl_next(&in->reader, &line))
        in->batch[in->count++] = (struct jsonl_ahead_line){line, in->reader.line, NULL};
    pool_run(in->pool, parse_line, in, in->count);
}

bool jsonl_ahead_next(json_t **value, struct jsonl_ahead *in, struct str *line)
{
    if (in->at == in->count)
        read_batch(in);
    if (in->count == 0)
        return false;
    const struct jsonl_ahead_line *next = &in->batch[in->at++];
    *line = next->text;
    *value = next->value;
    in->lines.line = next->number;
    return true;
}
