/* dedup.c - see dedup.h. */
#include "probe/dedup.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/rng.h"
#include "os/threads.h"
#include "probe/near.h"

/* What is known of each text before it is compared with others. */
struct reading {
    uint64_t words; /* hash of all of them, or of the bytes when there are none */
    bool has_words;
    struct near_set set;
};

struct job {
    const struct str *texts;
    struct reading *readings;
    struct word_list *lists; /* one a thread */
    struct near near;
    bool is_near; /* are near repeats looked for? */
};

static void read_text(void *arg, size_t index, size_t thread)
{
    struct job *job = arg;
    struct word_list *words = &job->lists[thread];
    struct reading *out = &job->readings[index];
    word_list_split(words, job->texts[index]);
    out->has_words = words->count > 0;
    out->words = out->has_words ? shingle_at(words, 0, words->count)
                                : rng_key(job->texts[index].ptr, job->texts[index].len, 0);
    if (job->is_near)
        near_set_make(&out->set, &job->near, words);
}

static void read_texts(struct job *job, size_t count)
{
    struct pool *pool = pool_create(0);
    size_t n_threads = pool_threads(pool);
    job->lists = mem_zalloc(n_threads, sizeof *job->lists);
    for (size_t i = 0; i < n_threads; i++)
        word_list_init(&job->lists[i]);
    pool_run(pool, read_text, job, count);
    for (size_t i = 0; i < n_threads; i++)
        word_list_release(&job->lists[i]);
    free(job->lists);
    pool_free(pool);
}

/* Are the words the same? The hashes are. Texts without words are alike only byte by byte. */
static bool same_words(const struct job *job, size_t a, size_t b)
{
    struct word_list x, y;
    if (!job->readings[a].has_words || !job->readings[b].has_words)
        return str_eq(job->texts[a], job->texts[b]);
    word_list_init(&x);
    word_list_init(&y);
    word_list_split(&x, job->texts[a]);
    word_list_split(&y, job->texts[b]);
    bool same = x.count == y.count;
    for (size_t i = 0; same && i < x.count; i++)
        same = str_eq(x.items[i], y.items[i]);
    word_list_release(&x);
    word_list_release(&y);
    return same;
}

static struct dedup_twin find_twin(struct job *job, const struct map *by_words, uint32_t i)
{
    struct reading *reading = &job->readings[i];
    uint32_t same = map_get(by_words, str_n((char *)&reading->words, sizeof reading->words));
    if (same != MAP_NONE && same_words(job, same, i))
        return (struct dedup_twin){.of = same, .similarity = 1, .is_exact = true};
    struct near_match match = {.id = NEAR_NONE};
    if (job->is_near)
        match = near_find(&job->near, &reading->set);
    return (struct dedup_twin){.of = match.id == NEAR_NONE ? DEDUP_NONE : match.id,
                               .similarity = match.likeness};
}

size_t dedup_find(struct dedup_twin *twins, const struct str *texts, size_t count, double threshold)
{
    struct job job = {.texts = texts, .is_near = threshold <= 1};
    struct map by_words = {0};
    size_t n_repeats = 0;
    job.readings = mem_zalloc(count + 1, sizeof *job.readings);
    near_init(&job.near, job.is_near ? threshold : 1);
    read_texts(&job, count);
    map_reserve(&by_words, count);
    if (job.is_near)
        near_reserve(&job.near, count);
    for (uint32_t i = 0; i < count; i++) {
        struct reading *reading = &job.readings[i];
        twins[i] = find_twin(&job, &by_words, i);
        n_repeats += twins[i].of != DEDUP_NONE;
        if (twins[i].of == DEDUP_NONE) {
            map_add(&by_words, str_n((char *)&reading->words, sizeof reading->words), i);
            if (job.is_near)
                near_keep(&job.near, &reading->set, i);
        }
        near_set_release(&reading->set);
    }
    map_release(&by_words);
    near_release(&job.near);
    free(job.readings);
    return n_repeats;
}
