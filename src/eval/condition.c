#include "eval/condition.h"

#include <string.h>

#include "text/utf8.h"

void conditions_init(struct conditions *set)
{
    *set = (struct conditions){.count = 1};
    set->items[0].name = str_of(KERNEL_BASELINE);
}

void conditions_release(struct conditions *set)
{
    for (size_t i = 1; i < set->count; i++)
        kernel_release(&set->items[i].kernel);
    set->count = 0;
}

/* Admits the arm behind the last, whose kernel is filled in; on failure it is released. */
static bool admit(struct conditions *set, struct err *err)
{
    struct condition *arm = &set->items[set->count];
    arm->name = str_of(arm->kernel.name);
    for (size_t i = 0; i < set->count; i++) {
        if (!str_eq(set->items[i].name, arm->name))
            continue;
        err_set(err, ERR_USAGE, "two kernels are named '%s'; tell them apart with NAME=%s",
                arm->kernel.name, arm->kernel.path ? arm->kernel.path : "PATH");
        kernel_release(&arm->kernel);
        return false;
    }
    set->count++;
    return true;
}

static bool has_room(const struct conditions *set, struct err *err)
{
    return set->count < CONDITIONS_MAX ||
           err_set(err, ERR_LIMIT, "more than %d conditions", CONDITIONS_MAX);
}

bool conditions_add(struct conditions *set, const char *spec, struct err *err)
{
    if (!has_room(set, err))
        return false;
    struct condition *arm = &set->items[set->count];
    *arm = (struct condition){0};
    return kernel_load(&arm->kernel, spec, err) && admit(set, err);
}

static bool add_placebo(struct conditions *set, size_t of, enum placebo_kind kind,
                        const struct tokenizer *tok, uint64_t seed, struct err *err)
{
    struct placebo made;
    struct buf name;
    if (!has_room(set, err) || !placebo_make(&made, &set->items[of].kernel, kind, tok, seed, err))
        return false;
    struct condition *arm = &set->items[set->count];
    *arm = (struct condition){.placebo_of = of,
                              .placebo = kind,
                              .placebo_seed = seed,
                              .tokens = made.tokens,
                              .kernel_tokens = made.kernel_tokens};
    buf_init(&name, BUF_MAX_DEFAULT);
    buf_printf(&name, "%s~%s", set->items[of].kernel.name, placebo_kind_name(kind));
    kernel_take(&arm->kernel, name.ptr, made.memory, made.text.len);
    buf_release(&name);
    return admit(set, err);
}

bool conditions_add_placebos(struct conditions *set, const bool wanted[PLACEBO_KINDS],
                             const struct tokenizer *tok, uint64_t seed, struct err *err)
{
    size_t n = set->count;
    for (size_t of = 1; of < n; of++)
        for (int kind = 0; kind < PLACEBO_KINDS; kind++)
            if (wanted[kind] && set->items[of].placebo_of == 0 &&
                !add_placebo(set, of, (enum placebo_kind)kind, tok, seed, err))
                return false;
    return true;
}

/* Python's repr of a string: single quotes, unless only those occur in it. */
static void add_repr(struct buf *out, struct str s)
{
    bool has_single = s.len && memchr(s.ptr, '\'', s.len);
    char quote = has_single && !memchr(s.ptr, '"', s.len) ? '"' : '\'';
    buf_putc(out, quote);
    for (size_t at = 0; at < s.len;) {
        uint32_t cp = utf8_next(s, &at);
        if (cp == (uint32_t)quote || cp == '\\')
            buf_putc(out, '\\');
        if (cp == '\n' || cp == '\r' || cp == '\t')
            buf_puts(out, cp == '\n' ? "\\n" : cp == '\r' ? "\\r" : "\\t");
        else if (cp < 0x20 || cp == 0x7f)
            buf_printf(out, "\\x%02x", (unsigned)cp);
        else
            utf8_put(out, cp);
    }
    buf_putc(out, quote);
}

void conditions_list(struct buf *out, const struct conditions *set)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < set->count; i++) {
        if (i)
            buf_puts(out, ", ");
        add_repr(out, set->items[i].name);
    }
    buf_putc(out, ']');
}
