/* data.h - the files that come with the program, wherever it was put.
 * Does        finds kernel/axioms.json, seeds/grammar and their like: as named, from where we stand;
 *             else beside the program, where a checkout has them; else in ../share/lem from there,
 *             where `make install` put them. So PREFIX and DESTDIR need not be known.
 * Threads     no state. */
#ifndef OS_DATA_H
#define OS_DATA_H

#include "base/buf.h"

/* Writes the path of `name` to `out`: `name` itself if it exists, is absolute or "-", or is nowhere
 * else either. */
void data_find(struct buf *out, const char *name);

#endif
