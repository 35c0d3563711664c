/* Arenas: what is handed out is zeroed, aligned and nobody else's, and goes back in stack order. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"

enum { PIECES = 2000 };

struct piece {
    unsigned char *ptr;
    size_t len;
    unsigned char fill;
};

static void assert_filled(const struct piece *p, unsigned char with)
{
    for (size_t i = 0; i < p->len; i++)
        if (p->ptr[i] != with)
            fail_msg("byte %zu of a piece of %zu is %d, expected %d", i, p->len, p->ptr[i], with);
}

/* Mostly small, some just around a block, some far above. */
static size_t draw_len(uint64_t n)
{
    double kind = rng_uniform(1, 0, n), u = rng_uniform(1, 1, n);
    size_t most = kind < 0.95 ? 200 : kind < 0.99 ? 70000 : 300000;
    return (size_t)(u * (double)most);
}

static struct piece draw_piece(struct arena *arena, uint64_t n)
{
    struct piece p = {.len = draw_len(n), .fill = (unsigned char)(n % 255 + 1)};
    p.ptr = arena_alloc(arena, p.len, 1);
    assert_int_equal((uintptr_t)p.ptr % 16, 0);
    assert_filled(&p, 0);
    memset(p.ptr, p.fill, p.len);
    return p;
}

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    static struct piece piece[PIECES];
    struct arena arena = {0};
    for (size_t i = 0; i < PIECES; i++)
        piece[i] = draw_piece(&arena, i);
    for (size_t i = 0; i < PIECES; i++)
        assert_filled(&piece[i], piece[i].fill);
    arena_release(&arena);
    assert_null(arena.block);
}

/* Memory that was used before a reset comes back zeroed. */
static void reset_frees_what_came_after(void **state)
{
    (void)state;
    static struct piece kept[PIECES / 10];
    struct arena arena = {0};
    struct arena_mark nothing = arena_mark(&arena);
    for (size_t i = 0; i < PIECES / 10; i++) {
        kept[i] = draw_piece(&arena, i);
        struct arena_mark mark = arena_mark(&arena);
        const void *first = arena_alloc(&arena, 10, 1);
        for (size_t j = 0; j < 20; j++)
            draw_piece(&arena, 7 * i + j);
        arena_reset(&arena, mark);
        struct piece again = {arena_alloc(&arena, 10, 1), 10, 0};
        assert_filled(&again, 0);
        if (arena.block == mark.block)
            assert_ptr_equal(again.ptr, first);
    }
    for (size_t i = 0; i < PIECES / 10; i++)
        assert_filled(&kept[i], kept[i].fill);
    arena_reset(&arena, nothing);
    assert_null(arena.block);
}

static void release_is_safe_on_nothing_and_twice(void **state)
{
    (void)state;
    struct arena arena = {0};
    arena_release(&arena);
    arena_alloc(&arena, 3, 5);
    arena_release(&arena);
    arena_release(&arena);
    assert_null(arena.block);
}

static void strings_are_copied_and_ended(void **state)
{
    (void)state;
    struct arena arena = {0};
    char text[] = "a\0b";
    struct str copy = arena_str(&arena, str_n(text, 3)), empty = arena_str(&arena, str_n(NULL, 0));
    text[0] = 'x';
    assert_memory_equal(copy.ptr, "a\0b", 4);
    assert_int_equal(copy.len, 3);
    assert_int_equal(empty.len, 0);
    assert_int_equal(*empty.ptr, 0);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(reset_frees_what_came_after),
        cmocka_unit_test(release_is_safe_on_nothing_and_twice),
        cmocka_unit_test(strings_are_copied_and_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
