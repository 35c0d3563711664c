/* data_lengths.c - see data_lengths.h. */
#include "cli/data_lengths.h"

#include <stdlib.h>

#include "base/mem.h"
#include "report/table.h"
#include "text/utf8.h"

enum { BLOCK = 64 };

const struct flag_spec FLAGS_LENGTHS[] = {
    {.name = "mask",
     .kind = FLAG_STRING,
     .value = "MASK",
     .preset = "last",
     .help = "what is learned: the last answer, all answers, or none masked (last|answers|none)"},
    {.name = "max-seq-length",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "2048",
     .min = 1,
     .max = 1 << 24,
     .help = "count lessons of more tokens than a trainer would read"},
    {.name = "threads",
     .kind = FLAG_U64,
     .value = "N",
     .min = 1,
     .max = THREADS_MAX,
     .help = "worker threads (as many as this process may use unless given)"},
    {.name = NULL},
};

struct tally {
    const struct lesson_set *set;
    const struct prompt_style *style;
    enum lesson_mask mask;
    struct lesson_tokens *tokens;
    struct err *errs; /* of each thread, the first */
};

static void count_block(void *arg, size_t block, size_t thread)
{
    struct tally *tally = arg;
    struct err *err = &tally->errs[thread];
    size_t end = size_min((block + 1) * BLOCK, tally->set->count);
    for (size_t i = block * BLOCK; i < end && err->code == ERR_NONE; i++) {
        const struct lesson *lesson = &tally->set->items[i];
        if (!lesson_count_tokens(&tally->tokens[i], lesson->value, tally->mask, tally->style, err))
            err_in(err, "%s: line %zu", lesson->file, lesson->line);
    }
}

static bool count_all(struct tally *tally, struct pool *pool, struct err *err)
{
    size_t n_threads = pool_threads(pool);
    bool ok = true;
    tally->errs = mem_zalloc(n_threads, sizeof *tally->errs);
    pool_run(pool, count_block, tally, (tally->set->count + BLOCK - 1) / BLOCK);
    for (size_t i = 0; ok && i < n_threads; i++)
        if (tally->errs[i].code != ERR_NONE) {
            *err = tally->errs[i];
            ok = false;
        }
    free(tally->errs);
    return ok;
}

static void sum_up(struct data_lengths *out, const struct lesson_tokens *tokens, size_t count)
{
    size_t *total = mem_zalloc(count + 1, sizeof *total);
    size_t *masked = mem_zalloc(count + 1, sizeof *masked);
    size_t *learned = mem_zalloc(count + 1, sizeof *learned);
    for (size_t i = 0; i < count; i++) {
        total[i] = tokens[i].total;
        masked[i] = tokens[i].total - tokens[i].learned;
        learned[i] = tokens[i].learned;
        out->n_over += tokens[i].total > out->max_tokens;
        out->n_unsteady += !tokens[i].is_steady;
        out->n_untaught += tokens[i].learned == 0;
    }
    out->has_tokens = true;
    out->tokens = lesson_spread_of(total, count);
    out->masked = lesson_spread_of(masked, count);
    out->learned = lesson_spread_of(learned, count);
    free(total);
    free(masked);
    free(learned);
}

static bool measure_tokens(struct data_lengths *out, const struct lesson_set *set,
                           const struct open_model *model, const struct flags *flags,
                           struct err *err)
{
    struct tally tally = {.set = set, .style = &model->style};
    const char *mask = flags_str(flags, "mask");
    if (!lesson_mask_of_name(&tally.mask, mask))
        return err_set(err, ERR_USAGE, "--mask is last, answers or none, not \"%s\"", mask);
    struct pool *pool = pool_create((size_t)flags_u64(flags, "threads"));
    tally.tokens = mem_zalloc(set->count + 1, sizeof *tally.tokens);
    bool ok = count_all(&tally, pool, err);
    if (ok)
        sum_up(out, tally.tokens, set->count);
    free(tally.tokens);
    pool_free(pool);
    return ok;
}

bool data_measure(struct data_lengths *out, const struct lesson_set *set,
                  const struct open_model *model, const struct flags *flags, struct err *err)
{
    *out = (struct data_lengths){.max_tokens = (size_t)flags_u64(flags, "max-seq-length")};
    lesson_measure(&out->turns, &out->user_chars, &out->answer_chars, set);
    return !model || measure_tokens(out, set, model, flags, err);
}

static void put_row(struct table *table, const char *name, const struct lesson_spread *spread)
{
    const size_t values[] = {spread->min, spread->p10, spread->median, spread->p90,
                             spread->p95, spread->p99, spread->max};
    table_cell(table, "%s", name);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        table_cell(table, "%zu", values[i]);
    table_cell(table, "%.1f", spread->mean);
    table_cell(table, "%zu", spread->sum);
}

void data_put_lengths(struct buf *out, const struct data_lengths *lengths)
{
    static const char *const headings[] = {"min", "p10", "p50",  "p90", "p95",
                                           "p99", "max", "mean", "sum"};
    struct table table = {0};
    table_column(&table, "", TEXT_LEFT);
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        table_column(&table, headings[i], TEXT_RIGHT);
    put_row(&table, "turns", &lengths->turns);
    put_row(&table, "user characters", &lengths->user_chars);
    put_row(&table, "answer characters", &lengths->answer_chars);
    if (lengths->has_tokens) {
        put_row(&table, "tokens", &lengths->tokens);
        put_row(&table, "masked tokens", &lengths->masked);
        put_row(&table, "learned tokens", &lengths->learned);
    }
    table_format(out, &table);
    table_release(&table);
}

json_t *data_spread_json(const struct lesson_spread *spread)
{
    return json_pack("{sI sI sI sI sI sI sI sf sI}", "min", (json_int_t)spread->min, "p10",
                     (json_int_t)spread->p10, "p50", (json_int_t)spread->median, "p90",
                     (json_int_t)spread->p90, "p95", (json_int_t)spread->p95, "p99",
                     (json_int_t)spread->p99, "max", (json_int_t)spread->max, "mean", spread->mean,
                     "sum", (json_int_t)spread->sum);
}

json_t *data_lengths_json(const struct data_lengths *lengths)
{
    json_t *json = json_object();
    json_object_set_new(json, "turns", data_spread_json(&lengths->turns));
    json_object_set_new(json, "user_chars", data_spread_json(&lengths->user_chars));
    json_object_set_new(json, "answer_chars", data_spread_json(&lengths->answer_chars));
    if (!lengths->has_tokens)
        return json;
    json_object_set_new(json, "tokens", data_spread_json(&lengths->tokens));
    json_object_set_new(json, "masked_tokens", data_spread_json(&lengths->masked));
    json_object_set_new(json, "learned_tokens", data_spread_json(&lengths->learned));
    json_object_set_new(json, "max_seq_length", json_integer((json_int_t)lengths->max_tokens));
    json_object_set_new(json, "over_max_seq_length", json_integer((json_int_t)lengths->n_over));
    json_object_set_new(json, "nothing_learned", json_integer((json_int_t)lengths->n_untaught));
    json_object_set_new(json, "unsteady", json_integer((json_int_t)lengths->n_unsteady));
    return json;
}
