/* cmd_perplexity.c - lem perplexity: how surprised a model is by each token of given texts. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/open_model.h"
#include "kern/detmath.h"
#include "os/file.h"
#include "os/signals.h"
#include "text/jsonl.h"

enum {
    CHUNK_ROWS = 64, /* logits of a 262,144-word vocabulary: 64 MiB */
    TOP_MAX = 256,
    CONTEXT_STEP = 1024 /* working memory grows in such steps */
};

static const struct flag_spec OWN[] = {
    {"input", 'i', FLAG_PATH, "FILE", .preset = "-",
     .help = "JSON lines {\"id\", \"text\"} or {\"id\", \"ids\"}"},
    {"top", 0, FLAG_U64, "K", .preset = "0", .min = 0, .max = TOP_MAX,
     .help = "also the K largest logits of every position"},
    {0}};

static const struct flags_usage USAGE = {
    .command = "perplexity",
    .synopsis = "-m MODEL [--input FILE] [flags]",
    .about =
        "For each line of input prints {\"id\", \"n\", \"nll\", \"argmax\", \"lse\"}: the number "
        "of\n"
        "tokens, the negative log-likelihood of each token after the first, and for every\n"
        "position the likeliest next token and the log-sum-exp of its logits. Texts get BOS as\n"
        "the model wants it; ids are taken as they are. A summary goes to standard error.",
    .groups = {{"Input", OWN}, {"Model", FLAGS_MODEL}, {"Compute", FLAGS_COMPUTE}},
};

/* What is known of one text, position by position. */
struct surprise {
    struct ids ids;
    double *nll, *lse; /* (n) each; the last nll means nothing */
    uint32_t *argmax;  /* (n) */
    size_t top;
    uint32_t *top_id; /* (n, top), best first */
    float *top_logit; /* (n, top) */
};

static void surprise_init(struct surprise *s, struct ids ids, size_t top)
{
    size_t n = ids.count + 1; /* also an empty text gets arrays */
    *s = (struct surprise){
        .ids = ids,
        .nll = mem_zalloc(n, sizeof *s->nll),
        .lse = mem_zalloc(n, sizeof *s->lse),
        .argmax = mem_zalloc(n, sizeof *s->argmax),
        .top = top,
        .top_id = mem_zalloc(n * (top + 1), sizeof *s->top_id),
        .top_logit = mem_zalloc(n * (top + 1), sizeof *s->top_logit),
    };
}

static void surprise_release(struct surprise *s)
{
    ids_release(&s->ids);
    free(s->nll);
    free(s->lse);
    free(s->argmax);
    free(s->top_id);
    free(s->top_logit);
}

/* Logits of rows at positions first .. of one text; rows are independent, so the pool takes them.
 */
struct chunk {
    struct surprise *s;
    const float *logits; /* (rows, n_vocab) */
    size_t n_vocab, first;
};

/* The k largest in order, the lower id first among equals: insertion, as few ever move. */
static void pick_top(const struct chunk *c, const float *logits, size_t position)
{
    size_t k = c->s->top, held = 0;
    uint32_t *id = c->s->top_id + position * k;
    float *value = c->s->top_logit + position * k;
    for (size_t v = 0; v < c->n_vocab; v++) {
        if (held == k && !(logits[v] > value[k - 1]))
            continue;
        size_t at = held < k ? held++ : k - 1;
        for (; at > 0 && logits[v] > value[at - 1]; at--) {
            value[at] = value[at - 1];
            id[at] = id[at - 1];
        }
        value[at] = logits[v];
        id[at] = (uint32_t)v;
    }
}

/* Summed in order of ids, in double: the same bits everywhere. */
static void measure_row(void *arg, size_t row, size_t thread)
{
    const struct chunk *c = arg;
    struct surprise *s = c->s;
    const float *logits = c->logits + row * c->n_vocab;
    size_t position = c->first + row, best = 0;
    (void)thread;
    for (size_t v = 1; v < c->n_vocab; v++)
        best = logits[v] > logits[best] ? v : best;
    double sum = 0;
    for (size_t v = 0; v < c->n_vocab; v++)
        sum += det_exp((double)logits[v] - (double)logits[best]);
    s->argmax[position] = (uint32_t)best;
    s->lse[position] = (double)logits[best] + det_log(sum);
    if (position + 1 < s->ids.count)
        s->nll[position] = s->lse[position] - (double)logits[s->ids.id[position + 1]];
    if (s->top)
        pick_top(c, logits, position);
}

/* The model with working memory that grows to the longest text met. */
struct meter {
    struct open_model model;
    struct model_run *run;
    size_t run_context;
};

static bool meter_fit(struct meter *m, size_t n, struct err *err)
{
    const struct model_info *info = model_info(m->model.model);
    if (n > info->context_max)
        return err_set(err, ERR_LIMIT, "%zu tokens are more than the model's %zu positions", n,
                       info->context_max);
    if (n <= m->run_context)
        return true;
    model_run_free(m->run);
    m->run_context = size_round_up(n, CONTEXT_STEP);
    m->run =
        model_run_create(m->model.model, m->model.pool, CHUNK_ROWS, CHUNK_ROWS, m->run_context);
    if (m->run)
        return true;
    m->run_context = 0;
    return err_set(err, ERR_LIMIT, "there is no memory for %zu positions", n);
}

static bool run_chunks(struct meter *m, struct kv_seq *seq, struct surprise *s, struct err *err)
{
    size_t n_vocab = model_info(m->model.model)->n_vocab;
    for (size_t first = 0; first < s->ids.count; first += CHUNK_ROWS) {
        size_t count = size_min(CHUNK_ROWS, s->ids.count - first);
        struct model_span span = {
            .kv = seq, .tokens = s->ids.id + first, .count = count, .n_logits = count};
        if (signals_stop_requested())
            return err_set(err, ERR_CANCELLED, "stopped");
        if (!kv_seq_reserve(seq, first + count))
            return err_set(err, ERR_LIMIT, "there is no memory for %zu positions", s->ids.count);
        struct chunk chunk = {s, model_forward(m->run, &span, 1), n_vocab, first};
        pool_run(m->model.pool, measure_row, &chunk, count);
    }
    return true;
}

static bool measure(struct meter *m, struct surprise *s, struct err *err)
{
    const struct kv_layout *layout = model_kv_layout(m->model.model);
    struct kv_seq seq;
    if (!meter_fit(m, s->ids.count, err))
        return false;
    struct kv_cache *kv = kv_create(layout, kv_bytes_for(layout, s->ids.count, 0));
    kv_seq_init(&seq, kv);
    bool ok = run_chunks(m, &seq, s, err);
    kv_seq_release(&seq);
    kv_free(kv);
    return ok;
}

static bool read_ids(struct ids *out, const json_t *array, size_t n_vocab, struct err *err)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *id = json_array_get(array, i);
        json_int_t value = json_integer_value(id);
        if (!json_is_integer(id) || value < 0 || (size_t)value >= n_vocab)
            return err_set(err, ERR_FORMAT, "\"ids\"[%zu] is no token id below %zu", i, n_vocab);
        ids_push(out, (uint32_t)value);
    }
    return true;
}

static bool read_tokens(struct ids *out, const json_t *row, const struct open_model *model,
                        struct err *err)
{
    const json_t *ids = json_object_get(row, "ids");
    struct str text = json_get_str(row, "text");
    if (json_is_array(ids))
        return read_ids(out, ids, model_info(model->model)->n_vocab, err);
    if (!text.ptr)
        return err_set(err, ERR_FORMAT, "neither \"text\" nor \"ids\" is there");
    if (tokenizer_adds_bos(model->tok))
        ids_push(out, tokenizer_bos(model->tok));
    return tokenizer_encode(model->tok, out, text, (struct token_trust){0}, err);
}

static json_t *top_json(const struct surprise *s)
{
    json_t *positions = json_array();
    for (size_t i = 0; i < s->ids.count; i++) {
        json_t *ids = json_array(), *logits = json_array();
        for (size_t k = 0; k < s->top; k++) {
            json_array_append_new(ids, json_integer(s->top_id[i * s->top + k]));
            json_array_append_new(logits, json_real((double)s->top_logit[i * s->top + k]));
        }
        json_array_append_new(positions, json_pack("{s:I, s:f, s:o, s:o}", "pos", (json_int_t)i,
                                                   "lse", s->lse[i], "id", ids, "logit", logits));
    }
    return positions;
}

static void print_row(json_t *id, const struct surprise *s)
{
    json_t *nll = json_array(), *argmax = json_array(), *lse = json_array();
    for (size_t i = 0; i < s->ids.count; i++) {
        if (i + 1 < s->ids.count)
            json_array_append_new(nll, json_real(s->nll[i]));
        json_array_append_new(argmax, json_integer(s->argmax[i]));
        json_array_append_new(lse, json_real(s->lse[i]));
    }
    json_t *row = json_pack("{s:O?, s:I, s:o, s:o, s:o}", "id", id, "n", (json_int_t)s->ids.count,
                            "nll", nll, "argmax", argmax, "lse", lse);
    if (s->top)
        json_object_set_new(row, "top", top_json(s));
    console_take_json(row);
}

struct totals {
    size_t texts, tokens; /* tokens that were predicted */
    double nll;
};

static bool measure_line(struct meter *m, const struct jsonl *in, struct str line, size_t top,
                         struct totals *totals, struct err *err)
{
    json_t *row = NULL;
    struct ids ids = {0};
    if (!jsonl_parse(&row, in, line, err))
        return false;
    bool ok = read_tokens(&ids, row, &m->model, err);
    struct surprise s;
    surprise_init(&s, ids, top);
    ok = ok && measure(m, &s, err);
    if (ok)
        print_row(json_object_get(row, "id"), &s);
    for (size_t i = 0; ok && i + 1 < s.ids.count; i++, totals->tokens++)
        totals->nll += s.nll[i];
    totals->texts += ok;
    surprise_release(&s);
    json_decref(row);
    if (!ok && err->code != ERR_CANCELLED)
        err_in(err, "%s: line %zu", in->name, in->line);
    return ok;
}

static size_t count_lines(struct str text, const char *name)
{
    struct jsonl in;
    struct str line;
    size_t n = 0;
    jsonl_init(&in, text, name);
    while (jsonl_next(&in, &line))
        n++;
    return n;
}

static bool measure_all(struct meter *m, struct str text, const struct flags *flags,
                        struct console *con, struct totals *totals, struct err *err)
{
    struct jsonl in;
    struct str line;
    const char *name = flags_str(flags, "input");
    size_t n = count_lines(text, name), top = (size_t)flags_u64(flags, "top");
    jsonl_init(&in, text, name);
    while (jsonl_next(&in, &line)) {
        if (!measure_line(m, &in, line, top, totals, err))
            return false;
        console_progress(con, "texts", totals->texts, n, "");
    }
    console_progress_end(con);
    return true;
}

static int report(struct console *con, const struct totals *totals)
{
    if (totals->tokens) {
        double mean = totals->nll / (double)totals->tokens;
        console_note(con, "%zu texts, %zu tokens predicted, mean nll %.6f, perplexity %.4f",
                     totals->texts, totals->tokens, mean, det_exp(mean));
    } else {
        console_note(con, "%zu texts, nothing to predict", totals->texts);
    }
    return EXIT_OK;
}

int cmd_perplexity(int argc, char **argv)
{
    struct flags flags;
    int status;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    struct err err = {0};
    struct meter meter = {0};
    struct totals totals = {0};
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    bool ok = file_read(&text, flags_str(&flags, "input"), &err) &&
              open_model_init(&meter.model, &flags, &con, OPEN_WEIGHTS, &err) &&
              measure_all(&meter, buf_str(&text), &flags, &con, &totals, &err);
    status = ok ? report(&con, &totals) : console_fail(&con, &err);
    model_run_free(meter.run);
    open_model_release(&meter.model);
    buf_release(&text);
    flags_release(&flags);
    return status;
}
