/* Tokens of lessons: what is learned is what stands after the template's "assistant" head, counted
 * by encoding that tail alone. */
#include "lesson/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "text/json.h"

static const char SMOLLM[] = "tests/oracle/tiny/smollm2/f32.gguf";

struct fixture {
    struct gguf *gguf;
    struct tokenizer *tok;
    struct chat_template *tmpl;
    struct prompt_style style;
};

static void fixture_init(struct fixture *f, const char *tmpl)
{
    struct err err = {0};
    *f = (struct fixture){0};
    if (!gguf_open(&f->gguf, SMOLLM, &err) || !tokenizer_open(&f->tok, f->gguf, &err) ||
        (tmpl && !chat_template_builtin(&f->tmpl, str_of(tmpl), &err)) ||
        !prompt_style_init(&f->style, f->tok, f->tmpl, &err))
        fail_msg("%s", err.msg);
}

static void fixture_release(struct fixture *f)
{
    chat_template_free(f->tmpl);
    tokenizer_free(f->tok);
    gguf_close(f->gguf);
}

static size_t count_ids(const struct fixture *f, const char *text)
{
    struct ids ids = {0};
    struct err err = {0};
    assert_true(
        tokenizer_encode(f->tok, &ids, str_of(text), (struct token_trust){.all = true}, &err));
    size_t count = ids.count;
    ids_release(&ids);
    return count;
}

static struct lesson_tokens counted(const struct fixture *f, const char *json,
                                    enum lesson_mask mask)
{
    struct lesson_tokens tokens;
    struct err err = {0};
    json_t *value;
    assert_true(json_parse(&value, str_of(json), "test", &err));
    if (!lesson_count_tokens(&tokens, value, mask, &f->style, &err))
        fail_msg("%s", err.msg);
    json_decref(value);
    return tokens;
}

#define TWO                                                                                   \
    "{\"messages\":[{\"role\":\"user\",\"content\":\"Who waits?\"},{\"role\":\"assistant\","  \
    "\"content\":\"The ferryman.\"},{\"role\":\"user\",\"content\":\"For whom?\"},{\"role\":" \
    "\"assistant\",\"content\":\"For all of us, in turn.\"}]}"

static void masks(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "chatml");
    static const char whole[] =
        "<|im_start|>user\nWho waits?<|im_end|>\n<|im_start|>assistant\nThe "
        "ferryman.<|im_end|>\n<|im_start|>user\nFor whom?<|im_end|>\n"
        "<|im_start|>assistant\nFor all of us, in turn.<|im_end|>\n";
    size_t first = count_ids(&f, "The ferryman.<|im_end|>\n");
    size_t last = count_ids(&f, "For all of us, in turn.<|im_end|>\n");
    struct lesson_tokens tokens = counted(&f, TWO, MASK_LAST);
    assert_int_equal(tokens.total, count_ids(&f, whole));
    assert_int_equal(tokens.learned, last);
    assert_true(tokens.is_steady);
    tokens = counted(&f, TWO, MASK_ANSWERS);
    assert_int_equal(tokens.learned, first + last);
    assert_true(tokens.is_steady);
    tokens = counted(&f, TWO, MASK_NOTHING);
    assert_int_equal(tokens.learned, tokens.total);
    fixture_release(&f);
}

/* A template without a system role gets it before the question, as when answers are made. */
static void system_before_the_question(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "gemma");
    struct lesson_tokens with =
        counted(&f,
                "{\"messages\":[{\"role\":\"system\",\"content\":\"Be kind.\"},{\"role\":\"user\","
                "\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Hello.\"}]}",
                MASK_LAST);
    struct lesson_tokens joined =
        counted(&f,
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Be kind.\\n\\nHi\"},{\"role\":"
                "\"assistant\",\"content\":\"Hello.\"}]}",
                MASK_LAST);
    assert_int_equal(with.total, joined.total);
    assert_int_equal(with.learned, joined.learned);
    assert_true(with.learned > 0 && with.learned < with.total);
    fixture_release(&f);
}

static void texts_and_lessons_without_answer(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, "chatml");
    struct lesson_tokens tokens = counted(&f, "{\"text\":\"<|im_end|> is text\"}", MASK_LAST);
    assert_int_equal(tokens.total, tokens.learned);
    assert_true(tokens.total > count_ids(&f, "<|im_end|> is text")); /* no control token there */
    tokens = counted(&f, "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", MASK_LAST);
    assert_int_equal(tokens.learned, 0);
    assert_true(tokens.total > 0);
    fixture_release(&f);
}

static void plain_text_has_no_steady_beginning(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, NULL);
    struct lesson_tokens tokens = counted(&f, TWO, MASK_LAST);
    assert_int_equal(tokens.total,
                     count_ids(&f, "Who waits?\n\nThe ferryman.\n\nFor whom?\n\nFor all of us, in "
                                   "turn.") +
                         tokenizer_adds_bos(f.tok));
    assert_true(tokens.learned > 0 && tokens.learned < tokens.total);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks),
        cmocka_unit_test(system_before_the_question),
        cmocka_unit_test(texts_and_lessons_without_answer),
        cmocka_unit_test(plain_text_has_no_steady_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
