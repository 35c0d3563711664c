/* draft.c - see draft.h.
 *
 * The combinations of all domains are numbered 0 .. N-1, domain by domain, each with its pairs of
 * a situation and a tension, its limits and the questions as the digits of a mixed radix. The k-th
 * English probe takes number (start + k * step) mod N, where step is near N divided by the golden
 * ratio and has no factor in common with N: every N probes use every number once, and any few in a
 * row lie far apart. Languages take turns, and each goes through its own in the same way. Voices
 * are derived from the digits such that two probes that share three of them are asked by different
 * voices. Place, person, circumstances and where these stand are random numbers of (seed, number
 * of the combination, attempt). */
#include "probe/draft.h"

#include <string.h>

#include "base/rng.h"
#include "probe/grow.h"
#include "probe/slots.h"
#include "text/json.h"

enum { DRAWS = 12 };

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

struct scene {
    const struct grow_source *source;
    const struct grammar_block *region, *voice; /* no region in another language */
    const struct grammar_line *place, *situation, *tension, *limit, *ask;
};

/* Lines of which one must be chosen: all, or those that go with a place. */
static bool goes_with(const struct grammar_line *line, const struct grammar_line *place)
{
    return line->n_attributes == 0 || grammar_has_tag(place, grammar_attribute(line, "in"));
}

static size_t count_there(const struct grammar_section *section, const struct grammar_line *place)
{
    size_t count = 0;
    for (size_t i = 0; i < section->count; i++)
        count += goes_with(&section->lines[i], place);
    return count;
}

/* The index of line n of those that go with the place. */
static size_t nth_there(const struct grammar_section *section, const struct grammar_line *place,
                        size_t n)
{
    size_t i = 0;
    while (!goes_with(&section->lines[i], place) || n-- > 0)
        i++;
    return i;
}

static const struct grammar_line *pick_there(const struct scene *s, const char *section,
                                             struct choice *c, enum part part,
                                             const struct draws *d)
{
    const struct grammar_section *lines = grammar_section(s->region, section);
    size_t n = pick(d, part, count_there(lines, s->place));
    return line_of(lines, c, part, nth_there(lines, s->place, n));
}

/* A place of the region that has what the situation needs, if there is any. */
static const struct grammar_line *pick_place(const struct scene *s, struct choice *c,
                                             const struct draws *d)
{
    const struct grammar_section *places = grammar_section(s->region, "places");
    struct str needs = grammar_attribute(s->situation, "needs");
    size_t n_fitting = 0, at = 0;
    for (size_t i = 0; i < places->count; i++)
        n_fitting += grammar_has_tag(&places->lines[i], needs);
    size_t n = pick(d, PLACE, n_fitting > 0 ? n_fitting : places->count);
    while ((n_fitting > 0 && !grammar_has_tag(&places->lines[at], needs)) || n-- > 0)
        at++;
    return line_of(places, c, PLACE, at);
}

/* One of the women or men who go with the place. */
static const struct grammar_line *pick_person(bool *is_woman, const struct scene *s,
                                              struct choice *c, const struct draws *d)
{
    const struct grammar_section *women = grammar_section(s->region, "women");
    const struct grammar_section *men = grammar_section(s->region, "men");
    size_t n_women = count_there(women, s->place);
    size_t n = pick(d, PERSON, n_women + count_there(men, s->place));
    *is_woman = n < n_women;
    size_t at = *is_woman ? nth_there(women, s->place, n) : nth_there(men, s->place, n - n_women);
    c->at[PERSON] = (*is_woman ? 0 : women->count) + at + 1;
    return *is_woman ? &women->lines[at] : &men->lines[at];
}

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

static struct scene english_scene(const struct grow *grow, struct choice *c, size_t k)
{
    size_t n = grow->domains.n_cores, core = walk(k, n, grow->options.seed);
    size_t round = k / n, region = (k + round) % grow->regions.count;
    const struct grow_source *domain = find_source(&grow->domains, core);
    struct scene s = scene_of(grow, c, domain, core - domain->first, 4 * round + region);
    s.region = grow->regions.items[region];
    return s;
}

static struct scene foreign_scene(const struct grow *grow, struct choice *c, size_t at)
{
    size_t n_languages = grow->languages.count, k = at / n_languages;
    const struct grow_source *l = &grow->languages.items[at % n_languages];
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

static void write_english(struct draft_desk *desk, struct choice *c, struct scene *s,
                          const struct draws *d)
{
    bool is_woman;
    s->place = pick_place(s, c, d);
    const struct grammar_line *person = pick_person(&is_woman, s, c, d);
    struct slot slots[] = {
        {.name = "place", .value = s->place->text},
        {.name = "name", .value = short_name(person), .first = person->text},
        {.name = "they", .value = str_of(is_woman ? "she" : "he")},
        {.name = "them", .value = str_of(is_woman ? "her" : "him")},
        {.name = "their", .value = str_of(is_woman ? "her" : "his")},
        {.name = "org", .value = grammar_attribute(s->situation, "org")},
        {.name = "people", .value = grammar_attribute(s->situation, "people")},
        {.name = "office", .value = pick_there(s, "offices", c, OFFICE, d)->text},
        {.name = "press", .value = pick_there(s, "press", c, PRESS, d)->text},
    };
    enum { N_SLOTS = sizeof slots / sizeof *slots };
    struct buf *out = &desk->prompt;
    bool has_frame = grammar_section(s->voice, "openings")->count > 0;
    if (has_frame)
        put_sentence(out, pick_line(s->voice, "openings", c, OPENING, d)->text, slots, N_SLOTS);
    const struct grammar_line *detail = pick_there(s, "details", c, DETAIL, d);
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

static void put_pair(struct draft_desk *desk, const struct grammar_line *line, struct slot *local,
                     struct slot *english, struct str space)
{
    if (desk->prompt.len > 0)
        buf_add_str(&desk->prompt, space);
    slots_fill(&desk->prompt, line->text, local, 1);
    put_sentence(&desk->prompt_en, grammar_attribute(line, "en"), english, 1);
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

static void write_foreign(struct draft_desk *desk, struct choice *c, const struct scene *s,
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
            put_pair(desk, lines[i], &local, &english, space);
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

static void write_rest(struct buf *out, const struct draft_desk *desk, const struct grow *grow,
                       const struct choice *c, const struct scene *s)
{
    struct str region = s->region ? s->region->name : str_of(GROW_MULTILINGUAL);
    struct str domain =
        s->region ? s->source->block->name : grammar_attribute(s->situation, "domain");
    buf_reset(out);
    put_slug(out, region);
    buf_putc(out, '_');
    put_slug(out, domain);
    buf_putc(out, '"');
    put_field(out, "domain", domain);
    put_field(out, "region", region);
    put_field(out, "voice", s->voice->name);
    put_field(out, "prompt", buf_str(&desk->prompt));
    if (desk->prompt_en.len > 0)
        put_field(out, "prompt_en", buf_str(&desk->prompt_en));
    buf_printf(out, ", \"derivation\": {\"grammar\": \"%.12s\", \"seed\": %llu",
               grow->grammar->sha256, (unsigned long long)grow->options.seed);
    if (c->language.len > 0)
        put_field(out, "language", c->language);
    for (size_t i = 0; i < N_PARTS; i++)
        if (c->at[i] > 0)
            buf_printf(out, ", \"%s\": %zu", part_names[i], c->at[i]);
    buf_puts(out, "}}\n");
}

void draft_make(struct draft *out, struct draft_desk *desk, const struct grow *grow,
                struct draft_number number)
{
    size_t stream = number.at * 2 + number.is_foreign;
    struct draws d = draw(grow->options.seed, stream, number.attempt);
    struct choice c = {0};
    struct scene s =
        number.is_foreign ? foreign_scene(grow, &c, number.at) : english_scene(grow, &c, number.at);
    buf_reset(&desk->prompt);
    buf_reset(&desk->prompt_en);
    if (number.is_foreign)
        write_foreign(desk, &c, &s, &d);
    else
        write_english(desk, &c, &s, &d);
    write_rest(&out->rest, desk, grow, &c, &s);
    word_list_split(&desk->words, buf_str(&desk->prompt));
    near_set_make(&out->set, &grow->near, &desk->words);
}

void draft_init(struct draft *draft)
{
    *draft = (struct draft){0};
    buf_init(&draft->rest, BUF_MAX_DEFAULT);
}

void draft_release(struct draft *draft)
{
    buf_release(&draft->rest);
    near_set_release(&draft->set);
}

void draft_desk_init(struct draft_desk *desk)
{
    buf_init(&desk->prompt, GRAMMAR_FILE_MAX);
    buf_init(&desk->prompt_en, GRAMMAR_FILE_MAX);
    word_list_init(&desk->words);
}

void draft_desk_release(struct draft_desk *desk)
{
    buf_release(&desk->prompt);
    buf_release(&desk->prompt_en);
    word_list_release(&desk->words);
}
