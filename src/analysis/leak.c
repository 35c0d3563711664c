/* leak.c - what an answer may have from the kernel's own words. */
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "base/buf.h"
#include "base/mem.h"
#include "eval/kernel.h"
#include "os/file.h"
#include "probe/overlap.h"
#include "probe/shingle.h"

/* The kernel's text as the user gave it, or where the run says that it was; false with no error:
 * it is not there, or is another by now. */
static bool find_kernel(struct kernel *out, const struct analysis *an, const struct run_arm *arm,
                        struct err *err)
{
    struct err absent = {0};
    struct buf spec;
    for (size_t i = 0; i < an->options.n_kernels; i++) {
        if (!kernel_load(out, an->options.kernels[i], err))
            return false;
        if (str_is(arm->name, out->name))
            return true;
        kernel_release(out);
    }
    /* The path is the run file's word, and anybody may have written that: nothing is opened but a
     * file, and nothing is read from it unless its digest is the one recorded. */
    if (!arm->kernel_path.ptr || !arm->kernel_sha256.ptr ||
        !file_is_regular(arm->kernel_path.ptr) || str_find(arm->name, str_of("="), 0) != (size_t)-1)
        return false;
    buf_init(&spec, BUF_MAX_DEFAULT);
    buf_add_str(&spec, arm->name);
    buf_putc(&spec, '=');
    buf_add_str(&spec, arm->kernel_path);
    bool ok = kernel_load(out, spec.ptr, &absent);
    buf_release(&spec);
    if (ok && !str_is(arm->kernel_sha256, out->sha256)) {
        kernel_release(out);
        return false;
    }
    return ok;
}

/* Texts that share a run of 13 words with the kernel. */
static size_t count_overlaps(const struct str *texts, size_t n, struct str kernel)
{
    struct overlap *overlap = overlap_create(texts, n);
    size_t found = 0;
    overlap_read(overlap, kernel, 0);
    for (size_t i = 0; i < n; i++)
        found += overlap_get(overlap, i).found > 0;
    overlap_free(overlap);
    return found;
}

/* ---- the scorer's hits ---- */

/* Signals of v2-ab that are about what is said; a kernel's "I" or blank line is nobody's own. */
static bool is_content(const char *rule)
{
    static const char *const content[] = {"emotional_register", "nuance",   "specificity",
                                          "axiom_resonance",    "metaphor", "perspective_taking"};
    for (size_t i = 0; i < sizeof content / sizeof *content; i++)
        if (strcmp(rule, content[i]) == 0)
            return true;
    return false;
}

static bool stands_in(const struct word_list *all, const struct word_list *part)
{
    for (size_t i = 0; part->count && i + part->count <= all->count; i++) {
        size_t k = 0;
        while (k < part->count && str_eq(all->items[i + k], part->items[k]))
            k++;
        if (k == part->count)
            return true;
    }
    return false;
}

struct hit_count {
    size_t hits, kernel_hits;
};

struct hit_reader {
    struct score *score;
    struct hits hits;
    struct word_list kernel, words;
};

static void reader_init(struct hit_reader *reader, struct str kernel)
{
    reader->score = score_create(scorer_find(str_of("v2-ab")));
    hits_init(&reader->hits);
    word_list_init(&reader->kernel);
    word_list_init(&reader->words);
    word_list_split(&reader->kernel, kernel);
}

static void reader_release(struct hit_reader *reader)
{
    score_free(reader->score);
    hits_release(&reader->hits);
    word_list_release(&reader->kernel);
    word_list_release(&reader->words);
}

static bool read_hits(struct hit_count *count, struct hit_reader *reader, struct str text,
                      struct err *err)
{
    struct score_result result;
    struct score_item item = {.text = text};
    hits_reset(&reader->hits);
    if (!score_explain(reader->score, &result, &reader->hits, &item, err))
        return false;
    for (size_t i = 0; i < reader->hits.n; i++) {
        const struct hit *hit = &reader->hits.items[i];
        if (!is_content(hit->rule) || hit->end <= hit->start)
            continue;
        word_list_split(&reader->words, str_sub(text, hit->start, hit->end - hit->start));
        count->hits++;
        count->kernel_hits += stands_in(&reader->kernel, &reader->words);
    }
    return true;
}

static bool read_arm(struct hit_count *count, struct hit_reader *reader, const struct run *run,
                     size_t condition, struct err *err)
{
    for (size_t i = 0; i < run->n_probes * run->samples; i++) {
        const struct run_answer *answer =
            run_answer(run, i / run->samples, condition, i % run->samples);
        if (answer->state == RUN_ANSWERED && !read_hits(count, reader, answer->text, err))
            return false;
    }
    return true;
}

static double share_of(const struct hit_count *count)
{
    return count->hits ? (double)count->kernel_hits / (double)count->hits : (double)NAN;
}

/* Of the arm's own hits, and, since a kernel is written in common words too, of those that the
 * answers without it have. */
static bool measure_hits(struct analysis *an, struct arm *arm, const struct kernel *kernel,
                         struct err *err)
{
    const struct run *run = an->runs[arm->run];
    size_t reference = an->arms[arms_reference(an, arm->run)].condition;
    struct hit_count with = {0, 0}, without = {0, 0};
    struct hit_reader reader;
    reader_init(&reader, kernel->text);
    bool ok = read_arm(&with, &reader, run, arm->condition, err) &&
              read_arm(&without, &reader, run, reference, err);
    reader_release(&reader);
    arm->leak.hits = with.hits;
    arm->leak.kernel_hits = with.kernel_hits;
    arm->leak.hit_share = share_of(&with);
    arm->leak.reference_share = share_of(&without);
    return ok;
}

/* ---- the whole ---- */

static void measure_overlap(struct analysis *an, struct arm *arm, const struct kernel *kernel)
{
    const struct run *run = an->runs[arm->run];
    struct arm_leak *out = &arm->leak;
    struct str *texts = mem_zalloc(run->n_probes * run->samples, sizeof *texts);
    out->is_known = true;
    out->probes = run->n_probes;
    for (size_t p = 0; p < run->n_probes; p++)
        texts[p] = run->probes[p].prompt;
    out->overlapping = count_overlaps(texts, out->probes, kernel->text);
    for (size_t i = 0; i < run->n_probes * run->samples; i++) {
        const struct run_answer *answer =
            run_answer(run, i / run->samples, arm->condition, i % run->samples);
        if (answer->state == RUN_ANSWERED)
            texts[out->answers++] = answer->text;
    }
    out->copying = count_overlaps(texts, out->answers, kernel->text);
    free(texts);
}

bool leaks_find(struct analysis *an, struct err *err)
{
    for (size_t i = 0; i < an->n_arms; i++) {
        struct arm *arm = &an->arms[i];
        struct kernel kernel = {0};
        if (arm->is_baseline)
            continue;
        if (find_kernel(&kernel, an, &an->runs[arm->run]->arms[arm->condition], err))
            measure_overlap(an, arm, &kernel);
        bool ok =
            err->code == ERR_NONE && (!arm->leak.is_known || measure_hits(an, arm, &kernel, err));
        kernel_release(&kernel);
        if (!ok)
            return false;
    }
    return true;
}
