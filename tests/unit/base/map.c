/* Hash maps: what was added is found, nothing else is, and hostile keys do not make it slow. */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"

enum { MANY = 50000, KEY = 24 };

/* Keys of all lengths around the hash's words, some of which start alike or hold NUL. */
static struct str make_key(char out[KEY], unsigned n)
{
    int len = snprintf(out, KEY, "%u", n);
    size_t pad = n % 13;
    memset(out + len, 0, pad);
    return str_n(out, (size_t)len + pad);
}

static void many_keys_are_found(void **state)
{
    (void)state;
    static char text[MANY][KEY];
    char other[KEY];
    struct map map = {0};
    for (unsigned i = 0; i < MANY; i++)
        assert_true(map_add(&map, make_key(text[i], i), i));
    assert_int_equal(map.count, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        if (map_get(&map, make_key(other, i)) != i)
            fail_msg("key %u has value %u", i, map_get(&map, make_key(other, i)));
        if (map_get(&map, make_key(other, MANY + i)) != MAP_NONE)
            fail_msg("key %u was never added", MANY + i);
    }
    map_release(&map);
    assert_int_equal(map_get(&map, str_of("0")), MAP_NONE);
}

static void keys_are_whole_byte_strings(void **state)
{
    (void)state;
    struct map map = {0};
    assert_int_equal(map_get(&map, str_of("")), MAP_NONE);
    assert_true(map_add(&map, str_n("a\0", 2), 1));
    assert_true(map_add(&map, str_n("a", 1), 2));
    assert_true(map_add(&map, str_n("a\0\0\0\0\0\0\0", 8), 3));
    assert_true(map_add(&map, str_n("a\0\0\0\0\0\0\0\0", 9), 4));
    assert_int_equal(map_get(&map, str_n("a\0", 2)), 1);
    assert_int_equal(map_get(&map, str_n("a", 1)), 2);
    assert_int_equal(map_get(&map, str_n("a\0\0\0\0\0\0\0", 8)), 3);
    assert_int_equal(map_get(&map, str_n("a\0\0", 3)), MAP_NONE);
    assert_int_equal(map_get(&map, str_n("", 0)), MAP_NONE);
    map_release(&map);
}

static void empty_key_is_a_key(void **state)
{
    (void)state;
    struct map map = {0};
    assert_true(map_add(&map, str_n(NULL, 0), 7));
    assert_false(map_add(&map, str_of(""), 8));
    assert_int_equal(map_get(&map, str_of("")), 7);
    assert_int_equal(map_get(&map, str_n(NULL, 0)), 7);
    assert_int_equal(map.count, 1);
    map_release(&map);
}

static void add_keeps_and_set_replaces(void **state)
{
    (void)state;
    struct map map = {0};
    assert_true(map_add(&map, str_of("k"), 1));
    assert_false(map_add(&map, str_of("k"), 2));
    assert_int_equal(map_get(&map, str_of("k")), 1);
    map_set(&map, str_of("k"), 3);
    map_set(&map, str_of("l"), 4);
    assert_int_equal(map_get(&map, str_of("k")), 3);
    assert_int_equal(map_get(&map, str_of("l")), 4);
    assert_int_equal(map.count, 2);
    map_release(&map);
}

static void reserve_makes_room_once(void **state)
{
    (void)state;
    static char text[1000][KEY];
    struct map map = {0};
    map_reserve(&map, 1000);
    const struct map_slot *slots = map.slots;
    for (unsigned i = 0; i < 1000; i++)
        map_set(&map, make_key(text[i], i), i);
    assert_ptr_equal(map.slots, slots);
    map_reserve(&map, 5000);
    assert_int_equal(map_get(&map, str_of("0")), 0);
    map_release(&map);
}

/* Slots in a row that are taken: what a lookup may have to walk. */
static size_t longest_run(const struct map *map)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < 2 * map->cap; i++) {
        run = map->slots[i % map->cap].key.ptr ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void assert_spread(const char *text, size_t len)
{
    struct map map = {0};
    for (unsigned i = 0; i < MANY; i++)
        map_add(&map, str_n(text + i * len, len), i);
    assert_int_equal(map.count, MANY);
    if (longest_run(&map) > 500)
        fail_msg("%zu of %zu keys lie in a row", longest_run(&map), map.count);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(map_get(&map, str_n(text + i * len, len)), i);
    map_release(&map);
}

/* One step of a hash without a salt, h' = mix((h ^ word) * odd): whatever the first word is, a
 * second one is easily found that gives the same state. */
static void keys_that_collide_without_a_salt_are_spread(void **state)
{
    (void)state;
    static uint64_t key[MANY][2];
    for (unsigned i = 0; i < MANY; i++) {
        uint64_t h = 0x9e3779b97f4a7c15u ^ sizeof key[i];
        key[i][0] = rng_key(&i, sizeof i, 0);
        h = (h ^ key[i][0]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
        key[i][1] = h ^ 0x1234567890abcdefu;
    }
    assert_spread((const char *)key, sizeof key[0]);
}

/* Differences in the highest bit of a word survive a multiplication, whatever is added before: keys
 * of such words collide under that hash for every salt. 2^16 of them in 32 words. */
static void keys_that_collide_for_any_start_are_spread(void **state)
{
    (void)state;
    static uint64_t key[MANY][32];
    for (unsigned i = 0; i < MANY; i++)
        for (unsigned bit = 0; bit < 16; bit++)
            if (i >> bit & 1) {
                key[i][2 * bit] = (uint64_t)1 << 63;
                key[i][2 * bit + 1] = (uint64_t)1 << 63 | (uint64_t)1 << 31;
            }
    assert_spread((const char *)key, sizeof key[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_keys_are_found),
        cmocka_unit_test(keys_are_whole_byte_strings),
        cmocka_unit_test(empty_key_is_a_key),
        cmocka_unit_test(add_keeps_and_set_replaces),
        cmocka_unit_test(reserve_makes_room_once),
        cmocka_unit_test(keys_that_collide_without_a_salt_are_spread),
        cmocka_unit_test(keys_that_collide_for_any_start_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
