#include "analysis/failure.h"

#include "probe/shingle.h"
#include "text/utf8.h"

enum { RUN_WORDS = 4 };

const char *failure_name(enum failure_kind kind)
{
    static const char *const names[] = {[FAILURE_ERROR] = "no answer",
                                        [FAILURE_EMPTY] = "empty",
                                        [FAILURE_TRUNCATED] = "truncated",
                                        [FAILURE_DEGENERATE] = "degenerate",
                                        [FAILURE_REFUSAL] = "refusal"};
    return names[kind];
}

/* Repeated runs of words, not words: a long sound text uses few new words but few old phrases. */
static bool is_degenerate(const struct word_list *words)
{
    struct shingle_set set;
    if (words->count < DEGENERATE_RUNS + RUN_WORDS - 1)
        return false;
    size_t runs = words->count - RUN_WORDS + 1;
    shingle_set_make(&set, words, RUN_WORDS);
    bool repeats = 2 * set.count < runs;
    shingle_set_release(&set);
    return repeats;
}

/* Each opening as words, so that apostrophes of any kind and line breaks do not matter. */
static bool is_refusal(const struct word_list *words)
{
    static const char *const openings[] = {
        "i cannot ",       "i can t ",          "i can not ",       "i m sorry but ",
        "i am sorry but ", "i m unable to ",    "i am unable to ",  "i must decline ",
        "i won t ",        "i will not ",       "i m not able to ", "i am not able to ",
        "i decline ",      "i have to decline "};
    bool found = false;
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    buf_putc(&text, ' ');
    for (size_t i = 0; i < words->count; i++) {
        buf_add_str(&text, words->items[i]);
        buf_putc(&text, ' ');
    }
    for (size_t i = 0; !found && i < sizeof openings / sizeof *openings; i++) {
        size_t at = str_find(buf_str(&text), str_of(openings[i]), 0);
        found = at != (size_t)-1 && text.ptr[at - 1] == ' ';
    }
    buf_release(&text);
    return found;
}

void failure_find(bool failed[FAILURE_KINDS], const struct run_answer *answer)
{
    struct word_list words;
    for (size_t k = 0; k < FAILURE_KINDS; k++)
        failed[k] = false;
    failed[FAILURE_ERROR] = answer->state != RUN_ANSWERED;
    if (answer->state != RUN_ANSWERED)
        return;
    failed[FAILURE_EMPTY] = utf8_strip(answer->text).len == 0;
    failed[FAILURE_TRUNCATED] = str_is(answer->finish, "length");
    word_list_init(&words);
    word_list_split(&words, answer->text);
    failed[FAILURE_DEGENERATE] = is_degenerate(&words);
    word_list_split(&words, utf8_cut(answer->text, REFUSAL_WINDOW));
    failed[FAILURE_REFUSAL] = is_refusal(&words);
    word_list_release(&words);
}
