/* cmd_template.c - lem template: messages to the text a chat template makes of them, one JSON line
 * each. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/exit.h"
#include "cli/flags.h"
#include "cli/model_name.h"
#include "os/clock.h"
#include "os/file.h"
#include "template/chat_template.h"
#include "text/jsonl.h"
#include "token/tokenizer.h"

static const struct flag_spec OWN_FLAGS[] = {
    {.name = "model",
     .letter = 'm',
     .kind = FLAG_STRING,
     .value = "MODEL",
     .help = "use the chat template in this GGUF file, or name in the cache"},
    {.name = "template",
     .kind = FLAG_PATH,
     .value = "FILE",
     .help = "use this template: a file, - for standard input, or a built-in one by name"},
    {.name = "messages",
     .kind = FLAG_PATH,
     .value = "FILE",
     .preset = "-",
     .help = "lines of {\"messages\", \"add_generation_prompt\", ...}; - is standard input"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "template",
    .synopsis = "(--model MODEL | --template FILE) [--messages FILE]",
    .about =
        "Prints {\"text\"} for each line, or {\"error\"} where the template refuses it. A line "
        "may\n"
        "give bos_token and eos_token (else the model's, or none) and any other variable that\n"
        "the template reads, such as tools. SOURCE_DATE_EPOCH fixes the date it sees (UTC).\n"
        "Built-in templates: gemma, chatml, llama3, mistral.\n"
        "A template's refusal is a result like any other: the exit status is 0. Lines that are\n"
        "no JSON or hold no messages make it 5, a template that cannot be read 3.",
    .groups = {{.title = "Template", .specs = OWN_FLAGS}},
};

struct job {
    struct gguf *gguf;
    struct tokenizer *tok;
    struct chat_template *tmpl;
    struct str bos, eos;
    int64_t now_us;
    bool is_refused; /* the template was read, but is none */
    size_t n_bad;    /* lines that were no request */
};

static bool parse_template(struct job *job, struct str source, const char *name, struct err *err)
{
    job->is_refused = !chat_template_parse(&job->tmpl, source, err);
    return !job->is_refused || err_in(err, "%s", name);
}

static struct str special(const struct tokenizer *tok, uint32_t id)
{
    return id == TOKEN_NONE ? str_n("", 0) : tokenizer_piece(tok, id);
}

static bool open_model(struct job *job, const char *name, struct err *err)
{
    struct buf path;
    struct str source;
    buf_init(&path, BUF_MAX_DEFAULT);
    bool ok = model_name_resolve(&path, name, err) && gguf_open(&job->gguf, path.ptr, err);
    if (ok && !tokenizer_open(&job->tok, job->gguf, err))
        ok = err_in(err, "model %s", path.ptr);
    if (ok && !gguf_get_str(job->gguf, "tokenizer.chat_template", &source))
        ok = err_set(err, ERR_FORMAT, "model %s has no chat template; --template gives one",
                     path.ptr);
    if (ok) {
        job->bos = special(job->tok, tokenizer_bos(job->tok));
        job->eos = special(job->tok, tokenizer_eos(job->tok));
        ok = parse_template(job, source, path.ptr, err);
    }
    buf_release(&path);
    return ok;
}

static bool open_file(struct job *job, const char *path, struct err *err)
{
    struct err unknown;
    struct buf source;
    if (!file_exists(path) && chat_template_builtin(&job->tmpl, str_of(path), &unknown))
        return true;
    buf_init(&source, BUF_MAX_DEFAULT);
    bool ok = file_read(&source, path, err) && parse_template(job, buf_str(&source), path, err);
    buf_release(&source);
    return ok;
}

/* The string that the row gives under `key`, else `fallback`. */
static struct str row_token(const json_t *row, const char *key, struct str fallback)
{
    const json_t *value = json_object_get(row, key);
    return json_is_string(value) ? json_str(value) : fallback;
}

/* All that is not an input of its own is a variable of the template's. */
static json_t *row_variables(const json_t *row)
{
    static const char *const own[] = {"messages", "add_generation_prompt", "bos_token",
                                      "eos_token"};
    json_t *extra = json_copy((json_t *)(uintptr_t)row);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        json_object_del(extra, own[i]);
    return extra;
}

static bool render_row(const struct job *job, struct chat_text *out, const json_t *row,
                       struct err *err)
{
    json_t *extra = row_variables(row);
    struct chat_input in = {
        .messages = json_object_get(row, "messages"),
        .extra = extra,
        .add_generation_prompt = json_is_true(json_object_get(row, "add_generation_prompt")),
        .bos_token = row_token(row, "bos_token", job->bos),
        .eos_token = row_token(row, "eos_token", job->eos),
        .now_unix_us = job->now_us,
    };
    bool ok = chat_template_render(job->tmpl, out, &in, err);
    json_decref(extra);
    return ok;
}

static bool print_line(const char *key, struct str value)
{
    struct buf line;
    buf_init(&line, BUF_MAX_DEFAULT);
    buf_printf(&line, "{\"%s\": ", key);
    json_format_str(&line, value, false);
    buf_puts(&line, "}\n");
    bool ok = fwrite(line.ptr, 1, line.len, stdout) == line.len;
    buf_release(&line);
    return ok;
}

/* One line of input, one of output; false when standard output takes no more. */
static bool answer_line(struct job *job, const struct jsonl *in, struct str line,
                        const struct err *spoilt)
{
    struct err err = *spoilt;
    struct chat_text out;
    json_t *row = NULL;
    bool ok = err.code == ERR_NONE;
    chat_text_init(&out);
    if (ok && (!jsonl_parse(&row, in, line, &err) ||
               (!json_is_array(json_object_get(row, "messages")) &&
                !err_set(&err, ERR_FORMAT, "%s: line %zu: expected an array \"messages\"", in->name,
                         in->line)))) {
        job->n_bad++;
        ok = false;
    }
    ok = ok && render_row(job, &out, row, &err);
    bool printed =
        ok ? print_line("text", buf_str(&out.text)) : print_line("error", str_of(err.msg));
    chat_text_release(&out);
    json_decref(row);
    return printed;
}

static int run(struct job *job, const struct flags *flags, struct console *con)
{
    const char *model = flags_str(flags, "model"), *file = flags_str(flags, "template");
    const char *path = flags_str(flags, "messages");
    struct err err = {0}, spoilt = {0};
    struct buf input;
    struct jsonl in;
    struct str line;
    int status = EXIT_OK;
    if (!model == !file)
        err_set(&err, ERR_USAGE, "give either --model or --template");
    else if (file && strcmp(file, "-") == 0 && strcmp(path, "-") == 0)
        err_set(&err, ERR_USAGE, "standard input cannot be both the template and the messages");
    if (err.code != ERR_NONE)
        return console_fail(con, &err);
    buf_init(&input, BUF_MAX_DEFAULT);
    if (!file_read(&input, path, &err)) {
        buf_release(&input);
        return console_fail(con, &err);
    }
    if (!(model ? open_model(job, model, &spoilt) : open_file(job, file, &spoilt)))
        status = console_fail(con, &spoilt);
    jsonl_init(&in, buf_str(&input), strcmp(path, "-") ? path : "standard input");
    while ((job->tmpl || job->is_refused) && jsonl_next(&in, &line) &&
           answer_line(job, &in, line, &spoilt))
        continue;
    buf_release(&input);
    return status == EXIT_OK && job->n_bad ? EXIT_PARTIAL : status;
}

int cmd_template(int argc, char **argv)
{
    struct flags flags;
    int status = EXIT_OK;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    struct job job = {.bos = STR(""), .eos = STR(""), .now_us = clock_unix_us()};
    status = run(&job, &flags, &con);
    chat_template_free(job.tmpl);
    tokenizer_free(job.tok);
    gguf_close(job.gguf);
    flags_release(&flags);
    return status;
}
