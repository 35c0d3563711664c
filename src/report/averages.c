/* averages.c - see averages.h. */
#include "report/averages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "os/file.h"
#include "report/table.h"
#include "text/json.h"

enum { METRIC_WIDTH = 25 };

static bool fail_metric(const char *path, const char *model, const char *metric, struct err *err)
{
    return err_set(err, ERR_FORMAT, "%s: %s of model %s is not a number", path, metric, model);
}

static bool check(json_t *models, const char *path, struct err *err)
{
    const char *model, *metric;
    json_t *metrics, *value;
    if (!json_is_object(models))
        return err_set(err, ERR_FORMAT, "%s has no object \"model_averages\"", path);
    json_object_foreach(models, model, metrics)
    {
        if (!json_is_object(metrics))
            return err_set(err, ERR_FORMAT, "%s: the averages of model %s are not an object", path,
                           model);
        json_object_foreach(metrics, metric, value)
        {
            if (!json_is_number(value))
                return fail_metric(path, model, metric, err);
        }
    }
    return true;
}

bool averages_load(json_t **out, const char *path, struct err *err)
{
    struct buf text;
    json_t *file = NULL;
    *out = NULL;
    buf_init(&text, AVERAGES_FILE_MAX);
    if (file_read(&text, path, err) && json_parse(&file, buf_str(&text), path, err)) {
        json_t *models = json_object_get(file, "model_averages");
        if (check(models, path, err))
            *out = json_incref(models);
    }
    json_decref(file);
    buf_release(&text);
    return *out != NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_keys(const char **keys, size_t *n, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        keys[(*n)++] = key;
    }
}

/* The keys of both, each once, in byte order; free() the array. */
static const char **keys_of_both(size_t *n, json_t *a, json_t *b)
{
    size_t all = 0, kept = 0;
    const char **keys = mem_zalloc(json_object_size(a) + json_object_size(b) + 1, sizeof *keys);
    add_keys(keys, &all, a);
    add_keys(keys, &all, b);
    qsort(keys, all, sizeof *keys, by_name);
    for (size_t i = 0; i < all; i++)
        if (kept == 0 || strcmp(keys[kept - 1], keys[i]) != 0)
            keys[kept++] = keys[i];
    *n = kept;
    return keys;
}

static void put_metric(struct buf *out, const char *metric, double old, double new)
{
    char delta[512]; /* %f of the largest double has 309 digits */
    snprintf(delta, sizeof delta, "%+.2f", new - old);
    text_pad(out, str_of(metric), METRIC_WIDTH, TEXT_LEFT);
    buf_printf(out, " %11.2f  %11.2f  %6s\n", old, new, delta);
}

static void put_model(struct buf *out, const char *model, json_t *old, json_t *new)
{
    size_t n;
    const char **metrics = keys_of_both(&n, old, new);
    buf_printf(out, "\nModel: %s\n%*s %11s  %11s  %6s\n", model, METRIC_WIDTH, "", "Old", "New",
               "Delta");
    for (size_t i = 0; i < n; i++)
        put_metric(out, metrics[i], json_number_value(json_object_get(old, metrics[i])),
                   json_number_value(json_object_get(new, metrics[i])));
    free(metrics);
}

void averages_compare(struct buf *out, json_t *old, json_t *new)
{
    size_t n;
    const char **models = keys_of_both(&n, old, new);
    for (size_t i = 0; i < n; i++)
        put_model(out, models[i], json_object_get(old, models[i]), json_object_get(new, models[i]));
    free(models);
}
