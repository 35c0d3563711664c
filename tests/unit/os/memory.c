/* What memory is there must be more than nothing and less than all that can be addressed. */
#include "os/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void some_memory_is_available(void **state)
{
    (void)state;
    assert_in_range(memory_available(), (size_t)1 << 20, SIZE_MAX / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(some_memory_is_available),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
