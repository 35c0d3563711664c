/* grammar.c - see grammar.h. */
#include "probe/grammar.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/vec.h"
#include "os/file.h"
#include "text/utf8.h"

struct reader {
    struct grammar *grammar;
    const char *file;
    size_t number;
    struct grammar_block *block; /* NULL until the file's first */
};

static bool fail_at(const struct reader *in, struct err *err, const char *what)
{
    return err_set(err, ERR_FORMAT, "%s: line %zu: %s", in->file, in->number, what);
}

bool grammar_fail(const struct grammar_line *line, struct err *err, const char *what)
{
    return err_set(err, ERR_FORMAT, "%s: line %zu: %s", line->file, line->number, what);
}

static struct grammar_block *add_block(struct reader *in, struct str kind, struct str name)
{
    struct grammar *g = in->grammar;
    struct grammar_block block = {.kind = kind, .name = name, .file = in->file};
    VEC_PUSH(g->blocks, g->n_blocks, g->cap, block);
    in->block = &g->blocks[g->n_blocks - 1];
    return in->block;
}

static bool add_attribute(struct reader *in, struct grammar_line *line, struct str text,
                          struct err *err)
{
    size_t equals = str_find(text, str_of("="), 0);
    if (equals == (size_t)-1)
        return fail_at(in, err, "an attribute is written \"| key = value\"");
    if (line->n_attributes == GRAMMAR_ATTRIBUTES_MAX)
        return fail_at(in, err, "too many attributes");
    if (!line->attributes)
        line->attributes =
            arena_alloc(&in->grammar->arena, GRAMMAR_ATTRIBUTES_MAX, sizeof *line->attributes);
    line->attributes[line->n_attributes++] = (struct grammar_attribute){
        utf8_strip(str_n(text.ptr, equals)), utf8_strip(str_from(text, equals + 1))};
    return true;
}

static bool add_line(struct reader *in, struct str text, struct err *err)
{
    struct grammar_line line = {.file = in->file, .number = in->number};
    if (!in->block || in->block->n_sections == 0)
        return fail_at(in, err, "a line of a list, but no list has begun");
    if (in->grammar->n_lines == GRAMMAR_LINES_MAX)
        return err_set(err, ERR_LIMIT, "%s: more than %d lines", in->file, GRAMMAR_LINES_MAX);
    bool is_text = true;
    for (size_t at = 0; at <= text.len;) {
        size_t bar = str_find(text, str_of(" | "), at);
        size_t end = bar == (size_t)-1 ? text.len : bar;
        struct str part = utf8_strip(str_sub(text, at, end - at));
        if (is_text)
            line.text = part;
        else if (!add_attribute(in, &line, part, err))
            return false;
        is_text = false;
        at = bar == (size_t)-1 ? text.len + 1 : bar + 3;
    }
    if (line.text.len == 0)
        return fail_at(in, err, "an empty line of a list");
    struct grammar_section *section = &in->block->sections[in->block->n_sections - 1];
    VEC_PUSH(section->lines, section->count, section->cap, line);
    in->grammar->n_lines++;
    return true;
}

/* "section:" or "kind: name". */
static bool add_heading(struct reader *in, struct str text, struct err *err)
{
    size_t colon = str_find(text, str_of(":"), 0);
    if (colon == (size_t)-1 || colon == 0)
        return fail_at(in, err, "neither \"- text\" nor \"section:\" nor \"kind: name\"");
    struct str key = str_n(text.ptr, colon), name = utf8_strip(str_from(text, colon + 1));
    if (name.len > 0) {
        add_block(in, key, name);
        return true;
    }
    struct grammar_block *block = in->block ? in->block : add_block(in, str_of(""), str_of(""));
    struct grammar_section section = {.name = key};
    VEC_PUSH(block->sections, block->n_sections, block->cap, section);
    return true;
}

bool grammar_add(struct grammar *grammar, struct str text, const char *name, struct err *err)
{
    struct reader in = {.grammar = grammar, .file = arena_str(&grammar->arena, str_of(name)).ptr};
    struct str line, kept;
    if (!utf8_is_valid(text))
        return err_set(err, ERR_FORMAT, "%s: byte %zu is not UTF-8", name, utf8_check(text));
    kept = arena_str(&grammar->arena, text);
    for (size_t at = 0; utf8_line(&line, kept, &at);) {
        in.number++;
        line = utf8_strip(line);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        bool ok = str_starts(line, str_of("- ")) ? add_line(&in, str_from(line, 2), err)
                                                 : add_heading(&in, line, err);
        if (!ok)
            return false;
    }
    return true;
}

static bool add_file(struct grammar *grammar, struct sha256 *sha, const char *folder,
                     struct str name, struct err *err)
{
    struct buf path, bytes;
    buf_init(&path, BUF_MAX_DEFAULT);
    buf_init(&bytes, GRAMMAR_FILE_MAX);
    buf_printf(&path, "%s/%.*s", folder, STR_ARG(name));
    bool ok =
        file_read(&bytes, path.ptr, err) && grammar_add(grammar, buf_str(&bytes), path.ptr, err);
    sha256_add(sha, buf_str(&bytes).ptr, bytes.len);
    buf_release(&path);
    buf_release(&bytes);
    return ok;
}

bool grammar_open(struct grammar *grammar, const char *folder, struct err *err)
{
    struct sha256 sha;
    *grammar = (struct grammar){0};
    sha256_begin(&sha);
    bool ok = add_file(grammar, &sha, folder, str_of("index.txt"), err);
    if (ok && grammar->n_lines > GRAMMAR_FILES_MAX)
        ok = err_set(err, ERR_LIMIT, "%s/index.txt: more than %d files", folder, GRAMMAR_FILES_MAX);
    if (ok && (grammar->n_blocks != 1 || grammar->blocks[0].n_sections != 1))
        ok = err_set(err, ERR_FORMAT, "%s/index.txt: one list of files was expected", folder);
    struct grammar_section files = {0};
    if (ok)
        files = grammar->blocks[0].sections[0];
    for (size_t i = 0; ok && i < files.count; i++)
        ok = add_file(grammar, &sha, folder, files.lines[i].text, err);
    sha256_end(&sha, grammar->sha256);
    if (!ok)
        grammar_release(grammar);
    return ok;
}

void grammar_release(struct grammar *grammar)
{
    for (size_t i = 0; i < grammar->n_blocks; i++) {
        for (size_t j = 0; j < grammar->blocks[i].n_sections; j++)
            free(grammar->blocks[i].sections[j].lines);
        free(grammar->blocks[i].sections);
    }
    free(grammar->blocks);
    arena_release(&grammar->arena);
    *grammar = (struct grammar){0};
}

const struct grammar_section *grammar_section(const struct grammar_block *block, const char *name)
{
    static const struct grammar_section none = {0};
    for (size_t i = 0; i < block->n_sections; i++)
        if (str_is(block->sections[i].name, name))
            return &block->sections[i];
    return &none;
}

struct str grammar_attribute(const struct grammar_line *line, const char *key)
{
    for (size_t i = 0; i < line->n_attributes; i++)
        if (str_is(line->attributes[i].key, key))
            return line->attributes[i].value;
    return str_n("", 0);
}

/* The next word of a list with spaces, false at its end. */
static bool next_tag(struct str *tag, struct str list, size_t *at)
{
    while (*at < list.len && list.ptr[*at] == ' ')
        ++*at;
    size_t start = *at;
    while (*at < list.len && list.ptr[*at] != ' ')
        ++*at;
    *tag = str_sub(list, start, *at - start);
    return tag->len > 0;
}

bool grammar_has_tag(const struct grammar_line *place, struct str tags)
{
    struct str own = grammar_attribute(place, "is"), tag, mine;
    for (size_t at = 0; next_tag(&tag, tags, &at);)
        for (size_t i = 0; next_tag(&mine, own, &i);)
            if (str_eq(tag, mine))
                return true;
    return tags.len == 0;
}
