/* ab_record.c - what an A/B run writes: the journal's lines and those of OUT.jsonl. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "eval/ab_int.h"
#include "os/clock.h"
#include "text/json.h"
#include "text/utf8.h"

/* Text that need not be UTF-8 (a path, a sentence about one) as JSON: what is not becomes U+FFFD.
 */
static json_t *json_from_any(struct str s)
{
    if (utf8_is_valid(s))
        return json_from_str(s);
    struct buf clean;
    buf_init(&clean, BUF_MAX_DEFAULT);
    for (size_t at = 0; at < s.len;) {
        uint32_t cp = utf8_next(s, &at);
        utf8_put(&clean, cp == UTF8_BAD ? 0xFFFD : cp);
    }
    json_t *value = json_from_str(buf_str(&clean));
    buf_release(&clean);
    return value;
}

static json_t *json_from_u64(uint64_t n)
{
    if (n <= INT64_MAX)
        return json_integer((json_int_t)n);
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, n);
    return json_string(text);
}

static json_t *json_from_time(int64_t unix_us)
{
    char iso[CLOCK_ISO_MAX];
    clock_iso(iso, unix_us);
    return json_string(iso);
}

struct ab_event ab_place(const struct ab *ab, size_t index)
{
    size_t samples = ab->options->samples, conditions = ab->options->conditions->count;
    return (struct ab_event){.probe = index / samples / conditions,
                             .condition = index / samples % conditions,
                             .sample = index % samples,
                             .answer = &ab->answers[index]};
}

/* Strings with their lengths, so that no two lists of them read alike. */
static void add_name(struct buf *out, struct str s)
{
    buf_printf(out, "%zu:", s.len);
    buf_add_str(out, s);
}

static void add_place(struct buf *out, const struct ab *ab, const struct ab_event *place)
{
    add_name(out, ab->options->probes[place->probe].id);
    add_name(out, ab->options->conditions->items[place->condition].name);
    buf_printf(out, "%zu.%zu", place->sample, ab->twin[place->probe]);
}

void ab_key(char key[AB_KEY_LEN + 1], const struct ab *ab, size_t index)
{
    struct ab_event place = ab_place(ab, index);
    char hex[SHA256_HEX_LEN + 1];
    struct buf name;
    buf_init(&name, BUF_MAX_DEFAULT);
    add_place(&name, ab, &place);
    add_name(&name, ab->options->probes[place.probe].prompt);
    sha256_hex(hex, buf_str(&name));
    memcpy(key, hex, AB_KEY_LEN);
    key[AB_KEY_LEN] = '\0';
    buf_release(&name);
}

uint64_t ab_stream(const struct ab *ab, size_t index)
{
    struct ab_event place = ab_place(ab, index);
    struct buf name;
    buf_init(&name, BUF_MAX_DEFAULT);
    add_place(&name, ab, &place);
    uint64_t key = rng_key(name.ptr, name.len, ab->options->params.seed);
    buf_release(&name);
    return key;
}

json_t *ab_params(struct ab *ab)
{
    const struct sample_params *p = &ab->options->params;
    json_t *params = json_deep_copy(ab->options->identity);
    json_object_set_new(params, "max_tokens", json_from_u64(p->max_tokens));
    json_object_set_new(params, "temperature", json_real(p->temperature));
    json_object_set_new(params, "top_p", json_real(p->top_p));
    json_object_set_new(params, "top_k", json_from_u64(p->top_k));
    json_object_set_new(params, "min_p", json_real(p->min_p));
    json_object_set_new(params, "repetition_penalty", json_real(p->repetition_penalty));
    json_object_set_new(params, "seed", json_from_u64(p->seed));
    json_t *stops = json_array();
    for (size_t i = 0; i < p->n_stops; i++)
        json_array_append_new(stops, json_from_any(p->stop[i]));
    json_object_set_new(params, "stop", stops);
    json_object_set_new(params, "ignore_eos", json_boolean(p->ignore_eos));

    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    json_format(&text, params, (struct json_style){.ascii = true, .sort_keys = true});
    sha256_hex(ab->params_sha256, buf_str(&text));
    buf_release(&text);
    return params;
}

json_t *ab_kernels(const struct ab *ab)
{
    const struct conditions *set = ab->options->conditions;
    json_t *kernels = json_object();
    for (size_t i = 1; i < set->count; i++)
        json_object_setn_new(kernels, set->items[i].name.ptr, set->items[i].name.len,
                             json_string(set->items[i].kernel.sha256));
    return kernels;
}

/* What tells a placebo's arm from a kernel's. */
static void describe_placebo(json_t *out, const struct conditions *set, const struct condition *arm)
{
    json_object_set_new(out, "placebo_of", json_from_str(set->items[arm->placebo_of].name));
    json_object_set_new(out, "placebo", json_string(placebo_kind_name(arm->placebo)));
    json_object_set_new(out, "seed", json_from_u64(arm->placebo_seed));
    json_object_set_new(out, "tokens", json_from_u64(arm->tokens));
    json_object_set_new(out, "kernel_tokens", json_from_u64(arm->kernel_tokens));
}

/* {name: {"placebo_of": ...}}; empty when there are none. */
static json_t *list_placebos(const struct conditions *set)
{
    json_t *placebos = json_object();
    for (size_t i = 1; i < set->count; i++) {
        const struct condition *arm = &set->items[i];
        if (!arm->placebo_of)
            continue;
        json_t *facts = json_object();
        describe_placebo(facts, set, arm);
        json_object_setn_new(placebos, arm->name.ptr, arm->name.len, facts);
    }
    return placebos;
}

static json_t *run_name(const struct ab *ab)
{
    return json_stringn(ab->params_sha256, AB_RUN_LEN);
}

static json_t *describe_probes(const struct ab_options *options)
{
    json_t *probes = json_object();
    json_object_set_new(probes, "file", json_from_any(str_of(options->probes_path)));
    json_object_set_new(probes, "sha256", json_string(options->probes_sha256));
    json_object_set_new(probes, "asked", json_from_u64(options->n_probes));
    return probes;
}

json_t *ab_session_record(struct ab *ab, const char *type, json_t *provenance)
{
    json_t *record = json_object();
    json_object_set_new(record, "v", json_integer(JOURNAL_VERSION));
    json_object_set_new(record, "type", json_string(type));
    json_t *params = ab_params(ab);
    json_object_set_new(record, "run", run_name(ab));
    json_object_set_new(record, "params_sha256", json_string(ab->params_sha256));
    json_object_set_new(record, "params", params);
    json_object_set_new(record, "kernels", ab_kernels(ab));
    json_t *placebos = list_placebos(ab->options->conditions);
    if (json_object_size(placebos))
        json_object_set(record, "placebos", placebos);
    json_decref(placebos);
    json_object_set_new(record, "probes", describe_probes(ab->options));
    json_object_set_new(record, "samples", json_from_u64(ab->options->samples));
    json_object_set(record, "provenance", provenance);
    json_object_set_new(record, "ts", json_from_time(ab->session_us));
    json_object_set_new(record, "ts_us", json_integer(ab->session_us));
    return record;
}

json_t *ab_answer_record(const struct ab *ab, size_t index)
{
    struct ab_event place = ab_place(ab, index);
    const struct ab_answer *answer = place.answer;
    bool done = answer->state == AB_DONE;
    json_t *record = json_object();
    json_object_set_new(record, "v", json_integer(JOURNAL_VERSION));
    json_object_set_new(record, "type", json_string("sample"));
    json_object_set_new(record, "run", run_name(ab));
    json_object_set_new(record, "key", json_string(ab->keys[index]));
    json_object_set_new(record, "probe", json_from_str(ab->options->probes[place.probe].id));
    json_object_set_new(record, "condition",
                        json_from_str(ab->options->conditions->items[place.condition].name));
    json_object_set_new(record, "sample", json_from_u64(place.sample));
    json_object_set_new(record, "seed", json_from_u64(ab->options->params.seed));
    json_object_set_new(record, "response", done ? json_from_str(answer->text) : json_null());
    json_t *usage = json_object();
    json_object_set_new(usage, "prompt", json_from_u64(answer->prompt_tokens));
    json_object_set_new(usage, "completion", json_from_u64(answer->completion_tokens));
    json_object_set_new(record, "usage", usage);
    json_object_set_new(record, "finish_reason", done ? json_string(answer->finish) : json_null());
    json_object_set_new(record, "ttft_ms", json_real(answer->ttft_ms));
    json_object_set_new(record, "time_ms", json_real(answer->time_ms));
    json_object_set_new(record, "prompt_sha256", json_string(answer->prompt_sha256));
    json_object_set_new(record, "params_sha256", json_string(ab->params_sha256));
    json_object_set_new(record, "error", done ? json_null() : json_from_any(str_of(answer->error)));
    json_object_set_new(record, "ts", json_from_time(answer->at_us));
    json_object_set_new(record, "ts_us", json_integer(answer->at_us));
    return record;
}

static bool copy_text(char *to, size_t size, struct str from)
{
    if (!from.ptr || from.len >= size)
        return false;
    memcpy(to, from.ptr, from.len);
    to[from.len] = '\0';
    return true;
}

bool ab_answer_read(struct ab_answer *answer, const json_t *record)
{
    const json_t *usage = json_object_get(record, "usage");
    struct str text = json_get_str(record, "response");
    if (!text.ptr ||
        !copy_text(answer->finish, sizeof answer->finish, json_get_str(record, "finish_reason")) ||
        !copy_text(answer->prompt_sha256, sizeof answer->prompt_sha256,
                   json_get_str(record, "prompt_sha256")))
        return false;
    json_int_t prompt = json_integer_value(json_object_get(usage, "prompt"));
    json_int_t completion = json_integer_value(json_object_get(usage, "completion"));
    if (prompt < 0 || completion < 0)
        return false;
    answer->prompt_tokens = (size_t)prompt;
    answer->completion_tokens = (size_t)completion;
    answer->time_ms = json_number_value(json_object_get(record, "time_ms"));
    answer->ttft_ms = json_number_value(json_object_get(record, "ttft_ms"));
    answer->text = text;
    answer->state = AB_DONE;
    answer->saved = true;
    return true;
}

void ab_answer_keep(struct ab_answer *answer, struct str text)
{
    answer->memory = mem_alloc(text.len + 1);
    memcpy(answer->memory, text.ptr, text.len);
    answer->memory[text.len] = '\0';
    answer->text = str_n(answer->memory, text.len);
}

double ab_round(double x, int digits)
{
    char text[400];
    snprintf(text, sizeof text, "%.*f", digits, x);
    return strtod(text, NULL);
}

double ab_score_of(const struct ab *ab, const struct ab_answer *answer)
{
    return answer->values[ab->options->scorer->overall];
}

/* The members that describe one answer, in the original's order, then ours. */
static void describe_answer(json_t *out, const struct ab *ab, const struct ab_answer *answer)
{
    json_object_set_new(out, "response", json_from_str(answer->text));
    json_object_set_new(out, "lek_score", json_real(ab_score_of(ab, answer)));
    json_object_set_new(out, "heuristic", score_to_json(ab->options->scorer, answer->values));
    json_object_set_new(out, "chars", json_from_u64(answer->chars));
    json_object_set_new(out, "time_s", json_real(ab_round(answer->time_ms / 1000, 1)));
    json_object_set_new(out, "tokens", json_from_u64(answer->completion_tokens));
    json_object_set_new(out, "prompt_tokens", json_from_u64(answer->prompt_tokens));
    json_object_set_new(out, "finish_reason", json_string(answer->finish));
}

static json_t *describe_samples(const struct ab *ab, const struct ab_answer *answers)
{
    json_t *list = json_array();
    for (size_t k = 0; k < ab->options->samples; k++) {
        json_t *sample = json_object();
        if (answers[k].state == AB_DONE)
            describe_answer(sample, ab, &answers[k]);
        else
            json_object_set_new(sample, "error", json_from_any(str_of(answers[k].error)));
        json_array_append_new(list, sample);
    }
    return list;
}

json_t *ab_probe_line(const struct ab *ab, size_t p)
{
    const struct probe *probe = &ab->options->probes[p];
    const struct conditions *set = ab->options->conditions;
    json_t *line = json_object(), *conditions = json_object(), *errors = json_object();
    int64_t at_us = ab->answers[ab_index(ab, p, 0, 0)].at_us;
    for (size_t c = 0; c < set->count; c++) {
        const struct ab_answer *answers = &ab->answers[ab_index(ab, p, c, 0)];
        struct str name = set->items[c].name;
        for (size_t k = 0; k < ab->options->samples; k++) {
            at_us = answers[k].at_us > at_us ? answers[k].at_us : at_us;
            if (answers[k].state == AB_FAILED)
                json_object_setn_new(errors, name.ptr, name.len,
                                     json_from_any(str_of(answers[k].error)));
        }
        if (answers[0].state != AB_DONE)
            continue;
        json_t *entry = json_object();
        describe_answer(entry, ab, &answers[0]);
        if (ab->options->samples > 1)
            json_object_set_new(entry, "samples", describe_samples(ab, answers));
        json_object_setn_new(conditions, name.ptr, name.len, entry);
    }
    json_object_set_new(line, "type", json_string("probe"));
    json_object_set_new(line, "id", json_from_str(probe->id));
    json_object_set_new(line, "category", json_from_str(probe->category));
    json_object_set_new(line, "prompt", json_from_str(probe->prompt));
    json_object_set_new(line, "conditions", conditions);
    json_object_set_new(line, "ts", json_from_time(at_us));
    json_object_set_new(line, "run", run_name(ab));
    if (json_object_size(errors))
        json_object_set(line, "errors", errors);
    json_decref(errors);
    return line;
}

/* Two decimals; null where no probe is counted and there is no mean. */
static json_t *json_from_mean(double mean, bool exists)
{
    return exists ? json_real(ab_round(mean, 2)) : json_null();
}

static json_t *describe_row(const struct ab_row *row, bool is_baseline, bool any, bool many)
{
    json_t *out = json_object();
    json_object_set_new(out, "name", json_from_str(row->name));
    json_object_set_new(out, "avg_lek", json_from_mean(row->mean, any));
    json_object_set_new(out, "improved", json_from_u64(row->improved));
    json_object_set_new(out, "regressed", json_from_u64(row->regressed));
    json_object_set_new(out, "unchanged", json_from_u64(row->unchanged));
    if (!is_baseline)
        json_object_set_new(out, "delta_vs_baseline", json_from_mean(row->delta, any));
    if (many)
        json_object_set_new(out, "avg_lek_all_samples", json_from_mean(row->mean_all, any));
    if (many && !is_baseline)
        json_object_set_new(out, "delta_all_samples", json_from_mean(row->delta_all, any));
    return out;
}

/* {category: {condition: mean}}, categories in the order in which they first occur. */
static json_t *describe_categories(const struct ab *ab)
{
    const struct conditions *set = ab->options->conditions;
    size_t n_arms = set->count, n = 0;
    struct map index = {0};
    double *sums = mem_zalloc(ab->options->n_probes * n_arms, sizeof *sums);
    size_t *counts = mem_zalloc(ab->options->n_probes, sizeof *counts);
    struct str *names = mem_zalloc(ab->options->n_probes, sizeof *names);
    for (size_t p = 0; p < ab->options->n_probes; p++) {
        if (!ab_probe_is_counted(ab, p))
            continue;
        struct str category = ab->options->probes[p].category;
        if (map_add(&index, category, (uint32_t)n))
            names[n++] = category;
        size_t row = map_get(&index, category);
        counts[row]++;
        for (size_t c = 0; c < n_arms; c++)
            sums[row * n_arms + c] += ab_score_of(ab, &ab->answers[ab_index(ab, p, c, 0)]);
    }
    json_t *categories = json_object();
    for (size_t row = 0; row < n; row++) {
        json_t *means = json_object();
        for (size_t c = 0; c < n_arms; c++)
            json_object_setn_new(
                means, set->items[c].name.ptr, set->items[c].name.len,
                json_real(ab_round(sums[row * n_arms + c] / (double)counts[row], 2)));
        json_object_setn_new(categories, names[row].ptr, names[row].len, means);
    }
    map_release(&index);
    free(sums);
    free(counts);
    free(names);
    return categories;
}

static json_t *describe_kernels(const struct conditions *set)
{
    json_t *kernels = json_array();
    for (size_t i = 1; i < set->count; i++) {
        const struct condition *arm = &set->items[i];
        json_t *kernel = json_object();
        json_object_set_new(kernel, "name", json_from_str(arm->name));
        if (arm->kernel.path)
            json_object_set_new(kernel, "file", json_from_any(str_of(arm->kernel.path)));
        json_object_set_new(kernel, "sha256", json_string(arm->kernel.sha256));
        json_object_set_new(kernel, "bytes", json_from_u64(arm->kernel.file_bytes));
        if (arm->placebo_of)
            describe_placebo(kernel, set, arm);
        json_array_append_new(kernels, kernel);
    }
    return kernels;
}

json_t *ab_summary_json(struct ab *ab)
{
    struct ab_summary summary;
    ab_summarise(&summary, ab);
    bool many = ab->options->samples > 1;
    json_t *line = json_object(), *rows = json_array();
    for (size_t c = 0; c < summary.n_rows; c++)
        json_array_append_new(rows,
                              describe_row(&summary.rows[c], c == 0, summary.n_probes > 0, many));
    char duration[32];
    snprintf(duration, sizeof duration, "%.0fs", summary.duration_s);
    json_object_set_new(line, "type", json_string("summary"));
    json_object_set_new(line, "model", json_from_any(str_of(ab->options->model)));
    json_object_set_new(line, "total_probes", json_from_u64(ab->options->n_probes));
    json_object_set_new(line, "conditions", rows);
    json_object_set_new(line, "categories", describe_categories(ab));
    json_object_set_new(line, "duration", json_string(duration));
    json_object_set_new(line, "max_tokens", json_from_u64(ab->options->params.max_tokens));
    json_object_set_new(line, "ts", json_from_time(ab->last_us));
    json_object_set_new(line, "run", run_name(ab));
    if (summary.n_failed)
        json_object_set_new(line, "failed_probes", json_from_u64(summary.n_failed));
    if (many)
        json_object_set_new(line, "samples", json_from_u64(ab->options->samples));

    json_t *provenance = json_deep_copy(ab->provenance);
    json_object_del(provenance, "kv_bytes"); /* what memory was free does not belong to a result */
    json_object_set_new(provenance, "params", ab_params(ab));
    json_object_set_new(provenance, "probes", describe_probes(ab->options));
    json_object_set_new(provenance, "kernels", describe_kernels(ab->options->conditions));
    json_object_set_new(line, "provenance", provenance);
    return line;
}
