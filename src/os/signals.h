/* signals.h - Ctrl-C as a question that long work asks itself.
 * Does        the first SIGINT or SIGTERM sets a flag; the second restores the default and stops at
 *             once.
 * Threads     signals_stop_requested may be asked from any thread. */
#ifndef OS_SIGNALS_H
#define OS_SIGNALS_H

#include <stdbool.h>

void signals_init(void);
bool signals_stop_requested(void);
int signals_number(void); /* 0, SIGINT or SIGTERM: the exit status is 128 + this */
/* For children and tests: as if the signal had arrived. 0 forgets a request that was obeyed. */
void signals_request_stop(int number);

#endif
