/* ids_text.h - ids as text, for comparing: "12 7 9". */
#ifndef SUPPORT_IDS_TEXT_H
#define SUPPORT_IDS_TEXT_H

#include "base/buf.h"
#include "token/tokenizer.h"

enum { TRUST_NONE, TRUST_ALL };

/* Appends the ids of `text`, or the error sentence. */
static inline void ids_text(struct buf *out, const struct tokenizer *tok, struct str text,
                            int trust)
{
    struct ids ids = {0};
    struct err err = {0};
    buf_puts(out, "");
    if (!tokenizer_encode(tok, &ids, text, (struct token_trust){.all = trust == TRUST_ALL}, &err))
        buf_puts(out, err.msg);
    for (size_t i = 0; i < ids.count; i++)
        buf_printf(out, i ? " %u" : "%u", (unsigned)ids.id[i]);
    ids_release(&ids);
}

#endif
