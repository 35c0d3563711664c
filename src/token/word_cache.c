#include "token/word_cache.h"

#include "token/byte_hash.h"

struct word_entry {
    uint32_t first; /* index of the first id in the output */
    uint8_t len, count;
    char word[WORD_CACHE_BYTES_MAX];
};

enum { BITS_MIN = 4, BITS_MAX = 13 };

void word_cache_init(struct word_cache *cache, size_t text_bytes)
{
    cache->bits = BITS_MIN;
    while (cache->bits < BITS_MAX && (size_t)1 << cache->bits < text_bytes / 8)
        cache->bits++;
    cache->entry = mem_zalloc((size_t)1 << cache->bits, sizeof *cache->entry);
}

void word_cache_release(struct word_cache *cache)
{
    free(cache->entry);
    *cache = (struct word_cache){0};
}

static struct word_entry *entry_of(const struct word_cache *cache, struct str word)
{
    return &cache->entry[byte_hash(word) >> (64 - cache->bits)];
}

bool word_cache_get(const struct word_cache *cache, struct ids *out, struct str word)
{
    if (word.len == 0 || word.len > WORD_CACHE_BYTES_MAX)
        return false;
    const struct word_entry *entry = entry_of(cache, word);
    if (entry->len != word.len || memcmp(entry->word, word.ptr, word.len) != 0)
        return false;
    for (size_t i = 0; i < entry->count; i++)
        ids_push(out, out->id[entry->first + i]);
    return true;
}

void word_cache_put(struct word_cache *cache, const struct ids *out, size_t first, struct str word)
{
    size_t count = out->count - first;
    if (word.len == 0 || word.len > WORD_CACHE_BYTES_MAX || count > UINT8_MAX || first > UINT32_MAX)
        return;
    struct word_entry *entry = entry_of(cache, word);
    *entry = (struct word_entry){
        .first = (uint32_t)first, .len = (uint8_t)word.len, .count = (uint8_t)count};
    memcpy(entry->word, word.ptr, word.len);
}
