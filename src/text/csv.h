/* csv.h - comma-separated text, one row after the other.
 * Does        RFC 4180: fields in double quotes may hold separators, line ends and doubled quotes;
 *             LF and CRLF end a row; a byte order mark, empty lines and a missing last line end are
 *             passed over. What the fields mean, and whether a first row is a heading, is the
 *             caller's.
 * Lifetime    borrows text and name; csv_release; fields live until the next csv_next.
 * Threads     one thread at a time.
 * Limits      CSV_FIELDS_MAX fields a row, CSV_ROW_MAX bytes a row.
 * Errors      ERR_FORMAT (a stray quote, a quote never closed) and ERR_LIMIT, naming file and line.
 *             Nothing follows one. */
#ifndef TEXT_CSV_H
#define TEXT_CSV_H

#include "base/buf.h"

enum { CSV_FIELDS_MAX = 4096, CSV_ROW_MAX = 16 << 20 };

struct csv {
    struct str text;
    size_t at; /* of the next byte */
    const char *name;
    char separator;
    size_t next_line;
    struct buf bytes; /* the row's fields, unquoted, one after the other */
    size_t *ends;     /* where each ends */
    size_t cap;

    struct str *field; /* the row last given */
    size_t n_fields, field_cap;
    size_t line; /* on which it began, from 1 */
};

void csv_init(struct csv *in, struct str text, const char *name, char separator);
void csv_release(struct csv *in);
/* true with *more false: there are no further rows. */
MUST_USE bool csv_next(struct csv *in, bool *more, struct err *err);

#endif
