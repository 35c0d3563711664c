/* inflect.h - which verb or noun a word is a form of, as far as the grammar engine can tell.
 * Does        looks words up in the tables, else takes an ending off and keeps what gives the word
 *             again when the ending is put on. What comes out need not be English ("nothing" is a
 *             form of "noth") and must stay so, for it is counted. Works on bytes.
 * Lifetime    lexicon_create / lexicon_free. A base is either constant or lies in the caller's
 *             inflection, until its next use.
 * Threads     a lexicon is immutable after create; an inflection belongs to one thread.
 * See         tests/unit/grammar/inflect.c: every word and form of the oracle. */
#ifndef GRAMMAR_INFLECT_H
#define GRAMMAR_INFLECT_H

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"

enum tense { TENSE_BASE, TENSE_PAST, TENSE_GERUND, N_TENSES };

enum word_role {
    ROLE_ARTICLE_A = 1,
    ROLE_ARTICLE_THE = 2,
    ROLE_DETERMINER = 4,
    ROLE_AUXILIARY = 8,
    ROLE_CLAUSE_END = 16,
    ROLE_TERM = 32,
    ROLE_DUAL = 64 /* the base of a known verb and of a known noun */
};

/* A word of the tables. */
struct known_word {
    struct str word;
    struct str verb, noun; /* the bases; ptr NULL for none */
    struct str past, gerund, plural;
    uint8_t tense;
    bool is_plural;
    unsigned roles;
};

struct lexicon {
    struct known_word *words;
    size_t n_words, cap_words;
    struct map by_word;
    bool is_full;
};

struct inflection {
    struct buf stem[4], form;
};

struct verb_match {
    struct str base; /* ptr NULL: no verb */
    enum tense tense;
};

struct noun_match {
    struct str base; /* ptr NULL: no noun */
    bool is_plural;
};

/* `is_full`: with what the locale adds. */
struct lexicon *lexicon_create(bool is_full);
void lexicon_free(struct lexicon *lexicon);
/* NULL when it is not in the tables. */
const struct known_word *lexicon_find(const struct lexicon *lexicon, struct str word);

void inflection_init(struct inflection *inflection);
void inflection_release(struct inflection *inflection);

/* `word` is in lower case and not empty; `known` is its table entry, or NULL. */
struct verb_match match_verb(struct inflection *inflection, const struct lexicon *lexicon,
                             struct str word, const struct known_word *known);
struct noun_match match_noun(struct inflection *inflection, const struct lexicon *lexicon,
                             struct str word, const struct known_word *known);

/* The forms of a base, into an empty buf. */
void put_past(struct buf *out, const struct lexicon *lexicon, struct str base);
void put_gerund(struct buf *out, const struct lexicon *lexicon, struct str base);
void put_plural(struct buf *out, const struct lexicon *lexicon, struct str base);

#endif
