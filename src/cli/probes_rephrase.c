/* probes_rephrase.c - lem probes rephrase: each probe from three further sides. */
#include "cli/exit.h"
#include "cli/probes.h"
#include "probe/rephrase.h"

static const struct flags_usage USAGE = {
    .command = "probes rephrase",
    .synopsis = "FILE... [--output FILE]",
    .about =
        "Writes the probes and then, for each, three variants: asked from another perspective\n"
        "(ID_R_PERS), under another urgency (ID_R_URGE) and in another culture (ID_R_CULT).\n"
        "101 probes become 404. The same input gives the same bytes.",
    .groups = {{"Input and output", PROBES_FILES}},
    .args_max = 64,
};

static int rephrase(const struct flags *flags, struct console *con)
{
    struct import in;
    struct err err = {0};
    json_t *list = json_array();
    int status = EXIT_FAILED;
    import_init(&in, (struct import_options){0});
    if (!probes_read(&in, flags, con, &err)) {
        status = console_fail(con, &err);
        goto out;
    }
    for (size_t i = 0; i < in.n_records; i++)
        json_array_append(list, in.records[i].value);
    for (size_t i = 0; i < in.n_records; i++)
        rephrase_add(list, in.records[i].value);
    if (!probes_write(flags_str(flags, "output"), list, con))
        goto out;
    console_note(con, "%zu probes, %zu variants, %zu in all", in.n_records,
                 REPHRASE_KINDS * in.n_records, json_array_size(list));
    status = EXIT_OK;
out:
    json_decref(list);
    import_release(&in);
    return status;
}

int probes_rephrase(int argc, char **argv)
{
    return command_run(&USAGE, rephrase, argc, argv);
}
