/* slots.h - sentences with {slots} in them.
 * Does        replaces each {slot} by its value; {Slot} is the same with its first letter made
 *             upper case.
 * Threads     no state. */
#ifndef PROBE_SLOTS_H
#define PROBE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

struct slot {
    const char *name;
    struct str value;
    struct str first; /* stands in its place the first time, when given; then it is cleared */
};

/* Appends the text; every slot in it must be there (slots_known). */
void slots_fill(struct buf *out, struct str text, struct slot *slots, size_t n_slots);
/* Are all braces of the text closed slots with one of these names (NULL ends them)? */
bool slots_known(struct str text, const char *const *names);

#endif
