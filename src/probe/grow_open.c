/* grow_open.c - a grammar made ready to grow from: what it must have, and what goes with what. */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "probe/grow.h"
#include "probe/slots.h"
#include "text/utf8.h"

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

/* Do all lines go with some place, and is there one of each kind for every place? */
static bool check_places(const struct grammar_block *region, struct err *err)
{
    static const char *const names[] = {"women", "men", "offices", "press", "details"};
    const struct grammar_section *places = grammar_section(region, "places");
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        const struct grammar_section *section = grammar_section(region, names[n]);
        for (size_t i = 0; i < section->count; i++) {
            struct str in = grammar_attribute(&section->lines[i], "in");
            size_t at = 0;
            while (at < places->count && !grammar_has_tag(&places->lines[at], in))
                at++;
            if (at == places->count)
                return grammar_fail(&section->lines[i], err, "no place is what it must be in");
        }
        for (size_t at = 0; at < places->count; at++) {
            size_t i = 0;
            while (
                i < section->count &&
                !grammar_has_tag(&places->lines[at], grammar_attribute(&section->lines[i], "in")))
                i++;
            if (i == section->count)
                return err_set(err, ERR_FORMAT, "%s: %.*s has no %s that go with it", region->file,
                               STR_ARG(places->lines[at].text), names[n]);
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
        return check_lines(block, err) &&
               (!str_is(block->kind, "region") || check_places(block, err));
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

/* Reads the next number of a list like "1 4 7"; false at its end, 0 for what is no number. */
static bool next_number(size_t *number, struct str list, size_t *at)
{
    struct str word;
    if (!utf8_word(&word, list, at))
        return false;
    *number = 0;
    for (size_t i = 0; i < word.len; i++) {
        bool is_digit = word.ptr[i] >= '0' && word.ptr[i] <= '9' && word.len < 6;
        *number = is_digit ? *number * 10 + (size_t)(word.ptr[i] - '0') : 0;
        if (!is_digit)
            break;
    }
    return true;
}

static bool check_with(const struct grow_source *source, struct err *err)
{
    size_t number;
    for (size_t t = 0; t < source->tensions->count; t++) {
        const struct grammar_line *tension = &source->tensions->lines[t];
        struct str with = grammar_attribute(tension, "with");
        for (size_t at = 0; next_number(&number, with, &at);)
            if (number == 0 || number > source->situations->count)
                return grammar_fail(tension, err, "with: numbers of situations were expected");
    }
    return true;
}

static bool go_together(const struct grammar_line *tension, size_t situation)
{
    struct str with = grammar_attribute(tension, "with");
    size_t number;
    for (size_t at = 0; next_number(&number, with, &at);)
        if (number == situation + 1)
            return true;
    return with.len == 0;
}

static void pair_up(struct grow_source *source)
{
    for (size_t s = 0; s < source->situations->count; s++)
        for (size_t t = 0; t < source->tensions->count; t++) {
            struct grow_pair pair = {s, t};
            if (go_together(&source->tensions->lines[t], s))
                VEC_PUSH(source->pairs, source->n_pairs, source->pairs_cap, pair);
        }
}

/* The block's combinations, with the common block's limits and questions if there is one. */
static bool add_source(struct grow_sources *sources, const struct grammar_block *block,
                       const struct grammar_block *common, struct err *err)
{
    struct grow_source source = {
        .block = block,
        .situations = grammar_section(block, "situations"),
        .tensions = grammar_section(block, "tensions"),
        .limits = grammar_section(block, "constraints"),
        .more_limits = common ? grammar_section(common, "constraints") : NULL,
        .asks = grammar_section(common ? common : block, "asks"),
        .first = sources->n_cores,
    };
    if (!check_with(&source, err))
        return false;
    pair_up(&source);
    source.n_limits = source.limits->count + (common ? source.more_limits->count : 0);
    source.count = source.n_pairs * source.n_limits * source.asks->count;
    sources->n_cores += source.count;
    VEC_PUSH(sources->items, sources->count, sources->cap, source);
    return true;
}

static bool add_block(struct grow *grow, const struct grammar_block *block, struct err *err)
{
    const struct grow_options *o = &grow->options;
    struct grow_list *list = NULL;
    if (str_is(block->kind, "domain") && is_wanted(o->domains, block->name))
        return add_source(&grow->domains, block, grow->common, err);
    if (str_is(block->kind, "language") && grow->is_multilingual)
        return add_source(&grow->languages, block, NULL, err);
    if (str_is(block->kind, "region") && is_wanted(o->regions, block->name))
        list = &grow->regions;
    else if (str_is(block->kind, "voice") && is_wanted(o->voices, block->name))
        list = &grow->voices;
    if (list)
        VEC_PUSH(list->items, list->count, list->cap, block);
    return true;
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
        if (!add_block(grow, &g->blocks[i], err))
            return false;
    if (grow->domains.n_cores == 0 || grow->voices.count == 0 ||
        grow->regions.count + grow->languages.count == 0)
        return err_set(err, ERR_FORMAT, "the grammar has no domain, no region or no voice");
    return true;
}

static void walk_init(struct grow_walk *walk)
{
    walk->drafts = mem_zalloc(GROW_AHEAD, sizeof *walk->drafts);
    for (size_t i = 0; i < GROW_AHEAD; i++)
        draft_init(&walk->drafts[i]);
}

/* What the probes are written on. */
static void set_desks(struct grow *grow)
{
    walk_init(&grow->english);
    walk_init(&grow->foreign);
    draft_init(&grow->again);
    grow->pool = pool_create(0);
    grow->desks = mem_zalloc(pool_threads(grow->pool), sizeof *grow->desks);
    for (size_t i = 0; i < pool_threads(grow->pool); i++)
        draft_desk_init(&grow->desks[i]);
}

bool grow_open(struct grow *grow, const struct grammar *grammar, const struct grow_options *options,
               struct err *err)
{
    *grow = (struct grow){.options = *options, .grammar = grammar};
    buf_init(&grow->line, BUF_MAX_DEFAULT);
    near_init(&grow->near, NEAR_REPEAT);
    set_desks(grow);
    grow->is_multilingual = is_wanted(options->regions, str_of(GROW_MULTILINGUAL));
    if (check_names(grammar, "region", options->regions, err) &&
        check_names(grammar, "voice", options->voices, err) &&
        check_names(grammar, "domain", options->domains, err) && choose_blocks(grow, err))
        return true;
    grow_close(grow);
    return false;
}

static void walk_release(struct grow_walk *walk)
{
    for (size_t i = 0; walk->drafts && i < GROW_AHEAD; i++)
        draft_release(&walk->drafts[i]);
    free(walk->drafts);
}

static void sources_release(struct grow_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        free(sources->items[i].pairs);
    free(sources->items);
}

void grow_close(struct grow *grow)
{
    sources_release(&grow->domains);
    sources_release(&grow->languages);
    free(grow->regions.items);
    free(grow->voices.items);
    walk_release(&grow->english);
    walk_release(&grow->foreign);
    draft_release(&grow->again);
    for (size_t i = 0; grow->desks && i < pool_threads(grow->pool); i++)
        draft_desk_release(&grow->desks[i]);
    free(grow->desks);
    pool_free(grow->pool);
    near_release(&grow->near);
    buf_release(&grow->line);
    *grow = (struct grow){0};
}
