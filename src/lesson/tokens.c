/* tokens.c - see tokens.h. */
#include "lesson/tokens.h"

#include "lesson/lesson.h"

bool lesson_mask_of_name(enum lesson_mask *mask, const char *name)
{
    static const char *const names[N_LESSON_MASKS] = {
        [MASK_LAST] = "last", [MASK_ANSWERS] = "answers", [MASK_NOTHING] = "none"};
    for (size_t i = 0; i < N_LESSON_MASKS; i++)
        if (strcmp(names[i], name) == 0) {
            *mask = (enum lesson_mask)i;
            return true;
        }
    return false;
}

/* The ids of the first `n_turns` turns, in place of what `ids` held. */
static bool encode_turns(struct ids *ids, const json_t *value, size_t n_turns, bool answer_begins,
                         const struct prompt_style *style, struct err *err)
{
    json_t *turns = json_array(), *extra = json_object();
    struct chat_text text;
    chat_text_init(&text);
    for (size_t i = 0; i < n_turns; i++)
        json_array_append(turns, json_array_get(json_object_get(value, "messages"), i));
    if (json_object_get(value, "tools"))
        json_object_set(extra, "tools", json_object_get(value, "tools"));
    ids->count = 0;
    bool ok = prompt_render_turns(style, &text, turns, extra, answer_begins, err) &&
              prompt_encode(style, ids, &text, err);
    chat_text_release(&text);
    json_decref(turns);
    json_decref(extra);
    return ok;
}

/* Where the whole goes on after the turns before `turn`, whose answer begins there. */
static bool find_start(size_t *start, bool *is_steady, const struct ids *whole, const json_t *value,
                       size_t turn, bool answer_begins, const struct prompt_style *style,
                       struct err *err)
{
    struct ids part = {0};
    bool ok = encode_turns(&part, value, turn, answer_begins, style, err);
    size_t same = 0;
    while (ok && same < part.count && same < whole->count && part.id[same] == whole->id[same])
        same++;
    *is_steady &= same == part.count;
    *start = same;
    ids_release(&part);
    return ok;
}

static bool count_text(struct lesson_tokens *out, struct str text, const struct prompt_style *style,
                       struct err *err)
{
    struct ids ids = {0};
    bool ok = tokenizer_encode(style->tok, &ids, text, (struct token_trust){0}, err);
    out->total =
        ids.count + tokenizer_adds_bos(style->tok) + (tokenizer_eos(style->tok) != TOKEN_NONE);
    out->learned = out->total;
    ids_release(&ids);
    return ok;
}

static bool count_answers(struct lesson_tokens *out, const struct ids *whole, const json_t *value,
                          const struct prompt_style *style, struct err *err)
{
    size_t n_turns = lesson_turns(value), start, end;
    for (size_t i = 0; i < n_turns; i++) {
        if (!lesson_is_assistant(value, i))
            continue;
        end = whole->count;
        if (!find_start(&start, &out->is_steady, whole, value, i, true, style, err) ||
            (i + 1 < n_turns &&
             !find_start(&end, &out->is_steady, whole, value, i + 1, false, style, err)))
            return false;
        out->learned += end > start ? end - start : 0;
    }
    return true;
}

static bool count_last(struct lesson_tokens *out, const struct ids *whole, const json_t *value,
                       const struct prompt_style *style, struct err *err)
{
    size_t n_turns = lesson_turns(value), start = 0;
    bool is_answer = n_turns > 0 && lesson_is_assistant(value, n_turns - 1);
    if (is_answer &&
        !find_start(&start, &out->is_steady, whole, value, n_turns - 1, true, style, err))
        return false;
    out->learned = is_answer ? whole->count - start : 0;
    return true;
}

bool lesson_count_tokens(struct lesson_tokens *out, const json_t *value, enum lesson_mask mask,
                         const struct prompt_style *style, struct err *err)
{
    struct ids whole = {0};
    *out = (struct lesson_tokens){.is_steady = true};
    if (json_object_get(value, "text"))
        return count_text(out, lesson_content(value, 0), style, err);
    bool ok = encode_turns(&whole, value, lesson_turns(value), false, style, err);
    out->total = whole.count;
    if (ok && mask == MASK_NOTHING)
        out->learned = out->total;
    else if (ok && mask == MASK_LAST)
        ok = count_last(out, &whole, value, style, err);
    else if (ok)
        ok = count_answers(out, &whole, value, style, err);
    ids_release(&whole);
    return ok;
}
