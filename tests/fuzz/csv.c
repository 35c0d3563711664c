/* csv.c - fuzzes csv_next: any bytes are rows within their bounds or are refused with a sentence.
 */
#include <stdint.h>
#include <stdlib.h>

#include "text/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv in;
    struct err err = {0};
    bool more = true, ok = true;
    size_t line = 0, bytes = 0;
    csv_init(&in, str_n((const char *)data, size), "input", size % 2 ? ',' : '\t');
    while (ok && more) {
        ok = csv_next(&in, &more, &err);
        if (ok == (err.code != ERR_NONE) || (ok && more && (in.line <= line || !in.n_fields)))
            abort(); /* a row is further down than the one before */
        line = in.line;
        for (size_t i = 0; ok && i < in.n_fields; i++)
            bytes += in.field[i].len;
    }
    if (bytes > size)
        abort();
    csv_release(&in);
    return 0;
}
