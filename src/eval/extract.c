/* extract.c - see extract.h. */
#include "eval/extract.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"
#include "os/file.h"
#include "text/jsonl.h"

void extract_release(struct extract *extract)
{
    for (size_t i = 0; i < extract->n; i++)
        json_decref(extract->items[i].record);
    free(extract->items);
    json_decref(extract->summary);
    *extract = (struct extract){0};
}

/* Takes a line if it is a training record or a summary; others are passed over. */
static bool add_line(struct extract *extract, json_t *record, const struct jsonl *in,
                     struct err *err)
{
    struct str type = json_get_str(record, "type");
    json_t *meta = json_object_get(record, "meta"), *score = json_object_get(meta, "lek_score");
    if (str_is(type, "summary")) {
        json_decref(extract->summary);
        extract->summary = json_incref(record);
    }
    if (!str_is(type, "training"))
        return true;
    if (!json_is_object(json_object_get(record, "training")) || !json_is_number(score))
        return err_set(err, ERR_FORMAT,
                       "%s: line %zu is a training record without a training object and a score",
                       in->name, in->line);
    struct extract_item item = {.record = json_incref(record),
                                .probe = json_get_str(meta, "probe_id"),
                                .category = json_get_str(meta, "category"),
                                .score = json_number_value(score),
                                .line = in->line};
    VEC_PUSH(extract->items, extract->n, extract->cap, item);
    return true;
}

static bool add_lines(struct extract *extract, struct str text, const char *path, struct err *err)
{
    struct jsonl in;
    struct str line;
    jsonl_init(&in, text, path);
    while (jsonl_next(&in, &line)) {
        json_t *record;
        if (!jsonl_parse(&record, &in, line, err))
            return false;
        bool ok = add_line(extract, record, &in, err);
        json_decref(record);
        if (!ok)
            return false;
    }
    return true;
}

static int by_probe(const void *a, const void *b)
{
    const struct extract_item *x = a, *y = b;
    int order = str_cmp(x->probe, y->probe);
    return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

/* Of sorted items, leaves one a probe: the first, or the first of the highest score. */
static void thin_out(struct extract *extract, enum extract_keep keep)
{
    size_t kept = 0;
    for (size_t i = 0; i < extract->n; i++) {
        struct extract_item *item = &extract->items[i], *last = &extract->items[kept - (kept > 0)];
        if (kept == 0 || !str_eq(last->probe, item->probe)) {
            extract->items[kept++] = *item;
        } else if (keep == EXTRACT_BEST && item->score > last->score) {
            json_decref(last->record);
            *last = *item;
        } else {
            json_decref(item->record);
        }
    }
    extract->n = kept;
}

bool extract_load(struct extract *extract, const char *path, enum extract_keep keep,
                  struct err *err)
{
    struct buf text;
    *extract = (struct extract){0};
    buf_init(&text, EXTRACT_FILE_MAX);
    bool ok = file_read(&text, path, err) && add_lines(extract, buf_str(&text), path, err);
    buf_release(&text);
    extract->n_loaded = extract->n;
    if (ok && extract->n > 0)
        qsort(extract->items, extract->n, sizeof *extract->items, by_probe);
    if (ok && keep != EXTRACT_ALL)
        thin_out(extract, keep);
    if (!ok)
        extract_release(extract);
    return ok;
}

void extract_lines(struct buf *out, const struct extract *extract)
{
    for (size_t i = 0; i < extract->n; i++) {
        json_format(out, json_object_get(extract->items[i].record, "training"),
                    (struct json_style){.ascii = true});
        buf_putc(out, '\n');
    }
}

static json_int_t count_in(const json_t *summary, const char *name)
{
    return json_integer_value(json_object_get(summary, name));
}

void extract_note(struct buf *out, const struct extract *extract, const char *path)
{
    const json_t *summary = extract->summary;
    struct str model = json_get_str(summary, "model");
    buf_printf(out, "Loaded %zu training records from %s\n", extract->n_loaded, path);
    if (!summary)
        return;
    char rate[JSON_REAL_LEN_MAX];
    json_format_real(rate, json_number_value(json_object_get(summary, "keep_rate")));
    buf_printf(out, "Source: %.*s\n", STR_ARG(model));
    buf_printf(out, "Generated: %" JSON_INTEGER_FORMAT ", Kept: %" JSON_INTEGER_FORMAT " (%s%%)\n",
               count_in(summary, "total_generated"), count_in(summary, "total_kept"), rate);
}

/* The indices of the items by category. */
static int by_category(const void *a, const void *b)
{
    const struct extract_item *const *x = a, *const *y = b;
    int order = str_cmp((*x)->category, (*y)->category);
    return order ? order : *x < *y ? -1 : *x > *y;
}

static void put_categories(struct buf *out, const struct extract *extract)
{
    const struct extract_item **sorted = mem_zalloc(extract->n + 1, sizeof *sorted);
    for (size_t i = 0; i < extract->n; i++)
        sorted[i] = &extract->items[i];
    qsort(sorted, extract->n, sizeof *sorted, by_category);
    for (size_t i = 0; i < extract->n;) {
        struct str name = sorted[i]->category;
        size_t first = i;
        double sum = 0;
        for (; i < extract->n && str_eq(sorted[i]->category, name); i++)
            sum += sorted[i]->score;
        buf_printf(out, "  %.*s: %zu examples, avg %.2f\n", STR_ARG(name), i - first,
                   sum / (double)(i - first));
    }
    free(sorted);
}

void extract_statistics(struct buf *out, const struct extract *extract)
{
    double sum = 0, least = INFINITY, most = -INFINITY;
    size_t probes = 0;
    for (size_t i = 0; i < extract->n; i++) {
        const struct extract_item *item = &extract->items[i];
        sum += item->score;
        least = fmin(least, item->score);
        most = fmax(most, item->score);
        probes += i == 0 || !str_eq(item->probe, item[-1].probe);
    }
    buf_printf(out, "\n=== Training Data Statistics ===\nExamples:  %zu\nProbes:    %zu\n",
               extract->n, probes);
    if (extract->n == 0)
        return;
    buf_printf(out, "Avg score: %.2f\nMin score: %.2f\nMax score: %.2f\n\nPer-category:\n",
               sum / (double)extract->n, least, most);
    put_categories(out, extract);
}
