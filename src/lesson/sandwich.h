/* sandwich.h - lessons out of probes and their answers, with the kernel around the probe or without.
 * Does        joins kernel, probe and signature into the one user message of a sandwich, or leaves
 *             the probe bare (freeflow); the answer is the assistant's. Four ways to lay a sandwich
 *             have been used; the first is the curriculum's.
 * Lifetime    lessons are new values, the caller's.
 * Threads     no state.
 * Errors      ERR_FORMAT for a kernel without axioms where they are listed.
 * See         docs/formats.md, lessons. */
#ifndef LESSON_SANDWICH_H
#define LESSON_SANDWICH_H

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"

enum sandwich_kind {
    SANDWICH_LEK,    /* kernel, probe, signature: one user message, blank lines between */
    SANDWICH_DOUBLE, /* kernel, probe, kernel */
    SANDWICH_GOLDEN, /* system: the axioms; user: probe, rule, an instruction and the kernel */
    SANDWICH_KB,     /* preamble, rule, probe, rule, kernel, a reminder */
    N_SANDWICH_KINDS
};

const char *sandwich_name(enum sandwich_kind kind); /* "lek" */
/* false: no kind has that name. */
bool sandwich_of_name(enum sandwich_kind *kind, const char *name);

struct sandwich {
    enum sandwich_kind kind;
    struct str kernel, signature; /* without the white space at their ends */
    struct str preamble;          /* of SANDWICH_KB; may be empty */
    const json_t *axioms;         /* of SANDWICH_GOLDEN: a list of {name, statement} */
};

/* `recipe` NULL: freeflow. All texts are valid UTF-8. */
json_t *sandwich_lesson(const struct sandwich *recipe, struct str probe, struct str answer);

#endif
