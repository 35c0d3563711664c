/* imprint_file.c - see imprint_file.h. */
#include "grammar/imprint_file.h"

#include "os/file.h"
#include "text/json.h"

enum { NAMES_MAX = 6 };

/* How a kind of share is called, and its entries, in the order of their indices; those of verbs and
 * nouns are words. */
static const struct {
    const char *member, *names[NAMES_MAX];
} kinds[N_SHARES] = {
    [SHARE_VERBS] = {"VerbDistribution", {0}},
    [SHARE_TENSES] = {"TenseDistribution", {"base", "past", "gerund"}},
    [SHARE_NOUNS] = {"NounDistribution", {0}},
    [SHARE_ARTICLES] = {"ArticleUsage", {"indefinite", "definite"}},
    [SHARE_MARKS] = {"PunctuationPattern",
                     {"progress", "question", "exclamation", "label", "separator", "comma"}},
};

static size_t index_of(enum share_kind kind, const char *name)
{
    size_t i = 0;
    while (i < NAMES_MAX && kinds[kind].names[i] && strcmp(kinds[kind].names[i], name) != 0)
        i++;
    return i < NAMES_MAX && kinds[kind].names[i] ? i : (size_t)-1;
}

/* A name that this program gives to nothing still counts for the length of the whole. */
static void put(struct imprint *imprint, enum share_kind kind, const char *name, double share,
                size_t *n_strange)
{
    if (kind == SHARE_VERBS || kind == SHARE_NOUNS) {
        imprint_put_word(imprint, kind, str_of(name), share);
        return;
    }
    size_t at = index_of(kind, name);
    imprint_put(imprint, kind, at != (size_t)-1 ? at : NAMES_MAX + (*n_strange)++, share);
}

static bool read_kind(struct imprint *imprint, enum share_kind kind, const json_t *file,
                      const char *path, struct err *err)
{
    const char *name;
    json_t *share, *shares = json_object_get(file, kinds[kind].member);
    size_t n_strange = 0;
    if (shares && !json_is_object(shares) && !json_is_null(shares))
        return err_set(err, ERR_FORMAT, "%s: %s is not an object of shares", path,
                       kinds[kind].member);
    json_object_foreach(shares, name, share)
    {
        if (!json_is_number(share))
            return err_set(err, ERR_FORMAT, "%s: %s of \"%s\" is not a number", path,
                           kinds[kind].member, name);
        put(imprint, kind, name, json_number_value(share), &n_strange);
    }
    return true;
}

static bool read_imprint(struct imprint *imprint, const json_t *file, const char *path,
                         struct err *err)
{
    json_t *count = json_object_get(file, "TokenCount");
    json_int_t n = json_integer_value(count);
    bool known = false;
    if (!json_is_object(file))
        return err_set(err, ERR_FORMAT, "%s: an imprint is a JSON object", path);
    for (size_t kind = 0; kind < N_SHARES; kind++)
        known = known || json_object_get(file, kinds[kind].member);
    if (!known)
        return err_set(err, ERR_FORMAT, "%s holds no imprint: there is no %s or the like", path,
                       kinds[SHARE_VERBS].member);
    if (count && (!json_is_integer(count) || n < 0))
        return err_set(err, ERR_FORMAT, "%s: TokenCount is not a whole number", path);
    imprint_begin(imprint, (size_t)n);
    for (size_t kind = 0; kind < N_SHARES; kind++)
        if (!read_kind(imprint, (enum share_kind)kind, file, path, err))
            return false;
    return true;
}

bool imprint_read(struct imprint *imprint, const char *path, struct err *err)
{
    struct buf text;
    json_t *file = NULL;
    buf_init(&text, IMPRINT_FILE_MAX);
    bool ok = file_read(&text, path, err) && json_parse(&file, buf_str(&text), path, err) &&
              read_imprint(imprint, file, path, err);
    json_decref(file);
    buf_release(&text);
    return ok;
}
