/* grammar.h - the sentences that probes are grown from, read from a folder of plain text files.
 * Does        reads index.txt, which names the files, and every file it names. A file is a list of
 *             blocks. `kind: name` begins one; `section:` begins a list in it; `- text` is a line
 *             of that list, `- text | key = value | ...` one with attributes; `#` begins a comment.
 *             Sections before the first block belong to a block without a kind.
 * Lifetime    grammar_open, grammar_release; all of it belongs to the grammar.
 * Threads     immutable once open.
 * Limits      GRAMMAR_FILE_MAX bytes a file, GRAMMAR_FILES_MAX files, GRAMMAR_LINES_MAX lines in
 *             all.
 * Errors      ERR_IO, ERR_LIMIT, ERR_FORMAT with file and line. The grammar is then empty.
 * See         docs/formats.md, probe grammar. */
#ifndef PROBE_GRAMMAR_H
#define PROBE_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

enum {
    GRAMMAR_FILE_MAX = 1 << 20,
    GRAMMAR_FILES_MAX = 1024,
    GRAMMAR_LINES_MAX = 1 << 16,
    GRAMMAR_ATTRIBUTES_MAX = 8
};

struct grammar_attribute {
    struct str key, value;
};

struct grammar_line {
    struct str text;
    struct grammar_attribute *attributes;
    size_t n_attributes;
    const char *file; /* and number: for messages */
    size_t number;
};

struct grammar_section {
    struct str name;
    struct grammar_line *lines;
    size_t count, cap;
};

struct grammar_block {
    struct str kind, name; /* "" and "" for what stands before the first */
    struct grammar_section *sections;
    size_t n_sections, cap;
    const char *file;
};

struct grammar {
    struct grammar_block *blocks; /* in the order of index.txt */
    size_t n_blocks, cap, n_lines;
    char sha256[SHA256_HEX_LEN + 1]; /* of all files, in that order */
    struct arena arena;
};

MUST_USE bool grammar_open(struct grammar *grammar, const char *folder, struct err *err);
/* Adds the blocks of one text; `name` stands for the file in messages. For tests and tools. */
MUST_USE bool grammar_add(struct grammar *grammar, struct str text, const char *name,
                          struct err *err);
void grammar_release(struct grammar *grammar);

/* The block's section of that name; an empty one when it has none. */
const struct grammar_section *grammar_section(const struct grammar_block *block, const char *name);
/* The value of an attribute; length 0 when the line has none. */
struct str grammar_attribute(const struct grammar_line *line, const char *key);
/* Is one of the words of `tags` among those of the place's `is`? Also when there are none. */
bool grammar_has_tag(const struct grammar_line *place, struct str tags);
/* As err_set with ERR_FORMAT, naming the line's place first. */
bool grammar_fail(const struct grammar_line *line, struct err *err, const char *what);

#endif
