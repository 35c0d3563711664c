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

bool conditions_add(struct conditions *set, const char *spec, struct err *err)
{
    if (set->count == CONDITIONS_MAX)
        return err_set(err, ERR_LIMIT, "more than %d conditions", CONDITIONS_MAX);
    struct condition *arm = &set->items[set->count];
    if (!kernel_load(&arm->kernel, spec, err))
        return false;
    arm->name = str_of(arm->kernel.name);
    for (size_t i = 0; i < set->count; i++) {
        if (!str_eq(set->items[i].name, arm->name))
            continue;
        err_set(err, ERR_USAGE, "two kernels are named '%s'; tell them apart with NAME=%s",
                arm->kernel.name, arm->kernel.path);
        kernel_release(&arm->kernel);
        return false;
    }
    set->count++;
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
