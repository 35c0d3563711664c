#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"
#include "template/jinja_ast.h"
#include "text/utf8.h"

/* Jinja's white space rules, set as chat templates expect them: the newline after a block tag goes
 * (trim_blocks), so does the indent before one (lstrip_blocks), "-" on either side of any tag takes
 * all white space there, "+" keeps it, and one newline at the very end of the source goes. */

struct lexer {
    struct arena *arena;
    struct str src;
    size_t at;
    size_t line_at; /* src[0, line_at) has been counted into `line` */
    uint32_t line;
    bool line_starts; /* the last piece read ended in a newline, or nothing was read yet */
    char stack[JINJA_NEST_MAX];
    size_t depth; /* open brackets, in `stack` */
    struct token *tokens;
    size_t count, cap;
    struct err *err;
};

static uint32_t line_of(struct lexer *lex, size_t at)
{
    for (; lex->line_at < at; lex->line_at++)
        lex->line += lex->src.ptr[lex->line_at] == '\n';
    return lex->line;
}

static bool lex_fail(struct lexer *lex, size_t at, const char *what)
{
    return err_set(lex->err, ERR_FORMAT, "template line %u: %s", (unsigned)line_of(lex, at), what);
}

static bool token_add(struct lexer *lex, enum token_type type, size_t at, struct str s)
{
    if (lex->count >= JINJA_TOKENS_MAX)
        return err_set(lex->err, ERR_LIMIT, "template: more than %d tokens", JINJA_TOKENS_MAX);
    struct token token = {.type = type, .line = line_of(lex, at), .s = s};
    VEC_PUSH(lex->tokens, lex->count, lex->cap, token);
    return true;
}

static bool here(const struct lexer *lex, size_t at, const char *word)
{
    return str_starts(str_from(lex->src, size_min(at, lex->src.len)), str_of(word));
}

static size_t skip_space(const struct lexer *lex, size_t at)
{
    while (at < lex->src.len) {
        size_t next = at;
        if (!utf8_is_space(utf8_next(lex->src, &next)))
            break;
        at = next;
    }
    return at;
}

/* Moves past `end` ("%}" and the like) at `at`, which may carry a sign, and past the white space it
 * takes. */
static bool skip_tag_end(struct lexer *lex, const char *end, bool trims_newline)
{
    size_t at = lex->at;
    bool minus = here(lex, at, "-") && here(lex, at + 1, end);
    bool plus = trims_newline && here(lex, at, "+") && here(lex, at + 1, end);
    if (!minus && !plus && !here(lex, at, end))
        return false;
    at += strlen(end) + (minus || plus);
    if (minus)
        at = skip_space(lex, at);
    else if (!plus && trims_newline && here(lex, at, "\n"))
        at++;
    lex->at = at;
    lex->line_starts = lex->src.ptr[at - 1] == '\n';
    return true;
}

/* The text before a tag, less what the tag's sign or lstrip_blocks takes from its end. */
static struct str cut_before_tag(const struct lexer *lex, struct str text, char sign, bool is_print)
{
    if (sign == '-')
        return utf8_rstrip(text);
    if (sign == '+' || is_print)
        return text;
    size_t start = text.len;
    while (start > 0 && text.ptr[start - 1] != '\n')
        start--;
    bool whole_line = start > 0 || lex->line_starts;
    return whole_line && utf8_strip(str_from(text, start)).len == 0 ? str_n(text.ptr, start) : text;
}

static bool text_add(struct lexer *lex, size_t at, struct str text)
{
    return text.len == 0 || token_add(lex, TOKEN_TEXT, at, text);
}

static char sign_at(const struct lexer *lex, size_t at)
{
    char c = at < lex->src.len ? lex->src.ptr[at] : '\0';
    return c == '-' || c == '+' ? c : '\0';
}

static bool lex_comment(struct lexer *lex)
{
    size_t start = lex->at, end = str_find(lex->src, (struct str)STR("#}"), start);
    if (end == (size_t)-1)
        return lex_fail(lex, start, "a comment is not closed, expected '#}'");
    lex->at = end > start && sign_at(lex, end - 1) ? end - 1 : end;
    skip_tag_end(lex, "#}", true);
    return true;
}

/* Whether a tag at `at` ("{%") is `{% word %}`; *after is where its closing mark stands. */
static bool is_word_tag(const struct lexer *lex, size_t at, const char *word, size_t *after)
{
    at += 2;
    at = skip_space(lex, at + (sign_at(lex, at) != '\0'));
    if (!here(lex, at, word))
        return false;
    *after = skip_space(lex, at + strlen(word));
    return here(lex, *after, "%}") || here(lex, *after, "-%}") || here(lex, *after, "+%}");
}

/* From after `{% raw %}` to its end tag: text as it stands. */
static bool lex_raw(struct lexer *lex)
{
    size_t start = lex->at, after;
    for (size_t tag = start;; tag += 2) {
        tag = str_find(lex->src, (struct str)STR("{%"), tag);
        if (tag == (size_t)-1)
            return lex_fail(lex, start, "a raw block is not closed, expected 'endraw'");
        if (!is_word_tag(lex, tag, "endraw", &after))
            continue;
        struct str text = str_sub(lex->src, start, tag - start);
        text = cut_before_tag(lex, text, sign_at(lex, tag + 2), false);
        lex->at = after;
        return text_add(lex, start, text) && skip_tag_end(lex, "%}", true);
    }
}

static uint32_t hex_digits(struct str s, size_t at, size_t n)
{
    uint32_t cp = 0;
    if (at + n > s.len)
        return UTF8_BAD;
    for (size_t i = 0; i < n; i++) {
        char c = s.ptr[at + i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return UTF8_BAD;
        cp = cp << 4 | digit;
    }
    return cp;
}

static bool is_octal(struct str s, size_t at)
{
    return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '7';
}

/* \x41 \u00e9 \U0001f600, from after the backslash; *at moves past it. */
static bool unescape_hex(struct buf *out, struct str s, size_t *at)
{
    size_t n = s.ptr[*at] == 'x' ? 2 : s.ptr[*at] == 'u' ? 4 : 8;
    uint32_t cp = hex_digits(s, *at + 1, n);
    *at += 1 + n;
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
        return false;
    utf8_put(out, cp);
    return true;
}

/* One escape, from after its backslash. Unknown ones stay as they are, as in Python. */
static bool unescape_one(struct buf *out, struct str s, size_t *at)
{
    static const char names[] = "abfnrtv\\'\"", values[] = "\a\b\f\n\r\t\v\\'\"";
    char c = s.ptr[*at];
    const char *known = c ? strchr(names, c) : NULL;
    if (c == 'x' || c == 'u' || c == 'U')
        return unescape_hex(out, s, at);
    if (c == 'N')
        return false;
    if (is_octal(s, *at)) {
        uint32_t cp = 0;
        for (int i = 0; i < 3 && is_octal(s, *at); i++)
            cp = cp * 8 + (uint32_t)(s.ptr[(*at)++] - '0');
        utf8_put(out, cp);
        return true;
    }
    ++*at;
    if (known)
        buf_putc(out, values[known - names]);
    else if (c != '\n')
        buf_printf(out, "\\%c", c);
    return true;
}

static bool lex_str(struct lexer *lex)
{
    size_t start = lex->at, end = start + 1;
    char quote = lex->src.ptr[start];
    bool escapes = false;
    for (; end < lex->src.len && lex->src.ptr[end] != quote; end++) {
        if (lex->src.ptr[end] == '\\') {
            escapes = true;
            end++;
        }
    }
    if (end >= lex->src.len)
        return lex_fail(lex, start, "a string is not closed");
    struct str s = str_sub(lex->src, start + 1, end - start - 1);
    if (escapes) {
        struct buf out;
        bool ok = true;
        buf_init(&out, s.len * 2);
        for (size_t at = 0; at < s.len && ok;) {
            if (s.ptr[at] != '\\')
                buf_putc(&out, s.ptr[at++]);
            else if (++at < s.len)
                ok = unescape_one(&out, s, &at);
        }
        s = arena_str(lex->arena, buf_str(&out));
        buf_release(&out);
        if (!ok)
            return lex_fail(lex, start, "a string holds an escape that names no character");
    }
    lex->at = end + 1;
    return token_add(lex, TOKEN_STR, start, s);
}

static bool is_digit(const struct lexer *lex, size_t at)
{
    return at < lex->src.len && lex->src.ptr[at] >= '0' && lex->src.ptr[at] <= '9';
}

/* End of a run of digits that may have single underscores between them. */
static size_t skip_digits(const struct lexer *lex, size_t at)
{
    while (is_digit(lex, at) ||
           (here(lex, at, "_") && at > 0 && is_digit(lex, at - 1) && is_digit(lex, at + 1)))
        at++;
    return at;
}

static size_t float_end(const struct lexer *lex, size_t start)
{
    size_t at = skip_digits(lex, start);
    if (start > 0 && lex->src.ptr[start - 1] == '.')
        return start; /* a.1.2 is two items, not a fraction */
    bool fraction = here(lex, at, ".") && is_digit(lex, at + 1);
    if (fraction)
        at = skip_digits(lex, at + 1);
    if (here(lex, at, "e") || here(lex, at, "E")) {
        size_t digits = at + 1 + (sign_at(lex, at + 1) != '\0');
        if (is_digit(lex, digits))
            return skip_digits(lex, digits);
    }
    return fraction ? at : start;
}

static bool lex_number(struct lexer *lex)
{
    char digits[64];
    size_t start = lex->at, end = float_end(lex, start), n = 0;
    bool is_float = end > start;
    int base = 10;
    if (!is_float && here(lex, start, "0") && start + 1 < lex->src.len) {
        char c = (char)(lex->src.ptr[start + 1] | 0x20);
        base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 10;
    }
    size_t at = start + (base == 10 ? 0 : 2);
    if (base != 10)
        for (end = at; hex_digits(lex->src, end, 1) != UTF8_BAD || here(lex, end, "_");)
            end++;
    else if (!is_float)
        end = skip_digits(lex, start);
    for (; at < end && n < sizeof digits - 1; at++)
        if (lex->src.ptr[at] != '_')
            digits[n++] = lex->src.ptr[at];
    digits[n] = '\0';
    if (at < end || !token_add(lex, is_float ? TOKEN_FLOAT : TOKEN_INT, start,
                               str_sub(lex->src, start, end - start)))
        return lex_fail(lex, start, "a number is too long");
    struct token *token = &lex->tokens[lex->count - 1];
    char *stop = digits;
    if (is_float) {
        token->f = strtod(digits, &stop);
    } else {
        uint64_t u = strtoull(digits, &stop, base);
        token->i = (int64_t)u;
        if (u > INT64_MAX || n > 62)
            return lex_fail(lex, start, "a whole number does not fit in 64 bits");
    }
    lex->at = end;
    bool leading_zero = base == 10 && !is_float && digits[0] == '0' && token->i != 0;
    return (!*stop && n > 0 && !leading_zero) || lex_fail(lex, start, "a number is malformed");
}

static bool is_name_char(const struct lexer *lex, size_t at, size_t *next)
{
    *next = at;
    if (at >= lex->src.len)
        return false;
    uint32_t cp = utf8_next(lex->src, next);
    return cp == '_' || utf8_is_alnum(cp);
}

static bool lex_name(struct lexer *lex)
{
    size_t start = lex->at, next;
    while (is_name_char(lex, lex->at, &next))
        lex->at = next;
    return token_add(lex, TOKEN_NAME, start, str_sub(lex->src, start, lex->at - start));
}

/* Keeps account of brackets, so that "}}" may close two dicts. */
static bool balance(struct lexer *lex, char c)
{
    static const char opening[] = "([{", closing[] = ")]}";
    if (strchr(opening, c)) {
        if (lex->depth == JINJA_NEST_MAX)
            return err_set(lex->err, ERR_LIMIT, "template line %u: brackets nested over %d deep",
                           (unsigned)line_of(lex, lex->at), JINJA_NEST_MAX);
        lex->stack[lex->depth++] = closing[strchr(opening, c) - opening];
        return true;
    }
    if (!strchr(closing, c))
        return true;
    if (lex->depth == 0 || lex->stack[lex->depth - 1] != c)
        return lex_fail(lex, lex->at, "a closing bracket has no opening one");
    lex->depth--;
    return true;
}

static bool lex_op(struct lexer *lex)
{
    static const char *const pairs[] = {"//", "**", "==", "!=", ">=", "<="};
    size_t len = 1;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (here(lex, lex->at, pairs[i]))
            len = 2;
    char c = lex->src.ptr[lex->at];
    if (!c || !strchr("+-/*%~[](){}><=.:|,;!", c) || (c == '!' && len == 1))
        return lex_fail(lex, lex->at, "a character that has no meaning in a tag");
    if (len == 1 && !balance(lex, c))
        return false;
    lex->at += len;
    return token_add(lex, TOKEN_OP, lex->at - len, str_sub(lex->src, lex->at - len, len));
}

/* The inside of {{ }} or {% %}, and its end. */
static bool lex_tag(struct lexer *lex, bool is_print)
{
    enum token_type closing = is_print ? TOKEN_PRINT_END : TOKEN_BLOCK_END;
    size_t start = lex->at;
    lex->depth = 0;
    while (lex->at < lex->src.len) {
        size_t from = lex->at, next;
        if (lex->depth == 0 && skip_tag_end(lex, is_print ? "}}" : "%}", !is_print))
            return token_add(lex, closing, from, str_n("", 0));
        char c = lex->src.ptr[from];
        bool ok = true;
        if (skip_space(lex, from) > from)
            lex->at = skip_space(lex, from);
        else if (is_digit(lex, from))
            ok = lex_number(lex);
        else if (is_name_char(lex, from, &next))
            ok = lex_name(lex);
        else if (c == '\'' || c == '"')
            ok = lex_str(lex);
        else
            ok = lex_op(lex);
        if (!ok)
            return false;
    }
    return lex_fail(lex, start, is_print ? "'{{' is not closed" : "'{%' is not closed");
}

static size_t find_tag(const struct lexer *lex)
{
    for (size_t at = lex->at; at + 1 < lex->src.len; at++) {
        char c = lex->src.ptr[at + 1];
        if (lex->src.ptr[at] == '{' && (c == '{' || c == '%' || c == '#'))
            return at;
    }
    return lex->src.len;
}

/* The text up to the next tag, and the tag. */
static bool lex_piece(struct lexer *lex)
{
    size_t start = lex->at, tag = find_tag(lex), after;
    struct str text = str_sub(lex->src, start, tag - start);
    if (tag == lex->src.len) {
        lex->at = tag;
        return text_add(lex, start, text);
    }
    char kind = lex->src.ptr[tag + 1], sign = sign_at(lex, tag + 2);
    if (!text_add(lex, start, cut_before_tag(lex, text, sign, kind == '{')))
        return false;
    if (kind == '%' && is_word_tag(lex, tag, "raw", &after) && !here(lex, after, "+")) {
        lex->at = after;
        return skip_tag_end(lex, "%}", false) && lex_raw(lex);
    }
    lex->at = tag + 2 + (sign != '\0');
    lex->line_starts = false;
    if (kind == '#')
        return lex_comment(lex);
    enum token_type opening = kind == '{' ? TOKEN_PRINT_BEGIN : TOKEN_BLOCK_BEGIN;
    return token_add(lex, opening, tag, str_n("", 0)) && lex_tag(lex, kind == '{');
}

/* A copy with every line end as \n, less one at the very end. */
static struct str normalise_newlines(struct arena *arena, struct str source)
{
    char *to = arena_alloc(arena, source.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < source.len; i++) {
        bool cr = source.ptr[i] == '\r';
        to[n++] = cr ? '\n' : source.ptr[i];
        if (cr && i + 1 < source.len && source.ptr[i + 1] == '\n')
            i++;
    }
    return str_n(to, n - (n > 0 && to[n - 1] == '\n'));
}

bool jinja_lex(struct token **out, struct arena *arena, struct str source, struct err *err)
{
    struct lexer lex = {.arena = arena, .line = 1, .line_starts = true, .err = err};
    *out = NULL;
    if (source.len > JINJA_SOURCE_MAX)
        return err_set(err, ERR_LIMIT, "template: %zu bytes, at most %d are read", source.len,
                       JINJA_SOURCE_MAX);
    size_t bad = utf8_check(source);
    if (bad < source.len)
        return err_set(err, ERR_FORMAT, "template: byte %zu is not valid UTF-8", bad);
    lex.src = normalise_newlines(arena, source);
    bool ok = true;
    while (ok && lex.at < lex.src.len)
        ok = lex_piece(&lex);
    ok = ok && token_add(&lex, TOKEN_END, lex.src.len, str_n("", 0));
    if (ok) {
        *out = arena_alloc(arena, lex.count, sizeof **out);
        memcpy(*out, lex.tokens, lex.count * sizeof **out);
    }
    free(lex.tokens);
    return ok;
}
