/* version.c - the only file that is compiled again when the commit changes. */
#include "cli/version.h"

const char *version_string(void)
{
    return LEM_VERSION;
}
