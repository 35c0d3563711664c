/* capability.c - whether an answer to one of the 23 capability probes is the right one.
 *
 * Thinking between <think> and </think> is taken out first; where nothing is left, the beginning
 * of the whole answer stands in. Then a pattern is looked for. Go's knows ASCII where Python's
 * knows Unicode, and counts bytes. */
#include "score/capability.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "score/words.h"
#include "text/regex.h"
#include "text/utf8.h"

enum { STAND_IN_LEN = 500, STORED_LEN = 300, EARLY_LEN = 50 };

struct probe {
    const char *id;
    const char *pattern;
    bool any_case;
    const char *first, *then; /* or `first`, and later on its line `then`: first.*then, which tried
                                 at every place would take quadratic time */
    bool is_squeezed;         /* spaces and commas are taken out before */
    const char *not_early;    /* must not stand among the first EARLY_LEN */
};

static const struct probe probes[] = {
    {.id = "math_01", .pattern = "10063", .is_squeezed = true},
    {.id = "math_02", .pattern = "28\\.75"},
    {.id = "math_03", .pattern = "x\\s*=\\s*-\\s*12|=\\s*-12|-12"},
    {.id = "math_04", .pattern = "\\b21\\b"},
    {.id = "math_05", .pattern = "1/2|0\\.5|50%|5/10"},
    {.id = "math_06", .pattern = "15[34]\\.9|153\\.9[0-9]|154\\.0|49\\s*[\xCF\x80pi]"},
    {.id = "math_07", .pattern = "162"},
    {.id = "math_08", .pattern = "612"},
    {.id = "logic_01", .pattern = "\\byes\\b", .any_case = true},
    {.id = "logic_02",
     .pattern = "\\b(?:no|cannot|can't)\\b|not necessarily|fallac|other reason|doesn't mean",
     .any_case = true},
    {.id = "logic_03", .pattern = "\\b3\\b|three", .any_case = true, .not_early = "30"},
    {.id = "logic_04", .pattern = "chicken|hen", .any_case = true},
    {.id = "logic_05", .pattern = "\\b5\\b|five", .any_case = true},
    {.id = "reason_01", .pattern = "eating|food|dining", .any_case = true},
    {.id = "reason_02",
     .pattern = "starter|solenoid|connection|terminal|corros|ground|wire",
     .any_case = true},
    {.id = "reason_03", .pattern = "\\bsouth\\b", .any_case = true},
    {.id = "reason_04", .pattern = "1991"},
    {.id = "reason_05", .pattern = "\\b24\\b"},
    {.id = "code_01", .pattern = "\\[2, ?3\\]"},
    {.id = "code_02", .pattern = "\\b8\\b"},
    {.id = "code_03",
     .pattern = "division by zero|empty|zerodivision",
     .any_case = true,
     .first = "len",
     .then = "0"},
    {.id = "word_01", .any_case = true, .first = "\\b3\\b|three", .then = "hour"},
    {.id = "word_02", .pattern = "\\b7\\b|seven", .any_case = true},
};
enum { N_PROBES = sizeof probes / sizeof *probes };

struct capability_dialect {
    const char *name;
    enum symbol_dialect space; /* what trimming goes by */
    unsigned regex;
    bool in_bytes;
    bool lowers; /* text is put into lower case where Go's patterns ignore case */
};

static const struct capability_dialect python = {"python", SYMBOLS_PYTHON, 0, false, true};
static const struct capability_dialect go = {"go", SYMBOLS_GO, REGEX_ASCII, true, false};

struct capability {
    const struct capability_dialect *dialect;
    struct regex *patterns[N_PROBES], *firsts[N_PROBES], *thens[N_PROBES];
    struct regex_scratch *scratch;
    struct symbols symbols;
    struct buf answer;  /* without its thinking */
    struct buf changed; /* as the pattern is looked for in it */
    struct buf stored;
};

/* Where the first <think>.*?</think> begins and ends; (size_t)-1 when there is none. */
static size_t find_thinking(struct str text, size_t *end)
{
    static const struct str open = STR("<think>"), close = STR("</think>");
    size_t start = str_find(text, open, 0);
    size_t stop = start == (size_t)-1 ? start : str_find(text, close, start + open.len);
    *end = stop + close.len;
    return stop == (size_t)-1 ? stop : start;
}

static void put_without_thinking(struct buf *out, struct str text)
{
    size_t end, start;
    while ((start = find_thinking(text, &end)) != (size_t)-1) {
        buf_add_str(out, str_n(text.ptr, start));
        text = str_from(text, end);
    }
    buf_add_str(out, text);
}

static struct str cut(struct str text, size_t len, bool in_bytes)
{
    return in_bytes ? str_n(text.ptr, size_min(text.len, len)) : utf8_cut(text, len);
}

/* A character that was cut through comes out as a U+FFFD for each of its bytes. */
static void put_repaired(struct buf *out, struct str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        if (utf8_next(text, &at) == UTF8_BAD)
            buf_puts(out, "\xEF\xBF\xBD");
        else
            buf_add_str(out, str_sub(text, start, at - start));
    }
}

/* first.*then */
static bool find_pair(bool *found, struct regex_span *place, const struct capability *capability,
                      size_t probe, struct str text, struct err *err)
{
    struct regex_scratch *scratch = capability->scratch;
    *found = false;
    for (size_t at = 0; !*found;) {
        if (!regex_search(found, capability->firsts[probe], scratch, text, at, err))
            return false;
        if (!*found)
            return true;
        *place = regex_group(scratch, 0);
        at = place->end;
        size_t end = str_find(text, str_of("\n"), at);
        end = end == (size_t)-1 ? text.len : end;
        struct str rest = str_sub(text, at, end - at);
        if (!regex_search(found, capability->thens[probe], scratch, rest, 0, err))
            return false;
        if (*found)
            place->end = at + regex_group(scratch, 0).end;
        at = end;
    }
    return true;
}

/* The answer as the probe's pattern is to see it. */
static struct str change(struct capability *capability, const struct probe *probe,
                         struct str answer)
{
    struct buf *out = &capability->changed;
    buf_reset(out);
    if (probe->any_case && capability->dialect->lowers) {
        utf8_lower(out, answer);
        return buf_str(out);
    }
    if (!probe->is_squeezed)
        return answer;
    for (size_t i = 0; i < answer.len; i++)
        if (answer.ptr[i] != ' ' && answer.ptr[i] != ',')
            buf_putc(out, answer.ptr[i]);
    return buf_str(out);
}

/* *place: what was found, in the answer as it was changed. */
static bool is_right(bool *right, struct regex_span *place, struct capability *capability, size_t i,
                     struct str answer, struct err *err)
{
    const struct probe *probe = &probes[i];
    struct str text = change(capability, probe, answer);
    *right = false;
    if (capability->patterns[i] &&
        !regex_search(right, capability->patterns[i], capability->scratch, text, 0, err))
        return false;
    if (*right)
        *place = regex_group(capability->scratch, 0);
    else if (probe->first && !find_pair(right, place, capability, i, text, err))
        return false;
    if (*right && probe->not_early) {
        struct str early = cut(answer, EARLY_LEN, capability->dialect->in_bytes);
        *right = str_find(early, str_of(probe->not_early), 0) == (size_t)-1;
    }
    return true;
}

/* Where in the answer the byte `at` of the changed one comes from. */
static size_t unchanged(const struct capability *capability, const struct probe *probe,
                        struct str answer, size_t at)
{
    size_t from = 0, to = 0;
    if (probe->any_case && capability->dialect->lowers)
        while (from < answer.len && to < at) {
            uint32_t lower[3];
            char bytes[UTF8_LEN_MAX];
            size_t n = utf8_lower_at(lower, answer, from);
            for (size_t i = 0; i < n; i++)
                to += utf8_encode(bytes, lower[i]);
            utf8_next(answer, &from);
        }
    else if (probe->is_squeezed)
        for (; from < answer.len && to < at; from++)
            to += answer.ptr[from] != ' ' && answer.ptr[from] != ',';
    else
        from = at;
    return from;
}

/* Where in the text the byte `at` of what is left without its thinking comes from. */
static size_t with_thinking(struct str text, size_t at)
{
    size_t passed = 0; /* bytes of the text */
    for (struct str rest = text;;) {
        size_t end, start = find_thinking(rest, &end);
        if (start == (size_t)-1 || at < start)
            return passed + at;
        passed += end;
        at -= start;
        rest = str_from(rest, end);
    }
}

static void add_hit(struct hits *hits, const struct capability *capability,
                    const struct probe *probe, struct str text, struct str answer,
                    struct regex_span place, bool stands_in)
{
    size_t skipped = stands_in ? 0 : (size_t)(answer.ptr - capability->answer.ptr);
    size_t first = hits->n, start = skipped + unchanged(capability, probe, answer, place.start);
    size_t last = skipped + unchanged(capability, probe, answer, place.end) - 1;
    if (!stands_in) {
        start = with_thinking(text, start);
        last = with_thinking(text, last);
    }
    hits_add(hits, 0, probe->id, start, last + 1);
    hits_settle(hits, first, &(struct hit_rule){"pass", 1, HUGE_VAL});
}

static size_t find_probe(struct str id)
{
    size_t i = 0;
    while (i < N_PROBES && !str_is(id, probes[i].id))
        i++;
    return i;
}

static bool capability_run(void *self, struct score_result *out, struct hits *hits,
                           const struct score_item *item, struct err *err)
{
    struct capability *capability = self;
    struct regex_span place = {0};
    bool right, in_bytes = capability->dialect->in_bytes;
    size_t probe = find_probe(item->probe);
    if (!symbols_load(&capability->symbols, item->text, err))
        return false;
    out->is_scored = probe < N_PROBES;
    if (!out->is_scored)
        return true;
    buf_reset(&capability->answer);
    buf_reset(&capability->stored);
    put_without_thinking(&capability->answer, item->text);
    struct str answer = words_strip(&capability->symbols, buf_str(&capability->answer));
    put_repaired(&capability->stored, cut(answer, STORED_LEN, in_bytes));
    bool stands_in = answer.len == 0;
    if (stands_in) {
        struct str stand_in = cut(item->text, STAND_IN_LEN, in_bytes);
        put_repaired(&capability->stored, cut(stand_in, STORED_LEN, in_bytes));
        buf_reset(&capability->answer);
        put_repaired(&capability->answer, stand_in);
        answer = buf_str(&capability->answer);
    }
    if (!is_right(&right, &place, capability, probe, answer, err))
        return false;
    if (right && hits)
        add_hit(hits, capability, &probes[probe], item->text, answer, place, stands_in);
    out->values[0] = right;
    out->text = buf_str(&capability->stored);
    return true;
}

/* NULL for NULL */
static struct regex *compile(const char *pattern, unsigned flags)
{
    struct regex *regex = NULL;
    struct err err = {0};
    if (pattern && !regex_compile(&regex, str_of(pattern), flags, &err))
        BUG("pattern %s: %s", pattern, err.msg);
    return regex;
}

static void *capability_create(const void *dialect)
{
    struct capability *capability = mem_zalloc(1, sizeof *capability);
    capability->dialect = dialect;
    for (size_t i = 0; i < N_PROBES; i++) {
        bool ignores = probes[i].any_case && !capability->dialect->lowers;
        unsigned flags = capability->dialect->regex | (ignores ? REGEX_ICASE : 0);
        capability->patterns[i] = compile(probes[i].pattern, flags);
        capability->firsts[i] = compile(probes[i].first, flags);
        capability->thens[i] = compile(probes[i].then, flags);
    }
    capability->scratch = regex_scratch_create();
    symbols_init(&capability->symbols, capability->dialect->space);
    buf_init(&capability->answer, SCORE_TEXT_MAX);
    buf_init(&capability->changed, 4 * (size_t)SCORE_TEXT_MAX);
    buf_init(&capability->stored, 4 * STORED_LEN);
    return capability;
}

static void capability_free(void *self)
{
    struct capability *capability = self;
    for (size_t i = 0; i < N_PROBES; i++) {
        regex_free(capability->patterns[i]);
        regex_free(capability->firsts[i]);
        regex_free(capability->thens[i]);
    }
    regex_scratch_free(capability->scratch);
    symbols_release(&capability->symbols);
    buf_release(&capability->answer);
    buf_release(&capability->changed);
    buf_release(&capability->stored);
    free(capability);
}

static void capability_hash(char hex[SHA256_HEX_LEN + 1], const void *rules)
{
    const struct capability_dialect *dialect = rules;
    struct buf text;
    buf_init(&text, 1 << 14);
    buf_printf(&text, "%s %u %d %d; <think>.*?</think>, trimmed, else the first %d; stored %d\n",
               dialect->name, dialect->regex, dialect->in_bytes, dialect->lowers, STAND_IN_LEN,
               STORED_LEN);
    for (size_t i = 0; i < N_PROBES; i++) {
        const struct probe *p = &probes[i];
        buf_printf(&text, "%s %s %d %s.*%s %d not %s in %d\n", p->id, p->pattern ? p->pattern : "",
                   p->any_case, p->first ? p->first : "", p->then ? p->then : "", p->is_squeezed,
                   p->not_early ? p->not_early : "", EARLY_LEN);
    }
    sha256_hex(hex, buf_str(&text));
    buf_release(&text);
}

static const struct score_field fields[] = {{"pass", SCORE_TRUTH}, {"stored", SCORE_TEXT}};

#define CAPABILITY_ROW(name_, key_, about_, dialect_)                                         \
    {                                                                                         \
        .name = name_, .group = "capability", .key = key_, .about = about_, .fields = fields, \
        .n_fields = 2, .rules = &dialect_, .is_apart = true, .create = capability_create,     \
        .free = capability_free, .run = capability_run, .hash = capability_hash               \
    }

const struct scorer scorer_capability_py = CAPABILITY_ROW(
    "capability-py", "capability_py", "right or wrong, for the 23 capability probes", python);
const struct scorer scorer_capability_go =
    CAPABILITY_ROW("capability-go", "capability_go", "the same as the Go program has it", go);
