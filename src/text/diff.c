/* diff.c - from texts to tokens, from tokens to changed flags, from flags to runs.
 *
 * An edit script is a path through a grid: a step right deletes a token of a, a step down inserts
 * one of b, a diagonal step keeps both. Diagonal k holds the points with x - y = k. The search goes
 * from both corners at once, one edit further each round, and remembers only the furthest point on
 * each diagonal; where the two fronts meet, the best path passes. Its two halves are searched in
 * the same way, so memory stays linear and each token ends up flagged as changed or not. */
#include "text/diff.h"

#include <stdint.h>
#include <stdlib.h>

#include <utf8proc.h>

#include "base/map.h"
#include "base/vec.h"
#include "text/utf8.h"

/* --- tokens --- */

enum token_class { CLASS_SPACE, CLASS_WORD, CLASS_ALONE };

struct token {
    size_t start, len; /* bytes of its text */
    uint32_t id;       /* equal for equal bytes */
    bool is_word;
};

struct side {
    struct str text;
    struct token *tokens;
    size_t n, cap;
    bool *changed; /* (n + 1), the last always false */
};

/* Scripts that are written without spaces: a word a character is the best we can do. */
static bool is_ideograph(uint32_t cp)
{
    return (cp >= 0x3040 && cp <= 0x30FF) || (cp >= 0x3400 && cp <= 0x9FFF) ||
           (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0x20000 && cp <= 0x3FFFF);
}

static enum token_class class_of(uint32_t cp)
{
    if (utf8_is_space(cp))
        return CLASS_SPACE;
    return (utf8_is_alnum(cp) || cp == '_') && !is_ideograph(cp) ? CLASS_WORD : CLASS_ALONE;
}

/* Passes over what a reader takes for one character, and returns its first code point. */
static uint32_t next_cluster(struct str s, size_t *at)
{
    uint32_t first = utf8_next(s, at), last = first;
    utf8proc_int32_t state = 0;
    if (first != '\r' && first < 0x80 && *at < s.len && (unsigned char)s.ptr[*at] < 0x80)
        return first; /* nothing of ASCII joins what is before it but a line feed */
    while (last != UTF8_BAD && *at < s.len) {
        size_t next = *at;
        uint32_t cp = utf8_next(s, &next);
        if (cp == UTF8_BAD ||
            utf8proc_grapheme_break_stateful((utf8proc_int32_t)last, (utf8proc_int32_t)cp, &state))
            break;
        *at = next;
        last = cp;
    }
    return first;
}

/* An apostrophe between letters belongs to their word. */
static bool joins_word(struct str s, size_t at)
{
    uint32_t mark = utf8_next(s, &at);
    return (mark == '\'' || mark == 0x2019) && at < s.len &&
           class_of(utf8_next(s, &at)) == CLASS_WORD;
}

static size_t token_end(struct str s, size_t at, enum token_class class)
{
    while (class != CLASS_ALONE && at < s.len) {
        size_t next = at;
        if (class_of(next_cluster(s, &next)) != class &&
            !(class == CLASS_WORD && joins_word(s, at)))
            break;
        at = next;
    }
    return at;
}

static void split(struct side *side, struct str text, struct map *ids)
{
    size_t at = 0;
    side->text = text;
    while (at < text.len) {
        struct token token = {.start = at};
        enum token_class class = class_of(next_cluster(text, &at));
        at = token_end(text, at, class);
        token.len = at - token.start;
        token.is_word = class == CLASS_WORD;
        struct str bytes = str_sub(text, token.start, token.len);
        token.id = (uint32_t)ids->count;
        if (!map_add(ids, bytes, token.id))
            token.id = map_get(ids, bytes);
        VEC_PUSH(side->tokens, side->n, side->cap, token);
    }
    side->changed = mem_zalloc(side->n + 1, sizeof *side->changed);
}

static void side_release(struct side *side)
{
    free(side->tokens);
    free(side->changed);
}

/* --- the search --- */

struct search {
    struct side *a, *b;
    ptrdiff_t *forward, *backward; /* furthest x on each diagonal, from 0; valid around index 0 */
    ptrdiff_t edits_max;           /* of one front */
    long steps_left;
};

/* Tokens a0 .. a1-1 against b0 .. b1-1. */
struct box {
    size_t a0, a1, b0, b1;
};

static bool same(const struct search *s, size_t i, size_t j)
{
    return s->a->tokens[i].id == s->b->tokens[j].id;
}

/* One more edit on diagonal k, then as many kept tokens as there are. sign -1 looks from the far
 * corner. Returns the new x. */
static ptrdiff_t advance(struct search *s, const struct box *box, ptrdiff_t d, ptrdiff_t k,
                         int sign)
{
    ptrdiff_t *front = sign > 0 ? s->forward : s->backward;
    ptrdiff_t n = (ptrdiff_t)(box->a1 - box->a0), m = (ptrdiff_t)(box->b1 - box->b0);
    bool goes_down = k == -d || (k != d && front[k - 1] < front[k + 1]);
    ptrdiff_t x = goes_down ? front[k + 1] : front[k - 1] + 1, y = x - k;
    while (x < n && y < m &&
           (sign > 0 ? same(s, box->a0 + (size_t)x, box->b0 + (size_t)y)
                     : same(s, box->a1 - 1 - (size_t)x, box->b1 - 1 - (size_t)y))) {
        x++;
        y++;
        s->steps_left--;
    }
    s->steps_left--;
    front[k] = x;
    return x;
}

/* A point (*x, *y), from the near corner, on a shortest path through a box whose corners are both
 * changes. A point beyond the box is never the first meeting: a path that left the box crossed the
 * other front before. false: a limit was met. */
static bool find_middle(struct search *s, const struct box *box, size_t *x, size_t *y)
{
    ptrdiff_t n = (ptrdiff_t)(box->a1 - box->a0), m = (ptrdiff_t)(box->b1 - box->b0);
    ptrdiff_t delta = n - m;
    s->forward[1] = s->backward[1] = 0;
    for (ptrdiff_t d = 0; d <= s->edits_max && s->steps_left > 0; d++) {
        for (ptrdiff_t k = -d; k <= d; k += 2) {
            ptrdiff_t near = advance(s, box, d, k, 1), other = delta - k;
            if (delta % 2 != 0 && other > -d && other < d && near + s->backward[other] >= n) {
                *x = (size_t)near;
                *y = (size_t)(near - k);
                return true;
            }
        }
        for (ptrdiff_t k = -d; k <= d; k += 2) {
            ptrdiff_t far = advance(s, box, d, k, -1), other = delta - k;
            if (delta % 2 == 0 && other >= -d && other <= d && far + s->forward[other] >= n) {
                *x = (size_t)(n - far);
                *y = (size_t)(m - (far - k));
                return true;
            }
        }
    }
    return false;
}

static void trim(const struct search *s, struct box *box)
{
    while (box->a0 < box->a1 && box->b0 < box->b1 && same(s, box->a0, box->b0)) {
        box->a0++;
        box->b0++;
    }
    while (box->a0 < box->a1 && box->b0 < box->b1 && same(s, box->a1 - 1, box->b1 - 1)) {
        box->a1--;
        box->b1--;
    }
}

static void mark(struct side *side, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        side->changed[i] = true;
}

/* Recursion halves the edits, so its depth is at most log2 of their number. Returns false when a
 * limit was met. */
static bool search_box(struct search *s, struct box box)
{
    size_t x, y;
    trim(s, &box);
    bool is_plain = box.a0 == box.a1 || box.b0 == box.b1;
    if (is_plain || !find_middle(s, &box, &x, &y)) {
        mark(s->a, box.a0, box.a1);
        mark(s->b, box.b0, box.b1);
        return is_plain;
    }
    bool near = search_box(s, (struct box){box.a0, box.a0 + x, box.b0, box.b0 + y});
    bool far = search_box(s, (struct box){box.a0 + x, box.a1, box.b0 + y, box.b1});
    return near && far;
}

static bool find_changes(struct side *a, struct side *b)
{
    struct search s = {.a = a, .b = b, .steps_left = DIFF_STEPS_MAX};
    size_t most = size_min((a->n + b->n + 1) / 2, DIFF_EDITS_MAX / 2);
    s.edits_max = (ptrdiff_t)most;
    ptrdiff_t *fronts = mem_alloc(2 * (2 * most + 3) * sizeof *fronts);
    s.forward = fronts + most + 1;
    s.backward = s.forward + 2 * most + 3;
    bool is_minimal = search_box(&s, (struct box){0, a->n, 0, b->n});
    free(fronts);
    return is_minimal;
}

/* --- from flags to runs --- */

static size_t offset(const struct side *side, size_t token)
{
    return token < side->n ? side->tokens[token].start : side->text.len;
}

static struct str span(const struct side *side, size_t from, size_t to)
{
    size_t start = offset(side, from);
    return str_sub(side->text, start, offset(side, to) - start);
}

/* The next change at or after tokens *i and *j, which move past it; false at the end. */
static bool next_change(struct box *out, const struct side *a, const struct side *b, size_t *i,
                        size_t *j)
{
    while (*i < a->n && *j < b->n && !a->changed[*i] && !b->changed[*j]) {
        ++*i;
        ++*j;
    }
    *out = (struct box){*i, *i, *j, *j};
    while (a->changed[out->a1])
        out->a1++;
    while (b->changed[out->b1])
        out->b1++;
    *i = out->a1;
    *j = out->b1;
    return out->a0 < out->a1 || out->b0 < out->b1;
}

static size_t change_len(const struct side *a, const struct side *b, const struct box *change)
{
    return size_max(span(a, change->a0, change->a1).len, span(b, change->b0, change->b1).len);
}

struct changes {
    struct box *at;
    size_t n, cap;
};

/* Merges the last change into the one before while what lies between is not longer than either. */
static void absorb(struct changes *changes, const struct side *a, const struct side *b)
{
    while (changes->n >= 2) {
        struct box *before = &changes->at[changes->n - 2], *last = before + 1;
        size_t kept = span(a, before->a1, last->a0).len;
        if (kept > change_len(a, b, before) || kept > change_len(a, b, last))
            return;
        before->a1 = last->a1;
        before->b1 = last->b1;
        changes->n--;
    }
}

static size_t words(const struct side *side, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++)
        count += side->tokens[i].is_word;
    return count;
}

static void add_run(struct diff *out, enum diff_op op, struct str a, struct str b)
{
    struct diff_run run = {op, a, b};
    if (a.len || b.len)
        VEC_PUSH(out->runs, out->n_runs, out->cap, run);
}

static void add_runs(struct diff *out, const struct changes *changes, const struct side *a,
                     const struct side *b)
{
    size_t i = 0, j = 0;
    for (size_t c = 0; c <= changes->n; c++) {
        struct box end = {a->n, a->n, b->n, b->n};
        struct box change = c < changes->n ? changes->at[c] : end;
        add_run(out, DIFF_SAME, span(a, i, change.a0), span(b, j, change.b0));
        add_run(out, DIFF_DELETE, span(a, change.a0, change.a1), span(b, change.b0, change.b0));
        add_run(out, DIFF_INSERT, span(a, change.a1, change.a1), span(b, change.b0, change.b1));
        out->words_same += words(a, i, change.a0);
        out->words_deleted += words(a, change.a0, change.a1);
        out->words_inserted += words(b, change.b0, change.b1);
        i = change.a1;
        j = change.b1;
    }
}

static void diff(struct diff *out, struct str a_text, struct str b_text, bool is_readable)
{
    struct map ids = {0};
    struct side a = {0}, b = {0};
    struct changes changes = {0};
    struct box change;
    size_t i = 0, j = 0;
    *out = (struct diff){0};
    split(&a, a_text, &ids);
    split(&b, b_text, &ids);
    out->is_minimal = find_changes(&a, &b);
    while (next_change(&change, &a, &b, &i, &j)) {
        VEC_PUSH(changes.at, changes.n, changes.cap, change);
        if (is_readable)
            absorb(&changes, &a, &b);
    }
    add_runs(out, &changes, &a, &b);
    free(changes.at);
    side_release(&a);
    side_release(&b);
    map_release(&ids);
}

void diff_minimal(struct diff *out, struct str a, struct str b)
{
    diff(out, a, b, false);
}

void diff_readable(struct diff *out, struct str a, struct str b)
{
    diff(out, a, b, true);
}

void diff_release(struct diff *out)
{
    free(out->runs);
    *out = (struct diff){0};
}
