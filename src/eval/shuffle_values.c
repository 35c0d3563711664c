/* shuffle_values.c - finds what can change places in a kernel: strings of JSON, sentences of a text.
 *
 * The text of JSON is walked as it stands rather than parsed and written again, because everything
 * that is no value must keep its bytes; a parser has made sure that it is sound before. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "eval/kernel_parts.h"
#include "eval/shuffle_int.h"
#include "text/json.h"
#include "text/utf8.h"

static bool has_words(struct str value, size_t n)
{
    struct str word;
    for (size_t at = 0; n > 0 && shuffle_next_word(&word, value, &at);)
        n--;
    return n == 0;
}

/* A string of the JSON text, and the two groups it could belong to, by name. */
struct leaf {
    size_t start, end;
    struct str own;           /* of its own object or array */
    struct str shared, above; /* of its key in the container above its object, and of that container
                                 alone; ptr NULL: there is none */
    bool in_array;            /* its object lies in an array */
};

/* What encloses the value at hand. */
struct place {
    size_t number, above; /* of this container, of the one around it; 0: none */
    bool is_object, in_array;
    struct str key; /* of the value within an object, with its quotes */
};

struct walk {
    struct str text;
    size_t at;
    struct leaf *leaves;
    size_t n_leaves, cap_leaves;
    size_t n_containers;
    struct map members; /* leaves of a shared group */
    struct map objects; /* that lie directly in a container */
    struct arena names;
};

static void skip_space(struct walk *walk)
{
    while (walk->at < walk->text.len && strchr(" \t\r\n,:", walk->text.ptr[walk->at]) &&
           walk->text.ptr[walk->at])
        walk->at++;
}

/* The string at hand with its quotes. */
static struct str read_string(struct walk *walk)
{
    size_t start = walk->at++;
    while (walk->text.ptr[walk->at] != '"')
        walk->at += walk->text.ptr[walk->at] == '\\' ? 2 : 1;
    walk->at++;
    return str_sub(walk->text, start, walk->at - start);
}

static struct str name_group(struct walk *walk, size_t container, struct str key)
{
    struct buf name;
    buf_init(&name, BUF_MAX_DEFAULT);
    buf_printf(&name, "%zu ", container);
    buf_add_str(&name, key);
    struct str kept = arena_str(&walk->names, buf_str(&name));
    buf_release(&name);
    return kept;
}

static void count(struct map *map, struct str name)
{
    uint32_t before = map_get(map, name);
    map_set(map, name, before == MAP_NONE ? 1 : before + 1);
}

static void add_leaf(struct walk *walk, struct str string, const struct place *in)
{
    size_t start = (size_t)(string.ptr - walk->text.ptr) + 1;
    struct leaf leaf = {.start = start,
                        .end = start + string.len - 2,
                        .own = name_group(walk, in->number, str_of("")),
                        .in_array = in->in_array};
    if (in->is_object && in->above && !str_is(in->key, "\"id\"")) {
        leaf.shared = name_group(walk, in->above, in->key);
        leaf.above = name_group(walk, in->above, str_of(""));
        count(&walk->members, leaf.shared);
    }
    VEC_PUSH(walk->leaves, walk->n_leaves, walk->cap_leaves, leaf);
}

static void walk_value(struct walk *walk, const struct place *in);

static void walk_container(struct walk *walk, const struct place *in)
{
    bool is_object = walk->text.ptr[walk->at++] == '{';
    struct place here = {.number = ++walk->n_containers,
                         .above = in->number,
                         .is_object = is_object,
                         .in_array = in->number && !in->is_object};
    if (is_object && in->number)
        count(&walk->objects, name_group(walk, in->number, str_of("")));
    for (skip_space(walk); walk->text.ptr[walk->at] != (is_object ? '}' : ']'); skip_space(walk)) {
        if (is_object) {
            here.key = read_string(walk);
            skip_space(walk);
        }
        walk_value(walk, &here);
    }
    walk->at++;
}

static void walk_value(struct walk *walk, const struct place *in)
{
    char c = walk->text.ptr[walk->at];
    if (c == '{' || c == '[') {
        walk_container(walk, in);
    } else if (c == '"') {
        add_leaf(walk, read_string(walk), in);
    } else {
        while (walk->at < walk->text.len && !strchr(" \t\r\n,:]}", walk->text.ptr[walk->at]))
            walk->at++;
    }
}

/* A shared group counts where its key belongs to a kind of things rather than to one: in the objects
 * of an array, or in all objects of an object. */
static bool is_shared(const struct walk *walk, const struct leaf *leaf)
{
    if (!leaf->shared.ptr)
        return false;
    uint32_t members = map_get(&walk->members, leaf->shared);
    return members > 1 && (leaf->in_array || members == map_get(&walk->objects, leaf->above));
}

/* A group is named by its first value. */
static void add_value(struct shuffle *out, struct map *groups, size_t start, size_t end,
                      struct str group)
{
    struct shuffle_value value = {start, end, out->count};
    if (!map_add(groups, group, (uint32_t)out->count))
        value.group = map_get(groups, group);
    VEC_PUSH(out->values, out->count, out->cap, value);
}

static void read_json(struct shuffle *out, struct str text)
{
    struct walk walk = {.text = text};
    struct map groups = {0};
    struct place outside = {0};
    for (skip_space(&walk); walk.at < text.len; skip_space(&walk))
        walk_value(&walk, &outside);
    for (size_t i = 0; i < walk.n_leaves; i++) {
        const struct leaf *leaf = &walk.leaves[i];
        bool shared = is_shared(&walk, leaf);
        if (shared || has_words(str_sub(text, leaf->start, leaf->end - leaf->start), 2))
            add_value(out, &groups, leaf->start, leaf->end, shared ? leaf->shared : leaf->own);
    }
    free(walk.leaves);
    map_release(&walk.members);
    map_release(&walk.objects);
    map_release(&groups);
    arena_release(&walk.names);
}

/* What stands before the words of a line: blanks, then a bullet, a number, marks of a heading or of
 * a quotation. */
static size_t skip_marker(struct str line)
{
    size_t at = 0, end;
    while (at < line.len && (is_blank(line.ptr[at]) || line.ptr[at] == '>'))
        at++;
    for (end = at; end < line.len && line.ptr[end] >= '0' && line.ptr[end] <= '9';)
        end++;
    if (end > at && end < line.len && (line.ptr[end] == '.' || line.ptr[end] == ')'))
        end++;
    else
        for (end = at; end < line.len && strchr("#*+-", line.ptr[end]) && line.ptr[end];)
            end++;
    if (end == at || end == line.len || !is_blank(line.ptr[end]))
        return at;
    while (end < line.len && is_blank(line.ptr[end]))
        end++;
    return end;
}

static bool is_full_stop(uint32_t cp)
{
    return cp == 0x3002 || cp == 0xFF01 || cp == 0xFF1F; /* of Chinese and Japanese */
}

/* Where the sentence that begins at `at` ends: behind a mark with a blank after it, or the line. */
static size_t sentence_end(struct str line, size_t at)
{
    while (at < line.len) {
        uint32_t cp = utf8_next(line, &at);
        bool mark = cp == '.' || cp == '!' || cp == '?';
        if (is_full_stop(cp) || (mark && at < line.len && is_blank(line.ptr[at])))
            break;
    }
    return at;
}

static void read_line(struct shuffle *out, struct map *groups, size_t start, struct str line)
{
    struct str whole = str_n(line.ptr, utf8_rstrip(line).len);
    for (size_t at = skip_marker(whole), end; at < whole.len; at = end) {
        while (at < whole.len && is_blank(whole.ptr[at]))
            at++;
        end = sentence_end(whole, at);
        add_value(out, groups, start + at, start + end, str_of("sentences"));
    }
}

static void read_prose(struct shuffle *out, struct str text)
{
    struct map groups = {0};
    for (size_t at = 0; at < text.len;) {
        const char *stop = memchr(text.ptr + at, '\n', text.len - at);
        size_t end = stop ? (size_t)(stop - text.ptr) : text.len;
        read_line(out, &groups, at, str_sub(text, at, end - at));
        at = end + 1;
    }
    map_release(&groups);
}

/* JSON is what begins with an object, and must then be sound, or one sound array. */
static bool find_form(bool *is_json, struct str text, const char *name, struct err *err)
{
    struct kernel_parts parts;
    struct err ignored = {0};
    json_t *array = NULL;
    bool ok = kernel_parts_read(&parts, text, name, err);
    *is_json = ok && parts.count > 0;
    kernel_parts_release(&parts);
    struct str body = utf8_strip(text);
    if (ok && body.len > 0 && body.ptr[0] == '[')
        *is_json = json_parse(&array, body, name, &ignored);
    json_decref(array);
    return ok;
}

/* Something can change places: two values of one group, or two words behind the first of a value. */
static bool can_change(const struct shuffle *shuffle)
{
    for (size_t v = 0; v < shuffle->count; v++) {
        const struct shuffle_value *value = &shuffle->values[v];
        if (value->group != v ||
            has_words(str_sub(shuffle->text, value->start, value->end - value->start), 3))
            return true;
    }
    return false;
}

bool shuffle_read(struct shuffle *out, struct str text, const char *name, struct err *err)
{
    bool is_json;
    *out = (struct shuffle){.text = text};
    if (!find_form(&is_json, text, name, err))
        return false;
    if (is_json)
        read_json(out, text);
    else
        read_prose(out, text);
    if (can_change(out))
        return true;
    shuffle_release(out);
    return err_set(err, ERR_UNSUPPORTED,
                   "%s: nothing to shuffle: it has neither two sentences nor three words in one",
                   name);
}
