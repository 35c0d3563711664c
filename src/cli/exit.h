/* exit.h - what the exit status of every command means.
 * See         the man page, EXIT STATUS; scripts decide by these numbers, so they never change. */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

#include "base/err.h"

enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,       /* the command line makes no sense */
    EXIT_INPUT = 3,       /* model or data unreadable, malformed, or not what its hash says */
    EXIT_NETWORK = 4,     /* an endpoint could not be reached or refused */
    EXIT_PARTIAL = 5,     /* some samples failed; the others are on disk */
    EXIT_REGRESSION = 10, /* asked for by --fail-on */
    EXIT_INCONCLUSIVE = 11,
    EXIT_TOLERANCE = 12,   /* a reproduction outside its tolerance */
    EXIT_INTERRUPTED = 130 /* stopped by Ctrl-C; 128 + the number for other signals */
};

/* The status for a failure met while reading what the user named. A command that fails while
 * writing its own output returns EXIT_FAILED itself: the inputs were not at fault. */
int exit_of(const struct err *err);

#endif
