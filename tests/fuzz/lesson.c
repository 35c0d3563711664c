/* lesson.c - fuzzes what reads lessons: any bytes are lessons, numbered text or a plan, or are
 * refused with a sentence; lessons are counted to the last and can be checked. */
#include <stdint.h>
#include <stdlib.h>

#include "lesson/check.h"
#include "lesson/composure.h"
#include "lesson/conversation.h"
#include "lesson/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_lessons(struct str text)
{
    struct lesson_check_options options = {.near = 0.85, .chars_min = 50, .chars_max = 1000};
    struct lesson_set set = {0};
    struct lesson_check check;
    struct err err = {0};
    if (!lesson_set_read_text(&set, text, "input", &err))
        abort(); /* nothing that short is beyond a ceiling */
    if (set.n_read != set.count + set.n_refused)
        abort();
    if (lesson_check(&check, &set, &options, NULL, &err))
        lesson_check_release(&check);
    for (size_t i = 0; i < set.count; i++) {
        json_t *record = lesson_record(&set.items[i]), *value;
        if (conversation_take(&value, record, &err))
            json_decref(value);
        json_decref(record);
    }
    lesson_set_release(&set);
}

static void read_text(struct str text)
{
    struct composure_count count;
    struct err err = {0};
    json_t *list = json_array();
    if (!composure_lessons(list, &count, text, "consent-input.txt", &err) && !err.msg[0])
        abort();
    if (count.lessons != json_array_size(list) || count.chunks < count.lessons)
        abort();
    json_decref(list);
}

static void read_plan(struct str text)
{
    struct plan plan;
    struct probe_set probes;
    struct err err = {0};
    if (!plan_parse(&plan, text, "input", &err)) {
        if (!err.msg[0] || plan.root)
            abort();
        return;
    }
    if (plan.kind == PLAN_LESSON && !plan_probes(&probes, &plan, "input", &err))
        abort();
    if (plan.kind == PLAN_LESSON)
        probe_set_release(&probes);
    plan_release(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_n((const char *)data, size);
    read_lessons(text);
    read_text(text);
    read_plan(text);
    return 0;
}
