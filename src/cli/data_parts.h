/* data_parts.h - lessons dealt out to training, validation and test files.
 * Lifetime    lists given are new references of lessons that are shared.
 * Threads     one thread.
 * Errors      ERR_USAGE for shares that leave nothing. */
#ifndef CLI_DATA_PARTS_H
#define CLI_DATA_PARTS_H

#include <jansson.h>

#include "cli/console.h"
#include "cli/flags.h"
#include "lesson/parts.h"

struct part_weights {
    double of[N_PARTS];
    uint64_t seed;
};

/* --valid, --test, --seed. */
extern const struct flag_spec FLAGS_PARTS[];
MUST_USE bool part_weights_of(struct part_weights *out, const struct flags *flags, struct err *err);

/* Fills parts[N_PARTS] with lists, to be released. A lesson's key is its id (lesson_record_id), or
 * what it says. */
void data_deal(json_t **parts, const json_t *lessons, const struct part_weights *weights);
/* FOLDER/train.jsonl ...; a part that has no lessons is not written. Prints its own failure. */
MUST_USE bool data_write_parts(const char *folder, json_t *const *parts, struct console *con);

#endif
