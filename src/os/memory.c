/* memory.c - asks /proc and the control group; elsewhere half of what is built in. */
#include "os/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"

#if defined(__linux__)

/* A file that holds one number; false when it is absent or says "max". */
static bool read_number(const char *path, unsigned long long *out)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool ok = fscanf(f, "%llu", out) == 1;
    fclose(f);
    return ok;
}

static size_t cgroup_left(size_t available)
{
    static const char *const files[][2] = {
        {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
        {"/sys/fs/cgroup/memory/memory.limit_in_bytes",
         "/sys/fs/cgroup/memory/memory.usage_in_bytes"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        unsigned long long limit, used;
        if (read_number(files[i][0], &limit) && read_number(files[i][1], &used))
            return size_min(available, used < limit ? (size_t)(limit - used) : 0);
    }
    return available;
}

size_t memory_available(void)
{
    FILE *f = fopen("/proc/meminfo", "re");
    if (!f)
        return 0;
    char line[128];
    unsigned long long kib = 0;
    while (fgets(line, sizeof line, f) && sscanf(line, "MemAvailable: %llu kB", &kib) != 1)
        ;
    fclose(f);
    return cgroup_left((size_t)kib * 1024);
}

#else

size_t memory_available(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (size_t)pages * (size_t)size / 2 : 0;
}

#endif
