#include "os/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { US_PER_S = 1000000 };

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The second that SOURCE_DATE_EPOCH names; false when it is unset or not an integer. */
static bool fixed_epoch(int64_t *seconds)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    if (!text)
        return false;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    *seconds = value;
    return end != text && *end == '\0' && errno == 0;
}

bool clock_is_fixed(void)
{
    int64_t seconds, us;
    return fixed_epoch(&seconds) && !__builtin_mul_overflow(seconds, US_PER_S, &us);
}

int64_t clock_unix_us(void)
{
    int64_t seconds, us;
    if (fixed_epoch(&seconds) && !__builtin_mul_overflow(seconds, US_PER_S, &us))
        return us;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

void clock_utc(struct tm *out, int64_t unix_us)
{
    time_t seconds = (time_t)(unix_us / US_PER_S - (unix_us % US_PER_S < 0)); /* rounds down */
    gmtime_r(&seconds, out);
}

void clock_iso(char out[CLOCK_ISO_MAX], int64_t unix_us)
{
    struct tm tm;
    clock_utc(&tm, unix_us);
    int us = (int)(unix_us % US_PER_S);
    size_t n = strftime(out, CLOCK_ISO_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, CLOCK_ISO_MAX - n, ".%06d+00:00", us < 0 ? us + US_PER_S : us);
}
