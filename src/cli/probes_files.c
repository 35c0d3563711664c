/* probes_files.c - how the subcommands of `lem probes` read and write their files. */
#include <stdio.h>

#include "cli/exit.h"
#include "cli/probes.h"
#include "os/file.h"
#include "text/json.h"

#define OUTPUT_MAX ((size_t)1 << 32)

const struct flag_spec PROBES_FILES[] = {
    {.name = "input",
     .letter = 'i',
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "probes, in any shape; - is standard input"},
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write there: an array if it ends in .json, else JSON lines"},
    {.name = NULL},
};

void probes_warn_refused(const struct import *in, struct console *con)
{
    for (size_t why = 1; why < N_REFUSALS; why++) {
        size_t i = 0;
        while (i < in->n_refused && in->refused[i].why != (enum refusal)why)
            i++;
        if (i < in->n_refused)
            console_warn(con, "%zu refused: %s (first: %s, record %zu)", in->by_refusal[why],
                         refusal_name((enum refusal)why), in->refused[i].file,
                         in->refused[i].place);
    }
}

bool probes_read(struct import *in, const struct flags *flags, struct console *con, struct err *err)
{
    const char *input = flags->n_args == 0 ? flags_str(flags, "input") : NULL;
    if (flags->n_args == 0 && !input)
        return err_set(err, ERR_USAGE, "no file of probes is named; - is standard input");
    bool ok = !input || import_file(in, input, err);
    for (size_t i = 0; ok && i < flags->n_args; i++)
        ok = import_file(in, flags->args[i], err);
    if (ok)
        probes_warn_refused(in, con);
    if (ok && in->n_records == 0)
        return err_set(err, ERR_FORMAT, "no probe in %s", input ? input : flags->args[0]);
    return ok;
}

static void format_records(struct buf *out, const char *path, const json_t *list)
{
    static const struct json_style line = {.ascii = true}, array = {.ascii = true, .indent = 2};
    if (path && str_ends(str_of(path), str_of(".json"))) {
        json_format(out, list, array);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_format(out, json_array_get(list, i), line);
        buf_putc(out, '\n');
    }
}

bool probes_write(const char *path, json_t *list, struct console *con)
{
    struct buf out;
    struct err err = {0};
    bool ok = true;
    buf_init(&out, OUTPUT_MAX);
    format_records(&out, path, list);
    if (out.full)
        ok = err_set(&err, ERR_LIMIT, "more output than can be kept");
    else if (path)
        ok = file_write_atomic(path, buf_str(&out), &err);
    else
        fwrite(buf_str(&out).ptr, 1, out.len, stdout); /* main looks whether it arrived */
    buf_release(&out);
    if (!ok)
        console_fail(con, &err);
    return ok;
}
