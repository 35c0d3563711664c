/* signals.c - the first signal is a question, the second an end. Each case is a child of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "os/signals.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int status_of(void (*child)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        signals_init();
        child();
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void first_only_asks(void)
{
    if (signals_stop_requested() || signals_number() != 0)
        _exit(1);
    raise(SIGTERM);
    _exit(signals_stop_requested() && signals_number() == SIGTERM ? 0 : 2);
}

static void second_stops(void)
{
    raise(SIGTERM);
    raise(SIGINT);
}

static void requested(void)
{
    signals_request_stop(SIGINT);
    _exit(signals_stop_requested() && signals_number() == SIGINT ? 0 : 1);
}

static void first_signal_sets_the_flag(void **state)
{
    (void)state;
    int status = status_of(first_only_asks);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void second_signal_ends_the_process(void **state)
{
    (void)state;
    int status = status_of(second_stops);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
}

static void request_counts_as_a_signal(void **state)
{
    (void)state;
    int status = status_of(requested);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_signal_sets_the_flag),
        cmocka_unit_test(second_signal_ends_the_process),
        cmocka_unit_test(request_counts_as_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
