#include "cli/benchmark_plan.h"

#include <stdio.h>

#include "report/table.h"
#include "text/json.h"

/* Prompts of one condition, in tokens. */
struct arm_plan {
    size_t total, longest, too_long;
};

static bool count_prompt(size_t *n_tok, const struct benchmark_plan *plan, size_t probe,
                         size_t condition, struct err *err)
{
    const struct kernel *kernel = &plan->options->conditions->items[condition].kernel;
    struct chat_message messages[2] = {{STR("system"), kernel->text},
                                       {STR("user"), plan->options->probes[probe].prompt}};
    bool bare = kernel->text.len == 0;
    struct chat_text text;
    struct ids ids = {0};
    chat_text_init(&text);
    bool ok = prompt_render(&plan->model->style, &text, messages + bare, 2 - (size_t)bare, err) &&
              prompt_encode(&plan->model->style, &ids, &text, err);
    *n_tok = ids.count;
    ids_release(&ids);
    chat_text_release(&text);
    return ok;
}

static bool plan_arm(struct arm_plan *arm, const struct benchmark_plan *plan, size_t condition,
                     size_t context, struct err *err)
{
    *arm = (struct arm_plan){0};
    for (size_t p = 0; p < plan->options->n_probes; p++) {
        size_t n_tok;
        if (!count_prompt(&n_tok, plan, p, condition, err))
            return false;
        arm->total += n_tok;
        arm->longest = size_max(arm->longest, n_tok);
        arm->too_long += n_tok + plan->options->params.max_tokens > context;
    }
    return true;
}

static json_t *arm_json(struct str name, const struct arm_plan *arm)
{
    return json_pack("{s:o, s:I, s:I, s:I}", "name", json_from_str(name), "prompt_tokens",
                     (json_int_t)arm->total, "longest_prompt", (json_int_t)arm->longest,
                     "do_not_fit", (json_int_t)arm->too_long);
}

static void print_json(const struct benchmark_plan *plan, const struct arm_plan *arms,
                       const struct engine_options *engine)
{
    const struct ab_options *o = plan->options;
    size_t n_answers = o->n_probes * o->conditions->count * o->samples;
    json_t *list = json_array();
    for (size_t c = 0; c < o->conditions->count; c++)
        json_array_append_new(list, arm_json(o->conditions->items[c].name, &arms[c]));
    json_t *out = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I}", "model", o->model, "probes",
        (json_int_t)o->n_probes, "samples", (json_int_t)o->samples, "answers",
        (json_int_t)n_answers, "max_tokens", (json_int_t)o->params.max_tokens, "conditions", list,
        "context", (json_int_t)engine->context_max, "slots", (json_int_t)engine->slots,
        "weights_bytes", (json_int_t)model_info(plan->model->model)->packed_bytes, "kv_bytes",
        (json_int_t)engine->memory_bytes);
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    json_format(&text, out, (struct json_style){.ascii = true});
    printf("%s\n", text.ptr);
    buf_release(&text);
    json_decref(out);
}

static void print_text(const struct benchmark_plan *plan, const struct arm_plan *arms,
                       const struct engine_options *engine)
{
    const struct ab_options *o = plan->options;
    struct table table = {0};
    struct buf text;
    table_column(&table, "CONDITION", TEXT_LEFT);
    table_column(&table, "PROMPT TOKENS", TEXT_RIGHT);
    table_column(&table, "LONGEST", TEXT_RIGHT);
    table_column(&table, "DO NOT FIT", TEXT_RIGHT);
    for (size_t c = 0; c < o->conditions->count; c++) {
        table_cell(&table, "%.*s", STR_ARG(o->conditions->items[c].name));
        table_cell(&table, "%zu", arms[c].total);
        table_cell(&table, "%zu", arms[c].longest);
        table_cell(&table, "%zu", arms[c].too_long);
    }
    buf_init(&text, BUF_MAX_DEFAULT);
    table_format(&text, &table);
    printf("%zu probes, %zu conditions, %zu samples: %zu answers of at most %zu tokens\n\n%s\n"
           "context %zu tokens, %zu answers at a time\n"
           "memory: weights %.0f MiB, keys and values up to %.0f MiB\n",
           o->n_probes, o->conditions->count, o->samples,
           o->n_probes * o->conditions->count * o->samples, o->params.max_tokens, text.ptr,
           engine->context_max, engine->slots,
           (double)model_info(plan->model->model)->packed_bytes / (1 << 20),
           (double)engine->memory_bytes / (1 << 20));
    buf_release(&text);
    table_release(&table);
}

bool benchmark_plan_print(const struct benchmark_plan *plan, struct err *err)
{
    struct engine *engine;
    struct arm_plan arms[CONDITIONS_MAX];
    if (!engine_create(&engine, plan->model->model, plan->model->tok, plan->model->pool,
                       &plan->engine, err))
        return false;
    struct engine_options chosen = engine_options(engine);
    engine_free(engine);
    for (size_t c = 0; c < plan->options->conditions->count; c++)
        if (!plan_arm(&arms[c], plan, c, chosen.context_max, err))
            return false;
    if (plan->json)
        print_json(plan, arms, &chosen);
    else
        print_text(plan, arms, &chosen);
    return true;
}
