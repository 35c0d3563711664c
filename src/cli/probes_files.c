/* probes_files.c - how the subcommands of `lem probes` read and write their files. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/exit.h"
#include "cli/probes.h"
#include "os/file.h"
#include "os/threads.h"
#include "text/json.h"

#define OUTPUT_MAX ((size_t)1 << 32)
enum { WRITE_AHEAD = 1024 };

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

/* A warning for each reason for which records were refused, with the first place. */
static void warn_refused(const struct import *in, struct console *con)
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
        warn_refused(in, con);
    if (ok && in->n_records == 0)
        return err_set(err, ERR_FORMAT, "no probe in %s", input ? input : flags->args[0]);
    return ok;
}

static bool is_array_file(const char *path)
{
    return path && str_ends(str_of(path), str_of(".json"));
}

static void format_line(struct buf *out, const json_t *value)
{
    json_format(out, value, (struct json_style){.ascii = true});
    buf_putc(out, '\n');
}

bool probes_write(const char *path, json_t *list, struct console *con)
{
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    if (is_array_file(path))
        json_format(&out, list, (struct json_style){.ascii = true, .indent = 2});
    else
        for (size_t i = 0; i < json_array_size(list); i++)
            format_line(&out, json_array_get(list, i));
    bool ok = console_deliver(con, path, &out);
    buf_release(&out);
    return ok;
}

static bool write_array(const char *path, const struct import_record *const *records, size_t count,
                        struct console *con)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, import_value(records[i]));
    bool ok = probes_write(path, list, con);
    json_decref(list);
    return ok;
}

/* Records on their way to a file of lines: the next WRITE_AHEAD of them. */
struct lines {
    const struct import_record *const *records;
    struct buf made[WRITE_AHEAD];
};

static bool stands_as_is(const struct import_record *record)
{
    return !record->value && record->is_formatted;
}

static void make_line(void *arg, size_t index, size_t thread)
{
    struct lines *lines = arg;
    (void)thread;
    buf_reset(&lines->made[index]);
    if (stands_as_is(lines->records[index]))
        return;
    json_t *value = import_value(lines->records[index]);
    format_line(&lines->made[index], value);
    json_decref(value);
}

static void add_lines(struct buf *out, const struct lines *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct import_record *record = lines->records[i];
        if (stands_as_is(record)) {
            buf_add_str(out, record->line);
            buf_putc(out, '\n');
        } else {
            buf_add_str(out, buf_str(&lines->made[i]));
        }
        out->full = out->full || lines->made[i].full;
    }
}

/* All threads format what is not a line as it shall be; all of it comes in the order of the
 * records. */
static void format_records(struct buf *out, const struct import_record *const *records,
                           size_t count)
{
    struct pool *pool = pool_create(0);
    struct lines *lines = mem_zalloc(1, sizeof *lines);
    for (size_t i = 0; i < WRITE_AHEAD; i++)
        buf_init(&lines->made[i], BUF_MAX_DEFAULT);
    for (size_t done = 0; done < count; done += WRITE_AHEAD) {
        lines->records = records + done;
        pool_run(pool, make_line, lines, size_min(count - done, WRITE_AHEAD));
        add_lines(out, lines, size_min(count - done, WRITE_AHEAD));
    }
    for (size_t i = 0; i < WRITE_AHEAD; i++)
        buf_release(&lines->made[i]);
    free(lines);
    pool_free(pool);
}

bool probes_write_records(const char *path, const struct import_record *const *records,
                          size_t count, struct console *con)
{
    struct buf out;
    if (is_array_file(path))
        return write_array(path, records, count, con);
    buf_init(&out, OUTPUT_MAX);
    format_records(&out, records, count);
    bool ok = console_deliver(con, path, &out);
    buf_release(&out);
    return ok;
}
