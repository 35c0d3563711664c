/* cmd_generate.c - lem generate: one prompt, one answer. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/talk.h"
#include "eval/kernel.h"
#include "os/file.h"
#include "text/json.h"
#include "text/utf8.h"

enum { PROMPT_BYTES_MAX = 64 << 20 };

static const struct flag_spec OWN[] = {
    {"kernel", 'k', FLAG_STRING, "[NAME=]PATH", .help = "system prompt under test, from a file"},
    {"system", 's', FLAG_PATH, "FILE", .help = "the same by another name"},
    {"raw", 0, FLAG_BOOL, .help = "the prompt as it is: no template, no kernel"},
    {"show-prompt", 0, FLAG_BOOL,
     .help = "print the rendered prompt and its token ids instead of an answer"},
    {0}};

static const struct flags_usage USAGE = {
    .command = "generate",
    .synopsis = "-m MODEL [flags] [PROMPT]",
    .about = "Answers one prompt, given as an argument or on standard input. The answer goes to\n"
             "standard output as it is made. The same call gives the same answer, to the bit,\n"
             "whatever the number of threads and the machine.",
    .groups = {{"Prompt", OWN},
               {"Model", FLAGS_MODEL},
               {"Compute", FLAGS_COMPUTE},
               {"Sampling", FLAGS_SAMPLING}},
    .args_max = 1,
};

/* What is asked: the text, and the kernel in front of it (empty: none). */
struct question {
    struct buf prompt;
    struct kernel kernel;
};

static bool question_read(struct question *q, const struct flags *flags, struct err *err)
{
    const char *kernel = flags_str(flags, "kernel"), *system = flags_str(flags, "system");
    if (kernel && system)
        return err_set(err, ERR_USAGE, "--kernel and --system name the same thing; give one");
    if ((kernel || system) && flags_bool(flags, "raw"))
        return err_set(err, ERR_USAGE, "--raw takes the prompt as it is, without a kernel");
    if ((kernel || system) && !kernel_load(&q->kernel, kernel ? kernel : system, err))
        return false;
    if (flags->n_args == 0 && isatty(STDIN_FILENO))
        return err_set(err, ERR_USAGE, "no prompt: give one as an argument or on standard input");
    if (flags->n_args == 0)
        return file_read(&q->prompt, "-", err);
    return buf_puts(&q->prompt, flags->args[0]) ||
           err_set(err, ERR_LIMIT, "the prompt is longer than %zu bytes", q->prompt.max);
}

static void question_release(struct question *q)
{
    buf_release(&q->prompt);
    kernel_release(&q->kernel);
}

static bool question_encode(const struct question *q, const struct open_model *model, bool raw,
                            struct chat_text *text, struct ids *ids, struct err *err)
{
    struct chat_message messages[2];
    struct prompt_style style = model->style;
    size_t n = 0;
    if (!utf8_is_valid(buf_str(&q->prompt)))
        return err_set(err, ERR_FORMAT, "the prompt is not UTF-8");
    if (raw)
        style.tmpl = NULL;
    if (q->kernel.text.len)
        messages[n++] = (struct chat_message){STR("system"), q->kernel.text};
    messages[n++] = (struct chat_message){STR("user"), buf_str(&q->prompt)};
    return prompt_render(&style, text, messages, n, err) && prompt_encode(&style, ids, text, err);
}

static json_t *ids_json(const struct ids *ids)
{
    json_t *array = json_array();
    for (size_t i = 0; i < ids->count; i++)
        json_array_append_new(array, json_integer(ids->id[i]));
    return array;
}

static int show_prompt(const struct question *q, const struct flags *flags, struct console *con,
                       struct err *err)
{
    struct open_model model;
    struct chat_text text;
    struct ids ids = {0};
    chat_text_init(&text);
    bool ok = open_model_init(&model, flags, con, OPEN_TEMPLATE, err) &&
              question_encode(q, &model, flags_bool(flags, "raw"), &text, &ids, err);
    if (ok && flags_bool(flags, "json")) {
        console_take_json(json_pack("{s:o, s:o, s:s}", "text", json_from_str(buf_str(&text.text)),
                                    "ids", ids_json(&ids), "template", model.tmpl_name));
    } else if (ok) {
        console_print(con, buf_str(&text.text));
        for (size_t i = 0; i < ids.count; i++)
            printf("%s%u", i ? " " : "\n", (unsigned)ids.id[i]);
        printf("\n");
    }
    ids_release(&ids);
    chat_text_release(&text);
    open_model_release(&model);
    return ok ? EXIT_OK : console_fail(con, err);
}

static void print_answer(const struct talk *talk, bool json)
{
    if (!json) {
        printf("\n");
        return;
    }
    console_take_json(json_pack(
        "{s:o, s:s, s:I, s:I, s:I, s:f, s:f, s:o}", "text", json_from_str(buf_str(&talk->text)),
        "finish_reason", finish_name(talk->finish), "prompt_tokens", (json_int_t)talk->n_prompt,
        "prompt_tokens_shared", (json_int_t)talk->n_prompt_shared, "completion_tokens",
        (json_int_t)talk->ids.count, "ttft_s", talk->ttft_s, "time_s", talk->time_s, "ids",
        ids_json(&talk->ids)));
}

static int answer(const struct question *q, const struct flags *flags, struct console *con,
                  struct err *err)
{
    struct talk talk;
    struct chat_text text;
    struct ids ids = {0};
    bool json = flags_bool(flags, "json");
    chat_text_init(&text);
    bool ok = talk_init(&talk, flags, con, err) &&
              question_encode(q, &talk.model, flags_bool(flags, "raw"), &text, &ids, err);
    if (ok && !talk.model.tmpl)
        console_detail(con, "no chat template: the prompt is plain text");
    talk.prints = !json;
    ok = ok && talk_ask(&talk, &ids, err);
    if (ok || talk.ids.count) {
        print_answer(&talk, json);
        talk_note_times(&talk);
    }
    ids_release(&ids);
    chat_text_release(&text);
    talk_release(&talk);
    return ok ? EXIT_OK : console_fail(con, err);
}

int cmd_generate(int argc, char **argv)
{
    struct flags flags;
    int status;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    struct err err = {0};
    struct question question = {0};
    buf_init(&question.prompt, PROMPT_BYTES_MAX);
    if (!question_read(&question, &flags, &err))
        status = console_fail(&con, &err);
    else
        status = (flags_bool(&flags, "show-prompt") ? show_prompt : answer)(&question, &flags, &con,
                                                                            &err);
    question_release(&question);
    flags_release(&flags);
    return status;
}
