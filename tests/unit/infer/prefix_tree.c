/* Tests of the prefix tree: what it finds in common, what it keeps, and what it gives up first. */
#include "infer/prefix_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

enum { LAYER = KV_PAGE_TOK * 8, N = 300 };

static const struct kv_layout WINDOWLESS = {.n_classes = 1,
                                            .cls = {{.n_layers = 1, .layer_bytes = LAYER}}};
static const struct kv_layout WINDOWED = {
    .n_classes = 1, .cls = {{.n_layers = 1, .window = 64, .layer_bytes = LAYER}}};

struct fixture {
    struct kv_cache *cache;
    struct prefix_tree *tree;
    uint32_t a[N], b[N]; /* the same up to `common` */
};

static void fixture_init(struct fixture *f, const struct kv_layout *layout, size_t common)
{
    f->cache = kv_create(layout, 1 << 20);
    f->tree = prefix_tree_create(f->cache);
    for (size_t i = 0; i < N; i++) {
        f->a[i] = (uint32_t)i;
        f->b[i] = (uint32_t)(i < common ? i : i + 1000);
    }
}

static void fixture_release(struct fixture *f)
{
    prefix_tree_free(f->tree);
    kv_free(f->cache);
}

static struct kv_seq seq_of(struct fixture *f, size_t len)
{
    struct kv_seq seq;
    kv_seq_init(&seq, f->cache);
    for (size_t at = 0; at < len; at = seq.len) {
        size_t n = size_min(len - at, 16);
        assert_true(kv_seq_reserve(&seq, at + n));
        kv_seq_advance(&seq, n);
    }
    return seq;
}

static void what_prompts_share_is_found(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &WINDOWLESS, 100);
    struct prefix_node *a = prefix_tree_add(f.tree, f.a, N);
    assert_null(prefix_tree_shared(a, 0, 0)); /* nobody else wants it */
    struct prefix_node *b = prefix_tree_add(f.tree, f.b, N);
    struct prefix_node *shared = prefix_tree_shared(a, 0, 0);
    assert_non_null(shared);
    assert_int_equal(shared->depth, 100);
    assert_ptr_equal(prefix_tree_shared(b, 0, 0), shared);
    assert_ptr_equal(prefix_tree_shared(b, 0, 99), shared); /* begun, and to be finished */
    assert_ptr_equal(prefix_tree_shared(b, 68, 68), shared);
    assert_null(prefix_tree_shared(b, 69, 69)); /* too short to wait for */
    assert_null(prefix_tree_shared(b, 0, 100));
    struct prefix_node *again = prefix_tree_add(f.tree, f.b, N);
    assert_ptr_equal(again, b);
    assert_ptr_equal(prefix_tree_shared(b, 100, 100), b);
    prefix_tree_drop(f.tree, a);
    assert_ptr_equal(prefix_tree_shared(b, 0, 0), shared);
    prefix_tree_drop(f.tree, b);
    assert_null(prefix_tree_shared(b, 0, 0));
    prefix_tree_drop(f.tree, b);
    fixture_release(&f);
}

/* A prompt that agrees with a finished timeline for a while only. */
static bool forks_at_a_branch(const struct kv_layout *layout, bool search)
{
    struct fixture f;
    fixture_init(&f, layout, 200);
    struct kv_seq seq = seq_of(&f, N), fork;
    prefix_tree_keep_finished(f.tree, f.a, &seq);
    kv_seq_release(&seq);
    kv_seq_init(&fork, f.cache);
    struct prefix_node *b = prefix_tree_add(f.tree, f.b, N);
    bool forked = prefix_tree_fork(f.tree, &fork, b, search);
    assert_int_equal(fork.len, forked ? 200 : 0);
    kv_seq_release(&fork);
    prefix_tree_drop(f.tree, b);
    fixture_release(&f);
    return forked;
}

static void a_timeline_is_forked_where_its_window_allows(void **state)
{
    (void)state;
    assert_true(forks_at_a_branch(&WINDOWLESS, true));
    assert_false(forks_at_a_branch(&WINDOWLESS, false));
    assert_false(forks_at_a_branch(&WINDOWED, true)); /* those pages were given back */
}

static size_t fork_len(struct fixture *f, uint32_t *ids, size_t n)
{
    struct kv_seq fork;
    kv_seq_init(&fork, f->cache);
    struct prefix_node *end = prefix_tree_add(f->tree, ids, n);
    prefix_tree_fork(f->tree, &fork, end, false);
    size_t len = fork.len;
    kv_seq_release(&fork);
    prefix_tree_drop(f->tree, end);
    return len;
}

static void what_served_outlives_what_did_not(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &WINDOWLESS, 100);
    struct kv_seq seq = seq_of(&f, 100);
    prefix_tree_keep_finished(f.tree, f.a, &seq);
    assert_int_equal(fork_len(&f, f.b, N), 100);
    for (uint32_t i = 0; i < 3 * PREFIX_FRESH_MAX; i++) { /* finished ones nobody goes on from */
        f.b[0] = 5000 + i;
        prefix_tree_keep_finished(f.tree, f.b, &seq);
    }
    kv_seq_release(&seq);
    assert_int_equal(fork_len(&f, f.a, N), 100);
    f.b[0] = 5000;
    assert_int_equal(fork_len(&f, f.b, N), 0);
    f.b[0] = 5000 + 3 * PREFIX_FRESH_MAX - 1;
    assert_int_equal(fork_len(&f, f.b, N), 100);

    struct prefix_node *wanted = prefix_tree_add(f.tree, f.a, N);
    size_t evicted = 0;
    while (prefix_tree_evict(f.tree, false))
        evicted++;
    assert_int_equal(evicted, PREFIX_FRESH_MAX);
    assert_int_equal(prefix_tree_known(wanted), 100);
    assert_true(prefix_tree_bytes_wanted(f.tree) > 0);
    assert_true(prefix_tree_evict(f.tree, true));
    assert_int_equal(prefix_tree_known(wanted), 0);
    assert_int_equal(kv_bytes_used(f.cache), 0);
    prefix_tree_drop(f.tree, wanted);
    fixture_release(&f);
}

static void snapshots_that_served_are_limited_too(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &WINDOWLESS, 100);
    struct kv_seq seq = seq_of(&f, 100);
    for (uint32_t i = 0; i < 2 * PREFIX_SERVED_MAX; i++) {
        f.a[0] = 7000 + i;
        prefix_tree_keep_finished(f.tree, f.a, &seq);
        assert_int_equal(fork_len(&f, f.a, N), 100);
    }
    kv_seq_release(&seq);
    size_t kept = 0;
    while (prefix_tree_evict(f.tree, true))
        kept++;
    assert_int_equal(kept, PREFIX_SERVED_MAX);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_prompts_share_is_found),
        cmocka_unit_test(a_timeline_is_forked_where_its_window_allows),
        cmocka_unit_test(what_served_outlives_what_did_not),
        cmocka_unit_test(snapshots_that_served_are_limited_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
