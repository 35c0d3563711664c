/* json_flat.c - see json_flat.h. */
#include "text/json_flat.h"

#include <stdint.h>

#include "text/utf8.h"

/* Where reading has got to; `ok` is false from the first thing that is not plain, `formatted` from
 * the first that json_format would write otherwise. */
struct cursor {
    const char *at, *end;
    struct buf *strings;
    bool ok, formatted;
};

void json_flat_init(struct json_flat *flat)
{
    *flat = (struct json_flat){0};
    buf_init(&flat->strings, BUF_MAX_DEFAULT);
}

void json_flat_release(struct json_flat *flat)
{
    buf_release(&flat->strings);
}

static char peek(const struct cursor *c)
{
    return c->at < c->end ? *c->at : '\0';
}

static bool take(struct cursor *c, char wanted)
{
    bool there = c->at < c->end && *c->at == wanted;
    c->at += there;
    return there;
}

/* White space, where json_format writes so many spaces. */
static void skip_space(struct cursor *c, size_t n_usual)
{
    const char *start = c->at;
    while (peek(c) == ' ' || peek(c) == '\t' || peek(c) == '\n' || peek(c) == '\r')
        c->at++;
    size_t n = (size_t)(c->at - start);
    c->formatted = c->formatted && n == n_usual && (n == 0 || *start == ' ');
}

static bool take_comma(struct cursor *c)
{
    skip_space(c, 0);
    if (!c->ok || !take(c, ','))
        return false;
    skip_space(c, 1);
    return true;
}

/* The opening bracket of a list or an object; false when that is closed at once. */
static bool take_open(struct cursor *c, char open, char close)
{
    c->ok = c->ok && take(c, open);
    skip_space(c, 0);
    return c->ok && !take(c, close);
}

/* The first byte from `at` on that is a quote, a backslash or a control character. Eight at a time:
 * in each test the lowest byte with its top bit set is the first that fits. */
static const char *skip_plain(const char *at, const char *end)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t bytes;
    for (; (size_t)(end - at) >= sizeof bytes; at += sizeof bytes) {
        memcpy(&bytes, at, sizeof bytes);
        uint64_t quote = bytes ^ ones * '"', slash = bytes ^ ones * '\\';
        uint64_t found = (((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
                          ((bytes - ones * 0x20) & ~bytes)) &
                         tops;
        if (found)
            return at + __builtin_ctzll(found) / 8;
    }
    while (at < end && *at != '"' && *at != '\\' && (uint8_t)*at >= 0x20)
        at++;
    return at;
}

/* Four hexadecimal digits behind \u. */
static uint32_t take_hex(struct cursor *c)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char d = peek(c);
        uint32_t digit = d >= '0' && d <= '9'   ? (uint32_t)(d - '0')
                         : d >= 'a' && d <= 'f' ? (uint32_t)(d - 'a' + 10)
                         : d >= 'A' && d <= 'F' ? (uint32_t)(d - 'A' + 10)
                                                : 16;
        c->ok = c->ok && digit < 16;
        c->formatted = c->formatted && !(d >= 'A' && d <= 'F');
        value = value << 4 | digit;
        c->at += c->at < c->end;
    }
    return value;
}

static void put_unicode(struct cursor *c)
{
    uint32_t cp = take_hex(c);
    if (cp >= 0xD800 && cp < 0xDC00 && take(c, '\\') && take(c, 'u')) {
        uint32_t low = take_hex(c);
        c->ok = c->ok && low >= 0xDC00 && low < 0xE000;
        cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
    }
    c->ok = c->ok && !(cp >= 0xD800 && cp < 0xE000);
    bool is_short = cp >= '\b' && cp <= '\r' && cp != '\v'; /* has an escape of one letter */
    c->formatted = c->formatted && (cp < 0x20 ? !is_short : cp >= 0x7F);
    if (c->ok)
        utf8_put(c->strings, cp);
}

static void put_escape(struct cursor *c)
{
    static const char written[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char e = peek(c);
    const char *found = e ? strchr(written, e) : NULL;
    c->at += c->at < c->end;
    if (e == 'u')
        put_unicode(c);
    else if (found)
        buf_putc(c->strings, meant[found - written]);
    else
        c->ok = false;
    c->formatted = c->formatted && e != '/';
}

/* The rest of a string that has escapes; it goes into c->strings. Room for all of them was made
 * before, so that what was put there stays where it is. */
static struct str take_escaped(struct cursor *c, const char *start)
{
    size_t first = c->strings->len;
    buf_add(c->strings, start, (size_t)(c->at - start));
    while (c->ok && take(c, '\\')) {
        put_escape(c);
        start = c->at;
        c->at = skip_plain(c->at, c->end);
        buf_add(c->strings, start, (size_t)(c->at - start));
    }
    c->ok = c->ok && take(c, '"');
    return str_sub(buf_str(c->strings), first, c->strings->len - first);
}

static struct str take_string(struct cursor *c)
{
    c->ok = c->ok && take(c, '"');
    const char *start = c->at;
    c->at = skip_plain(c->at, c->end);
    if (peek(c) == '\\')
        return take_escaped(c, start);
    struct str string = str_n(start, (size_t)(c->at - start));
    c->ok = c->ok && take(c, '"');
    return string;
}

static bool take_digits(struct cursor *c)
{
    const char *start = c->at;
    while (peek(c) >= '0' && peek(c) <= '9')
        c->at++;
    return c->at > start;
}

/* Up to 15 digits before the point and no exponent: nothing that could be out of range. */
static enum json_flat_kind take_number(struct cursor *c)
{
    enum { DIGITS_MAX = 15 };
    take(c, '-');
    const char *start = c->at;
    c->ok = c->ok && take_digits(c) && c->at - start <= DIGITS_MAX &&
            (*start != '0' || c->at == start + 1);
    bool whole = !take(c, '.');
    c->ok = c->ok && (whole || take_digits(c)) && peek(c) != 'e' && peek(c) != 'E';
    c->formatted = c->formatted && whole && !(start[-1] == '-' && *start == '0');
    return whole ? JSON_FLAT_INTEGER : JSON_FLAT_OTHER;
}

static void take_word(struct cursor *c, const char *word)
{
    while (*word && take(c, *word))
        word++;
    c->ok = c->ok && !*word;
}

static enum json_flat_kind take_value(struct cursor *c, struct str *value, unsigned depth);

static void take_array(struct cursor *c, unsigned depth)
{
    struct str value;
    c->ok = c->ok && depth < JSON_FLAT_DEPTH;
    if (!take_open(c, '[', ']'))
        return;
    do
        take_value(c, &value, depth + 1);
    while (take_comma(c));
    c->ok = c->ok && take(c, ']');
}

/* A key without an escape in it. */
static struct str take_key(struct cursor *c)
{
    size_t strings = c->strings->len;
    struct str key = take_string(c);
    c->ok = c->ok && c->strings->len == strings;
    skip_space(c, 0);
    c->ok = c->ok && take(c, ':');
    skip_space(c, 1);
    return key;
}

/* Of a key given twice the last one counts, so such an object is written otherwise; one with more
 * keys than are compared here is said to be. */
static void take_object(struct cursor *c, unsigned depth)
{
    struct str value, keys[JSON_FLAT_MEMBERS];
    size_t n = 0;
    c->ok = c->ok && depth < JSON_FLAT_DEPTH;
    if (!take_open(c, '{', '}'))
        return;
    do {
        struct str key = take_key(c);
        c->formatted = c->formatted && n < JSON_FLAT_MEMBERS;
        for (size_t i = 0; i < n && c->formatted; i++)
            c->formatted = !str_eq(keys[i], key);
        if (n < JSON_FLAT_MEMBERS)
            keys[n++] = key;
        if (c->ok)
            take_value(c, &value, depth + 1);
    } while (take_comma(c));
    c->ok = c->ok && take(c, '}');
}

static enum json_flat_kind take_value(struct cursor *c, struct str *value, unsigned depth)
{
    const char *start = c->at;
    enum json_flat_kind kind = JSON_FLAT_OTHER;
    char first = peek(c);
    if (first == '"') {
        *value = take_string(c);
        return JSON_FLAT_STRING;
    }
    if (first == '[')
        take_array(c, depth);
    else if (first == '{')
        take_object(c, depth);
    else if (first == 't' || first == 'f')
        take_word(c, first == 't' ? "true" : "false");
    else if (first == 'n')
        take_word(c, "null");
    else
        kind = take_number(c);
    *value = str_n(start, (size_t)(c->at - start));
    return first == 'n' ? JSON_FLAT_NULL : kind;
}

/* One member; keys are few and short, so they are simply compared. */
static void take_member(struct cursor *c, struct json_flat *flat)
{
    c->ok = c->ok && flat->n < JSON_FLAT_MEMBERS;
    if (!c->ok)
        return;
    struct json_flat_member *member = &flat->members[flat->n];
    member->key = take_key(c);
    for (size_t i = 0; i < flat->n; i++)
        c->ok = c->ok && !str_eq(flat->members[i].key, member->key);
    if (c->ok)
        member->kind = take_value(c, &member->value, 0);
    flat->n++;
}

/* Is there a byte that json_format would escape or not write: DEL, or one beyond ASCII? Eight at a
 * time: what becomes 0x80 by adding 1 has the top bit then. */
static bool has_high(struct str line)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t bytes, found = 0;
    size_t at = 0;
    for (; line.len - at >= sizeof bytes; at += sizeof bytes) {
        memcpy(&bytes, line.ptr + at, sizeof bytes);
        found |= bytes | ((bytes & ~tops) + ones);
    }
    for (; at < line.len; at++)
        found |= (uint8_t)line.ptr[at] >= 0x7F ? tops : 0;
    return (found & tops) != 0;
}

bool json_flat_read(struct json_flat *flat, struct str line)
{
    struct cursor c = {line.ptr, line.ptr + line.len, &flat->strings, true, !has_high(line)};
    flat->n = 0;
    flat->is_formatted = false;
    buf_reset(&flat->strings);
    /* An escape is never shorter than what it stands for. */
    if (line.len == 0 || !buf_room(&flat->strings, line.len) ||
        (!c.formatted && utf8_check(line) < line.len))
        return false;
    skip_space(&c, 0);
    if (!take_open(&c, '{', '}'))
        return false;
    do
        take_member(&c, flat);
    while (take_comma(&c));
    c.ok = c.ok && take(&c, '}');
    skip_space(&c, 0);
    flat->is_formatted = c.formatted;
    return c.ok && c.at == c.end;
}

const struct json_flat_member *json_flat_find(const struct json_flat *flat, const char *key)
{
    for (size_t i = 0; i < flat->n; i++)
        if (str_is(flat->members[i].key, key))
            return &flat->members[i];
    return NULL;
}
