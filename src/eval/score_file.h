/* score_file.h - scores.json: the first heuristic's numbers by model and answer, and their means.
 * Does        scores response lines and builds the file the original's programs write: the Go one
 *             (metadata, heuristic and exact suites) or the Python one (the model is the file's
 *             name, signals lie beside the id). What needs a judge is not scored.
 * Lifetime    score_file_init / score_file_release; score_file_take gives a new reference.
 * Threads     one thread.
 * Errors      those of answers.h; ERR_LIMIT naming file and line for an answer that cannot be
 *             scored.
 * See         tests/oracle/ab-golden/lek-scores: the Python file, byte for byte. */
#ifndef EVAL_SCORE_FILE_H
#define EVAL_SCORE_FILE_H

#include <jansson.h>

#include "base/err.h"
#include "score/score.h"

enum score_form { SCORE_FORM_GO, SCORE_FORM_PYTHON };

struct score_file {
    enum score_form form;
    bool has_heuristic, has_exact; /* suites of the Go form; the Python one is all heuristic */
    const struct scorer *scorer;
    struct score *heuristic, *exact;
    json_t *per_prompt; /* {model: [row, ...]} */
};

void score_file_init(struct score_file *file, enum score_form form, bool has_heuristic,
                     bool has_exact);
void score_file_release(struct score_file *file);
MUST_USE bool score_file_add(struct score_file *file, const char *path, struct err *err);
/* `scored_at` is left out of the Python form. */
json_t *score_file_take(struct score_file *file, const char *scored_at);

#endif
