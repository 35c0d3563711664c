/* record.h - one record of a probe file, made regular.
 * Does        turns whatever stands for a probe in a file into an object with a string `id`, a
 *             `prompt` and the record's other fields in their order, and says what had to be mended
 *             or why it cannot be used. Values are kept; keys are renamed only where the right name
 *             is beyond doubt and free.
 * Lifetime    record_repair returns a new object; the value it was made from stays the caller's.
 * Threads     no state.
 * See         docs/formats.md, probe files. */
#ifndef PROBE_RECORD_H
#define PROBE_RECORD_H

#include <jansson.h>
#include <stdbool.h>

#include "base/str.h"
#include "text/json_flat.h"

/* What is asked for most often; ptr NULL where the record has no such text. */
struct record_texts {
    struct str id, prompt, region;
    struct str domain; /* `category`, else `domain` */
};

enum repair {
    REPAIR_ID_MADE,    /* none, or null: made from the file's name and the record's number */
    REPAIR_ID_TEXT,    /* a number became text */
    REPAIR_ID_REPEATS, /* another prompt had that id: a number was added */
    REPAIR_KEY,        /* a misspelt key was renamed */
    REPAIR_STRING,     /* the record was a bare prompt */
    REPAIR_GROUP,      /* taken out of a group, whose other fields it got */
    REPAIR_SPACE,      /* white space around the prompt was removed */
    REPAIR_FIELD_TEXT, /* a domain, category or region that was no text became it, or went if null
                        */
    N_REPAIRS
};

enum refusal {
    REFUSAL_NONE,
    REFUSAL_JSON,      /* bytes that are no JSON */
    REFUSAL_KIND,      /* neither an object nor a string */
    REFUSAL_NO_PROMPT, /* no prompt, null, or nothing but white space */
    REFUSAL_PROMPT,    /* a prompt that is not text */
    REFUSAL_ID,        /* an id that is a list or an object */
    REFUSAL_REPEATS,   /* the id and the prompt of an earlier record */
    N_REFUSALS
};

const char *repair_name(enum repair repair);
const char *refusal_name(enum refusal refusal);

/* `made_id` is used when the record has none. *repairs gets a bit (1 << enum repair) for each thing
 * mended. NULL: *refusal says why. */
json_t *record_repair(const json_t *value, const char *made_id, unsigned *repairs,
                      enum refusal *refusal);

/* Is there nothing to mend in the object that was read, so that record_repair would give back the
 * same? false also when that is not plain to see. */
bool record_is_regular(const struct json_flat *flat);

/* Borrowed from the record, or from the line and its reader. */
struct record_texts record_texts(const json_t *record);
struct record_texts record_texts_flat(const struct json_flat *flat);

/* `name` as it stands in *id; false for a list or an object. Numbers are written as Python does,
 * whole ones without a fraction. */
bool record_text_of(json_t **text, const json_t *value);

#endif
