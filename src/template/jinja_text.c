#include "template/jinja_value.h"
#include "text/utf8.h"

struct value value_of_text(struct run *run, struct text text)
{
    struct text *copy = run_alloc(run, 1, sizeof *copy);
    *copy = text;
    return (struct value){.type = VALUE_STR, .as.s = copy};
}

struct value value_of_str(struct run *run, struct str s, bool trusted)
{
    return value_of_text(
        run, (struct text){.ptr = s.ptr ? s.ptr : "", .len = s.len, .trusted = trusted});
}

struct value value_of_cstr(struct run *run, const char *s)
{
    return value_of_str(run, str_of(s), true);
}

struct str text_str(const struct text *t)
{
    return str_n(t->ptr, t->len);
}

struct text text_sub(const struct text *t, size_t start, size_t len)
{
    return (struct text){.ptr = t->ptr + start,
                         .len = len,
                         .trust = t->trust ? t->trust + start : NULL,
                         .trusted = t->trusted,
                         .markup = t->markup};
}

bool text_all_trusted(const struct text *t)
{
    return t->trust ? !memchr(t->trust, 0, t->len) : t->trusted;
}

bool text_trusted_at(const struct text *t, size_t at)
{
    return t->trust ? t->trust[at] != 0 : t->trusted;
}

struct value text_as_markup(struct run *run, struct value v)
{
    struct text text = *v.as.s;
    text.markup = true;
    return value_of_text(run, text);
}

/* Room for `len` more bytes and their marks; false when the run has no memory left. */
static bool builder_room(struct run *run, struct builder *b, size_t len)
{
    if (len <= b->cap - b->len)
        return true;
    size_t cap = b->cap * 2 > b->len + len ? b->cap * 2 : b->len + len;
    cap = cap < 64 ? 64 : cap;
    if (cap > RUN_BYTES_MAX) {
        run_fail(run, ERR_LIMIT, "makes a text of more than %d bytes", RUN_BYTES_MAX);
        return false;
    }
    char *both = run_alloc(run, cap, 2);
    if (!both)
        return false;
    if (b->len) {
        memcpy(both, b->ptr, b->len);
        memcpy(both + cap, b->trust, b->len);
    }
    b->ptr = both;
    b->trust = (uint8_t *)(both + cap);
    b->cap = cap;
    return true;
}

void builder_add(struct run *run, struct builder *b, struct str s, bool trusted)
{
    if (s.len == 0 || !run_step(run, s.len / 32) || !builder_room(run, b, s.len))
        return;
    memcpy(b->ptr + b->len, s.ptr, s.len);
    memset(b->trust + b->len, trusted, s.len);
    b->len += s.len;
}

void builder_add_text(struct run *run, struct builder *b, const struct text *t)
{
    size_t at = b->len;
    builder_add(run, b, text_str(t), t->trusted);
    if (t->trust && b->len > at)
        memcpy(b->trust + at, t->trust, t->len);
}

void builder_add_cp(struct run *run, struct builder *b, uint32_t cp, bool trusted)
{
    char bytes[UTF8_LEN_MAX];
    builder_add(run, b, str_n(bytes, utf8_encode(bytes, cp)), trusted);
}

struct value builder_value(struct run *run, const struct builder *b)
{
    return value_of_text(run, (struct text){.ptr = b->len ? b->ptr : "",
                                            .len = b->len,
                                            .trust = b->len ? b->trust : NULL,
                                            .trusted = true});
}
