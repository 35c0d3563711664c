/* probes_split.c - lem probes split: deals probes out to training, validation and test files. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/exit.h"
#include "cli/probes.h"
#include "os/file.h"
#include "probe/coverage.h"
#include "probe/split.h"
#include "text/json.h"

enum { TRAIN, VALID, TEST, N_PARTS };
static const char *const part_names[N_PARTS] = {"train", "valid", "test"};

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "valid",
     .kind = FLAG_DOUBLE,
     .value = "X",
     .preset = "0.1",
     .min = 0,
     .max = 0.9,
     .help = "share of the validation file"},
    {.name = "test",
     .kind = FLAG_DOUBLE,
     .value = "X",
     .preset = "0",
     .min = 0,
     .max = 0.9,
     .help = "share of the test file"},
    {.name = "seed",
     .letter = 's',
     .kind = FLAG_U64,
     .value = "N",
     .preset = "42",
     .help = "another seed deals otherwise"},
    {.name = "input",
     .letter = 'i',
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "probes, in any shape; - is standard input"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FOLDER",
     .preset = ".",
     .help = "train.jsonl, valid.jsonl and test.jsonl go there"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "probes split",
    .synopsis = "FILE... [--valid 0.1] [--test 0] [--seed 42] [--output FOLDER]",
    .about =
        "Every domain is dealt out in the same proportions. Which file a probe goes to depends\n"
        "on the seed and its id, not on the order of the input; variants of one probe\n"
        "(source_probe) stay together. A part with a share of 0 is not written.",
    .groups = {{"Split", OWN_FLAGS}},
    .args_max = 1 << 16,
};

static struct str key_of(const struct import_record *record)
{
    struct str source = json_get_str(record->value, "source_probe");
    return source.len > 0 ? source : record->texts.id;
}

static struct split_item *items_of(const struct import *in, struct arena *arena)
{
    struct split_item *items = mem_zalloc(in->n_records + 1, sizeof *items);
    struct buf lower;
    buf_init(&lower, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < in->n_records; i++) {
        const struct import_record *record = &in->records[i];
        items[i].stratum = arena_str(arena, domain_of_record(&lower, record->texts));
        items[i].key = key_of(record);
    }
    buf_release(&lower);
    return items;
}

static bool write_part(const struct import *in, const struct split_item *items, uint32_t part,
                       const char *folder, struct console *con)
{
    json_t *list = json_array();
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    buf_printf(&path, "%s/%s.jsonl", folder, part_names[part]);
    for (size_t i = 0; i < in->n_records; i++)
        if (items[i].part == part)
            json_array_append(list, in->records[i].value);
    bool ok = probes_write(path.ptr, list, con);
    if (ok)
        console_note(con, "%s: %zu", path.ptr, json_array_size(list));
    buf_release(&path);
    json_decref(list);
    return ok;
}

static bool deal(const struct import *in, const double weights[N_PARTS], const struct flags *flags,
                 struct console *con)
{
    struct arena arena = {0};
    struct err err = {0};
    const char *folder = flags_str(flags, "output");
    struct split_item *items = items_of(in, &arena);
    split_assign(items, in->n_records, weights, N_PARTS, flags_u64(flags, "seed"));
    bool ok = file_make_dirs(folder, &err);
    if (!ok)
        console_fail(con, &err);
    for (uint32_t part = 0; ok && part < N_PARTS; part++)
        if (weights[part] > 0)
            ok = write_part(in, items, part, folder, con);
    free(items);
    arena_release(&arena);
    return ok;
}

static int split(const struct flags *flags, struct console *con)
{
    double valid = flags_double(flags, "valid"), test = flags_double(flags, "test");
    const double weights[N_PARTS] = {1 - valid - test, valid, test};
    struct import in;
    struct err err = {0};
    import_init(&in, (struct import_options){0});
    int status = EXIT_OK;
    if (valid + test >= 1) {
        err_set(&err, ERR_USAGE, "--valid and --test leave nothing for training");
        status = console_fail(con, &err);
    } else if (!probes_read(&in, flags, con, &err)) {
        status = console_fail(con, &err);
    } else if (!deal(&in, weights, flags, con)) {
        status = EXIT_FAILED;
    }
    import_release(&in);
    return status;
}

int probes_split(int argc, char **argv)
{
    return command_run(&USAGE, split, argc, argv);
}
