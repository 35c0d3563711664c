/* report.c - any bytes as the result of a run: refused with a sentence, or reported on whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "report/report_html.h"
#include "report/report_json.h"
#include "report/report_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_forms(const struct analysis *an)
{
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    report_text(&out, an, (struct report_style){true, true, true});
    report_markdown(&out, an);
    report_csv(&out, an);
    buf_reset(&out);
    report_html(&out, an, "fuzz"); /* every drawing is on it */
    if (!out.full && (strstr(out.ptr, "<script") || !strstr(out.ptr, "</html>")))
        abort();
    buf_release(&out);
    json_decref(report_to_json(an, "fuzz"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run *run = NULL;
    struct analysis *an = NULL;
    struct err err = {0};
    struct analysis_options options = {
        .compare = {.alpha = 0.05, .power = 0.8, .margin = 1, .resample = {.resamples = 100}},
        .n_changes = 2,
        .force = true};
    if (!run_parse(&run, str_n((const char *)data, size), "fuzz", &err))
        return err.code == ERR_NONE || !err.msg[0] ? (abort(), 0) : 0;
    if (analysis_of_runs(&an, &run, 1, &options, &err))
        write_forms(an);
    analysis_free(an);
    run_free(run);
    return 0;
}
