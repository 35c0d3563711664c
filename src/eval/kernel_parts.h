/* kernel_parts.h - the JSON objects that a kernel is made of, and the kernel with axioms left out.
 * Does        a kernel is one JSON object, several run together, or prose. kernel_parts_read finds
 *             the objects; kernel_parts_check says what is wrong in them; kernel_isolate gives an
 *             axioms object with one axiom alone or with one removed, for runs that ask which
 *             axiom did what. Only the list of axioms and meta.hierarchy change.
 * Lifetime    kernel_parts_read fills a struct that kernel_parts_release frees.
 * Threads     no state.
 * Limits      KERNEL_OBJECTS_MAX objects, KERNEL_AXIOMS_MAX axioms.
 * Errors      ERR_FORMAT with line and column of the first place that is no JSON; ERR_LIMIT. */
#ifndef EVAL_KERNEL_PARTS_H
#define EVAL_KERNEL_PARTS_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { KERNEL_OBJECTS_MAX = 64, KERNEL_AXIOMS_MAX = 64 };

struct kernel_parts {
    json_t *objects[KERNEL_OBJECTS_MAX];
    size_t count;
};

/* Prose (a text that does not begin with '{') has no objects and is no failure. What was read
 * before a failure is kept, to be released all the same. */
MUST_USE bool kernel_parts_read(struct kernel_parts *out, struct str text, const char *name,
                                struct err *err);
void kernel_parts_release(struct kernel_parts *parts);

/* Appends a line for each fault of an object: axioms without id, name or statement, ids that are
 * repeated, a hierarchy that does not list each id once. Returns how many. */
size_t kernel_parts_check(struct buf *out, const json_t *object);

/* The kernel's axioms, or NULL when the object has none. */
const json_t *kernel_axioms(const json_t *object);
enum kernel_isolation { KERNEL_ALONE, KERNEL_REMOVED };
/* A new object: axiom `index` alone, or all but it. */
json_t *kernel_isolate(const json_t *object, size_t index, enum kernel_isolation isolation);

#endif
