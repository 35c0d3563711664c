/* source_local.c - requests become sessions of an engine; sessions' ends become results. */
#include "infer/source_local.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

struct local {
    struct source_local_options options;
    struct engine *engine;
};

/* One request on its way; the engine's `user`. */
struct errand {
    void *user;
    void (*done)(void *user, const struct source_result *result);
    char prompt_sha256[SHA256_HEX_LEN + 1];
};

static void errand_done(void *arg, const struct session_result *session)
{
    struct errand *errand = arg;
    bool cancelled = session->finish == FINISH_CANCELLED;
    struct source_result result = {
        .ok = !cancelled,
        .error = cancelled ? "stopped before the answer was complete" : NULL,
        .text = session->text,
        .prompt_tokens = session->n_prompt,
        .completion_tokens = session->n_ids,
        .finish_reason = finish_name(session->finish),
        .ttft_s = session->ttft_s,
        .time_s = session->time_s,
    };
    memcpy(result.prompt_sha256, errand->prompt_sha256, sizeof errand->prompt_sha256);
    errand->done(errand->user, &result);
    free(errand);
}

static bool submit_ids(struct local *local, const struct source_request *request,
                       const struct ids *ids, struct str text, struct err *err)
{
    struct errand *errand = mem_zalloc(1, sizeof *errand);
    errand->user = request->user;
    errand->done = request->done;
    sha256_hex(errand->prompt_sha256, text);
    struct session session = {
        .prompt = ids->id,
        .n_prompt = ids->count,
        .params = request->params,
        .key = request->key,
        .user = errand,
        .done = errand_done,
    };
    if (engine_submit(local->engine, &session, err))
        return true;
    free(errand);
    return false;
}

static bool local_submit(void *self, const struct source_request *request, struct err *err)
{
    struct local *local = self;
    const struct prompt_style *style = local->options.style;
    struct chat_text text;
    struct ids ids = {0};
    chat_text_init(&text);
    bool ok = prompt_render(style, &text, request->messages, request->n_messages, err) &&
              prompt_encode(style, &ids, &text, err) &&
              submit_ids(local, request, &ids, buf_str(&text.text), err);
    ids_release(&ids);
    chat_text_release(&text);
    return ok;
}

static bool local_run(void *self, struct err *err)
{
    struct local *local = self;
    return engine_run(local->engine, err);
}

static enum source_system local_system(void *self)
{
    const struct local *local = self;
    return local->options.style->system;
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static void set_size(json_t *object, const char *key, size_t n)
{
    json_object_set_new(object, key, json_integer((json_int_t)n));
}

static void describe_template(json_t *out, const struct source_local_options *options)
{
    const struct chat_template *tmpl = options->style->tmpl;
    set_text(out, "chat_template", options->template_name);
    if (tmpl) {
        char hex[SHA256_HEX_LEN + 1];
        sha256_hex(hex, chat_template_source(tmpl));
        set_text(out, "chat_template_sha256", hex);
    }
    set_text(out, "system_mode", source_system_name(options->style->system));
}

/* What decides the answers stands first; the rest only says how they were computed. */
static json_t *local_describe(void *self)
{
    const struct local *local = self;
    const struct model_info *info = model_info(local->options.model);
    const struct engine_options chosen = engine_options(local->engine);
    json_t *out = json_object();
    set_text(out, "backend", "local");
    set_text(out, "model", local->options.model_name);
    set_text(out, "model_sha256", local->options.model_sha256);
    set_text(out, "model_family", info->family);
    set_text(out, "quantisation", info->quantisation);
    set_text(out, "precision", precision_name(info->precision));
    describe_template(out, &local->options);
    set_text(out, "isa", info->isa);
    set_size(out, "threads", pool_threads(local->options.pool));
    set_size(out, "slots", chosen.slots);
    set_size(out, "chunk", chosen.chunk);
    set_size(out, "context", chosen.context_max);
    set_size(out, "kv_bytes", chosen.memory_bytes);
    json_object_set_new(out, "prefix_cache", json_boolean(!chosen.no_prefix_cache));
    return out;
}

/* Answer tokens per second of computing, prompts included: what a run really gives. */
static void local_progress(void *self, size_t *done_tokens, double *tokens_per_s)
{
    const struct local *local = self;
    struct engine_stats stats = engine_stats(local->engine);
    double seconds = stats.prefill_s + stats.decode_s;
    *done_tokens = stats.generated_tokens;
    *tokens_per_s = seconds > 0 ? (double)stats.generated_tokens / seconds : 0;
}

static void local_free(void *self)
{
    struct local *local = self;
    engine_free(local->engine);
    free(local);
}

static const struct source_ops LOCAL_OPS = {
    .submit = local_submit,
    .run = local_run,
    .system = local_system,
    .describe = local_describe,
    .progress = local_progress,
    .free = local_free,
};

bool source_local_open(struct source *out, const struct source_local_options *options,
                       struct err *err)
{
    struct engine *engine;
    struct engine_options engine_options = options->engine;
    engine_options.one_turn = true;
    if (!engine_create(&engine, options->model, options->style->tok, options->pool,
                       &engine_options, err))
        return false;
    struct local *local = mem_zalloc(1, sizeof *local);
    local->options = *options;
    local->engine = engine;
    *out = (struct source){&LOCAL_OPS, local};
    return true;
}

struct engine_stats source_local_stats(const struct source *source)
{
    const struct local *local = source->self;
    return engine_stats(local->engine);
}
