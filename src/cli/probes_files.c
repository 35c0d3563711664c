/* probes_files.c - how the subcommands of `lem probes` read and write their files. */
#include <stdio.h>

#include "cli/exit.h"
#include "cli/probes.h"
#include "os/file.h"
#include "text/json.h"

int probes_run(const struct flags_usage *usage, probes_body *body, int argc, char **argv)
{
    struct flags flags;
    int status = EXIT_OK;
    if (!flags_begin(&flags, usage, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    status = body(&flags, &con);
    flags_release(&flags);
    return status;
}

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

bool probes_write(const struct flags *flags, struct str bytes, struct err *err)
{
    const char *path = flags_str(flags, "output");
    if (path)
        return file_write_atomic(path, bytes, err);
    if (fwrite(bytes.ptr, 1, bytes.len, stdout) != bytes.len)
        return err_set(err, ERR_IO, "standard output could not be written");
    return true;
}

void probes_add_line(struct buf *out, const json_t *record)
{
    json_format(out, record, (struct json_style){.ascii = true});
    buf_putc(out, '\n');
}

void probes_add_array(struct buf *out, const json_t *list)
{
    json_format(out, list, (struct json_style){.ascii = true, .indent = 2});
}
