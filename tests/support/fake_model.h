/* fake_model.h - a model and a tokenizer small enough to check by hand, for tests of the engine.
 *
 * Does        defines the functions of model.h and tokenizer.h that the engine calls, in place of
 *             the library's. A position's logits depend on all ids before it, through numbers
 *             written into the pages and read back, with one class of layers that sees everything
 *             and one with a window: a page shared, copied or given back wrongly changes them.
 *             fake_logits says the same without pages. Texts like to repeat themselves, with a
 *             change now and then, so that guesses at them stand and fall.
 *
 * Limits      include it once a program. */
#ifndef SUPPORT_FAKE_MODEL_H
#define SUPPORT_FAKE_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model/model.h"
#include "token/tokenizer.h"

enum {
    VOCAB = 96,
    TOKENS = 90, /* the tokenizer's ids; the model has more */
    END = 0,     /* ends an answer */
    LEAD = 1,    /* the first byte of a two-byte character, */
    TRAIL = 2,   /* and its second */
    WINDOW = 100,
    PERIOD = 9, /* most ids are those so far back */
    CONTEXT = 1000,
    CELL = sizeof(uint64_t),
    PAGE = KV_PAGE_TOK * CELL
};

struct model {
    struct model_info info;
};
static const struct model MODEL = {{.n_vocab = VOCAB, .context_max = CONTEXT}};
static const struct kv_layout LAYOUT = {
    .n_classes = 2,
    .cls = {{.n_layers = 1, .layer_bytes = PAGE},
            {.n_layers = 2, .window = WINDOW, .layer_bytes = PAGE}},
};
enum { POSITION_PAGES = 3 * PAGE }; /* one page of each class */

const struct model_info *model_info(const struct model *model)
{
    return &model->info;
}

const struct kv_layout *model_kv_layout(const struct model *model)
{
    (void)model;
    return &LAYOUT;
}

struct model_run {
    float *logits;
    uint32_t *best;
    size_t max_rows, max_logits, max_context;
};

struct model_run *model_run_create(const struct model *model, struct pool *pool, size_t max_rows,
                                   size_t max_logits, size_t max_context)
{
    (void)model, (void)pool;
    struct model_run *run = mem_zalloc(1, sizeof *run);
    *run = (struct model_run){.max_rows = max_rows,
                              .max_logits = max_logits,
                              .max_context = max_context,
                              .logits = mem_zalloc(max_logits * VOCAB, sizeof(float)),
                              .best = mem_zalloc(max_logits, sizeof(uint32_t))};
    return run;
}

void model_run_free(struct model_run *run)
{
    if (run) {
        free(run->logits);
        free(run->best);
    }
    free(run);
}

size_t model_run_bytes(const struct model *model, size_t threads, size_t max_rows,
                       size_t max_logits, size_t max_context)
{
    (void)model, (void)threads, (void)max_rows, (void)max_context;
    return max_logits * VOCAB * sizeof(float);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = (a ^ b) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t value_of(uint32_t id, size_t pos, size_t cls)
{
    return mix(mix(id + 1, pos), cls + 77);
}

/* After ids of this state, the one PERIOD back being `earlier`, or VOCAB. */
static void logits_of(float *logits, uint64_t state, uint32_t earlier)
{
    for (size_t i = 0; i < VOCAB; i++)
        logits[i] = (float)(mix(state, i * 3 + 1) >> 48) / 8192;
    if (earlier < VOCAB && state / 64 % 16 != 0)
        logits[earlier] += 9;
    if (state % 64 != 0)
        logits[END] = -9;
}

static size_t window_start(size_t pos)
{
    return pos + 1 > WINDOW ? pos + 1 - WINDOW : 0;
}

static uint64_t *cell(const struct kv_seq *kv, size_t cls, size_t pos)
{
    assert_true(pos / KV_PAGE_TOK < kv->cls[cls].count);
    assert_true(pos / KV_PAGE_TOK >= kv->cls[cls].first);
    return (uint64_t *)(void *)kv->cls[cls].page[pos / KV_PAGE_TOK]->bytes + pos % KV_PAGE_TOK;
}

static uint64_t state_at(const struct kv_seq *kv, size_t pos)
{
    uint64_t state = 1;
    for (size_t i = 0; i <= pos; i++)
        state = mix(state, *cell(kv, 0, i));
    for (size_t i = window_start(pos); i <= pos; i++)
        state = mix(state, *cell(kv, 1, i));
    return state;
}

/* The id that stood PERIOD before the one after `pos`, by its cell. */
static uint32_t earlier_id(const struct kv_seq *kv, size_t pos)
{
    uint32_t id = 0;
    if (pos + 1 < PERIOD)
        return VOCAB;
    while (id < VOCAB && value_of(id, pos + 1 - PERIOD, 0) != *cell(kv, 0, pos + 1 - PERIOD))
        id++;
    return id;
}

static void logits_at(float *logits, const struct kv_seq *kv, size_t pos)
{
    logits_of(logits, state_at(kv, pos), earlier_id(kv, pos));
}

static uint32_t best_at(const struct kv_seq *kv, size_t pos, size_t n)
{
    float logits[VOCAB];
    uint32_t best = 0;
    logits_at(logits, kv, pos);
    for (uint32_t i = 1; i < n; i++)
        if (logits[i] > logits[best])
            best = i;
    return best;
}

static size_t rows_computed, calls;

const float *model_forward(struct model_run *run, const struct model_span *spans, size_t n_spans)
{
    size_t rows = 0, n_logits = 0, n_best = 0;
    for (size_t s = 0; s < n_spans; s++) {
        const struct model_span *span = &spans[s];
        size_t standing = 0;
        assert_true(span->count >= 1 && span->n_logits <= span->count);
        assert_true(span->n_drafted < span->count && (!span->n_drafted || span->best_of));
        assert_true(span->kv->len + span->count <= run->max_context);
        for (size_t i = 0; i < span->count; i++) {
            size_t pos = span->kv->len + i;
            for (size_t c = 0; c < LAYOUT.n_classes; c++) {
                assert_int_equal(span->kv->cls[c].page[pos / KV_PAGE_TOK]->refs, 1);
                *cell(span->kv, c, pos) = value_of(span->tokens[i], pos, c);
            }
            if (i >= span->count - span->n_logits)
                logits_at(run->logits + VOCAB * n_logits++, span->kv, pos);
            if (span->best_of && i + span->n_drafted + 1 >= span->count)
                run->best[n_best++] = best_at(span->kv, pos, span->best_of);
        }
        if (span->best_of)
            standing = model_drafts_standing(span, run->best + n_best - span->n_drafted - 1);
        rows += span->count;
        kv_seq_advance(span->kv, span->count - span->n_drafted + standing);
    }
    assert_true(rows <= run->max_rows && n_logits + n_best <= run->max_logits);
    rows_computed += rows;
    calls++;
    return run->logits;
}

const struct model_profile *model_profile(const struct model_run *run)
{
    static const struct model_profile NONE;
    (void)run;
    return &NONE;
}

const uint32_t *model_best(const struct model_run *run)
{
    return run->best;
}

/* The tokenizer: most ids are one to three letters. */

struct tokenizer {
    int unused;
};
static const struct tokenizer TOK = {0};

size_t tokenizer_size(const struct tokenizer *tok)
{
    (void)tok;
    return TOKENS;
}

bool tokenizer_is_end(const struct tokenizer *tok, uint32_t id)
{
    (void)tok;
    return id == END;
}

void token_stream_init(struct token_stream *stream, const struct tokenizer *tok)
{
    *stream = (struct token_stream){.tok = tok};
}

void token_stream_end(struct token_stream *stream, struct buf *out)
{
    if (stream->n_pending)
        buf_puts(out, "\xEF\xBF\xBD");
    stream->n_pending = 0;
}

void token_stream_push(struct token_stream *stream, struct buf *out, uint32_t id)
{
    if (id == TRAIL && stream->n_pending) {
        stream->n_pending = 0;
        buf_puts(out, "\xC3\xA9");
        return;
    }
    token_stream_end(stream, out);
    if (id == LEAD)
        stream->n_pending = 1;
    else if (id == TRAIL)
        buf_puts(out, "\xEF\xBF\xBD");
    else
        for (size_t i = 0; i <= id % 3; i++)
            buf_putc(out, (char)('a' + (id + i) % 5));
}

static inline void fake_logits(float *logits, const uint32_t *ids, size_t n)
{
    uint64_t state = 1;
    for (size_t i = 0; i < n; i++)
        state = mix(state, value_of(ids[i], i, 0));
    for (size_t i = window_start(n - 1); i < n; i++)
        state = mix(state, value_of(ids[i], i, 1));
    logits_of(logits, state, n >= PERIOD ? ids[n - PERIOD] : VOCAB);
}

#endif
