/* check.c - see check.h.
 *
 * What can be seen in one lesson alone (look_at) is done on all threads, each with its own scratch,
 * into a list of its own for each block of lessons; what needs all of them (find_repeats) after
 * that. The findings are then put in order. */
#include "lesson/check.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/rng.h"
#include "base/vec.h"
#include "lesson/secret.h"
#include "probe/dedup.h"
#include "text/utf8.h"

enum { BLOCK = 256, NEAR_WORDS_MIN = 12 };

struct findings {
    struct lesson_finding *items;
    size_t count, cap;
};

/* What one thread works with. */
struct scratch {
    struct secret_scan *secrets;
    struct word_list words;
    struct err err; /* the first trouble */
};

struct check {
    const struct lesson_set *set;
    const struct lesson_check_options *options;
    struct shingle_set *runs; /* of each kernel */
    struct scratch *scratch;
    struct findings *blocks;
};

const char *lesson_fault_name(enum lesson_fault fault)
{
    static const char *const names[N_LESSON_FAULTS] = {
        [LESSON_FAULT_ORDER] = "role-order",     [LESSON_FAULT_EMPTY] = "turn-empty",
        [LESSON_FAULT_NO_ANSWER] = "no-answer",  [LESSON_FAULT_TWICE] = "twice",
        [LESSON_FAULT_NEAR] = "answer-near",     [LESSON_FAULT_FAILED] = "answer-failed",
        [LESSON_FAULT_SHORT] = "answer-short",   [LESSON_FAULT_LONG] = "too-long",
        [LESSON_FAULT_SECRET] = "secret",        [LESSON_FAULT_MARKER] = "control-token",
        [LESSON_FAULT_LOST] = "lost-characters", [LESSON_FAULT_KERNEL] = "kernel-leak",
    };
    return names[fault];
}

static void report(struct findings *out, enum lesson_fault kind, size_t lesson, size_t turn,
                   double value, struct str text)
{
    struct lesson_finding finding = {kind, lesson, turn, LESSON_NONE, value, text};
    VEC_PUSH(out->items, out->count, out->cap, finding);
}

static bool has_calls(const json_t *value, size_t turn)
{
    const json_t *message = json_array_get(json_object_get(value, "messages"), turn);
    return json_array_size(json_object_get(message, "tool_calls")) > 0;
}

/* What the turn's role should have been, or NULL when it may stand there. */
static const char *expected_role(const json_t *value, size_t turn)
{
    struct str role = lesson_role(value, turn);
    struct str last = turn > 0 ? lesson_role(value, turn - 1) : str_of("");
    if (str_is(role, "system"))
        return turn == 0 ? NULL : "a system message only at the beginning";
    if (str_is(role, "tool"))
        return str_is(last, "tool") || (turn > 0 && has_calls(value, turn - 1))
                   ? NULL
                   : "a tool only after a call";
    if (str_is(role, "user"))
        return str_is(last, "user") || str_is(last, "tool") ||
                       (turn > 0 && has_calls(value, turn - 1))
                   ? "the assistant's or a tool's turn"
                   : NULL;
    return str_is(last, "user") || str_is(last, "tool") ? NULL : "the user's turn";
}

static void look_at_roles(struct findings *out, const json_t *value, size_t lesson)
{
    size_t count = lesson_turns(value), turn = 0;
    bool answers = false;
    const char *expected = NULL;
    while (turn < count && !(expected = expected_role(value, turn)))
        answers |= lesson_is_assistant(value, turn++);
    if (expected)
        report(out, LESSON_FAULT_ORDER, lesson, turn, 0, str_of(expected));
    else if (!answers)
        report(out, LESSON_FAULT_NO_ANSWER, lesson, LESSON_NONE, 0, str_of(""));
    else if (!lesson_is_assistant(value, count - 1))
        report(out, LESSON_FAULT_ORDER, lesson, count - 1, 0, str_of("the assistant to end it"));
}

/* Tokens that steer models; as text they would be learned as text. */
static void look_for_markers(struct findings *out, struct str text, const struct byte_set *bytes,
                             size_t lesson, size_t turn)
{
    static const char *const markers[] = {"<|im_start|>",
                                          "<|im_end|>",
                                          "<start_of_turn>",
                                          "<end_of_turn>",
                                          "<|eot_id|>",
                                          "<|endoftext|>",
                                          "<|start_header_id|>",
                                          "<|begin_of_text|>",
                                          "<|channel|>",
                                          "<bos>",
                                          "<eos>",
                                          "<pad>",
                                          "[INST]",
                                          "[/INST]",
                                          "</s>",
                                          NULL};
    for (size_t i = 0; markers[i]; i++)
        if (byte_set_covers(bytes, markers[i]) &&
            str_find(text, str_of(markers[i]), 0) != (size_t)-1) {
            report(out, LESSON_FAULT_MARKER, lesson, turn, 0, str_of(markers[i]));
            return;
        }
}

static bool has_lost_characters(struct str text, const struct byte_set *bytes)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    for (int c = 0; c < 0x20; c++)
        if (bytes->has[c] && c != '\n' && c != '\t' && c != '\r')
            return true;
    return bytes->has[0x7F] || (byte_set_covers(bytes, replacement) &&
                                str_find(text, str_of(replacement), 0) != (size_t)-1);
}

/* The first of LINT_RUN_WORDS words in a row that the kernel has too; words->count when there is
 * none. */
static size_t find_run(const struct shingle_set *kernel, const struct word_list *words)
{
    for (size_t i = 0; i + LINT_RUN_WORDS <= words->count; i++)
        if (shingle_set_has(kernel, shingle_at(words, i, LINT_RUN_WORDS)))
            return i;
    return words->count;
}

static void look_for_kernels(const struct check *check, struct findings *out,
                             struct word_list *words, struct str text, size_t lesson, size_t turn)
{
    if (check->options->n_kernels == 0)
        return;
    word_list_split(words, text);
    for (size_t k = 0; k < check->options->n_kernels; k++) {
        size_t i = find_run(&check->runs[k], words);
        if (i < words->count)
            report(out, LESSON_FAULT_KERNEL, lesson, turn, (double)i + 1,
                   str_of(check->options->kernels[k].name));
    }
}

static bool look_for_secrets(struct findings *out, struct secret_scan *scan, struct str text,
                             const struct byte_set *bytes, size_t lesson, size_t turn,
                             struct err *err)
{
    struct secret found[SECRET_KINDS_MAX];
    size_t count;
    if (!secret_find(found, &count, scan, text, bytes, err))
        return false;
    for (size_t i = 0; i < count; i++)
        report(out, LESSON_FAULT_SECRET, lesson, turn, 0, str_of(found[i].kind));
    return true;
}

static bool look_at_turn(const struct check *check, struct findings *out, struct scratch *scratch,
                         size_t lesson, size_t turn, struct err *err)
{
    const json_t *value = check->set->items[lesson].value;
    struct str text = lesson_content(value, turn);
    struct byte_set bytes = byte_set_of(text);
    bool is_answer = lesson_is_assistant(value, turn) || json_object_get(value, "text");
    if (utf8_strip(text).len == 0 && !has_calls(value, turn))
        report(out, LESSON_FAULT_EMPTY, lesson, turn, 0, str_of(""));
    if (is_answer && str_starts(utf8_lstrip(text), str_of("ERROR:")))
        report(out, LESSON_FAULT_FAILED, lesson, turn, 0, str_of(""));
    look_for_markers(out, text, &bytes, lesson, turn);
    if (has_lost_characters(text, &bytes))
        report(out, LESSON_FAULT_LOST, lesson, turn, 0, str_of(""));
    if (is_answer)
        look_for_kernels(check, out, &scratch->words, text, lesson, turn);
    return look_for_secrets(out, scratch->secrets, text, &bytes, lesson, turn, err);
}

static void look_at_lengths(const struct check *check, struct findings *out, size_t lesson)
{
    struct lesson_lengths lengths = lesson_lengths_of(check->set->items[lesson].value);
    const struct lesson_check_options *options = check->options;
    if (lengths.answer_chars < options->chars_min)
        report(out, LESSON_FAULT_SHORT, lesson, LESSON_NONE, (double)lengths.answer_chars,
               str_of(""));
    if (options->chars_max > 0 && lengths.chars > options->chars_max)
        report(out, LESSON_FAULT_LONG, lesson, LESSON_NONE, (double)lengths.chars, str_of(""));
}

static bool look_at(const struct check *check, struct findings *out, struct scratch *scratch,
                    size_t lesson, struct err *err)
{
    const json_t *value = check->set->items[lesson].value;
    if (!json_object_get(value, "text"))
        look_at_roles(out, value, lesson);
    look_at_lengths(check, out, lesson);
    for (size_t turn = 0; turn < lesson_turns(value); turn++)
        if (!look_at_turn(check, out, scratch, lesson, turn, err))
            return err_in(err, "%s: line %zu", check->set->items[lesson].file,
                          check->set->items[lesson].line);
    return true;
}

static void look_at_block(void *arg, size_t block, size_t thread)
{
    const struct check *check = arg;
    struct scratch *scratch = &check->scratch[thread];
    size_t end = size_min((block + 1) * BLOCK, check->set->count);
    for (size_t i = block * BLOCK; i < end && scratch->err.code == ERR_NONE; i++)
        if (!look_at(check, &check->blocks[block], scratch, i, &scratch->err))
            return;
}

static void list_runs(struct check *check)
{
    struct word_list words;
    word_list_init(&words);
    check->runs = mem_zalloc(check->options->n_kernels + 1, sizeof *check->runs);
    for (size_t k = 0; k < check->options->n_kernels; k++) {
        word_list_split(&words, check->options->kernels[k].text);
        shingle_set_make(&check->runs[k], &words, LINT_RUN_WORDS);
    }
    word_list_release(&words);
}

static bool look_at_all(struct check *check, struct pool *pool, struct err *err)
{
    size_t n_threads = pool_threads(pool), n_blocks = (check->set->count + BLOCK - 1) / BLOCK;
    bool ok = true;
    check->scratch = mem_zalloc(n_threads, sizeof *check->scratch);
    check->blocks = mem_zalloc(n_blocks + 1, sizeof *check->blocks);
    for (size_t i = 0; i < n_threads; i++) {
        word_list_init(&check->scratch[i].words);
        ok = ok && secret_scan_create(&check->scratch[i].secrets, err);
    }
    if (ok)
        pool_run(pool, look_at_block, check, n_blocks);
    for (size_t i = 0; i < n_threads; i++) {
        if (ok && check->scratch[i].err.code != ERR_NONE) {
            *err = check->scratch[i].err;
            ok = false;
        }
        word_list_release(&check->scratch[i].words);
        secret_scan_free(check->scratch[i].secrets);
    }
    free(check->scratch);
    return ok;
}

static size_t count_words(struct str text, size_t enough)
{
    struct str word;
    size_t at = 0, count = 0;
    while (count < enough && utf8_word(&word, text, &at))
        count++;
    return count;
}

static bool says_the_same(const json_t *a, const json_t *b)
{
    size_t count = lesson_turns(a);
    if (count != lesson_turns(b))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!str_eq(lesson_role(a, i), lesson_role(b, i)) ||
            !str_eq(lesson_content(a, i), lesson_content(b, i)))
            return false;
    return true;
}

/* Lessons that are there twice, as `twice[i]`: the earlier one, or LESSON_NONE. */
static size_t *find_twice(const struct lesson_set *set)
{
    size_t *twice = mem_zalloc(set->count + 1, sizeof *twice);
    uint64_t *hashes = mem_zalloc(set->count + 1, sizeof *hashes);
    struct map seen = {0};
    map_reserve(&seen, set->count);
    for (size_t i = 0; i < set->count; i++) {
        const json_t *value = set->items[i].value;
        for (size_t turn = 0; turn < lesson_turns(value); turn++) {
            struct str content = lesson_content(value, turn);
            hashes[i] = rng_key(content.ptr, content.len, hashes[i]);
        }
        struct str key = str_n((const char *)&hashes[i], sizeof hashes[i]);
        uint32_t first = map_get(&seen, key);
        bool is_same = first != MAP_NONE && says_the_same(value, set->items[first].value);
        twice[i] = is_same ? first : LESSON_NONE;
        map_add(&seen, key, (uint32_t)i);
    }
    map_release(&seen);
    free(hashes);
    return twice;
}

static void find_near(struct findings *out, const struct lesson_set *set, const size_t *twice,
                      double near)
{
    struct str *answers = mem_zalloc(set->count + 1, sizeof *answers);
    struct dedup_twin *twins = mem_zalloc(set->count + 1, sizeof *twins);
    struct arena arena = {0};
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < set->count; i++) {
        buf_reset(&text);
        lesson_put_answers(&text, set->items[i].value);
        bool is_long = count_words(buf_str(&text), NEAR_WORDS_MIN) == NEAR_WORDS_MIN;
        answers[i] =
            is_long && twice[i] == LESSON_NONE ? arena_str(&arena, buf_str(&text)) : str_n("", 0);
    }
    dedup_find(twins, answers, set->count, near);
    for (size_t i = 0; i < set->count; i++) {
        if (answers[i].len == 0 || twins[i].of == DEDUP_NONE)
            continue;
        report(out, LESSON_FAULT_NEAR, i, LESSON_NONE, twins[i].similarity, str_of(""));
        out->items[out->count - 1].other = twins[i].of;
    }
    buf_release(&text);
    arena_release(&arena);
    free(twins);
    free(answers);
}

static void find_repeats(struct findings *out, const struct check *check)
{
    size_t *twice = find_twice(check->set);
    for (size_t i = 0; i < check->set->count; i++)
        if (twice[i] != LESSON_NONE) {
            report(out, LESSON_FAULT_TWICE, i, LESSON_NONE, 1, str_of(""));
            out->items[out->count - 1].other = twice[i];
        }
    if (check->options->near <= 1)
        find_near(out, check->set, twice, check->options->near);
    free(twice);
}

static int compare_findings(const void *a, const void *b)
{
    const struct lesson_finding *x = a, *y = b;
    if (x->lesson != y->lesson)
        return x->lesson < y->lesson ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->turn != y->turn)
        return x->turn < y->turn ? -1 : 1;
    return str_cmp(x->text, y->text);
}

static void gather(struct lesson_check *out, const struct check *check,
                   const struct findings *repeats)
{
    size_t n_blocks = (check->set->count + BLOCK - 1) / BLOCK;
    for (size_t b = 0; b <= n_blocks; b++) {
        const struct findings *from = b < n_blocks ? &check->blocks[b] : repeats;
        for (size_t i = 0; i < from->count; i++)
            VEC_PUSH(out->findings, out->n_findings, out->cap_findings, from->items[i]);
    }
    if (out->n_findings > 0)
        qsort(out->findings, out->n_findings, sizeof *out->findings, compare_findings);
    for (size_t i = 0; i < out->n_findings; i++) {
        out->by_fault[out->findings[i].kind]++;
        out->n_faulty += i == 0 || out->findings[i].lesson != out->findings[i - 1].lesson;
    }
    lesson_measure(&out->turns, &out->user_chars, &out->answer_chars, check->set);
}

bool lesson_check(struct lesson_check *out, const struct lesson_set *set,
                  const struct lesson_check_options *options, struct pool *pool, struct err *err)
{
    struct check check = {.set = set, .options = options};
    struct findings repeats = {0};
    size_t n_blocks = (set->count + BLOCK - 1) / BLOCK;
    *out = (struct lesson_check){0};
    list_runs(&check);
    bool ok = look_at_all(&check, pool, err);
    if (ok) {
        find_repeats(&repeats, &check);
        gather(out, &check, &repeats);
    }
    for (size_t b = 0; b < n_blocks; b++)
        free(check.blocks[b].items);
    for (size_t k = 0; k < options->n_kernels; k++)
        shingle_set_release(&check.runs[k]);
    free(repeats.items);
    free(check.blocks);
    free(check.runs);
    return ok;
}

void lesson_check_release(struct lesson_check *check)
{
    free(check->findings);
    *check = (struct lesson_check){0};
}

void lesson_describe(struct buf *out, const struct lesson_finding *finding,
                     const struct lesson_set *set)
{
    const struct lesson *other = finding->other == LESSON_NONE ? NULL : &set->items[finding->other];
    size_t count = (size_t)finding->value, turn = finding->turn + 1;
    switch (finding->kind) {
    case LESSON_FAULT_ORDER:
        buf_printf(out, "turn %zu: expected %.*s", turn, STR_ARG(finding->text));
        break;
    case LESSON_FAULT_EMPTY: buf_printf(out, "turn %zu is empty", turn); break;
    case LESSON_FAULT_NO_ANSWER: buf_puts(out, "nobody answers"); break;
    case LESSON_FAULT_TWICE: buf_puts(out, "is the same as"); break;
    case LESSON_FAULT_NEAR:
        buf_printf(out, "nearly has the answer (likeness %.2f) of", finding->value);
        break;
    case LESSON_FAULT_FAILED: buf_printf(out, "turn %zu is a failure, not an answer", turn); break;
    case LESSON_FAULT_SHORT: buf_printf(out, "answers in only %zu characters", count); break;
    case LESSON_FAULT_LONG: buf_printf(out, "has %zu characters", count); break;
    case LESSON_FAULT_SECRET:
        buf_printf(out, "turn %zu holds a secret: %.*s", turn, STR_ARG(finding->text));
        break;
    case LESSON_FAULT_MARKER:
        buf_printf(out, "turn %zu holds a control token as text: %.*s", turn,
                   STR_ARG(finding->text));
        break;
    case LESSON_FAULT_LOST:
        buf_printf(out, "turn %zu holds lost or control characters", turn);
        break;
    case LESSON_FAULT_KERNEL:
        buf_printf(out, "turn %zu says %d words in a row, from word %zu, of kernel %.*s", turn,
                   LINT_RUN_WORDS, count, STR_ARG(finding->text));
        break;
    case N_LESSON_FAULTS: BUG("no kind of finding");
    }
    if (other)
        buf_printf(out, " %s: line %zu", other->file, other->line);
}
