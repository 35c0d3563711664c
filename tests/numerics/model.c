/* model.c - one answer, whatever computes it: logits of the tiny models at every level, thread
 * count, batch size, prompt split and prefix hit, by memcmp (the matrix of docs/numerics.md), and
 * against digests that hold on every machine.
 *
 * `model brief` skips ref and most shapes, for emulators: the digests still tie its levels to the
 * others'. The tiny files hold floats; the quantised path runs on copies whose matrices are
 * rewritten here as Q4_0, Q8_0 and Q4_1. */
#include <math.h>

#include "base/mem.h"
#include "check.h"
#include "file/gguf.h"
#include "kern/kern.h"
#include "model/model.h"
#include "tensor/half.h"

enum { PROMPT = 70, FORK = 66, BATCH_MAX = 16, BUDGET = 64 << 20 };

struct setup {
    const struct model *model;
    struct pool *pool;
    struct kv_cache *cache;
    size_t vocab;
    uint32_t tokens[BATCH_MAX][PROMPT]; /* the first FORK are common to all */
};

/* What a run of one setup left: the logits of the last position of each timeline. */
struct outcome {
    float *logits; /* (BATCH_MAX, vocab) */
    size_t batch;
};

static void fill_tokens(struct setup *s)
{
    struct draw d = {99, 0};
    for (size_t b = 0; b < BATCH_MAX; b++)
        for (size_t i = 0; i < PROMPT; i++)
            s->tokens[b][i] =
                i < FORK && b > 0 ? s->tokens[0][i] : (uint32_t)draw_below(&d, s->vocab);
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    printf("cannot run: %s\n", what);
    exit(2);
}

/* Feeds positions [from, to) of `batch` timelines together, `chunk` at a time; logits of the last
 * ones into out. */
static void feed(struct setup *s, struct model_run *run, struct kv_seq *seq, size_t batch,
                 size_t from, size_t to, size_t chunk, float *out)
{
    for (size_t at = from; at < to; at += chunk) {
        size_t n = size_min(chunk, to - at);
        struct model_span spans[BATCH_MAX];
        for (size_t b = 0; b < batch; b++) {
            must(kv_seq_reserve(&seq[b], at + n), "no memory for pages");
            spans[b] = (struct model_span){&seq[b], s->tokens[b] + at, n, at + n == PROMPT};
        }
        const float *logits = model_forward(run, spans, batch);
        if (at + n == PROMPT)
            memcpy(out, logits, batch * s->vocab * sizeof *out);
    }
}

static void run_once(struct setup *s, size_t batch, bool shared, size_t chunk, float *out)
{
    struct model_run *run = model_run_create(s->model, s->pool, batch * chunk, batch, PROMPT);
    must(run != NULL, "no memory for a pass");
    struct kv_seq prefix, seq[BATCH_MAX];
    kv_seq_init(&prefix, s->cache);
    for (size_t b = 0; b < batch; b++)
        kv_seq_init(&seq[b], s->cache);
    if (shared) {
        feed(s, run, &prefix, 1, 0, FORK, chunk, NULL);
        for (size_t b = 0; b < batch; b++)
            must(kv_seq_fork(&seq[b], &prefix, FORK), "the prefix cannot be forked");
    }
    feed(s, run, seq, batch, shared ? FORK : 0, PROMPT, chunk, out);
    for (size_t b = 0; b < batch; b++)
        kv_seq_release(&seq[b]);
    kv_seq_release(&prefix);
    model_run_free(run);
}

static uint64_t digest(const float *logits, size_t n)
{
    return rng_key(logits, n * sizeof *logits, 0);
}

/* How much of the matrix one setup goes through. Token by token and, for ref, unshared big batches
 * are slow. */
enum effort { EFFORT_BRIEF, EFFORT_REF, EFFORT_SOME, EFFORT_ALL };

/* All batch sizes, splits and sharings of one opened model against `want` (BATCH_MAX rows of
 * logits). */
static void check_shapes(struct check *c, struct setup *s, const char *label, const float *want,
                         enum effort effort)
{
    static const size_t BATCHES[] = {16, 5, 2, 1}, CHUNKS[] = {7, PROMPT, 64, 1};
    size_t n_chunks = effort <= EFFORT_REF ? 1 : effort == EFFORT_SOME ? 2 : 4;
    float *got = mem_alloc(BATCH_MAX * s->vocab * sizeof *got);
    for (size_t i = effort == EFFORT_BRIEF ? 1 : 0; i < 4; i++)
        for (size_t j = 0; j < n_chunks; j++)
            for (int shared = effort <= EFFORT_REF && i < 2; shared < 2; shared++) {
                run_once(s, BATCHES[i], shared, CHUNKS[j], got);
                CHECK(c, memcmp(want, got, BATCHES[i] * s->vocab * sizeof *got) == 0,
                      "%s: batch %zu, chunk %zu, %s prefix differs", label, BATCHES[i], CHUNKS[j],
                      shared ? "shared" : "own");
            }
    free(got);
}

/* ---- models ---- */

/* A copy of a float GGUF in memory whose matrices are stored as `type` (2 Q4_0, 3 Q4_1, 8 Q8_0);
 * rows that are not whole blocks stay floats. Offsets are kept: quantised data is smaller and lies
 * where the floats lay. */
static size_t quantise_row(unsigned char *to, const float *x, size_t n, uint32_t type)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i += 32) {
        float low = x[i], high = x[i], most = 0;
        for (size_t j = 0; j < 32; j++) {
            low = fminf(low, x[i + j]);
            high = fmaxf(high, x[i + j]);
            most = fmaxf(most, fabsf(x[i + j]));
        }
        float d = type == 8 ? most / 127 : type == 2 ? most / 7 : (high - low) / 15;
        uint16_t half = half_from_float(d), min = half_from_float(low);
        uint8_t q[32];
        for (size_t j = 0; j < 32; j++) {
            float v = d > 0 ? (type == 3 ? (x[i + j] - low) / d : x[i + j] / d) : 0;
            int r = (int)lrintf(v) + (type == 2 ? 8 : 0);
            q[j] = type == 8 ? (uint8_t)(int8_t)r : (uint8_t)(r < 0 ? 0 : r > 15 ? 15 : r);
        }
        memcpy(to + at, &half, 2);
        at += 2;
        if (type == 3) {
            memcpy(to + at, &min, 2);
            at += 2;
        }
        for (size_t j = 0; j < (type == 8 ? 32u : 16u); j++)
            to[at++] = type == 8 ? q[j] : (uint8_t)(q[j] | q[j + 16] << 4);
    }
    return at;
}

/* Finds the type field of a tensor's entry: name, u32 dims, u64 each, u32 type. */
static unsigned char *type_field(unsigned char *file, size_t size, const struct gguf_tensor *t)
{
    size_t entry = 8 + t->name.len + 4 + 8 * t->n_dims + 12;
    for (size_t i = 0; i + entry <= size; i++) {
        uint64_t len;
        memcpy(&len, file + i, 8);
        if (len == t->name.len && memcmp(file + i + 8, t->name.ptr, t->name.len) == 0)
            return file + i + 8 + t->name.len + 4 + 8 * t->n_dims;
    }
    return NULL;
}

/* A copy of a float GGUF in memory whose matrices are stored as `type`; rows that are not whole
 * blocks stay floats. */
static struct str requantise(const struct gguf *gguf, uint32_t type)
{
    struct str bytes = gguf_bytes(gguf);
    unsigned char *copy = mem_zalloc(bytes.len, 1);
    size_t start = bytes.len, at = 0;
    for (size_t i = 0; i < gguf_tensor_count(gguf); i++)
        start = size_min(start, (size_t)((const char *)gguf_tensor_at(gguf, i)->data - bytes.ptr));
    memcpy(copy, bytes.ptr, start);
    for (size_t i = 0; i < gguf_tensor_count(gguf); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(gguf, i);
        size_t n = (size_t)t->dim[0];
        bool whole = t->n_dims == 2 && n % 32 == 0;
        uint32_t stored = whole ? type : t->dtype->gguf_type;
        uint64_t offset = at;
        unsigned char *field = type_field(copy, start, t);
        must(field != NULL, "no entry of a tensor");
        memcpy(field, &stored, 4);
        memcpy(field + 4, &offset, 8);
        if (whole)
            for (size_t r = 0; r < t->dim[1]; r++)
                at += quantise_row(copy + start + at, (const float *)t->data + r * n, n, type);
        else
            memcpy(copy + start + at, t->data, t->bytes), at += t->bytes;
        at = size_round_up(at, 32);
    }
    return str_n((char *)copy, start + at);
}

struct golden {
    const char *file;
    uint32_t type; /* 0: as it is */
    enum precision precision;
    uint64_t digest;
};

static const struct golden GOLDEN[] = {
    {"gemma3", 0, PRECISION_FLOAT, 0x92f373c54c96f4abu},
    {"smollm2", 0, PRECISION_FLOAT, 0x24507c11354ac5a9u},
    {"gemma3", 2, PRECISION_FAST, 0x6c1184afffc07637u},
    {"gemma3", 8, PRECISION_FAST, 0xb2e33c0c8db0f9aeu},
    {"smollm2", 3, PRECISION_FAST, 0xaa0325e7bb420fc3u},
    {"smollm2", 8, PRECISION_FLOAT, 0xbcacad6930bc1f99u},
};

static void check_model(struct check *c, const struct golden *g, bool brief)
{
    char path[128], label[160];
    struct err err = {0};
    struct gguf *file, *gguf;
    snprintf(path, sizeof path, "tests/oracle/tiny/%s/f32.gguf", g->file);
    must(gguf_open(&file, path, &err), err.msg);
    struct str copy = g->type ? requantise(file, g->type) : str_n(NULL, 0);
    gguf = file;
    if (copy.ptr)
        must(gguf_open_memory(&gguf, copy, &err), err.msg);
    float *want = NULL;
    for (size_t level = brief ? 1 : 0; kern_at(level); level++)
        for (size_t threads = 1; threads <= 3; threads++) {
            setenv("LEM_ISA", kern_at(level)->name, 1);
            struct setup s = {.pool = pool_create(threads)};
            struct model *model;
            struct model_options options = {.precision = g->precision, .pool = s.pool};
            must(model_open(&model, gguf, &options, &err), err.msg);
            s.model = model;
            s.vocab = model_info(model)->n_vocab;
            s.cache = kv_create(model_kv_layout(model), BUDGET);
            fill_tokens(&s);
            if (!want) {
                want = mem_alloc(BATCH_MAX * s.vocab * sizeof *want);
                run_once(&s, BATCH_MAX, true, PROMPT, want);
            }
            snprintf(label, sizeof label, "%s type %u %s, %s, %zu threads", g->file, g->type,
                     precision_name(g->precision), kern_at(level)->name, threads);
            check_shapes(c, &s, label, want,
                         brief          ? EFFORT_BRIEF
                         : level == 0   ? EFFORT_REF
                         : threads == 2 ? EFFORT_ALL
                                        : EFFORT_SOME);
            if (threads == 1)
                CHECK(c, digest(want, BATCH_MAX * s.vocab) == g->digest, "%s: digest 0x%016llx",
                      label, (unsigned long long)digest(want, BATCH_MAX * s.vocab));
            kv_free(s.cache);
            model_close(model);
            pool_free(s.pool);
        }
    free(want);
    if (copy.ptr)
        gguf_close(gguf);
    free((void *)(uintptr_t)copy.ptr);
    gguf_close(file);
}

int main(int argc, char **argv)
{
    bool brief = argc > 1 && strcmp(argv[1], "brief") == 0;
    struct check c = {0};
    for (size_t i = 0; i < sizeof GOLDEN / sizeof *GOLDEN; i++)
        check_model(&c, &GOLDEN[i], brief);
    return check_end(&c);
}
