/* data_conv.c - lem data conv, composure: lessons out of passages and reflections, and out of
 * numbered texts. */
#include "cli/data.h"
#include "cli/data_parts.h"
#include "cli/exit.h"
#include "lesson/composure.h"
#include "lesson/conversation.h"
#include "lesson/lengths.h"
#include "os/file.h"
#include "os/folder.h"
#include "text/json.h"
#include "text/utf8.h"

static const struct flag_spec OUTPUT[] = {
    {.name = "output",
     .letter = 'o',
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write the lessons there instead of to standard output"},
    {.name = "output-dir",
     .kind = FLAG_PATH,
     .value = "FOLDER",
     .argv_only = true,
     .help = "write train.jsonl, valid.jsonl and test.jsonl there"},
    {.name = "train-pct",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "80",
     .max = 100,
     .help = "percent of the lessons for training"},
    {.name = "valid-pct",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "10",
     .max = 100,
     .help = "for validation"},
    {.name = "test-pct",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "10",
     .max = 100,
     .help = "for testing; the three make 100"},
    {.name = "seed",
     .letter = 's',
     .kind = FLAG_U64,
     .value = "N",
     .preset = "42",
     .help = "another seed deals otherwise"},
    {.name = "min-chars",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "50",
     .max = 1e9,
     .help = "leave out lessons whose answers have fewer characters"},
    {.name = NULL},
};

static const struct flags_usage CONV = {
    .command = "data conv",
    .synopsis = "FILE... [--output FILE | --output-dir FOLDER]",
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

/* Leaves out lessons whose answers say too little; returns how many. */
static size_t drop_short(json_t *list, size_t min_chars)
{
    struct buf answers;
    size_t n_dropped = 0;
    buf_init(&answers, BUF_MAX_DEFAULT);
    for (size_t i = json_array_size(list); i-- > 0;) {
        buf_reset(&answers);
        lesson_put_answers(&answers, json_array_get(list, i));
        if (utf8_count(utf8_strip(buf_str(&answers))) >= min_chars)
            continue;
        json_array_remove(list, i);
        n_dropped++;
    }
    buf_release(&answers);
    return n_dropped;
}

static bool percents_of(struct part_weights *out, const struct flags *flags, struct err *err)
{
    const uint64_t percents[N_PARTS] = {
        flags_u64(flags, "train-pct"), flags_u64(flags, "valid-pct"), flags_u64(flags, "test-pct")};
    out->seed = flags_u64(flags, "seed");
    for (size_t p = 0; p < N_PARTS; p++)
        out->of[p] = (double)percents[p] / 100;
    return percents[PART_TRAIN] + percents[PART_VALID] + percents[PART_TEST] == 100 ||
           err_set(err, ERR_USAGE, "--train-pct, --valid-pct and --test-pct make 100 together");
}

static bool write_conversations(const json_t *list, const struct part_weights *weights,
                                const struct flags *flags, struct console *con)
{
    const char *folder = flags_str(flags, "output-dir");
    json_t *parts[N_PARTS];
    struct err err = {0};
    if (!folder)
        return data_write_list(flags_str(flags, "output"), list, con);
    data_deal(parts, list, weights);
    bool ok = file_make_dirs(folder, &err);
    if (!ok)
        console_fail(con, &err);
    ok = ok && data_write_parts(folder, parts, con);
    for (size_t p = 0; p < N_PARTS; p++) {
        if (ok)
            console_note(con, "%s: %zu", PART_NAMES[p], json_array_size(parts[p]));
        json_decref(parts[p]);
    }
    return ok;
}

static bool read_files(json_t *list, const struct flags *flags, struct err *err)
{
    struct buf bytes;
    buf_init(&bytes, LESSON_FILE_MAX);
    bool ok = flags->n_args > 0 ||
              err_set(err, ERR_USAGE, "which lessons? name files; - is standard input");
    for (size_t i = 0; ok && i < flags->n_args; i++) {
        buf_reset(&bytes);
        ok = file_read(&bytes, flags->args[i], err) &&
             conversation_read(list, buf_str(&bytes), flags->args[i], err);
    }
    buf_release(&bytes);
    return ok;
}

static int conv(const struct flags *flags, struct console *con)
{
    json_t *list = json_array();
    struct part_weights weights;
    struct err err = {0};
    int status = EXIT_OK;
    if (!percents_of(&weights, flags, &err) || !read_files(list, flags, &err)) {
        status = console_fail(con, &err);
    } else {
        size_t n_dropped = drop_short(list, (size_t)flags_u64(flags, "min-chars"));
        console_note(con, "%zu lessons, %zu left out because their answers are short",
                     json_array_size(list), n_dropped);
        if (!write_conversations(list, &weights, flags, con))
            status = EXIT_FAILED;
    }
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
    return command_run(&CONV, conv, argc, argv);
}

int data_composure(int argc, char **argv)
{
    return command_run(&COMPOSURE, composure, argc, argv);
}
