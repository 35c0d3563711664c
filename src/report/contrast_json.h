/* contrast_json.h - one contrast of an analysis as JSON: its findings, forests, controls and changes.
 * Lifetime    the values are the caller's (json_decref).
 * See         report_json.h, which writes the rest. */
#ifndef REPORT_CONTRAST_JSON_H
#define REPORT_CONTRAST_JSON_H

#include <jansson.h>

#include "analysis/analysis.h"

json_t *contrast_to_json(const struct analysis *analysis, const struct contrast *contrast);
/* What groups (categories, runs) have in common, and whether they differ. */
json_t *pool_to_json(const struct group_pool *pool);

#endif
