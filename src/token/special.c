#include "token/special.h"

#include <stdlib.h>

#include "base/vec.h"

/* Tokens sorted by text form a trie without nodes: those that agree with the text up to some depth
 * are one range, and each further byte narrows it by binary search. */
struct range {
    size_t from, to; /* [from, to) of set->id */
};

static struct str text_of(const struct special_set *set, size_t index)
{
    return set->vocab->piece[set->id[index]];
}

static int compare(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void mark_start(struct special_set *set, struct str s)
{
    unsigned first = (unsigned char)s.ptr[0];
    if (s.len == 1) {
        memset(set->starts + (size_t)first * 32, 0xff, 32);
        return;
    }
    unsigned pair = first << 8 | (unsigned char)s.ptr[1];
    set->starts[pair >> 3] |= (uint8_t)(1u << (pair & 7));
}

static bool may_start(const struct special_set *set, struct str text, size_t at)
{
    unsigned first = (unsigned char)text.ptr[at];
    unsigned pair = first << 8 | (at + 1 < text.len ? (unsigned char)text.ptr[at + 1] : 0);
    return set->starts[pair >> 3] >> (pair & 7) & 1;
}

bool special_open(struct special_set *set, const struct vocab *vocab, struct err *err)
{
    *set = (struct special_set){.vocab = vocab};
    struct str *texts = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < vocab->count; i++) {
        struct str s = vocab->piece[i];
        unsigned kind = vocab->kind[i];
        if (s.len == 0 ||
            (kind != TOKEN_USER_DEFINED && kind != TOKEN_CONTROL && kind != TOKEN_UNKNOWN))
            continue;
        if (s.len > SPECIAL_BYTES_MAX) {
            free(texts);
            return err_set(err, ERR_LIMIT, "special token %zu is %zu bytes long, more than %d", i,
                           s.len, (int)SPECIAL_BYTES_MAX);
        }
        if (vocab_find(vocab, s) != i)
            continue; /* a duplicate: the first id stands for the text */
        mark_start(set, s);
        VEC_PUSH(texts, n, cap, s);
    }
    if (n)
        qsort(texts, n, sizeof *texts, compare);
    set->id = mem_alloc(n * sizeof *set->id + 1);
    set->count = n;
    for (size_t i = 0; i < n; i++)
        set->id[i] = vocab_find(vocab, texts[i]);
    free(texts);
    return true;
}

void special_release(struct special_set *set)
{
    free(set->id);
    *set = (struct special_set){0};
}

static int byte_at(const struct special_set *set, size_t index, size_t depth)
{
    struct str s = text_of(set, index);
    return depth < s.len ? (unsigned char)s.ptr[depth] : -1;
}

/* First index in the range whose byte at `depth` is at least `byte`. */
static size_t lower_bound(const struct special_set *set, struct range range, size_t depth, int byte)
{
    while (range.from < range.to) {
        size_t mid = range.from + (range.to - range.from) / 2;
        if (byte_at(set, mid, depth) < byte)
            range.from = mid + 1;
        else
            range.to = mid;
    }
    return range.from;
}

static bool is_allowed(const struct special_set *set, uint32_t id, size_t at,
                       struct token_trust trust)
{
    if (trust.all || set->vocab->kind[id] == TOKEN_USER_DEFINED)
        return true;
    return trust.trusted && !memchr(trust.trusted + at, 0, set->vocab->piece[id].len);
}

static bool match_at(const struct special_set *set, struct special_match *out, struct str text,
                     size_t at, struct token_trust trust)
{
    struct range range = {0, set->count};
    bool found = false;
    for (size_t depth = 0; at + depth < text.len && range.from < range.to; depth++) {
        int byte = (unsigned char)text.ptr[at + depth];
        size_t from = lower_bound(set, range, depth, byte);
        range =
            (struct range){from, lower_bound(set, (struct range){from, range.to}, depth, byte + 1)};
        if (range.from == range.to)
            break;
        uint32_t id = set->id[range.from]; /* the shortest of the range is first */
        if (set->vocab->piece[id].len == depth + 1 && is_allowed(set, id, at, trust)) {
            *out = (struct special_match){at, depth + 1, id};
            found = true;
        }
    }
    return found;
}

bool special_find(const struct special_set *set, struct special_match *out, struct str text,
                  size_t from, struct token_trust trust)
{
    for (size_t at = from; at < text.len; at++)
        if (may_start(set, text, at) && match_at(set, out, text, at, trust))
            return true;
    return false;
}
