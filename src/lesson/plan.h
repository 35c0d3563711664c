/* plan.h - lessons, sequences, probe sets, models and settings as YAML files describe them.
 * Does        reads the kinds of file that tell what is to be asked rather than what was
 *             answered, and with what, tells them apart by their fields, and checks every field:
 *               lesson    id, title, system, sandwich {kb, kernel}, prompts [{id, category, prompt,
 *                         signal}]
 *               sequence  id, title, mode (vertical: stop at the first failure; horizontal: go on),
 *                         model-path, lessons [path]
 *               sets      version, sets {name: {description, phase, files [path]}}
 *               model     version, name, family, parameters, format, paths, kernel, signature,
 *                         training, lessons {number: file}, valid, test, generate, baselines
 *               settings  version, backend, scorer, generate, distill
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

enum plan_kind { PLAN_LESSON, PLAN_MODEL, PLAN_SETTINGS, PLAN_SEQUENCE, PLAN_SETS, N_PLAN_KINDS };
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
