/* stat.c - fuzzes rows of numbers: any JSON is answered, with chances within 0 and 1 and intervals
 * the right way round, or is refused with a sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/stat_rows.h"
#include "text/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_chance(const char *key)
{
    size_t len = strlen(key);
    return (len > 2 && strcmp(key + len - 2, "_p") == 0) || strncmp(key, "pass_", 5) == 0;
}

static bool is_interval(const char *key)
{
    return strstr(key, "ci95") || strncmp(key, "wilson", 6) == 0 ||
           strcmp(key, "leave_one_out") == 0;
}

static void check(json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        double x = json_number_value(value);
        double low = json_number_value(json_array_get(value, 0));
        double high = json_number_value(json_array_get(value, 1));
        if (json_is_real(value) && is_chance(key) && !(x >= -1e-12 && x <= 1 + 1e-12))
            abort();
        if (is_interval(key) && !(low <= high))
            abort();
        check(value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct compare_options options = {
        .alpha = 0.05, .power = 0.8, .resample = {.seed = size, .resamples = 50}};
    struct err err = {0};
    json_t *row, *answer = NULL;
    if (!json_parse(&row, str_n((const char *)data, size), "input", &err))
        return 0;
    if (stat_row_answer(&answer, row, &options, &err) != (err.code == ERR_NONE))
        abort();
    check(answer);
    json_decref(answer);
    json_decref(row);
    return 0;
}
