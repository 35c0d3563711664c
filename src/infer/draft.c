#include "infer/draft.h"

#include "base/mem.h"

/* So many ids must be alike, and each guess wants so many. In 120 greedy answers of two small models
 * 98.9 and 97.5 % of such guesses stand (docs/PERFORMANCE.md). */
enum { ALIKE_MIN = 4, ALIKE_PER_GUESS = 4 };

/* How many ids before `a` and before `b` > a are alike, at most `most`. */
static size_t alike_before(const uint32_t *ids, size_t a, size_t b, size_t most)
{
    size_t n = 0;
    while (n < most && n < a && ids[a - 1 - n] == ids[b - 1 - n])
        n++;
    return n;
}

size_t draft_ids(uint32_t *ids, size_t n, size_t most)
{
    for (size_t from = n; from-- > ALIKE_MIN;) {
        if (alike_before(ids, from, n, ALIKE_MIN) < ALIKE_MIN)
            continue;
        size_t alike = alike_before(ids, from, n, ALIKE_PER_GUESS * DRAFT_MAX);
        size_t count = size_min(alike / ALIKE_PER_GUESS, most);
        for (size_t i = 0; i < count; i++)
            ids[n + i] = ids[from + i]; /* these may be guesses themselves: a loop goes on */
        return count;
    }
    return 0;
}
