/* probes_normalize.c - lem probes normalize: distinct prompts as seed lines, the rarest domains
 * first. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/exit.h"
#include "cli/probes.h"
#include "probe/coverage.h"
#include "probe/dedup.h"
#include "text/json.h"
#include "text/utf8.h"

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "min-chars",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "50",
     .max = 1000000,
     .help = "leave out shorter prompts"},
    {.name = "against",
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "leave out prompts that are in there"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "probes normalize",
    .synopsis = "FILE... [--output FILE] [--min-chars 50] [--against FILE]",
    .about =
        "Writes {source_file, region, seed_id, domain, prompt, priority} for every prompt that is\n"
        "long enough and was not there before. Priority 1 is the domain with the fewest prompts.\n"
        "Prompts get normal form C and plain line ends; a prompt_en is kept.",
    .groups = {{"Normalise", OWN_FLAGS}, {"Input and output", PROBES_FILES}},
    .args_max = 1 << 16,
};

/* Normal form C, lines ended by \n alone. */
static json_t *plain_text(struct str text)
{
    struct buf composed;
    size_t kept = 0;
    buf_init(&composed, BUF_MAX_DEFAULT);
    if (!utf8_nfc(&composed, text)) {
        buf_release(&composed);
        return json_from_str(text);
    }
    for (size_t i = 0; i < composed.len; i++)
        if (composed.ptr[i] != '\r' || i + 1 == composed.len || composed.ptr[i + 1] != '\n')
            composed.ptr[kept++] = composed.ptr[i];
    json_t *value = json_from_str(str_n(composed.len ? composed.ptr : "", kept));
    buf_release(&composed);
    return value;
}

static json_t *seed_of(const struct import_record *record, struct buf *lower)
{
    const char *slash = strrchr(record->file, '/');
    json_t *seed = json_object(), *english = json_object_get(record->value, "prompt_en");
    json_object_set_new(seed, "source_file",
                        json_from_str(str_of(slash ? slash + 1 : record->file)));
    json_object_set_new(seed, "region", json_string(region_of_record(record->texts, record->file)));
    json_object_set(seed, "seed_id", json_object_get(record->value, "id"));
    json_object_set_new(seed, "domain", json_from_str(domain_of_record(lower, record->texts)));
    json_object_set_new(seed, "prompt", plain_text(record->texts.prompt));
    if (english)
        json_object_set(seed, "prompt_en", english);
    return seed;
}

/* The seeds of the records that say something new and are long enough. */
static void choose_seeds(json_t *seeds, const struct import *in, size_t n_against, size_t min_chars)
{
    struct str *texts = mem_zalloc(in->n_records + 1, sizeof *texts);
    struct dedup_twin *twins = mem_zalloc(in->n_records + 1, sizeof *twins);
    struct buf lower;
    buf_init(&lower, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < in->n_records; i++)
        texts[i] = in->records[i].texts.prompt;
    dedup_find(twins, texts, in->n_records, 2);
    for (size_t i = n_against; i < in->n_records; i++)
        if (twins[i].of == DEDUP_NONE && utf8_count(texts[i]) >= min_chars)
            json_array_append_new(seeds, seed_of(&in->records[i], &lower));
    buf_release(&lower);
    free(twins);
    free(texts);
}

struct ranked {
    json_t *seed;
    size_t priority, index;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* The seeds with their priorities, by priority and then as they came. */
static json_t *rank_seeds(json_t *seeds)
{
    size_t count = json_array_size(seeds);
    struct ranked *ranked = mem_zalloc(count + 1, sizeof *ranked);
    struct tally domains = {0};
    struct map row_of = {0};
    json_t *ordered = json_array();
    for (size_t i = 0; i < count; i++)
        tally_add(&domains, json_get_str(json_array_get(seeds, i), "domain"));
    tally_sort(&domains);
    for (size_t i = 0; i < domains.n_rows; i++)
        map_add(&row_of, domains.rows[i].name, (uint32_t)(domains.n_rows - i));
    for (size_t i = 0; i < count; i++) {
        json_t *seed = json_array_get(seeds, i);
        ranked[i] = (struct ranked){seed, map_get(&row_of, json_get_str(seed, "domain")), i};
        json_object_set_new(seed, "priority", json_integer((json_int_t)ranked[i].priority));
    }
    qsort(ranked, count, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < count; i++)
        json_array_append(ordered, ranked[i].seed);
    map_release(&row_of);
    tally_release(&domains);
    free(ranked);
    return ordered;
}

static int normalize(const struct flags *flags, struct console *con)
{
    struct import in;
    struct err err = {0};
    const char *against = flags_str(flags, "against");
    json_t *seeds = json_array(), *ordered = NULL;
    int status = EXIT_OK;
    import_init(&in, (struct import_options){0});
    bool ok = !against || import_file(&in, against, &err);
    size_t n_against = in.n_records;
    ok = ok && probes_read(&in, flags, con, &err);
    if (!ok) {
        status = console_fail(con, &err);
    } else {
        choose_seeds(seeds, &in, n_against, (size_t)flags_u64(flags, "min-chars"));
        ordered = rank_seeds(seeds);
        console_note(con, "%zu read, %zu distinct and long enough", in.n_records - n_against,
                     json_array_size(ordered));
        if (!probes_write(flags_str(flags, "output"), ordered, con))
            status = EXIT_FAILED;
    }
    json_decref(ordered);
    json_decref(seeds);
    import_release(&in);
    return status;
}

int probes_normalize(int argc, char **argv)
{
    return command_run(&USAGE, normalize, argc, argv);
}
