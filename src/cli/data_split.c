/* data_split.c - lem data split: deals lessons out to training, validation and test files. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/mersenne.h"
#include "cli/data.h"
#include "cli/data_parts.h"
#include "cli/exit.h"
#include "os/file.h"

const struct flag_spec FLAGS_PARTS[] = {
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
     .preset = "0.1",
     .min = 0,
     .max = 0.9,
     .help = "share of the test file"},
    {.name = "seed",
     .letter = 's',
     .kind = FLAG_U64,
     .value = "N",
     .preset = "42",
     .help = "another seed deals otherwise"},
    {.name = NULL},
};

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "order",
     .kind = FLAG_STRING,
     .value = "HOW",
     .preset = "key",
     .help = "key, or python: random.seed(SEED); random.shuffle(lines); then cut"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FOLDER",
     .argv_only = true,
     .required = true,
     .help = "train.jsonl, valid.jsonl and test.jsonl go there"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "data split",
    .synopsis = "DIR|FILE... --output FOLDER [--valid 0.1] [--test 0.1] [--seed 42]",
    .about =
        "Which file a lesson goes to depends on the seed and on its name (id, probe_id, seed_id)\n"
        "or, without one, on what it says, not on the order of the input; lessons of one probe\n"
        "stay together, and no file with a share stays empty. --test 0 gives 90/10. With --order\n"
        "python the lines are shuffled as a Python script does it and cut where the shares end:\n"
        "train, valid, test, in the shuffled order.",
    .groups = {{"Output", OWN_FLAGS}, {"Split", FLAGS_PARTS}},
    .args_max = DATA_FILES_MAX,
};

bool part_weights_of(struct part_weights *out, const struct flags *flags, struct err *err)
{
    double valid = flags_double(flags, "valid"), test = flags_double(flags, "test");
    *out = (struct part_weights){.of = {1 - valid - test, valid, test},
                                 .seed = flags_u64(flags, "seed")};
    return valid + test < 1 ||
           err_set(err, ERR_USAGE, "--valid and --test leave nothing for training");
}

static struct str key_of(struct arena *arena, struct buf *scratch, const json_t *value)
{
    struct str id = lesson_record_id(value);
    if (id.len > 0)
        return id;
    buf_reset(scratch);
    lesson_put_key(scratch, value);
    return arena_str(arena, buf_str(scratch));
}

void data_deal(json_t **parts, const json_t *lessons, const struct part_weights *weights)
{
    size_t count = json_array_size(lessons);
    struct str *keys = mem_zalloc(count + 1, sizeof *keys);
    uint32_t *part_of = mem_zalloc(count + 1, sizeof *part_of);
    struct arena arena = {0};
    struct buf scratch;
    buf_init(&scratch, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < count; i++)
        keys[i] = key_of(&arena, &scratch, json_array_get(lessons, i));
    parts_deal(part_of, keys, count, weights->of, weights->seed);
    for (size_t p = 0; p < N_PARTS; p++)
        parts[p] = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append(parts[part_of[i]], json_array_get(lessons, i));
    buf_release(&scratch);
    arena_release(&arena);
    free(keys);
    free(part_of);
}

bool data_write_parts(const char *folder, json_t *const *parts, struct console *con)
{
    struct buf path;
    bool ok = true;
    buf_init(&path, BUF_MAX_DEFAULT);
    for (size_t p = 0; ok && p < N_PARTS; p++) {
        buf_reset(&path);
        buf_printf(&path, "%s/%s.jsonl", folder, PART_NAMES[p]);
        if (json_array_size(parts[p]) > 0)
            ok = data_write_list(path.ptr, parts[p], con);
    }
    buf_release(&path);
    return ok;
}

/* The shares of a list that is shuffled as Python does it; each share begins where the one before
 * ends, at the whole number below. */
static void deal_shuffled(json_t **parts, const json_t *list, const struct part_weights *weights)
{
    size_t count = json_array_size(list);
    uint32_t *order = mem_zalloc(count + 1, sizeof *order);
    double end = 0;
    size_t at = 0;
    mersenne_shuffle(order, count, weights->seed);
    for (size_t p = 0; p < N_PARTS; p++) {
        size_t stop;
        end += weights->of[p];
        parts[p] = json_array();
        stop = end > 1 - 1e-12 ? count : (size_t)((double)count * end + 1e-9);
        for (; at < stop; at++)
            json_array_append(parts[p], json_array_get(list, order[at]));
    }
    free(order);
}

static bool deal(json_t **parts, const struct lesson_set *set, const struct part_weights *weights,
                 const struct flags *flags, struct err *err)
{
    const char *order = flags_str(flags, "order");
    bool is_python = strcmp(order, "python") == 0;
    if (!is_python && strcmp(order, "key") != 0)
        return err_set(err, ERR_USAGE, "--order is key or python, not \"%s\"", order);
    json_t *list = json_array();
    for (size_t i = 0; i < set->count; i++)
        json_array_append_new(list, lesson_record(&set->items[i]));
    if (is_python)
        deal_shuffled(parts, list, weights);
    else
        data_deal(parts, list, weights);
    json_decref(list);
    return true;
}

static bool write_split(json_t *const *parts, const char *folder, struct console *con)
{
    struct err err = {0};
    if (!file_make_dirs(folder, &err)) {
        console_fail(con, &err);
        return false;
    }
    if (!data_write_parts(folder, parts, con))
        return false;
    for (size_t p = 0; p < N_PARTS; p++)
        if (json_array_size(parts[p]) > 0)
            console_note(con, "%s/%s.jsonl: %zu", folder, PART_NAMES[p], json_array_size(parts[p]));
    return true;
}

static int run(const struct flags *flags, struct console *con)
{
    struct lesson_set set = {0};
    struct part_weights weights;
    json_t *parts[N_PARTS] = {NULL};
    struct err err = {0};
    int status = EXIT_OK;
    if (!part_weights_of(&weights, flags, &err) || !data_read(&set, flags, con, &err) ||
        !deal(parts, &set, &weights, flags, &err)) {
        status = console_fail(con, &err);
    } else {
        data_say_counts(&set, con);
        if (!write_split(parts, flags_str(flags, "output"), con))
            status = EXIT_FAILED;
    }
    for (size_t p = 0; p < N_PARTS; p++)
        json_decref(parts[p]);
    lesson_set_release(&set);
    return status;
}

int data_split(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
