/* tokens.h - a text as verbs, nouns, articles, terms, marks and words that are none of these.
 * Does        splits at white space, takes one trailing mark off each piece and says what the word
 *             is. In full mode six words are a verb or a noun by what stands around them. Short
 *             words are remembered from text to text: what a word is by itself never changes.
 * Lifetime    tokens_init / tokens_release; tokens and keys last until the next tokens_load.
 * Threads     one thread at a time; the lexicon may be shared.
 * Limits      TOKENS_MAX tokens a text; time grows in proportion to the text.
 * Errors      tokens_load: ERR_FORMAT for text that is not UTF-8, ERR_LIMIT for too many tokens.
 * See         tests/oracle/grammar-vectors.json. */
#ifndef GRAMMAR_TOKENS_H
#define GRAMMAR_TOKENS_H

#include "base/arena.h"
#include "base/err.h"
#include "grammar/inflect.h"

enum { TOKENS_MAX = 12 << 20 };

enum token_type { TOKEN_UNKNOWN, TOKEN_VERB, TOKEN_NOUN, TOKEN_ARTICLE, TOKEN_TERM, TOKEN_MARK };

enum mark {
    MARK_PROGRESS,
    MARK_QUESTION,
    MARK_EXCLAMATION,
    MARK_LABEL,
    MARK_SEPARATOR,
    MARK_COMMA,
    N_MARKS
};
enum { N_ARTICLES = 2 };

struct token {
    uint32_t key;  /* of a verb or a noun: its base, as an index into keys */
    uint8_t type;  /* enum token_type */
    uint8_t form;  /* verb: enum tense; noun: is it plural; article: is it "the"; mark: which */
    uint8_t roles; /* enum word_role of the word */
    uint32_t start, len; /* the word or mark, in bytes of the text */
    bool is_dual;     /* settled from what stands around it; the other reading has 1 - certainty */
    double certainty; /* 1 for others */
};

/* A verb's or noun's base, of this text or an earlier one. */
struct word_base {
    struct str word;
    uint32_t text; /* the number of the text it was last met in */
    uint32_t key;  /* its index among the keys of that text */
};

struct word_memo; /* what short words are; see tokens.c */

struct tokens {
    const struct lexicon *lexicon;
    struct token *items;
    size_t n, cap;
    struct str *keys; /* the bases of this text, each once */
    size_t n_keys, cap_keys;
    struct word_base *bases;
    size_t n_bases, cap_bases;
    struct map by_base;
    struct arena arena; /* of the bases */
    uint32_t text;      /* the number of this text */
    struct word_memo *memo;
    bool has_no_memo; /* looks at every word anew, for tests */
    struct inflection inflection;
    struct buf lower;
};

void tokens_init(struct tokens *tokens, const struct lexicon *lexicon);
/* The index of a base among the keys, added when it is new. */
uint32_t tokens_key(struct tokens *tokens, struct str base);
/* The same without adding: MAP_NONE when this text has no such base. */
uint32_t tokens_find_key(const struct tokens *tokens, struct str base);
/* No tokens and no keys. */
void tokens_clear(struct tokens *tokens);
MUST_USE bool tokens_load(struct tokens *tokens, struct str text, struct err *err);
void tokens_release(struct tokens *tokens);

#endif
