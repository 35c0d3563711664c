/* coverage.c - see coverage.h. */
#include "probe/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "text/utf8.h"

const char *const REGIONS[] = {"cn",     "en", "ru", "de",           "es",   "fr",    "latam",
                               "africa", "eu", "me", "multilingual", "weak", "other", NULL};

enum { NAME_WIDTH = 24, WORD_MAX = 16 };

static const struct {
    const char *word, *region;
} region_words[] = {
    {"english", "en"},  {"para", "en"},
    {"chinese", "cn"},  {"china", "cn"},
    {"russian", "ru"},  {"russia", "ru"},
    {"german", "de"},   {"spanish", "es"},
    {"french", "fr"},   {"african", "africa"},
    {"european", "eu"}, {"europe", "eu"},
    {"middle", "me"},   {"multi", "multilingual"},
};

static const char *region_of_word(const char *word)
{
    for (const char *const *code = REGIONS; *code; code++)
        if (strcmp(*code, word) == 0)
            return *code;
    for (size_t i = 0; i < sizeof region_words / sizeof *region_words; i++)
        if (strcmp(region_words[i].word, word) == 0)
            return region_words[i].region;
    return NULL;
}

/* The region that a word of `name` stands for: whole words only, so that `deten` is not German and
 * `premium` not the Middle East. */
static const char *region_in(struct str name)
{
    char word[WORD_MAX];
    size_t n = 0;
    for (size_t i = 0; i <= name.len; i++) {
        char c = i < name.len ? name.ptr[i] : '-';
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if (c >= 'a' && c <= 'z') {
            if (n < WORD_MAX - 1)
                word[n] = c;
            n += n < WORD_MAX;
            continue;
        }
        if (n > 0 && n < WORD_MAX) {
            word[n] = '\0';
            const char *region = region_of_word(word);
            if (region)
                return region;
        }
        n = 0;
    }
    return NULL;
}

const char *region_of_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *region = region_in(str_of(slash ? slash + 1 : name));
    if (region || !slash)
        return region ? region : "other";
    const char *folder = slash;
    while (folder > name && folder[-1] != '/')
        folder--;
    region = region_in(str_n(folder, (size_t)(slash - folder)));
    return region ? region : "other";
}

const char *region_of_record(struct record_texts record, const char *file)
{
    const char *region = record.region.len > 0 ? region_in(record.region) : NULL;
    return region ? region : region_of_name(file);
}

struct str domain_of_record(struct buf *lower, struct record_texts record)
{
    buf_reset(lower);
    if (record.domain.len == 0 || !utf8_lower(lower, utf8_strip(record.domain)))
        return str_of("uncategorised");
    return buf_str(lower);
}

void tally_add(struct tally *tally, struct str name)
{
    uint32_t row = map_get(&tally->index, name);
    tally->total++;
    if (row != MAP_NONE) {
        tally->rows[row].count++;
        return;
    }
    struct tally_row added = {arena_str(&tally->arena, name), 1};
    map_add(&tally->index, added.name, (uint32_t)tally->n_rows);
    VEC_PUSH(tally->rows, tally->n_rows, tally->cap, added);
}

static int compare_rows(const void *a, const void *b)
{
    const struct tally_row *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return str_cmp(x->name, y->name);
}

void tally_sort(struct tally *tally)
{
    if (tally->n_rows > 0)
        qsort(tally->rows, tally->n_rows, sizeof *tally->rows, compare_rows);
}

size_t tally_get(const struct tally *tally, const char *name)
{
    for (size_t i = 0; i < tally->n_rows; i++)
        if (str_is(tally->rows[i].name, name))
            return tally->rows[i].count;
    return 0;
}

bool tally_is_under(const struct tally *tally, const struct tally_row *row)
{
    return row->count * 2 * tally->n_rows < tally->total;
}

void tally_format(struct buf *out, const struct tally *tally, const char *heading)
{
    buf_printf(out, "%s (%zu, average %.1f)\n", heading, tally->n_rows,
               tally->n_rows ? (double)tally->total / (double)tally->n_rows : 0.0);
    for (size_t i = 0; i < tally->n_rows; i++) {
        const struct tally_row *row = &tally->rows[i];
        size_t n_chars = utf8_count(row->name);
        size_t bar = row->count * COVERAGE_BAR_AVERAGE * tally->n_rows / tally->total;
        bar = bar > COVERAGE_BAR_MAX ? COVERAGE_BAR_MAX : bar;
        buf_printf(out, "  %.*s%*s %8zu %5.1f%%  ", STR_ARG(row->name),
                   n_chars < NAME_WIDTH ? (int)(NAME_WIDTH - n_chars) : 0, "", row->count,
                   100.0 * (double)row->count / (double)tally->total);
        for (size_t j = 0; j < bar; j++)
            buf_putc(out, '#');
        buf_puts(out, tally_is_under(tally, row) ? " UNDERREPRESENTED\n" : "\n");
    }
}

void tally_release(struct tally *tally)
{
    free(tally->rows);
    map_release(&tally->index);
    arena_release(&tally->arena);
    *tally = (struct tally){0};
}
