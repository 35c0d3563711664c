/* grammar_hits.c - see grammar_hits.h. */
#include "score/grammar_hits.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

enum { DETAIL_BASE_MAX = 60 }; /* bytes of a base that are shown */

enum grammar_rule {
    RULE_VERB,
    RULE_NOUN,
    RULE_TENSES,
    RULE_VOCABULARY,
    RULE_QUESTION,
    RULE_TERM,
    N_RULES
};

/* The parts of the composite; those of one unit each bring their points along. */
static const struct hit_rule rules[N_RULES] = {
    [RULE_VERB] = {"verb_diversity", 100 * 0.15 / 30, 15},
    [RULE_NOUN] = {"noun_diversity", 100 * 0.15 / 40, 15},
    [RULE_TENSES] = {"tense_entropy", 100 * 0.25 / 1.585, HUGE_VAL},
    [RULE_VOCABULARY] = {"vocab_richness", 250, 25},
    [RULE_QUESTION] = {"question_ratio", 100, 20},
    [RULE_TERM] = {"domain_depth", 0, HUGE_VAL},
};

/* The bases that have been seen, as a verb and as a noun. */
struct seen {
    bool verb, noun;
};

static double first_time(bool *seen)
{
    bool first = !*seen;
    *seen = true;
    return first;
}

static void add_word(struct hits *hits, const struct imprint *imprint, const struct token *token,
                     enum grammar_rule rule, struct seen *seen)
{
    static const char *const tenses[N_TENSES] = {"base", "past", "gerund"};
    struct str base = imprint->tokens.keys[token->key];
    bool is_verb = rule == RULE_VERB, as_read = is_verb == (token->type == TOKEN_VERB);
    const char *form = is_verb                  ? tenses[as_read ? token->form : TENSE_BASE]
                       : as_read && token->form ? "plural"
                                                : "singular";
    base.len = size_min(base.len, DETAIL_BASE_MAX);
    hits_add_units(hits, rule, first_time(is_verb ? &seen->verb : &seen->noun),
                   hits_detail(hits, "%s %.*s, %s", is_verb ? "verb" : "noun", STR_ARG(base), form),
                   token->start, token->start + token->len);
}

static void add_token(struct hits *hits, const struct imprint *imprint, const struct token *token,
                      struct seen *seen, double question)
{
    size_t start = token->start, end = start + token->len;
    switch ((enum token_type)token->type) {
    case TOKEN_VERB:
    case TOKEN_NOUN:
        if (token->type == TOKEN_VERB || token->is_dual)
            add_word(hits, imprint, token, RULE_VERB, &seen[token->key]);
        if (token->type == TOKEN_NOUN || token->is_dual)
            add_word(hits, imprint, token, RULE_NOUN, &seen[token->key]);
        break;
    case TOKEN_TERM: hits_add(hits, RULE_TERM, "", start, end); break;
    case TOKEN_MARK:
        if (token->form == MARK_QUESTION)
            hits_add_units(hits, RULE_QUESTION, question, "", start, end);
        break;
    case TOKEN_ARTICLE:
    case TOKEN_UNKNOWN: break;
    }
}

void grammar_hits_add(struct hits *hits, const struct imprint *imprint, bool of_prompt)
{
    const struct tokens *tokens = &imprint->tokens;
    struct grammar_measures m = imprint_measure(imprint);
    struct seen *seen = mem_zalloc(tokens->n_keys + 1, sizeof *seen);
    size_t first = hits->n, questions = 0;
    for (size_t i = 0; i < tokens->n; i++)
        questions += tokens->items[i].type == TOKEN_MARK && tokens->items[i].form == MARK_QUESTION;
    hits_add_units(hits, RULE_TENSES, m.tense_entropy, "", 0, 0);
    hits_add_units(hits, RULE_VOCABULARY, m.vocab_richness, "", 0, 0);
    for (size_t i = 0; i < tokens->n; i++)
        add_token(hits, imprint, &tokens->items[i], seen,
                  questions ? fmin(m.question_ratio, 0.2) / (double)questions : 0);
    hits_settle(hits, first, rules);
    for (size_t i = first; of_prompt && i < hits->n; i++) {
        hits->items[i].in_prompt = true;
        hits->items[i].points = -hits->items[i].points;
    }
    free(seen);
}
