#include "stat/wilcoxon.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stat/distribution.h"

enum { RANK_SUM_MAX = WILCOXON_EXACT_MAX * (WILCOXON_EXACT_MAX + 1) / 2 };

/* Of the 2^n sign patterns, how many give each rank sum: rank r is in the sum or not. All counts
 * are whole numbers below 2^50, so doubles hold them exactly. */
static double exact_p(size_t n, size_t w)
{
    double ways[RANK_SUM_MAX + 1] = {1};
    size_t total = n * (n + 1) / 2;
    for (size_t r = 1; r <= n; r++)
        for (size_t s = r * (r + 1) / 2; s >= r; s--)
            ways[s] += ways[s - r];
    size_t lesser = w < total - w ? w : total - w; /* the distribution is symmetric */
    double count = 0;
    for (size_t s = 0; s <= lesser; s++)
        count += ways[s];
    return fmin(1, 2 * count / (double)((uint64_t)1 << n));
}

static double normal_p(double n, double w_plus, double ties)
{
    double mean = n * (n + 1) / 4, variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48;
    return 2 * normal_cdf(-fabs(w_plus - mean) / sqrt(variance));
}

struct wilcoxon wilcoxon(const double *d, size_t n)
{
    struct wilcoxon test = {.p = 1, .rank_biserial = NAN};
    double *size = mem_zalloc(2 * n + 1, sizeof *size), *rank = size + n;
    for (size_t i = 0; i < n; i++)
        if (d[i] != 0)
            size[test.n++] = fabs(d[i]);
    double ties = values_ranks(rank, size, test.n);
    for (size_t i = 0, k = 0; i < n; i++) {
        if (d[i] > 0)
            test.w_plus += rank[k++];
        else if (d[i] < 0)
            test.w_minus += rank[k++];
    }
    free(size);
    test.exact = test.n == n && n > 0 && n <= WILCOXON_EXACT_MAX && ties == 0;
    if (test.n == 0)
        return test;
    test.rank_biserial = (test.w_plus - test.w_minus) / (test.w_plus + test.w_minus);
    test.p =
        test.exact ? exact_p(n, (size_t)test.w_plus) : normal_p((double)test.n, test.w_plus, ties);
    return test;
}

/* How many Walsh averages of sorted x are at most t. For growing i the last fitting j falls. */
static uint64_t walsh_count(const double *x, size_t n, double t)
{
    uint64_t count = 0;
    size_t end = n; /* x[j] fits for all j < end */
    for (size_t i = 0; i < n; i++) {
        while (end > i && (x[i] + x[end - 1]) / 2 > t)
            end--;
        if (end <= i)
            break;
        count += end - i;
    }
    return count;
}

/* Doubles as integers in the same order, and back. */
static int64_t order_of(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double at_order(int64_t order)
{
    double x;
    int64_t bits = order < 0 ? INT64_MIN - order : order;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The k-th smallest Walsh average, from 0: halving the range of doubles ends at it exactly. */
static double walsh_at(const double *x, size_t n, uint64_t k)
{
    int64_t low = order_of(x[0]), high = order_of(x[n - 1]);
    while (low < high) {
        int64_t middle = (low & high) + ((low ^ high) >> 1);
        if (walsh_count(x, n, at_order(middle)) > k)
            high = middle;
        else
            low = middle + 1;
    }
    return at_order(low);
}

double hodges_lehmann(const double *d, size_t n)
{
    if (n == 0)
        return NAN;
    double *x = values_sorted(d, n);
    uint64_t pairs = (uint64_t)n * (n + 1) / 2;
    double low = walsh_at(x, n, (pairs - 1) / 2);
    double median = pairs % 2 ? low : (low + walsh_at(x, n, pairs / 2)) / 2;
    free(x);
    return median;
}
