/* exit.c - from failures to exit statuses. */
#include "cli/exit.h"

#include "os/signals.h"

int exit_of(const struct err *err)
{
    switch (err->code) {
    case ERR_NONE: return EXIT_OK;
    case ERR_USAGE: return EXIT_USAGE;
    case ERR_IO:
    case ERR_FORMAT:
    case ERR_UNSUPPORTED:
    case ERR_LIMIT: return EXIT_INPUT;
    case ERR_CANCELLED: return signals_number() ? 128 + signals_number() : EXIT_INTERRUPTED;
    case ERR_BUSY:
    case ERR_INTERNAL: return EXIT_FAILED;
    }
    return EXIT_FAILED;
}
