/* version.h - which build this is: release number, then "+commit" when built from a checkout. */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

const char *version_string(void);

#endif
