/* cpu.c - what cpu_detect says in the emulated test programs (linked with --wrap): a processor with
 * AVX2 runs their AVX-512 levels. */
#include "os/cpu.h"

struct cpu __real_cpu_detect(void);
struct cpu __wrap_cpu_detect(void);

struct cpu __wrap_cpu_detect(void)
{
    struct cpu cpu = __real_cpu_detect();
    cpu.avx512 = cpu.vnni512 = cpu.avx2;
    return cpu;
}
