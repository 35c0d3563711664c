/* imprint.c - see imprint.h. */
#include "grammar/imprint.h"

#include <math.h>
#include <stdlib.h>

#include "base/vec.h"

void imprint_init(struct imprint *imprint, const struct lexicon *lexicon)
{
    *imprint = (struct imprint){0};
    tokens_init(&imprint->tokens, lexicon);
}

void imprint_release(struct imprint *imprint)
{
    tokens_release(&imprint->tokens);
    for (size_t i = 0; i < N_SHARES; i++) {
        free(imprint->shares[i].value);
        free(imprint->shares[i].has);
    }
}

/* Makes room for the keys below n, which are not there yet. */
static void share_grow(struct share *share, size_t n)
{
    if (n > share->cap) {
        share->cap = size_max(n, 2 * share->cap);
        share->value = mem_realloc(share->value, share->cap, sizeof *share->value);
        share->has = mem_realloc(share->has, share->cap, sizeof *share->has);
    }
    for (; share->n < n; share->n++) {
        share->value[share->n] = 0;
        share->has[share->n] = false;
    }
}

static void share_clear(struct share *share, size_t n)
{
    share->n = 0;
    share->n_keys = 0;
    share_grow(share, n);
}

static void share_add(struct share *share, size_t key, double value)
{
    share->n_keys += !share->has[key];
    share->has[key] = true;
    share->value[key] += value;
}

static void share_normalise(struct share *share)
{
    double sum = 0;
    for (size_t i = 0; i < share->n; i++)
        sum += share->value[i];
    for (size_t i = 0; sum != 0 && i < share->n; i++)
        share->value[i] /= sum;
}

static void add_verb(struct share *shares, uint32_t base, unsigned tense, double certainty)
{
    share_add(&shares[SHARE_VERBS], base, certainty);
    share_add(&shares[SHARE_TENSES], tense, certainty);
}

/* Counts one token; *nouns and *plurals those that are nouns in some reading. */
static void add_token(struct imprint *imprint, const struct token *token, size_t *nouns,
                      size_t *plurals)
{
    struct share *shares = imprint->shares;
    double other = 1 - token->certainty;
    switch ((enum token_type)token->type) {
    case TOKEN_VERB:
        add_verb(shares, token->key, token->form, token->certainty);
        if (token->is_dual)
            share_add(&shares[SHARE_NOUNS], token->key, other);
        *nouns += token->is_dual;
        break;
    case TOKEN_NOUN:
        share_add(&shares[SHARE_NOUNS], token->key, token->certainty);
        if (token->is_dual)
            add_verb(shares, token->key, TENSE_BASE, other);
        ++*nouns;
        *plurals += token->form;
        break;
    case TOKEN_ARTICLE: share_add(&shares[SHARE_ARTICLES], token->form, 1); break;
    case TOKEN_MARK: share_add(&shares[SHARE_MARKS], token->form, 1); break;
    case TOKEN_TERM: imprint->n_terms++; break;
    case TOKEN_UNKNOWN: break;
    }
}

bool imprint_load(struct imprint *imprint, struct str text, struct err *err)
{
    size_t nouns = 0, plurals = 0;
    const struct tokens *tokens = &imprint->tokens;
    if (!tokens_load(&imprint->tokens, text, err))
        return false;
    share_clear(&imprint->shares[SHARE_VERBS], tokens->n_keys);
    share_clear(&imprint->shares[SHARE_TENSES], N_TENSES);
    share_clear(&imprint->shares[SHARE_NOUNS], tokens->n_keys);
    share_clear(&imprint->shares[SHARE_ARTICLES], N_ARTICLES);
    share_clear(&imprint->shares[SHARE_MARKS], N_MARKS);
    imprint->n_terms = 0;
    for (size_t i = 0; i < tokens->n; i++)
        add_token(imprint, &tokens->items[i], &nouns, &plurals);
    for (size_t i = 0; i < N_SHARES; i++)
        share_normalise(&imprint->shares[i]);
    imprint->plural_ratio = nouns ? (double)plurals / (double)nouns : 0;
    return true;
}

void imprint_begin(struct imprint *imprint, size_t n_tokens)
{
    tokens_clear(&imprint->tokens);
    imprint->tokens.n = n_tokens;
    imprint->n_terms = 0;
    imprint->plural_ratio = 0;
    for (size_t i = 0; i < N_SHARES; i++)
        share_clear(&imprint->shares[i], 0);
}

void imprint_put(struct imprint *imprint, enum share_kind kind, size_t index, double share)
{
    share_grow(&imprint->shares[kind], index + 1);
    share_add(&imprint->shares[kind], index, share);
}

void imprint_put_word(struct imprint *imprint, enum share_kind kind, struct str base, double share)
{
    imprint_put(imprint, kind, tokens_key(&imprint->tokens, base), share);
}

struct grammar_measures imprint_measure(const struct imprint *imprint)
{
    const struct share *shares = imprint->shares, *tenses = &shares[SHARE_TENSES];
    double tokens = (double)imprint->tokens.n;
    struct grammar_measures out = {.domain_depth = (double)imprint->n_terms,
                                   .verb_diversity = (double)shares[SHARE_VERBS].n_keys,
                                   .noun_diversity = (double)shares[SHARE_NOUNS].n_keys,
                                   .question_ratio = shares[SHARE_MARKS].value[MARK_QUESTION]};
    if (tokens > 0)
        out.vocab_richness = (out.verb_diversity + out.noun_diversity) / tokens;
    for (size_t i = 0; i < tenses->n; i++)
        if (tenses->value[i] > 0)
            out.tense_entropy -= tenses->value[i] * log2(tenses->value[i]);
    double sum = 0.25 * (out.tense_entropy / 1.585);
    sum += 0.25 * fmin(out.vocab_richness * 10, 1);
    sum += 0.20 * fmin(out.question_ratio * 5, 1);
    sum += 0.15 * fmin(out.verb_diversity / 30, 1);
    sum += 0.15 * fmin(out.noun_diversity / 40, 1);
    out.composite = sum * 100;
    return out;
}

static double norm_of(const struct share *share)
{
    double sum = 0;
    for (size_t i = 0; i < share->n; i++)
        sum += share->value[i] * share->value[i];
    return sqrt(sum);
}

/* Bases have other indices in the other text; the small kinds have the same. */
static double dot(const struct imprint *a, const struct imprint *b, enum share_kind kind)
{
    const struct share *x = &a->shares[kind], *y = &b->shares[kind];
    bool by_base = kind == SHARE_VERBS || kind == SHARE_NOUNS;
    double sum = 0;
    for (size_t i = 0; i < x->n; i++) {
        if (!x->has[i])
            continue;
        size_t k = by_base ? tokens_find_key(&b->tokens, a->tokens.keys[i]) : i;
        sum += k < y->n ? x->value[i] * y->value[k] : 0;
    }
    return sum;
}

double imprint_similarity(const struct imprint *a, const struct imprint *b)
{
    static const double weights[N_SHARES] = {[SHARE_VERBS] = 0.30,
                                             [SHARE_TENSES] = 0.20,
                                             [SHARE_NOUNS] = 0.25,
                                             [SHARE_ARTICLES] = 0.15,
                                             [SHARE_MARKS] = 0.10};
    double sum = 0, used = 0;
    if (a->tokens.n == 0 && b->tokens.n == 0)
        return 1;
    for (size_t kind = 0; kind < N_SHARES; kind++) {
        const struct share *x = &a->shares[kind], *y = &b->shares[kind];
        if (x->n_keys == 0 && y->n_keys == 0)
            continue;
        double norms = norm_of(x) * norm_of(y);
        if (norms > 0)
            sum += weights[kind] * (dot(a, b, (enum share_kind)kind) / norms);
        used += weights[kind];
    }
    return used > 0 ? sum / used : 1;
}
