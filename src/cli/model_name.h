/* model_name.h - what --model means: a path, or the name of a model in the cache.
 * Does        A text with a slash or a final ".gguf", or one that names an existing file, is a
 *             path; anything else is <cache>/<name>.gguf. The cache is $LEM_CACHE, else
 *             ~/.cache/lem.
 * Errors      ERR_IO for an unknown name: says which names exist and how to fetch the known ones;
 *             ERR_USAGE when there is no home directory to look in. */
#ifndef CLI_MODEL_NAME_H
#define CLI_MODEL_NAME_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* Each `out` is initialised by the caller and is appended to. */
MUST_USE bool cache_dir(struct buf *out, struct err *err);
MUST_USE bool model_name_resolve(struct buf *path, const char *name, struct err *err);

/* Calls fn with each model name in the cache, in byte order; a cache that is not there is empty. */
MUST_USE bool cache_each_model(void (*fn)(void *arg, const char *name), void *arg, struct err *err);

#endif
