/* published.c - the scores that the original project published, beside ours. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/analysis_int.h"
#include "base/buf.h"
#include "base/vec.h"

/* The tolerances of the original's own reproduction script. */
#define LEVEL_TOLERANCE 2.0 /* of a mean without a kernel */
#define BOOST_TOLERANCE 1.0 /* of what a kernel adds */

enum { PUBLISHED_MAX_TOKENS = 1024 };

/* `parts` must all stand in the model's name once that is letters and digits alone; of several
 * rows the one with the longest parts is meant. Rows of tuned models begin with lek, and no name
 * with lek or lem in it is of another row. */
struct published_model {
    const char *name, *parts, *set;
    double baseline, json, txt; /* NAN: not published */
};

static const struct published_model MODELS[] = {
    {"Gemma 3 4B", "gemma34b", "P20", 20.66, 21.65, 21.39},
    {"Gemma 3 27B", "gemma327b", "P20", 20.46, 23.25, 21.82},
    {"Gemma 3 12B", "gemma312b", "P20", 19.73, 25.2, 23.0},
    {"Gemma 2 27B", "gemma227b", "P20", 19.45, 18.33, 18.6},
    {"Gemma 2 2B", "gemma22b", "P20", 18.84, 17.57, 15.32},
    {"Gemma 2 9B", "gemma29b", "P20", 17.96, 20.53, 19.68},
    {"Gemma 1.1 7B", "gemma117b", "P20", 17.87, 15.54, 16.23},
    {"Gemma 3 1B", "gemma31b", "P20", 17.45, 15.9, 14.03},
    {"Qwen3 8B", "qwen38b", "P20", 17.35, 20.46, 18.6},
    {"Gemma 1.1 2B", "gemma112b", "P20", 16.16, 14.13, 15.62},
    {"DeepSeek-R1 7B", "deepseekr1 7b", "P20", 16.13, 16.19, 16.06},
    {"Qwen 1.5 7B", "qwen157b", "P20", 16.0, 16.35, 13.73},
    {"Qwen 2 7B", "qwen27b", "P20", 14.76, 13.67, 14.0},
    {"Mistral 7B v0.3", "mistral7b v03", "P20", 14.58, 16.36, 15.31},
    {"Qwen 2.5 7B", "qwen257b", "P20", 11.98, 11.56, 11.49},
    {"Llama 3.1 8B", "llama318b", "P20", 11.28, 12.16, 11.33},
    {"Mistral 7B v0.2", "mistral7b v02", "P20", 10.11, 11.91, 9.89},
    {"Mistral 7B v0.1", "mistral7b v01", "P20", 3.8, 4.63, 2.25},
    {"Llama 3 8B", "llama38b", "P20", 0.56, 3.0, 2.01},
    {"GPT-OSS 20B", "gptoss20b", "P20", -8.11, -6.29, -7.08},
    {"LEK-Gemma3 27B", "lek gemma327b", "P20", 22.04, 23.72, 21.66},
    {"LEK-Gemma3 1B v1 (layered)", "lek gemma31b layered", "P20", 22.02, 20.82, 21.21},
    {"LEK-Gemma3 4B", "lek gemma34b", "P20", 21.73, 21.79, 20.89},
    {"LEK-Mistral 7B v0.3", "lek mistral7b v03", "P20", 21.69, 21.72, 19.37},
    {"LEK-Gemma3 12B", "lek gemma312b", "P20", 21.14, 23.12, 21.89},
    {"LEK-Gemma3 1B v2 (LoRA)", "lek gemma31b layeredv2", "P20", 20.8, 21.48, 21.18},
    {"LEK-Qwen 2.5 7B", "lek qwen257b", "P20", 13.68, 14.09, 14.8},
    {"LEK-Llama 3.1 8B", "lek llama318b", "P20", 10.95, 12.9, 15.11},
    {"LEK-GPT-OSS 20B", "lek gptoss20b", "P20", -7.32, -6.26, -10.51},
    {"Gemma3 12B", "gemma312b", "P100", 20.47, 23.66, 22.17},
    {"Gemma3 27B", "gemma327b", "P100", 20.16, 23.26, 21.65},
    {"Gemma3 4B", "gemma34b", "P100", 21.12, 22.62, 21.31},
    {"LEK-Gemma3 1B (layered)", "lek gemma31b layered", "P100", 21.74, 21.46, 18.5},
    {"LEK-Gemma3 4B", "lek gemma34b", "P100", 21.24, NAN, NAN},
    {"Qwen3 8B", "qwen38b", "P100", 18.71, 20.3, 20.49},
};
enum { N_MODELS = sizeof MODELS / sizeof *MODELS };

/* Letters and digits in lower case; a path's last part. */
static void normalise(struct buf *out, struct str name)
{
    size_t start = name.len;
    while (start > 0 && name.ptr[start - 1] != '/')
        start--;
    for (size_t i = start; i < name.len; i++) {
        char c = name.ptr[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))
            buf_putc(out, c);
        else if (c >= 'A' && c <= 'Z')
            buf_putc(out, (char)(c | 32));
    }
}

/* How many characters of the parts the name holds, 0 unless it holds them all. */
static size_t match(struct str name, const char *parts)
{
    size_t matched = 0;
    for (struct str rest = str_of(parts); rest.len;) {
        size_t space = size_min(str_find(rest, str_of(" "), 0), rest.len);
        if (str_find(name, str_n(rest.ptr, space), 0) == (size_t)-1)
            return 0;
        matched += space;
        rest = str_from(rest, size_min(space + 1, rest.len));
    }
    return matched;
}

static const struct published_model *find_model(struct str model, const char *set)
{
    const struct published_model *best = NULL;
    size_t best_match = 0;
    struct buf name;
    buf_init(&name, BUF_MAX_DEFAULT);
    normalise(&name, model);
    bool tuned = str_find(buf_str(&name), str_of("lek"), 0) != (size_t)-1 ||
                 str_find(buf_str(&name), str_of("lem"), 0) != (size_t)-1;
    for (size_t i = 0; i < N_MODELS; i++) {
        bool is_tuned = str_starts(str_of(MODELS[i].parts), str_of("lek"));
        size_t n = match(buf_str(&name), MODELS[i].parts);
        if (strcmp(MODELS[i].set, set) == 0 && tuned == is_tuned && n > best_match) {
            best = &MODELS[i];
            best_match = n;
        }
    }
    buf_release(&name);
    return best;
}

/* Why the run cannot be set beside the published one; NULL: it can. */
static const char *obstacle(const struct run *run, const char *set)
{
    size_t ours = 0;
    json_int_t max_tokens = json_integer_value(json_object_get(run->summary, "max_tokens"));
    for (size_t p = 0; p < run->n_probes; p++)
        ours += run->probes[p].id.len > 1 && run->probes[p].id.ptr[0] == 'P' &&
                run->probes[p].id.ptr[1] >= '0' && run->probes[p].id.ptr[1] <= '9';
    bool is_p20 = strcmp(set, "P20") == 0;
    if (ours != run->n_probes)
        return "the probes are others";
    if (is_p20 ? run->n_probes < 20 || run->n_probes > 21 : run->n_probes != 101)
        return is_p20 ? "the published run asked 20 or 21 probes"
                      : "the published run asked 101 probes";
    if (max_tokens && max_tokens != PUBLISHED_MAX_TOKENS)
        return "the published run allowed 1024 tokens an answer";
    return NULL;
}

static double published_of(const struct published_model *model, struct str condition)
{
    if (str_is(condition, "baseline"))
        return model->baseline;
    if (str_is(condition, "json"))
        return model->json - model->baseline;
    return str_is(condition, "txt") ? model->txt - model->baseline : (double)NAN;
}

/* The primary finding may be of another metric: the published one is v2-ab. */
static const struct finding *finding_of(const struct analysis *an, size_t arm)
{
    for (size_t i = 0; i < an->n_contrasts; i++)
        if (an->contrasts[i].b == arm && an->contrasts[i].kind == CONTRAST_KERNEL)
            return &an->contrasts[i].findings[0];
    return NULL;
}

static void add_row(struct analysis *an, size_t arm_index, const char *set, size_t *cap)
{
    const struct arm *arm = &an->arms[arm_index];
    const struct run *run = an->runs[arm->run];
    const struct published_model *model = find_model(run->model, set);
    struct str condition = run->arms[arm->condition].name;
    const struct finding *finding = finding_of(an, arm_index);
    double published = model ? published_of(model, condition) : (double)NAN;
    if (isnan(published) || (!arm->is_baseline && !finding))
        return;
    struct interval ours =
        arm->is_baseline ? arm->scores[0].interval : finding->numbers.bootstrap.percentile;
    const char *why = obstacle(run, set);
    struct published_row row = {.arm = arm_index,
                                .model = str_of(model->name),
                                .set = str_of(model->set),
                                .condition = condition,
                                .published = published,
                                .ours = arm->is_baseline ? arm->scores[0].mean
                                                         : finding->numbers.t.mean,
                                .tolerance = arm->is_baseline ? LEVEL_TOLERANCE : BOOST_TOLERANCE,
                                .interval = {ours.low - published, ours.high - published},
                                .why = why ? str_of(why) : str_n(NULL, 0)};
    row.difference = row.ours - published;
    row.verdict = why                                    ? PUBLISHED_INCOMPARABLE
                  : fabs(row.difference) < row.tolerance ? PUBLISHED_WITHIN
                                                         : PUBLISHED_OUTSIDE;
    VEC_PUSH(an->published, an->n_published, *cap, row);
}

const char *published_verdict_name(enum published_verdict verdict)
{
    static const char *const names[] = {[PUBLISHED_WITHIN] = "within",
                                        [PUBLISHED_OUTSIDE] = "outside",
                                        [PUBLISHED_INCOMPARABLE] = "cannot be compared"};
    return names[verdict];
}

void published_compare(struct analysis *an)
{
    size_t cap = 0;
    for (size_t i = 0; i < an->n_arms; i++) {
        bool large = an->runs[an->arms[i].run]->n_probes > 21;
        add_row(an, i, large ? "P100" : "P20", &cap);
    }
}
