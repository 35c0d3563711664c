/* score.c - fuzzes scoring: any bytes are scored twice alike, the second time with all hits, whose
 * places lie in the text and whose points add up to the score; or are refused with a sentence. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "score/score.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Scores are rounded to two decimals at the most. */
#define ROUNDING 0.00501

static bool adds_up(const struct hits *hits, struct str text, double score)
{
    double sum = 0;
    for (size_t i = 0; i < hits->n; i++) {
        const struct hit *hit = &hits->items[i];
        if (hit->start > hit->end || hit->end > text.len)
            return false;
        sum += hit->points;
    }
    return hits->full || fabs(sum - score) < ROUNDING;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct score_item item = {
        .text = text, .prompt = text, .expected = text, .probe = {"word_01", 7}};
    struct score_result first = {0}, again = {0};
    struct hits hits;
    size_t count;
    const struct scorer *const *all = scorer_list(&count);
    hits_init(&hits);
    for (size_t i = 0; i < count; i++) {
        struct err err = {0};
        struct score *score = score_create(all[i]);
        hits_reset(&hits);
        bool ok = score_item(score, &first, &item, &err);
        if (ok != score_explain(score, &again, &hits, &item, &err) || (!ok && !err.msg[0]) ||
            (ok && memcmp(first.values, again.values, sizeof first.values) != 0) ||
            (ok && again.is_scored && !adds_up(&hits, text, again.values[all[i]->overall])))
            abort();
        score_free(score);
    }
    hits_release(&hits);
    return 0;
}
