/* flags_int.h - what flags.c, flags_config.c and flags_help.c share. */
#ifndef CLI_FLAGS_INT_H
#define CLI_FLAGS_INT_H

#include <jansson.h>

#include "base/err.h"
#include "cli/flags.h"

enum flag_origin { ORIGIN_NONE, ORIGIN_PRESET, ORIGIN_CONFIG, ORIGIN_ENV, ORIGIN_ARGV };

struct flag_value {
    const struct flag_spec *spec;
    enum flag_origin origin;
    const char *text; /* strings and paths */
    const char **list;
    size_t n_list, cap_list;
    uint64_t u64;
    double real;
    bool on;
};

/* The value named `name` of `len` bytes, underscores read as hyphens; NULL when there is none. */
struct flag_value *flags_find(const struct flags *flags, const char *name, size_t len);

/* Reads `text` as the flag's kind. `said` is how the user wrote the flag, for the sentence. */
MUST_USE bool flags_set(struct flags *flags, struct flag_value *value, const char *text,
                        const char *said, enum flag_origin origin, struct err *err);

/* Environment and configuration files, for every flag that argv left unset. */
MUST_USE bool flags_set_from_surroundings(struct flags *flags, struct err *err);

void flags_print_help(const struct flags_usage *usage);

#endif
