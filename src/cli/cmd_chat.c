/* cmd_chat.c - lem chat: a conversation on the terminal. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/talk.h"
#include "eval/kernel.h"
#include "os/signals.h"
#include "text/utf8.h"

enum { LINE_BYTES_MAX = 1 << 20 };

static const struct flag_spec OWN[] = {
    {"kernel", 'k', FLAG_STRING, "[NAME=]PATH", .help = "system prompt, from a file"}, {0}};

static const struct flags_usage USAGE = {
    .command = "chat",
    .synopsis = "-m MODEL [flags]",
    .about =
        "Talks with a model, a line at a time. Ctrl-C ends an answer; Ctrl-D or /quit ends the\n"
        "conversation, /reset forgets it, /system TEXT sets the system prompt (and forgets).",
    .groups = {{"Conversation", OWN},
               {"Model", FLAGS_MODEL},
               {"Compute", FLAGS_COMPUTE},
               {"Sampling", FLAGS_SAMPLING}},
};

/* The conversation so far; contents are owned. A system message, if any, stands first. */
struct history {
    struct chat_message *message;
    size_t count, cap;
};

static void history_add(struct history *h, const char *role, struct str content)
{
    char *copy = mem_alloc(content.len + 1);
    memcpy(copy, content.ptr, content.len);
    struct chat_message message = {str_of(role), str_n(copy, content.len)};
    VEC_PUSH(h->message, h->count, h->cap, message);
}

static void history_cut(struct history *h, size_t count)
{
    while (h->count > count)
        free((char *)(uintptr_t)h->message[--h->count].content.ptr); /* ours, from history_add */
}

static size_t history_system(const struct history *h)
{
    return h->count && str_is(h->message[0].role, "system") ? 1 : 0;
}

/* One line of standard input without its end; false at the end of input. */
static bool read_line(struct buf *line)
{
    int c = 0;
    buf_reset(line);
    while ((c = getchar()) != EOF && c != '\n')
        buf_putc(line, (char)c);
    return c != EOF || line->len > 0;
}

/* At the prompt there is nothing to finish, so Ctrl-C simply ends the program. */
static bool prompt_line(const struct talk *talk, struct buf *line)
{
    if (talk->con->out_is_tty) {
        printf("> ");
        fflush(stdout);
    }
    signal(SIGINT, SIG_DFL);
    bool ok = read_line(line);
    signals_init();
    return ok;
}

static bool reply(struct talk *talk, struct history *h, struct err *err)
{
    struct chat_text text;
    struct ids ids = {0};
    chat_text_init(&text);
    bool ok = prompt_render(&talk->model.style, &text, h->message, h->count, err) &&
              prompt_encode(&talk->model.style, &ids, &text, err) && talk_ask(talk, &ids, err);
    chat_text_release(&text);
    ids_release(&ids);
    return ok;
}

/* Adds the question and its answer to the history; after a failure it is as before, but for an
 * answer that was interrupted, which stays as far as it came. */
static void turn(struct talk *talk, struct history *h, struct str said)
{
    struct err err = {0};
    size_t before = h->count;
    history_add(h, "user", said);
    bool ok = reply(talk, h, &err);
    bool interrupted = !ok && err.code == ERR_CANCELLED;
    if (interrupted)
        signals_request_stop(0);
    if (ok || interrupted) {
        history_add(h, "assistant", buf_str(&talk->text));
        printf(interrupted ? " ...\n" : "\n");
        talk_note_times(talk);
        return;
    }
    history_cut(h, before);
    console_fail(talk->con, &err);
    if (err.code == ERR_LIMIT)
        console_note(talk->con, "/reset forgets the conversation and makes room");
}

/* Obeys a line that starts with a slash; false for /quit. */
static bool obey(struct console *con, struct history *h, struct str line)
{
    static const struct str set_system = STR("/system ");
    if (str_is(line, "/quit") || str_is(line, "/exit"))
        return false;
    if (str_is(line, "/reset")) {
        history_cut(h, history_system(h));
        console_note(con, "forgotten");
    } else if (str_starts(line, set_system)) {
        history_cut(h, 0);
        history_add(h, "system", str_from(line, set_system.len));
        console_note(con, "the conversation begins anew with this system prompt");
    } else {
        console_note(con, "/quit, /reset or /system TEXT");
    }
    return true;
}

static void converse(struct talk *talk, struct history *h)
{
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    bool on = true;
    while (on && prompt_line(talk, &line)) {
        struct str said = utf8_strip(buf_str(&line));
        if (line.full || !utf8_is_valid(said))
            console_warn(talk->con, "the line is %s; it was not sent",
                         line.full ? "too long" : "not UTF-8");
        else if (said.len && said.ptr[0] == '/')
            on = obey(talk->con, h, said);
        else if (said.len)
            turn(talk, h, said);
    }
    if (on && talk->con->out_is_tty)
        printf("\n");
    buf_release(&line);
}

static bool begin(struct talk *talk, struct history *h, const struct flags *flags,
                  struct console *con, struct err *err)
{
    struct kernel kernel = {0};
    const char *spec = flags_str(flags, "kernel");
    bool ok = (!spec || kernel_load(&kernel, spec, err)) && talk_init(talk, flags, con, err);
    if (ok && kernel.text.len)
        history_add(h, "system", kernel.text);
    kernel_release(&kernel);
    talk->prints = true;
    if (ok && !talk->model.tmpl)
        console_note(con, "this model has no chat template: it continues plain text");
    return ok;
}

int cmd_chat(int argc, char **argv)
{
    struct flags flags;
    int status = EXIT_OK;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    struct err err = {0};
    struct talk talk = {0};
    struct history history = {0};
    if (begin(&talk, &history, &flags, &con, &err))
        converse(&talk, &history);
    else
        status = console_fail(&con, &err);
    history_cut(&history, 0);
    free(history.message);
    talk_release(&talk);
    flags_release(&flags);
    return status;
}
