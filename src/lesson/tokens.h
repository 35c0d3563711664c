/* tokens.h - how many tokens a lesson has for a model, and of how many it learns.
 * Does        renders the lesson through the model's chat template as a finished conversation and
 *             encodes it. What is learned is what the mask leaves: the last answer (all before it is
 *             given, as mlx-lm's --mask-prompt has it), every answer, or everything. An answer
 *             begins where the template, asked to let one begin, ends. A text is encoded with BOS
 *             and EOS and learned as a whole.
 * Threads     no state.
 * Errors      those of the template and the tokenizer.
 * See         docs/formats.md, lessons. */
#ifndef LESSON_TOKENS_H
#define LESSON_TOKENS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "infer/prompt.h"

enum lesson_mask { MASK_LAST, MASK_ANSWERS, MASK_NOTHING, N_LESSON_MASKS };
/* false: no mask has that name. */
bool lesson_mask_of_name(enum lesson_mask *mask, const char *name);

struct lesson_tokens {
    size_t total, learned;
    bool is_steady; /* each beginning, rendered alone, is how the whole begins */
};

MUST_USE bool lesson_count_tokens(struct lesson_tokens *out, const json_t *value,
                                  enum lesson_mask mask, const struct prompt_style *style,
                                  struct err *err);

#endif
