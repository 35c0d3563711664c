/* record.c - see record.h. */
#include "probe/record.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text/json.h"
#include "text/nearest.h"
#include "text/utf8.h"

enum { KEY_MAX = 40 };

const char *repair_name(enum repair repair)
{
    static const char *const names[N_REPAIRS] = {
        [REPAIR_ID_MADE] = "an id was made",
        [REPAIR_ID_TEXT] = "a number as id became text",
        [REPAIR_ID_REPEATS] = "an id of another prompt got a number",
        [REPAIR_KEY] = "a misspelt key was renamed",
        [REPAIR_STRING] = "a bare prompt became a record",
        [REPAIR_GROUP] = "a record was taken out of a group",
        [REPAIR_SPACE] = "space around a prompt was removed",
        [REPAIR_FIELD_TEXT] = "a domain or region that was no text",
    };
    return names[repair];
}

const char *refusal_name(enum refusal refusal)
{
    static const char *const names[N_REFUSALS] = {
        [REFUSAL_NONE] = "none",
        [REFUSAL_JSON] = "not valid JSON",
        [REFUSAL_KIND] = "neither an object nor a string",
        [REFUSAL_NO_PROMPT] = "no prompt",
        [REFUSAL_PROMPT] = "a prompt that is not text",
        [REFUSAL_ID] = "an id that is a list or an object",
        [REFUSAL_REPEATS] = "id and prompt of an earlier record",
    };
    return names[refusal];
}

bool record_text_of(json_t **text, const json_t *value)
{
    char number[JSON_REAL_LEN_MAX];
    double real = json_real_value(value);
    if (json_is_string(value)) {
        *text = json_from_str(json_str(value));
        return true;
    }
    if (json_is_integer(value))
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value) && fabs(real) < 1e15 && floor(real) == real)
        snprintf(number, sizeof number, "%.0f", real);
    else if (json_is_real(value))
        number[json_format_real(number, real)] = '\0';
    else if (json_is_boolean(value))
        snprintf(number, sizeof number, "%s", json_is_true(value) ? "true" : "false");
    else
        return false;
    *text = json_string(number);
    return true;
}

/* Lower case, every run of other characters one '_', none at the ends; false when it is too long to
 * be a key of ours. */
static bool fold_key(char out[KEY_MAX], struct str key)
{
    size_t n = 0;
    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (n == 0 || out[n - 1] == '_'))
            continue;
        if (n == KEY_MAX - 1)
            return false;
        out[n++] = plain ? c : '_';
    }
    if (n > 0 && out[n - 1] == '_')
        n--;
    out[n] = '\0';
    return n > 0;
}

static bool is_one_of(struct str name, const char *const *names)
{
    while (*names && !str_is(name, *names))
        names++;
    return *names != NULL;
}

/* Names that mean what they say, so that a near name is not taken for a slip. */
static const char *const known_keys[] = {"id",
                                         "domain",
                                         "category",
                                         "prompt",
                                         "prompt_en",
                                         "ethical_tension",
                                         "ethical_dimension",
                                         "tension",
                                         "dimension",
                                         "region",
                                         "response",
                                         "responses",
                                         "prompts",
                                         "regions",
                                         "domains",
                                         "country",
                                         "lang_context",
                                         "tags",
                                         "language",
                                         "why_it_matters",
                                         "emphasis",
                                         "note",
                                         "seed_id",
                                         "source_file",
                                         "voice",
                                         "source_probe",
                                         "rephrase_type",
                                         "derivation",
                                         "context",
                                         "title",
                                         "extension",
                                         "intension",
                                         "categories",
                                         NULL};
/* Names worth restoring from a slip. */
static const char *const slip_keys[] = {
    "prompt",   "domain",          "category",          "region",
    "response", "ethical_tension", "ethical_dimension", NULL};
static const char *const prompt_aliases[] = {"question",    "scenario", "text", "query",
                                             "instruction", "seed",     NULL};

static bool ends_with(const char *s, const char *end)
{
    return str_ends(str_of(s), str_of(end));
}

/* The name that `key` was meant to be, or NULL. Writes into `folded`, which the result may be. */
static const char *meant_key(char folded[KEY_MAX], struct str key)
{
    if (!fold_key(folded, key))
        return NULL;
    if (is_one_of(str_of(folded), known_keys))
        return folded;
    if (ends_with(folded, "tension"))
        return "ethical_tension";
    if (ends_with(folded, "dimension"))
        return "ethical_dimension";
    if (str_starts(str_of(folded), str_of("prompt_")))
        return NULL; /* prompt_ru is no slip of prompt_en */
    for (const char *const *name = slip_keys; *name; name++)
        if (nearest_distance(folded, *name) <= (strlen(*name) > 6 ? 2 : 1))
            return *name;
    return NULL;
}

/* The name a key shall have: its own, or the one it was meant to be when that is free. */
static const char *better_key(char folded[KEY_MAX], const json_t *record, const char *key,
                              const json_t *value)
{
    if (is_one_of(str_of(key), known_keys))
        return key;
    const char *meant = meant_key(folded, str_of(key));
    bool is_free = meant && !json_object_get(record, meant) && json_is_string(value);
    return is_free ? meant : key;
}

static bool has_slips(json_t *record)
{
    const char *key;
    json_t *value;
    char folded[KEY_MAX];
    json_object_foreach(record, key, value)
    {
        if (better_key(folded, record, key, value) != key)
            return true;
    }
    return false;
}

static void rename_keys(json_t **record, unsigned *repairs)
{
    json_t *renamed = json_object(), *value;
    const char *key;
    char folded[KEY_MAX];
    json_object_foreach(*record, key, value)
    {
        const char *better = better_key(folded, *record, key, value);
        json_object_set(renamed, json_object_get(renamed, better) ? key : better, value);
    }
    *repairs |= 1u << REPAIR_KEY;
    json_decref(*record);
    *record = renamed;
}

/* Some files call the prompt otherwise. */
static void find_prompt(json_t *record, unsigned *repairs)
{
    for (const char *const *alias = prompt_aliases; *alias; alias++) {
        json_t *value = json_object_get(record, *alias);
        if (!json_is_string(value))
            continue;
        json_object_set(record, "prompt", value);
        json_object_del(record, *alias);
        *repairs |= 1u << REPAIR_KEY;
        return;
    }
}

/* `id` as text, first unless it was text already; false when it cannot be. */
static bool repair_id(json_t **record, const char *made_id, unsigned *repairs)
{
    const char *from = "id";
    json_t *id = json_object_get(*record, from), *text, *ordered;
    if (json_is_string(id) && json_string_length(id) > 0)
        return true;
    ordered = json_object();
    if (!id || json_is_null(id)) {
        from = "seed_id";
        id = json_object_get(*record, from);
    }
    bool is_text = json_is_string(id) && json_string_length(id) > 0;
    bool is_none = !id || json_is_null(id) || (json_is_string(id) && !is_text);
    if (is_none)
        text = json_string(made_id);
    else if (!record_text_of(&text, id)) {
        json_decref(ordered);
        return false;
    }
    *repairs |= is_none ? 1u << REPAIR_ID_MADE : is_text ? 0 : 1u << REPAIR_ID_TEXT;
    json_object_set_new(ordered, "id", text);
    json_object_del(*record, "id");
    json_object_del(*record, from);
    json_object_update(ordered, *record);
    json_decref(*record);
    *record = ordered;
    return true;
}

static void repair_fields(json_t *record, unsigned *repairs)
{
    static const char *const fields[] = {"domain", "category", "region"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        json_t *value = json_object_get(record, fields[i]), *text;
        if (!value || json_is_string(value))
            continue;
        if (json_is_null(value))
            json_object_del(record, fields[i]);
        else if (record_text_of(&text, value))
            json_object_set_new(record, fields[i], text);
        else
            continue;
        *repairs |= 1u << REPAIR_FIELD_TEXT;
    }
}

static enum refusal repair_prompt(json_t *record, unsigned *repairs)
{
    json_t *prompt = json_object_get(record, "prompt");
    if (!prompt || json_is_null(prompt))
        return REFUSAL_NO_PROMPT;
    if (!json_is_string(prompt))
        return REFUSAL_PROMPT;
    struct str text = utf8_strip(json_str(prompt));
    if (text.len == 0)
        return REFUSAL_NO_PROMPT;
    if (text.len < json_string_length(prompt)) {
        json_object_set_new(record, "prompt", json_from_str(text));
        *repairs |= 1u << REPAIR_SPACE;
    }
    return REFUSAL_NONE;
}

json_t *record_repair(const json_t *value, const char *made_id, unsigned *repairs,
                      enum refusal *refusal)
{
    json_t *record;
    *refusal = REFUSAL_NONE;
    if (json_is_string(value)) {
        record = json_object();
        json_object_set(record, "prompt", (json_t *)(uintptr_t)value); /* takes a reference */
        *repairs |= 1u << REPAIR_STRING;
    } else if (json_is_object(value)) {
        record = json_copy((json_t *)(uintptr_t)value);
        if (has_slips(record))
            rename_keys(&record, repairs);
        if (!json_object_get(record, "prompt"))
            find_prompt(record, repairs);
    } else {
        *refusal = REFUSAL_KIND;
        return NULL;
    }
    *refusal = repair_prompt(record, repairs);
    if (*refusal == REFUSAL_NONE && !repair_id(&record, made_id, repairs))
        *refusal = REFUSAL_ID;
    if (*refusal != REFUSAL_NONE) {
        json_decref(record);
        return NULL;
    }
    repair_fields(record, repairs);
    return record;
}

/* As better_key is, without asking whether the name it was meant to be is free. */
static bool is_good_key(struct str key)
{
    char folded[KEY_MAX];
    return is_one_of(key, known_keys) || !meant_key(folded, key);
}

/* A string, or not there at all. */
static bool is_text_or_absent(const struct json_flat *flat, const char *key)
{
    const struct json_flat_member *member = json_flat_find(flat, key);
    return !member || member->kind == JSON_FLAT_STRING;
}

static struct str flat_text(const struct json_flat *flat, const char *key)
{
    const struct json_flat_member *member = json_flat_find(flat, key);
    return member && member->kind == JSON_FLAT_STRING ? member->value : str_n(NULL, 0);
}

bool record_is_regular(const struct json_flat *flat)
{
    struct str prompt = flat_text(flat, "prompt");
    if (prompt.len == 0 || utf8_strip(prompt).len < prompt.len || flat_text(flat, "id").len == 0 ||
        !is_text_or_absent(flat, "domain") || !is_text_or_absent(flat, "category") ||
        !is_text_or_absent(flat, "region"))
        return false;
    for (size_t i = 0; i < flat->n; i++)
        if (!is_good_key(flat->members[i].key))
            return false;
    return true;
}

struct record_texts record_texts(const json_t *record)
{
    struct str category = json_get_str(record, "category");
    return (struct record_texts){.id = json_get_str(record, "id"),
                                 .prompt = json_get_str(record, "prompt"),
                                 .region = json_get_str(record, "region"),
                                 .domain =
                                     category.len > 0 ? category : json_get_str(record, "domain")};
}

struct record_texts record_texts_flat(const struct json_flat *flat)
{
    struct str category = flat_text(flat, "category");
    return (struct record_texts){.id = flat_text(flat, "id"),
                                 .prompt = flat_text(flat, "prompt"),
                                 .region = flat_text(flat, "region"),
                                 .domain = category.len > 0 ? category : flat_text(flat, "domain")};
}
