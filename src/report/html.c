#include "report/html.h"

#include <stdint.h>

#include "base/hash.h"
#include "plot/markup.h"

enum { SHA256_BYTES = SHA256_HEX_LEN / 2 };

/* --- the page --- */

static unsigned digit(char hex)
{
    return hex <= '9' ? (unsigned)(hex - '0') : (unsigned)(hex - 'a' + 10);
}

/* The digest as the policy wants it: base64 of its 32 bytes. */
static void add_digest(struct buf *out, struct str text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char hex[SHA256_HEX_LEN + 1];
    uint32_t bits = 0;
    sha256_hex(hex, text);
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        bits = bits << 8 | digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]);
        if (i % 3 == 2)
            for (int shift = 18; shift >= 0; shift -= 6)
                buf_putc(out, letters[bits >> shift & 63]);
    }
    bits <<= 8; /* two bytes are left over: 16 bits in three letters */
    for (int shift = 18; shift >= 6; shift -= 6)
        buf_putc(out, letters[bits >> shift & 63]);
    buf_putc(out, '=');
}

void html_begin(struct buf *out, struct str title)
{
    struct buf style;
    buf_init(&style, BUF_MAX_DEFAULT);
    buf_putc(&style, '\n');
    page_style(&style);
    buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "base-uri 'none'; form-action 'none'; style-src 'sha256-");
    add_digest(out, buf_str(&style));
    buf_puts(out, "'\"/>\n<meta name=\"viewport\" content=\"width=device-width, "
                  "initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>\n"
                  "<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>");
    markup_line(out, title, 200);
    buf_puts(out, "</title>\n<style>");
    buf_add_str(out, buf_str(&style));
    buf_puts(out, "</style>\n</head>\n<body>\n");
    buf_release(&style);
}

void html_end(struct buf *out)
{
    buf_puts(out, "</body>\n</html>\n");
}

/* --- print --- */

static bool is_digit(struct str s, size_t at)
{
    return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

/* Where one of the terminal's signs stands at `at`: what is printed for it. */
static const char *print_sign(struct str s, size_t at, size_t *len)
{
    static const struct {
        struct str plain;
        const char *print;
    } signs[] = {{STR(" .. "), " to "},
                 {STR(" - "), " \xE2\x88\x92 "},
                 {STR(" -> "), " \xE2\x86\x92 "},
                 {STR(" x "), "\xE2\x80\x89\xC3\x97\xE2\x80\x89"}};
    bool is_first = at == 0 || strchr(" (/=", s.ptr[at - 1]);
    *len = 1;
    if (s.ptr[at] == '-' && is_first && (is_digit(s, at + 1) || s.len == 1))
        return s.len == 1 ? "\xE2\x80\x93" : "\xE2\x88\x92";
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (str_starts(str_from(s, at), signs[i].plain)) {
            *len = signs[i].plain.len;
            return signs[i].print;
        }
    return NULL;
}

void html_typeset(struct buf *out, struct str text)
{
    size_t plain = 0, len;
    for (size_t at = 0; at < text.len;) {
        const char *sign = print_sign(text, at, &len);
        if (sign) {
            markup_text(out, str_sub(text, plain, at - plain));
            buf_puts(out, sign);
            plain = at + len;
        }
        at += sign ? len : 1;
    }
    markup_text(out, str_from(text, plain));
}

/* --- tables --- */

/* A cell that is one of these words says it with its symbol, too. */
static const struct {
    const char *word, *class, *symbol;
} verdicts[] = {
    {"better", "up", "\xE2\x96\xB2"},
    {"worse", "down", "\xE2\x96\xBC"},
    {"equivalent", "level", "="},
    {"inconclusive", "open", "?"},
};

static void add_number(struct buf *out, struct str cell)
{
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (str_is(cell, verdicts[i].word))
            buf_printf(out, "<span class=\"%s\">%s</span> ", verdicts[i].class, verdicts[i].symbol);
    html_typeset(out, cell);
}

static void add_cell(struct buf *out, const struct table *table, size_t row, size_t column)
{
    struct str cell = table->cells[row * table->n_columns + column];
    bool is_number = table->align[column] == TEXT_RIGHT;
    const char *element = cell.len && (row == 0 || column == 0) ? "th" : "td";
    buf_printf(out, "<%s", element);
    if (element[1] == 'h')
        buf_printf(out, " scope=\"%s\"", row == 0 ? "col" : "row");
    buf_puts(out, is_number ? " class=\"num\">" : ">");
    if (row == 0)
        html_typeset(out, cell);
    else if (is_number)
        add_number(out, cell);
    else
        markup_text(out, cell);
    buf_printf(out, "</%s>", element);
}

void html_table(struct buf *out, const struct table *table, const char *name)
{
    size_t rows = table_rows(table);
    if (rows == 0)
        return;
    buf_puts(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table: ");
    markup_text(out, str_of(name));
    buf_puts(out, "\">\n<table>\n<thead>\n");
    for (size_t row = 0; row <= rows; row++) {
        buf_puts(out, "<tr>");
        for (size_t column = 0; column < table->n_columns; column++)
            add_cell(out, table, row, column);
        buf_puts(out, "</tr>\n");
        if (row == 0)
            buf_puts(out, "</thead>\n<tbody>\n");
    }
    buf_puts(out, "</tbody>\n</table>\n</div>\n");
}
