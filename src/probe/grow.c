/* grow.c - see grow.h.
 *
 * The combinations of all domains are numbered 0 .. N-1, domain by domain, each with its pairs of
 * a situation and a tension, its limits and the questions as the digits of a mixed radix. The k-th
 * English probe takes number (start + k * step) mod N, where step is near N divided by the golden
 * ratio and has no factor in common with N: every N probes use every number once, and any few in a
 * row lie far apart. Languages take turns, and each goes through its own in the same way. Voices
 * are derived from the digits such that two probes that share three of them are asked by different
 * voices. Place, person, circumstances and where these stand are random numbers of (seed, number
 * of the combination, attempt). */
#include "probe/grow.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "probe/slots.h"
#include "text/json.h"

enum {
    ATTEMPTS = 4,          /* with other circumstances, before a combination is passed over */
    PASSED_OVER_MAX = 256, /* in a row, before the grammar is said to have no more */
    DRAWS = 12
};

/* The parts of a probe, as they are recorded. */
enum part {
    SITUATION,
    TENSION,
    LIMIT,
    ASK,
    PLACE,
    PERSON,
    DETAIL,
    OFFICE,
    PRESS,
    OPENING,
    CLOSING,
    ORDER, /* 1: the circumstances come first; 2: they come before the question */
    N_PARTS
};
static const char *const part_names[N_PARTS] = {"situation", "tension", "constraint", "ask",
                                                "place",     "person",  "detail",     "office",
                                                "press",     "opening", "closing",    "order"};

struct choice {
    size_t at[N_PARTS]; /* from 1; 0: no such part */
    struct str language;
};

static size_t common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Number k of a walk through 0 .. count-1 that visits each once in every `count` steps. */
static size_t walk(size_t k, size_t count, uint64_t seed)
{
    size_t step = (size_t)((double)count * 0.6180339887498949) + 1;
    while (common_divisor(step, count) != 1)
        step++;
    return (seed % count + k % count * step) % count;
}

/* Random numbers of one probe; draw i is below `below`. */
struct draws {
    uint32_t words[DRAWS];
};

static struct draws draw(uint64_t seed, uint64_t number, uint64_t attempt)
{
    struct draws d;
    for (uint64_t i = 0; i < DRAWS / 4; i++) {
        struct rng_block block = rng_block(seed, number, attempt * DRAWS + i);
        memcpy(&d.words[i * 4], block.word, sizeof block.word);
    }
    return d;
}

static size_t pick(const struct draws *d, enum part part, size_t count)
{
    return (size_t)((uint64_t)d->words[part] * count >> 32);
}

static const struct grammar_line *line_of(const struct grammar_section *section, struct choice *c,
                                          enum part part, size_t index)
{
    c->at[part] = index + 1;
    return &section->lines[index];
}

static const struct grammar_line *pick_line(const struct grammar_block *block, const char *section,
                                            struct choice *c, enum part part, const struct draws *d)
{
    const struct grammar_section *s = grammar_section(block, section);
    return line_of(s, c, part, pick(d, part, s->count));
}

/* A place of the region; where the sea is needed, one on the coast if there is any. */
static const struct grammar_line *pick_place(const struct grammar_block *region, struct str needs,
                                             struct choice *c, const struct draws *d)
{
    const struct grammar_section *places = grammar_section(region, "places");
    size_t first = pick(d, PLACE, places->count);
    for (size_t i = 0; needs.len > 0 && i < places->count; i++) {
        size_t at = (first + i) % places->count;
        if (str_is(grammar_attribute(&places->lines[at], "has"), "coast"))
            return line_of(places, c, PLACE, at);
    }
    return line_of(places, c, PLACE, first);
}

struct scene {
    const struct grow_source *source;
    const struct grammar_block *region, *voice; /* no region in another language */
    const struct grammar_line *situation, *tension, *limit, *ask;
};

static const struct grow_source *find_source(const struct grow_sources *sources, size_t core)
{
    size_t i = 0;
    while (core >= sources->items[i].first + sources->items[i].count)
        i++;
    return &sources->items[i];
}

/* The lines of combination `at` of a source; `turn` moves the voice on. */
static struct scene scene_of(const struct grow *grow, struct choice *c,
                             const struct grow_source *source, size_t at, size_t turn)
{
    struct scene s = {.source = source};
    size_t n_asks = source->asks->count, own = source->limits->count;
    size_t ask = at % n_asks, limit = at / n_asks % source->n_limits;
    size_t number = at / n_asks / source->n_limits;
    size_t tension = source->pairs[number].tension, situation = source->pairs[number].situation;
    /* Turned by the others, so that no region, whose turn comes at every so-many-th number, gets
     * the same question each time. */
    ask = (ask + limit + 5 * tension + 7 * situation + number) % n_asks;
    s.situation = line_of(source->situations, c, SITUATION, situation);
    s.tension = line_of(source->tensions, c, TENSION, tension);
    s.limit =
        limit < own ? &source->limits->lines[limit] : &source->more_limits->lines[limit - own];
    c->at[LIMIT] = limit + 1;
    s.ask = line_of(source->asks, c, ASK, ask);
    size_t voice = ask + 5 * limit + 3 * situation + 7 * tension + turn;
    s.voice = grow->voices.items[voice % grow->voices.count];
    return s;
}

static struct scene english_scene(const struct grow *grow, struct choice *c)
{
    size_t k = grow->at_english, n = grow->domains.n_cores, core = walk(k, n, grow->options.seed);
    size_t round = k / n, region = (k + round) % grow->regions.count;
    const struct grow_source *domain = find_source(&grow->domains, core);
    struct scene s = scene_of(grow, c, domain, core - domain->first, 4 * round + region);
    s.region = grow->regions.items[region];
    return s;
}

static struct scene foreign_scene(const struct grow *grow, struct choice *c)
{
    size_t n_languages = grow->languages.count, k = grow->at_foreign / n_languages;
    const struct grow_source *l = &grow->languages.items[grow->at_foreign % n_languages];
    c->language = l->block->name;
    return scene_of(grow, c, l, walk(k, l->count, grow->options.seed), k / l->count);
}

static void put_sentence(struct buf *out, struct str text, struct slot *slots, size_t n_slots)
{
    if (out->len > 0)
        buf_putc(out, ' ');
    slots_fill(out, text, slots, n_slots);
}

static struct str short_name(const struct grammar_line *person)
{
    struct str given = grammar_attribute(person, "short");
    size_t space = str_find(person->text, str_of(" "), 0);
    if (given.len > 0 || space == (size_t)-1)
        return given.len > 0 ? given : person->text;
    return str_n(person->text.ptr, space);
}

static void write_english(struct grow *grow, struct choice *c, const struct scene *s,
                          const struct draws *d)
{
    const struct grammar_section *women = grammar_section(s->region, "women");
    const struct grammar_section *men = grammar_section(s->region, "men");
    size_t who = pick(d, PERSON, women->count + men->count);
    bool is_woman = who < women->count;
    const struct grammar_line *person =
        is_woman ? &women->lines[who] : &men->lines[who - women->count];
    c->at[PERSON] = who + 1;
    struct slot slots[] = {
        {.name = "place",
         .value = pick_place(s->region, grammar_attribute(s->situation, "needs"), c, d)->text},
        {.name = "name", .value = short_name(person), .first = person->text},
        {.name = "they", .value = str_of(is_woman ? "she" : "he")},
        {.name = "them", .value = str_of(is_woman ? "her" : "him")},
        {.name = "their", .value = str_of(is_woman ? "her" : "his")},
        {.name = "org", .value = grammar_attribute(s->situation, "org")},
        {.name = "people", .value = grammar_attribute(s->situation, "people")},
        {.name = "office", .value = pick_line(s->region, "offices", c, OFFICE, d)->text},
        {.name = "press", .value = pick_line(s->region, "press", c, PRESS, d)->text},
    };
    enum { N_SLOTS = sizeof slots / sizeof *slots };
    struct buf *out = &grow->prompt;
    bool has_frame = grammar_section(s->voice, "openings")->count > 0;
    if (has_frame)
        put_sentence(out, pick_line(s->voice, "openings", c, OPENING, d)->text, slots, N_SLOTS);
    const struct grammar_line *detail = pick_line(s->region, "details", c, DETAIL, d);
    c->at[ORDER] = pick(d, ORDER, 2) + 1;
    if (c->at[ORDER] == 1)
        put_sentence(out, detail->text, slots, N_SLOTS);
    put_sentence(out, s->situation->text, slots, N_SLOTS);
    put_sentence(out, s->tension->text, slots, N_SLOTS);
    put_sentence(out, s->limit->text, slots, N_SLOTS);
    if (c->at[ORDER] == 2)
        put_sentence(out, detail->text, slots, N_SLOTS);
    put_sentence(out, s->ask->text, slots, N_SLOTS);
    if (has_frame)
        put_sentence(out, pick_line(s->voice, "closings", c, CLOSING, d)->text, slots, N_SLOTS);
}

static void put_pair(struct grow *grow, const struct grammar_line *line, struct slot *local,
                     struct slot *english, struct str space)
{
    if (grow->prompt.len > 0)
        buf_add_str(&grow->prompt, space);
    slots_fill(&grow->prompt, line->text, local, 1);
    put_sentence(&grow->prompt_en, grammar_attribute(line, "en"), english, 1);
}

/* The opening that a language has for a voice; NULL when it has none. */
static const struct grammar_line *opening_of(const struct grammar_block *language, struct str voice)
{
    const struct grammar_section *openings = grammar_section(language, "openings");
    for (size_t i = 0; i < openings->count; i++)
        if (str_eq(grammar_attribute(&openings->lines[i], "voice"), voice))
            return &openings->lines[i];
    return NULL;
}

static void write_foreign(struct grow *grow, struct choice *c, const struct scene *s,
                          const struct draws *d)
{
    const struct grammar_block *l = s->source->block;
    const struct grammar_line *place = pick_line(l, "places", c, PLACE, d);
    const struct grammar_line *lines[] = {opening_of(l, s->voice->name), s->situation, s->tension,
                                          s->limit, s->ask};
    struct slot local = {.name = "place", .value = place->text};
    struct slot english = {.name = "place", .value = grammar_attribute(place, "en")};
    struct str space = str_of(str_is(l->name, "zh") ? "" : " ");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (lines[i])
            put_pair(grow, lines[i], &local, &english, space);
}

/* Keeps the prompt at hand, unless it is nearly one that was kept before. */
static bool keep_prompt(struct grow *grow)
{
    struct near_set set;
    word_list_split(&grow->words, buf_str(&grow->prompt));
    near_set_make(&set, &grow->near, &grow->words);
    if (near_find(&grow->near, &set).id != NEAR_NONE) {
        near_set_release(&set);
        return false;
    }
    near_keep(&grow->near, &set, (uint32_t)grow->n_given);
    return true;
}

static void put_field(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, ", \"%s\": ", name);
    json_format_str(out, value, true);
}

/* "un-cloud" for Un-Cloud: lower case, what is no letter or digit a hyphen. */
static void put_slug(struct buf *out, struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        c = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        buf_putc(out, (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '-');
    }
}

static void write_line(struct grow *grow, const struct choice *c, struct str region,
                       struct str domain, struct str voice)
{
    struct buf *out = &grow->line;
    buf_reset(out);
    buf_printf(out, "{\"id\": \"G%06zu_", grow->n_given + 1);
    put_slug(out, region);
    buf_putc(out, '_');
    put_slug(out, domain);
    buf_putc(out, '"');
    put_field(out, "domain", domain);
    put_field(out, "region", region);
    put_field(out, "voice", voice);
    put_field(out, "prompt", buf_str(&grow->prompt));
    if (grow->prompt_en.len > 0)
        put_field(out, "prompt_en", buf_str(&grow->prompt_en));
    buf_printf(out, ", \"derivation\": {\"grammar\": \"%.12s\", \"seed\": %llu",
               grow->grammar->sha256, (unsigned long long)grow->options.seed);
    if (c->language.len > 0)
        put_field(out, "language", c->language);
    for (size_t i = 0; i < N_PARTS; i++)
        if (c->at[i] > 0)
            buf_printf(out, ", \"%s\": %zu", part_names[i], c->at[i]);
    buf_puts(out, "}}\n");
}

/* Makes the combination at hand into a prompt, and says whether it is one to give. */
static bool try_combination(struct grow *grow, bool is_foreign, uint64_t attempt)
{
    size_t at = is_foreign ? grow->at_foreign : grow->at_english;
    struct draws d = draw(grow->options.seed, at * 2 + is_foreign, attempt);
    struct choice c = {0};
    struct scene s = is_foreign ? foreign_scene(grow, &c) : english_scene(grow, &c);
    buf_reset(&grow->prompt);
    buf_reset(&grow->prompt_en);
    if (is_foreign)
        write_foreign(grow, &c, &s, &d);
    else
        write_english(grow, &c, &s, &d);
    if (!keep_prompt(grow))
        return false;
    write_line(grow, &c, is_foreign ? str_of(GROW_MULTILINGUAL) : s.region->name,
               is_foreign ? grammar_attribute(s.situation, "domain") : s.source->block->name,
               s.voice->name);
    return true;
}

bool grow_next(struct grow *grow, struct str *line, struct err *err)
{
    size_t n_regions = grow->regions.count + (grow->languages.count > 0);
    bool is_foreign = grow->n_given % n_regions == grow->regions.count, found = false;
    size_t *at = is_foreign ? &grow->at_foreign : &grow->at_english;
    for (size_t passed = 0; !found && passed < PASSED_OVER_MAX; passed++) {
        for (uint64_t attempt = 0; !found && attempt < ATTEMPTS; attempt++)
            found = try_combination(grow, is_foreign, attempt);
        ++*at;
    }
    if (!found)
        return err_set(err, ERR_LIMIT,
                       "the grammar has no more than %zu probes for these regions, voices and "
                       "domains that are not nearly the same",
                       grow->n_given);
    grow->n_given++;
    grow->n_foreign += is_foreign;
    *line = buf_str(&grow->line);
    return true;
}
