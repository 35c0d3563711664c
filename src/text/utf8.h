/* utf8.h - Unicode text in UTF-8, with the character rules of Python's str.
 * Does        decodes, checks and encodes code points; counts, trims, splits and changes case as
 *             Python 3.11 does (characters newer than Unicode 14 apart), because the scorers and
 *             chat templates were defined by it.
 * Lifetime    views borrow from the text given; a result written to a buf is the caller's.
 * Threads     no state.
 * Limits      a buf that reaches its ceiling remembers it (`full`); callers check once.
 * Errors      none: a byte that begins no well-formed character is passed over (or copied) alone.
 *             Text from outside is checked once with utf8_check where it enters. */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

enum { UTF8_BAD = 0x7FFFFFFF, UTF8_LEN_MAX = 4 };

/* The code point at *at (< s.len), which moves past it; UTF8_BAD and one byte on where there is
 * none. */
uint32_t utf8_next(struct str s, size_t *at);
/* Start of the character that ends before `at` (> 0). */
size_t utf8_prev(struct str s, size_t at);
/* Writes cp (a scalar value) and returns its length. */
size_t utf8_encode(char out[UTF8_LEN_MAX], uint32_t cp);
bool utf8_put(struct buf *out, uint32_t cp);

/* Offset of the first byte that is not well-formed UTF-8 (surrogates and overlong forms are not),
 * or s.len. */
size_t utf8_check(struct str s);
static inline bool utf8_is_valid(struct str s)
{
    return utf8_check(s) == s.len;
}

size_t utf8_count(struct str s);                  /* code points */
size_t utf8_offset(struct str s, size_t n_chars); /* byte offset of that character, at most s.len */
/* At most the first n_chars characters. */
static inline struct str utf8_cut(struct str s, size_t n_chars)
{
    return str_n(s.ptr, utf8_offset(s, n_chars));
}

/* str.isspace of one character; also what str.split() and str.strip() go by. */
bool utf8_is_space(uint32_t cp);
struct str utf8_strip(struct str s);
struct str utf8_lstrip(struct str s);
struct str utf8_rstrip(struct str s);
/* The words of str.split(): the next one from *at (0 at first), false after the last. */
bool utf8_word(struct str *word, struct str s, size_t *at);
/* The lines of str.splitlines(keepends=False), likewise. */
bool utf8_line(struct str *line, struct str s, size_t *at);

/* str.lower with its full mappings (U+0130, final sigma). */
bool utf8_lower(struct buf *out, struct str s);
/* The mappings of one character: writes up to 3 code points, returns how many. `at` is where it
 * stands in s, for sigma. */
size_t utf8_lower_at(uint32_t out[3], struct str s, size_t at);
size_t utf8_upper_of(uint32_t out[3], uint32_t cp);
size_t utf8_title_of(uint32_t out[3], uint32_t cp);
bool utf8_is_cased(uint32_t cp);
bool utf8_is_lower(uint32_t cp);
bool utf8_is_upper(uint32_t cp);
bool utf8_is_alpha(uint32_t cp); /* str.isalpha */
bool utf8_is_alnum(uint32_t cp); /* str.isalnum; and with it '_', \w of Python's re */
bool utf8_is_digit(uint32_t cp); /* str.isdecimal: \d of Python's re */

/* Normalisation form C of valid text. */
bool utf8_nfc(struct buf *out, struct str s);

#endif
