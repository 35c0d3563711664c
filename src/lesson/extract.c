/* extract.c - see extract.h. */
#include "lesson/extract.h"

#include <stdlib.h>

#include "base/vec.h"
#include "text/json.h"
#include "text/jsonl.h"

bool extract_keep_of_name(enum extract_keep *keep, const char *name)
{
    static const char *const names[N_EXTRACT_KEEPS] = {
        [EXTRACT_BEST] = "best", [EXTRACT_ALL] = "all", [EXTRACT_FIRST] = "first"};
    for (size_t i = 0; i < N_EXTRACT_KEEPS; i++)
        if (strcmp(names[i], name) == 0) {
            *keep = (enum extract_keep)i;
            return true;
        }
    return false;
}

static bool add_training(struct extract *out, json_t *line, const struct jsonl *lines,
                         struct err *err)
{
    const json_t *meta = json_object_get(line, "meta");
    const json_t *score = json_object_get(meta, "lek_score");
    struct extract_item item = {.line = line,
                                .probe_id = json_get_str(meta, "probe_id"),
                                .category = json_get_str(meta, "category"),
                                .score = json_number_value(score),
                                .order = out->count};
    if (!json_is_array(json_object_get(json_object_get(line, "training"), "messages")))
        return err_set(err, ERR_FORMAT, "%s: line %zu: expected \"training\" with \"messages\"",
                       lines->name, lines->line);
    if (!json_is_number(score))
        return err_set(err, ERR_FORMAT, "%s: line %zu: expected \"meta\" with a \"lek_score\"",
                       lines->name, lines->line);
    json_incref(line);
    VEC_PUSH(out->items, out->count, out->cap, item);
    return true;
}

static bool add_line(struct extract *out, json_t *line, const struct jsonl *lines, struct err *err)
{
    struct str type = json_get_str(line, "type");
    if (str_is(type, "training"))
        return add_training(out, line, lines, err);
    if (str_is(type, "summary")) {
        json_decref(out->summary);
        out->summary = json_incref(line);
    }
    return true;
}

bool extract_read(struct extract *out, struct str text, const char *name, struct err *err)
{
    struct jsonl lines;
    struct str line;
    bool ok = true;
    *out = (struct extract){0};
    jsonl_init(&lines, text, name);
    while (ok && jsonl_next(&lines, &line)) {
        json_t *value;
        ok = jsonl_parse(&value, &lines, line, err) && add_line(out, value, &lines, err);
        json_decref(value);
    }
    if (ok && out->count == 0)
        ok = err_set(err, ERR_FORMAT, "%s: no line of type \"training\"", name);
    if (!ok)
        extract_release(out);
    return ok;
}

static int compare_items(const void *a, const void *b)
{
    const struct extract_item *x = a, *y = b;
    int by_id = str_cmp(x->probe_id, y->probe_id);
    return by_id ? by_id : (x->order > y->order) - (x->order < y->order);
}

/* Does `item` take the place of the one that was kept for its probe so far? */
static bool is_better(const struct extract_item *item, const struct extract_item *kept,
                      enum extract_keep keep)
{
    return keep == EXTRACT_BEST && item->score > kept->score;
}

void extract_choose(struct extract *extract, enum extract_keep keep)
{
    struct extract_item *items = extract->items;
    size_t kept = 0;
    qsort(items, extract->count, sizeof *items, compare_items);
    for (size_t i = 0; keep != EXTRACT_ALL && i < extract->count; i++) {
        bool is_new = kept == 0 || !str_eq(items[kept - 1].probe_id, items[i].probe_id);
        if (!is_new && !is_better(&items[i], &items[kept - 1], keep)) {
            json_decref(items[i].line);
            continue;
        }
        if (is_new)
            kept++;
        else
            json_decref(items[kept - 1].line);
        items[kept - 1] = items[i];
    }
    if (keep != EXTRACT_ALL)
        extract->count = kept;
}

void extract_put(struct buf *out, const struct extract *extract)
{
    for (size_t i = 0; i < extract->count; i++) {
        json_format(out, json_object_get(extract->items[i].line, "training"),
                    (struct json_style){.ascii = true});
        buf_putc(out, '\n');
    }
}

/* A member as Python prints it. */
static void put_member(struct buf *out, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_string(value))
        buf_add_str(out, json_str(value));
    else if (value)
        json_format(out, value, (struct json_style){0});
    else
        buf_putc(out, '?');
}

void extract_put_source(struct buf *out, const struct extract *extract)
{
    if (!extract->summary)
        return;
    buf_puts(out, "Source: ");
    put_member(out, extract->summary, "model");
    buf_puts(out, "\nGenerated: ");
    put_member(out, extract->summary, "total_generated");
    buf_puts(out, ", Kept: ");
    put_member(out, extract->summary, "total_kept");
    buf_puts(out, " (");
    put_member(out, extract->summary, "keep_rate");
    buf_puts(out, "%)\n");
}

static int compare_categories(const void *a, const void *b)
{
    const struct extract_item *x = *(const struct extract_item *const *)a;
    const struct extract_item *y = *(const struct extract_item *const *)b;
    int by_name = str_cmp(x->category, y->category);
    return by_name ? by_name : (x > y) - (x < y);
}

static void put_categories(struct buf *out, const struct extract *extract)
{
    const struct extract_item **order = mem_zalloc(extract->count + 1, sizeof *order);
    for (size_t i = 0; i < extract->count; i++)
        order[i] = &extract->items[i];
    qsort(order, extract->count, sizeof *order, compare_categories);
    for (size_t begin = 0, end; begin < extract->count; begin = end) {
        double sum = 0;
        for (end = begin;
             end < extract->count && str_eq(order[end]->category, order[begin]->category); end++)
            sum += order[end]->score;
        buf_printf(out, "  %.*s: %zu examples, avg %.2f\n", STR_ARG(order[begin]->category),
                   end - begin, sum / (double)(end - begin));
    }
    free(order);
}

void extract_put_stats(struct buf *out, const struct extract *extract)
{
    const struct extract_item *items = extract->items;
    size_t n_probes = 0;
    double sum = 0, min = items[0].score, max = items[0].score;
    for (size_t i = 0; i < extract->count; i++) {
        n_probes += i == 0 || !str_eq(items[i].probe_id, items[i - 1].probe_id);
        sum += items[i].score;
        min = items[i].score < min ? items[i].score : min;
        max = items[i].score > max ? items[i].score : max;
    }
    buf_puts(out, "\n=== Training Data Statistics ===\n");
    buf_printf(out, "Examples:  %zu\nProbes:    %zu\n", extract->count, n_probes);
    buf_printf(out, "Avg score: %.2f\nMin score: %.2f\nMax score: %.2f\n\nPer-category:\n",
               sum / (double)extract->count, min, max);
    put_categories(out, extract);
}

void extract_release(struct extract *extract)
{
    for (size_t i = 0; i < extract->count; i++)
        json_decref(extract->items[i].line);
    free(extract->items);
    json_decref(extract->summary);
    *extract = (struct extract){0};
}
