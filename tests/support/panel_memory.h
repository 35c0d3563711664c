/* panel_memory.h - memory for one matrix of a test. */
#ifndef SUPPORT_PANEL_MEMORY_H
#define SUPPORT_PANEL_MEMORY_H

#include "kern/panel.h"
#include "os/memory.h"

static inline void panel_memory_take(struct panels *p)
{
    p->data = memory_take(panels_bytes(p));
    if (!p->data)
        abort();
}

static inline void panel_memory_give(struct panels *p)
{
    memory_give(p->data, panels_bytes(p));
    *p = (struct panels){0};
}

#endif
