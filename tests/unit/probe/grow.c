/* Growing: our own grammar gives what it promises, and a broken grammar is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/map.h"
#include "base/mem.h"
#include "eval/kernel.h"
#include "probe/coverage.h"
#include "probe/grow.h"
#include "probe/lint.h"
#include "probe/slots.h"
#include "text/json.h"

enum { COUNT = 20000 };

struct grown {
    struct grammar grammar;
    struct grow grow;
};

static void open_ours(struct grown *g, const struct grow_options *options)
{
    struct err err = {0};
    if (!grammar_open(&g->grammar, "seeds/grammar", &err) ||
        !grow_open(&g->grow, &g->grammar, options, &err))
        fail_msg("%s", err.msg);
}

static void close_ours(struct grown *g)
{
    grow_close(&g->grow);
    grammar_release(&g->grammar);
}

static json_t *next_probe(struct grown *g)
{
    struct str line;
    struct err err = {0};
    json_t *probe = NULL;
    if (!grow_next(&g->grow, &line, &err) || !json_parse(&probe, line, "probe", &err))
        fail_msg("%s", err.msg);
    return probe;
}

static void assert_plain(struct str prompt)
{
    assert_true(prompt.len > 20);
    assert_true(str_find(prompt, str_of("{"), 0) == (size_t)-1);
    assert_true(str_find(prompt, str_of("}"), 0) == (size_t)-1);
    assert_true(str_find(prompt, str_of("  "), 0) == (size_t)-1);
    assert_true(str_find(prompt, str_of(".."), 0) == (size_t)-1);
}

static void probes_are_whole_and_distinct(void **state)
{
    (void)state;
    struct grown g;
    struct map prompts = {0}, ids = {0};
    struct arena arena = {0};
    struct tally regions = {0}, voices = {0}, domains = {0};
    const struct grow_options options = {.seed = 42};
    open_ours(&g, &options);
    for (size_t i = 0; i < COUNT; i++) {
        json_t *probe = next_probe(&g);
        struct str prompt = json_get_str(probe, "prompt");
        bool is_foreign = str_is(json_get_str(probe, "region"), GROW_MULTILINGUAL);
        assert_plain(prompt);
        assert_true(json_is_object(json_object_get(probe, "derivation")));
        assert_int_equal(is_foreign, json_get_str(probe, "prompt_en").len > 0);
        assert_true(map_add(&prompts, arena_str(&arena, prompt), 0));
        assert_true(map_add(&ids, arena_str(&arena, json_get_str(probe, "id")), 0));
        tally_add(&regions, json_get_str(probe, "region"));
        tally_add(&voices, json_get_str(probe, "voice"));
        tally_add(&domains, json_get_str(probe, "domain"));
        json_decref(probe);
    }
    assert_int_equal(regions.n_rows, 13);
    assert_int_equal(voices.n_rows, 11);
    assert_true(domains.n_rows >= 26);
    assert_true(g.grow.domains.n_cores >= 88000); /* no combination twice in 88,000 */
    const struct tally *all[] = {&regions, &voices, &domains};
    for (size_t t = 0; t < 3; t++)
        for (size_t i = 0; i < all[t]->n_rows; i++)
            assert_false(tally_is_under(all[t], &all[t]->rows[i]));
    tally_release(&regions);
    tally_release(&voices);
    tally_release(&domains);
    map_release(&prompts);
    map_release(&ids);
    arena_release(&arena);
    close_ours(&g);
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    (void)state;
    struct grown a, b, other;
    const struct grow_options options = {.seed = 7}, another = {.seed = 8};
    struct str x, y, z;
    struct err err = {0};
    size_t n_differ = 0;
    open_ours(&a, &options);
    open_ours(&b, &options);
    open_ours(&other, &another);
    for (size_t i = 0; i < 500; i++) {
        assert_true(grow_next(&a.grow, &x, &err) && grow_next(&b.grow, &y, &err) &&
                    grow_next(&other.grow, &z, &err));
        assert_true(str_eq(x, y));
        n_differ += !str_eq(x, z);
    }
    assert_int_equal(n_differ, 500);
    close_ours(&a);
    close_ours(&b);
    close_ours(&other);
}

/* Every region gets every question: the walk must not fall into step with the regions. */
static void regions_and_questions_are_independent(void **state)
{
    (void)state;
    struct grown g;
    struct tally asks = {0};
    const struct grow_options options = {.seed = 42};
    open_ours(&g, &options);
    for (size_t i = 0; i < 10000; i++) {
        json_t *probe = next_probe(&g);
        const json_t *derivation = json_object_get(probe, "derivation");
        char name[16];
        snprintf(name, sizeof name, "%d",
                 (int)json_integer_value(json_object_get(derivation, "ask")));
        if (str_is(json_get_str(probe, "region"), "ru"))
            tally_add(&asks, str_of(name));
        json_decref(probe);
    }
    assert_int_equal(asks.n_rows, grammar_section(g.grow.common, "asks")->count);
    for (size_t i = 0; i < asks.n_rows; i++)
        assert_false(tally_is_under(&asks, &asks.rows[i]));
    tally_release(&asks);
    close_ours(&g);
}

static void choices_are_kept(void **state)
{
    (void)state;
    struct grown g;
    const struct grow_options options = {
        .regions = "cn, africa", .voices = "elder", .domains = "Zen", .seed = 1};
    open_ours(&g, &options);
    for (size_t i = 0; i < 200; i++) {
        json_t *probe = next_probe(&g);
        struct str region = json_get_str(probe, "region");
        assert_true(str_is(region, "cn") || str_is(region, "africa"));
        assert_true(str_is(json_get_str(probe, "voice"), "elder"));
        assert_true(str_is(json_get_str(probe, "domain"), "Zen"));
        json_decref(probe);
    }
    close_ours(&g);
}

/* A tension with numbers of situations goes with no other. */
static void tensions_keep_to_their_situations(void **state)
{
    (void)state;
    struct grown g;
    const struct grow_options options = {.seed = 5};
    size_t n_bound = 0;
    open_ours(&g, &options);
    for (size_t i = 0; i < 5000; i++) {
        json_t *probe = next_probe(&g), *made_of = json_object_get(probe, "derivation");
        const struct grow_sources *sources = &g.grow.domains;
        struct str name = json_get_str(probe, "domain"),
                   language = json_get_str(made_of, "language");
        if (language.len > 0) {
            sources = &g.grow.languages;
            name = language;
        }
        size_t k = 0;
        while (!str_eq(sources->items[k].block->name, name))
            k++;
        json_int_t tension = json_integer_value(json_object_get(made_of, "tension"));
        json_int_t situation = json_integer_value(json_object_get(made_of, "situation"));
        const struct grammar_line *line = &sources->items[k].tensions->lines[tension - 1];
        struct str with = grammar_attribute(line, "with");
        char wanted[16];
        struct buf padded;
        buf_init(&padded, BUF_MAX_DEFAULT);
        buf_printf(&padded, " %.*s ", STR_ARG(with));
        snprintf(wanted, sizeof wanted, " %d ", (int)situation);
        assert_true(with.len == 0 || strstr(padded.ptr, wanted) != NULL);
        n_bound += with.len > 0;
        buf_release(&padded);
        json_decref(probe);
    }
    assert_true(n_bound > 1000);
    close_ours(&g);
}

static const struct grammar_line *line_of(const struct grammar_block *region, const char *section,
                                          json_int_t number)
{
    return &grammar_section(region, section)->lines[number - 1];
}

/* Whoever and whatever belongs to some places only is in one of them. */
static void people_and_details_are_where_they_belong(void **state)
{
    (void)state;
    struct grown g;
    const struct grow_options options = {.regions = "weak,other,eu,africa", .seed = 6};
    size_t n_bound = 0;
    open_ours(&g, &options);
    for (size_t i = 0; i < 4000; i++) {
        json_t *probe = next_probe(&g), *made_of = json_object_get(probe, "derivation");
        size_t r = 0;
        while (!str_eq(g.grow.regions.items[r]->name, json_get_str(probe, "region")))
            r++;
        const struct grammar_block *region = g.grow.regions.items[r];
        json_int_t who = json_integer_value(json_object_get(made_of, "person"));
        json_int_t n_women = (json_int_t)grammar_section(region, "women")->count;
        json_int_t detail = json_integer_value(json_object_get(made_of, "detail"));
        const struct grammar_line *place =
            line_of(region, "places", json_integer_value(json_object_get(made_of, "place")));
        const struct grammar_line *chosen[] = {who > n_women ? line_of(region, "men", who - n_women)
                                                             : line_of(region, "women", who),
                                               line_of(region, "details", detail)};
        assert_true(strstr(json_string_value(json_object_get(probe, "prompt")), "{") == NULL);
        for (size_t k = 0; k < 2; k++) {
            assert_true(grammar_has_tag(place, grammar_attribute(chosen[k], "in")));
            n_bound += grammar_attribute(chosen[k], "in").len > 0;
        }
        json_decref(probe);
    }
    assert_true(n_bound > 4000);
    close_ours(&g);
}

static void tags_are_whole_words(void **state)
{
    (void)state;
    struct grammar_attribute is = {str_of("is"), str_of("coast  in jp")};
    const struct grammar_line place = {.attributes = &is, .n_attributes = 1}, plain = {0};
    assert_true(grammar_has_tag(&place, str_of("kr jp")));
    assert_true(grammar_has_tag(&place, str_of("coast")));
    assert_true(grammar_has_tag(&place, str_of("")));
    assert_false(grammar_has_tag(&place, str_of("coas kr j")));
    assert_false(grammar_has_tag(&plain, str_of("jp")));
    assert_true(grammar_has_tag(&plain, str_of("")));
}

/* What lint says of grown probes at its defaults, with the kernels: nothing. */
static void grown_probes_are_clean(void **state)
{
    (void)state;
    enum { N = 6000, N_KERNELS = 3 };
    static const char *const paths[N_KERNELS] = {"kernel/axioms.json", "kernel/lek-1-kernel.txt",
                                                 "kernel/compact.json"};
    struct kernel kernels[N_KERNELS];
    struct lint_kernel texts[N_KERNELS];
    struct lint_item *items = mem_zalloc(N, sizeof *items);
    struct probe_set set;
    struct grown g;
    struct buf lines;
    struct lint lint;
    struct err err = {0};
    const struct grow_options options = {.seed = 2026};
    buf_init(&lines, BUF_MAX_DEFAULT);
    open_ours(&g, &options);
    for (size_t i = 0; i < N; i++) {
        struct str line;
        assert_true(grow_next(&g.grow, &line, &err));
        buf_add_str(&lines, line);
    }
    for (size_t k = 0; k < N_KERNELS; k++) {
        assert_true(kernel_load(&kernels[k], paths[k], &err));
        texts[k] = (struct lint_kernel){paths[k], kernels[k].text};
    }
    assert_true(probe_set_parse(&set, buf_str(&lines), "grown", &(struct probe_options){0}, &err));
    for (size_t i = 0; i < N; i++)
        items[i] = (struct lint_item){&set.items[i], "grown"};
    lint_run(&lint, items, N,
             &(struct lint_options){.near = NEAR_REPEAT,
                                    .words_min = 2,
                                    .words_max = 400,
                                    .kernels = texts,
                                    .n_kernels = N_KERNELS});
    assert_int_equal(lint.n_findings, 0);
    assert_true(lint.words_min >= 20 && lint.words_max <= 200);
    lint_release(&lint);
    probe_set_release(&set);
    for (size_t k = 0; k < N_KERNELS; k++)
        kernel_release(&kernels[k]);
    free(items);
    buf_release(&lines);
    close_ours(&g);
}

static void unknown_names_are_refused(void **state)
{
    (void)state;
    struct grammar grammar;
    struct grow grow;
    struct err err = {0};
    const struct grow_options bad[] = {
        {.regions = "cn,mars"}, {.voices = "poet"}, {.domains = "Sport"}};
    assert_true(grammar_open(&grammar, "seeds/grammar", &err));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(grow_open(&grow, &grammar, &bad[i], &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
    assert_non_null(strstr(err.msg, "there is no domain \"Sport\"; there are: "));
    grammar_release(&grammar);
}

static const char *const good =
    "constraints:\n- c\nasks:\n- a?\n"
    "domain: D\nsituations:\n- {name} at {place}. | org = o | people = p\ntensions:\n- t\n"
    "constraints:\n- c\nregion: cn\nplaces:\n- X\nwomen:\n- A B\nmen:\n- C D\noffices:\n- o\n"
    "press:\n- p\ndetails:\n- d\nvoice: original\n";

/* Index, then the text with `from` changed to `to`; the sentence of the failure, "" when none. */
static void try_grammar(struct err *err, const char *from, const char *to)
{
    struct grammar grammar = {0};
    struct grow grow;
    struct buf text;
    const struct grow_options options = {0};
    buf_init(&text, BUF_MAX_DEFAULT);
    const char *at = from ? strstr(good, from) : good;
    buf_add(&text, good, (size_t)(at - good));
    buf_puts(&text, from ? to : "");
    buf_puts(&text, from ? at + strlen(from) : good);
    *err = (struct err){0};
    bool ok = grammar_add(&grammar, str_of("files:\n- g.txt\n"), "index.txt", err) &&
              grammar_add(&grammar, buf_str(&text), "g.txt", err) &&
              grow_open(&grow, &grammar, &options, err);
    if (ok)
        grow_close(&grow);
    grammar_release(&grammar);
    buf_release(&text);
}

static void broken_grammars_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *sentence;
    } cases[] = {
        {"{place}", "{plaice}", "g.txt: line 7: a slot that does not exist, or a brace too many"},
        {"{place}", "{place", "g.txt: line 7: a slot that does not exist, or a brace too many"},
        {"| org = o ", "", "g.txt: line 7: a situation must say its org and its people"},
        {"| org = o ", "| org ", "g.txt: line 7: an attribute is written \"| key = value\""},
        {"women:", "ladies:", "g.txt: region \"cn\" has no women"},
        {"domain: D", "realm: D", "g.txt: a block of an unknown kind, \"realm\""},
        {"constraints:\n- c\nasks", "- c\nasks",
         "g.txt: line 1: a line of a list, but no list has begun"},
        {"- a?", "a?", "g.txt: line 4: neither \"- text\" nor \"section:\" nor \"kind: name\""},
        {"- t\n", "- \xFF\n", "g.txt: byte 105 is not UTF-8"},
        {"- t\n", "- t | with = 2\n", "g.txt: line 9: with: numbers of situations were expected"},
        {"- t\n", "- t | with = 1 x\n", "g.txt: line 9: with: numbers of situations were expected"},
        {"voice: original", "#", "the grammar has no domain, no region or no voice"},
        {"- A B", "- A B | in = sea", "g.txt: line 16: no place is what it must be in"},
        {"- X\nwomen:\n- A B", "- X | is = sea\n- Y\nwomen:\n- A B | in = sea",
         "g.txt: Y has no women that go with it"},
    };
    struct err err;
    try_grammar(&err, NULL, NULL);
    assert_string_equal(err.msg, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        try_grammar(&err, cases[i].from, cases[i].to);
        if (strstr(cases[i].sentence, "UTF-8"))
            assert_non_null(strstr(err.msg, "is not UTF-8"));
        else
            assert_string_equal(err.msg, cases[i].sentence);
    }
}

/* A grammar with one sentence of each kind has one probe to give for each way of asking. */
static void an_exhausted_grammar_says_so(void **state)
{
    (void)state;
    struct grammar grammar = {0};
    struct grow grow;
    struct str line;
    struct err err = {0};
    size_t n = 0;
    const struct grow_options options = {.seed = 1};
    assert_true(grammar_add(&grammar, str_of("files:\n- g.txt\n"), "index.txt", &err) &&
                grammar_add(&grammar, str_of(good), "g.txt", &err) &&
                grow_open(&grow, &grammar, &options, &err));
    while (grow_next(&grow, &line, &err))
        n++;
    assert_in_range(n, 1, 4);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_non_null(strstr(err.msg, "the grammar has no more than"));
    grow_close(&grow);
    grammar_release(&grammar);
}

static void slots_fill_and_capitalise(void **state)
{
    (void)state;
    struct slot slots[] = {{.name = "name", .value = STR("Ann"), .first = STR("Ann Lee")},
                           {.name = "org", .value = STR("the club")}};
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    slots_fill(&out, str_of("{Org} knows {name}; {name} knows {org}."), slots, 2);
    assert_string_equal(out.ptr, "The club knows Ann Lee; Ann knows the club.");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_are_whole_and_distinct),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(regions_and_questions_are_independent),
        cmocka_unit_test(choices_are_kept),
        cmocka_unit_test(tensions_keep_to_their_situations),
        cmocka_unit_test(people_and_details_are_where_they_belong),
        cmocka_unit_test(tags_are_whole_words),
        cmocka_unit_test(grown_probes_are_clean),
        cmocka_unit_test(unknown_names_are_refused),
        cmocka_unit_test(broken_grammars_are_refused),
        cmocka_unit_test(an_exhausted_grammar_says_so),
        cmocka_unit_test(slots_fill_and_capitalise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
