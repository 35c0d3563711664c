/* stat_rows.c - one row of numbers, read with distrust and answered. */
#include "cli/stat_rows.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "report/compare_json.h"
#include "stat/agreement.h"
#include "stat/max_t.h"
#include "stat/multiple.h"
#include "stat/pass.h"
#include "text/json.h"

enum { METRICS_MAX = 10000 };

static bool read_number(double *out, const json_t *value, const char *what, struct err *err)
{
    if (!json_is_number(value))
        return err_set(err, ERR_FORMAT, "%s must be a number", what);
    *out = json_number_value(value);
    if (!(fabs(*out) <= STAT_NUMBER_MAX))
        return err_set(err, ERR_LIMIT, "%s is beyond +-%g", what, STAT_NUMBER_MAX);
    return true;
}

/* Numbers of a list into values (its size); null is NaN where `missing` allows it. */
static bool read_list(double *values, const json_t *list, const char *key, bool missing,
                      struct err *err)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        if (missing && json_is_null(item))
            values[i] = NAN;
        else if (json_is_boolean(item))
            values[i] = json_is_true(item);
        else if (!read_number(&values[i], item, key, err))
            return err_in(err, "element %zu", i + 1);
    }
    return true;
}

/* A list of `count` numbers; any length from 1 on when *count is 0, which then is set. *out is the
 * caller's. */
static bool get_list(double **out, size_t *count, const json_t *row, const char *key,
                     struct err *err)
{
    const json_t *list = json_object_get(row, key);
    size_t size = json_array_size(list);
    *out = NULL;
    if (!json_is_array(list) || size == 0)
        return err_set(err, ERR_FORMAT, "\"%s\" must be a list of numbers", key);
    if (size > VALUES_MAX)
        return err_set(err, ERR_LIMIT, "\"%s\" has more than %d numbers", key, VALUES_MAX);
    if (*count && size != *count)
        return err_set(err, ERR_FORMAT, "\"%s\" has %zu numbers where %zu are expected", key, size,
                       *count);
    *count = size;
    *out = mem_zalloc(size, sizeof **out);
    return read_list(*out, list, key, false, err);
}

/* What a label is written as: clusters may be named by strings or numbers. */
static bool label_of(uint32_t *out, struct map *labels, struct arena *names, const json_t *value,
                     struct err *err)
{
    struct buf text;
    if (!json_is_string(value) && !json_is_integer(value))
        return err_set(err, ERR_FORMAT, "\"cluster\" must hold strings or whole numbers");
    buf_init(&text, BUF_MAX_DEFAULT);
    json_format(&text, value, (struct json_style){.ascii = true});
    *out = map_get(labels, buf_str(&text));
    if (*out == MAP_NONE) {
        *out = (uint32_t)labels->count;
        map_add(labels, arena_str(names, buf_str(&text)), *out);
    }
    buf_release(&text);
    return true;
}

static bool read_clusters(struct compare_input *input, uint32_t **out, const json_t *list,
                          struct err *err)
{
    struct map labels = {0};
    struct arena names = {0};
    bool ok = true;
    *out = NULL;
    if (!list)
        return true;
    if (json_array_size(list) != input->n)
        return err_set(err, ERR_FORMAT, "\"cluster\" must be a list of %zu labels", input->n);
    *out = mem_zalloc(input->n, sizeof **out);
    for (size_t i = 0; ok && i < input->n; i++)
        ok = label_of(&(*out)[i], &labels, &names, json_array_get(list, i), err);
    input->cluster = *out;
    input->n_clusters = labels.count;
    map_release(&labels);
    arena_release(&names);
    return ok;
}

static bool answer_paired(json_t *out, const json_t *row, const struct compare_options *defaults,
                          struct err *err)
{
    struct compare_options options = *defaults;
    struct compare_input input = {0};
    struct compare result;
    double *a = NULL, *b = NULL, *length = NULL;
    uint32_t *cluster = NULL;
    const json_t *margin = json_object_get(row, "margin");
    bool ok = get_list(&a, &input.n, row, "a", err) && get_list(&b, &input.n, row, "b", err) &&
              read_clusters(&input, &cluster, json_object_get(row, "cluster"), err);
    if (ok && json_object_get(row, "length_difference"))
        ok = get_list(&length, &input.n, row, "length_difference", err);
    if (ok && margin)
        ok = read_number(&options.margin, margin, "\"margin\"", err);
    if (ok && options.margin < 0)
        ok = err_set(err, ERR_FORMAT, "\"margin\" must be above 0");
    if (ok) {
        input.a = a, input.b = b, input.length_difference = length;
        compare_run(&result, &input, &options);
        compare_to_json(out, &result, &options);
        json_object_set_new(out, "verdict",
                            json_string(verdict_name(verdict_of(result.t.mean, result.sign_flip.p,
                                                                result.tost_p, options.alpha))));
    }
    free(a);
    free(b);
    free(length);
    free(cluster);
    return ok;
}

static bool check_binary(const double *x, size_t n, const char *key, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0 && x[i] != 1)
            return err_set(err, ERR_FORMAT, "\"%s\", element %zu: %g is neither 0 nor 1", key,
                           i + 1, x[i]);
    return true;
}

static bool answer_binary(json_t *out, const json_t *row, struct err *err)
{
    double *a = NULL, *b = NULL;
    size_t n = 0;
    bool ok = get_list(&a, &n, row, "a", err) && get_list(&b, &n, row, "b", err) &&
              check_binary(a, n, "a", err) && check_binary(b, n, "b", err);
    if (ok) {
        struct pair_table table = pair_table(a, b, n);
        binary_to_json(out, &table);
    }
    free(a);
    free(b);
    return ok;
}

static json_t *list_to_json(const double *x, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, number_to_json(x[i]));
    return list;
}

static void put_adjusted(json_t *out, const double *p, size_t m)
{
    double *adjusted = mem_zalloc(m, sizeof *adjusted);
    holm_adjust(adjusted, p, m);
    json_object_set_new(out, "holm", list_to_json(adjusted, m));
    bh_adjust(adjusted, p, m);
    json_object_set_new(out, "bh", list_to_json(adjusted, m));
    free(adjusted);
}

static bool answer_pvalues(json_t *out, const json_t *row, struct err *err)
{
    double *p = NULL;
    size_t m = 0;
    bool ok = get_list(&p, &m, row, "p", err);
    for (size_t i = 0; ok && i < m; i++)
        if (!(p[i] >= 0 && p[i] <= 1))
            ok = err_set(err, ERR_FORMAT, "\"p\", element %zu: %g is not within 0 and 1", i + 1,
                         p[i]);
    if (ok)
        put_adjusted(out, p, m);
    free(p);
    return ok;
}

static bool answer_groups(json_t *out, const json_t *row, struct err *err)
{
    double *mean = NULL, *se = NULL;
    size_t m = 0;
    bool ok = get_list(&mean, &m, row, "mean", err) && get_list(&se, &m, row, "se", err);
    for (size_t i = 0; ok && i < m; i++)
        if (!(se[i] >= 1 / STAT_NUMBER_MAX))
            ok = err_set(err, ERR_FORMAT, "\"se\", element %zu: %g is not above 0", i + 1, se[i]);
    if (ok) {
        struct group_pool pool = group_shrink(se, mean, se, m);
        json_object_set_new(out, "mean", number_to_json(pool.mean));
        json_object_set_new(out, "between_sd", number_to_json(sqrt(pool.between_var)));
        json_object_set_new(out, "q", number_to_json(pool.q));
        json_object_set_new(out, "q_p", number_to_json(pool.q_p));
        json_object_set_new(out, "shrunk", list_to_json(se, m));
    }
    free(mean);
    free(se);
    return ok;
}

/* A list of equally long lists as one block (rows, columns); *out is the caller's. */
static bool get_grid(double **out, size_t *rows, size_t *columns, const json_t *row,
                     const char *key, bool missing, struct err *err)
{
    const json_t *grid = json_object_get(row, key);
    size_t cells;
    *out = NULL;
    *rows = json_array_size(grid);
    *columns = json_array_size(json_array_get(grid, 0));
    if (*rows == 0 || *columns == 0)
        return err_set(err, ERR_FORMAT, "\"%s\" must be a list of lists of numbers", key);
    if (!size_mul(&cells, *rows, *columns) || cells > VALUES_MAX)
        return err_set(err, ERR_LIMIT, "\"%s\" has more than %d numbers", key, VALUES_MAX);
    *out = mem_zalloc(cells, sizeof **out);
    for (size_t r = 0; r < *rows; r++) {
        const json_t *list = json_array_get(grid, r);
        if (!json_is_array(list) || json_array_size(list) != *columns)
            return err_set(err, ERR_FORMAT, "\"%s\", list %zu: not a list of %zu as the first is",
                           key, r + 1, *columns);
        if (!read_list(*out + r * *columns, list, key, missing, err))
            return err_in(err, "list %zu", r + 1);
    }
    return true;
}

static bool answer_metrics(json_t *out, const json_t *row, const struct compare_options *options,
                           struct err *err)
{
    double *d = NULL, *p = NULL;
    size_t m, n;
    bool ok = get_grid(&d, &m, &n, row, "differences", false, err);
    if (ok && (n < 2 || m > METRICS_MAX))
        ok = err_set(err, ERR_LIMIT, "\"differences\" must be 1 to %d lists of 2 or more numbers",
                     METRICS_MAX);
    if (ok) {
        p = mem_zalloc(m, sizeof *p);
        for (size_t j = 0; j < m; j++)
            p[j] = sign_flip(d + j * n, n, &options->resample).p;
        json_object_set_new(out, "sign_flip_p", list_to_json(p, m));
        put_adjusted(out, p, m);
        max_t_adjust(p, d, m, n, &options->resample);
        json_object_set_new(out, "max_t", list_to_json(p, m));
    }
    free(d);
    free(p);
    return ok;
}

static bool read_level(enum agreement_level *out, struct str name, struct err *err)
{
    static const char *const NAMES[] = {"nominal", "ordinal", "interval", "ratio"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (str_is(name, NAMES[i])) {
            *out = (enum agreement_level)i;
            return true;
        }
    return err_set(err, ERR_FORMAT, "\"level\" must be nominal, ordinal, interval or ratio");
}

static bool answer_agreement(json_t *out, const json_t *row, struct err *err)
{
    struct agreement table = {0};
    enum agreement_level level = LEVEL_NOMINAL;
    double *ratings = NULL;
    size_t raters, items;
    bool ok = read_level(&level, json_get_str(row, "level"), err) &&
              get_grid(&ratings, &raters, &items, row, "ratings", true, err);
    if (ok && raters < 2)
        ok = err_set(err, ERR_FORMAT, "\"ratings\" must hold the ratings of two raters or more");
    ok = ok && agreement_init(&table, ratings, raters, items, err);
    if (ok) {
        json_object_set_new(out, "krippendorff_alpha",
                            number_to_json(krippendorff_alpha(&table, level)));
        if (raters == 2 && agreement_is_complete(&table)) {
            json_object_set_new(out, "cohen_kappa", number_to_json(cohen_kappa(&table)));
            json_object_set_new(out, "quadratic_kappa", number_to_json(quadratic_kappa(&table)));
        }
        json_object_set_new(out, "gwet_ac1", number_to_json(gwet_ac1(&table)));
    }
    agreement_release(&table);
    free(ratings);
    return ok;
}

static bool get_count(size_t *out, const json_t *row, const char *key, struct err *err)
{
    const json_t *value = json_object_get(row, key);
    json_int_t n = json_integer_value(value);
    if (!json_is_integer(value) || n < 0 || n > VALUES_MAX)
        return err_set(err, ERR_FORMAT, "\"%s\" must be a whole number from 0 to %d", key,
                       VALUES_MAX);
    *out = (size_t)n;
    return true;
}

static bool answer_pass(json_t *out, const json_t *row, struct err *err)
{
    size_t n, c, k;
    if (!get_count(&n, row, "samples", err) || !get_count(&c, row, "correct", err) ||
        !get_count(&k, row, "k", err))
        return false;
    if (c > n || k < 1 || k > n)
        return err_set(err, ERR_FORMAT, "of %zu samples no %zu can be correct or no %zu be drawn",
                       n, c, k);
    json_object_set_new(out, "pass_at_k", number_to_json(pass_at_k(n, c, k)));
    json_object_set_new(out, "pass_hat_k", number_to_json(pass_hat_k(n, c, k)));
    return true;
}

bool stat_row_answer(json_t **out, const json_t *row, const struct compare_options *options,
                     struct err *err)
{
    struct str kind = json_get_str(row, "kind");
    bool ok;
    *out = json_object();
    if (json_object_get(row, "id"))
        json_object_set(*out, "id", json_object_get(row, "id"));
    if (str_is(kind, "paired"))
        ok = answer_paired(*out, row, options, err);
    else if (str_is(kind, "binary"))
        ok = answer_binary(*out, row, err);
    else if (str_is(kind, "pvalues"))
        ok = answer_pvalues(*out, row, err);
    else if (str_is(kind, "metrics"))
        ok = answer_metrics(*out, row, options, err);
    else if (str_is(kind, "groups"))
        ok = answer_groups(*out, row, err);
    else if (str_is(kind, "agreement"))
        ok = answer_agreement(*out, row, err);
    else if (str_is(kind, "pass_at_k"))
        ok = answer_pass(*out, row, err);
    else
        ok = err_set(err, ERR_FORMAT,
                     "\"kind\" must be paired, binary, pvalues, metrics, groups, agreement or "
                     "pass_at_k");
    if (!ok) {
        json_decref(*out);
        *out = NULL;
    }
    return ok;
}
