/* data_conv.c - lem data conv, composure: lessons out of passages and reflections, and out of
 * numbered texts. */
#include "cli/data.h"
#include "cli/exit.h"
#include "lesson/composure.h"
#include "lesson/conversation.h"
#include "lesson/parts.h"
#include "os/file.h"
#include "os/folder.h"
#include "text/json.h"
#include "text/jsonl.h"

static const struct flag_spec OUTPUT[] = {
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write the lessons there instead of to standard output"},
    {.name = NULL},
};

static const struct flags_usage CONV = {
    .command = "data conv",
    .synopsis = "FILE... [--output FILE]",
    .about = "Reads lines {id, title, pairs: [{passage, reflection}...], close} and writes\n"
             "conversations of 6 to 10 turns: the user names the lesson and asks for readiness,\n"
             "every passage is answered by its reflection, and a close may end it. Lines that are\n"
             "lessons already stay as they are.",
    .groups = {{"Output", OUTPUT}},
    .args_max = DATA_FILES_MAX,
};

static const struct flag_spec COMPOSURE_OUTPUT[] = {
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FOLDER",
     .argv_only = true,
     .help = "write DOMAIN.jsonl there, instead of everything to standard output"},
    {.name = NULL},
};

static const struct flags_usage COMPOSURE = {
    .command = "data composure",
    .synopsis = "FILE|FOLDER... [--output FOLDER]",
    .about =
        "Reads texts DOMAIN-NAME.txt whose paragraphs begin with [1], [2], ... and writes a "
        "lesson\n"
        "for every five: one of eight questions in turn, and the paragraphs in answer. Other\n"
        "paragraphs, and those that only name title, author, chapter or source, are left out;\n"
        "a chunk of less than 200 characters makes no lesson.",
    .groups = {{"Output", COMPOSURE_OUTPUT}},
    .args_max = DATA_FILES_MAX,
};

static bool read_conversations(json_t *list, struct str text, const char *path, struct err *err)
{
    struct jsonl lines;
    struct str line;
    jsonl_init(&lines, text, path);
    while (jsonl_next(&lines, &line)) {
        json_t *record, *value;
        bool ok = jsonl_parse(&record, &lines, line, err);
        if (ok && !conversation_take(&value, record, err))
            ok = err_in(err, "%s: line %zu", path, lines.line);
        json_decref(record);
        if (!ok)
            return false;
        json_array_append_new(list, value);
    }
    return true;
}

static int conv(const struct flags *flags, struct console *con)
{
    json_t *list = json_array();
    struct err err = {0};
    struct buf bytes;
    int status = EXIT_OK;
    buf_init(&bytes, LESSON_FILE_MAX);
    bool ok = flags->n_args > 0 ||
              err_set(&err, ERR_USAGE, "which lessons? name files; - is standard input");
    for (size_t i = 0; ok && i < flags->n_args; i++) {
        buf_reset(&bytes);
        ok = file_read(&bytes, flags->args[i], &err) &&
             read_conversations(list, buf_str(&bytes), flags->args[i], &err);
    }
    if (!ok)
        status = console_fail(con, &err);
    else if (!data_write_list(flags_str(flags, "output"), list, con))
        status = EXIT_FAILED;
    if (status == EXIT_OK)
        console_note(con, "%zu lessons", json_array_size(list));
    buf_release(&bytes);
    json_decref(list);
    return status;
}

/* The files that the arguments name, texts in folders among them. */
static bool list_texts(struct folder *out, const struct flags *flags, struct err *err)
{
    for (size_t i = 0; i < flags->n_args; i++) {
        if (folder_exists(flags->args[i])) {
            if (!folder_list(out, flags->args[i], ".txt", err))
                return false;
            continue;
        }
        folder_add(out, flags->args[i]);
    }
    return out->count > 0 || err_set(err, ERR_USAGE, "which texts? name files or folders");
}

/* Adds the text's lessons to the list of its domain. */
static bool convert_text(json_t *domains, const char *path, struct console *con, struct err *err)
{
    struct str domain = composure_domain(path);
    json_t *list = json_object_getn(domains, domain.ptr, domain.len);
    struct composure_count count;
    struct buf bytes;
    if (!list)
        json_object_setn_new(domains, domain.ptr, domain.len, list = json_array());
    buf_init(&bytes, COMPOSURE_TEXT_MAX);
    bool ok =
        file_read(&bytes, path, err) && composure_lessons(list, &count, buf_str(&bytes), path, err);
    if (ok)
        console_note(con, "%s: %zu paragraphs, %zu of metadata; %zu lessons, %zu chunks too short",
                     path, count.paragraphs, count.metadata, count.lessons,
                     count.chunks - count.lessons);
    buf_release(&bytes);
    return ok;
}

static bool write_domains(json_t *domains, const char *folder, struct console *con)
{
    const char *domain;
    json_t *list;
    struct err err = {0};
    struct buf path;
    bool ok = !folder || file_make_dirs(folder, &err);
    if (!ok)
        console_fail(con, &err);
    buf_init(&path, BUF_MAX_DEFAULT);
    json_object_foreach(domains, domain, list)
    {
        buf_reset(&path);
        buf_printf(&path, "%s/%s.jsonl", folder ? folder : "", domain);
        ok = ok && data_write_list(folder ? path.ptr : NULL, list, con);
    }
    buf_release(&path);
    return ok;
}

static int composure(const struct flags *flags, struct console *con)
{
    json_t *domains = json_object();
    struct folder texts = {0};
    struct err err = {0};
    int status = EXIT_OK;
    bool ok = list_texts(&texts, flags, &err);
    for (size_t i = 0; ok && i < texts.count; i++)
        ok = convert_text(domains, texts.paths[i], con, &err);
    if (!ok)
        status = console_fail(con, &err);
    else if (!write_domains(domains, flags_str(flags, "output"), con))
        status = EXIT_FAILED;
    folder_release(&texts);
    json_decref(domains);
    return status;
}

int data_conv(int argc, char **argv)
{
    return subcommand_run(&CONV, conv, argc, argv);
}

int data_composure(int argc, char **argv)
{
    return subcommand_run(&COMPOSURE, composure, argc, argv);
}
