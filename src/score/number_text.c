/* number_text.c - see number_text.h. */
#include "score/number_text.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "text/utf8.h"

enum { ALSO_COMMA = 1, ALSO_STOP = 2, ALSO_MINUS = 4, ALSO_DOLLAR = 8 };

static bool is_ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(uint32_t cp, enum number_dialect dialect)
{
    if (dialect == NUMBER_PYTHON)
        return utf8_is_space(cp);
    return cp == ' ' || cp == '\t' || cp == '\n' || cp == '\f' || cp == '\r';
}

static bool is_in(uint32_t cp, unsigned also, enum number_dialect dialect)
{
    switch (cp) {
    case ',': return also & ALSO_COMMA;
    case '.': return also & ALSO_STOP;
    case '-': return also & ALSO_MINUS;
    case '$': return also & ALSO_DOLLAR;
    default: return cp < 128 || dialect == NUMBER_GO ? cp >= '0' && cp <= '9' : utf8_is_digit(cp);
    }
}

/* Behind the digits, and what else is allowed, from `at` on. */
static size_t skip_digits(struct str text, size_t at, unsigned also, enum number_dialect dialect)
{
    for (size_t next = at; next < text.len; at = next)
        if (!is_in(utf8_next(text, &next), also, dialect))
            break;
    return at;
}

static size_t skip_spaces(struct str text, size_t at, enum number_dialect dialect)
{
    for (size_t next = at; next < text.len; at = next)
        if (!is_space(utf8_next(text, &next), dialect))
            break;
    return at;
}

static struct str find_marked(struct str text, enum number_dialect dialect)
{
    static const struct str mark = STR("####");
    for (size_t at = 0; (at = str_find(text, mark, at)) != (size_t)-1; at++) {
        size_t start = skip_spaces(text, at + mark.len, dialect);
        size_t end = skip_digits(text, start, ALSO_COMMA | ALSO_STOP | ALSO_MINUS, dialect);
        if (end > start)
            return str_sub(text, start, end - start);
    }
    return (struct str){0};
}

/* Behind -?[\d,]+(?:\.\d+)? at `at`, or `at` itself. */
static size_t skip_number(struct str text, size_t at, enum number_dialect dialect)
{
    size_t start = at < text.len && text.ptr[at] == '-' ? at + 1 : at;
    size_t end = skip_digits(text, start, ALSO_COMMA, dialect);
    if (end == start)
        return at;
    if (end == text.len || text.ptr[end] != '.')
        return end;
    size_t fraction = skip_digits(text, end + 1, 0, dialect);
    return fraction > end + 1 ? fraction : end;
}

static struct str find_last(struct str text, enum number_dialect dialect)
{
    struct str last = {0};
    size_t at = skip_number(text, 0, dialect);
    if (at > 0)
        last = str_n(text.ptr, at);
    while (at < text.len) {
        uint32_t cp = utf8_next(text, &at);
        if (cp != '=' && !is_space(cp, dialect))
            continue;
        size_t end = skip_number(text, at, dialect);
        if (end > at)
            last = str_sub(text, at, end - at);
        at = end;
    }
    return last;
}

struct str number_find(struct str text, enum number_dialect dialect)
{
    struct str marked = find_marked(text, dialect);
    return marked.ptr ? marked : find_last(text, dialect);
}

struct str number_find_strict(struct str text)
{
    static const struct str mark = STR("#### ");
    for (size_t at = 0; (at = str_find(text, mark, at)) != (size_t)-1; at++) {
        size_t start = at + mark.len;
        size_t digits = start < text.len && text.ptr[start] == '-' ? start + 1 : start;
        size_t end = skip_digits(text, digits, ALSO_COMMA | ALSO_STOP, NUMBER_GO);
        if (end > digits)
            return str_sub(text, start, end - start);
    }
    return (struct str){0};
}

struct str number_find_flexible(struct str text)
{
    struct str last = {0};
    for (size_t at = 0; at < text.len;) {
        size_t start = text.ptr[at] == '-' ? at + 1 : at;
        size_t end = skip_digits(text, start, ALSO_COMMA | ALSO_STOP | ALSO_DOLLAR, NUMBER_GO);
        bool found = end - start >= 2 || (end - start == 1 && is_ascii_digit(text.ptr[start]));
        if (found)
            last = str_sub(text, at, end - at);
        at = found ? end : at + 1;
    }
    return last;
}

/* The worth of a decimal digit. Unicode's come in tens that begin at ...0 or ...6, save for the
 * five mathematical tens, which follow one another. */
static unsigned digit_value(uint32_t cp)
{
    enum { MATHEMATICAL = 0x1D7CE, MATHEMATICAL_END = 0x1D800 };
    if (cp >= MATHEMATICAL && cp < MATHEMATICAL_END)
        return (cp - MATHEMATICAL) % 10;
    return utf8_is_digit(cp & ~15u) ? cp & 15 : (cp & 15) - 6;
}

/* Copies the number in plain ASCII; an underscore may stand between two digits. */
static bool copy_number(struct buf *out, struct str text, enum number_dialect dialect)
{
    bool after_digit = false, after_underscore = false;
    for (size_t at = 0; at < text.len;) {
        uint32_t cp = utf8_next(text, &at);
        bool is_digit = is_in(cp, 0, dialect);
        if ((after_underscore && !is_digit) || (cp == '_' && !after_digit))
            return false;
        if (cp >= 128 && !is_digit)
            return false;
        after_underscore = cp == '_';
        after_digit = is_digit;
        if (cp != '_')
            buf_putc(out, cp < 128 ? (char)cp : (char)('0' + digit_value(cp)));
    }
    return !after_underscore && !out->full;
}

static const char *skip_plain_digits(const char *p)
{
    while (is_ascii_digit(*p))
        p++;
    return p;
}

/* Is it [+-]?digits[.digits][e[+-]?digits], at least one digit before the e? */
static bool is_decimal(const char *p)
{
    p += *p == '+' || *p == '-';
    const char *whole = skip_plain_digits(p);
    const char *end = *whole == '.' ? skip_plain_digits(whole + 1) : whole;
    if (end - p < 1 + (*whole == '.'))
        return false;
    if (*end == 'e' || *end == 'E') {
        end += end[1] == '+' || end[1] == '-' ? 2 : 1;
        if (!is_ascii_digit(*end))
            return false;
        end = skip_plain_digits(end);
    }
    return *end == '\0';
}

bool number_parse(double *out, struct buf *scratch, struct str text, enum number_dialect dialect)
{
    static const char *const not_finite[] = {"inf", "infinity", "nan"};
    buf_reset(scratch);
    if (dialect == NUMBER_PYTHON)
        text = utf8_strip(text);
    if (memchr(text.ptr, '\0', text.len) || !copy_number(scratch, text, dialect))
        return false;
    buf_putc(scratch, '\0');
    const char *p = scratch->ptr;
    if (scratch->full)
        return false;
    *out = (double)NAN;
    if (is_decimal(p)) {
        double value = strtod(p, NULL);
        *out = isfinite(value) ? value : (double)NAN;
        return true;
    }
    p += *p == '+' || *p == '-';
    for (size_t i = 0; i < sizeof not_finite / sizeof *not_finite; i++)
        if (strcasecmp(p, not_finite[i]) == 0)
            return true;
    return false;
}
