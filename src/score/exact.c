/* exact.c - whether an answer to a sum (GSM8K) ends in the right number: four ways to tell.
 *
 * Python's and Go's take the number after "####", else the last one that follows a space or an
 * equals sign, and allow for a hundredth. lm-evaluation-harness compares texts, after taking from
 * both what its rules tell it to ignore. */
#include "score/exact.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "score/number_text.h"
#include "text/utf8.h"

#define TOLERANCE 0.01

struct exact_rules {
    const char *name;
    const char *stated; /* what the functions beside it do; hashed */
    struct str (*find)(struct str text);
    /* Of the number found: extracted is what is reported of it. */
    bool (*is_right)(struct buf *scratch, struct str extracted, struct str expected);
    bool shows_commas;
    const char *when_missing; /* reported instead; NULL: null */
    bool refuses_errors;      /* an answer that begins with ERROR is wrong */
};

struct exact {
    const struct exact_rules *rules;
    struct buf extracted, scratch;
};

static struct str find_python(struct str text)
{
    return number_find(text, NUMBER_PYTHON);
}

static struct str find_go(struct str text)
{
    return number_find(text, NUMBER_GO);
}

static void put_without(struct buf *out, struct str text, const char *unwanted)
{
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *u = unwanted;
        while (*u && *u != text.ptr[i])
            u++;
        if (!*u)
            continue;
        buf_add(out, text.ptr + start, i - start);
        start = i + 1;
    }
    buf_add(out, text.ptr + start, text.len - start);
}

static bool is_near(struct buf *scratch, struct str extracted, struct str expected,
                    enum number_dialect dialect, bool *is_number)
{
    double a = 0, b = 0;
    *is_number = number_parse(&a, scratch, extracted, dialect) &&
                 number_parse(&b, scratch, expected, dialect);
    return *is_number && fabs(a - b) < TOLERANCE;
}

static bool is_right_python(struct buf *scratch, struct str extracted, struct str expected)
{
    bool is_number, near = is_near(scratch, extracted, expected, NUMBER_PYTHON, &is_number);
    return is_number ? near : str_eq(extracted, expected);
}

static bool is_right_go(struct buf *scratch, struct str extracted, struct str expected)
{
    struct buf plain;
    bool is_number;
    buf_init(&plain, SCORE_TEXT_MAX);
    put_without(&plain, extracted, ",");
    bool near = is_near(scratch, buf_str(&plain), expected, NUMBER_GO, &is_number);
    buf_release(&plain);
    return near;
}

/* What is left of a text after re.sub of ",", "\$", "(?s).*#### " and "\.$", in lower case. */
static void put_normal(struct buf *out, struct str text)
{
    struct buf plain;
    size_t at = 0;
    buf_init(&plain, SCORE_TEXT_MAX);
    put_without(&plain, text, ",$");
    struct str rest = buf_str(&plain);
    while ((at = str_find(rest, str_of("#### "), 0)) != (size_t)-1)
        rest = str_from(rest, at + 5);
    bool ends_line = rest.len > 0 && rest.ptr[rest.len - 1] == '\n';
    size_t stop = rest.len - ends_line;
    bool has_stop = stop > 0 && rest.ptr[stop - 1] == '.';
    utf8_lower(out, str_n(rest.ptr, has_stop ? stop - 1 : stop));
    if (ends_line)
        buf_putc(out, '\n');
    buf_release(&plain);
}

static bool is_right_harness(struct buf *scratch, struct str extracted, struct str expected)
{
    buf_reset(scratch);
    put_normal(scratch, extracted);
    size_t len = scratch->len;
    put_normal(scratch, expected);
    struct str both = buf_str(scratch);
    return !scratch->full && str_eq(str_n(both.ptr, len), str_from(both, len));
}

#define PYTHON_AND_GO \
    "first ####\\s*([\\d,.-]+), else last (?:^|[\\s=])(-?[\\d,]+(?:\\.\\d+)?); ERROR is wrong; "
#define HARNESS "equal without , $ (?s).*#### and \\.$, in lower case"

static const struct exact_rules python = {
    .name = "python",
    .stated = PYTHON_AND_GO "float() within 0.01, else equal texts",
    .find = find_python,
    .is_right = is_right_python,
    .refuses_errors = true,
};
static const struct exact_rules go = {
    .name = "go",
    .stated = PYTHON_AND_GO "ParseFloat within 0.01",
    .find = find_go,
    .is_right = is_right_go,
    .shows_commas = true,
    .when_missing = "",
    .refuses_errors = true,
};
static const struct exact_rules strict = {
    .name = "strict-match",
    .stated = "first #### (\\-?[0-9\\.\\,]+); " HARNESS,
    .find = number_find_strict,
    .is_right = is_right_harness,
    .shows_commas = true,
    .when_missing = "[invalid]",
};
static const struct exact_rules flexible = {
    .name = "flexible-extract",
    .stated = "last (-?[$0-9.,]{2,})|(-?[0-9]+); " HARNESS,
    .find = number_find_flexible,
    .is_right = is_right_harness,
    .shows_commas = true,
    .when_missing = "[invalid]",
};

static bool exact_run(void *self, struct score_result *out, struct hits *hits,
                      const struct score_item *item, struct err *err)
{
    struct exact *exact = self;
    const struct exact_rules *rules = exact->rules;
    struct str text = item->text, found = {0};
    size_t bad = utf8_check(text);
    if (bad < text.len)
        return err_set(err, ERR_FORMAT, "text is not UTF-8 at byte %zu", bad);
    out->is_scored = item->expected.ptr != NULL;
    if (!out->is_scored)
        return true;
    if (!rules->refuses_errors || !str_starts(text, str_of("ERROR")))
        found = rules->find(text);
    buf_reset(&exact->extracted);
    if (found.ptr) {
        put_without(&exact->extracted, found, rules->shows_commas ? "" : ",");
        out->values[1] =
            rules->is_right(&exact->scratch, buf_str(&exact->extracted), item->expected);
        size_t first = hits ? hits->n : 0, at = (size_t)(found.ptr - text.ptr);
        hits_add_units(hits, 0, out->values[1], "", at, at + found.len);
        hits_settle(hits, first, &(struct hit_rule){"extracted", 1, HUGE_VAL});
    } else if (rules->when_missing) {
        buf_puts(&exact->extracted, rules->when_missing);
    }
    if (found.ptr || rules->when_missing)
        out->text = buf_str(&exact->extracted);
    return true;
}

static void *exact_create(const void *rules)
{
    struct exact *exact = mem_zalloc(1, sizeof *exact);
    exact->rules = rules;
    buf_init(&exact->extracted, SCORE_TEXT_MAX);
    buf_init(&exact->scratch, 4 * (size_t)SCORE_TEXT_MAX);
    return exact;
}

static void exact_free(void *self)
{
    struct exact *exact = self;
    buf_release(&exact->extracted);
    buf_release(&exact->scratch);
    free(exact);
}

static void exact_hash(char hex[SHA256_HEX_LEN + 1], const void *data)
{
    const struct exact_rules *rules = data;
    struct buf text;
    buf_init(&text, 1 << 12);
    buf_printf(&text, "%s: %s; %d %s %g", rules->name, rules->stated, rules->shows_commas,
               rules->when_missing ? rules->when_missing : "null", TOLERANCE);
    sha256_hex(hex, buf_str(&text));
    buf_release(&text);
}

static const struct score_field fields[] = {{"extracted", SCORE_TEXT}, {"correct", SCORE_TRUTH}};

#define EXACT_ROW(name_, key_, about_, rules_)                                                   \
    {                                                                                            \
        .name = name_, .group = "exact", .key = key_, .about = about_, .fields = fields,         \
        .n_fields = 2, .overall = 1, .rules = &rules_, .is_apart = true, .create = exact_create, \
        .free = exact_free, .run = exact_run, .hash = exact_hash                                 \
    }

const struct scorer scorer_exact_py = EXACT_ROW(
    "exact-py", "exact_py", "the number of a sum against the right one, as in Python", python);
const struct scorer scorer_exact_go =
    EXACT_ROW("exact-go", "exact_go", "the same as the Go program compares it", go);
const struct scorer scorer_exact_strict =
    EXACT_ROW("exact-strict", "exact_strict", "lm-evaluation-harness's strict-match", strict);
const struct scorer scorer_exact_flexible = EXACT_ROW(
    "exact-flexible", "exact_flexible", "lm-evaluation-harness's flexible-extract", flexible);
