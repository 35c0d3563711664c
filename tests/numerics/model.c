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
#include "support/gguf_requantise.h"

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
 * ones into out, or where that is NULL their best ids into `best`. */
static void feed(struct setup *s, struct model_run *run, struct kv_seq *seq, size_t batch,
                 size_t from, size_t to, size_t chunk, float *out, uint32_t *best)
{
    for (size_t at = from; at < to; at += chunk) {
        size_t n = size_min(chunk, to - at);
        struct model_span spans[BATCH_MAX];
        for (size_t b = 0; b < batch; b++) {
            must(kv_seq_reserve(&seq[b], at + n), "no memory for pages");
            spans[b] = (struct model_span){.kv = &seq[b], .tokens = s->tokens[b] + at, .count = n};
            spans[b].n_logits = out && at + n == PROMPT;
            spans[b].best_of = !out && at + n == PROMPT ? s->vocab - 5 : 0;
        }
        const float *logits = model_forward(run, spans, batch);
        if (at + n == PROMPT && out)
            memcpy(out, logits, batch * s->vocab * sizeof *out);
        if (at + n == PROMPT && !out)
            memcpy(best, model_best(run), batch * sizeof *best);
    }
}

static void run_once(struct setup *s, size_t batch, bool shared, size_t chunk, float *out,
                     uint32_t *best)
{
    struct model_run *run = model_run_create(s->model, s->pool, batch * chunk, batch, PROMPT);
    must(run != NULL, "no memory for a pass");
    struct kv_seq prefix, seq[BATCH_MAX];
    kv_seq_init(&prefix, s->cache);
    for (size_t b = 0; b < batch; b++)
        kv_seq_init(&seq[b], s->cache);
    if (shared) {
        feed(s, run, &prefix, 1, 0, FORK, chunk, NULL, NULL);
        for (size_t b = 0; b < batch; b++)
            must(kv_seq_fork(&seq[b], &prefix, FORK), "the prefix cannot be forked");
    }
    feed(s, run, seq, batch, shared ? FORK : 0, PROMPT, chunk, out, best);
    for (size_t b = 0; b < batch; b++)
        kv_seq_release(&seq[b]);
    kv_seq_release(&prefix);
    model_run_free(run);
}

/* Where the logits of a row are highest, among the ids that may be chosen. */
static bool is_best(const struct setup *s, const float *logits, uint32_t id)
{
    for (size_t i = 0; i < s->vocab - 5; i++)
        if (logits[i] > logits[id] || (i < id && !(logits[i] < logits[id])))
            return false;
    return id < s->vocab - 5;
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
                run_once(s, BATCHES[i], shared, CHUNKS[j], got, NULL);
                CHECK(c, memcmp(want, got, BATCHES[i] * s->vocab * sizeof *got) == 0,
                      "%s: batch %zu, chunk %zu, %s prefix differs", label, BATCHES[i], CHUNKS[j],
                      shared ? "shared" : "own");
            }
    for (size_t i = 0; i < 4; i++) {
        uint32_t best[BATCH_MAX];
        size_t right = 0;
        run_once(s, BATCHES[i], true, PROMPT, NULL, best);
        for (size_t b = 0; b < BATCHES[i]; b++)
            right += is_best(s, want + b * s->vocab, best[b]);
        CHECK(c, right == BATCHES[i], "%s: %zu of %zu best ids", label, right, BATCHES[i]);
    }
    free(got);
}

/* Two timelines in passes of 19, 1 and the other tokens. Of the first, logits of the last `asked`
 * tokens of each pass are compared with `want` (PROMPT rows), of the second the best id after each
 * pass with `next` (the same of that timeline). Returns how many were not those. */
static size_t count_other(struct setup *s, size_t asked, const float *want, const float *next)
{
    static const size_t COUNTS[] = {19, 1, PROMPT - 20};
    struct model_run *run = model_run_create(s->model, s->pool, 2 * PROMPT, PROMPT + 1, PROMPT);
    must(run != NULL, "no memory for a pass");
    struct kv_seq seq[2];
    size_t other = 0, row = s->vocab * sizeof *want;
    for (size_t i = 0; i < 2; i++)
        kv_seq_init(&seq[i], s->cache);
    for (size_t i = 0, end = 0; i < 3; i++) {
        size_t n = COUNTS[i], logits = size_min(asked, n), at = end;
        end += n;
        struct model_span spans[] = {
            {.kv = &seq[0], .tokens = s->tokens[0] + at, .count = n, .n_logits = logits},
            {.kv = &seq[1], .tokens = s->tokens[1] + at, .count = n, .best_of = s->vocab - 5}};
        must(kv_seq_reserve(&seq[0], end) && kv_seq_reserve(&seq[1], end), "no memory for pages");
        const float *got = model_forward(run, spans, 2);
        for (size_t r = 0; r < logits; r++)
            other += memcmp(want + (end - logits + r) * s->vocab, got + r * s->vocab, row) != 0;
        other += !is_best(s, next + (end - 1) * s->vocab, model_best(run)[0]);
    }
    for (size_t i = 0; i < 2; i++)
        kv_seq_release(&seq[i]);
    model_run_free(run);
    return other;
}

/* All logits of the first timelines from one pass, and again from passes where few are asked for:
 * the last layer then goes on with few rows. */
static void check_asked(struct check *c, struct setup *s, const char *label)
{
    static const size_t ASKED[] = {0, 1, 3, PROMPT};
    size_t row = s->vocab * sizeof(float);
    float *all = mem_alloc(2 * PROMPT * row);
    struct model_run *run = model_run_create(s->model, s->pool, PROMPT, PROMPT, PROMPT);
    must(run != NULL, "no memory for a pass");
    for (size_t i = 0; i < 2; i++) {
        struct kv_seq seq;
        kv_seq_init(&seq, s->cache);
        must(kv_seq_reserve(&seq, PROMPT), "no memory for pages");
        struct model_span span = {
            .kv = &seq, .tokens = s->tokens[i], .count = PROMPT, .n_logits = PROMPT};
        memcpy(all + i * PROMPT * s->vocab, model_forward(run, &span, 1), PROMPT * row);
        kv_seq_release(&seq);
    }
    for (size_t i = 0; i < sizeof ASKED / sizeof *ASKED; i++) {
        size_t other = count_other(s, ASKED[i], all, all + PROMPT * s->vocab);
        CHECK(c, other == 0, "%s: %zu rows differ when %zu of a pass are asked for", label, other,
              ASKED[i]);
    }
    model_run_free(run);
    free(all);
}

/* A timeline that repeats itself, token by token and then once more: best ids found by bounds
 * recalled from other tokens are those of the logits. */
static void check_recalled(struct check *c, struct setup *s, const char *label)
{
    enum { PERIOD = 3 };
    uint32_t tokens[PROMPT];
    size_t right = 0;
    struct model_run *run = model_run_create(s->model, s->pool, PROMPT, PROMPT, PROMPT);
    float *want = mem_alloc(PROMPT * s->vocab * sizeof *want);
    must(run != NULL, "no memory for a pass");
    for (size_t i = 0; i < PROMPT; i++)
        tokens[i] = s->tokens[0][i % PERIOD];
    for (int round = 0; round < 3; round++) {
        struct kv_seq seq;
        kv_seq_init(&seq, s->cache);
        must(kv_seq_reserve(&seq, PROMPT), "no memory for pages");
        struct model_span all = {.kv = &seq, .tokens = tokens, .count = PROMPT, .n_logits = PROMPT};
        if (round == 0)
            memcpy(want, model_forward(run, &all, 1), PROMPT * s->vocab * sizeof *want);
        for (size_t i = 0; round > 0 && i < PROMPT; i++) {
            struct model_span one = {
                .kv = &seq, .tokens = tokens + i, .count = 1, .best_of = s->vocab - 5};
            model_forward(run, &one, 1);
            right += is_best(s, want + i * s->vocab, model_best(run)[0]);
        }
        kv_seq_release(&seq);
    }
    CHECK(c, right == 2 * PROMPT, "%s: %zu of %d best ids of repeated tokens", label, right,
          2 * PROMPT);
    model_run_free(run);
    free(want);
}

/* The ids that text (PROMPT) goes on with from `asked` on, one a pass. */
static void answer_greedily(struct setup *s, struct model_run *run, uint32_t *text, size_t asked)
{
    struct kv_seq seq;
    kv_seq_init(&seq, s->cache);
    must(kv_seq_reserve(&seq, PROMPT), "no memory for pages");
    for (size_t at = asked; at < PROMPT; at++) {
        struct model_span span = {
            .kv = &seq, .tokens = text + seq.len, .count = at - seq.len, .best_of = s->vocab - 5};
        model_forward(run, &span, 1);
        text[at] = model_best(run)[0];
    }
    kv_seq_release(&seq);
}

/* An answer guessed ahead, with one guess of each pass made wrong: as many stand as come before that,
 * and the ids are those of an answer that nobody guessed. */
static void check_drafts(struct check *c, struct setup *s, const char *label)
{
    enum { ASKED = 20, DRAFTED = 6 };
    uint32_t text[PROMPT], guessed[PROMPT];
    size_t other = 0, pass = 0;
    struct model_run *run = model_run_create(s->model, s->pool, PROMPT, 1 + DRAFTED, PROMPT);
    must(run != NULL, "no memory for a pass");
    memcpy(text, s->tokens[0], sizeof text);
    answer_greedily(s, run, text, ASKED);
    struct kv_seq seq;
    kv_seq_init(&seq, s->cache);
    must(kv_seq_reserve(&seq, PROMPT), "no memory for pages");
    for (size_t at = ASKED; at < PROMPT; pass++) {
        size_t drafted = size_min(DRAFTED, PROMPT - at - 1), right = size_min(pass % 7, drafted);
        memcpy(guessed, text, sizeof text);
        guessed[at + right] = (text[at + right] + 1) % (uint32_t)(s->vocab - 5);
        struct model_span span = {.kv = &seq,
                                  .tokens = guessed + seq.len,
                                  .count = at - seq.len + drafted,
                                  .best_of = s->vocab - 5,
                                  .n_drafted = drafted};
        model_forward(run, &span, 1);
        const uint32_t *best = model_best(run);
        other += model_drafts_standing(&span, best) != right || seq.len != at + right;
        other += memcmp(best, text + at, (right + 1) * sizeof *best) != 0;
        at += right + 1;
    }
    CHECK(c, other == 0, "%s: %zu differences in %zu passes with guesses", label, other, pass);
    kv_seq_release(&seq);
    model_run_free(run);
}

/* ---- models ---- */

static uint32_t store_all(const void *arg, struct str name)
{
    (void)name;
    return *(const uint32_t *)arg;
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
    struct str copy = g->type ? gguf_requantise(file, store_all, &g->type) : str_n(NULL, 0);
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
                run_once(&s, BATCH_MAX, true, PROMPT, want, NULL);
            }
            snprintf(label, sizeof label, "%s type %u %s, %s, %zu threads", g->file, g->type,
                     precision_name(g->precision), kern_at(level)->name, threads);
            check_shapes(c, &s, label, want,
                         brief          ? EFFORT_BRIEF
                         : level == 0   ? EFFORT_REF
                         : threads == 2 ? EFFORT_ALL
                                        : EFFORT_SOME);
            check_asked(c, &s, label);
            check_recalled(c, &s, label);
            check_drafts(c, &s, label);
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
