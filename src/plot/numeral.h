/* numeral.h - numbers as they are set in print: the one place that decides how.
 * Does        a true minus sign, as wide as a plus; digits grouped in threes from 10,000 on; what
 *             is not finite is an en dash. A value that rounds to zero has no sign. Files for
 *             machines do not go through here.
 * Lifetime    a value: numeral_fixed(x, 2).text lives to the end of the full expression it is in.
 * Threads     no state. */
#ifndef PLOT_NUMERAL_H
#define PLOT_NUMERAL_H

#include <stddef.h>

enum { NUMERAL_MAX = 64 };

struct numeral {
    char text[NUMERAL_MAX]; /* UTF-8 */
};

struct numeral numeral_fixed(double x, int decimals);  /* "-0.30", "12,345.0" */
struct numeral numeral_signed(double x, int decimals); /* the same with + before what is above 0 */
struct numeral numeral_count(size_t n);
struct numeral numeral_percent(double share, int decimals); /* 0.251: "25.1 %" */
/* "0.034"; "< 0.001" below that: more digits of a p value say nothing. */
struct numeral numeral_p(double p);
/* "-0.30 to 2.70"; an en dash where either end is not finite. */
struct numeral numeral_range(double low, double high, int decimals);

#endif
