/* engine.c - sizes everything before the run, takes sessions in, and steps until all are done. */
#include "infer/engine.h"

#include <stdlib.h>

#include "base/mem.h"
#include "infer/engine_int.h"
#include "os/memory.h"

enum {
    SLOTS_DEFAULT = 20, /* more save little time, and all keep keys and values */
    SLOTS_MAX = 1024,
    CHUNK_DEFAULT = 256, /* a larger one computes no faster, and its work buffers are larger */
    CHUNK_MAX = 8192,
    CHUNK_SMALL = 64 /* a chunk is not made smaller than this for want of memory */
};
static const size_t MEMORY_UNKNOWN = (size_t)2 << 30; /* taken as free where nobody can tell */

const char *finish_name(enum finish finish)
{
    static const char *const names[] = {"stop", "length", "cancelled"};
    return names[finish];
}

/* Keys and values of one timeline that runs alone. */
static size_t bytes_alone(const struct kv_layout *layout, size_t len, size_t chunk)
{
    return kv_bytes_for(layout, len, 0) + scheduler_chunk_bytes(layout, chunk);
}

static size_t longest_that_fits(const struct kv_layout *layout, size_t chunk, size_t budget,
                                size_t most)
{
    size_t low = 0;
    while (low < most) {
        size_t middle = low + (most - low + 1) / 2;
        if (bytes_alone(layout, middle, chunk) <= budget)
            low = middle;
        else
            most = middle - 1;
    }
    return low;
}

static bool choose_context(struct engine_options *options, const struct model *model,
                           struct err *err)
{
    size_t most = model_info(model)->context_max, asked = options->context_max;
    if (asked > most)
        return err_set(err, ERR_LIMIT,
                       "a context of %zu tokens was asked for, the model was made for %zu", asked,
                       most);
    size_t fits = longest_that_fits(model_kv_layout(model), options->chunk, options->memory_bytes,
                                    asked ? asked : most);
    if (fits == 0 || fits < asked)
        return err_set(err, ERR_LIMIT,
                       "%zu MiB for keys and values hold a context of %zu tokens, not of %zu",
                       options->memory_bytes >> 20, fits, asked ? asked : most);
    options->context_max = fits;
    return true;
}

static bool choose_options(struct engine_options *options, const struct model *model,
                           struct err *err)
{
    if (options->slots > SLOTS_MAX || options->chunk > CHUNK_MAX)
        return err_set(err, ERR_LIMIT, "at most %d slots and a chunk of %d tokens are possible",
                       SLOTS_MAX, CHUNK_MAX);
    if (!options->slots)
        options->slots = SLOTS_DEFAULT;
    if (!options->memory_bytes) {
        size_t available = memory_available();
        options->memory_bytes = (available ? available : MEMORY_UNKNOWN) / 2;
    }
    const struct kv_layout *layout = model_kv_layout(model);
    if (!options->chunk) {
        options->chunk = CHUNK_DEFAULT;
        while (options->chunk > CHUNK_SMALL &&
               scheduler_chunk_bytes(layout, options->chunk) > options->memory_bytes / 4)
            options->chunk /= 2;
    }
    return choose_context(options, model, err);
}

static void plan_create(struct plan *plan, size_t slots)
{
    plan->spans = mem_zalloc(slots, sizeof *plan->spans);
    plan->line = mem_zalloc(slots, sizeof *plan->line);
    plan->keep = mem_zalloc(slots, sizeof *plan->keep);
    plan->picks = mem_zalloc(slots, sizeof *plan->picks);
}

static void plan_free(struct plan *plan)
{
    free(plan->spans);
    free(plan->line);
    free(plan->keep);
    free(plan->picks);
}

static void create_parts(struct engine *engine)
{
    const struct engine_options *options = &engine->options;
    size_t rows = options->slots + options->chunk, chosen = options->slots + DRAFT_ROWS;
    engine->cache = kv_create(model_kv_layout(engine->model), options->memory_bytes);
    engine->tree = options->no_prefix_cache ? NULL : prefix_tree_create(engine->cache);
    engine->run = model_run_create(engine->model, engine->pool, rows, chosen, options->context_max);
    engine->scratch = mem_zalloc(engine->n_threads, sizeof *engine->scratch);
    for (size_t i = 0; i < engine->n_threads; i++)
        engine->scratch[i] = sample_scratch_create(engine->n_vocab);
    engine->active = mem_zalloc(options->slots, sizeof *engine->active);
    engine->ended = mem_zalloc(options->slots, sizeof *engine->ended);
    plan_create(&engine->plan, options->slots);
    engine->stats.kv_budget_bytes = options->memory_bytes;
    engine->stats.work_bytes =
        model_run_bytes(engine->model, engine->n_threads, rows, chosen, options->context_max);
}

bool engine_create(struct engine **out, const struct model *model, const struct tokenizer *tok,
                   struct pool *pool, const struct engine_options *options, struct err *err)
{
    struct engine *engine = mem_zalloc(1, sizeof *engine);
    engine->model = model;
    engine->tok = tok;
    engine->pool = pool;
    engine->options = *options;
    engine->n_vocab = model_info(model)->n_vocab;
    engine->n_allowed = size_min(engine->n_vocab, tokenizer_size(tok));
    engine->n_threads = pool_threads(pool);
    engine->queue_end = &engine->queue;
    if (!choose_options(&engine->options, model, err)) {
        free(engine);
        return false;
    }
    create_parts(engine);
    if (!engine->run) {
        size_t bytes = engine->stats.work_bytes;
        engine_free(engine);
        return err_set(err, ERR_LIMIT, "no memory for %zu MiB of working space", bytes >> 20);
    }
    *out = engine;
    return true;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    for (size_t i = 0; i < engine->n_active; i++)
        timeline_free(engine, engine->active[i]);
    for (struct timeline *line; (line = queue_pop(engine));)
        timeline_free(engine, line);
    prefix_tree_free(engine->tree);
    kv_free(engine->cache);
    model_run_free(engine->run);
    for (size_t i = 0; i < engine->n_threads; i++)
        sample_scratch_free(engine->scratch[i]);
    free(engine->scratch);
    free(engine->active);
    free(engine->ended);
    plan_free(&engine->plan);
    free(engine);
}

bool engine_submit(struct engine *engine, const struct session *session, struct err *err)
{
    const struct sample_params *params = &session->params;
    size_t limit = engine->options.context_max;
    if (engine->stopping)
        return err_set(err, ERR_CANCELLED, "stopping: nothing more is taken");
    if (!sample_params_check(params, err))
        return false;
    if (session->n_prompt == 0)
        return err_set(err, ERR_USAGE, "the prompt is empty");
    if (session->n_prompt > limit || params->max_tokens > limit - session->n_prompt)
        return err_set(err, ERR_LIMIT,
                       "a prompt of %zu tokens and up to %zu tokens of answer do not fit into the "
                       "context of %zu tokens",
                       session->n_prompt, params->max_tokens, limit);
    for (size_t i = 0; i < session->n_prompt; i++)
        if (session->prompt[i] >= engine->n_vocab)
            return err_set(err, ERR_USAGE, "the prompt's token %zu is %u, the model has %zu", i,
                           session->prompt[i], engine->n_vocab);
    queue_push(engine, timeline_create(engine, session));
    return true;
}

bool engine_run(struct engine *engine, struct err *err)
{
    const struct engine_options *options = &engine->options;
    bool ok = true;
    while (ok && (engine->queue || engine->n_active)) {
        if (!engine->stopping && options->stop && options->stop(options->stop_arg)) {
            engine->stopping = true;
            scheduler_drop(engine, false);
        } else {
            ok = scheduler_step(engine, err);
        }
    }
    bool stopped = engine->stopping;
    if (!ok) {
        engine->stopping = true;
        scheduler_drop(engine, true);
    }
    engine->stopping = engine->admit_hold = false;
    if (ok && stopped)
        return err_set(err, ERR_CANCELLED, "stopped");
    return ok;
}

struct engine_stats engine_stats(const struct engine *engine)
{
    struct engine_stats stats = engine->stats;
    stats.active = engine->n_active;
    stats.kv_bytes = kv_bytes_used(engine->cache);
    return stats;
}

const struct model_profile *engine_profile(const struct engine *engine)
{
    return model_profile(engine->run);
}

struct engine_options engine_options(const struct engine *engine)
{
    return engine->options;
}
