/* tokens.h - a text as verbs, nouns, articles, terms, marks and words that are none of these.
 * Does        splits at white space, takes one trailing mark off each piece and says what the word
 *             is. In full mode six words are a verb or a noun by what stands around them.
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

struct tokens {
    const struct lexicon *lexicon;
    struct token *items;
    size_t n, cap;
    struct str *keys; /* the bases, each once */
    size_t n_keys, cap_keys;
    struct map by_key;
    struct arena arena; /* of the keys */
    struct inflection inflection;
    struct buf lower;
};

void tokens_init(struct tokens *tokens, const struct lexicon *lexicon);
/* The index of a base among the keys, added when it is new. */
uint32_t tokens_key(struct tokens *tokens, struct str base);
/* No tokens and no keys. */
void tokens_clear(struct tokens *tokens);
MUST_USE bool tokens_load(struct tokens *tokens, struct str text, struct err *err);
void tokens_release(struct tokens *tokens);

#endif
