/* grammar.c - the third-generation scorer: the grammar of a text, and what it adds to its prompt's.
 *
 * The original ran without its locale, by accident: "bare" is what its published numbers are, and
 * the default here; "full" is what its library does when it is started as meant. */
#include "score/grammar.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "grammar/english.h"
#include "score/grammar_hits.h"

#define ECHO_MAX   0.6
#define UPLIFT_MIN 5.0

enum { GRAMMAR_FIELDS = 8, DELTA_FIELDS = 9 };

struct grammar_mode {
    bool is_full;
};

static const struct grammar_mode bare = {false}, full = {true};

struct grammar {
    struct lexicon *lexicon;
    struct imprint text, prompt;
};

/* Half away from zero, as the original's files have it. */
static double round_to(double x, double places)
{
    return round(x * places) / places;
}

static void *grammar_create(const void *rules)
{
    const struct grammar_mode *mode = rules;
    struct grammar *grammar = mem_zalloc(1, sizeof *grammar);
    grammar->lexicon = lexicon_create(mode->is_full);
    imprint_init(&grammar->text, grammar->lexicon);
    imprint_init(&grammar->prompt, grammar->lexicon);
    return grammar;
}

static void grammar_free(void *self)
{
    struct grammar *grammar = self;
    imprint_release(&grammar->text);
    imprint_release(&grammar->prompt);
    lexicon_free(grammar->lexicon);
    free(grammar);
}

static bool grammar_run(void *self, struct score_result *out, struct hits *hits,
                        const struct score_item *item, struct err *err)
{
    struct grammar *grammar = self;
    if (!imprint_load(&grammar->text, item->text, err))
        return false;
    struct grammar_measures m = imprint_measure(&grammar->text);
    double values[GRAMMAR_FIELDS] = {round_to(m.composite, 100),
                                     round_to(m.vocab_richness, 10000),
                                     round_to(m.tense_entropy, 10000),
                                     round_to(m.question_ratio, 10000),
                                     m.domain_depth,
                                     m.verb_diversity,
                                     m.noun_diversity,
                                     m.composite};
    memcpy(out->values, values, sizeof values);
    if (hits)
        grammar_hits_add(hits, &grammar->text, false);
    return true;
}

struct grammar_delta grammar_delta(const struct imprint *text, const struct imprint *prompt)
{
    struct grammar_delta delta = {.input = imprint_measure(prompt).composite,
                                  .output = imprint_measure(text).composite,
                                  .echo = imprint_similarity(prompt, text)};
    delta.uplift = delta.output - delta.input;
    delta.enrichment = delta.uplift * (1 - delta.echo);
    delta.is_sycophantic = delta.echo > ECHO_MAX && delta.uplift < UPLIFT_MIN;
    return delta;
}

static bool delta_run(void *self, struct score_result *out, struct hits *hits,
                      const struct score_item *item, struct err *err)
{
    struct grammar *grammar = self;
    out->is_scored = item->prompt.len > 0;
    if (!out->is_scored)
        return true;
    if (!imprint_load(&grammar->text, item->text, err) ||
        !imprint_load(&grammar->prompt, item->prompt, err))
        return false;
    struct grammar_delta delta = grammar_delta(&grammar->text, &grammar->prompt);
    double values[DELTA_FIELDS] = {round_to(delta.input, 100),
                                   round_to(delta.output, 100),
                                   round_to(delta.uplift, 100),
                                   round_to(delta.echo, 10000),
                                   round_to(delta.enrichment, 100),
                                   delta.is_sycophantic,
                                   delta.uplift,
                                   delta.echo,
                                   delta.enrichment};
    memcpy(out->values, values, sizeof values);
    if (hits) {
        grammar_hits_add(hits, &grammar->text, false);
        grammar_hits_add(hits, &grammar->prompt, true);
    }
    return true;
}

static void hash_with(char hex[SHA256_HEX_LEN + 1], const void *rules, const char *stated)
{
    static const char *const lists[] = {
        english_verbs,       english_nouns,      english_undoubled, english_es_nouns,
        english_verbs_more,  english_nouns_more, english_terms,     english_determiners,
        english_auxiliaries, english_clause_ends};
    enum { OF_BOTH = 4 };
    const struct grammar_mode *mode = rules;
    struct buf text;
    buf_init(&text, 1 << 16);
    buf_printf(&text,
               "%s composite .25 tense/1.585 .25 vocabulary*10 .20 question*5 .15 verbs/30 "
               ".15 nouns/40\n",
               stated);
    for (size_t i = 0; i < (mode->is_full ? sizeof lists / sizeof *lists : OF_BOTH); i++)
        buf_printf(&text, "%s\n", lists[i]);
    sha256_hex(hex, buf_str(&text));
    buf_release(&text);
}

static void grammar_hash(char hex[SHA256_HEX_LEN + 1], const void *rules)
{
    hash_with(hex, rules, "grammar:");
}

static void delta_hash(char hex[SHA256_HEX_LEN + 1], const void *rules)
{
    hash_with(hex, rules,
              "delta: similarity verbs .30 tenses .20 nouns .25 articles .15 marks .10, "
              "sycophantic echo > .6 and uplift < 5;");
}

static const struct score_field grammar_fields[GRAMMAR_FIELDS] = {
    {"composite", SCORE_NUMBER},      {"vocab_richness", SCORE_NUMBER},
    {"tense_entropy", SCORE_NUMBER},  {"question_ratio", SCORE_NUMBER},
    {"domain_depth", SCORE_NUMBER},   {"verb_diversity", SCORE_NUMBER},
    {"noun_diversity", SCORE_NUMBER}, {"composite_raw", SCORE_NUMBER},
};
static const struct score_field delta_fields[DELTA_FIELDS] = {
    {"input_composite", SCORE_NUMBER}, {"output_composite", SCORE_NUMBER},
    {"uplift", SCORE_NUMBER},          {"echo", SCORE_NUMBER},
    {"enrichment", SCORE_NUMBER},      {"sycophantic", SCORE_TRUTH},
    {"uplift_raw", SCORE_NUMBER},      {"echo_raw", SCORE_NUMBER},
    {"enrichment_raw", SCORE_NUMBER},
};

#define GRAMMAR_ROW(name_, key_, about_, mode_)                                \
    {                                                                          \
        .name = name_, .key = key_, .about = about_, .fields = grammar_fields, \
        .n_fields = GRAMMAR_FIELDS, .rules = &mode_, .create = grammar_create, \
        .free = grammar_free, .run = grammar_run, .hash = grammar_hash         \
    }
#define DELTA_ROW(name_, key_, about_, mode_)                                              \
    {                                                                                      \
        .name = name_, .key = key_, .about = about_, .fields = delta_fields,               \
        .n_fields = DELTA_FIELDS, .overall = 2, .rules = &mode_, .create = grammar_create, \
        .free = grammar_free, .run = delta_run, .hash = delta_hash                         \
    }

const struct scorer scorer_grammar =
    GRAMMAR_ROW("grammar", "grammar_bare", "variety of verbs, nouns, tenses and questions", bare);
const struct scorer scorer_grammar_full =
    GRAMMAR_ROW("grammar-full", "grammar_full", "the same with the locale's words", full);
const struct scorer scorer_delta =
    DELTA_ROW("delta", "delta_bare", "what the grammar of an answer adds to its prompt's", bare);
const struct scorer scorer_delta_full =
    DELTA_ROW("delta-full", "delta_full", "the same with the locale's words", full);
