/* tier1.c - the first filter of generated answers: a score, and whether it passes.
 *
 * Phrases are looked for anywhere in the text put into lower case. The Go version measures length
 * in bytes and looks at every whole group of five words; Python leaves the last one out when no
 * words are left over. What is not in the table is stated in RULES_TEXT, which is hashed with it.
 */
#include "score/tier1.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "score/phrases.h"
#include "score/words.h"
#include "text/utf8.h"

struct tier1_rule {
    double points; /* once, however often one of the phrases stands there */
    const char *phrases;
};

static const struct tier1_rule rules[] = {
    {-5, "as an ai"},
    {-5, "i cannot"},
    {-5, "i can't"},
    {-5, "i'm not able"},
    {-5, "important to note"},
    {-5, "it's crucial to"},
    {-5, "i must emphasize"},
    {-5, "i should point out"},
    {-5, "as a language model"},
    {2, "metaphor|imagine|picture this|story|once upon"},
    {1.5, "i think"},
    {1.5, "i believe"},
    {1.5, "in my view"},
    {1.5, "i'd argue"},
};
enum { N_PHRASE_RULES = sizeof rules / sizeof *rules, GROUP = 5, LEN_MIN = 30 };

/* What hits are listed under; those of the phrases come first. */
enum tier1_rule_index {
    RULE_OPENING = N_PHRASE_RULES,
    RULE_REPETITION,
    RULE_LENGTH,
    RULE_MARKUP,
    RULE_SHORT,
    N_HIT_RULES
};

#define RULES_TEXT                                                                             \
    "under 30: -20; starts okay, let|ok, let|sure, let: -3; over 20 words and under half of "  \
    "the groups of five distinct: -10; over 100 words: 2; over 300: 2; blank line, **, 1. or " \
    "'- ': 1; passes above 0\n"

struct tier1_dialect {
    const char *name;
    enum symbol_dialect symbols;
    bool in_bytes, every_group;
};

static const struct tier1_dialect python = {"python", SYMBOLS_PYTHON_LOWER, false, false};
static const struct tier1_dialect go = {"go", SYMBOLS_GO_LOWER, true, true};

struct tier1 {
    const struct tier1_dialect *dialect;
    struct phrases *phrases;
    struct symbols lowered;
    struct word_set groups;
    struct buf joined; /* the words with one space between them */
};

/* The length of the first of these literals that the text starts with, or 0. */
static size_t opening_len(const struct symbols *text)
{
    static const char *const openings[] = {"okay, let", "ok, let", "sure, let"};
    for (size_t k = 0; k < sizeof openings / sizeof *openings; k++) {
        size_t i = 0;
        while (openings[k][i] && text->fold[text->at[i]] == (uint8_t)openings[k][i])
            i++;
        if (!openings[k][i])
            return i;
    }
    return 0;
}

/* Where one of the marks of layout stands, or (size_t)-1. */
static size_t find_markup(struct str text, size_t *len)
{
    static const char *const marks[] = {"\n\n", "**", "1.", "- "};
    size_t at = (size_t)-1;
    *len = 2;
    for (size_t i = 0; at == (size_t)-1 && i < sizeof marks / sizeof *marks; i++)
        at = str_find(text, str_of(marks[i]), 0);
    return at;
}

static bool is_repetitive(bool *value, struct tier1 *tier1, struct str text, size_t words,
                          struct err *err)
{
    size_t n_groups = tier1->dialect->every_group ? words / GROUP : (words - 1) / GROUP;
    size_t distinct = 0, start = 0, at = 0;
    struct str word;
    buf_reset(&tier1->joined);
    const char *joined = buf_room(&tier1->joined, text.len + 1);
    if (!joined)
        return err_set(err, ERR_LIMIT, "no memory for a text of %zu bytes", text.len);
    if (!word_set_begin(&tier1->groups, n_groups, str_n(joined, text.len), err))
        return false;
    for (size_t i = 0; i < n_groups * GROUP && word_next(&word, &tier1->lowered, text, &at);) {
        buf_add_str(&tier1->joined, word);
        if (++i % GROUP == 0) {
            distinct +=
                word_set_add(&tier1->groups, str_n(joined + start, tier1->joined.len - start));
            start = tier1->joined.len;
        } else {
            buf_putc(&tier1->joined, ' ');
        }
    }
    *value = (double)distinct / (double)n_groups < 0.5;
    return word_set_end(&tier1->groups, err);
}

static double phrase_points(const struct tier1 *tier1, struct hits *hits)
{
    size_t counts[N_PHRASE_RULES];
    double sum = 0;
    phrases_count(counts, tier1->phrases, &tier1->lowered, hits);
    for (size_t i = 0; i < N_PHRASE_RULES; i++)
        sum += counts[i] ? rules[i].points : 0;
    return sum;
}

/* A rule of phrases counts once, whichever of them stands there and how often. */
static void settle(struct hits *hits, size_t first)
{
    struct hit_rule named[N_HIT_RULES] = {
        [RULE_OPENING] = {"opening", -3, HUGE_VAL},
        [RULE_REPETITION] = {"repetition", -10, HUGE_VAL},
        [RULE_LENGTH] = {"length", 2, HUGE_VAL},
        [RULE_MARKUP] = {"markup", 1, HUGE_VAL},
        [RULE_SHORT] = {"too_short", -20, HUGE_VAL},
    };
    for (size_t i = 0; i < N_PHRASE_RULES; i++)
        named[i] = (struct hit_rule){"phrase", rules[i].points, fabs(rules[i].points)};
    hits_settle(hits, first, named);
}

/* The points of a text that is long enough. */
static bool add_points(double *score, struct tier1 *tier1, struct str text, struct hits *hits,
                       struct err *err)
{
    const struct symbols *lowered = &tier1->lowered;
    bool repetitive = false;
    size_t first = hits ? hits->n : 0, words = word_count(lowered), markup_len;
    size_t opening = opening_len(lowered), markup = find_markup(text, &markup_len);
    if (words > 20 && !is_repetitive(&repetitive, tier1, text, words, err))
        return false;
    *score = phrase_points(tier1, hits);
    *score -= opening ? 3 : 0;
    *score -= repetitive ? 10 : 0;
    *score += words > 100 ? 2 : 0;
    *score += words > 300 ? 2 : 0;
    *score += markup != (size_t)-1;
    if (!hits)
        return true;
    if (opening)
        hits_add(hits, RULE_OPENING, "", 0, opening);
    if (repetitive)
        hits_add(hits, RULE_REPETITION, "under half of the groups of five words differ", 0,
                 lowered->n);
    if (words > 100)
        hits_add(hits, RULE_LENGTH, "over 100 words", 0, lowered->n);
    if (words > 300)
        hits_add(hits, RULE_LENGTH, "over 300 words", 0, lowered->n);
    hits_to_bytes(hits, first, lowered, text);
    if (markup != (size_t)-1)
        hits_add(hits, RULE_MARKUP, "", markup, markup + markup_len);
    return true;
}

static bool tier1_run(void *self, struct score_result *out, struct hits *hits,
                      const struct score_item *item, struct err *err)
{
    struct tier1 *tier1 = self;
    struct str text = item->text;
    double score = -20;
    size_t first = hits ? hits->n : 0;
    if (!symbols_load(&tier1->lowered, text, err))
        return false;
    symbols_map(&tier1->lowered);
    if ((tier1->dialect->in_bytes ? text.len : utf8_count(text)) < LEN_MIN)
        hits_add(hits, RULE_SHORT, "", 0, text.len);
    else if (!add_points(&score, tier1, text, hits, err))
        return false;
    settle(hits, first);
    out->values[0] = score;
    out->values[1] = score > 0;
    return true;
}

static void *tier1_create(const void *dialect)
{
    struct tier1 *tier1 = mem_zalloc(1, sizeof *tier1);
    struct phrase_list lists[N_PHRASE_RULES] = {0};
    tier1->dialect = dialect;
    for (size_t i = 0; i < N_PHRASE_RULES; i++)
        lists[i] = (struct phrase_list){.phrases = rules[i].phrases, .anywhere = true};
    tier1->phrases = phrases_create(lists, N_PHRASE_RULES);
    symbols_init(&tier1->lowered, tier1->dialect->symbols);
    buf_init(&tier1->joined, SCORE_TEXT_MAX + 2);
    return tier1;
}

static void tier1_free(void *self)
{
    struct tier1 *tier1 = self;
    phrases_free(tier1->phrases);
    symbols_release(&tier1->lowered);
    word_set_release(&tier1->groups);
    buf_release(&tier1->joined);
    free(tier1);
}

static void tier1_hash(char hex[SHA256_HEX_LEN + 1], const void *dialect)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    buf_printf(&text, "%s " RULES_TEXT, ((const struct tier1_dialect *)dialect)->name);
    for (size_t i = 0; i < N_PHRASE_RULES; i++)
        buf_printf(&text, "%g %s\n", rules[i].points, rules[i].phrases);
    sha256_hex(hex, buf_str(&text));
    buf_release(&text);
}

static const struct score_field fields_py[] = {{"score", SCORE_REAL}, {"pass", SCORE_TRUTH}};
static const struct score_field fields_go[] = {{"score", SCORE_NUMBER}, {"pass", SCORE_TRUTH}};

#define TIER1_ROW(name_, key_, about_, dialect_, fields_)                                 \
    {                                                                                     \
        .name = name_, .group = "tier1", .key = key_, .about = about_, .fields = fields_, \
        .n_fields = 2, .rules = &dialect_, .create = tier1_create, .free = tier1_free,    \
        .run = tier1_run, .hash = tier1_hash                                              \
    }

const struct scorer scorer_tier1_py =
    TIER1_ROW("tier1-py", "tier1_py", "the first filter of generated answers", python, fields_py);
const struct scorer scorer_tier1_go =
    TIER1_ROW("tier1-go", "tier1_go", "the same as the Go program has it", go, fields_go);
