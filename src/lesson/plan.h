/* plan.h - lessons, sequences and probe sets as YAML files describe them.
 * Does        reads the three kinds of file that tell what is to be asked rather than what was
 *             answered, tells them apart by their fields, and checks every field:
 *               lesson    id, title, system, sandwich {kb, kernel}, prompts [{id, category, prompt,
 *                         signal}]
 *               sequence  id, title, mode (vertical: stop at the first failure; horizontal: go on),
 *                         model-path, lessons [path]
 *               sets      version, sets {name: {description, phase, files [path]}}
 * Lifetime    plan_load / plan_release; all of it belongs to the plan.
 * Threads     immutable once loaded.
 * Limits      PLAN_FILE_MAX bytes.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT naming file and field.
 * See         docs/formats.md, lessons. */
#ifndef LESSON_PLAN_H
#define LESSON_PLAN_H

#include <jansson.h>

#include "probe/probe.h"

enum { PLAN_FILE_MAX = 16 << 20 };

enum plan_kind { PLAN_LESSON, PLAN_SEQUENCE, PLAN_SETS, N_PLAN_KINDS };
const char *plan_kind_name(enum plan_kind kind);

struct plan {
    enum plan_kind kind;
    json_t *root;
};

MUST_USE bool plan_load(struct plan *out, const char *path, struct err *err);
MUST_USE bool plan_parse(struct plan *out, struct str text, const char *name, struct err *err);
void plan_release(struct plan *plan);

/* The prompts of a lesson, as any file of probes gives them. */
MUST_USE bool plan_probes(struct probe_set *out, const struct plan *plan, const char *name,
                          struct err *err);
/* Is a file of that name read as a plan? */
bool plan_is_file(const char *path);

#endif
