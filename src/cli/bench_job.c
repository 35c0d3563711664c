/* bench_job.c - the A/B run in miniature, with the engine's own accounts. */
#include "cli/bench_job.h"

#include <stdio.h>

#include "base/rng.h"
#include "infer/engine.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/signals.h"
#include "report/table.h"
#include "text/json.h"

enum { JOB_PROBES = 20, JOB_ARMS = 3, PROBE_TOK = 40, OUTPUT_MAX = 1 << 16 };

bool bench_ids_open(struct bench_ids *ids, const struct tokenizer *tok, const char *path,
                    struct err *err)
{
    struct buf text;
    *ids = (struct bench_ids){.tok = tok};
    if (!path)
        return true;
    buf_init(&text, BUF_MAX_DEFAULT);
    bool ok = file_read(&text, path, err) &&
              tokenizer_encode(tok, &ids->text, buf_str(&text), (struct token_trust){0}, err);
    buf_release(&text);
    if (ok && ids->text.count == 0)
        ok = err_set(err, ERR_FORMAT, "%s is empty, expected a text", path);
    return ok;
}

void bench_ids_release(struct bench_ids *ids)
{
    ids_release(&ids->text);
}

static uint32_t random_id(const struct tokenizer *tok, uint64_t stream, size_t index)
{
    size_t n = tokenizer_size(tok);
    uint32_t id = (uint32_t)(rng_uniform(0, stream, index) * (double)n);
    bool plain = !tokenizer_is_control(tok, id) && !tokenizer_is_end(tok, id);
    return plain ? id : (uint32_t)(n / 2);
}

void bench_draw_ids(struct ids *out, const struct bench_ids *ids, size_t count, uint64_t stream)
{
    const struct ids *text = &ids->text;
    size_t start = (size_t)(rng_uniform(0, stream, 0) * (double)text->count);
    for (size_t i = 0; i < count; i++)
        ids_push(out, text->count ? text->id[(start + i) % text->count]
                                  : random_id(ids->tok, stream, out->count));
}

static bool stop_requested(void *arg)
{
    (void)arg;
    return signals_stop_requested();
}

static bool submit(struct engine *engine, const struct ids *ids, size_t gen, struct err *err)
{
    struct session session = {
        .prompt = ids->id, .n_prompt = ids->count, .params = SAMPLE_PARAMS_DEFAULT};
    session.params.max_tokens = gen;
    session.params.ignore_eos = true;
    return engine_submit(engine, &session, err);
}

static bool submit_all(struct engine *engine, const struct bench_ids *from, size_t prefix,
                       size_t gen, struct err *err)
{
    struct ids ids = {0};
    bool ok = true;
    for (size_t probe = 0; ok && probe < JOB_PROBES; probe++)
        for (size_t arm = 0; ok && arm < JOB_ARMS; arm++) {
            ids.count = 0;
            if (arm > 0)
                bench_draw_ids(&ids, from, prefix, arm);
            bench_draw_ids(&ids, from, PROBE_TOK, JOB_ARMS + probe);
            ok = submit(engine, &ids, gen, err);
        }
    ids_release(&ids);
    return ok;
}

/* What a run took, and what of that is accounted for. */
struct account {
    double wall_s, waited_s;
    struct engine_stats stats;
    struct model_profile profile;
};

static double seconds_elsewhere(const struct account *a)
{
    double rest = a->wall_s - a->stats.sample_s;
    for (int p = 0; p < MODEL_PARTS; p++)
        rest -= a->profile.part[p].seconds;
    return rest;
}

static void print_text(const struct account *a, const struct open_model *model)
{
    struct table table = {0};
    struct buf out;
    const struct model_info *info = model_info(model->model);
    buf_init(&out, OUTPUT_MAX);
    table_column(&table, "part", TEXT_LEFT);
    table_column(&table, "seconds", TEXT_RIGHT);
    table_column(&table, "%", TEXT_RIGHT);
    table_column(&table, "GOP/s", TEXT_RIGHT);
    for (int p = 0; p < MODEL_PARTS; p++) {
        double s = a->profile.part[p].seconds, ops = 2 * a->profile.part[p].macs;
        table_cell(&table, "%s", model_part_name((enum model_part)p));
        table_cell(&table, "%.3f", s);
        table_cell(&table, "%.1f", 100 * s / a->wall_s);
        table_cell(&table, ops > 0 ? "%.0f" : "", ops / s * 1e-9);
    }
    table_cell(&table, "sampling");
    table_cell(&table, "%.3f", a->stats.sample_s);
    table_cell(&table, "%.1f", 100 * a->stats.sample_s / a->wall_s);
    table_cell(&table, " ");
    table_cell(&table, "scheduling, text");
    table_cell(&table, "%.3f", seconds_elsewhere(a));
    table_cell(&table, "%.1f", 100 * seconds_elsewhere(a) / a->wall_s);
    table_cell(&table, " ");
    table_format(&out, &table);
    printf("%s  %s %s  %s  %s  %zu threads\n", model->path.ptr, info->family, info->quantisation,
           precision_name(info->precision), info->isa, pool_threads(model->pool));
    printf("%d answers, %zu prompt tokens (%zu of them shared), %zu answer tokens, %zu steps\n",
           JOB_PROBES * JOB_ARMS, a->stats.prompt_tokens, a->stats.prompt_tokens_shared,
           a->stats.generated_tokens, a->stats.steps);
    printf("%zu tokens guessed ahead, %zu of them right\n\n", a->stats.drafted_tokens,
           a->stats.drafts_standing);
    fwrite(out.ptr, 1, out.len, stdout);
    printf("\nwall %.3f s (reading prompts %.3f, answering %.3f); of it, waiting for the other "
           "threads %.3f s\n",
           a->wall_s, a->stats.prefill_s, a->stats.decode_s, a->waited_s);
    table_release(&table);
    buf_release(&out);
}

static void print_json(const struct account *a)
{
    json_t *parts = json_object();
    for (int p = 0; p < MODEL_PARTS; p++)
        json_object_set_new(parts, model_part_name((enum model_part)p),
                            json_pack("{s:f, s:f}", "seconds", a->profile.part[p].seconds,
                                      "operations", 2 * a->profile.part[p].macs));
    json_t *root = json_pack(
        "{s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "wall_s", a->wall_s,
        "prefill_s", a->stats.prefill_s, "decode_s", a->stats.decode_s, "sample_s",
        a->stats.sample_s, "elsewhere_s", seconds_elsewhere(a), "waited_s", a->waited_s,
        "prompt_tokens", (json_int_t)a->stats.prompt_tokens, "prompt_tokens_shared",
        (json_int_t)a->stats.prompt_tokens_shared, "generated_tokens",
        (json_int_t)a->stats.generated_tokens, "drafted_tokens",
        (json_int_t)a->stats.drafted_tokens, "drafts_standing",
        (json_int_t)a->stats.drafts_standing, "steps", (json_int_t)a->stats.steps, "parts", parts);
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(root);
}

bool bench_job(struct open_model *model, const struct bench_ids *ids, size_t prefix, size_t gen,
               bool drafts, bool as_json, struct err *err)
{
    struct engine_options options = {.context_max = prefix + PROBE_TOK + gen,
                                     .no_drafts = !drafts,
                                     .one_turn = true,
                                     .stop = stop_requested};
    struct engine *engine = NULL;
    double waited = pool_waited_s(model->pool);
    bool ok = engine_create(&engine, model->model, model->tok, model->pool, &options, err) &&
              submit_all(engine, ids, prefix, gen, err);
    double start = clock_seconds();
    ok = ok && engine_run(engine, err);
    if (ok) {
        struct account a = {.wall_s = clock_seconds() - start,
                            .waited_s = pool_waited_s(model->pool) - waited,
                            .stats = engine_stats(engine),
                            .profile = *engine_profile(engine)};
        if (as_json)
            print_json(&a);
        else
            print_text(&a, model);
    }
    engine_free(engine);
    return ok;
}
