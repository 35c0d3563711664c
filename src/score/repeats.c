/* repeats.c - see repeats.h.
 *
 * Five copies of p bytes are 4p places in a row where a byte equals the one p further on. So among
 * any 4p - 7 neighbouring offsets there is one from which eight bytes equal those p further on, and
 * it is enough to look at every (4p - 7)th. All periods of one octave share their offsets: the
 * eight bytes there are then compared along a run of text, and a whole octave costs a quarter of
 * the text's length. What looks equal is followed both ways. */
#include "score/repeats.h"

#include <stdint.h>

#include "base/mem.h"

enum { CHARS_MIN = 10, COPIES = 5, PROBE = 8 };

static uint64_t load(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static size_t equal_ahead(struct str text, size_t at, size_t period, size_t most)
{
    size_t n = 0;
    most = size_min(most, text.len - period - at);
    while (n + PROBE <= most && load(text.ptr + at + n) == load(text.ptr + at + n + period))
        n += PROBE;
    while (n < most && text.ptr[at + n] == text.ptr[at + n + period])
        n++;
    return n;
}

static size_t equal_behind(struct str text, size_t at, size_t period, size_t most)
{
    size_t n = 0;
    most = size_min(most, at);
    while (n < most && text.ptr[at - n - 1] == text.ptr[at - n - 1 + period])
        n++;
    return n;
}

static bool is_inside_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Do COPIES copies of `period` bytes stand around `at`, whole characters and enough of them? */
static bool is_repeated(struct str *copies, struct str text, size_t at, size_t period,
                        size_t *steps)
{
    size_t need = (COPIES - 1) * period, chars = 0;
    size_t behind = equal_behind(text, at, period, need);
    size_t places = behind + equal_ahead(text, at, period, need + 3); /* + a character's rest */
    size_t start = at - behind;
    *steps += places;
    while (places > 0 && is_inside_character(text.ptr[start])) {
        start++;
        places--;
    }
    if (places < need)
        return false;
    for (size_t i = start; i < start + period; i++)
        chars += !is_inside_character(text.ptr[i]);
    *copies = str_sub(text, start, COPIES * period);
    return chars >= CHARS_MIN;
}

/* Looks at the periods from `first` to below `end` around one offset. */
static bool search_at(struct str *copies, struct str text, size_t at, size_t first, size_t end,
                      size_t *steps)
{
    uint64_t here = load(text.ptr + at);
    end = size_min(end, text.len - PROBE - at + 1);
    for (size_t period = first; period < end; period++)
        if (here == load(text.ptr + at + period) && is_repeated(copies, text, at, period, steps))
            return true;
    return false;
}

bool repeats_find(bool *found, struct str *copies, struct str text, struct err *err)
{
    size_t end = text.len / COPIES + 1, steps = 0;
    *found = false;
    *copies = str_n(text.ptr, 0);
    for (size_t first = CHARS_MIN; first < end; first *= 2)
        for (size_t at = 0; at + first + PROBE <= text.len; at += 4 * first - (PROBE - 1)) {
            if (search_at(copies, text, at, first, size_min(2 * first, end), &steps)) {
                *found = true;
                return true;
            }
            if (steps / REPEATS_STEPS_PER_BYTE > text.len)
                return err_set(
                    err, ERR_LIMIT,
                    "a text of %zu bytes repeats itself in too many ways to tell whether "
                    "it says the same five times running",
                    text.len);
        }
    return true;
}
