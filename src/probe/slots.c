/* slots.c - see slots.h. */
#include "probe/slots.h"

enum { SLOT_NAME_MAX = 32 };

/* The name of the slot that begins at text[at], in lower case; moves past it. */
static bool read_slot(char name[SLOT_NAME_MAX], bool *capital, struct str text, size_t *at)
{
    size_t close = str_find(text, str_of("}"), *at);
    if (close == (size_t)-1 || close - *at > SLOT_NAME_MAX || close == *at + 1)
        return false;
    struct str inner = str_sub(text, *at + 1, close - *at - 1);
    *capital = inner.ptr[0] >= 'A' && inner.ptr[0] <= 'Z';
    memcpy(name, inner.ptr, inner.len);
    name[inner.len] = '\0';
    if (*capital)
        name[0] = (char)(name[0] + 32);
    *at = close + 1;
    return true;
}

static void put_value(struct buf *out, struct slot *slot, bool capital)
{
    struct str value = slot->first.len > 0 ? slot->first : slot->value;
    slot->first.len = 0;
    size_t from = out->len;
    buf_add_str(out, value);
    if (capital && value.len > 0 && out->ptr[from] >= 'a' && out->ptr[from] <= 'z')
        out->ptr[from] = (char)(out->ptr[from] - 32);
}

static struct slot *find_slot(struct slot *slots, size_t n_slots, const char *name)
{
    for (size_t i = 0; i < n_slots; i++)
        if (strcmp(slots[i].name, name) == 0)
            return &slots[i];
    BUG("there is no slot {%s}", name);
}

void slots_fill(struct buf *out, struct str text, struct slot *slots, size_t n_slots)
{
    char name[SLOT_NAME_MAX];
    bool capital;
    for (size_t at = 0; at < text.len;) {
        size_t open = str_find(text, str_of("{"), at);
        size_t end = open == (size_t)-1 ? text.len : open;
        buf_add(out, text.ptr + at, end - at);
        at = end;
        if (at < text.len && read_slot(name, &capital, text, &at))
            put_value(out, find_slot(slots, n_slots, name), capital);
    }
}

bool slots_known(struct str text, const char *const *names)
{
    char name[SLOT_NAME_MAX];
    bool capital;
    for (size_t at = 0; at < text.len;) {
        if (text.ptr[at] == '}')
            return false;
        if (text.ptr[at] != '{') {
            at++;
            continue;
        }
        if (!read_slot(name, &capital, text, &at))
            return false;
        size_t i = 0;
        while (names[i] && strcmp(names[i], name) != 0)
            i++;
        if (!names[i])
            return false;
    }
    return true;
}
