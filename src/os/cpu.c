#include "os/cpu.h"

#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)

#include <cpuid.h>

/* The operating system saves the registers named by `mask` in XCR0. */
static bool xsave_has(unsigned mask)
{
    unsigned lo, hi;
    __asm__("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (lo & mask) == mask;
}

static void detect(struct cpu *cpu)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return;
    enum { FMA = 1 << 12, OSXSAVE = 1 << 27, F16C = 1 << 29 };
    bool base = (c & FMA) && (c & OSXSAVE) && (c & F16C) && xsave_has(6);
    if (base && __get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        const unsigned f_bw_dq_vl = 1u << 16 | 1u << 30 | 1u << 17 | 1u << 31;
        cpu->avx2 = b & 1u << 5;
        cpu->avx512 = cpu->avx2 && (b & f_bw_dq_vl) == f_bw_dq_vl && xsave_has(0xe6);
        cpu->vnni512 = cpu->avx512 && (c & 1u << 11);
    }
    unsigned brand[12] = {0};
    for (unsigned i = 0; i < 3; i++)
        if (!__get_cpuid(0x80000002u + i, &brand[4 * i], &brand[4 * i + 1], &brand[4 * i + 2],
                         &brand[4 * i + 3]))
            return;
    memcpy(cpu->name, brand, sizeof brand);
}

#elif defined(__aarch64__) && defined(__linux__)

#include <sys/auxv.h>

static void detect(struct cpu *cpu)
{
    enum { FPHP = 1 << 9, ASIMDHP = 1 << 10, ASIMDDP = 1 << 20 };
    unsigned long caps = getauxval(AT_HWCAP);
    cpu->neon = (caps & FPHP) && (caps & ASIMDHP) && (caps & ASIMDDP);
    snprintf(cpu->name, sizeof cpu->name, "aarch64");
}

#else

static void detect(struct cpu *cpu)
{
#if defined(__aarch64__)
    cpu->neon = true; /* every 64-bit Apple processor has these */
#endif
    snprintf(cpu->name, sizeof cpu->name, "unknown");
}

#endif

struct cpu cpu_detect(void)
{
    struct cpu cpu = {0};
    detect(&cpu);
    return cpu;
}
