/* yaml.c - see yaml.h. */
#include "text/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/mem.h"
#include "text/utf8.h"

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the last one; owned until the next */
    const char *name;
    int depth;
};

static bool fail_at(const struct reader *in, yaml_mark_t mark, enum err_code code, const char *what,
                    struct err *err)
{
    return err_set(err, code, "%s: line %zu, column %zu: %s", in->name, mark.line + 1,
                   mark.column + 1, what);
}

static bool fail_here(const struct reader *in, enum err_code code, const char *what,
                      struct err *err)
{
    return fail_at(in, in->event.start_mark, code, what, err);
}

static bool next_event(struct reader *in, struct err *err)
{
    yaml_event_delete(&in->event);
    if (yaml_parser_parse(&in->parser, &in->event))
        return true;
    in->event = (yaml_event_t){0};
    return fail_at(in, in->parser.problem_mark, ERR_FORMAT,
                   in->parser.problem ? in->parser.problem : "not valid YAML", err);
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words && strcmp(*words, text) != 0)
        words++;
    return *words != NULL;
}

/* Length of the digits at `s`. */
static size_t digits(const char *s)
{
    return strspn(s, "0123456789");
}

/* [-+]? ( . [0-9]+ | [0-9]+ ( . [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? ; *whole: no point, no exponent
 */
static bool is_decimal(const char *s, bool *whole)
{
    s += *s == '-' || *s == '+';
    size_t before = digits(s), after = 0;
    s += before;
    *whole = *s == '\0';
    if (*s == '.') {
        after = digits(++s);
        s += after;
    }
    if (before + after == 0)
        return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '-' || *s == '+';
        if (digits(s) == 0)
            return false;
        s += digits(s);
    }
    return *s == '\0';
}

static bool read_whole(const struct reader *in, json_t **out, const char *digits_at, int base,
                       struct err *err)
{
    errno = 0;
    long long value = strtoll(digits_at, NULL, base);
    if (errno != 0)
        return fail_here(in, ERR_FORMAT, "a whole number beyond 64 bits", err);
    *out = json_integer(value);
    return true;
}

/* A scalar without quotes, by the core schema. */
static bool read_plain(const struct reader *in, json_t **out, const char *s, struct err *err)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    static const char *const beyond[] = {".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf",
                                         "+.INF", "-.inf", "-.Inf", "-.INF", ".nan",
                                         ".NaN",  ".NAN",  NULL};
    bool whole;
    if (is_one_of(s, nulls))
        *out = json_null();
    else if (is_one_of(s, trues))
        *out = json_true();
    else if (is_one_of(s, falses))
        *out = json_false();
    else if (is_one_of(s, beyond))
        return fail_here(in, ERR_FORMAT, "a number that is not finite", err);
    else if (strncmp(s, "0x", 2) == 0 && s[2] &&
             s[2 + strspn(s + 2, "0123456789abcdefABCDEF")] == 0)
        return read_whole(in, out, s + 2, 16, err);
    else if (strncmp(s, "0o", 2) == 0 && s[2] && s[2 + strspn(s + 2, "01234567")] == 0)
        return read_whole(in, out, s + 2, 8, err);
    else if (is_decimal(s, &whole) && whole)
        return read_whole(in, out, s, 10, err);
    else if (is_decimal(s, &whole)) {
        double value = strtod(s, NULL);
        if (!isfinite(value))
            return fail_here(in, ERR_FORMAT, "a number too large for a double", err);
        *out = json_real(value);
    } else
        *out = json_string(s);
    return true;
}

static bool read_scalar(const struct reader *in, json_t **out, struct err *err)
{
    static const char *const core_tags[] = {YAML_NULL_TAG, YAML_BOOL_TAG, YAML_INT_TAG,
                                            YAML_FLOAT_TAG, NULL};
    const char *value = (const char *)in->event.data.scalar.value;
    const char *tag = (const char *)in->event.data.scalar.tag;
    struct str text = str_n(value, in->event.data.scalar.length);
    bool is_plain = in->event.data.scalar.plain_implicit;
    if (tag && is_one_of(tag, core_tags))
        is_plain = true;
    else if (tag && strcmp(tag, YAML_STR_TAG) != 0)
        return fail_here(in, ERR_UNSUPPORTED, "a tag that is not of the core schema", err);
    if (is_plain && strlen(value) == text.len)
        return read_plain(in, out, value, err);
    *out = json_from_str(text);
    return true;
}

static bool read_node(struct reader *in, json_t **out, struct err *err);

static bool read_sequence(struct reader *in, json_t *array, struct err *err)
{
    while (next_event(in, err)) {
        json_t *item;
        if (in->event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        if (!read_node(in, &item, err))
            return false;
        json_array_append_new(array, item);
    }
    return false;
}

static bool read_mapping(struct reader *in, json_t *object, struct err *err)
{
    while (next_event(in, err)) {
        json_t *item;
        if (in->event.type == YAML_MAPPING_END_EVENT)
            return true;
        if (in->event.type != YAML_SCALAR_EVENT)
            return fail_here(in, ERR_FORMAT, "a key must be a string", err);
        const char *bytes = (const char *)in->event.data.scalar.value;
        if (strlen(bytes) != in->event.data.scalar.length)
            return fail_here(in, ERR_FORMAT, "a key holds U+0000", err);
        if (json_object_get(object, bytes))
            return fail_here(in, ERR_FORMAT, "a key stands there twice", err);
        char *key = mem_strdup(bytes);
        bool ok = next_event(in, err) && read_node(in, &item, err);
        if (ok)
            json_object_set_new(object, key, item);
        free(key);
        if (!ok)
            return false;
    }
    return false;
}

/* The node that the event at hand begins; *out is NULL after a failure. */
static bool read_node(struct reader *in, json_t **out, struct err *err)
{
    bool ok = true;
    *out = NULL;
    if (++in->depth > YAML_DEPTH_MAX)
        return fail_here(in, ERR_LIMIT, "nested too deep", err);
    switch (in->event.type) {
    case YAML_SCALAR_EVENT: ok = read_scalar(in, out, err); break;
    case YAML_SEQUENCE_START_EVENT: ok = read_sequence(in, *out = json_array(), err); break;
    case YAML_MAPPING_START_EVENT: ok = read_mapping(in, *out = json_object(), err); break;
    case YAML_ALIAS_EVENT: ok = fail_here(in, ERR_UNSUPPORTED, "aliases are not read", err); break;
    default: ok = fail_here(in, ERR_FORMAT, "expected a value", err); break;
    }
    in->depth--;
    if (!ok) {
        json_decref(*out);
        *out = NULL;
    }
    return ok;
}

static bool read_stream(struct reader *in, json_t **out, struct err *err)
{
    if (!next_event(in, err) || !next_event(in, err)) /* the stream begins, the document begins */
        return false;
    if (in->event.type == YAML_STREAM_END_EVENT) {
        *out = json_null();
        return true;
    }
    if (!next_event(in, err) || !read_node(in, out, err))
        return false;
    if (!next_event(in, err) || !next_event(in, err)) /* the document ends, the stream ends */
        return false;
    return in->event.type == YAML_STREAM_END_EVENT ||
           fail_here(in, ERR_FORMAT, "a second document", err);
}

bool yaml_parse(json_t **out, struct str text, const char *name, struct err *err)
{
    struct reader in = {.name = name};
    *out = NULL;
    if (text.len > YAML_TEXT_MAX)
        return err_set(err, ERR_LIMIT, "%s: %zu bytes, at most %d are read", name, text.len,
                       YAML_TEXT_MAX);
    if (!utf8_is_valid(text))
        return err_set(err, ERR_FORMAT, "%s: not UTF-8 text from byte %zu on", name,
                       utf8_check(text));
    if (!yaml_parser_initialize(&in.parser))
        return err_set(err, ERR_LIMIT, "%s: no memory to read it", name);
    yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&in.parser, (const unsigned char *)text.ptr, text.len);
    bool ok = read_stream(&in, out, err);
    if (!ok) {
        json_decref(*out);
        *out = NULL;
    }
    yaml_event_delete(&in.event);
    yaml_parser_delete(&in.parser);
    return ok;
}
