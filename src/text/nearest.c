/* nearest.c - edit distance over short names. */
#include "text/nearest.h"

#include <string.h>

#include "base/mem.h"

enum { NAME_MAX_LEN = 40 }; /* longer than every command and flag */

size_t nearest_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > NAME_MAX_LEN || m > NAME_MAX_LEN)
        return NAME_MAX_LEN;
    size_t d[NAME_MAX_LEN + 1][NAME_MAX_LEN + 1];
    for (size_t i = 0; i <= n; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= m; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            size_t change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = size_min(change, size_min(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = size_min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[n][m];
}

void nearest_offer(struct nearest *best, const char *name)
{
    size_t len = strlen(best->wanted);
    size_t distance = nearest_distance(best->wanted, name);
    /* A name that only starts right ("bench" for "benchmark") counts as close, too. */
    if (len >= 3 && strncmp(best->wanted, name, len) == 0)
        distance = 1;
    if (distance > 1 + len / 4)
        return;
    if (!best->name || distance < best->distance) {
        best->name = name;
        best->distance = distance;
    }
}
