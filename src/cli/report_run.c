#include "cli/report_run.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "base/mem.h"
#include "cli/exit.h"
#include "cli/version.h"
#include "os/file.h"
#include "report/report_html.h"
#include "report/report_json.h"
#include "report/report_plots.h"
#include "report/report_text.h"
#include "text/json.h"

#define REPORT_BYTES_MAX ((size_t)1 << 32)
#define NUMBER_MAX       1e9

const struct flag_spec FLAGS_REPORT_METHOD[] = {
    {.name = "primary",
     .kind = FLAG_STRING,
     .value = "METRIC",
     .preset = "v2-ab",
     .help = "the one metric that was declared: a scorer, SCORER.FIELD, or stored"},
    {.name = "margin",
     .kind = FLAG_DOUBLE,
     .value = "X",
     .max = NUMBER_MAX,
     .help = "differences below this count as equivalent; 0 declares none"},
    {.name = "alpha",
     .kind = FLAG_DOUBLE,
     .value = "A",
     .preset = "0.05",
     .min = 0.0001,
     .max = 0.5,
     .help = "chance of a false finding; intervals are at 1 - A"},
    {.name = "bootstrap",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "10000",
     .min = 100,
     .max = RESAMPLES_MAX,
     .help = "resamples of bootstrap and permutation"},
    {.name = "adjust",
     .kind = FLAG_STRING,
     .value = "HOW",
     .preset = "holm",
     .help = "for many comparisons: holm, bh or none"},
    {.name = "seed",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "0",
     .max = 9007199254740992.0,
     .help = "of the resampling"},
    {.name = "threads",
     .letter = 't',
     .kind = FLAG_U64,
     .value = "N",
     .max = THREADS_MAX,
     .help = "threads (default: all processors); changes no number"},
    {.name = "kernel",
     .letter = 'k',
     .kind = FLAG_LIST,
     .value = "NAME=PATH",
     .argv_only = true,
     .help = "a condition's kernel, where the run does not say where it is"},
    {.name = NULL},
};

const struct flag_spec FLAGS_REPORT_FORMS[] = {
    {.name = "by",
     .kind = FLAG_STRING,
     .value = "WHAT",
     .help = "also print tables by category, signal, or both: category,signal"},
    {.name = "changes",
     .kind = FLAG_U64,
     .value = "N",
     .preset = "10",
     .max = ANALYSIS_CHANGES_MAX,
     .help = "regressions and improvements to keep, each"},
    {.name = "json",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write everything as JSON; - is standard output, in place of the tables"},
    {.name = "md",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write Markdown, with the texts of regressions and improvements"},
    {.name = "csv",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write CSV, one row a number"},
    {.name = "html",
     .kind = FLAG_PATH,
     .value = "FILE",
     .argv_only = true,
     .help = "write one page with plots and the texts of regressions and improvements"},
    {.name = "plots",
     .kind = FLAG_PATH,
     .value = "DIR",
     .argv_only = true,
     .help = "write every plot into this folder, as SVG"},
    {.name = "fail-on",
     .kind = FLAG_STRING,
     .value = "WHAT",
     .help = "exit with 10 on a regression, or 11 when inconclusive; both: "
             "regression,inconclusive"},
    {.name = NULL},
};

/* ---- options ---- */

/* One of the words of a comma-separated list; false names the word that is unknown. */
static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; at && (at = strstr(at, word)); at += len) {
        bool starts = at == list || at[-1] == ',';
        if (starts && (at[len] == ',' || at[len] == '\0'))
            return true;
    }
    return false;
}

static bool check_words(const char *flag, const char *list, const char *first, const char *second,
                        struct err *err)
{
    struct str rest = str_of(list ? list : "");
    while (rest.len) {
        size_t comma = size_min(str_find(rest, str_of(","), 0), rest.len);
        struct str word = str_n(rest.ptr, comma);
        if (!str_is(word, first) && !str_is(word, second))
            return err_set(err, ERR_USAGE, "--%s takes %s, %s, or both with a comma, not \"%.*s\"",
                           flag, first, second, STR_ARG(word));
        rest = str_from(rest, size_min(comma + 1, rest.len));
    }
    return true;
}

static bool read_adjust(enum adjust *out, const char *how, struct err *err)
{
    for (*out = ADJUST_HOLM; *out <= ADJUST_NONE; ++*out)
        if (strcmp(how, adjust_name(*out)) == 0)
            return true;
    return err_set(err, ERR_USAGE, "--adjust is holm, bh or none, not \"%s\"", how);
}

/* An output that is one of the inputs is a slip of the hand, and would cost the run. */
static bool check_outputs(const struct flags *flags, struct err *err)
{
    static const char *const forms[] = {"json", "md", "csv", "html"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const char *path = flags_str(flags, forms[i]);
        for (size_t k = 0; path && k < flags->n_args; k++)
            if (strcmp(path, flags->args[k]) == 0)
                return err_set(err, ERR_USAGE, "--%s would write over the run %s", forms[i], path);
    }
    return true;
}

static bool read_options(struct analysis_options *out, const struct flags *flags, bool force,
                         struct err *err)
{
    *out = (struct analysis_options){
        .primary = flags_str(flags, "primary"),
        .compare = {.margin = flags_double(flags, "margin"),
                    .alpha = flags_double(flags, "alpha"),
                    .power = 0.8,
                    .resample = {.seed = flags_u64(flags, "seed"),
                                 .resamples = (size_t)flags_u64(flags, "bootstrap")}},
        .n_changes = (size_t)flags_u64(flags, "changes"),
        .force = force};
    out->kernels = flags_list(flags, "kernel", &out->n_kernels);
    return read_adjust(&out->adjust, flags_str(flags, "adjust"), err) &&
           check_words("by", flags_str(flags, "by"), "category", "signal", err) &&
           check_words("fail-on", flags_str(flags, "fail-on"), "regression", "inconclusive", err) &&
           check_outputs(flags, err);
}

/* ---- forms ---- */

static bool write_form(const struct console *con, const char *path, const struct buf *text,
                       struct err *err)
{
    if (text->full)
        return err_set(err, ERR_LIMIT, "the report would be larger than %zu bytes", text->max);
    if (strcmp(path, "-") == 0)
        console_print(con, buf_str(text));
    return strcmp(path, "-") == 0 || file_write_atomic(path, buf_str(text), err);
}

static bool write_json(const struct console *con, const char *path, const struct analysis *an,
                       struct err *err)
{
    struct buf text;
    json_t *report = report_to_json(an, version_string());
    buf_init(&text, REPORT_BYTES_MAX);
    json_format(&text, report, (struct json_style){.ascii = true, .indent = 1});
    buf_putc(&text, '\n');
    bool ok = write_form(con, path, &text, err);
    buf_release(&text);
    json_decref(report);
    return ok;
}

static bool write_text(const struct console *con, const char *path, const struct analysis *an,
                       void (*form)(struct buf *, const struct analysis *), struct err *err)
{
    struct buf text;
    buf_init(&text, REPORT_BYTES_MAX);
    form(&text, an);
    bool ok = write_form(con, path, &text, err);
    buf_release(&text);
    return ok;
}

static void write_html(struct buf *out, const struct analysis *an)
{
    report_html(out, an, version_string());
}

static bool takes_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static bool deliver(const struct flags *flags, const struct console *con, const struct analysis *an,
                    struct err *err)
{
    const char *json = flags_str(flags, "json"), *md = flags_str(flags, "md"),
               *csv = flags_str(flags, "csv"), *html = flags_str(flags, "html"),
               *plots = flags_str(flags, "plots");
    struct report_style style = {.categories = has_word(flags_str(flags, "by"), "category"),
                                 .signals = has_word(flags_str(flags, "by"), "signal"),
                                 .detail = flags_bool(flags, "verbose")};
    if (!takes_stdout(json) && !takes_stdout(md) && !takes_stdout(csv) && !takes_stdout(html)) {
        struct buf text;
        buf_init(&text, REPORT_BYTES_MAX);
        report_text(&text, an, style);
        console_print(con, buf_str(&text));
        buf_release(&text);
    }
    return (!json || write_json(con, json, an, err)) &&
           (!md || write_text(con, md, an, report_markdown, err)) &&
           (!csv || write_text(con, csv, an, report_csv, err)) &&
           (!html || write_text(con, html, an, write_html, err)) &&
           (!plots || report_plots_save(an, plots, err));
}

static int status_of(const struct flags *flags, const struct analysis *an)
{
    const char *fail_on = flags_str(flags, "fail-on");
    if (has_word(fail_on, "regression") && analysis_has_regression(an))
        return EXIT_REGRESSION;
    if (has_word(fail_on, "inconclusive") && analysis_is_inconclusive(an))
        return EXIT_INCONCLUSIVE;
    return EXIT_OK;
}

int report_run(const struct flags *flags, struct console *con, bool as_pair, bool force)
{
    struct analysis_options options;
    struct analysis *an = NULL;
    struct err err = {0};
    struct run **runs = mem_zalloc(flags->n_args, sizeof *runs);
    bool ok = read_options(&options, flags, force, &err);
    for (size_t i = 0; ok && i < flags->n_args; i++)
        ok = run_load(&runs[i], flags->args[i], &err);
    options.compare.resample.pool = ok ? pool_create(flags_u64(flags, "threads")) : NULL;
    if (ok)
        ok = as_pair ? analysis_of_pair(&an, runs, &options, &err)
                     : analysis_of_runs(&an, runs, flags->n_args, &options, &err);
    int status = ok ? status_of(flags, an) : console_fail(con, &err);
    if (ok && !deliver(flags, con, an, &err)) {
        console_fail(con, &err);
        status = EXIT_FAILED;
    }
    analysis_free(an);
    if (options.compare.resample.pool)
        pool_free(options.compare.resample.pool);
    for (size_t i = 0; i < flags->n_args; i++)
        run_free(runs[i]);
    free(runs);
    return status;
}
