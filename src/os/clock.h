/* clock.h - time, for measuring and for stamping. SOURCE_DATE_EPOCH, when set, fixes the wall clock
 * (UTC). */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

double clock_seconds(void); /* monotonic; for differences */

/* Wall clock in microseconds since 1970 UTC; SOURCE_DATE_EPOCH decides when it is set to an
 * integer. */
int64_t clock_unix_us(void);

bool clock_is_fixed(void); /* SOURCE_DATE_EPOCH decides: measured durations would then be the only
                              thing that varies */

enum { CLOCK_ISO_MAX = 40 };
/* "2026-01-01T00:00:00.000001+00:00", as Python's isoformat writes a UTC time with microseconds. */
void clock_iso(char out[CLOCK_ISO_MAX], int64_t unix_us);
void clock_utc(struct tm *out, int64_t unix_us); /* broken down, UTC */

#endif
