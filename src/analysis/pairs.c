#include "analysis/pairs.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

static const struct run *run_of(const struct analysis *an, size_t arm)
{
    return an->runs[an->arms[arm].run];
}

static bool is_complete(const struct analysis *an, size_t arm, size_t probe, size_t samples)
{
    for (size_t k = 0; k < samples; k++)
        if (run_answer(run_of(an, arm), probe, an->arms[arm].condition, k)->state != RUN_ANSWERED)
            return false;
    return true;
}

/* A name that the n-th probe of this id and prompt alone has. */
static struct str probe_key(struct analysis *an, const struct run_probe *probe, size_t nth)
{
    struct buf name;
    buf_init(&name, BUF_MAX_DEFAULT);
    buf_printf(&name, "%zu.%zu:", nth, probe->id.len);
    buf_add_str(&name, probe->id);
    buf_add_str(&name, probe->prompt);
    struct str key = arena_str(&an->memory->arena, buf_str(&name));
    buf_release(&name);
    return key;
}

/* Every probe of the run under its key. */
static void index_probes(struct map *out, struct str *keys, struct analysis *an,
                         const struct run *run)
{
    for (size_t p = 0; p < run->n_probes; p++) {
        size_t nth = 0;
        do
            keys[p] = probe_key(an, &run->probes[p], nth++);
        while (!map_add(out, keys[p], (uint32_t)p));
    }
}

/* All probes that both sides have, in the order of a; returns how many. */
static size_t match(struct pair *pairs, struct analysis *an, struct contrast *contrast)
{
    const struct run *a = run_of(an, contrast->a), *b = run_of(an, contrast->b);
    struct map in_a = {0}, in_b = {0};
    struct str *keys = take(an, a->n_probes + b->n_probes, sizeof *keys);
    size_t n = 0;
    index_probes(&in_a, keys, an, a);
    index_probes(&in_b, keys + a->n_probes, an, b);
    for (size_t p = 0; p < a->n_probes; p++) {
        uint32_t q = map_get(&in_b, keys[p]);
        if (q != MAP_NONE)
            pairs[n++] = (struct pair){p, q};
    }
    contrast->n_alone = a->n_probes + b->n_probes - 2 * n;
    map_release(&in_a);
    map_release(&in_b);
    return n;
}

void pairs_make(struct analysis *an, struct contrast *contrast)
{
    const struct run *a = run_of(an, contrast->a), *b = run_of(an, contrast->b);
    struct pair *all = take(an, a->n_probes, sizeof *all);
    size_t n = 0;
    if (a == b)
        for (; n < a->n_probes; n++)
            all[n] = (struct pair){n, n};
    else
        n = match(all, an, contrast);
    contrast->samples = size_min(a->samples, b->samples);
    contrast->pairs = take(an, n, sizeof *contrast->pairs);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            bool whole = is_complete(an, contrast->a, all[i].probe_a, contrast->samples) &&
                         is_complete(an, contrast->b, all[i].probe_b, contrast->samples);
            if (whole && pass == 0)
                contrast->pairs[contrast->n_pairs++] = all[i];
            else if (!whole && pass == 1)
                contrast->pairs[contrast->n_pairs + contrast->n_incomplete++] = all[i];
        }
}
