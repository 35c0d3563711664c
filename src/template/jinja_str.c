#include <stdlib.h>

#include "template/jinja_eval.h"
#include "text/utf8.h"

/* The methods of str. Every byte of a result keeps the origin of the byte it stems from. */

static struct str self_str(struct value self)
{
    return text_str(self.as.s);
}

static struct value sub_value(struct run *run, struct value self, size_t start, size_t len)
{
    return value_of_text(run, text_sub(self.as.s, start, len));
}

static bool in_set(struct str set, struct str ch)
{
    for (size_t at = 0; at < set.len;) {
        size_t from = at;
        utf8_next(set, &at);
        if (str_eq(str_sub(set, from, at - from), ch))
            return true;
    }
    return false;
}

struct value jinja_strip(struct run *run, const struct text *text, const struct text *set,
                         int sides)
{
    struct str s = text_str(text), left = s, right;
    run_step(run, s.len / 6);
    if (!set) {
        left = sides & STRIP_LEFT ? utf8_lstrip(s) : s;
        right = sides & STRIP_RIGHT ? utf8_rstrip(left) : left;
        return value_of_text(run, text_sub(text, (size_t)(right.ptr - s.ptr), right.len));
    }
    size_t start = 0, end = s.len;
    while (sides & STRIP_LEFT && start < end && run_step(run, 1)) {
        size_t at = start;
        utf8_next(s, &at);
        if (!in_set(text_str(set), str_sub(s, start, at - start)))
            break;
        start = at;
    }
    while (sides & STRIP_RIGHT && end > start && run_step(run, 1)) {
        size_t at = utf8_prev(str_n(s.ptr, end), end);
        if (!in_set(text_str(set), str_sub(s, at, end - at)))
            break;
        end = at;
    }
    return value_of_text(run, text_sub(text, start, end - start));
}

static struct value strip_with(struct run *run, struct value self, const struct args *args,
                               int sides)
{
    bool all_space = !arg_given(args, 0) || args->v[0].type == VALUE_NONE;
    return jinja_strip(run, self.as.s, all_space ? NULL : arg_text(run, args, 0), sides);
}

static struct value m_strip(struct run *run, struct value self, const struct args *args)
{
    return strip_with(run, self, args, STRIP_LEFT | STRIP_RIGHT);
}

static struct value m_lstrip(struct run *run, struct value self, const struct args *args)
{
    return strip_with(run, self, args, STRIP_LEFT);
}

static struct value m_rstrip(struct run *run, struct value self, const struct args *args)
{
    return strip_with(run, self, args, STRIP_RIGHT);
}

/* One character in another case; `start` tells whether it begins the text or a word. */
static size_t change_char(uint32_t out[3], struct str s, size_t at, enum letter_case to, bool start)
{
    size_t next = at;
    uint32_t cp = utf8_next(s, &next);
    switch (to) {
    case CASE_UPPER: return utf8_upper_of(out, cp);
    case CASE_SWAP: return utf8_is_upper(cp) ? utf8_lower_at(out, s, at) : utf8_upper_of(out, cp);
    case CASE_TITLE:
    case CASE_CAPITAL:
        if (start)
            return utf8_title_of(out, cp);
        break;
    case CASE_LOWER: break;
    }
    return utf8_lower_at(out, s, at);
}

struct value jinja_case(struct run *run, const struct text *text, enum letter_case to)
{
    struct builder b = {0};
    struct str s = text_str(text);
    bool start = true;
    for (size_t at = 0; at < s.len && run_step(run, 1);) {
        uint32_t form[3];
        size_t from = at, n = change_char(form, s, at, to, start);
        uint32_t cp = utf8_next(s, &at);
        for (size_t i = 0; i < n; i++)
            builder_add_cp(run, &b, form[i], text_trusted_at(text, from));
        start = to == CASE_TITLE && !utf8_is_cased(cp);
    }
    struct value changed = builder_value(run, &b);
    return text->markup ? text_as_markup(run, changed) : changed;
}

static struct value m_upper(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return jinja_case(run, self.as.s, CASE_UPPER);
}

static struct value m_lower(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return jinja_case(run, self.as.s, CASE_LOWER);
}

static struct value m_title(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return jinja_case(run, self.as.s, CASE_TITLE);
}

static struct value m_capitalize(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return jinja_case(run, self.as.s, CASE_CAPITAL);
}

static struct value m_swapcase(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    return jinja_case(run, self.as.s, CASE_SWAP);
}

struct value jinja_replace(struct run *run, const struct text *text, const struct text *old,
                           const struct text *new, int64_t count)
{
    struct builder b = {0};
    struct str s = text_str(text), needle = text_str(old);
    size_t at = 0;
    run_step(run, s.len / 32);
    while (count != 0 && !run->failed) {
        size_t hit = str_find(s, needle, at), next;
        if (hit == (size_t)-1)
            break;
        struct text before = text_sub(text, at, hit - at);
        builder_add_text(run, &b, &before);
        builder_add_text(run, &b, new);
        at = next = hit + needle.len;
        count -= count > 0;
        if (needle.len)
            continue;
        if (at == s.len || !run_step(run, 1))
            break; /* nothing was to be found between characters, and the last gap is done */
        utf8_next(s, &next);
        before = text_sub(text, at, next - at);
        builder_add_text(run, &b, &before);
        at = next;
    }
    struct text rest = text_sub(text, at, s.len - at);
    builder_add_text(run, &b, &rest);
    return builder_value(run, &b);
}

/* On markup these would escape their arguments: refused rather than done otherwise. */
static bool refuse_markup(struct run *run, struct value self)
{
    if (self.as.s->markup)
        run_fail(run, ERR_UNSUPPORTED, "replace, join and format of text that is marked safe");
    return self.as.s->markup;
}

static struct value m_replace(struct run *run, struct value self, const struct args *args)
{
    const struct text *old = arg_text(run, args, 0), *new = arg_text(run, args, 1);
    int64_t count = arg_int(run, args, 2, -1);
    return run->failed || refuse_markup(run, self) ? self
                                                   : jinja_replace(run, self.as.s, old, new, count);
}

static void split_space(struct run *run, struct list *out, struct value self, int64_t max)
{
    struct str s = self_str(self), word;
    size_t at = 0;
    while (run_step(run, 1)) {
        if (max >= 0 && out->count == (size_t)max) {
            struct str rest = utf8_lstrip(str_from(s, at));
            if (rest.len)
                list_add(run, out, sub_value(run, self, s.len - rest.len, rest.len));
            return;
        }
        if (!utf8_word(&word, s, &at))
            return;
        list_add(run, out, sub_value(run, self, at - word.len, word.len));
    }
}

static void split_by(struct run *run, struct list *out, struct value self, struct str sep,
                     int64_t max)
{
    struct str s = self_str(self);
    size_t at = 0;
    run_step(run, s.len / 32);
    while (!run->failed) {
        bool more = max < 0 || out->count < (size_t)max;
        size_t hit = more ? str_find(s, sep, at) : (size_t)-1;
        size_t end = hit == (size_t)-1 ? s.len : hit;
        list_add(run, out, sub_value(run, self, at, end - at));
        if (hit == (size_t)-1)
            return;
        at = hit + sep.len;
    }
}

/* The separator given, checked; false for white space, or after a failure. */
static bool separator(struct run *run, const struct args *args, struct str *sep)
{
    if (!arg_given(args, 0) || args->v[0].type == VALUE_NONE)
        return false;
    *sep = text_str(arg_text(run, args, 0));
    if (sep->len == 0)
        run_fail(run, ERR_FORMAT, "a separator cannot be empty");
    return !run->failed;
}

static struct value m_split(struct run *run, struct value self, const struct args *args)
{
    struct list *out = list_new(run, LIST_LIST, 0);
    int64_t max = arg_int(run, args, 1, -1);
    struct str sep;
    if (separator(run, args, &sep))
        split_by(run, out, self, sep, max);
    else
        split_space(run, out, self, max);
    return value_of_list(out);
}

/* Offset of the last `sep` that ends at or before `end`, or -1. */
static size_t find_last(struct str s, struct str sep, size_t end)
{
    for (size_t at = end; at >= sep.len; at--) {
        if (memcmp(s.ptr + at - sep.len, sep.ptr, sep.len) == 0)
            return at - sep.len;
        if (at == 0)
            break;
    }
    return (size_t)-1;
}

static void reverse(struct list *list)
{
    for (size_t i = 0; i < list->count / 2; i++) {
        struct value v = list->items[i];
        list->items[i] = list->items[list->count - 1 - i];
        list->items[list->count - 1 - i] = v;
    }
}

static struct value m_rsplit(struct run *run, struct value self, const struct args *args)
{
    struct list *out = list_new(run, LIST_LIST, 0);
    int64_t max = arg_int(run, args, 1, -1);
    struct str s = self_str(self), sep;
    size_t end = s.len;
    if (!separator(run, args, &sep)) {
        if (max >= 0)
            run_fail(run, ERR_UNSUPPORTED, "rsplit at white space with a limit");
        split_space(run, out, self, -1);
        return value_of_list(out);
    }
    run_step(run, s.len / 32);
    while (!run->failed) {
        bool more = max < 0 || out->count < (size_t)max;
        size_t hit = more ? find_last(s, sep, end) : (size_t)-1;
        size_t start = hit == (size_t)-1 ? 0 : hit + sep.len;
        list_add(run, out, sub_value(run, self, start, end - start));
        if (hit == (size_t)-1)
            break;
        end = hit;
    }
    reverse(out);
    return value_of_list(out);
}

static struct value m_splitlines(struct run *run, struct value self, const struct args *args)
{
    struct list *out = list_new(run, LIST_LIST, 0);
    struct str s = self_str(self), line;
    size_t at = 0, start = 0;
    bool keep = arg_bool(args, 0, false);
    while (utf8_line(&line, s, &at) && run_step(run, 1)) {
        list_add(run, out, sub_value(run, self, start, keep ? at - start : line.len));
        start = at;
    }
    return value_of_list(out);
}

static struct value partition_at(struct run *run, struct value self, size_t hit, struct str sep)
{
    struct list *three = list_new(run, LIST_TUPLE, 3);
    list_add(run, three, sub_value(run, self, 0, hit));
    list_add(run, three, sub_value(run, self, hit, sep.len));
    list_add(run, three, sub_value(run, self, hit + sep.len, self.as.s->len - hit - sep.len));
    return value_of_list(three);
}

static struct value m_partition(struct run *run, struct value self, const struct args *args)
{
    struct str sep;
    if (!separator(run, args, &sep))
        return self;
    size_t hit = str_find(self_str(self), sep, 0);
    return hit == (size_t)-1 ? partition_at(run, self, self.as.s->len, str_n("", 0))
                             : partition_at(run, self, hit, sep);
}

static struct value m_rpartition(struct run *run, struct value self, const struct args *args)
{
    struct str sep;
    if (!separator(run, args, &sep))
        return self;
    size_t hit = find_last(self_str(self), sep, self.as.s->len);
    return hit == (size_t)-1 ? partition_at(run, self, 0, str_n("", 0))
                             : partition_at(run, self, hit, sep);
}

/* The part that find, count and startswith look at: [start, end) in characters, as a slice. */
static struct text window(struct run *run, struct value self, const struct args *args,
                          size_t *skipped)
{
    struct value bounds[3] = {value_none(), value_none(), value_none()};
    if (arg_given(args, 1))
        bounds[0] = args->v[1];
    if (arg_given(args, 2))
        bounds[1] = args->v[2];
    struct value part = jinja_slice(run, self, bounds);
    *skipped = 0;
    if (run->failed)
        return *self.as.s;
    if (part.as.s->len || part.as.s->ptr >= self.as.s->ptr)
        *skipped = (size_t)(part.as.s->ptr - self.as.s->ptr);
    return *part.as.s;
}

static struct value find_in(struct run *run, struct value self, const struct args *args, bool last)
{
    const struct text *needle = arg_text(run, args, 0);
    size_t skipped;
    struct text in = window(run, self, args, &skipped);
    if (run->failed)
        return value_none();
    run_step(run, in.len / 16);
    size_t hit = last ? find_last(text_str(&in), text_str(needle), in.len)
                      : str_find(text_str(&in), text_str(needle), 0);
    if (hit == (size_t)-1)
        return value_int(-1);
    return value_int((int64_t)utf8_count(str_n(self.as.s->ptr, skipped + hit)));
}

static struct value m_find(struct run *run, struct value self, const struct args *args)
{
    return find_in(run, self, args, false);
}

static struct value m_rfind(struct run *run, struct value self, const struct args *args)
{
    return find_in(run, self, args, true);
}

static struct value must_find(struct run *run, struct value at)
{
    if (!run->failed && at.as.i < 0)
        run_fail(run, ERR_FORMAT, "index: the part was not found");
    return at;
}

static struct value m_index(struct run *run, struct value self, const struct args *args)
{
    return must_find(run, find_in(run, self, args, false));
}

static struct value m_rindex(struct run *run, struct value self, const struct args *args)
{
    return must_find(run, find_in(run, self, args, true));
}

static struct value m_count(struct run *run, struct value self, const struct args *args)
{
    const struct text *needle = arg_text(run, args, 0);
    size_t skipped;
    int64_t n = 0;
    struct text in = window(run, self, args, &skipped);
    if (run->failed)
        return value_none();
    run_step(run, in.len / 16);
    if (needle->len == 0)
        return value_int((int64_t)utf8_count(text_str(&in)) + 1);
    for (size_t at = 0; (at = str_find(text_str(&in), text_str(needle), at)) != (size_t)-1; n++)
        at += needle->len;
    return value_int(n);
}

static bool has_affix(struct run *run, struct str s, struct value affix, bool at_end)
{
    if (affix.type != VALUE_STR) {
        run_fail(run, ERR_FORMAT, "%s takes a str or a tuple of them, not a %s",
                 at_end ? "endswith" : "startswith", value_type_name(affix));
        return false;
    }
    return at_end ? str_ends(s, text_str(affix.as.s)) : str_starts(s, text_str(affix.as.s));
}

static struct value affix_test(struct run *run, struct value self, const struct args *args,
                               bool at_end)
{
    size_t skipped;
    struct text in = window(run, self, args, &skipped);
    if (run->failed || !value_is_list(args->v[0], LIST_TUPLE))
        return value_bool(has_affix(run, text_str(&in), args->v[0], at_end));
    const struct list *many = args->v[0].as.list;
    for (size_t i = 0; i < many->count; i++)
        if (has_affix(run, text_str(&in), many->items[i], at_end))
            return value_bool(true);
    return value_bool(false);
}

static struct value m_startswith(struct run *run, struct value self, const struct args *args)
{
    return affix_test(run, self, args, false);
}

static struct value m_endswith(struct run *run, struct value self, const struct args *args)
{
    return affix_test(run, self, args, true);
}

static struct value m_removeprefix(struct run *run, struct value self, const struct args *args)
{
    const struct text *prefix = arg_text(run, args, 0);
    bool has = str_starts(self_str(self), text_str(prefix));
    return has ? sub_value(run, self, prefix->len, self.as.s->len - prefix->len) : self;
}

static struct value m_removesuffix(struct run *run, struct value self, const struct args *args)
{
    const struct text *suffix = arg_text(run, args, 0);
    bool has = str_ends(self_str(self), text_str(suffix));
    return has ? sub_value(run, self, 0, self.as.s->len - suffix->len) : self;
}

static struct value m_join(struct run *run, struct value self, const struct args *args)
{
    struct builder b = {0};
    struct list *items = value_items(run, args->v[0]);
    refuse_markup(run, self);
    for (size_t i = 0; i < items->count && run_step(run, 1); i++) {
        if (items->items[i].type != VALUE_STR) {
            run_fail(run, ERR_FORMAT, "join takes str items, item %zu is a %s", i,
                     value_type_name(items->items[i]));
            break;
        }
        if (i)
            builder_add_text(run, &b, self.as.s);
        builder_add_text(run, &b, items->items[i].as.s);
    }
    return builder_value(run, &b);
}

/* Fills up to `width` characters: `left` of them before the text, the rest after. */
static struct value padded(struct run *run, struct value self, int64_t width, struct text fill,
                           int how)
{
    struct builder b = {0};
    int64_t n = (int64_t)value_length(run, self), gap = width > n ? width - n : 0;
    int64_t left = how < 0 ? 0 : how > 0 ? gap : gap / 2 + (gap & width & 1);
    for (int64_t i = 0; i < left && run_step(run, 1); i++)
        builder_add_text(run, &b, &fill);
    builder_add_text(run, &b, self.as.s);
    for (int64_t i = left; i < gap && run_step(run, 1); i++)
        builder_add_text(run, &b, &fill);
    return builder_value(run, &b);
}

static struct value pad_method(struct run *run, struct value self, const struct args *args, int how)
{
    struct text fill = {.ptr = " ", .len = 1, .trusted = true};
    if (arg_given(args, 1))
        fill = *arg_text(run, args, 1);
    if (utf8_count(text_str(&fill)) != 1)
        run_fail(run, ERR_FORMAT, "what fills must be one character");
    return padded(run, self, arg_int(run, args, 0, 0), fill, how);
}

struct value jinja_center(struct run *run, struct value self, int64_t width)
{
    return padded(run, self, width, (struct text){.ptr = " ", .len = 1, .trusted = true}, 0);
}

static struct value m_center(struct run *run, struct value self, const struct args *args)
{
    return pad_method(run, self, args, 0);
}

static struct value m_ljust(struct run *run, struct value self, const struct args *args)
{
    return pad_method(run, self, args, -1);
}

static struct value m_rjust(struct run *run, struct value self, const struct args *args)
{
    return pad_method(run, self, args, 1);
}

static struct value m_zfill(struct run *run, struct value self, const struct args *args)
{
    struct builder b = {0};
    struct text zero = {.ptr = "0", .len = 1, .trusted = true};
    bool sign = self.as.s->len && (self.as.s->ptr[0] == '-' || self.as.s->ptr[0] == '+');
    struct text head = text_sub(self.as.s, 0, sign);
    struct value tail = sub_value(run, self, sign, self.as.s->len - sign);
    tail = padded(run, tail, arg_int(run, args, 0, 0) - sign, zero, 1);
    builder_add_text(run, &b, &head);
    builder_add_text(run, &b, tail.as.s);
    return builder_value(run, &b);
}

/* Whether there are characters and all of them are of the kind. */
static struct value all_are(struct value self, bool (*is)(uint32_t cp))
{
    struct str s = self_str(self);
    for (size_t at = 0; at < s.len;)
        if (!is(utf8_next(s, &at)))
            return value_bool(false);
    return value_bool(s.len > 0);
}

static struct value m_isdigit(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    run_step(run, self.as.s->len / 4);
    return all_are(self, utf8_is_digit);
}

static struct value m_isalpha(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    run_step(run, self.as.s->len / 4);
    return all_are(self, utf8_is_alpha);
}

static struct value m_isalnum(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    run_step(run, self.as.s->len / 4);
    return all_are(self, utf8_is_alnum);
}

static struct value m_isspace(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    run_step(run, self.as.s->len / 4);
    return all_are(self, utf8_is_space);
}

bool jinja_is_case(const struct text *text, bool upper)
{
    struct str s = text_str(text);
    bool seen = false;
    for (size_t at = 0; at < s.len;) {
        uint32_t cp = utf8_next(s, &at);
        bool wrong = utf8_is_cased(cp) && !(upper ? utf8_is_upper(cp) : utf8_is_lower(cp));
        if (wrong)
            return false;
        seen = seen || utf8_is_cased(cp);
    }
    return seen;
}

static struct value m_islower(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    run_step(run, self.as.s->len / 4);
    return value_bool(jinja_is_case(self.as.s, false));
}

static struct value m_isupper(struct run *run, struct value self, const struct args *args)
{
    (void)args;
    run_step(run, self.as.s->len / 4);
    return value_bool(jinja_is_case(self.as.s, true));
}

static struct value m_format(struct run *run, struct value self, const struct args *args)
{
    return refuse_markup(run, self) ? self : jinja_format_braces(run, self.as.s, args->call);
}

const struct builtin jinja_str_methods[] = {
    {"strip", m_strip, "/chars ", 0},
    {"lstrip", m_lstrip, "/chars ", 0},
    {"rstrip", m_rstrip, "/chars ", 0},
    {"upper", m_upper, "", 0},
    {"lower", m_lower, "", 0},
    {"title", m_title, "", 0},
    {"capitalize", m_capitalize, "", 0},
    {"swapcase", m_swapcase, "", 0},
    {"replace", m_replace, "/old new count ", 2},
    {"split", m_split, "sep maxsplit ", 0},
    {"rsplit", m_rsplit, "sep maxsplit ", 0},
    {"splitlines", m_splitlines, "keepends ", 0},
    {"partition", m_partition, "/sep ", 1},
    {"rpartition", m_rpartition, "/sep ", 1},
    {"find", m_find, "/sub start end ", 1},
    {"rfind", m_rfind, "/sub start end ", 1},
    {"index", m_index, "/sub start end ", 1},
    {"rindex", m_rindex, "/sub start end ", 1},
    {"count", m_count, "/sub start end ", 1},
    {"startswith", m_startswith, "/prefix start end ", 1},
    {"endswith", m_endswith, "/suffix start end ", 1},
    {"removeprefix", m_removeprefix, "/prefix ", 1},
    {"removesuffix", m_removesuffix, "/suffix ", 1},
    {"join", m_join, "/iterable ", 1},
    {"center", m_center, "/width fillchar ", 1},
    {"ljust", m_ljust, "/width fillchar ", 1},
    {"rjust", m_rjust, "/width fillchar ", 1},
    {"zfill", m_zfill, "/width ", 1},
    {"isdigit", m_isdigit, "", 0},
    {"isdecimal", m_isdigit, "", 0},
    {"isnumeric", m_isdigit, "", 0},
    {"isalpha", m_isalpha, "", 0},
    {"isalnum", m_isalnum, "", 0},
    {"isspace", m_isspace, "", 0},
    {"islower", m_islower, "", 0},
    {"isupper", m_isupper, "", 0},
    {"format", m_format, NULL, 0},
    {0},
};
