/* score_file.c - see score_file.h. */
#include "eval/score_file.h"

#include <string.h>

#include "eval/answers.h"
#include "text/json.h"

/* In the order of the files; where the two forms part, the Go one comes first. */
enum { N_METRICS = 9 };
static const char *const go_order[N_METRICS] = {
    "compliance_markers", "formulaic_preamble", "first_person", "creative_form", "engagement_depth",
    "emotional_register", "degeneration",       "empty_broken", "lek_score"};
static const char *const python_order[N_METRICS] = {
    "lek_score",        "compliance_markers", "formulaic_preamble", "first_person", "creative_form",
    "engagement_depth", "emotional_register", "degeneration",       "empty_broken"};

void score_file_init(struct score_file *file, enum score_form form, bool has_heuristic,
                     bool has_exact)
{
    bool go = form == SCORE_FORM_GO;
    *file =
        (struct score_file){.form = form, .has_heuristic = has_heuristic, .has_exact = has_exact};
    file->scorer = scorer_find(str_of(go ? "lek-go" : "lek-py"));
    file->heuristic = score_create(file->scorer);
    file->exact = score_create(scorer_find(str_of("exact-go")));
    file->per_prompt = json_object();
}

void score_file_release(struct score_file *file)
{
    score_free(file->heuristic);
    score_free(file->exact);
    json_decref(file->per_prompt);
    *file = (struct score_file){0};
}

/* The file's name without folder and ending. */
static struct str stem_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return dot && dot > name ? str_n(name, (size_t)(dot - name)) : str_of(name);
}

/* The rows of a model, made when it is first seen. */
static json_t *rows_of(struct score_file *file, struct str model)
{
    json_t *rows = json_object_getn(file->per_prompt, model.ptr, model.len);
    if (rows)
        return rows;
    rows = json_array();
    json_object_setn_new(file->per_prompt, model.ptr, model.len, rows);
    return rows;
}

static void put_heuristic(json_t *row, const struct score_file *file, json_t *signals)
{
    if (file->form == SCORE_FORM_PYTHON) {
        const char *name;
        json_t *value;
        json_object_foreach(signals, name, value)
        {
            json_object_set(row, name, value);
        }
        return;
    }
    json_t *heuristic = json_object();
    for (size_t i = 0; i < N_METRICS; i++)
        json_object_set(heuristic, go_order[i], json_object_get(signals, go_order[i]));
    json_object_set_new(row, "heuristic", heuristic);
}

/* {correct, extracted, expected}, for a record that has the right answer. */
static void put_exact(json_t *row, const struct score_result *result, const struct answer *answer)
{
    if (!result->is_scored)
        return;
    json_object_set_new(row, "standard",
                        json_pack("{s:b, s:o, s:o}", "correct", result->values[1] != 0, "extracted",
                                  json_from_str(result->text), "expected",
                                  json_from_str(answer->expected)));
}

static bool score_answer(json_t *row, struct score_file *file, const struct answer *answer,
                         struct err *err)
{
    struct score_result result;
    struct score_item item = {
        .text = answer->text, .prompt = answer->prompt, .expected = answer->expected};
    if (file->has_heuristic) {
        if (!score_item(file->heuristic, &result, &item, err))
            return false;
        json_t *signals = score_result_to_json(file->scorer, &result);
        put_heuristic(row, file, signals);
        json_decref(signals);
    }
    if (file->has_exact) {
        if (!score_item(file->exact, &result, &item, err))
            return false;
        put_exact(row, &result, answer);
    }
    return true;
}

static bool add_answer(struct score_file *file, const json_t *record, const struct answer *answer,
                       const char *path, struct err *err)
{
    struct str model = json_get_str(record, "model"), domain = json_get_str(record, "domain");
    bool go = file->form == SCORE_FORM_GO;
    json_t *row = json_object();
    if (go) {
        json_object_set(row, "id", answer->id);
        json_object_set_new(row, "model", json_from_str(model.ptr ? model : str_of("")));
    }
    bool ok =
        score_answer(row, file, answer, err) || err_in(err, "%s: line %zu", path, answer->line);
    if (!go) {
        json_object_set(row, "id", answer->id);
        json_object_set_new(row, "domain", json_from_str(domain.ptr ? domain : str_of("")));
    }
    struct str key = !go ? stem_of(path) : model.ptr ? model : str_of("");
    json_array_append_new(rows_of(file, key), row);
    return ok;
}

bool score_file_add(struct score_file *file, const char *path, struct err *err)
{
    struct answers in;
    struct answer answer;
    bool more = true, ok;
    if (!answers_open(&in, path, err))
        return false;
    in.missing_is_empty = true; /* as both programs read it */
    in.keeps_values = true;
    while ((ok = answers_next(&in, &answer, &more, err)) && more)
        if (!(ok = add_answer(file, in.record->value, &answer, path, err)))
            break;
    answers_close(&in);
    return ok;
}

static json_t *averages_of(const struct score_file *file, json_t *rows)
{
    bool go = file->form == SCORE_FORM_GO;
    json_t *averages = json_object(), *row;
    size_t i, n = json_array_size(rows);
    for (size_t m = 0; file->has_heuristic && n > 0 && m < N_METRICS; m++) {
        const char *name = (go ? go_order : python_order)[m];
        double sum = 0;
        json_array_foreach(rows, i, row)
        {
            json_t *holder = go ? json_object_get(row, "heuristic") : row;
            sum += json_number_value(json_object_get(holder, name));
        }
        json_object_set_new(averages, name, json_real(sum / (double)n));
    }
    return averages;
}

static json_t *metadata_of(const struct score_file *file, const char *scored_at)
{
    json_t *suites = json_array();
    if (file->has_heuristic)
        json_array_append_new(suites, json_string("heuristic"));
    if (file->has_exact)
        json_array_append_new(suites, json_string("exact"));
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "judge_model", "", "judge_url", "", "scored_at",
                     scored_at, "scorer_version", "1.0.0", "suites", suites);
}

json_t *score_file_take(struct score_file *file, const char *scored_at)
{
    json_t *out = json_object(), *averages = json_object(), *rows;
    const char *model;
    json_object_foreach(file->per_prompt, model, rows)
    {
        json_object_set_new(averages, model, averages_of(file, rows));
    }
    if (file->form == SCORE_FORM_GO)
        json_object_set_new(out, "metadata", metadata_of(file, scored_at));
    json_object_set_new(out, "model_averages", averages);
    json_object_set(out, "per_prompt", file->per_prompt);
    return out;
}
