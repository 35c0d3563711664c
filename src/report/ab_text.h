/* ab_text.h - an A/B run as the original program printed it, line for line.
 * Does        formats what stands before, during and after a run. Runs that the original could not
 *             make (several samples, failed answers) add lines or words of their own and change
 *             none of its.
 * Threads     no state.
 * See         tests/oracle/ab-golden: stderr.txt of each run. */
#ifndef REPORT_AB_TEXT_H
#define REPORT_AB_TEXT_H

#include "base/buf.h"
#include "eval/ab.h"

/* Probes, kernels, conditions, model. */
void ab_text_begin(struct buf *out, const struct ab_options *options);
/* One answer that has come in. */
void ab_text_answer(struct buf *out, const struct ab_options *options,
                    const struct ab_event *event);
/* The table by probe, the averages, duration and output. */
void ab_text_results(struct buf *out, const struct ab *ab);

#endif
