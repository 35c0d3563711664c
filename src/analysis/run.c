#include "analysis/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "os/file.h"
#include "text/jsonl.h"
#include "text/utf8.h"

struct record {
    json_t *json;
    size_t line;
};

/* What a run borrows from. */
struct run_memory {
    struct arena arena;
    struct record *records; /* the probe lines */
    size_t n_records, cap_records;
    json_t *summary;
    json_t **journal; /* the journal's lines that gave something */
    size_t n_journal, cap_journal;
    struct run_arm *arms; /* grows; run->arms when it is whole */
    size_t n_arms, cap_arms;
    struct map arm_by_name;
};

static bool fail_at(const struct run *run, size_t line, const char *what, struct err *err)
{
    return err_set(err, ERR_FORMAT, "%s: line %zu: %s", run->path, line, what);
}

static double number_or_nan(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* ---- reading the lines ---- */

static bool take_line(struct run *run, json_t *json, size_t line, struct err *err)
{
    struct run_memory *memory = run->memory;
    struct str type = json_get_str(json, "type");
    bool is_probe = json_is_object(json_object_get(json, "conditions")) &&
                    (type.len == 0 || str_is(type, "probe"));
    if (str_is(type, "probe") && !is_probe)
        return fail_at(run, line, "a probe without an object \"conditions\"", err);
    if (is_probe) {
        struct record record = {json_incref(json), line};
        VEC_PUSH(memory->records, memory->n_records, memory->cap_records, record);
    } else if (str_is(type, "summary")) {
        json_decref(memory->summary);
        memory->summary = json_incref(json);
    } else {
        run->n_foreign++;
    }
    return true;
}

static bool read_lines(struct run *run, struct str text, struct err *err)
{
    struct jsonl in;
    struct str line;
    bool ok = true;
    jsonl_init(&in, text, run->path);
    while (ok && jsonl_next(&in, &line)) {
        json_t *json;
        ok = jsonl_parse(&json, &in, line, err) &&
             (json_is_object(json) || fail_at(run, in.line, "not a JSON object", err)) &&
             take_line(run, json, in.line, err);
        json_decref(json);
    }
    if (ok && run->memory->n_records == 0)
        return err_set(err, ERR_USAGE, "%s holds no probe: it is not the result of an A/B run",
                       run->path);
    return ok;
}

/* ---- arms ---- */

static bool add_arm(struct run *run, const char *name, struct err *err)
{
    struct run_memory *memory = run->memory;
    if (!map_add(&memory->arm_by_name, str_of(name), (uint32_t)memory->n_arms))
        return true;
    if (memory->n_arms == RUN_ARMS_MAX)
        return err_set(err, ERR_LIMIT, "%s has more than %d conditions", run->path, RUN_ARMS_MAX);
    struct run_arm arm = {.name = str_of(name)};
    VEC_PUSH(memory->arms, memory->n_arms, memory->cap_arms, arm);
    return true;
}

static size_t count_samples(const json_t *entry)
{
    size_t n = json_array_size(json_object_get(entry, "samples"));
    return n ? n : 1;
}

static bool find_arms(struct run *run, struct err *err)
{
    struct run_memory *memory = run->memory;
    run->samples = 1;
    for (size_t i = 0; i < memory->n_records; i++) {
        const char *name;
        json_t *entry, *json = memory->records[i].json;
        json_object_foreach(json_object_get(json, "conditions"), name, entry)
        {
            if (!add_arm(run, name, err))
                return false;
            run->samples = size_max(run->samples, count_samples(entry));
        }
        json_object_foreach(json_object_get(json, "errors"), name, entry)
        {
            if (!add_arm(run, name, err))
                return false;
        }
    }
    run->arms = memory->arms;
    run->n_arms = memory->n_arms;
    return run->n_arms > 0 ||
           err_set(err, ERR_USAGE, "%s: none of its probes has a condition", run->path);
}

static void describe_kernels(struct run *run)
{
    const json_t *list = json_object_get(run->provenance, "kernels");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *kernel = json_array_get(list, i);
        size_t arm = run_find_arm(run, json_get_str(kernel, "name"));
        if (arm == (size_t)-1)
            continue;
        json_int_t bytes = json_integer_value(json_object_get(kernel, "bytes"));
        run->arms[arm].kernel_path = json_get_str(kernel, "file");
        run->arms[arm].kernel_sha256 = json_get_str(kernel, "sha256");
        run->arms[arm].kernel_bytes = bytes > 0 ? (size_t)bytes : 0;
        run->arms[arm].placebo = json_get_str(kernel, "placebo");
        run->arms[arm].placebo_seed = json_integer_value(json_object_get(kernel, "seed"));
        run->arms[arm].is_placebo = run->arms[arm].placebo.ptr != NULL;
        run->arms[arm].placebo_of = json_get_str(kernel, "placebo_of");
    }
}

/* ---- answers ---- */

static size_t count_words(struct str text)
{
    struct str word;
    size_t n = 0;
    for (size_t at = 0; utf8_word(&word, text, &at);)
        n++;
    return n;
}

/* One sample, or the only answer: an object with "response", or with "error". */
static bool read_answer(struct run_answer *out, const struct run *run, const json_t *entry,
                        size_t line, struct err *err)
{
    const json_t *response = json_object_get(entry, "response");
    struct str error = json_get_str(entry, "error");
    double time_s = number_or_nan(entry, "time_s");
    if (!json_is_string(response) && error.ptr) {
        out->state = RUN_FAILED;
        out->error = error;
        return true;
    }
    if (!json_is_string(response))
        return fail_at(run, line, "a condition whose \"response\" is not a string", err);
    out->state = RUN_ANSWERED;
    out->text = json_str(response);
    out->finish = json_get_str(entry, "finish_reason");
    out->stored = number_or_nan(entry, "lek_score");
    out->tokens = number_or_nan(entry, "tokens");
    out->prompt_tokens = number_or_nan(entry, "prompt_tokens");
    out->time_ms = 1000 * time_s;
    out->chars = utf8_count(out->text);
    out->words = count_words(out->text);
    return true;
}

static struct run_answer *answer_at(const struct run *run, size_t probe, size_t arm, size_t sample)
{
    return &run->answers[(probe * run->n_arms + arm) * run->samples + sample];
}

static bool read_condition(struct run *run, size_t probe, size_t arm, const json_t *entry,
                           struct err *err)
{
    size_t line = run->memory->records[probe].line;
    const json_t *samples = json_object_get(entry, "samples");
    if (!json_is_object(entry))
        return fail_at(run, line, "a condition that is not an object", err);
    if (json_array_size(samples) == 0)
        return read_answer(answer_at(run, probe, arm, 0), run, entry, line, err);
    for (size_t k = 0; k < json_array_size(samples); k++)
        if (!read_answer(answer_at(run, probe, arm, k), run, json_array_get(samples, k), line, err))
            return false;
    return true;
}

static void read_errors(struct run *run, size_t probe, const json_t *errors)
{
    const char *name;
    json_t *entry;
    json_object_foreach((json_t *)(uintptr_t)errors, name, entry)
    {
        size_t arm = map_get(&run->memory->arm_by_name, str_of(name));
        struct run_answer *first = answer_at(run, probe, arm, 0);
        if (first->state != RUN_ABSENT)
            continue;
        for (size_t k = 0; k < run->samples; k++) {
            first[k].state = RUN_FAILED;
            first[k].error = json_str(entry);
        }
    }
}

static struct str or_empty(struct str s)
{
    return s.ptr ? s : str_of("");
}

/* "domain" where there is no "category"; an id may be a number. */
static void read_probe(struct run *run, size_t p)
{
    const json_t *json = run->memory->records[p].json;
    const json_t *id = json_object_get(json, "id");
    struct run_probe *probe = &run->probes[p];
    probe->id = or_empty(json_str(id));
    if (id && !json_is_string(id) && !json_is_null(id)) {
        struct buf text;
        buf_init(&text, BUF_MAX_DEFAULT);
        json_format(&text, id, (struct json_style){0});
        probe->id = arena_str(&run->memory->arena, buf_str(&text));
        buf_release(&text);
    }
    probe->category = json_get_str(json, "category");
    if (!probe->category.ptr)
        probe->category = or_empty(json_get_str(json, "domain"));
    probe->prompt = or_empty(json_get_str(json, "prompt"));
}

static bool read_probes(struct run *run, struct err *err)
{
    struct run_memory *memory = run->memory;
    size_t cells;
    run->n_probes = memory->n_records;
    if (!size_mul(&cells, run->n_probes, run->n_arms * run->samples) || cells > RUN_CELLS_MAX)
        return err_set(err, ERR_LIMIT, "%s: more than %d answers", run->path, RUN_CELLS_MAX);
    run->probes = arena_alloc(&memory->arena, run->n_probes, sizeof *run->probes);
    run->answers = arena_alloc(&memory->arena, cells, sizeof *run->answers);
    for (size_t i = 0; i < cells; i++)
        run->answers[i] = (struct run_answer){
            .stored = NAN, .tokens = NAN, .prompt_tokens = NAN, .time_ms = NAN, .ttft_ms = NAN};
    for (size_t p = 0; p < run->n_probes; p++) {
        const char *name;
        json_t *entry, *json = memory->records[p].json;
        read_probe(run, p);
        json_object_foreach(json_object_get(json, "conditions"), name, entry)
        {
            size_t arm = map_get(&memory->arm_by_name, str_of(name));
            if (!read_condition(run, p, arm, entry, err))
                return false;
        }
        read_errors(run, p, json_object_get(json, "errors"));
    }
    return true;
}

/* ---- the journal ---- */

/* The journal's line belongs to the result only where it holds the same answer. */
static bool take_sample(struct run *run, const struct map *probe_by_id, const json_t *json)
{
    uint32_t probe = map_get(probe_by_id, json_get_str(json, "probe"));
    size_t arm = run_find_arm(run, json_get_str(json, "condition"));
    json_int_t sample = json_integer_value(json_object_get(json, "sample"));
    const json_t *seed = json_object_get(json, "seed");
    if (probe == MAP_NONE || arm == (size_t)-1 || sample < 0 || (size_t)sample >= run->samples)
        return false;
    struct run_answer *answer = answer_at(run, probe, arm, (size_t)sample);
    if (answer->state != RUN_ANSWERED || !str_eq(answer->text, json_get_str(json, "response")))
        return false;
    answer->ttft_ms = number_or_nan(json, "ttft_ms");
    answer->time_ms = number_or_nan(json, "time_ms");
    answer->seed = json_str(seed);
    if (json_is_integer(seed)) {
        char digits[32];
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(seed));
        answer->seed = arena_str(&run->memory->arena, str_of(digits));
    }
    return true;
}

/* Damaged lines are passed over: the journal only adds to what the result says. */
static void read_journal(struct run *run)
{
    struct run_memory *memory = run->memory;
    struct map probe_by_id = {0};
    struct buf name, text;
    struct jsonl in;
    struct str line;
    struct err ignored = {0};
    buf_init(&name, BUF_MAX_DEFAULT);
    buf_init(&text, RUN_BYTES_MAX);
    buf_printf(&name, "%s.journal", run->path);
    if (file_is_regular(name.ptr) && !file_read(&text, name.ptr, &ignored))
        buf_reset(&text);
    for (size_t p = 0; p < run->n_probes; p++)
        map_add(&probe_by_id, run->probes[p].id, (uint32_t)p);
    jsonl_init(&in, buf_str(&text), name.ptr);
    while (jsonl_next(&in, &line)) {
        json_t *json = NULL;
        if (jsonl_parse(&json, &in, line, &ignored) && json_is_object(json) &&
            str_is(json_get_str(json, "type"), "sample") && take_sample(run, &probe_by_id, json))
            VEC_PUSH(memory->journal, memory->n_journal, memory->cap_journal, json_incref(json));
        json_decref(json);
    }
    map_release(&probe_by_id);
    buf_release(&text);
    buf_release(&name);
}

/* ---- the whole ---- */

bool run_parse(struct run **out, struct str text, const char *name, struct err *err)
{
    struct run *run = mem_zalloc(1, sizeof *run);
    run->memory = mem_zalloc(1, sizeof *run->memory);
    run->path = arena_str(&run->memory->arena, str_of(name)).ptr;
    if (!read_lines(run, text, err) || !find_arms(run, err) || !read_probes(run, err)) {
        run_free(run);
        return false;
    }
    run->summary = run->memory->summary;
    run->model = json_get_str(run->summary, "model");
    const json_t *provenance = json_object_get(run->summary, "provenance");
    run->provenance = json_is_object(provenance) ? provenance : NULL;
    describe_kernels(run);
    *out = run;
    return true;
}

bool run_load(struct run **out, const char *path, struct err *err)
{
    struct buf text;
    buf_init(&text, RUN_BYTES_MAX);
    bool ok = file_read(&text, path, err) && run_parse(out, buf_str(&text), path, err);
    buf_release(&text);
    if (ok)
        read_journal(*out);
    return ok;
}

void run_free(struct run *run)
{
    if (!run)
        return;
    struct run_memory *memory = run->memory;
    for (size_t i = 0; i < memory->n_records; i++)
        json_decref(memory->records[i].json);
    for (size_t i = 0; i < memory->n_journal; i++)
        json_decref(memory->journal[i]);
    json_decref(memory->summary);
    map_release(&memory->arm_by_name);
    arena_release(&memory->arena);
    free(memory->records);
    free(memory->journal);
    free(memory->arms);
    free(memory);
    free(run);
}

const struct run_answer *run_answer(const struct run *run, size_t probe, size_t arm, size_t sample)
{
    return answer_at(run, probe, arm, sample);
}

size_t run_find_arm(const struct run *run, struct str name)
{
    uint32_t found = name.ptr ? map_get(&run->memory->arm_by_name, name) : MAP_NONE;
    return found == MAP_NONE ? (size_t)-1 : found;
}
