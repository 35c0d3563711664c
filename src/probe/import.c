/* import.c - see import.h.
 *
 * A text is taken for what it most nearly is. JSON as a whole; else JSON lines, when its first line
 * begins like a record; else fenced blocks, each treated as a text of its own; else whatever whole
 * objects can be found between the broken parts. */
#include "probe/import.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/vec.h"
#include "os/data.h"
#include "os/file.h"
#include "text/json.h"
#include "text/jsonl.h"
#include "text/utf8.h"

enum {
    ID_MADE_MAX = 256,
    /* Bytes that failed attempts at a broken text may read, in multiples of its length: nested
     * beginnings would otherwise be read again from each of them. */
    SALVAGE_EFFORT = 32,
    JSON_FLAGS = JSON_DECODE_ANY | JSON_ALLOW_NUL
};

struct reader {
    struct import *in;
    const char *file;
    struct str stem;
    size_t place;
};

void import_init(struct import *in, struct import_options options)
{
    *in = (struct import){.options = options};
}

void import_release(struct import *in)
{
    for (size_t i = 0; i < in->n_records; i++)
        json_decref(in->records[i].value);
    for (size_t i = 0; i < in->n_files; i++)
        free(in->files[i]);
    free(in->files);
    free(in->records);
    free(in->refused);
    map_release(&in->ids);
    map_release(&in->seen);
    arena_release(&in->arena);
    *in = (struct import){0};
}

static bool begin_record(struct reader *r, struct err *err)
{
    r->place++;
    if (r->in->n_read == IMPORT_RECORDS_MAX)
        return err_set(err, ERR_LIMIT, "%s: more than %d records", r->file, IMPORT_RECORDS_MAX);
    r->in->n_read++;
    return true;
}

static void refuse(struct reader *r, enum refusal why)
{
    struct import *in = r->in;
    struct import_refused refused = {r->file, r->place, why};
    VEC_PUSH(in->refused, in->n_refused, in->refused_cap, refused);
    in->by_refusal[why]++;
}

static bool refuse_bytes(struct reader *r, struct err *err)
{
    if (!begin_record(r, err))
        return false;
    refuse(r, REFUSAL_JSON);
    return true;
}

/* Gives a repeated id a number; false when the whole record repeats an earlier one. */
static bool settle_id(struct import *in, json_t *record, unsigned *repairs)
{
    struct str id = json_get_str(record, "id");
    char digest[SHA256_HEX_LEN + 1];
    struct sha256 sha;
    sha256_begin(&sha);
    sha256_add(&sha, id.ptr, id.len + 1); /* the NUL parts id from prompt */
    sha256_add(&sha, json_get_str(record, "prompt").ptr, json_get_str(record, "prompt").len);
    sha256_end(&sha, digest);
    if (map_get(&in->seen, str_of(digest)) != MAP_NONE)
        return false;
    map_add(&in->seen, arena_str(&in->arena, str_of(digest)), 0);
    uint32_t first = map_get(&in->ids, id);
    if (first == MAP_NONE)
        return true;
    struct buf numbered;
    buf_init(&numbered, BUF_MAX_DEFAULT);
    do {
        buf_reset(&numbered);
        buf_add_str(&numbered, id);
        buf_printf(&numbered, "-%zu", ++in->records[first].n_same_id + 1);
    } while (map_get(&in->ids, buf_str(&numbered)) != MAP_NONE);
    json_object_set_new(record, "id", json_from_str(buf_str(&numbered)));
    *repairs |= 1u << REPAIR_ID_REPEATS;
    buf_release(&numbered);
    return true;
}

static void keep(struct reader *r, json_t *record, unsigned repairs)
{
    struct import *in = r->in;
    struct import_record kept = {.value = record,
                                 .texts = record_texts(record),
                                 .file = r->file,
                                 .place = r->place,
                                 .repairs = repairs};
    if (in->options.unique_ids)
        map_add(&in->ids, kept.texts.id, (uint32_t)in->n_records);
    VEC_PUSH(in->records, in->n_records, in->cap, kept);
    if (repairs)
        in->n_repaired++;
    else
        in->n_kept++;
    for (size_t i = 0; i < N_REPAIRS; i++)
        in->by_repair[i] += repairs >> i & 1;
}

static bool add_record(struct reader *r, const json_t *value, unsigned repairs, struct err *err)
{
    char made_id[ID_MADE_MAX];
    enum refusal refusal;
    if (!begin_record(r, err))
        return false;
    snprintf(made_id, sizeof made_id, "%.*s-%zu", STR_ARG(utf8_cut(r->stem, 48)), r->place);
    json_t *record = record_repair(value, made_id, &repairs, &refusal);
    if (record && r->in->options.unique_ids && !settle_id(r->in, record, &repairs)) {
        json_decref(record);
        record = NULL;
        refusal = REFUSAL_REPEATS;
    }
    if (record)
        keep(r, record, repairs);
    else
        refuse(r, refusal);
    return true;
}

/* The list of a group, and its key; NULL when the value is no group. */
static const json_t *group_list(const json_t *value, const char **key)
{
    static const char *const keys[] = {"scenarios", "probes", "prompts", "seeds", "items", "data"};
    if (json_is_string(json_object_get(value, "prompt")))
        return NULL;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *list = json_object_get(value, keys[i]);
        *key = keys[i];
        if (json_is_array(list))
            return list;
    }
    return NULL;
}

static bool add_value(struct reader *r, const json_t *value, unsigned repairs, int depth,
                      struct err *err);

static bool add_list(struct reader *r, const json_t *list, unsigned repairs, int depth,
                     struct err *err)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!add_value(r, json_array_get(list, i), repairs, depth, err))
            return false;
    return true;
}

/* The member, with those fields of its group that it does not have itself. */
static json_t *with_group(const json_t *member, const json_t *group, const char *list_key)
{
    json_t *whole = json_is_object(member) ? json_copy((json_t *)(uintptr_t)member) : json_object();
    if (json_is_string(member))
        json_object_set(whole, "prompt", (json_t *)(uintptr_t)member);
    json_object_update_missing(whole, (json_t *)(uintptr_t)group);
    if (!json_object_get(member, list_key))
        json_object_del(whole, list_key);
    if (!json_object_get(member, "id")) /* the group's is not its members' */
        json_object_del(whole, "id");
    return whole;
}

static bool add_group(struct reader *r, const json_t *group, const json_t *list, const char *key,
                      int depth, struct err *err)
{
    unsigned repairs = 1u << REPAIR_GROUP;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *member = json_array_get(list, i);
        bool usable = json_is_object(member) || json_is_string(member);
        json_t *whole =
            usable ? with_group(member, group, key) : json_incref((json_t *)(uintptr_t)member);
        bool ok = add_value(r, whole, repairs, depth, err);
        json_decref(whole);
        if (!ok)
            return false;
    }
    return true;
}

static bool add_value(struct reader *r, const json_t *value, unsigned repairs, int depth,
                      struct err *err)
{
    const char *key;
    const json_t *list = group_list(value, &key);
    if (depth == IMPORT_DEPTH_MAX)
        return add_record(r, value, repairs, err);
    if (json_is_array(value) && depth > 0)
        repairs |= 1u << REPAIR_GROUP;
    if (json_is_array(value) && (depth == 0 || json_array_size(value) > 0))
        return add_list(r, value, repairs, depth + 1, err);
    if (list && json_array_size(list) > 0)
        return add_group(r, value, list, key, depth + 1, err);
    return add_record(r, value, repairs, err);
}

static json_t *parse_whole(struct str text)
{
    json_t *value;
    struct err ignored;
    return json_parse(&value, text, "", &ignored) ? value : NULL;
}

/* A view of the text that lasts as long as the line does. */
static struct str lasting(struct import *in, struct str line, struct str text)
{
    bool is_inside = text.ptr >= line.ptr && text.ptr < line.ptr + line.len;
    return is_inside || !text.ptr ? text : arena_str(&in->arena, text);
}

static bool is_record_line(struct json_flat *flat, struct str line)
{
    return line.len <= JSONL_LINE_MAX && json_flat_read(flat, line) && record_is_regular(flat);
}

static bool keep_line(struct reader *r, struct str line, const struct json_flat *flat,
                      struct err *err)
{
    struct import *in = r->in;
    struct record_texts texts = record_texts_flat(flat);
    if (!begin_record(r, err))
        return false;
    struct import_record kept = {.line = line,
                                 .is_formatted = flat->is_formatted,
                                 .texts = {.id = lasting(in, line, texts.id),
                                           .prompt = lasting(in, line, texts.prompt),
                                           .region = lasting(in, line, texts.region),
                                           .domain = lasting(in, line, texts.domain)},
                                 .file = r->file,
                                 .place = r->place};
    VEC_PUSH(in->records, in->n_records, in->cap, kept);
    in->n_kept++;
    return true;
}

/* As read_lines. */
static bool read_record_lines(struct reader *r, struct str text, struct err *err)
{
    struct jsonl lines;
    struct json_flat flat;
    struct str line;
    struct err ignored;
    bool ok = true;
    jsonl_init(&lines, text, r->file);
    json_flat_init(&flat);
    while (ok && jsonl_next(&lines, &line)) {
        json_t *value = NULL;
        if (is_record_line(&flat, line))
            ok = keep_line(r, line, &flat, err);
        else if (jsonl_parse(&value, &lines, line, &ignored))
            ok = add_value(r, value, 0, 0, err);
        else
            ok = refuse_bytes(r, err);
        json_decref(value);
    }
    json_flat_release(&flat);
    return ok;
}

/* Shall lines be kept, and does the first look as if many could be? */
static bool wants_record_lines(const struct import *in, struct str text)
{
    struct jsonl lines;
    struct json_flat flat;
    struct str line;
    if (!in->options.keep_lines || in->options.unique_ids)
        return false;
    jsonl_init(&lines, text, "");
    json_flat_init(&flat);
    bool is_one = jsonl_next(&lines, &line) && is_record_line(&flat, line);
    json_flat_release(&flat);
    return is_one;
}

static bool is_lines(struct str text)
{
    struct jsonl lines;
    struct str line;
    jsonl_init(&lines, text, "");
    if (!jsonl_next(&lines, &line))
        return false;
    json_t *value = parse_whole(line);
    bool is = value && !json_is_array(value);
    json_decref(value);
    return is;
}

static bool read_lines(struct reader *r, struct str text, struct err *err)
{
    struct jsonl_ahead ahead;
    struct str line;
    json_t *value;
    bool ok = true;
    if (wants_record_lines(r->in, text))
        return read_record_lines(r, text, err);
    jsonl_ahead_init(&ahead, text, r->file);
    while (ok && jsonl_ahead_next(&value, &ahead, &line)) {
        ok = value ? add_value(r, value, 0, 0, err) : refuse_bytes(r, err);
        json_decref(value);
    }
    jsonl_ahead_release(&ahead);
    return ok;
}

/* Whole objects in a broken text. What stands before an object that can be read, and is more than
 * punctuation of a list, is one refused record. */
static bool salvage(struct reader *r, struct str text, struct err *err)
{
    size_t at = 0, effort = 0, n_before = r->in->n_read;
    bool bad = false, ok = true;
    while (ok && (at = str_find(text, str_of("{"), at)) != (size_t)-1 &&
           effort <= SALVAGE_EFFORT * text.len) {
        json_error_t where;
        json_t *value =
            json_loadb(text.ptr + at, text.len - at, JSON_FLAGS | JSON_DISABLE_EOF_CHECK, &where);
        if (!value) {
            effort += where.position > 0 ? (size_t)where.position : 1;
            bad = true;
            at++;
            continue;
        }
        ok = (!bad || refuse_bytes(r, err)) && add_value(r, value, 0, 1, err);
        json_decref(value);
        at += (size_t)where.position;
        bad = false;
    }
    if (ok && (bad || at != (size_t)-1 || r->in->n_read == n_before))
        ok = refuse_bytes(r, err);
    return ok;
}

/* What stands in the next fence; false when there is none after *at. A fence that nothing closes
 * ends with the text. */
static bool next_block(struct str *block, struct str text, size_t *at)
{
    size_t open = str_find(text, str_of("```"), *at);
    size_t line = open == (size_t)-1 ? open : str_find(text, str_of("\n"), open);
    if (line == (size_t)-1)
        return false;
    size_t close = str_find(text, str_of("```"), line);
    *at = close == (size_t)-1 ? text.len : close + 3;
    *block = str_sub(text, line + 1, (close == (size_t)-1 ? text.len : close) - line - 1);
    return true;
}

static bool read_plain(struct reader *r, struct str text, struct err *err)
{
    json_t *value = parse_whole(text);
    bool ok;
    if (value)
        ok = add_value(r, value, 0, 0, err);
    else
        ok = is_lines(text) ? read_lines(r, text, err) : salvage(r, text, err);
    json_decref(value);
    return ok;
}

bool import_text(struct import *in, struct str text, const char *name, struct err *err)
{
    struct reader r = {.in = in, .file = arena_str(&in->arena, str_of(name)).ptr};
    const char *slash = strrchr(r.file, '/'), *base = slash ? slash + 1 : r.file;
    const char *dot = strchr(base, '.');
    r.stem = str_n(base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
    if (text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0)
        text = str_from(text, 3);
    struct str inner = utf8_strip(text), block;
    size_t at = 0, n_blocks = 0;
    if (inner.len == 0)
        return true;
    if (strchr("[{\"", inner.ptr[0]))
        return read_plain(&r, inner, err);
    for (; next_block(&block, inner, &at); n_blocks++)
        if (utf8_strip(block).len > 0 && !read_plain(&r, utf8_strip(block), err))
            return false;
    return n_blocks > 0 || read_plain(&r, inner, err);
}

bool import_file(struct import *in, const char *path, struct err *err)
{
    struct buf bytes, found;
    buf_init(&bytes, IMPORT_FILE_MAX);
    buf_init(&found, BUF_MAX_DEFAULT);
    data_find(&found, path);
    bool ok = file_read(&bytes, found.ptr, err) && import_text(in, buf_str(&bytes), path, err);
    if (in->options.keep_lines)
        VEC_PUSH(in->files, in->n_files, in->files_cap, buf_take(&bytes));
    buf_release(&found);
    buf_release(&bytes);
    return ok;
}

json_t *import_value(const struct import_record *record)
{
    json_t *value;
    struct err err;
    if (record->value)
        return json_incref(record->value);
    if (!json_parse(&value, record->line, record->file, &err))
        BUG("a line that json_flat took for JSON: %s", err.msg);
    return value;
}
