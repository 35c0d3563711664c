/* shuffle.h - a kernel with its contents exchanged: the same words and the same form, another sense.
 * Does        takes a kernel apart into values and writes it again with every value in the place of
 *             another of its group (a derangement: none stays where it was) and the words of each
 *             in random order, but for the first. Everything else keeps its place to the byte, so
 *             that the result has the same bytes in another order: keys, ids and layout of JSON,
 *             indents and bullets of a text, and the marks behind words. First words and marks stay
 *             because tokens reach across the edges of a value, and would become more.
 *             In JSON a value is a string with several words; values change places with those under
 *             the same key of the array's other objects (the statements of a list of axioms, for
 *             instance, where single words change places too), or else with the others of their
 *             own object or array. Several objects may follow each other. In a text a value is a
 *             sentence, and all of them are one group.
 * Lifetime    shuffle_read fills a struct that shuffle_release frees; it borrows the text.
 * Threads     immutable once read.
 * Limits      KERNEL_OBJECTS_MAX objects, as kernel_parts.h. Words are what spaces set apart: of a
 *             script without them only sentences change places.
 * Errors      ERR_FORMAT: begins as a JSON object and is none. ERR_UNSUPPORTED: nothing in it can
 *             change places.
 * See         Sattolo 1986, "An algorithm to generate a random cyclic permutation". */
#ifndef EVAL_SHUFFLE_H
#define EVAL_SHUFFLE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct shuffle_value {
    size_t start, end; /* in the text */
    size_t group;      /* index of the first value of its group */
};

struct shuffle {
    struct str text;
    struct shuffle_value *values; /* in order, none inside another */
    size_t count, cap;
};

MUST_USE bool shuffle_read(struct shuffle *out, struct str text, const char *name, struct err *err);
void shuffle_release(struct shuffle *shuffle);

/* Appends the shuffle that belongs to `key`: equal keys, equal bytes. */
void shuffle_write(struct buf *out, const struct shuffle *shuffle, uint64_t key);

#endif
