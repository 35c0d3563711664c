/* nearest.h - the name somebody probably meant. */
#ifndef TEXT_NEAREST_H
#define TEXT_NEAREST_H

#include <stddef.h>

/* The edit distance of two names, counting a swap of neighbours as one edit. */
size_t nearest_distance(const char *a, const char *b);

/* Keeps the closest of the names it is offered, if one is close enough to be worth suggesting. */
struct nearest {
    const char *wanted;
    const char *name; /* NULL: nothing close */
    size_t distance;
};
void nearest_offer(struct nearest *best, const char *name);

#endif
