/* score_hits.c - see score_hits.h. */
#include "cli/score_hits.h"

#include <math.h>
#include <stdio.h>

#include "report/table.h"
#include "text/json.h"
#include "text/utf8.h"

enum { RULE_WIDTH = 20, MATCH_CHARS = 40 };

/* Bytes to characters, for places that mostly come in order. */
struct counter {
    struct str text;
    size_t byte, chars;
};

static size_t chars_before(struct counter *counter, struct str text, size_t byte)
{
    if (counter->text.ptr != text.ptr || byte < counter->byte)
        *counter = (struct counter){.text = text};
    counter->chars += utf8_count(str_sub(text, counter->byte, byte - counter->byte));
    counter->byte = byte;
    return counter->chars;
}

static bool has_place(const struct hit *hit)
{
    return hit->end > hit->start;
}

static struct str text_of(const struct scored *scored, const struct hit *hit)
{
    return hit->in_prompt ? scored->answer->prompt : scored->answer->text;
}

/* Points are small decimals; what binary fractions add behind the twelfth place is noise. */
static double tidy(double points)
{
    double rounded = round(points * 1e12) / 1e12;
    return rounded == 0 ? 0 : rounded;
}

static void put_key(struct buf *out, const char *key, struct str value)
{
    buf_printf(out, ", \"%s\": ", key);
    json_format_str(out, value, true);
}

static void begin_line(struct buf *out, const struct scored *scored)
{
    buf_puts(out, "{\"id\": ");
    json_format(out, scored->answer->id, (struct json_style){.ascii = true});
    if (scored->answer->condition.ptr)
        put_key(out, "condition", scored->answer->condition);
    put_key(out, "scorer", str_of(scored->scorer->name));
}

static void put_real(struct buf *out, const char *key, double x)
{
    char text[JSON_REAL_LEN_MAX];
    json_format_real(text, x);
    buf_printf(out, ", \"%s\": %s", key, text);
}

void score_hits_jsonl(struct buf *out, const struct scored *scored)
{
    struct counter counter = {0};
    for (size_t i = 0; i < scored->hits->n; i++) {
        const struct hit *hit = &scored->hits->items[i];
        struct str text = text_of(scored, hit);
        begin_line(out, scored);
        put_key(out, "rule", str_of(hit->rule));
        put_key(out, "detail", str_of(hit->detail));
        if (hit->in_prompt)
            put_key(out, "in", str_of("prompt"));
        if (has_place(hit)) {
            size_t start = chars_before(&counter, text, hit->start);
            struct str match = str_sub(text, hit->start, hit->end - hit->start);
            buf_printf(out, ", \"start\": %zu, \"end\": %zu", start, start + utf8_count(match));
            put_key(out, "match", match);
        } else {
            buf_puts(out, ", \"start\": null, \"end\": null, \"match\": null");
        }
        put_real(out, "points", tidy(hit->points));
        buf_puts(out, "}\n");
    }
    begin_line(out, scored);
    put_real(out, "score", scored->result->values[scored->scorer->overall]);
    buf_printf(out, ", \"hits\": %zu%s}\n", scored->hits->n,
               scored->hits->full ? ", \"more\": true" : "");
}

/* On one line, and not too long for one. */
static void put_match(struct buf *out, struct str match)
{
    struct str shown = utf8_cut(match, MATCH_CHARS);
    json_format_str(out, shown, false);
    if (shown.len < match.len)
        buf_printf(out, " and %zu more", utf8_count(match) - MATCH_CHARS);
}

static void put_row(struct buf *out, const struct scored *scored, const struct hit *hit,
                    struct counter *counter)
{
    struct str text = text_of(scored, hit);
    struct str match = str_sub(text, hit->start, hit->end - hit->start);
    size_t start = has_place(hit) ? chars_before(counter, text, hit->start) : 0;
    if (has_place(hit))
        buf_printf(out, "  %8zu %8zu", start, start + utf8_count(match));
    else
        buf_printf(out, "  %8s %8s", "-", "-");
    buf_printf(out, " %+8.3g  ", tidy(hit->points));
    text_pad(out, str_of(hit->rule), RULE_WIDTH, TEXT_LEFT);
    buf_puts(out, hit->in_prompt ? "  prompt " : "  ");
    if (has_place(hit))
        put_match(out, match);
    if (*hit->detail)
        buf_printf(out, "%s(%s)", has_place(hit) ? " " : "", hit->detail);
    buf_putc(out, '\n');
}

void score_hits_table(struct buf *out, const struct scored *scored)
{
    struct counter counter = {0};
    const struct answer *answer = scored->answer;
    const struct scorer *scorer = scored->scorer;
    json_format(out, answer->id, (struct json_style){0});
    if (answer->condition.ptr)
        buf_printf(out, " / %.*s", STR_ARG(answer->condition));
    buf_printf(out, "  %s  %s %.10g\n", scorer->name, scorer->fields[scorer->overall].name,
               scored->result->values[scorer->overall]);
    buf_printf(out, "  %8s %8s %8s  ", "START", "END", "POINTS");
    text_pad(out, str_of("RULE"), RULE_WIDTH, TEXT_LEFT);
    buf_puts(out, "  MATCH\n");
    for (size_t i = 0; i < scored->hits->n; i++)
        put_row(out, scored, &scored->hits->items[i], &counter);
    if (scored->hits->full)
        buf_printf(out, "  there are more than %d; the rest is not listed\n", HITS_MAX);
    buf_putc(out, '\n');
}
