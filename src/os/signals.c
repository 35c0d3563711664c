#include "os/signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* File-scope because a handler can be told nothing else. Lock-free, so a handler may write it. */
static atomic_int stop_number;

static void on_signal(int number)
{
    int expected = 0;
    if (atomic_compare_exchange_strong(&stop_number, &expected, number))
        return;
    signal(number, SIG_DFL);
    raise(number); /* held back until this handler returns, then fatal */
}

void signals_init(void)
{
    /* SA_RESTART: work in progress, such as a half-written line, must not fail because somebody
     * asked. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* A file grown past its limit, or a reader that went away, must fail the write and not kill us.
     */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGXFSZ, &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

bool signals_stop_requested(void)
{
    return signals_number() != 0;
}

int signals_number(void)
{
    return atomic_load_explicit(&stop_number, memory_order_relaxed);
}

void signals_request_stop(int number)
{
    atomic_store(&stop_number, number);
}
