/* shuffle_int.h - what shuffle.c and shuffle_values.c share. */
#ifndef EVAL_SHUFFLE_INT_H
#define EVAL_SHUFFLE_INT_H

#include "eval/shuffle.h"

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next word from *at (0 at first), without the marks behind it; false after the last. */
bool shuffle_next_word(struct str *word, struct str value, size_t *at);

#endif
