/* score.c - the table of scorers, and what is the same for all of them. */
#include "score/score.h"

#include <stdlib.h>

#include "base/mem.h"
#include "score/capability.h"
#include "score/exact.h"
#include "score/grammar.h"
#include "score/lek.h"
#include "score/tier1.h"
#include "score/v2.h"
#include "text/json.h"

struct score {
    const struct scorer *scorer;
    void *self;
};

static const struct scorer *const scorers[] = {
    &scorer_v2_ab,        &scorer_v2_distill,     &scorer_lek_py,        &scorer_lek_go,
    &scorer_tier1_py,     &scorer_tier1_go,       &scorer_grammar,       &scorer_grammar_full,
    &scorer_delta,        &scorer_delta_full,     &scorer_exact_py,      &scorer_exact_go,
    &scorer_exact_strict, &scorer_exact_flexible, &scorer_capability_py, &scorer_capability_go};

const struct scorer *const *scorer_list(size_t *count)
{
    *count = sizeof scorers / sizeof *scorers;
    return scorers;
}

const struct scorer *scorer_find(struct str name)
{
    for (size_t i = 0; i < sizeof scorers / sizeof *scorers; i++)
        if (str_is(name, scorers[i]->name) || str_is(name, scorers[i]->key))
            return scorers[i];
    return NULL;
}

void scorer_hash(char hex[SHA256_HEX_LEN + 1], const struct scorer *scorer)
{
    scorer->hash(hex, scorer->rules);
}

struct score *score_create(const struct scorer *scorer)
{
    struct score *score = mem_alloc(sizeof *score);
    *score = (struct score){scorer, scorer->create(scorer->rules)};
    return score;
}

void score_free(struct score *score)
{
    if (!score)
        return;
    score->scorer->free(score->self);
    free(score);
}

bool score_explain(struct score *score, struct score_result *out, struct hits *hits,
                   const struct score_item *item, struct err *err)
{
    if (item->text.len > SCORE_TEXT_MAX || item->prompt.len > SCORE_TEXT_MAX)
        return err_set(err, ERR_LIMIT, "text of %zu bytes; at most %d can be scored",
                       size_max(item->text.len, item->prompt.len), SCORE_TEXT_MAX);
    *out = (struct score_result){.is_scored = true};
    return score->scorer->run(score->self, out, hits, item, err);
}

bool score_item(struct score *score, struct score_result *out, const struct score_item *item,
                struct err *err)
{
    return score_explain(score, out, NULL, item, err);
}

bool score_run(struct score *score, double *values, struct str text, struct str prompt,
               struct err *err)
{
    struct score_result result;
    if (!score_item(score, &result, &(struct score_item){.text = text, .prompt = prompt}, err))
        return false;
    memcpy(values, result.values, score->scorer->n_fields * sizeof *values);
    return true;
}

static bool is_whole(double value)
{
    return value >= -9e15 && value <= 9e15 && value == (double)(json_int_t)value;
}

static json_t *value_to_json(double value, enum score_kind kind)
{
    if (kind == SCORE_TRUTH)
        return json_boolean(value != 0);
    return is_whole(value) && kind == SCORE_NUMBER ? json_integer((json_int_t)value)
                                                   : json_real(value);
}

/* Counts are small. */
static void put_whole(struct buf *out, json_int_t value)
{
    if (value >= 0 && value < 10)
        buf_putc(out, (char)('0' + value));
    else
        buf_printf(out, "%" JSON_INTEGER_FORMAT, value);
}

static void put_value(struct buf *out, double value, enum score_kind kind)
{
    char real[JSON_REAL_LEN_MAX];
    if (kind == SCORE_TRUTH)
        buf_puts(out, value != 0 ? "true" : "false");
    else if (is_whole(value) && kind == SCORE_NUMBER)
        put_whole(out, (json_int_t)value);
    else
        buf_add(out, real, json_format_real(real, value));
}

void score_result_format(struct buf *out, const struct scorer *scorer,
                         const struct score_result *result)
{
    if (!result->is_scored) {
        buf_puts(out, "null");
        return;
    }
    for (size_t i = 0; i < scorer->n_fields; i++) {
        const struct score_field *field = &scorer->fields[i];
        buf_puts(out, i ? ", \"" : "{\"");
        buf_puts(out, field->name);
        buf_puts(out, "\": ");
        if (field->kind != SCORE_TEXT)
            put_value(out, result->values[i], field->kind);
        else if (result->text.ptr)
            json_format_str(out, result->text, true);
        else
            buf_puts(out, "null");
    }
    buf_putc(out, '}');
}

json_t *score_result_to_json(const struct scorer *scorer, const struct score_result *result)
{
    if (!result->is_scored)
        return json_null();
    json_t *object = json_object();
    for (size_t i = 0; i < scorer->n_fields; i++) {
        const struct score_field *field = &scorer->fields[i];
        json_t *value = field->kind != SCORE_TEXT ? value_to_json(result->values[i], field->kind)
                        : result->text.ptr        ? json_from_str(result->text)
                                                  : json_null();
        json_object_set_new(object, field->name, value);
    }
    return object;
}

json_t *score_to_json(const struct scorer *scorer, const double *values)
{
    struct score_result result = {.is_scored = true};
    memcpy(result.values, values, scorer->n_fields * sizeof *values);
    return score_result_to_json(scorer, &result);
}
