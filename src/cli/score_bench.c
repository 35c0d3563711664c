/* score_bench.c - lem score bench: bytes a second of each scorer on this machine. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cli/command_run.h"
#include "cli/exit.h"
#include "cli/score.h"
#include "cli/score_job.h"
#include "os/clock.h"
#include "report/table.h"
#include "text/json.h"

enum { THREAD_COUNTS_MAX = 16 };

static const struct flag_spec OWN[] = {
    {.name = "input",
     .letter = 'i',
     .kind = FLAG_PATH,
     .value = "FILE",
     .required = true,
     .argv_only = true,
     .help = "answers in any shape `lem score` reads"},
    {.name = "scorer",
     .letter = 's',
     .kind = FLAG_STRING,
     .value = "NAMES",
     .preset = "all",
     .help = "scorers or groups of them, separated by commas"},
    {.name = "bytes",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "100000000",
     .min = 1,
     .max = 1e12,
     .help = "bytes of text to score at least, the file's answers over and over"},
    {.name = "threads",
     .letter = 't',
     .kind = FLAG_STRING,
     .value = "LIST",
     .preset = "1,2",
     .help = "numbers of threads, a measurement for each"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "score bench",
    .synopsis = "--input FILE [--scorer NAMES] [--bytes N] [--threads LIST] [--json]",
    .about =
        "Measures how fast each scorer is: texts and bytes of answers a second, with the file\n"
        "read and parsed beforehand and nothing printed meanwhile. A megabyte is a million\n"
        "bytes of UTF-8.",
    .groups = {{"Measurement", OWN}},
};

/* The answers, held in memory. */
struct texts {
    struct score_item *items;
    size_t n, cap, bytes;
    struct arena arena;
};

/* One scorer on one number of threads. */
struct trial {
    const struct texts *texts;
    struct score **scores; /* one a thread */
};

static void release(struct texts *texts)
{
    arena_release(&texts->arena);
    free(texts->items);
}

static bool load(struct texts *texts, const char *path, struct err *err)
{
    struct answers in;
    struct answer answer;
    bool more = true, ok;
    if (!answers_open(&in, path, err))
        return false;
    while ((ok = answers_next(&in, &answer, &more, err)) && more) {
        struct score_item item = {.text = arena_str(&texts->arena, answer.text)};
        if (answer.prompt.ptr)
            item.prompt = arena_str(&texts->arena, answer.prompt);
        if (answer.expected.ptr)
            item.expected = arena_str(&texts->arena, answer.expected);
        if (answer.probe.ptr)
            item.probe = arena_str(&texts->arena, answer.probe);
        VEC_PUSH(texts->items, texts->n, texts->cap, item);
        texts->bytes += item.text.len;
    }
    answers_close(&in);
    if (ok && texts->bytes == 0)
        return err_set(err, ERR_USAGE, "%s holds no answer to measure with", path);
    return ok;
}

static void score_one(void *arg, size_t index, size_t thread)
{
    const struct trial *trial = arg;
    struct score_result result;
    struct err err = {0};
    const struct score_item *item = &trial->texts->items[index % trial->texts->n];
    if (!score_item(trial->scores[thread], &result, item, &err))
        err.code = ERR_NONE; /* what is refused takes its time too */
}

/* Seconds for `rounds` rounds over all texts. */
static double measure(const struct texts *texts, const struct scorer *scorer, size_t threads,
                      size_t rounds)
{
    struct pool *pool = pool_create(threads);
    size_t n = pool_threads(pool);
    struct trial trial = {texts, mem_zalloc(n, sizeof *trial.scores)};
    for (size_t i = 0; i < n; i++)
        trial.scores[i] = score_create(scorer);
    pool_run(pool, score_one, &trial, texts->n); /* brings memory in */
    double begun = clock_seconds();
    for (size_t i = 0; i < rounds; i++)
        pool_run(pool, score_one, &trial, texts->n);
    double seconds = clock_seconds() - begun;
    for (size_t i = 0; i < n; i++)
        score_free(trial.scores[i]);
    free(trial.scores);
    pool_free(pool);
    return seconds;
}

static bool parse_threads(size_t counts[THREAD_COUNTS_MAX], size_t *n, const char *list,
                          struct err *err)
{
    *n = 0;
    for (const char *p = list;; p++) {
        char *end;
        unsigned long count = strtoul(p, &end, 10);
        if (end == p || count < 1 || count > THREADS_MAX || *n == THREAD_COUNTS_MAX ||
            (*end && *end != ','))
            return err_set(err, ERR_USAGE,
                           "--threads is \"%s\"; it takes up to %d numbers from 1 to %d, separated "
                           "by commas",
                           list, THREAD_COUNTS_MAX, THREADS_MAX);
        counts[(*n)++] = count;
        if (!*end)
            return true;
        p = end;
    }
}

struct bench {
    struct texts texts;
    size_t threads[THREAD_COUNTS_MAX], n_threads, rounds;
    struct table table;
    json_t *rows;
};

static void add_columns(struct bench *bench)
{
    table_column(&bench->table, "SCORER", TEXT_LEFT);
    for (size_t i = 0; i < bench->n_threads; i++) {
        char heading[64];
        snprintf(heading, sizeof heading, "TEXTS/S, %zu THREAD%s", bench->threads[i],
                 bench->threads[i] > 1 ? "S" : "");
        table_column(&bench->table, heading, TEXT_RIGHT);
        table_column(&bench->table, "MB/S", TEXT_RIGHT);
    }
    table_column(&bench->table, "SPEED-UP", TEXT_RIGHT);
}

static void add_row(struct bench *bench, const struct scorer *scorer)
{
    const struct texts *texts = &bench->texts;
    double first = 0, last = 0;
    table_cell(&bench->table, "%s", scorer->name);
    for (size_t i = 0; i < bench->n_threads; i++) {
        double s = measure(texts, scorer, bench->threads[i], bench->rounds);
        double texts_per_s = (double)(texts->n * bench->rounds) / s;
        double mb_per_s = (double)(texts->bytes * bench->rounds) / s / 1e6;
        table_cell(&bench->table, "%.0f", texts_per_s);
        table_cell(&bench->table, "%.1f", mb_per_s);
        json_array_append_new(bench->rows,
                              json_pack("{s:s, s:I, s:f, s:f}", "scorer", scorer->name, "threads",
                                        (json_int_t)bench->threads[i], "texts_per_s", texts_per_s,
                                        "mb_per_s", mb_per_s));
        first = i == 0 ? s : first;
        last = s;
    }
    table_cell(&bench->table, "%.2f", first / last);
}

static int run(const struct flags *flags, struct console *con)
{
    struct bench bench = {.rows = json_array()};
    struct score_job chosen;
    struct err err = {0};
    struct buf out;
    score_job_init(&chosen);
    buf_init(&out, BUF_MAX_DEFAULT);
    bool ok = score_job_choose(&chosen, flags_str(flags, "scorer"), &err) &&
              parse_threads(bench.threads, &bench.n_threads, flags_str(flags, "threads"), &err) &&
              load(&bench.texts, flags_str(flags, "input"), &err);
    if (ok) {
        bench.rounds = (size_t)ceil((double)flags_u64(flags, "bytes") / (double)bench.texts.bytes);
        add_columns(&bench);
        for (size_t i = 0; i < chosen.n_scorers; i++)
            add_row(&bench, chosen.scorers[i]);
        table_format(&out, &bench.table);
        if (flags_bool(flags, "json"))
            console_take_json(json_incref(bench.rows));
        else
            console_print(con, buf_str(&out));
    }
    json_decref(bench.rows);
    buf_release(&out);
    table_release(&bench.table);
    release(&bench.texts);
    score_job_release(&chosen);
    return ok ? EXIT_OK : console_fail(con, &err);
}

int cmd_score_bench(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
