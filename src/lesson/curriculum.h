/* curriculum.h - what is taught in which order, and the lessons of each phase.
 * Does        reads curriculum.yaml: `version: 1`, `kernel`, `signature`, and a list of `phases`
 *             with `id`, `name`, `format` and sources: `sets` of `probes` and `answers`,
 *             `lessons` (files of lessons, or of passages and reflections) and `texts` (numbered
 *             texts). A sandwich, which puts the kernel around the probe, is made of sets alone;
 *             freeflow of anything. Paths begin at the file's folder. `minimum` says how many
 *             lessons a phase must have.
 * Lifetime    curriculum_load / curriculum_release; phase_build / phase_release. A phase's lessons
 *             are its own; names borrow from the curriculum.
 * Threads     one thread at a time.
 * Limits      CURRICULUM_PHASES_MAX phases.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT naming file and place: YAML, a field that is missing or
 *             unknown, a source that is not what it should be. Answers that fit no probe are
 *             counted, not errors.
 * See         docs/formats.md, lessons. */
#ifndef LESSON_CURRICULUM_H
#define LESSON_CURRICULUM_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "lesson/reply.h"

enum { CURRICULUM_FILE_MAX = 1 << 20, CURRICULUM_PHASES_MAX = 64 };

enum phase_format { PHASE_SANDWICH, PHASE_FREEFLOW, N_PHASE_FORMATS };
const char *phase_format_name(enum phase_format format);

struct phase_plan {
    const char *id, *name;
    enum phase_format format;
    const char *kernel, *signature; /* paths; NULL: none */
    const json_t *sets, *lessons, *texts;
    size_t minimum; /* lessons it must have */
};

struct curriculum {
    struct phase_plan *phases;
    size_t n_phases;
    struct str folder;
    json_t *root;
    struct arena arena;
};

MUST_USE bool curriculum_load(struct curriculum *out, const char *path, struct err *err);
/* The plan in its folder: DIR/curriculum.yaml. */
MUST_USE bool curriculum_find(struct curriculum *out, const char *folder, struct err *err);
void curriculum_release(struct curriculum *curriculum);

struct phase {
    json_t *lessons;  /* each with an `_id` */
    size_t n_answers; /* read; of them */
    size_t by_refusal[N_REPLY_REFUSALS];
    size_t n_probes, n_answered;
};

/* Replaces the kernel and the signature of the plan when they are given. */
struct phase_options {
    const char *kernel, *signature;
};

MUST_USE bool phase_build(struct phase *out, const struct curriculum *curriculum,
                          const struct phase_plan *plan, const struct phase_options *options,
                          struct err *err);
void phase_release(struct phase *phase);

#endif
