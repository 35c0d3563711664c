#include "text/regex.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

enum { PATTERN_MAX = 1 << 20, JIT_STACK_START = 32 << 10, JIT_STACK_MAX = 4 << 20 };

struct regex {
    pcre2_code *code;
};

struct regex_scratch {
    pcre2_match_data *match;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

/* The space characters of Python's \s, as the inside of a class. */
#define PYTHON_SPACE                                                                              \
    "\\x09-\\x0D\\x1C-\\x20\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}" \
    "\\x{205F}\\x{3000}"
#define ASCII_SPACE "\\x09-\\x0D\\x20"

/* Appends what an escape means to PCRE2; false when a class cannot hold it. */
static bool put_escape(struct buf *out, char c, bool in_class, const char *space)
{
    if (c == 's' && in_class)
        buf_puts(out, space);
    else if (c == 's' || (c == 'S' && !in_class))
        buf_printf(out, c == 's' ? "[%s]" : "[^%s]", space);
    else if (c == 'S')
        return false;
    else if (c == 'Z' && !in_class)
        buf_puts(out, "\\z");
    else
        buf_printf(out, "\\%c", c);
    return true;
}

/* Rewrites the pattern where PCRE2 and Python read the same escape differently. */
static bool translate(struct buf *out, struct str pattern, unsigned flags, struct err *err)
{
    const char *space = flags & REGEX_ASCII ? ASCII_SPACE : PYTHON_SPACE;
    size_t class_start = 0;
    bool in_class = false;
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        if (c == '\\' && i + 1 < pattern.len) {
            if (!put_escape(out, pattern.ptr[++i], in_class, space))
                return err_set(err, ERR_UNSUPPORTED,
                               "pattern, byte %zu: \\S inside a class is not supported", i);
            continue;
        }
        if (!in_class && c == '[') {
            in_class = true;
            class_start = i + 1;
            if (class_start < pattern.len && pattern.ptr[class_start] == '^')
                class_start++;
        } else if (in_class && c == ']' && i > class_start) {
            in_class = false;
        }
        buf_putc(out, c);
    }
    return !out->full || err_set(err, ERR_LIMIT, "pattern: longer than %d bytes", PATTERN_MAX);
}

static uint32_t compile_options(unsigned flags)
{
    return PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | (flags & REGEX_ASCII ? 0 : PCRE2_UCP) |
           (flags & REGEX_ICASE ? PCRE2_CASELESS : 0) |
           (flags & REGEX_MULTILINE ? PCRE2_MULTILINE : 0) |
           (flags & REGEX_DOTALL ? PCRE2_DOTALL : 0);
}

static bool compile(struct regex *re, struct str pattern, unsigned flags, struct err *err)
{
    int code = 0;
    size_t place = 0;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context)
        BUG("out of memory for a pattern");
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    re->code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, compile_options(flags), &code,
                             &place, context);
    pcre2_compile_context_free(context);
    if (!re->code) {
        PCRE2_UCHAR why[128];
        pcre2_get_error_message(code, why, sizeof why);
        return err_set(err, ERR_FORMAT, "pattern, byte %zu: %s", place, (const char *)why);
    }
    uint32_t groups = 0;
    pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (groups > REGEX_GROUPS_MAX)
        return err_set(err, ERR_LIMIT, "pattern: %u groups, at most %d", (unsigned)groups,
                       REGEX_GROUPS_MAX);
    /* Only speed depends on it: without JIT the same search is interpreted. */
    pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
    return true;
}

bool regex_compile(struct regex **out, struct str pattern, unsigned flags, struct err *err)
{
    struct buf translated;
    struct regex *re = mem_zalloc(1, sizeof *re);
    buf_init(&translated, PATTERN_MAX);
    bool ok = translate(&translated, pattern, flags, err) &&
              compile(re, buf_str(&translated), flags, err);
    buf_release(&translated);
    if (!ok) {
        regex_free(re);
        re = NULL;
    }
    *out = re;
    return ok;
}

void regex_free(struct regex *re)
{
    if (!re)
        return;
    pcre2_code_free(re->code);
    free(re);
}

struct regex_scratch *regex_scratch_create(void)
{
    struct regex_scratch *scratch = mem_zalloc(1, sizeof *scratch);
    scratch->match = pcre2_match_data_create(REGEX_GROUPS_MAX + 1, NULL);
    scratch->limits = pcre2_match_context_create(NULL);
    if (!scratch->match || !scratch->limits)
        BUG("out of memory for a search");
    scratch->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
    if (scratch->stack)
        pcre2_jit_stack_assign(scratch->limits, NULL, scratch->stack);
    pcre2_set_match_limit(scratch->limits, REGEX_STEPS_MAX);
    pcre2_set_depth_limit(scratch->limits, REGEX_STEPS_MAX);
    pcre2_set_heap_limit(scratch->limits, REGEX_HEAP_KIB);
    return scratch;
}

void regex_scratch_free(struct regex_scratch *scratch)
{
    if (!scratch)
        return;
    pcre2_match_data_free(scratch->match);
    pcre2_match_context_free(scratch->limits);
    pcre2_jit_stack_free(scratch->stack);
    free(scratch);
}

static bool search(bool *found, const struct regex *re, struct regex_scratch *scratch,
                   struct str text, size_t from, uint32_t options, struct err *err)
{
    const char *bytes = text.ptr ? text.ptr : "";
    int rc = pcre2_match(re->code, (PCRE2_SPTR)bytes, text.len, from, options | PCRE2_NO_UTF_CHECK,
                         scratch->match, scratch->limits);
    *found = rc >= 0;
    if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH)
        return true;
    PCRE2_UCHAR why[128];
    pcre2_get_error_message(rc, why, sizeof why);
    return err_set(err, ERR_LIMIT, "search in a text of %zu bytes given up: %s", text.len,
                   (const char *)why);
}

void regex_scan_init(struct regex_scan *scan, const struct regex *re, struct regex_scratch *scratch,
                     struct str text)
{
    *scan = (struct regex_scan){.re = re, .scratch = scratch, .text = text};
}

bool regex_scan_next(struct regex_scan *scan, bool *found, struct err *err)
{
    *found = false;
    if (scan->done)
        return true;
    uint32_t options = scan->after_empty ? PCRE2_NOTEMPTY_ATSTART : 0;
    if (!search(found, scan->re, scan->scratch, scan->text, scan->at, options, err))
        return false;
    scan->done = !*found;
    if (*found) {
        struct regex_span span = regex_group(scan->scratch, 0);
        scan->after_empty = span.start == span.end;
        scan->at = span.end;
    }
    return true;
}

struct regex_span regex_group(const struct regex_scratch *scratch, size_t n)
{
    const size_t *pairs = pcre2_get_ovector_pointer(scratch->match);
    if (n > REGEX_GROUPS_MAX)
        BUG("group %zu of at most %d", n, REGEX_GROUPS_MAX);
    return (struct regex_span){pairs[2 * n], pairs[2 * n + 1]};
}

struct str regex_group_str(const struct regex_scan *scan, size_t n)
{
    struct regex_span span = regex_group(scan->scratch, n);
    if (span.start == PCRE2_UNSET)
        return str_n(NULL, 0);
    return str_sub(scan->text, span.start, span.end - span.start);
}

bool regex_count(size_t *count, const struct regex *re, struct regex_scratch *scratch,
                 struct str text, struct err *err)
{
    struct regex_scan scan;
    bool found = true;
    *count = 0;
    regex_scan_init(&scan, re, scratch, text);
    while (true) {
        if (!regex_scan_next(&scan, &found, err))
            return false;
        if (!found)
            return true;
        ++*count;
    }
}

bool regex_search(bool *found, const struct regex *re, struct regex_scratch *scratch,
                  struct str text, size_t from, struct err *err)
{
    return search(found, re, scratch, text, from, 0, err);
}
