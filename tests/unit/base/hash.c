/* SHA-256: the standard's examples, whole and in pieces. */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const OF_NOTHING =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char *const OF_ABC =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void digests_are_the_standards(void **state)
{
    (void)state;
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(hex, str_n(NULL, 0));
    assert_string_equal(hex, OF_NOTHING);
    sha256_hex(hex, str_of("abc"));
    assert_string_equal(hex, OF_ABC);
}

static void pieces_make_the_whole(void **state)
{
    (void)state;
    char hex[SHA256_HEX_LEN + 1];
    struct sha256 sha;
    sha256_begin(&sha);
    sha256_add(&sha, "a", 1);
    sha256_add(&sha, "", 0);
    sha256_add(&sha, "bc", 2);
    sha256_end(&sha, hex);
    assert_string_equal(hex, OF_ABC);
    sha256_begin(&sha);
    sha256_end(&sha, hex);
    assert_string_equal(hex, OF_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_the_standards),
        cmocka_unit_test(pieces_make_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
