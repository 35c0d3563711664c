#include "plot/ticks.h"

#include <math.h>

/* Beyond these a plot shows nothing worth seeing, and arithmetic would overflow or stand still. */
static const double VALUE_MAX = 1e100, WIDTH_MIN = 1e-100;

struct span span_none(void)
{
    return (struct span){INFINITY, -INFINITY};
}

void span_add(struct span *span, double x)
{
    if (!isfinite(x) || fabs(x) > VALUE_MAX)
        return;
    span->low = fmin(span->low, x);
    span->high = fmax(span->high, x);
}

struct span span_usable(struct span span)
{
    if (!(span.low <= span.high))
        return (struct span){0, 1};
    double size = fmax(fabs(span.low), fabs(span.high));
    if (span.high - span.low > fmax(size * 1e-9, WIDTH_MIN))
        return span;
    double half = size > WIDTH_MIN ? size * 0.05 : 0.5;
    return (struct span){span.low - half, span.high + half};
}

/* 1, 2 or 5 times a power of ten, as near `x` as these come. */
static double nice(double x, int *power)
{
    double unit = 1;
    *power = 0;
    for (; x >= 10 * unit; ++*power)
        unit *= 10;
    for (; x < unit; --*power)
        unit /= 10;
    double fraction = x / unit;
    double round = fraction < 1.5 ? 1 : fraction < 3.5 ? 2 : fraction < 7.5 ? 5 : 10;
    *power += round == 10;
    return round * unit;
}

struct ticks ticks_nice(struct span span, size_t wanted)
{
    struct ticks ticks = {0};
    int power;
    span = span_usable(span);
    double slack = (span.high - span.low) * 1e-9; /* a tick that is on the edge but for rounding */
    ticks.step = nice((span.high - span.low) / (double)(wanted > 1 ? wanted - 1 : 1), &power);
    ticks.first = ceil((span.low - slack) / ticks.step) + 0.0;
    ticks.n = (size_t)(floor((span.high + slack) / ticks.step) - ticks.first + 1);
    ticks.decimals = power < 0 ? -power : 0;
    return ticks;
}

struct span span_nice(struct span span, size_t wanted)
{
    span = span_usable(span);
    double step = ticks_nice(span, wanted).step, slack = 1e-9;
    return (struct span){floor(span.low / step + slack) * step,
                         ceil(span.high / step - slack) * step};
}
