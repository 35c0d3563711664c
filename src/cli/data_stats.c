/* data_stats.c - lem data stats: how long lessons are, in characters and in a model's tokens. */
#include <stdio.h>

#include "cli/data.h"
#include "cli/data_lengths.h"
#include "cli/exit.h"
#include "text/json.h"

static const struct flag_spec MODEL[] = {
    {.name = "model",
     .letter = 'm',
     .kind = FLAG_STRING,
     .value = "MODEL",
     .help = "also count this model's tokens: a GGUF file, or a name in the cache"},
    {.name = "chat-template",
     .kind = FLAG_STRING,
     .value = "NAME",
     .preset = "auto",
     .help = "auto (the model's own, else plain text), none, gemma, chatml, llama3, mistral, or a "
             "file"},
    {.name = NULL},
};

static const struct flags_usage USAGE = {
    .command = "data stats",
    .synopsis = "DIR|FILE... [--model MODEL] [--max-seq-length N] [--mask last|answers|none]",
    .about =
        "Counts lessons by shape and file and measures them: turns, characters and, with a model,\n"
        "tokens of the whole conversation in its chat template and those a trainer learns from\n"
        "(as mlx-lm's --mask-prompt has it, only the last answer).",
    .groups = {{"Lengths", FLAGS_LENGTHS}, {"Model", MODEL}},
    .args_max = DATA_FILES_MAX,
};

static void put_files(struct buf *out, const struct lesson_set *set)
{
    for (size_t f = 0; f < set->n_files; f++) {
        size_t count = 0;
        for (size_t i = 0; i < set->count; i++)
            count += set->items[i].file == set->files[f];
        buf_printf(out, "%s: %zu\n", set->files[f], count);
    }
}

static void put_shapes(struct buf *out, const struct lesson_set *set)
{
    buf_printf(out, "%zu lessons", set->count);
    for (size_t i = 0; i < N_LESSON_SHAPES; i++)
        if (set->by_shape[i] > 0)
            buf_printf(out, ", %zu %s", set->by_shape[i], lesson_shape_name((enum lesson_shape)i));
    buf_puts(out, "\n\n");
}

static void put_notes(struct buf *out, const struct data_lengths *lengths)
{
    if (!lengths->has_tokens)
        return;
    buf_printf(out, "\n%zu lessons have more than %zu tokens", lengths->n_over,
               lengths->max_tokens);
    buf_printf(out, "; %zu have nothing to learn\n", lengths->n_untaught);
    if (lengths->n_unsteady > 0)
        buf_printf(out,
                   "%zu lessons begin otherwise when their beginning is rendered alone: for them "
                   "the count of learned tokens is an upper bound\n",
                   lengths->n_unsteady);
}

static void print_text(const struct lesson_set *set, const struct data_lengths *lengths)
{
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    if (set->n_files > 1)
        put_files(&out, set);
    put_shapes(&out, set);
    data_put_lengths(&out, lengths);
    put_notes(&out, lengths);
    fwrite(out.ptr, 1, out.len, stdout);
    buf_release(&out);
}

static void print_json(const struct lesson_set *set, const struct data_lengths *lengths)
{
    json_t *report = data_lengths_json(lengths), *shapes = json_object();
    for (size_t i = 0; i < N_LESSON_SHAPES; i++)
        if (set->by_shape[i] > 0)
            json_object_set_new(shapes, lesson_shape_name((enum lesson_shape)i),
                                json_integer((json_int_t)set->by_shape[i]));
    json_object_set_new(report, "lessons", json_integer((json_int_t)set->count));
    json_object_set_new(report, "refused", json_integer((json_int_t)set->n_refused));
    json_object_set_new(report, "shapes", shapes);
    console_take_json(report);
}

static int run(const struct flags *flags, struct console *con)
{
    struct lesson_set set = {0};
    struct open_model model = {0};
    struct data_lengths lengths;
    struct err err = {0};
    int status = EXIT_OK;
    bool has_model = flags_str(flags, "model") != NULL;
    bool ok = data_read(&set, flags, con, &err) &&
              (!has_model || open_model_init(&model, flags, con, OPEN_TEMPLATE, &err)) &&
              data_measure(&lengths, &set, has_model ? &model : NULL, flags, &err);
    if (!ok)
        status = console_fail(con, &err);
    else if (flags_bool(flags, "json"))
        print_json(&set, &lengths);
    else
        print_text(&set, &lengths);
    if (has_model)
        open_model_release(&model);
    lesson_set_release(&set);
    return status;
}

int data_stats(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
