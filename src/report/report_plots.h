/* report_plots.h - which plots a report has, and what an analysis gives them to draw.
 * Does        maps the tree of analysis.h to the plain inputs of plot.h.
 * Threads     no state.
 * Errors      report_plots_save: ERR_IO; drawings already written stay. */
#ifndef REPORT_REPORT_PLOTS_H
#define REPORT_REPORT_PLOTS_H

#include "analysis/analysis.h"
#include "base/buf.h"

enum report_plot {
    REPORT_PLOT_DIFFERENCES,
    REPORT_PLOT_SLOPE,
    REPORT_PLOT_CATEGORIES,
    REPORT_PLOT_SIGNALS,
    REPORT_PLOT_LENGTH,
    REPORT_PLOT_CURVE,
    REPORT_PLOTS
};

/* One plot of the primary metric of a contrast. Returns false, and writes nothing, when it would
 * show nothing. is_inline: within a page that brings svg_style. */
bool report_plot(struct buf *out, const struct analysis *analysis, size_t contrast,
                 enum report_plot which, bool is_inline);

/* All contrasts in one forest plot; of fewer than two there is nothing to show. */
bool report_plot_contrasts(struct buf *out, const struct analysis *analysis, bool is_inline);

/* Every plot as a file of its own in `dir`, which is made: "contrasts.svg", "1-json-slope.svg".
 * Names of contrasts come in as their letters, digits and "-" alone. */
MUST_USE bool report_plots_save(const struct analysis *analysis, const char *dir, struct err *err);

#endif
