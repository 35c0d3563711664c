/* probes_rephrase.c - lem probes rephrase: each probe from three further sides. */
#include "cli/exit.h"
#include "cli/probes.h"
#include "probe/rephrase.h"

static const struct flag_spec FLAGS[] = {
    {.name = "input", .letter = 'i', .kind = FLAG_PATH, .value = "FILE", .help = "probes"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write there instead of to standard output"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "probes rephrase",
    .synopsis = "(--input FILE | FILE...) [--output FILE]",
    .about =
        "Writes the probes and then, for each, three variants: asked from another perspective\n"
        "(ID_R_PERS), under another urgency (ID_R_URGE) and in another culture (ID_R_CULT).\n"
        "101 probes become 404. The same input gives the same bytes.",
    .groups = {{"Input and output", FLAGS}},
    .args_max = 64,
};

static int rephrase(const struct flags *flags, struct console *con)
{
    struct import in;
    struct err err = {0};
    struct buf out;
    json_t *list = json_array();
    import_init(&in, (struct import_options){0});
    buf_init(&out, BUF_MAX_DEFAULT);
    bool ok = probes_read(&in, flags, con, &err);
    for (size_t i = 0; i < in.n_records; i++)
        json_array_append(list, in.records[i].value);
    for (size_t i = 0; i < in.n_records; i++)
        rephrase_add(list, in.records[i].value);
    int status = ok ? EXIT_OK : console_fail(con, &err);
    if (ok) {
        probes_add_array(&out, list);
        if (!probes_write(flags, buf_str(&out), &err)) {
            console_fail(con, &err);
            status = EXIT_FAILED;
        } else {
            console_note(con, "%zu probes, %zu variants, %zu in all", in.n_records,
                         REPHRASE_KINDS * in.n_records, json_array_size(list));
        }
    }
    json_decref(list);
    buf_release(&out);
    import_release(&in);
    return status;
}

int probes_rephrase(int argc, char **argv)
{
    return probes_run(&USAGE, rephrase, argc, argv);
}
