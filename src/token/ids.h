/* ids.h - a growing list of token ids. `{0}` is empty; ids_release frees. */
#ifndef TOKEN_IDS_H
#define TOKEN_IDS_H

#include <stdint.h>
#include <stdlib.h>

#include "base/vec.h"

struct ids {
    uint32_t *id;
    size_t count, cap;
};

static inline void ids_push(struct ids *ids, uint32_t id)
{
    VEC_PUSH(ids->id, ids->count, ids->cap, id);
}

static inline void ids_release(struct ids *ids)
{
    free(ids->id);
    *ids = (struct ids){0};
}

#endif
