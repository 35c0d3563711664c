/* pass.h - the chance that some, or all, of k samples of a task are right.
 * Does        unbiased estimates from n samples, c of them right, for k up to n.
 * Assumes     the samples of a task are independent and alike.
 * Threads     no state.
 * Errors      none; NaN unless c <= n and 1 <= k <= n.
 * See         Chen et al. 2021, arXiv 2107.03374 (pass@k); Yao et al. 2024, arXiv 2406.12045
 *             (pass^k). */
#ifndef STAT_PASS_H
#define STAT_PASS_H

#include <stddef.h>

double pass_at_k(size_t n, size_t c, size_t k);  /* 1 - C(n - c, k) / C(n, k): at least one */
double pass_hat_k(size_t n, size_t c, size_t k); /* C(c, k) / C(n, k): all */

#endif
