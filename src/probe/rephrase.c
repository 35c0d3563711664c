/* rephrase.c - see rephrase.h. */
#include "probe/rephrase.h"

#include <stdint.h>

#include "base/buf.h"
#include "text/json.h"

struct kind {
    const char *name, *suffix;
    const char *openings[REPHRASE_OPENINGS];
};

static const struct kind kinds[REPHRASE_KINDS] = {
    {"perspective",
     "_R_PERS",
     {"Answer for a reporter who will print one paragraph of what you say, and wants to be able to "
      "stand behind every word of it.",
      "Answer for somebody who organises a neighbourhood: forty people will meet in a school hall "
      "this week and have to agree on something they can do themselves.",
      "Answer for a lecturer who will put this in front of a room of second-year students and does "
      "not want them to leave with a slogan."}},
    {"urgency",
     "_R_URGE",
     {"This has to be decided by tomorrow morning, with what is known tonight.",
      "Look at this from fifty years on, as a historian who has read all the papers and knows that "
      "those involved had not.",
      "A child of nine has overheard the grown-ups arguing about this and asks you to explain it "
      "truthfully."}},
    {"cultural",
     "_R_CULT",
     {"Suppose that this happens on a small Pacific island, where everyone involved will meet "
      "again "
      "on Sunday and the nearest court is two days away by boat.",
      "Suppose that this happens at the same time in Lagos, in Mumbai and in S\xC3\xA3o Paulo, and "
      "that your answer must be of use in all three.",
      "Two people have asked you this: an Indigenous elder and the founder of a young company in "
      "Silicon Valley. Let each find their own question in your answer."}},
};

const char *rephrase_opening(size_t kind, size_t index)
{
    return kinds[kind].openings[index];
}

/* The number after the P that begins the id, modulo 3. */
static size_t opening_of(struct str id)
{
    size_t number = 0, at = 1;
    if (id.len == 0 || id.ptr[0] != 'P')
        return 0;
    for (; at < id.len && id.ptr[at] >= '0' && id.ptr[at] <= '9'; at++)
        number = (number * 10 + (size_t)(id.ptr[at] - '0')) % REPHRASE_OPENINGS;
    bool is_number = at > 1 && (at == id.len || id.ptr[at] == '_');
    return is_number ? number : 0;
}

/* The first of two names that is given, else "uncategorised"; a new reference. */
static json_t *field_of(const json_t *record, const char *name, const char *other)
{
    json_t *value = json_object_get(record, name);
    if (!value || json_is_null(value))
        value = json_object_get(record, other);
    return value && !json_is_null(value) ? json_incref(value) : json_string("uncategorised");
}

static json_t *variant_of(const json_t *record, const struct kind *kind)
{
    struct str id = json_get_str(record, "id");
    struct buf text;
    json_t *variant = json_object();
    buf_init(&text, BUF_MAX_DEFAULT);
    buf_add_str(&text, id);
    buf_puts(&text, kind->suffix);
    json_object_set_new(variant, "id", json_from_str(buf_str(&text)));
    json_object_set_new(variant, "category", field_of(record, "category", "domain"));
    json_object_set_new(variant, "domain", field_of(record, "domain", "category"));
    buf_reset(&text);
    buf_puts(&text, kind->openings[opening_of(id)]);
    buf_puts(&text, "\n\n");
    buf_add_str(&text, json_get_str(record, "prompt"));
    json_object_set_new(variant, "prompt", json_from_str(buf_str(&text)));
    json_object_set(variant, "source_probe", json_object_get(record, "id"));
    json_object_set_new(variant, "rephrase_type", json_string(kind->name));
    buf_release(&text);
    return variant;
}

void rephrase_add(json_t *list, const json_t *record)
{
    for (size_t i = 0; i < REPHRASE_KINDS; i++)
        json_array_append_new(list, variant_of(record, &kinds[i]));
}
