/* english.h - the words the grammar engine knows, and nothing it works out.
 * Does        holds the tables as data: words with one space between them. A general list of
 *             irregular verbs would not do: which words are known decides the scores.
 * Threads     constant.
 * See         tests/oracle/grammar-vectors.json, which every entry is tested against. */
#ifndef GRAMMAR_ENGLISH_H
#define GRAMMAR_ENGLISH_H

/* What both modes know; `_more` is what the full one adds. */
extern const char english_verbs[], english_verbs_more[]; /* base past gerund ... */
extern const char english_nouns[], english_nouns_more[]; /* singular plural ... */
extern const char english_terms[];                       /* technical words, full mode */

/* For settling what is a verb and a noun alike. */
extern const char english_determiners[], english_auxiliaries[], english_clause_ends[];

/* Words of three or four letters whose last is not doubled though it looks as if. */
extern const char english_undoubled[];
/* Nouns on -o that take -es. */
extern const char english_es_nouns[];

#endif
