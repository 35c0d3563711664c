/* imprint_file.h - a grammar imprint kept as JSON, to compare answers with.
 * Does        reads the object the original's library writes: VerbDistribution, TenseDistribution,
 *             NounDistribution, ArticleUsage, PunctuationPattern (name: share), PluralRatio,
 *             TokenCount; other members are left alone. Shares are taken as they stand.
 * Threads     no state.
 * Limits      IMPRINT_FILE_MAX bytes.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT naming the file and the member. */
#ifndef GRAMMAR_IMPRINT_FILE_H
#define GRAMMAR_IMPRINT_FILE_H

#include "grammar/imprint.h"

enum { IMPRINT_FILE_MAX = 64 << 20 };

/* Replaces what was in `imprint`, which was initialised. */
MUST_USE bool imprint_read(struct imprint *imprint, const char *path, struct err *err);

#endif
