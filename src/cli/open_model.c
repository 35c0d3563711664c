/* open_model.c - from flags to an opened model and to sampling parameters. */
#include "cli/open_model.h"

#include <pthread.h>
#include <string.h>

#include "cli/model_name.h"
#include "os/file.h"

enum { TEMPLATE_FILE_MAX = 1 << 20 };

const struct flag_spec FLAGS_MODEL[] = {
    {"model", 'm', FLAG_STRING, "MODEL", .required = true,
     .help = "path of a GGUF file, or the name of a model in the cache"},
    {"chat-template", 0, FLAG_STRING, "NAME", .preset = "auto",
     .help = "auto (the model's own, else plain text), none, gemma, chatml, llama3, mistral, or a "
             "file"},
    {0}};

const struct flag_spec FLAGS_COMPUTE[] = {
    {"precision", 0, FLAG_STRING, "P", .preset = "fast",
     .help = "fast (8-bit activations) or float (the reference)"},
    {"threads", 0, FLAG_U64, "N", .min = 1, .max = THREADS_MAX,
     .help = "worker threads (as many as this process may use unless given)"},
    {0}};

const struct flag_spec FLAGS_SAMPLING[] = {
    {"max-tokens", 'n', FLAG_U64, "N", .preset = "1024", .min = 1, .max = 1 << 20,
     .help = "longest answer"},
    {"temperature", 't', FLAG_DOUBLE, "T", .preset = "0", .min = 0, .max = 100,
     .help = "0 always takes the likeliest token"},
    {"top-k", 0, FLAG_U64, "N", .preset = "0", .min = 0, .max = 1 << 20,
     .help = "sample from the N likeliest tokens; 0 is off"},
    {"top-p", 0, FLAG_DOUBLE, "P", .preset = "1", .min = 0, .max = 1,
     .help = "sample from the likeliest tokens that make up P; 1 is off"},
    {"min-p", 0, FLAG_DOUBLE, "P", .preset = "0", .min = 0, .max = 1,
     .help = "leave out tokens less than P times as likely as the likeliest; 0 is off"},
    {"repetition-penalty", 0, FLAG_DOUBLE, "X", .preset = "1", .min = 0.01, .max = 100,
     .help = "divide the logits of tokens seen before by X; 1 is off"},
    {"seed", 0, FLAG_U64, "N", .preset = "0", .help = "names the random numbers"},
    {"stop", 0, FLAG_LIST, "TEXT", .help = "end the answer before TEXT"},
    {"ignore-eos", 0, FLAG_BOOL, .help = "go on after the model ends its answer"},
    {0}};

bool sampling_from_flags(struct sample_params *out, const struct flags *flags, struct err *err)
{
    size_t n_stops;
    const char *const *stops = flags_list(flags, "stop", &n_stops);
    *out = (struct sample_params){
        .temperature = flags_double(flags, "temperature"),
        .top_p = flags_double(flags, "top-p"),
        .min_p = flags_double(flags, "min-p"),
        .repetition_penalty = flags_double(flags, "repetition-penalty"),
        .top_k = (uint32_t)flags_u64(flags, "top-k"),
        .seed = flags_u64(flags, "seed"),
        .max_tokens = (size_t)flags_u64(flags, "max-tokens"),
        .ignore_eos = flags_bool(flags, "ignore-eos"),
        .n_stops = n_stops,
    };
    if (n_stops > STOPS_MAX)
        return err_set(err, ERR_USAGE, "--stop may be given %d times at most", STOPS_MAX);
    for (size_t i = 0; i < n_stops; i++)
        out->stop[i] = str_of(stops[i]);
    return sample_params_check(out, err);
}

static bool template_from_file(struct chat_template **out, const char *path, struct err *err)
{
    struct buf source;
    buf_init(&source, TEMPLATE_FILE_MAX);
    bool ok = file_read(&source, path, err) &&
              (chat_template_parse(out, buf_str(&source), err) || err_in(err, "%s", path));
    buf_release(&source);
    return ok;
}

static bool open_template(struct open_model *m, const char *name, struct err *err)
{
    struct str own;
    m->tmpl_name = name;
    if (strcmp(name, "none") == 0)
        return true;
    if (strcmp(name, "auto") != 0) {
        if (strpbrk(name, "/.") || file_exists(name))
            return template_from_file(&m->tmpl, name, err);
        return chat_template_builtin(&m->tmpl, str_of(name), err);
    }
    bool has_own = gguf_get_str(m->gguf, "tokenizer.chat_template", &own);
    m->tmpl_name = has_own ? "model" : "none";
    if (!has_own || chat_template_parse(&m->tmpl, own, err))
        return true;
    return err_in(err, "%s: its chat template", m->path.ptr);
}

static void show_loading(void *con, double fraction)
{
    console_progress(con, "loading", (size_t)(fraction * 100), 100, "");
}

static bool read_precision(enum precision *out, const char *name, struct err *err)
{
    for (int p = PRECISION_FAST; p <= PRECISION_FLOAT; p++) {
        if (strcmp(name, precision_name((enum precision)p)) == 0) {
            *out = (enum precision)p;
            return true;
        }
    }
    return err_set(err, ERR_USAGE, "--precision is fast or float, not \"%s\"", name);
}

static bool open_weights(struct open_model *m, const struct flags *flags, struct console *con,
                         struct err *err)
{
    struct model_options options = {.progress = show_loading, .progress_arg = con};
    if (!read_precision(&options.precision, flags_str(flags, "precision"), err))
        return false;
    m->pool = pool_create((size_t)flags_u64(flags, "threads"));
    options.pool = m->pool;
    bool ok = model_open(&m->model, m->gguf, &options, err);
    console_progress_end(con);
    if (!ok)
        return err_in(err, "%s", m->path.ptr);
    return true;
}

/* A tokenizer being opened while the weights are packed. */
struct opening {
    const struct gguf *gguf;
    struct tokenizer *tok;
    struct err err;
    bool ok;
};

static void *open_tokenizer(void *arg)
{
    struct opening *opening = arg;
    opening->ok = tokenizer_open(&opening->tok, opening->gguf, &opening->err);
    return NULL;
}

/* What is wrong with the tokenizer is told before what is wrong with the weights. */
static bool open_tokenizer_and_weights(struct open_model *m, const struct flags *flags,
                                       struct console *con, bool weights, struct err *err)
{
    struct opening opening = {.gguf = m->gguf};
    pthread_t thread;
    bool threaded = weights && pthread_create(&thread, NULL, open_tokenizer, &opening) == 0;
    if (!threaded)
        open_tokenizer(&opening);
    bool ok = !weights || open_weights(m, flags, con, err);
    if (threaded)
        pthread_join(thread, NULL);
    m->tok = opening.tok;
    if (opening.ok)
        return ok;
    *err = opening.err;
    return err_in(err, "%s", m->path.ptr);
}

bool open_model_init(struct open_model *out, const struct flags *flags, struct console *con,
                     enum open_parts parts, struct err *err)
{
    *out = (struct open_model){0};
    buf_init(&out->path, BUF_MAX_DEFAULT);
    if (!model_name_resolve(&out->path, flags_str(flags, "model"), err) ||
        !gguf_open(&out->gguf, out->path.ptr, err))
        return false;
    if (parts >= OPEN_TEMPLATE && !open_template(out, flags_str(flags, "chat-template"), err))
        return false;
    if (!open_tokenizer_and_weights(out, flags, con, parts >= OPEN_WEIGHTS, err))
        return false;
    return parts < OPEN_TEMPLATE || prompt_style_init(&out->style, out->tok, out->tmpl, err);
}

void open_model_release(struct open_model *model)
{
    model_close(model->model);
    pool_free(model->pool);
    chat_template_free(model->tmpl);
    tokenizer_free(model->tok);
    gguf_close(model->gguf);
    buf_release(&model->path);
    *model = (struct open_model){0};
}
