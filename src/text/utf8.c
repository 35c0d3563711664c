#include "text/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

static bool is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Length of the well-formed character at s[at], 0 when there is none. */
static size_t char_len(struct str s, size_t at)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    size_t left = s.len - at;
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xC2 || p[0] > 0xF4)
        return 0;
    size_t n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (left < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if (!is_tail(p[i]))
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90))
        return 0; /* overlong */
    if ((p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0; /* surrogate, or past U+10FFFF */
    return n;
}

uint32_t utf8_next(struct str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.ptr + *at;
    size_t n = char_len(s, *at);
    *at += n ? n : 1;
    switch (n) {
    case 1: return p[0];
    case 2: return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    case 3: return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    case 4:
        return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    default: return UTF8_BAD;
    }
}

size_t utf8_prev(struct str s, size_t at)
{
    for (size_t back = 1; back <= UTF8_LEN_MAX && back <= at; back++)
        if (char_len(str_n(s.ptr, at), at - back) == back)
            return at - back;
    return at - 1;
}

size_t utf8_encode(char out[UTF8_LEN_MAX], uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

bool utf8_put(struct buf *out, uint32_t cp)
{
    char bytes[UTF8_LEN_MAX];
    return buf_add(out, bytes, utf8_encode(bytes, cp));
}

/* Eight ASCII bytes at once: most text is ASCII, and every text from outside passes here. */
static bool is_ascii_8(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return (word & 0x8080808080808080u) == 0;
}

size_t utf8_check(struct str s)
{
    size_t at = 0;
    while (at < s.len) {
        if (s.len - at >= 8 && is_ascii_8(s.ptr + at)) {
            at += 8;
            continue;
        }
        size_t n = char_len(s, at);
        if (!n)
            return at;
        at += n;
    }
    return s.len;
}

size_t utf8_count(struct str s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.len; n++)
        utf8_next(s, &at);
    return n;
}

size_t utf8_offset(struct str s, size_t n_chars)
{
    size_t at = 0;
    while (n_chars-- > 0 && at < s.len)
        utf8_next(s, &at);
    return at;
}

bool utf8_is_space(uint32_t cp)
{
    if (cp < 0x80)
        return cp == ' ' || (cp >= 0x09 && cp <= 0x0D) || (cp >= 0x1C && cp <= 0x1F);
    return cp == 0x85 || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) ||
           cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

struct str utf8_lstrip(struct str s)
{
    size_t start = 0;
    while (start < s.len) {
        size_t at = start;
        if (!utf8_is_space(utf8_next(s, &at)))
            break;
        start = at;
    }
    return str_from(s, start);
}

struct str utf8_rstrip(struct str s)
{
    while (s.len > 0) {
        size_t start = utf8_prev(s, s.len), at = start;
        if (!utf8_is_space(utf8_next(s, &at)))
            break;
        s.len = start;
    }
    return s;
}

struct str utf8_strip(struct str s)
{
    return utf8_rstrip(utf8_lstrip(s));
}

bool utf8_word(struct str *word, struct str s, size_t *at)
{
    struct str rest = utf8_lstrip(str_from(s, *at));
    size_t end = 0;
    while (end < rest.len) {
        size_t next = end;
        if (utf8_is_space(utf8_next(rest, &next)))
            break;
        end = next;
    }
    *word = str_n(rest.ptr, end);
    *at = (size_t)(rest.ptr - s.ptr) + end;
    return end > 0;
}

static bool is_line_end(uint32_t cp)
{
    return (cp >= 0x0A && cp <= 0x0D) || (cp >= 0x1C && cp <= 0x1E) || cp == 0x85 || cp == 0x2028 ||
           cp == 0x2029;
}

bool utf8_line(struct str *line, struct str s, size_t *at)
{
    size_t start = *at;
    if (start >= s.len)
        return false;
    while (*at < s.len) {
        size_t here = *at;
        uint32_t cp = utf8_next(s, at);
        if (!is_line_end(cp))
            continue;
        if (cp == '\r' && *at < s.len && s.ptr[*at] == '\n')
            ++*at;
        *line = str_sub(s, start, here - start);
        return true;
    }
    *line = str_from(s, start);
    return true;
}

bool utf8_nfc(struct buf *out, struct str s)
{
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s.ptr, (utf8proc_ssize_t)s.len,
                                      &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0)
        return buf_add_str(out, s); /* not valid text: nothing to compose */
    bool added = buf_add(out, composed, (size_t)n);
    free(composed);
    return added;
}
