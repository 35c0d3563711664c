/* number_text.h - the numbers in answers, as the programs that compared them read them.
 * Does        finds the number an answer gives, and reads one as float() and ParseFloat do. Numbers
 *             are found in one pass, whatever the text.
 * Lifetime    views borrow from the text given.
 * Threads     no state.
 * See         tests/oracle/README.md. */
#ifndef SCORE_NUMBER_TEXT_H
#define SCORE_NUMBER_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* What \s and \d are: Unicode's in Python, ASCII's in Go. */
enum number_dialect { NUMBER_PYTHON, NUMBER_GO };

/* ####\s*([\d,.-]+), the first; without one (?:^|[\s=])(-?[\d,]+(?:\.\d+)?), the last; ptr NULL
 * without either. */
struct str number_find(struct str text, enum number_dialect dialect);
/* #### (\-?[0-9\.\,]+), the first. */
struct str number_find_strict(struct str text);
/* (-?[$0-9.,]{2,})|(-?[0-9]+), the last. */
struct str number_find_flexible(struct str text);

/* float(text) or strconv.ParseFloat(text, 64); false where that fails. What is no finite number
 * comes out as NaN. `scratch` is overwritten. */
bool number_parse(double *out, struct buf *scratch, struct str text, enum number_dialect dialect);

#endif
