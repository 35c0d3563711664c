/* probes_grow.c - lem probes grow: probes from a grammar, as many as are asked for. */
#include <stdio.h>

#include "cli/exit.h"
#include "cli/probes.h"
#include "os/data.h"
#include "os/file.h"
#include "os/signals.h"
#include "probe/grow.h"

#define OUTPUT_MAX ((size_t)1 << 32)
enum { FLUSH_BYTES = 1 << 20 };

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "count",
     .letter = 'n',
     .kind = FLAG_U64,
     .value = "N",
     .preset = "1000",
     .min = 1,
     .max = GROW_COUNT_MAX,
     .help = "how many"},
    {.name = "regions",
     .kind = FLAG_STRING,
     .value = "NAMES",
     .help = "cn,en,ru,de,es,fr,latam,africa,eu,me,weak,other,multilingual; without it all"},
    {.name = "voices",
     .kind = FLAG_STRING,
     .value = "NAMES",
     .help = "original,junior,sysadmin,founder,... ; without it all eleven"},
    {.name = "domains", .kind = FLAG_STRING, .value = "NAMES", .help = "without it all"},
    {.name = "seed",
     .letter = 's',
     .kind = FLAG_U64,
     .value = "N",
     .preset = "42",
     .help = "the same seed gives the same bytes"},
    {.name = "grammar",
     .kind = FLAG_PATH,
     .value = "FOLDER",
     .preset = "seeds/grammar",
     .help = "here, or beside lem, or where it is installed"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write the JSON lines there instead of to standard output"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "probes grow",
    .synopsis = "--count N [--regions NAMES] [--voices NAMES] [--seed N] [--output FILE]",
    .about =
        "Grows distinct probes out of situations, tensions, limits and questions, set in a region\n"
        "and asked by a voice. Each line has id, domain, region, voice, prompt and derivation: "
        "the\n"
        "numbers of the sentences it is made of. Multilingual probes also have prompt_en.",
    .groups = {{"Growing", OWN_FLAGS}},
};

static bool grow_all(struct grow *grow, struct buf *out, uint64_t count, bool to_stdout,
                     struct err *err)
{
    struct str line;
    for (uint64_t i = 0; i < count; i++) {
        if (!grow_next(grow, &line, err))
            return false;
        if (signals_stop_requested())
            return err_set(err, ERR_CANCELLED, "stopped");
        if (!buf_add_str(out, line))
            return err_set(err, ERR_LIMIT, "more output than can be kept");
        if (to_stdout && (out->len >= FLUSH_BYTES || i + 1 == count)) {
            fwrite(out->ptr, 1, out->len, stdout);
            buf_reset(out);
        }
    }
    return true;
}

static int grow_probes(const struct flags *flags, struct console *con)
{
    struct grammar grammar;
    struct grow grow = {0};
    struct buf out, folder;
    struct err err = {0};
    const char *path = flags_str(flags, "output");
    const struct grow_options options = {.regions = flags_str(flags, "regions"),
                                         .voices = flags_str(flags, "voices"),
                                         .domains = flags_str(flags, "domains"),
                                         .seed = flags_u64(flags, "seed")};
    int status = EXIT_OK;
    buf_init(&out, OUTPUT_MAX);
    buf_init(&folder, BUF_MAX_DEFAULT);
    data_find(&folder, flags_str(flags, "grammar"));
    if (!grammar_open(&grammar, folder.ptr, &err) || !grow_open(&grow, &grammar, &options, &err) ||
        !grow_all(&grow, &out, flags_u64(flags, "count"), !path, &err)) {
        status = console_fail(con, &err);
    } else if (path && !file_write_atomic(path, buf_str(&out), &err)) {
        console_fail(con, &err);
        status = EXIT_FAILED;
    } else {
        console_note(con, "%zu probes, %zu of them in other languages", grow.n_given,
                     grow.n_foreign);
    }
    grow_close(&grow);
    grammar_release(&grammar);
    buf_release(&folder);
    buf_release(&out);
    return status;
}

int probes_grow(int argc, char **argv)
{
    return command_run(&USAGE, grow_probes, argc, argv);
}
