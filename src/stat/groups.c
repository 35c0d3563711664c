#include "stat/groups.h"

#include <math.h>

#include "stat/distribution.h"

static double cluster_mean(const double *x, const struct clusters *clusters, size_t c)
{
    size_t size = clusters->start[c + 1] - clusters->start[c];
    return bootstrap_mean(x, clusters->member + clusters->start[c], size);
}

double intraclass_correlation(const double *x, const struct clusters *clusters)
{
    double units = (double)clusters->units, count = (double)clusters->count;
    double grand = values_mean(x, clusters->units), between = 0, within = 0, squares = 0;
    for (size_t c = 0; c < clusters->count; c++) {
        double mean = cluster_mean(x, clusters, c);
        double size = clusters->start[c + 1] - clusters->start[c];
        between += size * (mean - grand) * (mean - grand);
        squares += size * size;
        for (uint32_t i = clusters->start[c]; i < clusters->start[c + 1]; i++) {
            double gap = x[clusters->member[i]] - mean;
            within += gap * gap;
        }
    }
    if (clusters->count < 2 || clusters->units == clusters->count)
        return NAN;
    double typical = (units - squares / units) / (count - 1); /* cluster size, were all equal */
    double ms_between = between / (count - 1), ms_within = within / (units - count);
    double spread = ms_between + (typical - 1) * ms_within;
    return spread > 0 ? (ms_between - ms_within) / spread : (double)NAN;
}

/* Mean of the groups weighed by 1 / (se^2 + between). */
static double weighed_mean(const double *mean, const double *se, size_t m, double between)
{
    double sum = 0, total = 0;
    for (size_t i = 0; i < m; i++) {
        double weight = 1 / (se[i] * se[i] + between);
        sum += weight * mean[i];
        total += weight;
    }
    return sum / total;
}

struct group_pool group_shrink(double *shrunk, const double *mean, const double *se, size_t m)
{
    struct group_pool pool = {NAN, NAN, 0, NAN};
    double weight_sum = 0, weight_squares = 0, centre = weighed_mean(mean, se, m, 0);
    for (size_t i = 0; i < m; i++) {
        double weight = 1 / (se[i] * se[i]);
        pool.q += weight * (mean[i] - centre) * (mean[i] - centre);
        weight_sum += weight;
        weight_squares += weight * weight;
    }
    if (m == 0)
        return pool;
    double df = (double)m - 1, scale = weight_sum - weight_squares / weight_sum;
    pool.between_var = df > 0 ? fmax(0, (pool.q - df) / scale) : 0;
    pool.q_p = df > 0 ? gamma_upper(df / 2, pool.q / 2) : (double)NAN;
    pool.mean = weighed_mean(mean, se, m, pool.between_var);
    for (size_t i = 0; i < m; i++) {
        double own = pool.between_var / (pool.between_var + se[i] * se[i]);
        shrunk[i] = pool.mean + own * (mean[i] - pool.mean);
    }
    return pool;
}
