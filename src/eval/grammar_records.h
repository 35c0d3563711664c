/* grammar_records.h - answers of the files the original's lem-scorer reads, with their grammar.
 * Does        reads A/B results (one condition), distillations or plain lines as that program does:
 *             a line it cannot read is reported and passed over, a record without the condition or
 *             with an empty answer is left out. Measures each answer and, where asked, what it
 *             adds to its prompt and how near it is to a reference imprint.
 * Lifetime    grammar_records_init / grammar_records_release; records last until release.
 * Threads     one thread.
 * Limits      RECORDS_FILE_MAX bytes a file, RECORDS_LINE_MAX a line.
 * Errors      ERR_IO, ERR_LIMIT; ERR_FORMAT from reference_load.
 * See         tests/oracle/ab-golden/lem-scorer: what that program prints, byte for byte. */
#ifndef EVAL_GRAMMAR_RECORDS_H
#define EVAL_GRAMMAR_RECORDS_H

#include "base/arena.h"
#include "base/err.h"
#include "grammar/imprint.h"

enum { RECORDS_FILE_MAX = 1 << 30, RECORDS_LINE_MAX = 10 << 20 };

enum records_format { RECORDS_AB, RECORDS_TRAINING, RECORDS_TEXT };

struct grammar_record {
    struct str id, category;
    double stored; /* the score in the file; nothing is scored anew */
    struct grammar_measures text;
    double similarity; /* to the reference; 0 without one */
    bool has_delta;
    double input, uplift, echo, enrichment;
    bool is_sycophantic;
};

/* Says what was wrong with a line that was passed over. */
typedef void records_complain_fn(void *user, const char *path, size_t line, const char *what);

struct grammar_records {
    struct grammar_record *items;
    size_t n, cap;
    struct arena arena;
    struct lexicon *lexicon;
    struct imprint text, prompt, reference;
    bool has_reference, wants_delta;
    const char *condition;
    records_complain_fn *complain;
    void *user;
};

/* condition: of A/B results; exactly, else ignoring case. */
void grammar_records_init(struct grammar_records *records, const char *condition,
                          records_complain_fn *complain, void *user);
void grammar_records_release(struct grammar_records *records);
MUST_USE bool grammar_records_reference(struct grammar_records *records, const char *path,
                                        struct err *err);
/* Adds the records of a file. */
MUST_USE bool grammar_records_read(struct grammar_records *records, const char *path,
                                   enum records_format format, struct err *err);

#endif
