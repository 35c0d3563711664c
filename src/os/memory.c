/* memory.c - asks /proc and the control group; elsewhere half of what is built in. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, madvise */
#include "os/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
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

enum { CACHE_LINE = 64, HUGE_PAGE = 2 << 20 };

void *memory_take(size_t bytes)
{
    if (bytes < MEMORY_BIG)
        return mem_try_aligned(bytes, CACHE_LINE);
    if (bytes > SIZE_MAX - HUGE_PAGE)
        return NULL;
    /* A huge page more than asked for, so that the piece can begin at one; the rest goes back. */
    size_t all = size_round_up(bytes, CACHE_LINE) + HUGE_PAGE;
    char *map = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    size_t before = (HUGE_PAGE - (uintptr_t)map % HUGE_PAGE) % HUGE_PAGE;
    if (before)
        munmap(map, before);
    if (before < HUGE_PAGE)
        munmap(map + before + (all - HUGE_PAGE), HUGE_PAGE - before);
#ifdef MADV_HUGEPAGE
    (void)madvise(map + before, all - HUGE_PAGE, MADV_HUGEPAGE);
#endif
    return map + before;
}

void memory_give(void *memory, size_t bytes)
{
    if (bytes < MEMORY_BIG)
        free(memory);
    else if (memory)
        munmap(memory, size_round_up(bytes, CACHE_LINE));
}
