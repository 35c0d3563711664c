/* lengths.c - see lengths.h. */
#include "lesson/lengths.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/utf8.h"

struct lesson_lengths lesson_lengths_of(const json_t *value)
{
    struct lesson_lengths out = {.turns = lesson_turns(value)};
    bool is_text = json_object_get(value, "text") != NULL;
    for (size_t i = 0; i < out.turns; i++) {
        size_t chars = utf8_count(lesson_content(value, i));
        out.chars += chars;
        out.answer_chars += is_text || lesson_is_assistant(value, i) ? chars : 0;
        out.user_chars += str_is(lesson_role(value, i), "user") ? chars : 0;
    }
    return out;
}

void lesson_put_answers(struct buf *out, const json_t *value)
{
    bool is_text = json_object_get(value, "text") != NULL;
    for (size_t i = 0; i < lesson_turns(value); i++) {
        if (!is_text && !lesson_is_assistant(value, i))
            continue;
        buf_add_str(out, lesson_content(value, i));
        buf_putc(out, '\n');
    }
}

static int compare_sizes(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The smallest value that `percent` of all do not exceed (the nearest rank). */
static size_t percentile(const size_t *sorted, size_t count, size_t percent)
{
    size_t rank = (count * percent + 99) / 100;
    return sorted[rank > 0 ? rank - 1 : 0];
}

struct lesson_spread lesson_spread_of(size_t *values, size_t count)
{
    struct lesson_spread spread = {0};
    if (count == 0)
        return spread;
    qsort(values, count, sizeof *values, compare_sizes);
    for (size_t i = 0; i < count; i++)
        spread.sum += values[i];
    spread.min = values[0];
    spread.p10 = percentile(values, count, 10);
    spread.median = percentile(values, count, 50);
    spread.p90 = percentile(values, count, 90);
    spread.p95 = percentile(values, count, 95);
    spread.p99 = percentile(values, count, 99);
    spread.max = values[count - 1];
    spread.mean = (double)spread.sum / (double)count;
    return spread;
}

void lesson_measure(struct lesson_spread *turns, struct lesson_spread *user_chars,
                    struct lesson_spread *answer_chars, const struct lesson_set *set)
{
    size_t *values = mem_zalloc(3 * set->count + 1, sizeof *values);
    for (size_t i = 0; i < set->count; i++) {
        struct lesson_lengths lengths = lesson_lengths_of(set->items[i].value);
        values[i] = lengths.turns;
        values[set->count + i] = lengths.user_chars;
        values[2 * set->count + i] = lengths.answer_chars;
    }
    *turns = lesson_spread_of(values, set->count);
    *user_chars = lesson_spread_of(values + set->count, set->count);
    *answer_chars = lesson_spread_of(values + 2 * set->count, set->count);
    free(values);
}
