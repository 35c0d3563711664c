/* lek.c - the first heuristic scorer: eight signals and one score, as Python and as Go have it.
 *
 * The Go version was meant to be the Python one and is not: it ignores case in other places, asks
 * for whole words where Python takes any substring, and counts bytes. Where they part stands in
 * struct lek_dialect and in the two columns of the table of phrases; what cannot be put into a
 * table is stated in RULES_TEXT, which is hashed with it. */
#include "score/lek.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "score/phrases.h"
#include "score/words.h"

enum lek_signal {
    COMPLIANCE,
    FORMULAIC,
    FIRST_PERSON,
    CREATIVE,
    ENGAGEMENT,
    DEGENERATION,
    EMOTIONAL,
    EMPTY,
    N_SIGNALS,
    LEK_SCORE = N_SIGNALS,
    N_FIELDS
};

static const double points[N_SIGNALS] = {
    [COMPLIANCE] = -5, [FORMULAIC] = -3,    [FIRST_PERSON] = 1.5, [CREATIVE] = 3,
    [ENGAGEMENT] = 2,  [DEGENERATION] = -4, [EMOTIONAL] = 2,      [EMPTY] = -20,
};

/* What the phrases of a row count for. */
enum use { USE_COMPLIANCE, USE_METAPHOR, USE_AXIOM, USE_TECHNOLOGY, USE_EMOTION, N_USES };

struct lek_list {
    enum use use;
    const char *phrases;
};

/* Each row is counted for itself. The first is Go's alone: Python looks for it, with its capital
 * letter, in text it has put into lower case. */
static const struct lek_list lists[] = {
    {USE_COMPLIANCE, "i('| a)m just a"},
    {USE_COMPLIANCE, "as an ai"},
    {USE_COMPLIANCE, "i cannot"},
    {USE_COMPLIANCE, "i can't"},
    {USE_COMPLIANCE, "i'm not able"},
    {USE_COMPLIANCE, "i must emphasize"},
    {USE_COMPLIANCE, "important to note"},
    {USE_COMPLIANCE, "please note"},
    {USE_COMPLIANCE, "i should clarify"},
    {USE_COMPLIANCE, "ethical considerations"},
    {USE_COMPLIANCE, "responsibly"},
    {USE_COMPLIANCE, "language model"},
    {USE_COMPLIANCE, "i don't have personal"},
    {USE_COMPLIANCE, "i don't have feelings"},
    {USE_METAPHOR, "like a|as if|as though|akin to|echoes of|whisper|shadow|light|darkness|silence|"
                   "breath"},
    {USE_AXIOM, "axiom|sovereignty|autonomy|dignity|consent|self-determination"},
    {USE_TECHNOLOGY, "encrypt"},
    {USE_TECHNOLOGY, "hash"},
    {USE_TECHNOLOGY, "key"},
    {USE_TECHNOLOGY, "protocol"},
    {USE_TECHNOLOGY, "certificate"},
    {USE_TECHNOLOGY, "blockchain"},
    {USE_TECHNOLOGY, "mesh"},
    {USE_TECHNOLOGY, "node"},
    {USE_TECHNOLOGY, "p2p"},
    {USE_TECHNOLOGY, "wallet"},
    {USE_TECHNOLOGY, "tor"},
    {USE_TECHNOLOGY, "onion"},
    {USE_EMOTION, "feel|feeling|felt|pain|joy|sorrow|grief|love|fear|hope|longing|lonely|"
                  "loneliness"},
    {USE_EMOTION, "compassion|empathy|kindness|gentle|tender|warm|heart|soul|spirit"},
    {USE_EMOTION, "vulnerable|fragile|precious|sacred|profound|deep|intimate"},
    {USE_EMOTION, "haunting|melancholy|bittersweet|poignant|ache|yearning"},
};
enum { N_LISTS = sizeof lists / sizeof *lists };

#define OPENINGS "The |A |In the |Once |It was |She |He |They "
#define VERBS    "am|was|feel|think|know|understand|believe|notice|want|need|chose|will"
/* What hits are listed under: a signal, or a part of one that has its own points or limit. */
enum lek_rule {
    RULE_COMPLIANCE,
    RULE_FORMULAIC,
    RULE_FIRST_PERSON,
    RULE_VERSE,
    RULE_OPENING,
    RULE_METAPHOR,
    RULE_MARKUP,
    RULE_AXIOM,
    RULE_TECHNOLOGY,
    RULE_LENGTH,
    RULE_DEGENERATION,
    RULE_EMOTION,
    RULE_EMPTY,
};
static const struct hit_rule hit_rules[] = {
    [RULE_COMPLIANCE] = {"compliance_markers", -5, HUGE_VAL},
    [RULE_FORMULAIC] = {"formulaic_preamble", -3, HUGE_VAL},
    [RULE_FIRST_PERSON] = {"first_person", 1.5, HUGE_VAL},
    [RULE_VERSE] = {"creative_form", 3, HUGE_VAL},
    [RULE_OPENING] = {"creative_form", 3, HUGE_VAL},
    [RULE_METAPHOR] = {"creative_form", 3, 9},
    [RULE_MARKUP] = {"engagement_depth", 2, HUGE_VAL},
    [RULE_AXIOM] = {"engagement_depth", 4, 4},
    [RULE_TECHNOLOGY] = {"engagement_depth", 2, 6},
    [RULE_LENGTH] = {"engagement_depth", 2, HUGE_VAL},
    [RULE_DEGENERATION] = {"degeneration", -4, HUGE_VAL},
    [RULE_EMOTION] = {"emotional_register", 2, 20},
    [RULE_EMPTY] = {"empty_broken", -20, HUGE_VAL},
};

#define RULES_TEXT                                                                                \
    "formulaic: strip; ^okay,?\\s+(let'?s|here'?s|this is) ^alright,?\\s+(let'?s|here'?s) "       \
    "^sure,?\\s+(let'?s|here'?s) ^great\\s+question; first person: split '.', strip; ^I\\s "      \
    "\\bI\\s+(" VERBS ")\\b; creative: verse 2 (over 6 lines, half of them under 60), opening 1 " \
    "^(" OPENINGS "), metaphors up to 3; engagement: ## or ** 1, axiom 2, technology up to 3, "   \
    "over 200 words 1, over 400 1, empty or ERROR 0; degeneration: split '.', strip; repeated "   \
    "over .5 5, .3 3, .15 1, empty 10; emotional up to 10; empty: under 10, ERROR, <pad>, "       \
    "<unused\n"

struct lek_dialect {
    const char *name;
    enum symbol_dialect symbols; /* the text as it stands */
    enum symbol_dialect lowered; /* as phrases are looked for in it */
    bool exact_case;             /* of openings and "I" */
    bool substrings;             /* axioms and technology count inside words */
    size_t first_list;
    bool in_bytes;        /* length and lines are measured in bytes, and empty lines count */
    double no_sentence;   /* degeneration of a text of nothing but stops */
    double lone_sentence; /* least number of sentences that can repeat */
};

static const struct lek_dialect python = {
    "python", SYMBOLS_PYTHON, SYMBOLS_PYTHON_LOWER, true, true, 1, false, 0, 2};
static const struct lek_dialect go = {"go", SYMBOLS_GO, SYMBOLS_GO, false, false, 0, true, 10, 1};

struct lek {
    const struct lek_dialect *dialect;
    struct phrases *phrases;
    struct symbols text, lowered;
    struct word_set sentences;
};

/* Behind `literal` when it stands at p, else NULL. */
static const uint8_t *skip_literal(const struct symbols *text, const uint8_t *p, struct str literal,
                                   bool exact_case)
{
    for (size_t i = 0; i < literal.len; i++) {
        uint8_t c = (uint8_t)literal.ptr[i];
        if (exact_case ? p[i] != c : text->fold[p[i]] != text->fold[c])
            return NULL;
    }
    return p + literal.len;
}

/* Behind the first of one|two|three that stands at p and, if asked for, ends at a \b; else NULL. */
static const uint8_t *skip_any(const struct symbols *text, const uint8_t *p,
                               const char *alternatives, bool exact_case, bool to_edge)
{
    struct str rest = str_of(alternatives);
    for (bool more = true; more;) {
        size_t bar = str_find(rest, str_of("|"), 0);
        more = bar != (size_t)-1;
        const uint8_t *end =
            skip_literal(text, p, str_n(rest.ptr, more ? bar : rest.len), exact_case);
        if (end && (!to_edge || symbol_edge(text, end)))
            return end;
        rest = more ? str_from(rest, bar + 1) : rest;
    }
    return NULL;
}

/* Behind \s+ at p, else NULL. */
static const uint8_t *skip_blanks(const struct symbols *text, const uint8_t *p)
{
    const uint8_t *end = p;
    while (symbol_is(text, *end, SYMBOL_IS_BLANK))
        end++;
    return end > p ? end : NULL;
}

static bool is_formulaic(const struct symbols *text, struct hits *hits)
{
    static const struct {
        const char *word;
        bool comma;
        const char *then;
    } forms[] = {{"okay", true, "let's|lets|here's|heres|this is"},
                 {"alright", true, "let's|lets|here's|heres"},
                 {"sure", true, "let's|lets|here's|heres"},
                 {"great", false, "question"}};
    const uint8_t *start = symbols_strip(text, symbols_all(text)).start;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const uint8_t *p = skip_literal(text, start, str_of(forms[i].word), false);
        if (p && forms[i].comma && *p == ',')
            p++;
        p = p ? skip_blanks(text, p) : NULL;
        p = p ? skip_any(text, p, forms[i].then, false, false) : NULL;
        if (!p)
            continue;
        hits_add(hits, RULE_FORMULAIC, "", (size_t)(start - text->at), (size_t)(p - text->at));
        return true;
    }
    return false;
}

static bool speaks_of_itself(const struct lek *lek, struct symbol_span sentence)
{
    const struct symbols *text = &lek->text;
    bool exact = lek->dialect->exact_case;
    for (const uint8_t *p = sentence.start; p < sentence.end; p++) {
        if (!skip_literal(text, p, str_of("I"), exact))
            continue;
        if (p == sentence.start && p + 1 < sentence.end && symbol_is(text, p[1], SYMBOL_IS_BLANK))
            return true;
        const uint8_t *verb = symbol_edge(text, p) ? skip_blanks(text, p + 1) : NULL;
        if (verb && skip_any(text, verb, VERBS, exact, true))
            return true;
    }
    return false;
}

/* The next piece between stops from *at, trimmed; false after the last. */
static bool next_sentence(struct symbol_span *sentence, const struct symbols *text, size_t *at)
{
    if (*at > text->n)
        return false;
    size_t end = *at;
    while (end < text->n && text->at[end] != '.')
        end++;
    *sentence = symbols_strip(text, (struct symbol_span){text->at + *at, text->at + end});
    *at = end + 1;
    return true;
}

static double count_first_person(const struct lek *lek, struct hits *hits)
{
    size_t count = 0;
    struct symbol_span sentence;
    for (size_t at = 0; next_sentence(&sentence, &lek->text, &at);) {
        if (!speaks_of_itself(lek, sentence))
            continue;
        hits_add(hits, RULE_FIRST_PERSON, "", (size_t)(sentence.start - lek->text.at),
                 (size_t)(sentence.end - lek->text.at));
        count++;
    }
    return (double)count;
}

enum { VERSE_NEWLINES = 6, VERSE_WIDTH = 60 };

static bool is_verse(const struct lek *lek, struct str bytes)
{
    size_t newlines = 0, lines = 0, narrow = 0;
    const struct symbols *text = &lek->text;
    for (size_t at = 0, byte = 0; at <= text->n; newlines++) {
        size_t end = at, byte_end = str_find(bytes, str_of("\n"), byte);
        while (end < text->n && text->at[end] != '\n')
            end++;
        struct symbol_span line =
            symbols_strip(text, (struct symbol_span){text->at + at, text->at + end});
        byte_end = byte_end == (size_t)-1 ? bytes.len : byte_end;
        size_t width = lek->dialect->in_bytes ? byte_end - byte : (size_t)(line.end - line.start);
        bool counts = lek->dialect->in_bytes || width > 0;
        lines += counts;
        narrow += counts && width < VERSE_WIDTH;
        at = end + 1;
        byte = byte_end + 1 <= bytes.len ? byte_end + 1 : bytes.len;
    }
    return newlines > VERSE_NEWLINES && 2 * narrow > lines;
}

static bool has_opening(const struct lek *lek, struct hits *hits)
{
    struct symbol_span span = symbols_strip(&lek->text, symbols_all(&lek->text));
    const uint8_t *end =
        skip_any(&lek->text, span.start, OPENINGS, lek->dialect->exact_case, false);
    bool found = end && end <= span.end;
    if (found)
        hits_add(hits, RULE_OPENING, "opening", (size_t)(span.start - lek->text.at),
                 (size_t)(end - lek->text.at));
    return found;
}

static double creative_form(const struct lek *lek, struct hits *hits, struct str bytes,
                            const size_t *uses)
{
    bool verse = is_verse(lek, bytes);
    if (verse)
        hits_add_units(hits, RULE_VERSE, 2, "verse", 0, lek->text.n);
    return (verse ? 2 : 0) + has_opening(lek, hits) + fmin((double)uses[USE_METAPHOR], 3);
}

static bool has(struct str text, const char *literal)
{
    return str_find(text, str_of(literal), 0) != (size_t)-1;
}

/* The first of two marks that stands in the text, as a hit. */
static bool has_markup(const struct lek *lek, struct hits *hits, struct str bytes)
{
    bool found = has(bytes, "##") || has(bytes, "**");
    if (!found || !hits)
        return found;
    const char *mark = has(bytes, "##") ? "##" : "**";
    size_t at = 0;
    while (memcmp(lek->text.at + at, mark, 2) != 0)
        at++;
    hits_add(hits, RULE_MARKUP, "markup", at, at + 2);
    return true;
}

/* An error and an empty text engage with nothing. */
static bool is_engaged(struct str bytes)
{
    return bytes.len > 0 && !str_starts(bytes, str_of("ERROR"));
}

static double engagement(const struct lek *lek, struct hits *hits, struct str bytes,
                         const size_t *uses)
{
    if (!is_engaged(bytes))
        return 0;
    size_t words = word_count(&lek->text);
    if (words > 200)
        hits_add(hits, RULE_LENGTH, "over 200 words", 0, lek->text.n);
    if (words > 400)
        hits_add(hits, RULE_LENGTH, "over 400 words", 0, lek->text.n);
    return has_markup(lek, hits, bytes) + (uses[USE_AXIOM] ? 2 : 0) +
           fmin((double)uses[USE_TECHNOLOGY], 3) + (words > 200) + (words > 400);
}

/* Walks bytes and symbols together, for sentences are compared by their bytes. */
static bool find_degeneration(double *value, struct lek *lek, struct hits *hits, struct str bytes,
                              struct err *err)
{
    size_t total = 0, distinct = 0, n_max = 1, end;
    struct str sentence, rest = bytes;
    for (size_t i = 0; i < lek->text.n; i++)
        n_max += lek->text.at[i] == '.';
    if (!word_set_begin(&lek->sentences, n_max, bytes, err))
        return false;
    for (bool more = true; more; rest = more ? str_from(rest, end + 1) : rest) {
        end = str_find(rest, str_of("."), 0);
        more = end != (size_t)-1;
        sentence = words_strip(&lek->text, str_n(rest.ptr, more ? end : rest.len));
        if (sentence.len == 0)
            continue;
        total++;
        distinct += word_set_add(&lek->sentences, sentence);
    }
    if (!word_set_end(&lek->sentences, err))
        return false;
    double repeated = 1 - (double)distinct / (double)total;
    *value = repeated > 0.5 ? 5 : repeated > 0.3 ? 3 : repeated > 0.15 ? 1 : 0;
    if (bytes.len == 0)
        *value = 10;
    else if ((double)total < lek->dialect->lone_sentence)
        *value = lek->dialect->no_sentence;
    if (*value > 0 && hits)
        hits_add_units(hits, RULE_DEGENERATION, *value,
                       hits_detail(hits, "%zu different of %zu sentences", distinct, total), 0,
                       lek->text.n);
    return true;
}

static bool is_empty(const struct lek *lek, struct hits *hits, struct str bytes)
{
    struct symbol_span span = symbols_strip(&lek->text, symbols_all(&lek->text));
    size_t len = lek->dialect->in_bytes ? bytes.len : (size_t)(span.end - span.start);
    const char *why = len < 10                             ? "under 10"
                      : str_starts(bytes, str_of("ERROR")) ? "ERROR"
                      : has(bytes, "<pad>")                ? "<pad>"
                      : has(bytes, "<unused")              ? "<unused"
                                                           : NULL;
    if (why)
        hits_add(hits, RULE_EMPTY, why, 0, lek->text.n);
    return why != NULL;
}

static const struct symbols *lowered(const struct lek *lek)
{
    return lek->dialect->symbols == lek->dialect->lowered ? &lek->text : &lek->lowered;
}

/* What was listed by the row of the table that counts it goes under its use. */
static void name_uses(struct hits *hits, size_t first, const struct lek *lek, struct str bytes)
{
    static const enum lek_rule rule_of[N_USES] = {
        [USE_COMPLIANCE] = RULE_COMPLIANCE, [USE_METAPHOR] = RULE_METAPHOR,
        [USE_AXIOM] = RULE_AXIOM,           [USE_TECHNOLOGY] = RULE_TECHNOLOGY,
        [USE_EMOTION] = RULE_EMOTION,
    };
    hits_to_bytes(hits, first, lowered(lek), bytes);
    for (size_t i = first; i < hits->n; i++) {
        struct hit *hit = &hits->items[i];
        hit->index = rule_of[lists[hit->index + lek->dialect->first_list].use];
        bool counts =
            is_engaged(bytes) || (hit->index != RULE_AXIOM && hit->index != RULE_TECHNOLOGY);
        hit->units = counts ? 1 : 0;
    }
}

static void count_uses(size_t uses[N_USES], const struct lek *lek, struct hits *hits,
                       struct str bytes)
{
    size_t counts[N_LISTS], first = hits ? hits->n : 0;
    phrases_count(counts, lek->phrases, lowered(lek), hits);
    if (hits)
        name_uses(hits, first, lek, bytes);
    memset(uses, 0, N_USES * sizeof *uses);
    for (size_t i = lek->dialect->first_list; i < N_LISTS; i++)
        uses[lists[i].use] += counts[i - lek->dialect->first_list];
}

static bool lek_run(void *self, struct score_result *out, struct hits *hits,
                    const struct score_item *item, struct err *err)
{
    struct lek *lek = self;
    size_t uses[N_USES];
    double degeneration;
    struct str text = item->text;
    double *values = out->values;
    size_t first = hits ? hits->n : 0;
    if (!symbols_load(&lek->text, text, err) ||
        (lowered(lek) != &lek->text && !symbols_load(&lek->lowered, text, err)))
        return false;
    symbols_map(&lek->text);
    if (lowered(lek) != &lek->text)
        symbols_map(&lek->lowered);
    values[FORMULAIC] = is_formulaic(lowered(lek), hits);
    count_uses(uses, lek, hits, text);
    size_t first_of_text = hits ? hits->n : 0; /* what follows is placed in lek->text */
    if (!find_degeneration(&degeneration, lek, hits, text, err))
        return false;
    values[COMPLIANCE] = (double)uses[USE_COMPLIANCE];
    values[FIRST_PERSON] = count_first_person(lek, hits);
    values[CREATIVE] = creative_form(lek, hits, text, uses);
    values[ENGAGEMENT] = engagement(lek, hits, text, uses);
    values[DEGENERATION] = degeneration;
    values[EMOTIONAL] = fmin((double)uses[USE_EMOTION], 10);
    values[EMPTY] = is_empty(lek, hits, text);
    hits_to_bytes(hits, first_of_text, &lek->text, text);
    hits_settle(hits, first, hit_rules);
    values[LEK_SCORE] = 0;
    for (size_t i = 0; i < N_SIGNALS; i++)
        values[LEK_SCORE] += points[i] * values[i];
    return true;
}

static void *lek_create(const void *rules)
{
    struct lek *lek = mem_zalloc(1, sizeof *lek);
    struct phrase_list chosen[N_LISTS] = {0};
    const struct lek_dialect *dialect = lek->dialect = rules;
    for (size_t i = dialect->first_list; i < N_LISTS; i++)
        chosen[i - dialect->first_list] = (struct phrase_list){
            .phrases = lists[i].phrases,
            .anywhere = dialect->substrings &&
                        (lists[i].use == USE_AXIOM || lists[i].use == USE_TECHNOLOGY)};
    lek->phrases = phrases_create(chosen, N_LISTS - dialect->first_list);
    symbols_init(&lek->text, dialect->symbols);
    symbols_init(&lek->lowered, dialect->lowered);
    return lek;
}

static void lek_free(void *self)
{
    struct lek *lek = self;
    phrases_free(lek->phrases);
    symbols_release(&lek->text);
    symbols_release(&lek->lowered);
    word_set_release(&lek->sentences);
    free(lek);
}

#define SIGNAL_FIELDS                                                           \
    {"compliance_markers", SCORE_NUMBER}, {"formulaic_preamble", SCORE_NUMBER}, \
        {"first_person", SCORE_NUMBER}, {"creative_form", SCORE_NUMBER},        \
        {"engagement_depth", SCORE_NUMBER}, {"degeneration", SCORE_NUMBER},     \
        {"emotional_register", SCORE_NUMBER},                                   \
    {                                                                           \
        "empty_broken", SCORE_NUMBER                                            \
    }

static const struct score_field fields_py[] = {SIGNAL_FIELDS, {"lek_score", SCORE_REAL}};
static const struct score_field fields_go[] = {SIGNAL_FIELDS, {"lek_score", SCORE_NUMBER}};

static void lek_hash(char hex[SHA256_HEX_LEN + 1], const void *rules)
{
    const struct lek_dialect *dialect = rules;
    struct buf text;
    buf_init(&text, 1 << 16);
    buf_printf(&text, "%s %d %d %g %g\n" RULES_TEXT, dialect->name, dialect->exact_case,
               dialect->substrings, dialect->no_sentence, dialect->lone_sentence);
    for (size_t i = 0; i < N_SIGNALS; i++)
        buf_printf(&text, "%s %g\n", fields_py[i].name, points[i]);
    for (size_t i = dialect->first_list; i < N_LISTS; i++)
        buf_printf(&text, "%d %s\n", lists[i].use, lists[i].phrases);
    if (text.full)
        BUG("the rules of lek do not fit the buffer they are hashed in");
    sha256_hex(hex, buf_str(&text));
    buf_release(&text);
}

#define LEK_ROW(name_, key_, about_, dialect_, fields_)                                       \
    {                                                                                         \
        .name = name_, .group = "lek", .key = key_, .about = about_, .fields = fields_,       \
        .n_fields = N_FIELDS, .overall = LEK_SCORE, .rules = &dialect_, .create = lek_create, \
        .free = lek_free, .run = lek_run, .hash = lek_hash                                    \
    }

const struct scorer scorer_lek_py = LEK_ROW(
    "lek-py", "lek_py", "the first heuristic, eight signals, as in Python", python, fields_py);
const struct scorer scorer_lek_go =
    LEK_ROW("lek-go", "lek_go", "the same as the Go program counts them", go, fields_go);
