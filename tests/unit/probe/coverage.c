/* Coverage: regions by name, domains, marks and bars; and splits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "probe/coverage.h"
#include "probe/split.h"

static void regions_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *region;
    } cases[] = {
        {"seeds/regional/flash25lite-cn-p1-r03-seeds.json", "cn"},
        {"flash25-en-para-r01-seeds.json", "en"},
        {"en_para_x.json", "en"},
        {"lem-africa-all-seeds.json", "africa"},
        {"flash2-latam-r11-seeds.json", "latam"},
        {"deten-r1-seeds.json", "other"},
        {"premium-seeds.json", "other"},
        {"flash2-me-r01-seeds.json", "me"},
        {"multi-seeds.json", "multilingual"},
        {"weak-areas.json", "weak"},
        {"training/seeds/middle-east/seeds.jsonl", "me"},
        {"training/seeds/chinese/seeds.jsonl", "cn"},
        {"de/notes.json", "de"},
        {"water.json", "other"},
        {"Latam", "latam"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(region_of_name(cases[i].name), cases[i].region);
}

static void a_record_says_its_region_first(void **state)
{
    (void)state;
    struct record_texts record = {.region = str_of("africa"), .domain = str_of("\xC3\x89tude ")};
    struct buf lower;
    buf_init(&lower, BUF_MAX_DEFAULT);
    assert_string_equal(region_of_record(record, "x-cn-seeds.json"), "africa");
    assert_true(str_is(domain_of_record(&lower, record), "\xC3\xA9tude"));
    record = (struct record_texts){.region = str_of("Baltic"), .domain = str_of("Care")};
    assert_string_equal(region_of_record(record, "x-cn-seeds.json"), "cn");
    assert_true(str_is(domain_of_record(&lower, record), "care"));
    record = (struct record_texts){0};
    assert_true(str_is(domain_of_record(&lower, record), "uncategorised"));
    buf_release(&lower);
}

static void tallies_mark_the_rare(void **state)
{
    (void)state;
    struct tally tally = {0};
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < 31; i++)
        tally_add(&tally, str_of(i < 20 ? "much" : i < 27 ? "some" : "few"));
    tally_sort(&tally);
    assert_int_equal(tally_get(&tally, "few"), 4);
    assert_int_equal(tally_get(&tally, "none"), 0);
    assert_false(tally_is_under(&tally, &tally.rows[1]));
    assert_true(tally_is_under(&tally, &tally.rows[2]));
    tally_format(&out, &tally, "Regions");
    assert_string_equal(out.ptr,
                        "Regions (3, average 10.3)\n"
                        "  much                           20  64.5%  ###################\n"
                        "  some                            7  22.6%  ######\n"
                        "  few                             4  12.9%  ### UNDERREPRESENTED\n");
    buf_release(&out);
    tally_release(&tally);
}

enum { COUNT = 1000 };

static void fill_items(struct split_item *items, char (*keys)[16], size_t first, size_t step)
{
    for (size_t i = 0; i < COUNT; i++) {
        size_t n = (first + i * step) % COUNT;
        snprintf(keys[n], sizeof keys[n], "k%zu", n / 2); /* pairs share a key */
        items[i] =
            (struct split_item){.stratum = str_of(n % 4 < 2 ? "a" : "b"), .key = str_of(keys[n])};
    }
}

static void splits_keep_shares_and_pairs(void **state)
{
    (void)state;
    static struct split_item items[COUNT], again[COUNT];
    static char keys[COUNT][16], keys_again[COUNT][16];
    const double weights[] = {0.8, 0.1, 0.1};
    size_t counts[3] = {0}, n_moved = 0;
    fill_items(items, keys, 0, 1);
    fill_items(again, keys_again, 17, 7);
    split_assign(items, COUNT, weights, 3, 42);
    split_assign(again, COUNT, weights, 3, 42);
    for (size_t i = 0; i < COUNT; i++)
        counts[items[i].part]++;
    assert_in_range(counts[0], 796, 804);
    assert_in_range(counts[1], 96, 104);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(again[i].part, items[(17 + i * 7) % COUNT].part);
    for (size_t i = 0; i + 1 < COUNT; i += 2)
        assert_int_equal(items[i].part, items[i + 1].part);
    split_assign(again, COUNT, weights, 3, 43);
    for (size_t i = 0; i < COUNT; i++)
        n_moved += again[i].part != items[(17 + i * 7) % COUNT].part;
    assert_true(n_moved > COUNT / 10);
}

static void a_part_of_no_weight_stays_empty(void **state)
{
    (void)state;
    struct split_item one = {.stratum = STR("a"), .key = STR("k")};
    const double weights[] = {1, 0, 0};
    split_assign(&one, 1, weights, 3, 1);
    assert_int_equal(one.part, 0);
    split_assign(&one, 0, weights, 3, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_by_name),
        cmocka_unit_test(a_record_says_its_region_first),
        cmocka_unit_test(tallies_mark_the_rare),
        cmocka_unit_test(splits_keep_shares_and_pairs),
        cmocka_unit_test(a_part_of_no_weight_stays_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
