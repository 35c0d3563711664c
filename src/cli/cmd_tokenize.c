/* cmd_tokenize.c - lem tokenize: texts to token ids and back, one JSON line each. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/exit.h"
#include "cli/flags.h"
#include "cli/model_name.h"
#include "os/file.h"
#include "text/jsonl.h"
#include "text/utf8.h"
#include "token/tokenizer.h"

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "model",
     .letter = 'm',
     .kind = FLAG_STRING,
     .value = "MODEL",
     .help = "path of a GGUF file, or a name in the cache",
     .required = true},
    {.name = "input",
     .kind = FLAG_PATH,
     .value = "FILE",
     .preset = "-",
     .help =
         "lines of {\"id\", \"text\"}, or {\"id\", \"ids\"} with --decode; - is standard input"},
    {.name = "plain",
     .kind = FLAG_BOOL,
     .help = "read <bos>, <|im_end|> and the like as ordinary text, as in what users write"},
    {.name = "decode", .kind = FLAG_BOOL, .help = "from ids to text"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "tokenize",
    .synopsis = "--model MODEL [--plain | --decode] [--input FILE]",
    .about = "Prints {\"id\", \"ids\"} for each line {\"id\", \"text\"}, or with --decode the "
             "other way\n"
             "round. No BOS is added. Bytes that are no UTF-8 are decoded to U+FFFD.",
    .groups = {{.title = "Tokenize", .specs = OWN_FLAGS}},
};

struct job {
    struct gguf *gguf;
    struct tokenizer *tok;
    bool plain, decode;
    struct ids ids;
    struct buf bytes, line; /* decoded bytes, and the line to print */
};

static bool encode_value(struct job *job, const json_t *row, struct err *err)
{
    const json_t *text = json_object_get(row, "text");
    if (!json_is_string(text))
        return err_set(err, ERR_FORMAT, "expected a string \"text\"");
    if (!tokenizer_encode(job->tok, &job->ids, json_str(text),
                          (struct token_trust){.all = !job->plain}, err))
        return false;
    buf_puts(&job->line, "\"ids\": [");
    for (size_t i = 0; i < job->ids.count; i++)
        buf_printf(&job->line, i ? ", %u" : "%u", (unsigned)job->ids.id[i]);
    buf_putc(&job->line, ']');
    return true;
}

/* Appends `bytes` as text: each that is in no character becomes U+FFFD. */
static void put_text(struct buf *out, struct str bytes)
{
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    for (size_t at = 0; at < bytes.len;) {
        size_t valid = utf8_check(str_from(bytes, at));
        buf_add(&text, bytes.ptr + at, valid);
        at += valid;
        if (at++ < bytes.len)
            utf8_put(&text, 0xFFFD);
    }
    json_format_str(out, buf_str(&text), false);
    buf_release(&text);
}

static bool read_ids(struct job *job, const json_t *row, struct err *err)
{
    const json_t *ids = json_object_get(row, "ids");
    if (!json_is_array(ids))
        return err_set(err, ERR_FORMAT, "expected an array \"ids\"");
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const json_t *id = json_array_get(ids, i);
        json_int_t value = json_integer_value(id);
        if (!json_is_integer(id) || value < 0 || (uint64_t)value >= tokenizer_size(job->tok))
            return err_set(err, ERR_FORMAT, "ids[%zu]: expected a whole number below %zu", i,
                           tokenizer_size(job->tok));
        ids_push(&job->ids, (uint32_t)value);
    }
    return true;
}

static bool decode_value(struct job *job, const json_t *row, struct err *err)
{
    if (!read_ids(job, row, err))
        return false;
    buf_reset(&job->bytes);
    tokenizer_decode(job->tok, &job->bytes, job->ids.id, job->ids.count, true);
    buf_puts(&job->line, "\"text\": ");
    put_text(&job->line, buf_str(&job->bytes));
    return true;
}

static bool convert_row(struct job *job, const json_t *row, struct err *err)
{
    if (!json_is_object(row))
        return err_set(err, ERR_FORMAT, "expected an object");
    const json_t *id = json_object_get(row, "id");
    buf_reset(&job->line);
    job->ids.count = 0;
    buf_putc(&job->line, '{');
    if (id) {
        buf_puts(&job->line, "\"id\": ");
        json_format(&job->line, id, (struct json_style){0});
        buf_puts(&job->line, ", ");
    }
    if (!(job->decode ? decode_value(job, row, err) : encode_value(job, row, err)))
        return false;
    buf_puts(&job->line, "}\n");
    return !job->line.full || err_set(err, ERR_LIMIT, "the line to print is too long");
}

static bool convert_lines(struct job *job, struct str input, const char *name, struct err *err)
{
    struct jsonl in;
    struct str line;
    jsonl_init(&in, input, name);
    while (jsonl_next(&in, &line)) {
        json_t *row;
        if (!jsonl_parse(&row, &in, line, err))
            return false;
        bool ok = convert_row(job, row, err);
        json_decref(row);
        if (!ok)
            return err_in(err, "%s, line %zu", name, in.line);
        if (fwrite(job->line.ptr, 1, job->line.len, stdout) != job->line.len)
            return true; /* main reports what standard output refused */
    }
    return true;
}

static bool open_model(struct job *job, const char *name, struct err *err)
{
    struct buf path;
    buf_init(&path, BUF_MAX_DEFAULT);
    bool ok = model_name_resolve(&path, name, err) && gguf_open(&job->gguf, path.ptr, err);
    if (ok && !tokenizer_open(&job->tok, job->gguf, err))
        ok = err_in(err, "model %s", path.ptr);
    buf_release(&path);
    return ok;
}

static bool run(struct job *job, const struct flags *flags, struct err *err)
{
    const char *path = flags_str(flags, "input");
    struct buf input;
    buf_init(&input, BUF_MAX_DEFAULT);
    bool ok = open_model(job, flags_str(flags, "model"), err) && file_read(&input, path, err) &&
              convert_lines(job, buf_str(&input), strcmp(path, "-") ? path : "standard input", err);
    buf_release(&input);
    return ok;
}

int cmd_tokenize(int argc, char **argv)
{
    struct flags flags;
    int status = EXIT_OK;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    struct err err = {0};
    struct job job = {.plain = flags_bool(&flags, "plain"), .decode = flags_bool(&flags, "decode")};
    buf_init(&job.bytes, BUF_MAX_DEFAULT);
    buf_init(&job.line, BUF_MAX_DEFAULT);
    bool ok = job.plain && job.decode
                  ? err_set(&err, ERR_USAGE, "--plain says how text is read, --decode reads none")
                  : run(&job, &flags, &err);
    if (!ok)
        status = console_fail(&con, &err);
    ids_release(&job.ids);
    buf_release(&job.bytes);
    buf_release(&job.line);
    tokenizer_free(job.tok);
    gguf_close(job.gguf);
    flags_release(&flags);
    return status;
}
