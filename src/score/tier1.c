/* tier1.c - the first filter of generated answers: a score, and whether it passes.
 *
 * Phrases are looked for anywhere in the text put into lower case. The Go version measures length
 * in bytes and looks at every whole group of five words; Python leaves the last one out when no
 * words are left over. What is not in the table is stated in RULES_TEXT, which is hashed with it.
 */
#include "score/tier1.h"

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
enum { N_RULES = sizeof rules / sizeof *rules, GROUP = 5, LEN_MIN = 30 };

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

static bool starts(const struct symbols *text, const char *literal)
{
    for (size_t i = 0; literal[i]; i++)
        if (text->fold[text->at[i]] != (uint8_t)literal[i])
            return false;
    return true;
}

static bool has(struct str text, const char *literal)
{
    return str_find(text, str_of(literal), 0) != (size_t)-1;
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
    return true;
}

static double phrase_points(const struct tier1 *tier1)
{
    size_t counts[N_RULES];
    double sum = 0;
    phrases_count(counts, tier1->phrases, &tier1->lowered);
    for (size_t i = 0; i < N_RULES; i++)
        sum += counts[i] ? rules[i].points : 0;
    return sum;
}

static bool tier1_run(void *self, struct score_result *out, const struct score_item *item,
                      struct err *err)
{
    struct tier1 *tier1 = self;
    bool repetitive = false;
    struct str text = item->text;
    if (!symbols_load(&tier1->lowered, text, err))
        return false;
    const struct symbols *lowered = &tier1->lowered;
    size_t words = word_count(lowered);
    if (words > 20 && !is_repetitive(&repetitive, tier1, text, words, err))
        return false;
    double score = phrase_points(tier1);
    if (starts(lowered, "okay, let") || starts(lowered, "ok, let") || starts(lowered, "sure, let"))
        score -= 3;
    score -= repetitive ? 10 : 0;
    score += words > 100 ? 2 : 0;
    score += words > 300 ? 2 : 0;
    score += has(text, "\n\n") || has(text, "**") || has(text, "1.") || has(text, "- ");
    if ((tier1->dialect->in_bytes ? text.len : utf8_count(text)) < LEN_MIN)
        score = -20;
    out->values[0] = score;
    out->values[1] = score > 0;
    return true;
}

static void *tier1_create(const void *dialect)
{
    struct tier1 *tier1 = mem_zalloc(1, sizeof *tier1);
    struct phrase_list lists[N_RULES] = {0};
    tier1->dialect = dialect;
    for (size_t i = 0; i < N_RULES; i++)
        lists[i] = (struct phrase_list){.phrases = rules[i].phrases, .anywhere = true};
    tier1->phrases = phrases_create(lists, N_RULES);
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
    for (size_t i = 0; i < N_RULES; i++)
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
