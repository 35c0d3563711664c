/* report_json.h - an analysis as one JSON object.
 * Does        writes the whole tree of analysis.h under fixed names, numbers unrounded, what is
 *             undefined or unknown as null.
 * Lifetime    the value is the caller's (json_decref).
 * See         docs/schema/report.json, which every report is tested against. */
#ifndef REPORT_REPORT_JSON_H
#define REPORT_REPORT_JSON_H

#include <jansson.h>

#include "analysis/analysis.h"

#define REPORT_SCHEMA "lem-report/1"

/* program: version of what wrote it. */
json_t *report_to_json(const struct analysis *analysis, const char *program);

#endif
