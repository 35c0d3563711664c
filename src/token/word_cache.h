/* word_cache.h - the ids of short words met earlier in the same text.
 * Does        prose repeats its words; a direct-mapped table says where in the output the ids of an
 *             equal word stand, so that it need not be cut again.
 * Lifetime    word_cache_init / word_cache_release; entries index the ids of one output list.
 * Threads     one thread at a time. */
#ifndef TOKEN_WORD_CACHE_H
#define TOKEN_WORD_CACHE_H

#include <stdbool.h>

#include "base/str.h"
#include "token/ids.h"

enum { WORD_CACHE_BYTES_MAX = 26 }; /* makes an entry 32 bytes */

struct word_entry;

struct word_cache {
    struct word_entry *entry;
    unsigned bits;
};

void word_cache_init(struct word_cache *cache, size_t text_bytes);
void word_cache_release(struct word_cache *cache);

/* Appends the ids of `word` if it is known. */
bool word_cache_get(const struct word_cache *cache, struct ids *out, struct str word);
/* Remembers that the ids from `first` to the end of `out` are `word`. */
void word_cache_put(struct word_cache *cache, const struct ids *out, size_t first, struct str word);

#endif
