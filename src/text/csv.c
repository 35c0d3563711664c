#include "text/csv.h"

#include <stdlib.h>

#include "base/vec.h"

void csv_init(struct csv *in, struct str text, const char *name, char separator)
{
    bool marked = text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0;
    *in = (struct csv){
        .text = text, .at = marked ? 3 : 0, .name = name, .separator = separator, .next_line = 1};
    buf_init(&in->bytes, CSV_ROW_MAX);
}

void csv_release(struct csv *in)
{
    buf_release(&in->bytes);
    free(in->ends);
    free(in->field);
    *in = (struct csv){0};
}

/* The next byte, or -1 at the end. */
static int peek(const struct csv *in, size_t ahead)
{
    size_t at = in->at + ahead;
    return at < in->text.len ? (unsigned char)in->text.ptr[at] : -1;
}

static bool at_line_end(const struct csv *in)
{
    int c = peek(in, 0);
    return c == -1 || c == '\n' || (c == '\r' && (peek(in, 1) == '\n' || peek(in, 1) == -1));
}

static void skip_line_end(struct csv *in)
{
    if (peek(in, 0) == '\r')
        in->at++;
    if (peek(in, 0) == '\n')
        in->at++;
    in->next_line++;
}

/* From after the opening quote to after the closing one. */
static bool read_quoted(struct csv *in, struct err *err)
{
    size_t begun = in->next_line;
    for (int c; (c = peek(in, 0)) != -1; in->at++) {
        if (c == '"' && peek(in, 1) != '"') {
            in->at++;
            return true;
        }
        if (c == '"')
            in->at++;
        if (c == '\n')
            in->next_line++;
        buf_putc(&in->bytes, (char)c);
    }
    return err_set(err, ERR_FORMAT, "%s: line %zu: the quote opened here is never closed", in->name,
                   begun);
}

static bool read_field(struct csv *in, struct err *err)
{
    if (peek(in, 0) == '"') {
        in->at++;
        if (!read_quoted(in, err))
            return false;
        if (!at_line_end(in) && peek(in, 0) != (unsigned char)in->separator)
            return err_set(err, ERR_FORMAT,
                           "%s: line %zu: after a closing quote comes '%c' or the line's end",
                           in->name, in->next_line, in->separator);
        return true;
    }
    while (!at_line_end(in) && peek(in, 0) != (unsigned char)in->separator) {
        if (peek(in, 0) == '"')
            return err_set(err, ERR_FORMAT,
                           "%s: line %zu: a quote inside a field that does not begin with one",
                           in->name, in->next_line);
        buf_putc(&in->bytes, in->text.ptr[in->at++]);
    }
    return true;
}

static bool read_row(struct csv *in, struct err *err)
{
    size_t n = 0;
    for (bool more = true; more;) {
        if (!read_field(in, err))
            return false;
        if (n == CSV_FIELDS_MAX || in->bytes.full)
            return err_set(err, ERR_LIMIT,
                           "%s: line %zu: more than %d fields or %d bytes in one row", in->name,
                           in->line, CSV_FIELDS_MAX, CSV_ROW_MAX);
        VEC_PUSH(in->ends, n, in->cap, in->bytes.len);
        more = !at_line_end(in);
        in->at += more; /* the separator */
    }
    skip_line_end(in);
    in->n_fields = n;
    return true;
}

bool csv_next(struct csv *in, bool *more, struct err *err)
{
    while (at_line_end(in) && peek(in, 0) != -1)
        skip_line_end(in);
    *more = peek(in, 0) != -1;
    in->n_fields = 0;
    if (!*more)
        return true;
    buf_reset(&in->bytes);
    in->line = in->next_line;
    if (!read_row(in, err))
        return false;
    if (in->n_fields > in->field_cap) {
        in->field_cap = in->n_fields;
        in->field = mem_realloc(in->field, in->field_cap, sizeof *in->field);
    }
    struct str row = buf_str(&in->bytes); /* only now: it moved while it grew */
    for (size_t i = 0, begin = 0; i < in->n_fields; begin = in->ends[i++])
        in->field[i] = str_sub(row, begin, in->ends[i] - begin);
    return true;
}
