/* inflect.c - see inflect.h. */
#include "grammar/inflect.h"

#include <stdlib.h>

#include "base/vec.h"
#include "grammar/english.h"

enum { FORM_MAX = 64 << 20 };

/* The next of words with one space between them; false after the last. */
static bool next_word(struct str *word, struct str *rest)
{
    size_t space = str_find(*rest, str_of(" "), 0);
    bool last = space == (size_t)-1;
    *word = str_n(rest->ptr, last ? rest->len : space);
    *rest = last ? str_from(*rest, rest->len) : str_from(*rest, space + 1);
    return word->len > 0;
}

static bool is_listed(const char *list, struct str word)
{
    struct str each, rest = str_of(list);
    while (next_word(&each, &rest))
        if (str_eq(each, word))
            return true;
    return false;
}

static struct known_word *entry_of(struct lexicon *lexicon, struct str word)
{
    uint32_t at = map_get(&lexicon->by_word, word);
    if (at == MAP_NONE) {
        struct known_word new = {.word = word};
        at = (uint32_t)lexicon->n_words;
        VEC_PUSH(lexicon->words, lexicon->n_words, lexicon->cap_words, new);
        map_add(&lexicon->by_word, word, at);
    }
    return &lexicon->words[at];
}

static void set_verb(struct known_word *entry, struct str base, enum tense tense)
{
    if (entry->verb.ptr)
        return;
    entry->verb = base;
    entry->tense = (uint8_t)tense;
}

static void add_verbs(struct lexicon *lexicon, const char *list)
{
    struct str base, past, gerund, rest = str_of(list);
    while (next_word(&base, &rest) && next_word(&past, &rest) && next_word(&gerund, &rest)) {
        struct known_word *entry = entry_of(lexicon, base);
        entry->verb = base;
        entry->tense = TENSE_BASE;
        entry->past = past;
        entry->gerund = gerund;
        set_verb(entry_of(lexicon, past), base, TENSE_PAST);
        set_verb(entry_of(lexicon, gerund), base, TENSE_GERUND);
    }
}

static void add_nouns(struct lexicon *lexicon, const char *list)
{
    struct str base, plural, rest = str_of(list);
    while (next_word(&base, &rest) && next_word(&plural, &rest)) {
        struct known_word *entry = entry_of(lexicon, base);
        entry->noun = base;
        entry->is_plural = false;
        entry->plural = plural;
        entry = entry_of(lexicon, plural);
        if (!entry->noun.ptr) {
            entry->noun = base;
            entry->is_plural = true;
        }
    }
}

static void add_role(struct lexicon *lexicon, const char *list, enum word_role role)
{
    struct str word, rest = str_of(list);
    while (next_word(&word, &rest))
        entry_of(lexicon, word)->roles |= role;
}

static void mark_dual(struct lexicon *lexicon)
{
    for (size_t i = 0; i < lexicon->n_words; i++) {
        struct known_word *entry = &lexicon->words[i];
        if (entry->past.ptr && entry->plural.ptr)
            entry->roles |= ROLE_DUAL;
    }
}

struct lexicon *lexicon_create(bool is_full)
{
    struct lexicon *lexicon = mem_zalloc(1, sizeof *lexicon);
    lexicon->is_full = is_full;
    add_verbs(lexicon, english_verbs);
    add_nouns(lexicon, english_nouns);
    add_role(lexicon, "a an", ROLE_ARTICLE_A);
    add_role(lexicon, "the", ROLE_ARTICLE_THE);
    if (is_full) {
        add_verbs(lexicon, english_verbs_more);
        add_nouns(lexicon, english_nouns_more);
        add_role(lexicon, english_terms, ROLE_TERM);
        add_role(lexicon, english_determiners, ROLE_DETERMINER);
        add_role(lexicon, english_auxiliaries, ROLE_AUXILIARY);
        add_role(lexicon, english_clause_ends, ROLE_CLAUSE_END);
        mark_dual(lexicon);
    }
    return lexicon;
}

void lexicon_free(struct lexicon *lexicon)
{
    if (!lexicon)
        return;
    map_release(&lexicon->by_word);
    free(lexicon->words);
    free(lexicon);
}

const struct known_word *lexicon_find(const struct lexicon *lexicon, struct str word)
{
    uint32_t at = map_get(&lexicon->by_word, word);
    return at == MAP_NONE ? NULL : &lexicon->words[at];
}

void inflection_init(struct inflection *inflection)
{
    for (size_t i = 0; i < 4; i++)
        buf_init(&inflection->stem[i], FORM_MAX);
    buf_init(&inflection->form, FORM_MAX);
}

void inflection_release(struct inflection *inflection)
{
    for (size_t i = 0; i < 4; i++)
        buf_release(&inflection->stem[i]);
    buf_release(&inflection->form);
}

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

/* The byte that many before the end; NUL where there is none. */
static char from_end(struct str word, size_t n)
{
    return n <= word.len ? word.ptr[word.len - n] : '\0';
}

static bool ends(struct str word, const char *ending)
{
    return str_ends(word, str_of(ending));
}

static bool ends_consonant_y(struct str word)
{
    return word.len >= 2 && ends(word, "y") && !is_vowel(from_end(word, 2));
}

/* Does the last letter double before an ending? */
static bool is_doubling(struct str word)
{
    char last = from_end(word, 1);
    return (word.len == 3 || word.len == 4) && !is_vowel(last) && last != 'w' && last != 'x' &&
           last != 'y' && is_vowel(from_end(word, 2)) && !is_vowel(from_end(word, 3)) &&
           !is_listed(english_undoubled, word);
}

/* The base without its last `drop` bytes, then the ending. */
static void put_form(struct buf *out, struct str base, size_t drop, const char *ending)
{
    buf_add_str(out, str_n(base.ptr, base.len - drop));
    buf_puts(out, ending);
}

static void put_doubled(struct buf *out, struct str base, const char *ending)
{
    buf_add_str(out, base);
    if (is_doubling(base))
        buf_putc(out, from_end(base, 1));
    buf_puts(out, ending);
}

void put_past(struct buf *out, const struct lexicon *lexicon, struct str base)
{
    const struct known_word *known = lexicon_find(lexicon, base);
    if (known && known->past.ptr)
        buf_add_str(out, known->past);
    else if (ends(base, "ed") && base.len > 2 && !is_vowel(from_end(base, 3)))
        buf_add_str(out, base);
    else if (ends(base, "e"))
        put_form(out, base, 0, "d");
    else if (ends_consonant_y(base))
        put_form(out, base, 1, "ied");
    else
        put_doubled(out, base, "ed");
}

void put_gerund(struct buf *out, const struct lexicon *lexicon, struct str base)
{
    const struct known_word *known = lexicon_find(lexicon, base);
    char before = from_end(base, 2);
    if (known && known->gerund.ptr)
        buf_add_str(out, known->gerund);
    else if (ends(base, "ie"))
        put_form(out, base, 2, "ying");
    else if (ends(base, "e") && base.len >= 2 && before != 'e' && before != 'y' && before != 'o')
        put_form(out, base, 1, "ing");
    else
        put_doubled(out, base, "ing");
}

void put_plural(struct buf *out, const struct lexicon *lexicon, struct str base)
{
    const struct known_word *known = lexicon_find(lexicon, base);
    if (known && known->plural.ptr)
        buf_add_str(out, known->plural);
    else if (ends(base, "s") || ends(base, "sh") || ends(base, "ch") || ends(base, "x") ||
             ends(base, "z"))
        put_form(out, base, 0, "es");
    else if (ends_consonant_y(base))
        put_form(out, base, 1, "ies");
    else if (ends(base, "f"))
        put_form(out, base, 1, "ves");
    else if (ends(base, "fe"))
        put_form(out, base, 2, "ves");
    else
        put_form(out, base, 0, is_listed(english_es_nouns, base) ? "es" : "s");
}

typedef void put_form_fn(struct buf *out, const struct lexicon *lexicon, struct str base);

/* Keeps what is left of the word, with `ending` for its last `drop` bytes, as candidate *n when
 * `put` makes the word of it again. */
static void try_base(struct inflection *inflection, size_t *n, const struct lexicon *lexicon,
                     struct str word, size_t drop, const char *ending, put_form_fn *put)
{
    struct buf *stem = &inflection->stem[*n];
    buf_reset(stem);
    buf_reset(&inflection->form);
    put_form(stem, word, drop, ending);
    put(&inflection->form, lexicon, buf_str(stem));
    *n += stem->len > 0 && str_eq(buf_str(&inflection->form), word);
}

static size_t try_pasts(struct inflection *inflection, const struct lexicon *lexicon,
                        struct str word)
{
    size_t n = 0;
    if (!ends(word, "ed"))
        return 0;
    if (ends(word, "ied") && word.len > 3)
        try_base(inflection, &n, lexicon, word, 3, "y", put_past);
    if (word.len > 4 && from_end(word, 3) == from_end(word, 4))
        try_base(inflection, &n, lexicon, word, 3, "", put_past);
    if (word.len > 2)
        try_base(inflection, &n, lexicon, word, 1, "", put_past);
    if (word.len > 2)
        try_base(inflection, &n, lexicon, word, 2, "", put_past);
    return n;
}

static size_t try_gerunds(struct inflection *inflection, const struct lexicon *lexicon,
                          struct str word)
{
    size_t n = 0;
    if (!ends(word, "ing") || word.len < 4)
        return 0;
    if (ends(word, "ying") && word.len > 4)
        try_base(inflection, &n, lexicon, word, 4, "ie", put_gerund);
    if (word.len >= 5 && from_end(word, 4) == from_end(word, 5))
        try_base(inflection, &n, lexicon, word, 4, "", put_gerund);
    try_base(inflection, &n, lexicon, word, 3, "", put_gerund);
    try_base(inflection, &n, lexicon, word, 3, "e", put_gerund);
    return n;
}

static bool ends_vowel_consonant_e(struct str word)
{
    return word.len >= 3 && ends(word, "e") && !is_vowel(from_end(word, 2)) &&
           is_vowel(from_end(word, 3));
}

static struct str choose(const struct inflection *inflection, size_t n,
                         const struct lexicon *lexicon)
{
    for (size_t i = 0; i < n; i++) {
        const struct known_word *known = lexicon_find(lexicon, buf_str(&inflection->stem[i]));
        if (known && known->past.ptr)
            return buf_str(&inflection->stem[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (ends_vowel_consonant_e(buf_str(&inflection->stem[i])))
            return buf_str(&inflection->stem[i]);
    for (size_t i = 0; i < n; i++)
        if (!ends(buf_str(&inflection->stem[i]), "e"))
            return buf_str(&inflection->stem[i]);
    return buf_str(&inflection->stem[0]);
}

struct verb_match match_verb(struct inflection *inflection, const struct lexicon *lexicon,
                             struct str word, const struct known_word *known)
{
    if (known && known->verb.ptr)
        return (struct verb_match){known->verb, known->tense};
    enum tense tense = TENSE_PAST;
    size_t n = try_pasts(inflection, lexicon, word);
    if (n == 0) {
        tense = TENSE_GERUND;
        n = try_gerunds(inflection, lexicon, word);
    }
    if (n == 0)
        return (struct verb_match){0};
    return (struct verb_match){
        n == 1 ? buf_str(&inflection->stem[0]) : choose(inflection, n, lexicon), tense};
}

struct noun_match match_noun(struct inflection *inflection, const struct lexicon *lexicon,
                             struct str word, const struct known_word *known)
{
    size_t n = 0;
    if (known && known->noun.ptr)
        return (struct noun_match){known->noun, known->is_plural};
    if (word.len < 2 || !ends(word, "s"))
        return (struct noun_match){0};
    if (ends(word, "ies") && word.len > 3)
        try_base(inflection, &n, lexicon, word, 3, "y", put_plural);
    if (n == 0 && ends(word, "ves") && word.len > 3)
        try_base(inflection, &n, lexicon, word, 3, "f", put_plural);
    if (n == 0 && ends(word, "ves") && word.len > 3)
        try_base(inflection, &n, lexicon, word, 3, "fe", put_plural);
    if (n == 0 && (ends(word, "ses") || ends(word, "xes") || ends(word, "zes") ||
                   ends(word, "ches") || ends(word, "shes")))
        try_base(inflection, &n, lexicon, word, 2, "", put_plural);
    if (n == 0)
        try_base(inflection, &n, lexicon, word, 1, "", put_plural);
    if (n == 0)
        return (struct noun_match){0};
    return (struct noun_match){buf_str(&inflection->stem[0]), true};
}
