/* data_contam.c - lem data contam: which probes stand in lessons, whole or in part. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/data.h"
#include "cli/exit.h"
#include "probe/overlap.h"
#include "probe/probe.h"
#include "report/table.h"
#include "text/json.h"

enum { SETS_MAX = 256 };
#define WHOLE 0.8 /* of its runs: such a probe is as good as in there */

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "probes",
     .letter = 'p',
     .kind = FLAG_LIST,
     .value = "FILE",
     .help = "a file of probes that are meant for testing",
     .required = true},
    {.name = "answers",
     .kind = FLAG_BOOL,
     .help = "look only at what is learned: answers and texts, not what users say"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "data contam",
    .synopsis = "DIR|FILE... --probes FILE [--probes FILE] [--answers]",
    .about =
        "Looks for every run of 13 words of a probe in the lessons (a shorter probe as a whole,\n"
        "down to 8 words). A model that has seen a probe says little about the kernel when it is\n"
        "asked that probe. Exit status 1 if any is found. Whole: at least 80 % of its runs.",
    .groups = {{"What is looked for", OWN_FLAGS}},
    .args_max = DATA_FILES_MAX,
};

struct job {
    const struct flags *flags;
    struct lesson_set lessons;
    struct probe_set sets[SETS_MAX];
    const char *const *paths;
    size_t n_sets, n_items;
    struct str *items; /* the prompts of all sets, one after the other */
    struct overlap *overlap;
};

struct tally {
    size_t judged, found, whole;
};

static bool load_sets(struct job *job, struct err *err)
{
    size_t n;
    job->paths = flags_list(job->flags, "probes", &n);
    if (n > SETS_MAX)
        return err_set(err, ERR_USAGE, "at most %d files of probes", SETS_MAX);
    for (; job->n_sets < n; job->n_sets++) {
        struct probe_set *set = &job->sets[job->n_sets];
        if (!probe_set_load(set, job->paths[job->n_sets], &(struct probe_options){0}, err))
            return false;
        job->n_items += set->count;
    }
    return true;
}

static void index_probes(struct job *job)
{
    size_t at = 0;
    job->items = mem_zalloc(job->n_items + 1, sizeof *job->items);
    for (size_t s = 0; s < job->n_sets; s++)
        for (size_t i = 0; i < job->sets[s].count; i++)
            job->items[at++] = job->sets[s].items[i].prompt;
    job->overlap = overlap_create(job->items, job->n_items);
}

static void read_lessons(struct job *job)
{
    bool answers = flags_bool(job->flags, "answers");
    for (size_t i = 0; i < job->lessons.count; i++) {
        const json_t *value = job->lessons.items[i].value;
        bool is_text = json_object_get(value, "text") != NULL;
        for (size_t turn = 0; turn < lesson_turns(value); turn++)
            if (!answers || is_text || lesson_is_assistant(value, turn))
                overlap_read(job->overlap, lesson_content(value, turn), i);
    }
}

static double share_of(const struct overlap_item *item)
{
    return item->runs > 0 ? (double)item->found / (double)item->runs : 0;
}

static void count_item(struct tally *tally, const struct overlap_item *item)
{
    tally->judged += item->runs > 0;
    tally->found += item->found > 0;
    tally->whole += item->runs > 0 && share_of(item) >= WHOLE;
}

static void put_item(struct buf *out, const struct job *job, size_t set, const struct probe *probe,
                     const struct overlap_item *item)
{
    const struct lesson *lesson = &job->lessons.items[item->source];
    buf_printf(out, "%s: ", job->paths[set]);
    if (probe->id.len > 0)
        buf_printf(out, "%.*s", STR_ARG(probe->id));
    else
        buf_printf(out, "record %zu", probe->record);
    buf_printf(out, ": %.0f %% stands in lessons, first in %s: line %zu: \"%.*s\"\n",
               100 * share_of(item), lesson->file, lesson->line, STR_ARG(item->text));
}

static void put_sets(struct buf *out, const struct job *job, const struct tally *tallies)
{
    struct table table = {0};
    table_column(&table, "Probes", TEXT_LEFT);
    table_column(&table, "n", TEXT_RIGHT);
    table_column(&table, "judged", TEXT_RIGHT);
    table_column(&table, "found", TEXT_RIGHT);
    table_column(&table, "whole", TEXT_RIGHT);
    for (size_t s = 0; s < job->n_sets; s++) {
        table_cell(&table, "%s", job->paths[s]);
        table_cell(&table, "%zu", job->sets[s].count);
        table_cell(&table, "%zu", tallies[s].judged);
        table_cell(&table, "%zu", tallies[s].found);
        table_cell(&table, "%zu", tallies[s].whole);
    }
    table_format(out, &table);
    table_release(&table);
}

static json_t *item_json(const struct job *job, size_t set, const struct probe *probe,
                         const struct overlap_item *item)
{
    const struct lesson *lesson = &job->lessons.items[item->source];
    json_t *row = json_object();
    json_object_set_new(row, "probes", json_string(job->paths[set]));
    json_object_set_new(row, "id", json_from_str(probe->id));
    json_object_set_new(row, "runs", json_integer((json_int_t)item->runs));
    json_object_set_new(row, "found", json_integer((json_int_t)item->found));
    json_object_set_new(row, "file", json_string(lesson->file));
    json_object_set_new(row, "line", json_integer((json_int_t)lesson->line));
    json_object_set_new(row, "text", json_from_str(item->text));
    return row;
}

static json_t *sets_json(const struct job *job, const struct tally *tallies)
{
    json_t *rows = json_array();
    for (size_t s = 0; s < job->n_sets; s++)
        json_array_append_new(rows, json_pack("{ss sI sI sI sI}", "probes", job->paths[s], "n",
                                              (json_int_t)job->sets[s].count, "judged",
                                              (json_int_t)tallies[s].judged, "found",
                                              (json_int_t)tallies[s].found, "whole",
                                              (json_int_t)tallies[s].whole));
    return rows;
}

/* Prints what was found; returns how many probes. */
static size_t print_all(const struct job *job, struct console *con)
{
    struct tally tallies[SETS_MAX] = {{0}};
    json_t *findings = json_array();
    bool as_json = flags_bool(job->flags, "json");
    size_t at = 0, n_found = 0;
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    for (size_t s = 0; s < job->n_sets; s++)
        for (size_t i = 0; i < job->sets[s].count; i++) {
            struct overlap_item item = overlap_get(job->overlap, at++);
            count_item(&tallies[s], &item);
            if (item.found == 0)
                continue;
            n_found++;
            if (as_json)
                json_array_append_new(findings, item_json(job, s, &job->sets[s].items[i], &item));
            else
                put_item(&out, job, s, &job->sets[s].items[i], &item);
        }
    if (as_json) {
        console_take_json(json_pack("{so so}", "sets", sets_json(job, tallies), "findings",
                                    json_incref(findings)));
    } else {
        put_sets(&out, job, tallies);
        console_print(con, buf_str(&out));
    }
    json_decref(findings);
    buf_release(&out);
    return n_found;
}

static int run(const struct flags *flags, struct console *con)
{
    struct job *job = mem_zalloc(1, sizeof *job);
    struct err err = {0};
    int status;
    job->flags = flags;
    if (!load_sets(job, &err) || !data_read(&job->lessons, flags, con, &err)) {
        status = console_fail(con, &err);
    } else {
        index_probes(job);
        read_lessons(job);
        status = print_all(job, con) > 0 ? EXIT_FAILED : EXIT_OK;
    }
    overlap_free(job->overlap);
    free(job->items);
    while (job->n_sets > 0)
        probe_set_release(&job->sets[--job->n_sets]);
    lesson_set_release(&job->lessons);
    free(job);
    return status;
}

int data_contam(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
