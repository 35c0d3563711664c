/* imprint.h - the grammar of a text as shares, and how alike two texts are by it.
 * Does        counts verbs, tenses, nouns, articles and marks, each kind as shares of its sum;
 *             measures one imprint, and compares two by weighted cosines.
 * Lifetime    imprint_init / imprint_release; imprint_load replaces what was there.
 * Threads     one thread at a time; the lexicon may be shared.
 * Errors      those of tokens_load.
 * See         tests/oracle/grammar-vectors.json. */
#ifndef GRAMMAR_IMPRINT_H
#define GRAMMAR_IMPRINT_H

#include "grammar/tokens.h"

enum share_kind { SHARE_VERBS, SHARE_TENSES, SHARE_NOUNS, SHARE_ARTICLES, SHARE_MARKS, N_SHARES };

/* A map with small keys or those of the tokens: value[key] where has[key]. */
struct share {
    double *value;
    bool *has;
    size_t n, cap, n_keys;
};

struct imprint {
    struct tokens tokens;
    struct share shares[N_SHARES];
    double plural_ratio;
    size_t n_terms;
};

struct grammar_measures {
    double composite, vocab_richness, tense_entropy, question_ratio;
    double domain_depth, verb_diversity, noun_diversity;
};

void imprint_init(struct imprint *imprint, const struct lexicon *lexicon);
MUST_USE bool imprint_load(struct imprint *imprint, struct str text, struct err *err);
void imprint_release(struct imprint *imprint);

/* An imprint of no text here, put together from shares; they are taken as they are. */
void imprint_begin(struct imprint *imprint, size_t n_tokens);
/* A verb's or noun's share. */
void imprint_put_word(struct imprint *imprint, enum share_kind kind, struct str base, double share);
/* Of another kind: `index` is that of a tense, an article or a mark. */
void imprint_put(struct imprint *imprint, enum share_kind kind, size_t index, double share);

struct grammar_measures imprint_measure(const struct imprint *imprint);
/* 0 .. 1 */
double imprint_similarity(const struct imprint *a, const struct imprint *b);

#endif
