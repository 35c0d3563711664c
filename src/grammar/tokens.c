/* tokens.c - see tokens.h. */
#include "grammar/tokens.h"

#include <stdlib.h>

#include "base/vec.h"
#include "text/utf8.h"

void tokens_init(struct tokens *tokens, const struct lexicon *lexicon)
{
    *tokens = (struct tokens){.lexicon = lexicon};
    inflection_init(&tokens->inflection);
    buf_init(&tokens->lower, (size_t)256 << 20);
}

void tokens_clear(struct tokens *tokens)
{
    map_release(&tokens->by_key);
    arena_release(&tokens->arena);
    tokens->by_key = (struct map){0};
    tokens->arena = (struct arena){0};
    tokens->n_keys = 0;
    tokens->n = 0;
}

void tokens_release(struct tokens *tokens)
{
    tokens_clear(tokens);
    free(tokens->items);
    free(tokens->keys);
    inflection_release(&tokens->inflection);
    buf_release(&tokens->lower);
}

uint32_t tokens_key(struct tokens *tokens, struct str base)
{
    uint32_t key = map_get(&tokens->by_key, base);
    if (key != MAP_NONE)
        return key;
    struct str kept = arena_str(&tokens->arena, base);
    key = (uint32_t)tokens->n_keys;
    VEC_PUSH(tokens->keys, tokens->n_keys, tokens->cap_keys, kept);
    map_add(&tokens->by_key, kept, key);
    return key;
}

/* White space as Go's unicode.IsSpace has it. */
static bool is_space(uint32_t cp)
{
    return utf8_is_space(cp) && !(cp >= 0x1C && cp <= 0x1F);
}

static bool next_piece(struct str *piece, struct str text, size_t *at)
{
    size_t start = *at, end = *at;
    for (size_t next = start; start < text.len && is_space(utf8_next(text, &next)); start = next)
        continue;
    end = start;
    for (size_t next = end; end < text.len && !is_space(utf8_next(text, &next)); end = next)
        continue;
    *piece = str_sub(text, start, end - start);
    *at = end;
    return end > start;
}

/* Each character by itself: a final sigma is like any other, U+0130 becomes i alone. */
static struct str lower(struct buf *out, struct str word)
{
    buf_reset(out);
    for (size_t at = 0; at < word.len;) {
        uint8_t c = (uint8_t)word.ptr[at];
        if (c < 0x80) {
            buf_putc(out, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
            at++;
            continue;
        }
        uint32_t mapped[3];
        size_t start = at;
        utf8_next(word, &at);
        utf8_lower_at(mapped, str_sub(word, start, at - start), 0);
        utf8_put(out, mapped[0]);
    }
    return buf_str(out);
}

/* Takes the mark off the end of a piece; N_MARKS when there is none. */
static enum mark take_mark(struct str *piece)
{
    static const char marks[] = ".?!:;,";
    size_t len = piece->len;
    if (str_ends(*piece, str_of("..."))) {
        piece->len -= 3;
        return MARK_PROGRESS;
    }
    for (enum mark mark = MARK_QUESTION; len > 1 && mark <= MARK_COMMA; mark++) {
        if (piece->ptr[len - 1] != marks[mark])
            continue;
        piece->len--;
        return mark;
    }
    return N_MARKS;
}

static struct token classify(struct tokens *tokens, struct str word)
{
    const struct known_word *known = lexicon_find(tokens->lexicon, word);
    unsigned roles = known ? known->roles : 0;
    struct token token = {.roles = (uint8_t)roles, .certainty = 1};
    if (roles & (ROLE_ARTICLE_A | ROLE_ARTICLE_THE)) {
        token.type = TOKEN_ARTICLE;
        token.form = (roles & ROLE_ARTICLE_THE) != 0;
        return token;
    }
    struct verb_match verb = match_verb(&tokens->inflection, tokens->lexicon, word, known);
    if (verb.base.ptr) {
        token.type = TOKEN_VERB;
        token.form = (uint8_t)verb.tense;
        token.is_dual = (roles & ROLE_DUAL) != 0;
        token.key = tokens_key(tokens, verb.base);
        return token;
    }
    struct noun_match noun = match_noun(&tokens->inflection, tokens->lexicon, word, known);
    if (noun.base.ptr) {
        token.type = TOKEN_NOUN;
        token.form = noun.is_plural;
        token.key = tokens_key(tokens, noun.base);
    } else {
        token.type = roles & ROLE_TERM ? TOKEN_TERM : TOKEN_UNKNOWN;
    }
    return token;
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

static bool push(struct tokens *tokens, struct token token, struct err *err)
{
    if (tokens->n == TOKENS_MAX)
        return err_set(err, ERR_LIMIT, "text of more than %d words and marks", TOKENS_MAX);
    VEC_PUSH(tokens->items, tokens->n, tokens->cap, token);
    return true;
}

bool tokens_load(struct tokens *tokens, struct str text, struct err *err)
{
    struct str piece;
    bool has_dual = false;
    size_t bad = utf8_check(text);
    if (bad < text.len)
        return err_set(err, ERR_FORMAT, "text is not UTF-8 at byte %zu", bad);
    tokens_clear(tokens);
    for (size_t at = 0; next_piece(&piece, text, &at);) {
        enum mark mark = take_mark(&piece);
        if (piece.len > 0) {
            struct token token = classify(tokens, lower(&tokens->lower, piece));
            token.start = (uint32_t)(piece.ptr - text.ptr);
            token.len = (uint32_t)piece.len;
            has_dual |= token.is_dual;
            token.certainty = token.is_dual ? 0 : 1;
            if (!push(tokens, token, err))
                return false;
        }
        size_t end = (size_t)(piece.ptr - text.ptr) + piece.len; /* of the word */
        struct token token = {.type = TOKEN_MARK,
                              .form = (uint8_t)mark,
                              .certainty = 1,
                              .start = (uint32_t)end,
                              .len = (uint32_t)(at - end)};
        if (mark != N_MARKS && !push(tokens, token, err))
            return false;
    }
    if (has_dual)
        settle_duals(tokens);
    return true;
}
