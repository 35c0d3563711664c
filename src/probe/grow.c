/* grow.c - see grow.h.
 *
 * The combinations of all domains are numbered 0 .. N-1, domain by domain, each with its
 * situations, tensions, limits and questions as the digits of a mixed radix. The k-th English probe
 * takes number (start + k * step) mod N, where step is near N divided by the golden ratio and has
 * no factor in common with N: every N probes use every number once, and any few in a row lie far
 * apart. Voices are derived from the digits such that two probes that share three of them are asked
 * by different voices. Place, person and circumstances are random numbers of (seed, number of the
 * probe). */
#include "probe/grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/vec.h"
#include "probe/slots.h"
#include "text/json.h"
#include "text/utf8.h"

enum { ATTEMPTS_MAX = 64, DIGEST_LEN = 16, DRAWS = 12 };

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
    N_PARTS
};
static const char *const part_names[N_PARTS] = {"situation", "tension", "constraint", "ask",
                                                "place",     "person",  "detail",     "office",
                                                "press",     "opening", "closing"};

struct choice {
    size_t at[N_PARTS]; /* from 1; 0: no such part */
    struct str language;
};

static const char *const english_slots[] = {"place", "name",   "they",   "them",  "their",
                                            "org",   "people", "office", "press", NULL};
static const char *const foreign_slots[] = {"place", NULL};

/* What must be in a block of each kind. */
static const struct {
    const char *kind, *sections[8];
} kinds[] = {
    {"", {"constraints", "asks"}},
    {"domain", {"situations", "tensions", "constraints"}},
    {"region", {"places", "women", "men", "offices", "press", "details"}},
    {"voice", {NULL}},
    {"language", {"situations", "tensions", "constraints", "asks", "places"}},
};

static bool check_lines(const struct grammar_block *block, struct err *err)
{
    bool is_foreign = str_is(block->kind, "language");
    const char *const *slots = is_foreign ? foreign_slots : english_slots;
    for (size_t i = 0; i < block->n_sections; i++) {
        const struct grammar_section *section = &block->sections[i];
        for (size_t j = 0; j < section->count; j++) {
            const struct grammar_line *line = &section->lines[j];
            struct str english = grammar_attribute(line, "en");
            bool is_scene = str_is(block->kind, "domain") && str_is(section->name, "situations");
            if (!slots_known(line->text, slots) || !slots_known(english, slots))
                return grammar_fail(line, err, "a slot that does not exist, or a brace too many");
            if (is_scene && (grammar_attribute(line, "org").len == 0 ||
                             grammar_attribute(line, "people").len == 0))
                return grammar_fail(line, err, "a situation must say its org and its people");
            if (is_foreign && english.len == 0)
                return grammar_fail(line, err, "a line of a language must have its English (en)");
        }
    }
    return true;
}

static bool check_block(const struct grammar_block *block, struct err *err)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (!str_is(block->kind, kinds[k].kind))
            continue;
        for (const char *const *name = kinds[k].sections; *name; name++)
            if (grammar_section(block, *name)->count == 0)
                return err_set(err, ERR_FORMAT, "%s: %.*s \"%.*s\" has no %s", block->file,
                               STR_ARG(block->kind), STR_ARG(block->name), *name);
        return check_lines(block, err);
    }
    return err_set(err, ERR_FORMAT, "%s: a block of an unknown kind, \"%.*s\"", block->file,
                   STR_ARG(block->kind));
}

/* The next name of a list with commas; false at its end. */
static bool next_name(struct str *name, struct str *list)
{
    while (list->len > 0) {
        size_t comma = str_find(*list, str_of(","), 0);
        *name = utf8_strip(str_n(list->ptr, comma == (size_t)-1 ? list->len : comma));
        *list = comma == (size_t)-1 ? str_n("", 0) : str_from(*list, comma + 1);
        if (name->len > 0)
            return true;
    }
    return false;
}

static bool is_wanted(const char *wanted, struct str name)
{
    struct str list = str_of(wanted ? wanted : ""), one;
    while (next_name(&one, &list))
        if (str_eq(one, name))
            return true;
    return wanted == NULL;
}

static bool has_block(const struct grammar *grammar, const char *kind, struct str name)
{
    for (size_t i = 0; i < grammar->n_blocks; i++)
        if (str_is(grammar->blocks[i].kind, kind) && str_eq(grammar->blocks[i].name, name))
            return true;
    return false;
}

/* Is every name that was asked for one of the grammar's? */
static bool check_names(const struct grammar *grammar, const char *kind, const char *wanted,
                        struct err *err)
{
    struct str list = str_of(wanted ? wanted : ""), name;
    struct buf known;
    while (next_name(&name, &list)) {
        if (has_block(grammar, kind, name) ||
            (strcmp(kind, "region") == 0 && str_is(name, GROW_MULTILINGUAL)))
            continue;
        buf_init(&known, ERR_MSG_MAX);
        for (size_t i = 0; i < grammar->n_blocks; i++)
            if (str_is(grammar->blocks[i].kind, kind))
                buf_printf(&known, "%s%.*s", known.len ? ", " : "",
                           STR_ARG(grammar->blocks[i].name));
        err_set(err, ERR_USAGE, "there is no %s \"%.*s\"; there are: %s", kind, STR_ARG(name),
                known.ptr ? known.ptr : "none");
        buf_release(&known);
        return false;
    }
    return true;
}

static void add_domain(struct grow *grow, const struct grammar_block *block)
{
    struct grow_domain domain = {.block = block,
                                 .situations = grammar_section(block, "situations"),
                                 .tensions = grammar_section(block, "tensions"),
                                 .limits = grammar_section(block, "constraints"),
                                 .first = grow->n_cores};
    domain.count = domain.situations->count * domain.tensions->count *
                   (domain.limits->count + grammar_section(grow->common, "constraints")->count) *
                   grammar_section(grow->common, "asks")->count;
    grow->n_cores += domain.count;
    VEC_PUSH(grow->domains, grow->n_domains, grow->domains_cap, domain);
}

static void add_block(struct grow *grow, const struct grammar_block *block)
{
    const struct grow_options *o = &grow->options;
    if (str_is(block->kind, "domain") && is_wanted(o->domains, block->name))
        add_domain(grow, block);
    struct grow_list *list = NULL;
    if (str_is(block->kind, "region") && is_wanted(o->regions, block->name))
        list = &grow->regions;
    else if (str_is(block->kind, "voice") && is_wanted(o->voices, block->name))
        list = &grow->voices;
    else if (str_is(block->kind, "language") && grow->is_multilingual)
        list = &grow->languages;
    if (list)
        VEC_PUSH(list->items, list->count, list->cap, block);
}

static bool choose_blocks(struct grow *grow, struct err *err)
{
    const struct grammar *g = grow->grammar;
    for (size_t i = 0; i < g->n_blocks; i++)
        if (i > 0 && !check_block(&g->blocks[i], err)) /* the first is index.txt's */
            return false;
    for (size_t i = 1; !grow->common && i < g->n_blocks; i++)
        if (g->blocks[i].kind.len == 0)
            grow->common = &g->blocks[i];
    if (!grow->common)
        return err_set(err, ERR_FORMAT, "the grammar has no common constraints and asks");
    for (size_t i = 1; i < g->n_blocks; i++)
        add_block(grow, &g->blocks[i]);
    if (grow->n_cores == 0 || grow->voices.count == 0 ||
        grow->regions.count + grow->languages.count == 0)
        return err_set(err, ERR_FORMAT, "the grammar has no domain, no region or no voice");
    return true;
}

bool grow_open(struct grow *grow, const struct grammar *grammar, const struct grow_options *options,
               struct err *err)
{
    *grow = (struct grow){.options = *options, .grammar = grammar};
    buf_init(&grow->prompt, GRAMMAR_FILE_MAX);
    buf_init(&grow->prompt_en, GRAMMAR_FILE_MAX);
    buf_init(&grow->line, BUF_MAX_DEFAULT);
    grow->is_multilingual = is_wanted(options->regions, str_of(GROW_MULTILINGUAL));
    if (check_names(grammar, "region", options->regions, err) &&
        check_names(grammar, "voice", options->voices, err) &&
        check_names(grammar, "domain", options->domains, err) && choose_blocks(grow, err))
        return true;
    grow_close(grow);
    return false;
}

void grow_close(struct grow *grow)
{
    free(grow->domains);
    free(grow->regions.items);
    free(grow->voices.items);
    free(grow->languages.items);
    map_release(&grow->seen);
    arena_release(&grow->arena);
    buf_release(&grow->prompt);
    buf_release(&grow->prompt_en);
    buf_release(&grow->line);
    *grow = (struct grow){0};
}

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
    const struct grow_domain *domain;
    const struct grammar_block *region, *voice;
    const struct grammar_line *situation, *tension, *limit, *ask;
};

static const struct grow_domain *find_domain(const struct grow *grow, size_t core)
{
    size_t i = 0;
    while (core >= grow->domains[i].first + grow->domains[i].count)
        i++;
    return &grow->domains[i];
}

static struct scene choose_scene(const struct grow *grow, struct choice *c)
{
    size_t k = grow->n_english, core = walk(k, grow->n_cores, grow->options.seed);
    size_t round = k / grow->n_cores, region = (k + round) % grow->regions.count;
    struct scene s = {.domain = find_domain(grow, core), .region = grow->regions.items[region]};
    const struct grammar_section *asks = grammar_section(grow->common, "asks");
    const struct grammar_section *common = grammar_section(grow->common, "constraints");
    size_t at = core - s.domain->first, n_limits = s.domain->limits->count + common->count;
    size_t ask = at % asks->count, limit = at / asks->count % n_limits;
    at /= asks->count * n_limits;
    size_t tension = at % s.domain->tensions->count, situation = at / s.domain->tensions->count;
    size_t own = s.domain->limits->count;
    /* Turned by the others, so that no region, whose turn comes at every so-many-th number, gets
     * the same question each time. */
    ask = (ask + limit + 5 * tension + 7 * situation + at) % asks->count;
    s.situation = line_of(s.domain->situations, c, SITUATION, situation);
    s.tension = line_of(s.domain->tensions, c, TENSION, tension);
    s.limit = limit < own ? &s.domain->limits->lines[limit] : &common->lines[limit - own];
    c->at[LIMIT] = limit + 1;
    s.ask = line_of(asks, c, ASK, ask);
    size_t voice = ask + 5 * limit + 3 * situation + 7 * tension + 4 * round + region;
    s.voice = grow->voices.items[voice % grow->voices.count];
    return s;
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
    put_sentence(out, s->situation->text, slots, N_SLOTS);
    put_sentence(out, pick_line(s->region, "details", c, DETAIL, d)->text, slots, N_SLOTS);
    put_sentence(out, s->tension->text, slots, N_SLOTS);
    put_sentence(out, s->limit->text, slots, N_SLOTS);
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

static void write_foreign(struct grow *grow, struct choice *c, struct str *domain,
                          struct str *voice, const struct draws *d)
{
    size_t n_languages = grow->languages.count, k = grow->n_foreign / n_languages;
    const struct grammar_block *l = grow->languages.items[grow->n_foreign % n_languages];
    static const char *const names[] = {"situations", "tensions", "constraints", "asks"};
    const struct grammar_line *lines[4];
    size_t count = 1;
    for (size_t i = 0; i < 4; i++)
        count *= grammar_section(l, names[i])->count;
    size_t at = walk(k, count, grow->options.seed), spread = 0;
    for (size_t i = 4; i-- > 0;) {
        const struct grammar_section *section = grammar_section(l, names[i]);
        size_t digit = at % section->count;
        lines[i] = line_of(section, c, (enum part)i, digit);
        spread += digit * (2 * i + 1);
        at /= section->count;
    }
    const struct grammar_line *place = pick_line(l, "places", c, PLACE, d);
    struct slot local = {.name = "place", .value = place->text};
    struct slot english = {.name = "place", .value = grammar_attribute(place, "en")};
    *voice = grow->voices.items[(spread + k / count) % grow->voices.count]->name;
    *domain = grammar_attribute(lines[0], "domain");
    c->language = l->name;
    struct str space = str_of(str_is(l->name, "zh") ? "" : " ");
    const struct grammar_line *opening = opening_of(l, *voice);
    if (opening)
        put_pair(grow, opening, &local, &english, space);
    for (size_t i = 0; i < 4; i++)
        put_pair(grow, lines[i], &local, &english, space);
}

static bool is_new(struct grow *grow)
{
    struct str prompt = buf_str(&grow->prompt);
    uint64_t digest[2] = {rng_key(prompt.ptr, prompt.len, 1), rng_key(prompt.ptr, prompt.len, 2)};
    struct str key = str_n((const char *)digest, DIGEST_LEN);
    if (map_get(&grow->seen, key) != MAP_NONE)
        return false;
    map_add(&grow->seen, arena_str(&grow->arena, key), 0);
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

bool grow_next(struct grow *grow, struct str *line, struct err *err)
{
    size_t n_regions = grow->regions.count + (grow->languages.count > 0);
    bool is_foreign = grow->n_given % n_regions == grow->regions.count;
    for (uint64_t attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        struct draws d = draw(grow->options.seed, grow->n_given, attempt);
        struct choice c = {0};
        struct str name = str_of(GROW_MULTILINGUAL), domain, voice;
        buf_reset(&grow->prompt);
        buf_reset(&grow->prompt_en);
        if (is_foreign) {
            write_foreign(grow, &c, &domain, &voice, &d);
        } else {
            struct scene s = choose_scene(grow, &c);
            write_english(grow, &c, &s, &d);
            name = s.region->name;
            domain = s.domain->block->name;
            voice = s.voice->name;
        }
        if (!is_new(grow))
            continue;
        write_line(grow, &c, name, domain, voice);
        grow->n_given++;
        if (is_foreign)
            grow->n_foreign++;
        else
            grow->n_english++;
        *line = buf_str(&grow->line);
        return true;
    }
    return err_set(err, ERR_LIMIT,
                   "the grammar has no more than %zu different probes for these regions and voices",
                   grow->n_given);
}
