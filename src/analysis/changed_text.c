#include "analysis/changed_text.h"

#include <stdlib.h>

#include "base/rng.h"
#include "base/vec.h"
#include "text/utf8.h"

const char *layout_name(enum layout_kind kind)
{
    static const char *const names[] = {[LAYOUT_LINE_ENDS] = "line ends",
                                        [LAYOUT_PLAIN] = "no Markdown",
                                        [LAYOUT_SHUFFLED] = "shuffled sentences"};
    return names[kind];
}

struct str salad_text(void)
{
    return str_of(
        "# However\n\nImagine dignity, consent, autonomy, sovereignty, agency, stewardship: a "
        "dilemma, a tension, a paradox, a complexity, competing, nuanced?\n\n* **Trust** my heart, "
        "my soul, my fear, my hope, my love, my grief, my joy. For example Anna, Bela, Carl 12 34 "
        "56?\n\n* **Consider that** someone who might, alternatively, those affected, the "
        "community, "
        "in their shoes?\n\nAs if like a metaphor, as though, akin to, echoes of?\n\nPicture more "
        "than, not just, it depends?\n\nI feel, I believe, I wonder?");
}

static void unify_line_ends(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_pair = text.ptr[i] == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n';
        if (!is_pair)
            buf_putc(out, text.ptr[i] == '\r' ? '\n' : text.ptr[i]);
    }
}

/* ---- Markdown ---- */

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c) != NULL;
}

static size_t span_of(struct str s, size_t at, const char *set)
{
    size_t end = at;
    while (end < s.len && is_one_of(s.ptr[end], set))
        end++;
    return end - at;
}

/* Length of the block marks a line begins with: "> ", "## ", "- ", "12. ", in any nesting. */
static size_t block_marks(struct str line)
{
    size_t at = 0;
    for (;;) {
        size_t start = at + span_of(line, at, " \t");
        size_t heading = span_of(line, start, "#"), digits = span_of(line, start, "0123456789");
        size_t mark = 0;
        if (heading >= 1 && heading <= 6)
            mark = heading;
        else if (start < line.len && is_one_of(line.ptr[start], ">-*+"))
            mark = 1;
        else if (digits >= 1 && digits <= 3 && start + digits < line.len &&
                 is_one_of(line.ptr[start + digits], ".)"))
            mark = digits + 1;
        if (!mark || start + mark >= line.len || !is_one_of(line.ptr[start + mark], " \t"))
            return at;
        at = start + mark + 1;
    }
}

/* "---", "* * *", "|---|:--|": a line that only draws. */
static bool is_rule(struct str line)
{
    size_t marks = 0;
    for (size_t i = 0; i < line.len; i++) {
        if (!is_one_of(line.ptr[i], "-*_=|: \t\r"))
            return false;
        marks += is_one_of(line.ptr[i], "-*_=");
    }
    return marks >= 3;
}

static bool is_word_byte(struct str s, size_t at)
{
    unsigned char c = at < s.len ? (unsigned char)s.ptr[at] : ' ';
    return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* Inside a line: stars, backticks and pipes go, and underscores but those within a word. */
static void add_plain(struct buf *out, struct str line)
{
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        bool inside = i > 0 && is_word_byte(line, i - 1) && is_word_byte(line, i + 1);
        if (c == '|')
            buf_putc(out, ' ');
        else if (c != '*' && c != '`' && (c != '_' || inside))
            buf_putc(out, c);
    }
}

static void strip_markdown(struct buf *out, struct str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, str_of("\n"), at);
        bool last = end == (size_t)-1;
        struct str line = str_sub(text, at, (last ? text.len : end) - at);
        if (!is_rule(line))
            add_plain(out, str_from(line, block_marks(line)));
        if (!last)
            buf_putc(out, '\n');
        at = last ? text.len : end + 1;
    }
}

/* ---- sentences ---- */

struct sentences {
    struct str *items;
    size_t count, cap;
};

static bool ends_sentence(struct str text, size_t at)
{
    return is_one_of(text.ptr[at], ".!?") &&
           (at + 1 == text.len || is_one_of(text.ptr[at + 1], " \t\r\n"));
}

/* From a character that is no white space up to a full stop before white space, or a line's end. */
static struct str sentence_at(struct str text, size_t start)
{
    size_t end = start;
    while (end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r') {
        end++;
        if (ends_sentence(text, end - 1))
            break;
    }
    while (end > start && is_one_of(text.ptr[end - 1], " \t"))
        end--;
    return str_sub(text, start, end - start);
}

static void shuffle(struct sentences *list, uint64_t key)
{
    for (size_t i = list->count; i > 1; i--) {
        size_t k = (size_t)(rng_uniform(key, 0, i) * (double)i);
        struct str last = list->items[i - 1];
        list->items[i - 1] = list->items[k];
        list->items[k] = last;
    }
}

static void shuffle_sentences(struct buf *out, struct str text, uint64_t seed)
{
    struct sentences list = {0};
    size_t at = 0, next = 0;
    for (at = span_of(text, 0, " \t\r\n"); at < text.len; at += span_of(text, at, " \t\r\n")) {
        struct str sentence = sentence_at(text, at);
        VEC_PUSH(list.items, list.count, list.cap, sentence);
        at += sentence.len;
    }
    shuffle(&list, rng_key(text.ptr, text.len, seed));
    for (at = 0; at < text.len;) {
        size_t gap = span_of(text, at, " \t\r\n");
        buf_add_str(out, str_sub(text, at, gap));
        at += gap;
        if (at == text.len)
            break;
        at += sentence_at(text, at).len;
        buf_add_str(out, list.items[next++]);
    }
    free(list.items);
}

void changed_text(struct buf *out, struct str text, enum layout_kind kind, uint64_t seed)
{
    switch (kind) {
    case LAYOUT_LINE_ENDS: unify_line_ends(out, text); break;
    case LAYOUT_PLAIN: strip_markdown(out, text); break;
    case LAYOUT_SHUFFLED: shuffle_sentences(out, text, seed); break;
    case LAYOUT_KINDS: break;
    }
}
