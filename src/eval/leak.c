/* leak.c - see leak.h. */
#include "eval/leak.h"

#include <stdlib.h>

#include "base/mem.h"
#include "probe/shingle.h"
#include "text/utf8.h"

struct leak {
    struct word_list kernel, span;
    struct shingle_set runs[LEAK_WORDS_MAX + 1]; /* the kernel's runs of n words, once asked for */
};

struct leak *leak_create(struct str kernel)
{
    struct leak *leak = mem_zalloc(1, sizeof *leak);
    word_list_init(&leak->kernel);
    word_list_init(&leak->span);
    word_list_split(&leak->kernel, kernel);
    return leak;
}

void leak_free(struct leak *leak)
{
    if (!leak)
        return;
    for (size_t n = 0; n <= LEAK_WORDS_MAX; n++)
        shingle_set_release(&leak->runs[n]);
    word_list_release(&leak->kernel);
    word_list_release(&leak->span);
    free(leak);
}

static bool is_inside_word(struct str text, size_t at)
{
    if (at == 0 || at >= text.len)
        return false;
    size_t before = utf8_prev(text, at), after = at;
    return word_has(utf8_next(text, &before)) && word_has(utf8_next(text, &after));
}

static bool is_in_kernel(struct leak *leak)
{
    size_t n = leak->span.count;
    if (n > LEAK_WORDS_MAX || n > leak->kernel.count)
        return false;
    if (leak->runs[n].count == 0)
        shingle_set_make(&leak->runs[n], &leak->kernel, n);
    return shingle_set_has(&leak->runs[n], shingle_hash(leak->span.items, n));
}

/* Forms and shapes, the hits without a detail, may have letters in them and are no words all the same:
 * a whole answer that is too short, the first letter of *emphasis*. */
static bool is_words(const struct hit *hit, struct str text)
{
    return hit->detail[0] && !hit->in_prompt && hit->end > hit->start && hit->end <= text.len &&
           !is_inside_word(text, hit->start) && !is_inside_word(text, hit->end);
}

void leak_count(struct leak_counts *counts, struct leak *leak, const struct hits *hits,
                struct str text)
{
    for (size_t i = 0; i < hits->n; i++) {
        const struct hit *hit = &hits->items[i];
        if (!is_words(hit, text))
            continue;
        word_list_split(&leak->span, str_sub(text, hit->start, hit->end - hit->start));
        counts->hits += leak->span.count > 0;
        counts->in_kernel += leak->span.count > 0 && is_in_kernel(leak);
    }
}
