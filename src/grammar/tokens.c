/* tokens.c - see tokens.h. */
#include "grammar/tokens.h"

#include <stdlib.h>

#include "base/vec.h"
#include "text/utf8.h"

enum { BASES_MAX = 1 << 16, MEMO_BITS = 13, MEMO_WORD_MAX = 16 };

/* What a word is by itself; as in struct token. */
struct word_class {
    uint32_t base; /* of a verb or noun */
    uint8_t type, form, roles;
    bool is_dual;
};

/* A word of at most MEMO_WORD_MAX bytes. */
struct memo_entry {
    uint64_t low, high; /* its bytes as they stand in the text, zeros behind them */
    struct word_class class;
    uint8_t len; /* 0: free */
};

/* Pairs of entries, a cache line each; a word has one pair, of which the first is the one used last,
 * and a new word takes the place of the other. */
struct word_memo {
    struct memo_entry pairs[1 << MEMO_BITS][2];
};

void tokens_init(struct tokens *tokens, const struct lexicon *lexicon)
{
    *tokens = (struct tokens){.lexicon = lexicon, .text = 1};
    inflection_init(&tokens->inflection);
    buf_init(&tokens->lower, (size_t)256 << 20);
}

static void forget_bases(struct tokens *tokens)
{
    map_release(&tokens->by_base);
    arena_release(&tokens->arena);
    free(tokens->memo);
    tokens->by_base = (struct map){0};
    tokens->arena = (struct arena){0};
    tokens->memo = NULL;
    tokens->n_bases = 0;
    tokens->text = 1;
}

void tokens_clear(struct tokens *tokens)
{
    if (tokens->n_bases > BASES_MAX || tokens->text == UINT32_MAX)
        forget_bases(tokens);
    tokens->text++;
    tokens->n_keys = 0;
    tokens->n = 0;
}

void tokens_release(struct tokens *tokens)
{
    forget_bases(tokens);
    free(tokens->bases);
    free(tokens->items);
    free(tokens->keys);
    inflection_release(&tokens->inflection);
    buf_release(&tokens->lower);
}

static uint32_t base_of(struct tokens *tokens, struct str word)
{
    uint32_t base = map_get(&tokens->by_base, word);
    if (base != MAP_NONE)
        return base;
    struct word_base new = {.word = arena_str(&tokens->arena, word)};
    base = (uint32_t)tokens->n_bases;
    VEC_PUSH(tokens->bases, tokens->n_bases, tokens->cap_bases, new);
    map_add(&tokens->by_base, new.word, base);
    return base;
}

static uint32_t key_of(struct tokens *tokens, uint32_t index)
{
    struct word_base *base = &tokens->bases[index];
    if (base->text != tokens->text) {
        base->text = tokens->text;
        base->key = (uint32_t)tokens->n_keys;
        VEC_PUSH(tokens->keys, tokens->n_keys, tokens->cap_keys, base->word);
    }
    return base->key;
}

uint32_t tokens_key(struct tokens *tokens, struct str base)
{
    return key_of(tokens, base_of(tokens, base));
}

uint32_t tokens_find_key(const struct tokens *tokens, struct str base)
{
    uint32_t index = map_get(&tokens->by_base, base);
    bool here = index != MAP_NONE && tokens->bases[index].text == tokens->text;
    return here ? tokens->bases[index].key : MAP_NONE;
}

/* White space as Go's unicode.IsSpace has it; *at moves past the character. */
static bool take_space(struct str text, size_t *at)
{
    uint8_t c = (uint8_t)text.ptr[*at];
    if (c < 0x80) {
        ++*at;
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
    return utf8_is_space(utf8_next(text, at));
}

/* The first byte from `at` on that is no printing ASCII character, for eight bytes at a time: the
 * lowest byte with its top bit set is the first that was below 0x21 or above 0x7F. */
static size_t skip_printing(struct str text, size_t at)
{
    uint64_t bytes;
    for (; text.len - at >= sizeof bytes; at += sizeof bytes) {
        memcpy(&bytes, text.ptr + at, sizeof bytes);
        uint64_t others = ((bytes - 0x2121212121212121u) | bytes) & 0x8080808080808080u;
        if (others)
            return at + (size_t)__builtin_ctzll(others) / 8;
    }
    while (at < text.len && text.ptr[at] > 0x20)
        at++;
    return at;
}

static bool next_piece(struct str *piece, struct str text, size_t *at)
{
    size_t start = *at, end;
    for (size_t next = start; start < text.len && take_space(text, &next); start = next)
        continue;
    for (size_t next = end = start; (end = skip_printing(text, next)) < text.len;) {
        next = end;
        if (take_space(text, &next))
            break;
    }
    *piece = str_sub(text, start, end - start);
    *at = end;
    return end > start;
}

/* Each character by itself: a final sigma is like any other, U+0130 becomes i alone. */
static struct str lower(struct buf *out, struct str word)
{
    size_t at = 0;
    buf_reset(out);
    char *ascii = buf_room(out, word.len);
    for (; at < word.len && (uint8_t)word.ptr[at] < 0x80; at++)
        ascii[at] =
            (char)(word.ptr[at] >= 'A' && word.ptr[at] <= 'Z' ? word.ptr[at] + 32 : word.ptr[at]);
    out->len = at;
    while (at < word.len) {
        uint32_t mapped[3];
        size_t start = at;
        utf8_next(word, &at);
        utf8_lower_at(mapped, str_sub(word, start, at - start), 0);
        utf8_put(out, mapped[0]);
    }
    return buf_str(out);
}

static enum mark mark_of(char c)
{
    switch (c) {
    case '?': return MARK_QUESTION;
    case '!': return MARK_EXCLAMATION;
    case ':': return MARK_LABEL;
    case ';': return MARK_SEPARATOR;
    case ',': return MARK_COMMA;
    default: return N_MARKS;
    }
}

/* Takes the mark off the end of a piece; N_MARKS when there is none. */
static enum mark take_mark(struct str *piece)
{
    char last = piece->ptr[piece->len - 1];
    if (last == '.') {
        bool three = str_ends(*piece, str_of("..."));
        piece->len -= three ? 3 : 0;
        return three ? MARK_PROGRESS : N_MARKS;
    }
    enum mark mark = piece->len > 1 ? mark_of(last) : N_MARKS;
    piece->len -= mark != N_MARKS;
    return mark;
}

static struct word_class classify(struct tokens *tokens, struct str word)
{
    const struct known_word *known = lexicon_find(tokens->lexicon, word);
    unsigned roles = known ? known->roles : 0;
    struct word_class class = {.roles = (uint8_t)roles};
    if (roles & (ROLE_ARTICLE_A | ROLE_ARTICLE_THE)) {
        class.type = TOKEN_ARTICLE;
        class.form = (roles & ROLE_ARTICLE_THE) != 0;
        return class;
    }
    struct verb_match verb = match_verb(&tokens->inflection, tokens->lexicon, word, known);
    if (verb.base.ptr) {
        class.type = TOKEN_VERB;
        class.form = (uint8_t)verb.tense;
        class.is_dual = (roles & ROLE_DUAL) != 0;
        class.base = base_of(tokens, verb.base);
        return class;
    }
    struct noun_match noun = match_noun(&tokens->inflection, tokens->lexicon, word, known);
    if (noun.base.ptr) {
        class.type = TOKEN_NOUN;
        class.form = noun.is_plural;
        class.base = base_of(tokens, noun.base);
    } else {
        class.type = roles & ROLE_TERM ? TOKEN_TERM : TOKEN_UNKNOWN;
    }
    return class;
}

/* The bytes of a word, zeros behind them. */
static void load_word(uint64_t *low, uint64_t *high, struct str word, struct str text)
{
    char bytes[MEMO_WORD_MAX] = {0};
    if ((size_t)(text.ptr + text.len - word.ptr) < MEMO_WORD_MAX) {
        memcpy(bytes, word.ptr, word.len);
        memcpy(low, bytes, sizeof *low);
        memcpy(high, bytes + sizeof *low, sizeof *high);
        return;
    }
    memcpy(low, word.ptr, sizeof *low);
    memcpy(high, word.ptr + sizeof *low, sizeof *high);
    if (word.len < sizeof *low)
        *low &= UINT64_MAX >> 8 * (sizeof *low - word.len); /* the first byte is the lowest */
    if (word.len <= sizeof *low)
        *high = 0;
    else
        *high &= UINT64_MAX >> 8 * (MEMO_WORD_MAX - word.len);
}

static struct memo_entry *pair_of(struct word_memo *memo, uint64_t low, uint64_t high)
{
    uint64_t hash = (low ^ high * 0x9E3779B97F4A7C15u) * 0xE7037ED1A0B428DBu;
    return memo->pairs[(hash ^ hash >> 32) * 0x9E3779B97F4A7C15u >> (64 - MEMO_BITS)];
}

static bool is_entry(const struct memo_entry *entry, uint64_t low, uint64_t high, size_t len)
{
    return entry->low == low && entry->high == high && entry->len == len;
}

static bool is_word_token(const struct token *token)
{
    return token->type == TOKEN_VERB || token->type == TOKEN_NOUN;
}

static void set_class(struct token *token, struct word_class class)
{
    token->type = class.type;
    token->form = class.form;
    token->roles = class.roles;
    token->is_dual = class.is_dual;
    token->certainty = class.is_dual ? 0 : 1;
}

/* What a word is, out of the memo where it is there. */
static void look_up(struct token *token, struct tokens *tokens, struct str word, struct str text)
{
    uint64_t low, high;
    if (!tokens->memo && !tokens->has_no_memo)
        tokens->memo = mem_try_aligned(sizeof *tokens->memo, 64);
    if (word.len > MEMO_WORD_MAX || !tokens->memo) {
        struct word_class class = classify(tokens, lower(&tokens->lower, word));
        set_class(token, class);
        token->key = is_word_token(token) ? key_of(tokens, class.base) : 0;
        return;
    }
    load_word(&low, &high, word, text);
    struct memo_entry *entry = pair_of(tokens->memo, low, high);
    if (!is_entry(entry, low, high, word.len)) {
        struct memo_entry found = entry[1];
        if (!is_entry(&found, low, high, word.len))
            found = (struct memo_entry){low, high, classify(tokens, lower(&tokens->lower, word)),
                                        (uint8_t)word.len};
        entry[1] = entry[0];
        entry[0] = found;
    }
    set_class(token, entry->class);
    token->key = is_word_token(token) ? key_of(tokens, entry->class.base) : 0;
}

/* How often each base stands there in a form that tells verb from noun. */
struct echo {
    bool as_plural, as_inflected;
};

static struct echo *find_echoes(const struct tokens *tokens)
{
    struct echo *echoes = mem_zalloc(tokens->n_keys + 1, sizeof *echoes);
    for (size_t i = 0; i < tokens->n; i++) {
        const struct token *token = &tokens->items[i];
        if (token->type == TOKEN_NOUN && token->form)
            echoes[token->key].as_plural = true;
        else if (token->type == TOKEN_VERB && token->form != TENSE_BASE)
            echoes[token->key].as_inflected = true;
    }
    return echoes;
}

static bool ends_clause(const struct token *token)
{
    return token->type == TOKEN_MARK || token->roles & ROLE_CLAUSE_END;
}

/* A verb beyond doubt; dual ones that are not settled yet have certainty 0. */
static bool is_certain_verb(const struct token *token)
{
    return token->type == TOKEN_VERB && token->certainty >= 1;
}

static void settle(struct token *items, size_t n, size_t i, struct echo echo, bool has_verb)
{
    static const struct token nothing;
    const struct token *before = i > 0 ? &items[i - 1] : &nothing;
    const struct token *after = i + 1 < n ? &items[i + 1] : &nothing;
    bool after_open = after->is_dual;
    bool after_noun =
        after->type == TOKEN_ARTICLE || after->type == TOKEN_NOUN || after->roles & ROLE_DETERMINER;
    double noun = 0, verb = 0;
    noun += before->roles & ROLE_DETERMINER ? 0.35 : 0;
    verb += before->roles & ROLE_AUXILIARY ? 0.25 : 0;
    if (!after_open && after_noun)
        verb += 0.15;
    else if (!after_open && after->type == TOKEN_VERB)
        noun += 0.15;
    verb += i == 0 ? 0.10 : 0;
    noun += has_verb ? 0.10 : 0;
    verb += echo.as_plural ? 0.03 : 0;
    noun += echo.as_inflected ? 0.03 : 0;
    verb += 0.02;
    double total = verb + noun;
    items[i].type = verb >= noun ? TOKEN_VERB : TOKEN_NOUN;
    items[i].form = 0;
    items[i].certainty = total < 0.10 ? 0.55 : (verb >= noun ? verb : noun) / total;
}

/* From left to right. Within a clause, counts the certain verbs as they come to be settled. */
static void settle_duals(struct tokens *tokens)
{
    struct token *items = tokens->items;
    struct echo *echoes = find_echoes(tokens);
    for (size_t start = 0; start < tokens->n;) {
        size_t end = start, verbs = 0;
        while (end < tokens->n && !ends_clause(&items[end]))
            verbs += is_certain_verb(&items[end++]);
        for (size_t i = start; i < end; i++) {
            if (!items[i].is_dual)
                continue;
            settle(items, tokens->n, i, echoes[items[i].key], verbs > 0);
            verbs += is_certain_verb(&items[i]);
        }
        start = end + 1;
    }
    free(echoes);
}

/* The next token, to be filled in: all zero; NULL when there are too many. */
static struct token *add_token(struct tokens *tokens, struct err *err)
{
    if (tokens->n == TOKENS_MAX) {
        err_set(err, ERR_LIMIT, "text of more than %d words and marks", TOKENS_MAX);
        return NULL;
    }
    if (tokens->n == tokens->cap) {
        tokens->cap = size_max(256, 2 * tokens->cap);
        tokens->items = mem_realloc(tokens->items, tokens->cap, sizeof *tokens->items);
    }
    tokens->items[tokens->n] = (struct token){0};
    return &tokens->items[tokens->n++];
}

bool tokens_load(struct tokens *tokens, struct str text, struct err *err)
{
    struct str piece;
    struct token *token;
    bool has_dual = false;
    size_t bad = utf8_check(text);
    if (bad < text.len)
        return err_set(err, ERR_FORMAT, "text is not UTF-8 at byte %zu", bad);
    tokens_clear(tokens);
    for (size_t at = 0; next_piece(&piece, text, &at);) {
        enum mark mark = take_mark(&piece);
        size_t start = (size_t)(piece.ptr - text.ptr), end = start + piece.len;
        if (piece.len > 0) {
            if (!(token = add_token(tokens, err)))
                return false;
            look_up(token, tokens, piece, text);
            token->start = (uint32_t)start;
            token->len = (uint32_t)piece.len;
            has_dual |= token->is_dual;
        }
        if (mark != N_MARKS) {
            if (!(token = add_token(tokens, err)))
                return false;
            token->type = TOKEN_MARK;
            token->form = (uint8_t)mark;
            token->certainty = 1;
            token->start = (uint32_t)end;
            token->len = (uint32_t)(at - end);
        }
    }
    if (has_dual)
        settle_duals(tokens);
    return true;
}
