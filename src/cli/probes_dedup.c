/* probes_dedup.c - lem probes dedup: leaves out what repeats an earlier probe. */
#include <stdlib.h>

#include "base/mem.h"
#include "cli/exit.h"
#include "cli/probes.h"
#include "probe/dedup.h"
#include "text/json.h"

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "threshold",
     .kind = FLAG_DOUBLE,
     .value = "X",
     .preset = "0.85",
     .min = 0.3,
     .max = 1,
     .help = "how much of its three-word runs a near repeat shares"},
    {.name = "exact", .kind = FLAG_BOOL, .help = "leave out only what has the same words"},
    {.name = "against",
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "also leave out what repeats a probe in there"},
    {.name = "removed",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "list there what was left out: id, of, similarity"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "probes dedup",
    .synopsis = "FILE... [--output FILE] [--threshold X | --exact] [--against FILE]",
    .about = "Writes the probes that say something new, in their order; of any family of repeats\n"
             "the first stays. Repeats are exact when the words are the same whatever their case\n"
             "and punctuation, near when their three-word runs agree (Jaccard, by MinHash).",
    .groups = {{"Repeats", OWN_FLAGS}, {"Input and output", PROBES_FILES}},
    .args_max = 1 << 16,
};

struct job {
    struct import in; /* first the probes to compare with, then those to go through */
    size_t n_against;
    struct dedup_twin *twins;
};

static void find_twins(struct job *job, double threshold)
{
    size_t count = job->in.n_records;
    struct str *texts = mem_zalloc(count + 1, sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = job->in.records[i].texts.prompt;
    job->twins = mem_zalloc(count + 1, sizeof *job->twins);
    dedup_find(job->twins, texts, count, threshold);
    free(texts);
}

static json_t *removed_line(const struct job *job, size_t i)
{
    const struct dedup_twin *twin = &job->twins[i];
    json_t *line = json_object();
    json_object_set_new(line, "id", json_from_str(job->in.records[i].texts.id));
    json_object_set_new(line, "of", json_from_str(job->in.records[twin->of].texts.id));
    json_object_set_new(line, "similarity", json_real(twin->similarity));
    json_object_set_new(line, "exact", json_boolean(twin->is_exact));
    return line;
}

static bool write_all(const struct job *job, const struct flags *flags, struct console *con)
{
    const char *path = flags_str(flags, "removed");
    const struct import_record **kept = mem_zalloc(job->in.n_records + 1, sizeof(void *));
    json_t *removed = json_array();
    size_t n_kept = 0, n_exact = 0;
    for (size_t i = job->n_against; i < job->in.n_records; i++) {
        if (job->twins[i].of == DEDUP_NONE)
            kept[n_kept++] = &job->in.records[i];
        else
            json_array_append_new(removed, removed_line(job, i));
        n_exact += job->twins[i].is_exact;
    }
    console_note(con, "%zu read: %zu kept, %zu exact repeats, %zu near",
                 job->in.n_records - job->n_against, n_kept, n_exact,
                 json_array_size(removed) - n_exact);
    bool ok = (!path || probes_write(path, removed, con)) &&
              probes_write_records(flags_str(flags, "output"), kept, n_kept, con);
    free(kept);
    json_decref(removed);
    return ok;
}

static int dedup(const struct flags *flags, struct console *con)
{
    struct job job = {0};
    struct err err = {0};
    const char *against = flags_str(flags, "against");
    import_init(&job.in, (struct import_options){.keep_lines = true});
    bool ok = !against || import_file(&job.in, against, &err);
    job.n_against = job.in.n_records;
    ok = ok && probes_read(&job.in, flags, con, &err);
    int status = ok ? EXIT_OK : console_fail(con, &err);
    if (ok) {
        find_twins(&job, flags_bool(flags, "exact") ? 2 : flags_double(flags, "threshold"));
        if (!write_all(&job, flags, con))
            status = EXIT_FAILED;
    }
    free(job.twins);
    import_release(&job.in);
    return status;
}

int probes_dedup(int argc, char **argv)
{
    return command_run(&USAGE, dedup, argc, argv);
}
