/* report_verdict.c - see report_verdict.h. */
#include "report/report_verdict.h"

#include <math.h>

const struct finding *finding_primary(const struct analysis *an, const struct contrast *c)
{
    return &c->findings[an->primary];
}

struct interval finding_interval(const struct finding *f)
{
    return isnan(f->numbers.bootstrap.bca.low) ? f->numbers.bootstrap.percentile
                                               : f->numbers.bootstrap.bca;
}

void report_verdict(struct buf *out, const struct analysis *an, const struct contrast *c)
{
    const struct finding *f = finding_primary(an, c);
    struct interval range = finding_interval(f);
    double level = 100 * (1 - an->options.compare.alpha);
    buf_add_str(out, c->name);
    buf_printf(out, ": %s. ", verdict_name(f->verdict));
    if (c->n_pairs == 0) {
        buf_puts(out, "No probe was answered on both sides.\n");
        return;
    }
    buf_printf(out, "%s %.2f -> %.2f, difference %+.2f", an->metrics[f->metric].name.ptr,
               f->numbers.mean_a, f->numbers.mean_b, f->numbers.t.mean);
    if (isfinite(range.low))
        buf_printf(out, " (%g %% interval %+.2f .. %+.2f)", level, range.low, range.high);
    buf_printf(out, ", p = %.3g", f->numbers.sign_flip.p);
    if (an->n_declared > 1 && an->options.adjust != ADJUST_NONE)
        buf_printf(out, ", %.3g adjusted for %zu", f->p_adjusted, an->n_declared);
    buf_printf(out, "; %zu probes x %zu.", c->n_pairs, c->samples);
    if (f->verdict == VERDICT_INCONCLUSIVE && isfinite(f->numbers.minimum_detectable))
        buf_printf(out, " A difference of %.2f would have been found %g times in 10.",
                   f->numbers.minimum_detectable, 10 * an->options.compare.power);
    buf_putc(out, '\n');
}
