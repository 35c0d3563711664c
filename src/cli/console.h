/* console.h - what a person sees: notes, warnings and a progress line on stderr, and model text on
 * stdout made harmless for terminals.
 * Does        stdout carries data, stderr everything else. Colours only on a terminal and only when
 *             NO_COLOR, TERM=dumb and --no-color do not forbid them (CLICOLOR_FORCE asks for them
 *             anyway). A progress line only on a terminal; nothing moves in a log file.
 * Lifetime    a value; nothing to release.
 * Threads     one thread. */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/flags.h"

struct console {
    bool quiet, verbose;
    bool colour;     /* on stderr */
    bool out_is_tty; /* model text needs cleaning */
    bool progress;   /* a line that is redrawn may be shown */
    bool line_shown; /* it stands on the terminal now */
    double started_s, drawn_s;
};

enum colour { COLOUR_BOLD, COLOUR_DIM, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW };

struct console console_open(const struct flags *flags);

/* A line on stderr; takes the progress line away first. Notes are silent under --quiet, details
 * unless --verbose; warnings always speak. */
void console_note(struct console *con, const char *fmt, ...) PRINTF_LIKE(2, 3);
void console_detail(struct console *con, const char *fmt, ...) PRINTF_LIKE(2, 3);
void console_warn(struct console *con, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Prints the failure and returns the exit status for it. */
int console_fail(struct console *con, const struct err *err);

/* Escape sequences around coloured text on stderr; empty strings when colours are off. */
const char *console_on(const struct console *con, enum colour colour);
const char *console_off(const struct console *con);

/* Redraws "label done/total 42% ETA 1m20s note" at most ten times a second; done == total draws
 * always. The first call starts the clock. */
void console_progress(struct console *con, const char *label, size_t done, size_t total,
                      const char *note);
void console_progress_end(struct console *con); /* takes the line away; the next one starts anew */

/* Model text to stdout. On a terminal, control and bidirectional override characters are shown as
 * <U+001B> instead of sent; text is whole characters. */
void console_print(const struct console *con, struct str text);
/* The same to a buffer: what console_print would send to a terminal. */
void console_clean(struct buf *out, struct str text);

/* A command's whole output, as it is: to the file `path`, atomically, or to stdout when it is NULL.
 * Prints its own failure, one of which is that the buffer was too small. */
MUST_USE bool console_deliver(struct console *con, const char *path, const struct buf *output);

/* One line of JSON to stdout. Takes ownership of `value`. */
void console_take_json(json_t *value);

/* "850 ms", "12.3 s", "4m05s", "2h03m" */
enum { DURATION_MAX = 32 };
void format_duration(char out[DURATION_MAX], double seconds);

#endif
