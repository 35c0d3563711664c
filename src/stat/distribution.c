#include "stat/distribution.h"

#include <math.h> /* only fabs, sqrt, floor, ceil: exact or correctly rounded */
#include <stddef.h>

#include "kern/detmath.h"

#define HALF_LOG_2PI 0.91893853320467274178
#define TINY         1e-300 /* keeps Lentz's ratios from dividing by zero */
#define EPSILON      1e-16

enum { FRACTION_TERMS_MAX = 20000, BISECTIONS = 200 };

double gamma_log(double x)
{
    /* Stirling's series, B(2k) / (2k (2k - 1) x^(2k - 1)); from x = 12 on its error is below 1e-17.
     */
    static const double C[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                               1.0 / 1188, -691.0 / 360360, 1.0 / 156};
    double product = 1;
    if (!(x > 0))
        return NAN;
    while (x < 12) {
        product *= x;
        x += 1;
    }
    double inverse = 1 / x, square = inverse * inverse, sum = 0;
    for (int i = (int)(sizeof C / sizeof *C) - 1; i >= 0; i--)
        sum = sum * square + C[i];
    return (x - 0.5) * det_log(x) - x + HALF_LOG_2PI + sum * inverse - det_log(product);
}

static double gamma_lower_series(double a, double x)
{
    double term = 1 / a, sum = term;
    for (int n = 1; n < FRACTION_TERMS_MAX && term > sum * EPSILON; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return sum;
}

/* Lentz's method on Q's continued fraction, contracted to even terms. */
static double gamma_upper_fraction(double a, double x)
{
    double b = x + 1 - a, c = 1 / TINY, d = 1 / b, f = d;
    for (int n = 1; n < FRACTION_TERMS_MAX; n++) {
        double an = -n * (n - a);
        b += 2;
        d = an * d + b;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = b + an / c;
        c = fabs(c) < TINY ? TINY : c;
        f *= c * d;
        if (fabs(c * d - 1) < EPSILON)
            break;
    }
    return f;
}

double gamma_upper(double a, double x)
{
    if (!(a > 0) || !(x >= 0))
        return NAN;
    if (x == 0)
        return 1;
    double front = det_exp(a * det_log(x) - x - gamma_log(a));
    if (x < a + 1)
        return 1 - front * gamma_lower_series(a, x);
    return front == 0 ? 0 : front * gamma_upper_fraction(a, x);
}

static double beta_fraction(double x, double a, double b)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < TINY ? TINY : d);
    double f = d;
    for (int m = 1; m < FRACTION_TERMS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double step = 1;
        for (int half = 0; half < 2; half++) {
            double coefficient = half ? odd : even;
            d = 1 + coefficient * d;
            d = 1 / (fabs(d) < TINY ? TINY : d);
            c = 1 + coefficient / c;
            c = fabs(c) < TINY ? TINY : c;
            step *= c * d;
            f *= c * d;
        }
        if (fabs(step - 1) < EPSILON)
            break;
    }
    return f;
}

/* I_x(a, b) with y = 1 - x given apart: near x = 1 the difference has no digits left. */
static double beta_split(double x, double y, double a, double b)
{
    if (!(a > 0) || !(b > 0) || !(x >= 0) || !(y >= 0))
        return NAN;
    if (x == 0 || y == 0)
        return x == 0 ? 0 : 1;
    double front =
        det_exp(a * det_log(x) + b * det_log(y) + gamma_log(a + b) - gamma_log(a) - gamma_log(b));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(x, a, b) / a;
    return 1 - front * beta_fraction(y, b, a) / b;
}

double beta_lower(double x, double a, double b)
{
    return beta_split(x, 1 - x, a, b);
}

double normal_cdf(double z)
{
    double upper = gamma_upper(0.5, z * z / 2) / 2;
    return z > 0 ? 1 - upper : upper;
}

double t_two_sided(double t, double df)
{
    double square = t * t, sum = df + square;
    if (isinf(square))
        return 0;
    return beta_split(df / sum, square / sum, df / 2, 0.5);
}

double t_upper(double t, double df)
{
    double tail = t_two_sided(t, df) / 2;
    return t > 0 ? tail : 1 - tail;
}

/* The point where an upper tail area, falling from 1/2 at 0, is p <= 1/2. */
static double tail_point(double (*tail)(double x, double df), double df, double p)
{
    double low = 0, high = 1;
    while (tail(high, df) > p && high < 1e300)
        high *= 2;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;
        if (middle == low || middle == high)
            break;
        if (tail(middle, df) > p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static double normal_tail(double z, double df)
{
    (void)df;
    return normal_cdf(-z);
}

double normal_quantile(double p)
{
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? (double)-INFINITY : (double)INFINITY;
    return p < 0.5 ? -tail_point(normal_tail, 0, p) : tail_point(normal_tail, 0, 1 - p);
}

double t_quantile(double p, double df)
{
    if (!(p > 0 && p < 1) || !(df > 0))
        return NAN;
    return p < 0.5 ? -tail_point(t_upper, df, p) : tail_point(t_upper, df, 1 - p);
}

/* I_x(a, b) for a, a + 1, a + 2, ...: each is the one before less x^a y^b / (a B(a, b)). */
struct beta_steps {
    double x, a, b, area, step;
};

static struct beta_steps beta_begin(double x, double y, double a, double b)
{
    double log_step =
        a * det_log(x) + b * det_log(y) + gamma_log(a + b) - gamma_log(a + 1) - gamma_log(b);
    return (struct beta_steps){x, a, b, beta_split(x, y, a, b), det_exp(log_step)};
}

static void beta_next(struct beta_steps *s)
{
    s->area -= s->step;
    s->step *= s->x * (s->a + s->b) / (s->a + 1);
    s->a += 1;
}

/* AS 243: a Poisson mixture of incomplete betas. With h = delta^2 / 2 the weights are those of a
 * Poisson variable with mean h, so only terms within a few standard deviations of it count;
 * beginning there by logarithms keeps large delta from underflowing. */
static double noncentral_sum(double x, double y, double df, double delta)
{
    double h = delta * delta / 2, log_h = det_log(h), spread = 10 * sqrt(h) + 25, sum = 0;
    double last = ceil(h + spread), j = floor(h - spread);
    j = j > 0 ? j : 0;
    double even = det_exp(j * log_h - h - gamma_log(j + 1));
    double odd = det_exp((j + 0.5) * log_h - h - gamma_log(j + 1.5));
    struct beta_steps at_even = beta_begin(x, y, j + 0.5, df / 2);
    struct beta_steps at_odd = beta_begin(x, y, j + 1, df / 2);
    for (size_t left = (size_t)(last - j) + 1; left > 0; left--) {
        sum += even * at_even.area + (delta < 0 ? -odd : odd) * at_odd.area;
        even *= h / (j + 1);
        odd *= h / (j + 1.5);
        j += 1;
        beta_next(&at_even);
        beta_next(&at_odd);
    }
    return sum;
}

double t_noncentral_cdf(double t, double df, double delta)
{
    if (!(df > 0) || isnan(t) || !(fabs(delta) <= T_DELTA_MAX))
        return NAN;
    if (t < 0)
        return 1 - t_noncentral_cdf(-t, df, -delta);
    if (fabs(delta) < 1e-10) /* the first-order term is below the accuracy promised */
        return 1 - t_upper(t, df);
    double square = t * t, total = df + square;
    return normal_cdf(-delta) + noncentral_sum(square / total, df / total, df, delta) / 2;
}

double binomial_cdf(double k, double n, double p)
{
    if (!(p >= 0 && p <= 1) || !(n >= 0))
        return NAN;
    if (k < 0)
        return 0;
    k = floor(k);
    return k >= n ? 1 : beta_split(1 - p, p, n - k, k + 1);
}
