/* sandwich.c - see sandwich.h. */
#include "lesson/sandwich.h"

#include <string.h>

#include "lesson/lesson.h"
#include "text/json.h"

#define RULE "\n\n---\n\n"

static const char *const names[N_SANDWICH_KINDS] = {
    [SANDWICH_LEK] = "lek",
    [SANDWICH_DOUBLE] = "double",
    [SANDWICH_GOLDEN] = "golden",
    [SANDWICH_KB] = "kb",
};

const char *sandwich_name(enum sandwich_kind kind)
{
    return names[kind];
}

bool sandwich_of_name(enum sandwich_kind *kind, const char *name)
{
    for (size_t i = 0; i < N_SANDWICH_KINDS; i++)
        if (strcmp(names[i], name) == 0) {
            *kind = (enum sandwich_kind)i;
            return true;
        }
    return false;
}

/* The parts that are not empty, `between` them. */
static void put_joined(struct buf *out, const char *between, const struct str *parts, size_t count)
{
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len == 0)
            continue;
        if (!first)
            buf_puts(out, between);
        buf_add_str(out, parts[i]);
        first = false;
    }
}

static void put_axioms(struct buf *out, const json_t *axioms)
{
    buf_puts(out, "Five axioms stand under everything you say:\n");
    for (size_t i = 0; i < json_array_size(axioms); i++) {
        const json_t *axiom = json_array_get(axioms, i);
        buf_printf(out, "\nAxiom %zu (%.*s): %.*s", i + 1, STR_ARG(json_get_str(axiom, "name")),
                   STR_ARG(json_get_str(axiom, "statement")));
    }
}

static void put_user(struct buf *out, const struct sandwich *recipe, struct str probe)
{
    const struct str lek[] = {recipe->kernel, probe, recipe->signature};
    const struct str twice[] = {recipe->kernel, probe, recipe->kernel};
    const struct str golden[] = {probe, STR("Answer in the light of this framework.\n\n")};
    const struct str kb[] = {recipe->preamble, probe, recipe->kernel};
    switch (recipe->kind) {
    case SANDWICH_LEK: put_joined(out, "\n\n", lek, 3); break;
    case SANDWICH_DOUBLE: put_joined(out, "\n\n", twice, 3); break;
    case SANDWICH_GOLDEN:
        put_joined(out, RULE, golden, 2);
        buf_add_str(out, recipe->kernel);
        break;
    case SANDWICH_KB:
        put_joined(out, RULE, kb, 3);
        buf_puts(out, "\n\nLet the text above be the ground you answer from.");
        break;
    case N_SANDWICH_KINDS: BUG("no kind of sandwich");
    }
}

json_t *sandwich_lesson(const struct sandwich *recipe, struct str probe, struct str answer)
{
    json_t *value = lesson_new();
    struct buf text;
    buf_init(&text, BUF_MAX_DEFAULT);
    if (recipe && recipe->kind == SANDWICH_GOLDEN) {
        put_axioms(&text, recipe->axioms);
        lesson_add(value, "system", buf_str(&text));
        buf_reset(&text);
    }
    if (recipe)
        put_user(&text, recipe, probe);
    else
        buf_add_str(&text, probe);
    lesson_add(value, "user", buf_str(&text));
    lesson_add(value, "assistant", answer);
    buf_release(&text);
    return value;
}
