/* source.c - what all sources have in common. */
#include "infer/source.h"

void source_free(struct source *source)
{
    if (source->ops && source->ops->free)
        source->ops->free(source->self);
    *source = (struct source){0};
}

const char *source_system_name(enum source_system system)
{
    static const char *const names[] = {"role", "prepended", "plain"};
    return names[system];
}
