/* shuffle.c - see shuffle.h. shuffle_values.c finds the values. */
#include "eval/shuffle.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/vec.h"
#include "eval/shuffle_int.h"

void shuffle_release(struct shuffle *shuffle)
{
    free(shuffle->values);
    *shuffle = (struct shuffle){0};
}

bool shuffle_next_word(struct str *word, struct str value, size_t *at)
{
    while (*at > 0 && *at < value.len && !is_blank(value.ptr[*at]))
        ++*at; /* the marks behind the word before */
    while (*at < value.len && is_blank(value.ptr[*at]))
        ++*at;
    size_t start = *at, end = *at;
    while (end < value.len && !is_blank(value.ptr[end]))
        end++;
    while (end > start + 1 && strchr(".,;:!?", value.ptr[end - 1]))
        end--;
    *word = str_sub(value, start, end - start);
    *at = end;
    return word->len > 0;
}

/* A number from 0 to n - 1: draw `draw` of the stream. The product is below 2^53 n, so each number
 * comes up equally often to one part in 2^53 / n. */
static size_t pick(uint64_t key, uint64_t stream, uint64_t draw, size_t n)
{
    return (size_t)(rng_uniform(key, stream, draw) * (double)n);
}

/* Streams of random numbers: 0 to deal values out, 1 + value for its words. */
enum { STREAM_PLACES, STREAM_WORDS };

/* Sattolo's shuffle of the members of one group: one cycle through all, so none stays. */
static void derange(size_t *from, const size_t *members, size_t n, uint64_t key, uint64_t group)
{
    for (size_t i = n; i-- > 1;) {
        size_t k = pick(key, STREAM_PLACES, group << 32 | i, i);
        size_t kept = from[members[i]];
        from[members[i]] = from[members[k]];
        from[members[k]] = kept;
    }
}

/* The values group by group, each group in order; group g is members[first[g]] .. first[g + 1]. */
static void gather(size_t *members, size_t *first, const struct shuffle *shuffle)
{
    size_t n = shuffle->count, *next = mem_zalloc(n + 1, sizeof *next);
    for (size_t v = 0; v < n; v++)
        first[shuffle->values[v].group + 1]++;
    for (size_t g = 0; g < n; g++)
        next[g + 1] = first[g + 1] += first[g];
    for (size_t v = 0; v < n; v++)
        members[next[shuffle->values[v].group]++] = v;
    free(next);
}

/* from[v]: the value whose content goes where v was. */
static size_t *deal_out(const struct shuffle *shuffle, uint64_t key)
{
    size_t n = shuffle->count, *from = mem_zalloc(n, sizeof *from);
    size_t *members = mem_zalloc(n, sizeof *members);
    size_t *first = mem_zalloc(n + 1, sizeof *first);
    gather(members, first, shuffle);
    for (size_t v = 0; v < n; v++)
        from[v] = v;
    for (size_t g = 0; g < n; g++)
        derange(from, members + first[g], first[g + 1] - first[g], key, g);
    free(members);
    free(first);
    return from;
}

/* Appends the words of a value in random order; what sets them apart stays in order. */
static void write_words(struct buf *out, struct str value, uint64_t key, uint64_t stream)
{
    struct str *words = NULL, word;
    size_t n = 0, cap = 0, next = 0, done = 0;
    for (size_t at = 0; shuffle_next_word(&word, value, &at);)
        VEC_PUSH(words, n, cap, word);
    struct str *order = mem_zalloc(n, sizeof *order);
    if (n > 0)
        memcpy(order, words, n * sizeof *order);
    for (size_t i = n; i-- > 2;) { /* the first word stays */
        size_t k = 1 + pick(key, stream, i, i);
        struct str kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
    for (; next < n; next++) {
        size_t start = (size_t)(words[next].ptr - value.ptr);
        buf_add_str(out, str_sub(value, done, start - done));
        buf_add_str(out, order[next]);
        done = start + words[next].len;
    }
    buf_add_str(out, str_from(value, done));
    free(order);
    free(words);
}

void shuffle_write(struct buf *out, const struct shuffle *shuffle, uint64_t key)
{
    size_t *from = deal_out(shuffle, key), done = 0;
    for (size_t v = 0; v < shuffle->count; v++) {
        const struct shuffle_value *to = &shuffle->values[v];
        const struct shuffle_value *content = &shuffle->values[from[v]];
        buf_add_str(out, str_sub(shuffle->text, done, to->start - done));
        write_words(out, str_sub(shuffle->text, content->start, content->end - content->start), key,
                    STREAM_WORDS + from[v]);
        done = to->end;
    }
    buf_add_str(out, str_from(shuffle->text, done));
    free(from);
}
