#include "stat/agreement.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

static size_t category_of(const struct agreement *table, double rating)
{
    size_t low = 0, high = table->categories;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (table->value[middle] <= rating)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bool agreement_init(struct agreement *out, const double *ratings, size_t raters, size_t items,
                    struct err *err)
{
    *out = (struct agreement){.raters = raters, .items = items};
    size_t cells, count = 0;
    if (!size_mul(&cells, raters, items) || cells > VALUES_MAX)
        return err_set(err, ERR_LIMIT, "more than %d ratings", VALUES_MAX);
    out->value = mem_zalloc(cells + 1, sizeof *out->value);
    for (size_t i = 0; i < cells; i++)
        if (!isnan(ratings[i]))
            out->value[count++] = ratings[i];
    values_sort(out->value, count);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || out->value[i] != out->value[out->categories - 1])
            out->value[out->categories++] = out->value[i];
    if (out->categories > AGREEMENT_CATEGORIES_MAX) {
        agreement_release(out);
        return err_set(err, ERR_LIMIT, "more than %d different ratings", AGREEMENT_CATEGORIES_MAX);
    }
    out->code = mem_zalloc(cells + 1, sizeof *out->code);
    for (size_t i = 0; i < cells; i++)
        out->code[i] =
            isnan(ratings[i]) ? AGREEMENT_MISSING : (uint32_t)category_of(out, ratings[i]);
    return true;
}

void agreement_release(struct agreement *table)
{
    free(table->code);
    free(table->value);
    *table = (struct agreement){0};
}

bool agreement_is_complete(const struct agreement *table)
{
    for (size_t i = 0; i < table->raters * table->items; i++)
        if (table->code[i] == AGREEMENT_MISSING)
            return false;
    return true;
}

/* count (categories): how many raters put the item there; returns how many rated it. */
static double count_item(double *count, const struct agreement *t, size_t item)
{
    double rated = 0;
    for (size_t c = 0; c < t->categories; c++)
        count[c] = 0;
    for (size_t r = 0; r < t->raters; r++) {
        uint32_t code = t->code[r * t->items + item];
        if (code != AGREEMENT_MISSING) {
            count[code]++;
            rated++;
        }
    }
    return rated;
}

struct alpha {
    const struct agreement *table;
    enum agreement_level level;
    double *used;   /* (categories) ratings of items rated at least twice */
    double *before; /* (categories) how many of those lie in lower categories */
};

static double distance(const struct alpha *a, size_t i, size_t j)
{
    const double *value = a->table->value;
    double gap = 0;
    switch (a->level) {
    case LEVEL_NOMINAL: return i == j ? 0 : 1;
    case LEVEL_ORDINAL:
        /* ratings between the middles of the two categories */
        gap = (a->before[j] + a->used[j] / 2) - (a->before[i] + a->used[i] / 2);
        break;
    case LEVEL_INTERVAL: gap = value[j] - value[i]; break;
    case LEVEL_RATIO:
        gap = value[i] + value[j] == 0 ? 0 : (value[j] - value[i]) / (value[i] + value[j]);
        break;
    }
    return gap * gap;
}

/* Disagreement over all pairs of the counted ratings, each pair twice. */
static double disagreement(const struct alpha *a, const double *count)
{
    double sum = 0;
    for (size_t i = 0; i < a->table->categories; i++)
        for (size_t j = i + 1; count[i] > 0 && j < a->table->categories; j++)
            if (count[j] > 0)
                sum += 2 * count[i] * count[j] * distance(a, i, j);
    return sum;
}

double krippendorff_alpha(const struct agreement *table, enum agreement_level level)
{
    double *space = mem_zalloc(3 * table->categories + 1, sizeof *space);
    struct alpha a = {table, level, space, space + table->categories};
    double *count = space + 2 * table->categories, total = 0, observed = 0;
    for (size_t i = 0; i < table->items; i++)
        if (count_item(count, table, i) >= 2)
            for (size_t c = 0; c < table->categories; c++)
                a.used[c] += count[c];
    for (size_t c = 0; c < table->categories; c++) {
        a.before[c] = total;
        total += a.used[c];
    }
    for (size_t i = 0; i < table->items; i++) {
        double rated = count_item(count, table, i);
        if (rated >= 2)
            observed += disagreement(&a, count) / (rated - 1);
    }
    double expected = disagreement(&a, a.used) / (total - 1);
    free(space);
    return expected > 0 ? 1 - observed / expected : (double)NAN;
}

/* 1 - (observed / expected) weighted disagreement; weight |i - j|^2, or 1 unless i = j. */
static double kappa(const struct agreement *t, bool quadratic)
{
    if (t->raters != 2 || !agreement_is_complete(t))
        return NAN;
    double *first = mem_zalloc(2 * t->categories + 1, sizeof *first);
    double *second = first + t->categories, observed = 0, expected = 0;
    for (size_t i = 0; i < t->items; i++) {
        uint32_t x = t->code[i], y = t->code[t->items + i];
        double gap = (double)x - (double)y;
        first[x]++;
        second[y]++;
        observed += quadratic ? gap * gap : x != y;
    }
    for (size_t i = 0; i < t->categories; i++)
        for (size_t j = 0; j < t->categories; j++) {
            double gap = (double)i - (double)j;
            expected += first[i] * second[j] * (quadratic ? gap * gap : i != j);
        }
    free(first);
    return expected > 0 ? 1 - observed * (double)t->items / expected : (double)NAN;
}

double cohen_kappa(const struct agreement *table)
{
    return kappa(table, false);
}

double quadratic_kappa(const struct agreement *table)
{
    return kappa(table, true);
}

double gwet_ac1(const struct agreement *table)
{
    size_t q = table->categories;
    double *count = mem_zalloc(2 * q + 1, sizeof *count), *share = count + q;
    double agreed = 0, paired = 0, rated_items = 0, chance = 0;
    for (size_t i = 0; i < table->items; i++) {
        double rated = count_item(count, table, i), same = 0;
        for (size_t c = 0; rated > 0 && c < q; c++) {
            share[c] += count[c] / rated;
            same += count[c] * (count[c] - 1);
        }
        rated_items += rated > 0;
        if (rated >= 2) {
            agreed += same / (rated * (rated - 1));
            paired++;
        }
    }
    for (size_t c = 0; c < q; c++)
        chance += share[c] / rated_items * (1 - share[c] / rated_items);
    chance /= (double)q - 1;
    free(count);
    return q < 2 || paired == 0 ? (double)NAN : (agreed / paired - chance) / (1 - chance);
}
