/* probes_import.c - lem probes import: probe files of every shape, made regular. */
#include "cli/exit.h"
#include "cli/probes.h"
#include "text/json.h"

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "refused",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "list there what was refused: file, record, reason"},
    {.name = "responses",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "move responses there as {id, prompt, response}, instead of keeping them"},
    {.name = "strict", .kind = FLAG_BOOL, .help = "exit with status 5 if anything was refused"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "probes import",
    .synopsis = "FILE... [--output FILE] [--refused FILE] [--responses FILE]",
    .about =
        "Reads arrays, JSON lines, groups of scenarios, plain strings, fenced and cut-off replies\n"
        "of models. Every record is kept, repaired (an id made, a misspelt key renamed, ...) or\n"
        "refused with a reason; the three counts add up to what was read.",
    .groups = {{"Import", OWN_FLAGS}, {"Input and output", PROBES_FILES}},
    .args_max = 1 << 16,
};

static void say_counts(const struct import *in, struct console *con)
{
    console_note(con, "%zu read: %zu kept, %zu repaired, %zu refused", in->n_read, in->n_kept,
                 in->n_repaired, in->n_refused);
    for (size_t i = 0; i < N_REPAIRS; i++)
        if (in->by_repair[i] > 0)
            console_note(con, "  %zu repaired: %s", in->by_repair[i], repair_name((enum repair)i));
}

static bool write_refused(const struct import *in, const char *path, struct console *con)
{
    json_t *list = json_array();
    for (size_t i = 0; i < in->n_refused; i++) {
        const struct import_refused *refused = &in->refused[i];
        json_t *line = json_object();
        json_object_set_new(line, "file", json_from_str(str_of(refused->file)));
        json_object_set_new(line, "record", json_integer((json_int_t)refused->place));
        json_object_set_new(line, "reason", json_string(refusal_name(refused->why)));
        json_array_append_new(list, line);
    }
    bool ok = probes_write(path, list, con);
    json_decref(list);
    return ok;
}

/* Takes the responses out of the records. */
static bool write_responses(struct import *in, const char *path, struct console *con)
{
    json_t *list = json_array();
    for (size_t i = 0; i < in->n_records; i++) {
        json_t *record = in->records[i].value, *line;
        if (!json_object_get(record, "response"))
            continue;
        line = json_object();
        json_object_set(line, "id", json_object_get(record, "id"));
        json_object_set(line, "prompt", json_object_get(record, "prompt"));
        json_object_set(line, "response", json_object_get(record, "response"));
        json_array_append_new(list, line);
        json_object_del(record, "response");
    }
    console_note(con, "%zu responses", json_array_size(list));
    bool ok = probes_write(path, list, con);
    json_decref(list);
    return ok;
}

static bool write_all(struct import *in, const struct flags *flags, struct console *con)
{
    const char *refused = flags_str(flags, "refused"), *responses = flags_str(flags, "responses");
    json_t *list = json_array();
    bool ok = (!refused || write_refused(in, refused, con)) &&
              (!responses || write_responses(in, responses, con));
    for (size_t i = 0; i < in->n_records; i++)
        json_array_append(list, in->records[i].value);
    ok = ok && probes_write(flags_str(flags, "output"), list, con);
    json_decref(list);
    return ok;
}

static int import(const struct flags *flags, struct console *con)
{
    struct import in;
    struct err err = {0};
    int status = EXIT_OK;
    import_init(&in, (struct import_options){.unique_ids = true});
    bool ok = probes_read(&in, flags, con, &err);
    say_counts(&in, con);
    if (!ok)
        status = console_fail(con, &err);
    else if (!write_all(&in, flags, con))
        status = EXIT_FAILED;
    else if (in.n_refused > 0 && flags_bool(flags, "strict"))
        status = EXIT_PARTIAL;
    import_release(&in);
    return status;
}

int probes_import(int argc, char **argv)
{
    return command_run(&USAGE, import, argc, argv);
}
