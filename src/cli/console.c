/* console.c - notes, progress and cleaned model text. */
#include "cli/console.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/exit.h"
#include "os/clock.h"
#include "os/file.h"
#include "text/json.h"
#include "text/utf8.h"

static const double REDRAW_S = 0.1;

static bool env_is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

static bool wants_colour(bool forbidden)
{
    const char *term = getenv("TERM");
    const char *force = getenv("CLICOLOR_FORCE");
    if (forbidden || env_is_set("NO_COLOR"))
        return false;
    if (force && *force && !(force[0] == '0' && !force[1]))
        return true;
    return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

struct console console_open(const struct flags *flags)
{
    const char *term = getenv("TERM");
    bool can_redraw = isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
    struct console con = {
        .quiet = flags_bool(flags, "quiet"),
        .verbose = flags_bool(flags, "verbose"),
        .colour = wants_colour(flags_bool(flags, "no-color")),
        .out_is_tty = isatty(STDOUT_FILENO) == 1,
    };
    con.progress = can_redraw && !con.quiet && !flags_bool(flags, "no-progress");
    return con;
}

const char *console_on(const struct console *con, enum colour colour)
{
    static const char *const code[] = {
        [COLOUR_BOLD] = "\033[1m",   [COLOUR_DIM] = "\033[2m",     [COLOUR_RED] = "\033[31m",
        [COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m",
    };
    return con->colour ? code[colour] : "";
}

const char *console_off(const struct console *con)
{
    return con->colour ? "\033[0m" : "";
}

static void line_erase(struct console *con)
{
    if (con->line_shown)
        fputs("\r\033[K", stderr);
    con->line_shown = false;
}

static void print_line(struct console *con, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
static void print_line(struct console *con, const char *fmt, va_list ap)
{
    line_erase(con);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
}

void console_note(struct console *con, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!con->quiet)
        print_line(con, fmt, ap);
    va_end(ap);
}

void console_detail(struct console *con, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (con->verbose)
        print_line(con, fmt, ap);
    va_end(ap);
}

void console_warn(struct console *con, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    line_erase(con);
    fprintf(stderr, "%swarning:%s ", console_on(con, COLOUR_YELLOW), console_off(con));
    print_line(con, fmt, ap);
    va_end(ap);
}

int console_fail(struct console *con, const struct err *err)
{
    struct buf clean; /* a sentence may quote a file */
    buf_init(&clean, BUF_MAX_DEFAULT);
    console_clean(&clean, str_of(err->msg));
    line_erase(con);
    fprintf(stderr, "%slem:%s %.*s\n", console_on(con, COLOUR_RED), console_off(con),
            STR_ARG(buf_str(&clean)));
    buf_release(&clean);
    return (int)exit_of(err);
}

void format_duration(char out[DURATION_MAX], double seconds)
{
    double whole = seconds + 0.5;
    if (seconds < 1)
        snprintf(out, DURATION_MAX, "%.0f ms", seconds * 1e3);
    else if (seconds < 59.95)
        snprintf(out, DURATION_MAX, "%.1f s", seconds);
    else if (whole < 3600)
        snprintf(out, DURATION_MAX, "%dm%02ds", (int)(whole / 60), (int)whole % 60);
    else if (seconds < 3.6e7)
        snprintf(out, DURATION_MAX, "%dh%02dm", (int)(whole / 3600), (int)(whole / 60) % 60);
    else
        snprintf(out, DURATION_MAX, "more than a year");
}

void console_progress(struct console *con, const char *label, size_t done, size_t total,
                      const char *note)
{
    double now = clock_seconds();
    if (con->started_s == 0)
        con->started_s = now;
    if (!con->progress || (done < total && now - con->drawn_s < REDRAW_S))
        return;
    con->drawn_s = now;
    char left[DURATION_MAX] = "?";
    if (done > 0)
        format_duration(left, (now - con->started_s) / (double)done * (double)(total - done));
    line_erase(con);
    fprintf(stderr, "%s%s%s %zu/%zu %zu%% ETA %s %s", console_on(con, COLOUR_BOLD), label,
            console_off(con), done, total, total ? done * 100 / total : 100, left, note);
    fflush(stderr);
    con->line_shown = true;
}

void console_progress_end(struct console *con)
{
    line_erase(con);
    con->started_s = con->drawn_s = 0;
}

/* C0 but newline and tab, DEL, C1, and the marks that reorder text on screen. */
static bool is_dangerous(uint32_t c)
{
    return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0) || c == 0x061C ||
           c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == UTF8_BAD;
}

void console_clean(struct buf *out, struct str text)
{
    for (size_t at = 0, start = 0; at < text.len; start = at) {
        uint32_t c = utf8_next(text, &at);
        if (!is_dangerous(c))
            buf_add(out, text.ptr + start, at - start);
        else
            buf_printf(out, "<U+%04X>", c == UTF8_BAD ? 0xFFFD : c);
    }
}

bool console_deliver(struct console *con, const char *path, const struct buf *output)
{
    struct err err = {0};
    bool ok = true;
    if (output->full)
        ok = err_set(&err, ERR_LIMIT, "more output than can be kept");
    else if (path)
        ok = file_write_atomic(path, buf_str(output), &err);
    else
        fwrite(buf_str(output).ptr, 1, output->len, stdout); /* main looks whether it arrived */
    if (!ok)
        console_fail(con, &err);
    return ok;
}

void console_print(const struct console *con, struct str text)
{
    if (!con->out_is_tty) {
        fwrite(text.ptr, 1, text.len, stdout);
        return;
    }
    struct buf clean;
    buf_init(&clean, BUF_MAX_DEFAULT);
    console_clean(&clean, text);
    fwrite(buf_str(&clean).ptr, 1, clean.len, stdout);
    buf_release(&clean);
}

void console_take_json(json_t *value)
{
    struct buf line;
    buf_init(&line, BUF_MAX_DEFAULT);
    json_format(&line, value, (struct json_style){0});
    buf_putc(&line, '\n');
    fwrite(buf_str(&line).ptr, 1, line.len, stdout);
    buf_release(&line);
    json_decref(value);
}
