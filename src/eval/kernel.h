/* kernel.h - one system prompt under test, loaded from a file and named.
 * Does        reads `name=path`, or a bare path named by its file stem, as text: UTF-8 checked,
 *             CRLF and CR made LF as Python's text reading does. What the model sees is `text`;
 *             what identifies the kernel is the SHA-256 of the file's own bytes. That names differ
 *             is the business of whoever holds several (condition.h).
 * Lifetime    kernel_load fills a struct that kernel_release frees.
 * Threads     immutable once loaded.
 * Limits      KERNEL_BYTES_MAX. An empty file is an empty kernel, text.len 0: the caller leaves it
 *             out of the conversation.
 * Errors      ERR_USAGE for an empty name or path, a name that is not UTF-8, and the name
 *             "baseline", which means no kernel; ERR_IO, ERR_LIMIT; ERR_FORMAT naming the file,
 *             line and column of a byte that is not UTF-8. The struct is then empty. */
#ifndef EVAL_KERNEL_H
#define EVAL_KERNEL_H

#include <stddef.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "token/tokenizer.h"

enum { KERNEL_BYTES_MAX = 16 << 20 };

#define KERNEL_BASELINE "baseline"

struct kernel {
    char *name, *path; /* path as given; NULL for a text that was made here */
    struct str text;   /* in `memory` */
    size_t chars;      /* code points of text */
    size_t file_bytes; /* before line ends were changed */
    char sha256[SHA256_HEX_LEN + 1];
    char *memory;
};

MUST_USE bool kernel_load(struct kernel *out, const char *spec, struct err *err);
/* A kernel of a text that no file holds; takes the text, which ends in NUL behind len bytes. */
void kernel_take(struct kernel *out, const char *name, char *text, size_t len);
void kernel_release(struct kernel *kernel);

/* How many tokens a kernel's text is by itself: no BOS, and its markers are text. */
MUST_USE bool kernel_tokens(size_t *count, struct str text, const struct tokenizer *tok,
                            struct err *err);

#endif
