/* score.c - fuzzes score_run: any bytes are scored twice alike, or are refused with a sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "score/score.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    double first[SCORE_VALUES_MAX] = {0}, again[SCORE_VALUES_MAX] = {0};
    size_t count;
    const struct scorer *const *all = scorer_list(&count);
    for (size_t i = 0; i < count; i++) {
        struct err err = {0};
        struct score *score = score_create(all[i]);
        bool ok = score_run(score, first, text, text, &err);
        if (ok != score_run(score, again, text, text, &err) || (!ok && !err.msg[0]) ||
            memcmp(first, again, sizeof first) != 0)
            abort();
        score_free(score);
    }
    return 0;
}
