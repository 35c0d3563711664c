/* cmd_bench.c - lem bench: tokens a second of this model on this machine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cli/bench_job.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/open_model.h"
#include "infer/engine.h"
#include "os/clock.h"
#include "os/signals.h"
#include "text/json.h"

enum {
    BATCHES_MAX = 32,
    BATCH_MAX = 4096,
    REPEAT_MAX = 100,
    LENGTH_MAX = 1 << 20,
    SUFFIX_TOK = 16 /* what differs between the sessions of a batch, as a probe differs */
};

static const struct flag_spec OWN[] = {
    {"prompt", 'p', FLAG_U64, "N", .preset = "512", .min = 1, .max = LENGTH_MAX,
     .help = "tokens of the prompt for prefill and decode"},
    {"gen", 'g', FLAG_U64, "N", .preset = "64", .min = 2, .max = LENGTH_MAX,
     .help = "tokens to generate"},
    {"job", 0, FLAG_BOOL,
     .help = "instead: an A/B run of 20 probes and 3 arms, two with a --shared-prefix, and where "
             "its time goes"},
    {"no-drafts", 0, FLAG_BOOL,
     .help = "with --job: guess no ids ahead (without --job none are guessed)"},
    {"batch", 'b', FLAG_STRING, "LIST", .preset = "1,8,32",
     .help = "sessions decoded together, one measurement for each number"},
    {"shared-prefix", 0, FLAG_U64, "N", .preset = "512", .min = 1, .max = LENGTH_MAX,
     .help = "tokens that the sessions of a batch share, as a kernel is shared"},
    {"text", 0, FLAG_STRING, "FILE",
     .help = "take the prompts from this text (else random ids, after which no id is likely)"},
    {"repeat", 'r', FLAG_U64, "N", .preset = "3", .min = 1, .max = REPEAT_MAX,
     .help = "measurements of which the median is shown"},
    {0}};

static const struct flags_usage USAGE = {
    .command = "bench",
    .synopsis = "-m MODEL [flags]",
    .about = "Measures tokens a second: reading a prompt (prefill), answering (decode), and\n"
             "answering many prompts together after a shared prefix (batched decode). With --job,\n"
             "what an A/B run spends its time on.",
    .groups = {{"Measurement", OWN}, {"Model", FLAGS_MODEL}, {"Compute", FLAGS_COMPUTE}},
};

/* One engine_run and its clock. Decoding is timed from the moment every session has its first
 * token, so that no prefill is counted. */
struct trial {
    size_t sessions, started, tokens; /* tokens since all have started */
    double decode_begin_s;
    double ttft_s; /* of the session that was last to begin */
};

struct trial_session {
    struct trial *trial;
    bool started;
};

static bool on_token(void *user, uint32_t id, struct str piece)
{
    struct trial_session *s = user;
    struct trial *t = s->trial;
    (void)id;
    (void)piece;
    if (t->started == t->sessions)
        t->tokens++;
    else if (!s->started && ++t->started == t->sessions)
        t->decode_begin_s = clock_seconds();
    s->started = true;
    return !signals_stop_requested();
}

static void on_done(void *user, const struct session_result *result)
{
    struct trial *t = ((struct trial_session *)user)->trial;
    t->ttft_s = fmax(t->ttft_s, result->ttft_s);
}

struct bench {
    struct open_model model;
    struct bench_ids ids;
    size_t prompt, gen, shared, repeat;
    uint64_t stream; /* next unused */
};

/* Prompts are `shared` common tokens and `own` further ones. */
static bool run_trial(struct bench *b, struct engine *engine, struct trial *t, size_t shared,
                      size_t own, struct err *err)
{
    struct trial_session *sessions = mem_zalloc(t->sessions, sizeof *sessions);
    struct ids ids = {0};
    bool ok = true;
    bench_draw_ids(&ids, &b->ids, shared, b->stream++);
    for (size_t i = 0; ok && i < t->sessions; i++) {
        ids.count = shared;
        bench_draw_ids(&ids, &b->ids, own, b->stream++);
        sessions[i].trial = t;
        struct session session = {
            .prompt = ids.id,
            .n_prompt = ids.count,
            .params = SAMPLE_PARAMS_DEFAULT,
            .user = &sessions[i],
            .token = on_token,
            .done = on_done,
        };
        session.params.max_tokens = b->gen;
        session.params.ignore_eos = true;
        ok = engine_submit(engine, &session, err);
    }
    ok = ok && engine_run(engine, err);
    if (ok && signals_stop_requested())
        ok = err_set(err, ERR_CANCELLED, "stopped");
    ids_release(&ids);
    free(sessions);
    return ok;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Medians over b->repeat trials. */
struct speed {
    size_t sessions;
    double prefill, decode; /* tokens/s; prefill of one session's whole prompt */
    double ttft_s;
};

static bool measure(struct bench *b, struct speed *out, size_t sessions, size_t shared, size_t own,
                    struct err *err)
{
    struct engine_options options = {
        .slots = sessions, .context_max = shared + own + b->gen, .no_drafts = true};
    struct engine *engine = NULL;
    double ttft[REPEAT_MAX], decode[REPEAT_MAX];
    bool ok = engine_create(&engine, b->model.model, b->model.tok, b->model.pool, &options, err);
    for (size_t i = 0; ok && i < b->repeat; i++) {
        struct trial t = {.sessions = sessions};
        ok = run_trial(b, engine, &t, shared, own, err);
        double seconds = clock_seconds() - t.decode_begin_s;
        if (ok && t.started < sessions)
            ok = err_set(err, ERR_LIMIT, "%zu sessions do not fit in memory together", sessions);
        ttft[i] = t.ttft_s;
        decode[i] = (double)t.tokens / seconds;
    }
    engine_free(engine);
    if (!ok)
        return false;
    out->sessions = sessions;
    out->ttft_s = median(ttft, b->repeat);
    out->decode = median(decode, b->repeat);
    out->prefill = (double)(shared + own) / out->ttft_s;
    return true;
}

static bool read_batches(size_t out[BATCHES_MAX], size_t *count, const char *list, struct err *err)
{
    *count = 0;
    for (const char *at = list; *at;) {
        char *end;
        unsigned long n = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : 0;
        if (n == 0 || n > BATCH_MAX || (*end && *end != ',') || *count == BATCHES_MAX)
            return err_set(err, ERR_USAGE,
                           "--batch takes numbers from 1 to %d with commas between, not \"%s\"",
                           BATCH_MAX, list);
        out[(*count)++] = n;
        at = *end ? end + 1 : end;
    }
    return true;
}

static json_t *describe_model(const struct open_model *model)
{
    const struct model_info *info = model_info(model->model);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "model", model->path.ptr, "family",
                     info->family, "quantisation", info->quantisation, "precision",
                     precision_name(info->precision), "isa", info->isa, "threads",
                     (json_int_t)pool_threads(model->pool), "packed_bytes",
                     (json_int_t)info->packed_bytes);
}

static void print_json(const struct bench *b, const struct speed *single,
                       const struct speed *batched, size_t n)
{
    json_t *root = describe_model(&b->model), *rows = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows,
                              json_pack("{s:I, s:f}", "sessions", (json_int_t)batched[i].sessions,
                                        "decode_tokens_per_s", batched[i].decode));
    json_object_set_new(root, "prompt", json_integer((json_int_t)b->prompt));
    json_object_set_new(root, "gen", json_integer((json_int_t)b->gen));
    json_object_set_new(root, "shared_prefix", json_integer((json_int_t)b->shared));
    json_object_set_new(root, "prefill_tokens_per_s", json_real(single->prefill));
    json_object_set_new(root, "decode_tokens_per_s", json_real(single->decode));
    json_object_set_new(root, "batched", rows);
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(root);
}

static void print_text(const struct bench *b, const struct speed *single,
                       const struct speed *batched, size_t n)
{
    const struct model_info *info = model_info(b->model.model);
    printf("%s  %s %s  %s  %s  %zu threads\n", b->model.path.ptr, info->family, info->quantisation,
           precision_name(info->precision), info->isa, pool_threads(b->model.pool));
    printf("prefill   %6zu tokens              %9.1f tokens/s\n", b->prompt, single->prefill);
    printf("decode    %6zu tokens              %9.1f tokens/s\n", b->gen, single->decode);
    for (size_t i = 0; i < n; i++)
        printf("batch %3zu %6zu each, %zu shared %*s%9.1f tokens/s\n", batched[i].sessions, b->gen,
               b->shared,
               b->shared < 1000    ? 4
               : b->shared < 10000 ? 3
                                   : 1,
               "", batched[i].decode);
}

static bool bench_run(struct bench *b, const struct flags *flags, struct console *con,
                      struct err *err)
{
    size_t batches[BATCHES_MAX], n;
    struct speed single, batched[BATCHES_MAX];
    if (!read_batches(batches, &n, flags_str(flags, "batch"), err) ||
        !open_model_init(&b->model, flags, con, OPEN_WEIGHTS, err) ||
        !bench_ids_open(&b->ids, b->model.tok, flags_str(flags, "text"), err))
        return false;
    if (flags_bool(flags, "job"))
        return bench_job(&b->model, &b->ids, b->shared, b->gen, !flags_bool(flags, "no-drafts"),
                         flags_bool(flags, "json"), err);
    if (!measure(b, &single, 1, 0, b->prompt, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        console_progress(con, "batches", i, n, "");
        if (!measure(b, &batched[i], batches[i], b->shared, SUFFIX_TOK, err))
            return false;
    }
    console_progress_end(con);
    (flags_bool(flags, "json") ? print_json : print_text)(b, &single, batched, n);
    return true;
}

int cmd_bench(int argc, char **argv)
{
    struct flags flags;
    int status = EXIT_OK;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    struct err err = {0};
    struct bench bench = {
        .prompt = (size_t)flags_u64(&flags, "prompt"),
        .gen = (size_t)flags_u64(&flags, "gen"),
        .shared = (size_t)flags_u64(&flags, "shared-prefix"),
        .repeat = (size_t)flags_u64(&flags, "repeat"),
    };
    if (!bench_run(&bench, &flags, &con, &err))
        status = console_fail(&con, &err);
    bench_ids_release(&bench.ids);
    open_model_release(&bench.model);
    flags_release(&flags);
    return status;
}
