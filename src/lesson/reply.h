/* reply.h - probes and the answers to them, brought together.
 * Does        reads answers of any file that holds some: {id, response}, response lines of other
 *             tools, A/B results (one condition of them), distilled and chat lines. Finds the probe
 *             of each by its id or, without one, by its prompt. What cannot be used is counted with
 *             its reason: read = used + refused.
 * Lifetime    reply_read fills a struct that reply_release frees; it borrows the probes.
 * Threads     one thread at a time.
 * Limits      REPLY_FILE_MAX bytes.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT naming file and line of what is no JSON; ERR_USAGE for
 *             A/B results when no condition is named, or one that is not there.
 * See         docs/formats.md, lessons. */
#ifndef LESSON_REPLY_H
#define LESSON_REPLY_H

#include "base/arena.h"
#include "probe/probe.h"

enum { REPLY_FILE_MAX = 1 << 30 };

enum reply_refusal {
    REPLY_REFUSED_NO_ANSWER, /* the record holds none */
    REPLY_REFUSED_EMPTY,     /* or one that says nothing */
    REPLY_REFUSED_FAILED,    /* "ERROR: ..." */
    REPLY_REFUSED_SHORT,
    REPLY_REFUSED_NO_PROBE, /* no probe has that id or prompt */
    REPLY_REFUSED_PROMPT,   /* the probe of that id asks something else */
    N_REPLY_REFUSALS
};

const char *reply_refusal_name(enum reply_refusal refusal);

struct reply {
    size_t probe; /* its index in the set */
    struct str text;
    size_t line;
};

struct reply_options {
    const char *condition; /* of A/B results; NULL: their only one beside the baseline */
    size_t chars_min;
};

struct reply_set {
    struct reply *items;
    size_t count, cap, n_read, n_answered; /* n_answered: probes with an answer */
    size_t by_refusal[N_REPLY_REFUSALS], first_line[N_REPLY_REFUSALS];
    struct arena arena;
};

MUST_USE bool reply_read_text(struct reply_set *out, const struct probe_set *probes,
                              struct str text, const char *name,
                              const struct reply_options *options, struct err *err);
MUST_USE bool reply_read(struct reply_set *out, const struct probe_set *probes, const char *path,
                         const struct reply_options *options, struct err *err);
size_t reply_refused(const struct reply_set *replies);
void reply_release(struct reply_set *replies);

#endif
