/* command_run.c - see command_run.h. */
#include "cli/command_run.h"

int command_run(const struct flags_usage *usage, command_body *body, int argc, char **argv)
{
    struct flags flags;
    int status;
    if (!flags_begin(&flags, usage, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    status = body(&flags, &con);
    flags_release(&flags);
    return status;
}
