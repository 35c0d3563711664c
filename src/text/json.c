#include "text/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"

bool json_parse(json_t **out, struct str text, const char *name, struct err *err)
{
    json_error_t at;
    *out = NULL;
    if (text.len > JSON_TEXT_MAX)
        return err_set(err, ERR_LIMIT, "%s: %zu bytes of JSON, at most %d are read", name, text.len,
                       JSON_TEXT_MAX);
    if (text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0)
        text = str_from(text, 3);
    if (utf8_strip(text).len == 0)
        return err_set(err, ERR_FORMAT, "%s: no JSON value, nothing but white space", name);
    *out = json_loadb(text.ptr, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &at);
    if (!*out)
        return err_set(err, ERR_FORMAT, "%s: line %d, column %d: not valid JSON: %s", name, at.line,
                       at.column, at.text);
    return true;
}

/* The shortest digits that read back as x, correctly rounded among those: what Python's repr shows.
 */
static void shortest_digits(char out[JSON_REAL_LEN_MAX], double x)
{
    int digits = 1;
    for (; digits <= 17; digits++) {
        snprintf(out, JSON_REAL_LEN_MAX, "%.*e", digits - 1, x);
        if (strtod(out, NULL) == x)
            break;
    }
    if (digits != 17)
        return;
    /* At a power of two the interval below x is half as wide: 16 digits rounded up may do where
     * rounded to nearest they did not. */
    char up[JSON_REAL_LEN_MAX];
    snprintf(up, sizeof up, "%.15e", x);
    char *e = strchr(up, 'e');
    for (char *p = e - 1; p > up && *p != '-'; p--) {
        if (*p == '.')
            continue;
        if (*p != '9') {
            ++*p;
            break;
        }
        *p = '0';
    }
    if (strtod(up, NULL) == x)
        memcpy(out, up, JSON_REAL_LEN_MAX);
}

/* Up to 15 digits that give back x are its shortest: no two decimals of so few digits are the same
 * double. So a whole number of hundredths, which most scores are, can be written as it is. 0 when it
 * is none. */
static size_t format_hundredths(char out[JSON_REAL_LEN_MAX], double x)
{
    double hundredths = round(x * 100);
    if (!(fabs(hundredths) < 1e12) || hundredths / 100 != x || x == 0)
        return 0;
    long long n = (long long)fabs(hundredths), cents = n % 100;
    int len = snprintf(out, JSON_REAL_LEN_MAX, "%s%lld.%02lld", x < 0 ? "-" : "", n / 100, cents);
    return (size_t)(cents % 10 ? len : len - 1);
}

size_t json_format_real(char out[JSON_REAL_LEN_MAX], double x)
{
    size_t short_len = format_hundredths(out, x);
    if (short_len) {
        out[short_len] = '\0';
        return short_len;
    }
    if (!isfinite(x)) {
        const char *word = isnan(x) ? "nan" : x > 0 ? "inf" : "-inf";
        return (size_t)snprintf(out, JSON_REAL_LEN_MAX, "%s", word);
    }
    char sci[JSON_REAL_LEN_MAX], digits[JSON_REAL_LEN_MAX];
    size_t n = 0;
    shortest_digits(sci, x);
    const char *e = strchr(sci, 'e');
    for (const char *p = sci; p < e; p++)
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    digits[n] = '\0';
    const char *sign = signbit(x) ? "-" : "";
    int exp = (int)strtol(e + 1, NULL, 10), len;
    if (exp < -4 || exp >= 16)
        len = snprintf(out, JSON_REAL_LEN_MAX, "%s%c%s%se%c%02d", sign, digits[0], n > 1 ? "." : "",
                       digits + 1, exp < 0 ? '-' : '+', abs(exp));
    else if (exp < 0)
        len = snprintf(out, JSON_REAL_LEN_MAX, "%s0.%.*s%s", sign, -exp - 1, "000", digits);
    else if (n <= (size_t)exp + 1)
        len = snprintf(out, JSON_REAL_LEN_MAX, "%s%s%.*s.0", sign, digits, exp + 1 - (int)n,
                       "0000000000000000");
    else
        len =
            snprintf(out, JSON_REAL_LEN_MAX, "%s%.*s.%s", sign, exp + 1, digits, digits + exp + 1);
    return (size_t)len;
}

static void put_unit(struct buf *out, uint32_t unit)
{
    buf_printf(out, "\\u%04x", (unsigned)unit);
}

static void put_escaped(struct buf *out, uint32_t cp)
{
    if (cp >= 0x10000) {
        put_unit(out, 0xD800 + ((cp - 0x10000) >> 10));
        put_unit(out, 0xDC00 + ((cp - 0x10000) & 0x3FF));
    } else {
        put_unit(out, cp);
    }
}

static const char *short_escape(char c)
{
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\f': return "\\f";
    case '\b': return "\\b";
    default: return NULL;
    }
}

void json_format_str(struct buf *out, struct str s, bool ascii)
{
    size_t plain = 0, at = 0; /* s[plain, at) needs no escape and is not yet written */
    buf_putc(out, '"');
    while (at < s.len) {
        size_t from = at;
        uint32_t cp = utf8_next(s, &at);
        const char *escape = cp < 0x80 ? short_escape((char)cp) : NULL;
        bool numeric = cp < 0x20 || (ascii && cp >= 0x7F && cp != UTF8_BAD);
        if (!escape && !numeric)
            continue;
        buf_add(out, s.ptr + plain, from - plain);
        plain = at;
        if (escape)
            buf_puts(out, escape);
        else
            put_escaped(out, cp);
    }
    buf_add(out, s.ptr + plain, at - plain);
    buf_putc(out, '"');
}

static void newline(struct buf *out, struct json_style style, int level)
{
    if (style.indent <= 0)
        return;
    buf_putc(out, '\n');
    for (int i = 0; i < style.indent * level; i++)
        buf_putc(out, ' ');
}

static void comma(struct buf *out, struct json_style style)
{
    buf_puts(out, style.compact || style.indent > 0 ? "," : ", ");
}

static void format_value(struct buf *out, const json_t *value, struct json_style style, int level);

static void format_array(struct buf *out, const json_t *array, struct json_style style, int level)
{
    size_t n = json_array_size(array);
    if (n == 0) {
        buf_puts(out, "[]");
        return;
    }
    buf_putc(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            comma(out, style);
        newline(out, style, level + 1);
        format_value(out, json_array_get(array, i), style, level + 1);
    }
    newline(out, style, level);
    buf_putc(out, ']');
}

static int key_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **object_keys(json_t *object, bool sorted)
{
    size_t n = 0;
    const char **keys = mem_zalloc(json_object_size(object), sizeof *keys);
    for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
        keys[n++] = json_object_iter_key(it);
    if (sorted)
        qsort(keys, n, sizeof *keys, key_order);
    return keys;
}

static void format_object(struct buf *out, const json_t *value, struct json_style style, int level)
{
    union {
        const json_t *in;
        json_t *out;
    } object = {
        value}; /* jansson walks an object through a pointer that is not const, changing nothing */
    size_t n = json_object_size(value);
    if (n == 0) {
        buf_puts(out, "{}");
        return;
    }
    const char **keys = object_keys(object.out, style.sort_keys);
    buf_putc(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            comma(out, style);
        newline(out, style, level + 1);
        json_format_str(out, str_of(keys[i]), style.ascii);
        buf_puts(out, style.compact ? ":" : ": ");
        format_value(out, json_object_get(value, keys[i]), style, level + 1);
    }
    newline(out, style, level);
    buf_putc(out, '}');
    free(keys);
}

static void format_value(struct buf *out, const json_t *value, struct json_style style, int level)
{
    char real[JSON_REAL_LEN_MAX];
    switch (json_typeof(value)) {
    case JSON_OBJECT: format_object(out, value, style, level); break;
    case JSON_ARRAY: format_array(out, value, style, level); break;
    case JSON_STRING: json_format_str(out, json_str(value), style.ascii); break;
    case JSON_INTEGER: buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value)); break;
    case JSON_REAL: buf_add(out, real, json_format_real(real, json_real_value(value))); break;
    case JSON_TRUE: buf_puts(out, "true"); break;
    case JSON_FALSE: buf_puts(out, "false"); break;
    case JSON_NULL: buf_puts(out, "null"); break;
    }
}

void json_format(struct buf *out, const json_t *value, struct json_style style)
{
    format_value(out, value, style, 0);
}

struct str json_str(const json_t *value)
{
    if (!json_is_string(value))
        return str_n(NULL, 0);
    return str_n(json_string_value(value), json_string_length(value));
}

struct str json_get_str(const json_t *object, const char *key)
{
    return json_str(json_object_get(object, key));
}

json_t *json_from_str(struct str s)
{
    json_t *value = json_stringn(s.ptr ? s.ptr : "", s.len);
    if (!value)
        BUG("json_from_str: %zu bytes that are not valid UTF-8", s.len);
    return value;
}
