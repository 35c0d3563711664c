#include "kern/kern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kern/numbers.h"
#include "os/cpu.h"

/* The ladder of this architecture, worst first. The files of the others are not compiled (Makefile,
 * ISAS). */
#if defined(__x86_64__)
extern const struct kern kern_avx2, kern_avx512, kern_vnni512;
static const struct kern *const LEVELS[] = {&kern_ref, &kern_avx2, &kern_avx512, &kern_vnni512};
#elif defined(__aarch64__)
extern const struct kern kern_neon;
static const struct kern *const LEVELS[] = {&kern_ref, &kern_neon};
#else
static const struct kern *const LEVELS[] = {&kern_ref};
#endif

enum { N_LEVELS = sizeof LEVELS / sizeof *LEVELS };

static bool runs_here(size_t level)
{
    struct cpu cpu = cpu_detect();
#if defined(__x86_64__)
    const bool has[] = {true, cpu.avx2, cpu.avx512, cpu.vnni512};
#else
    const bool has[] = {true, cpu.neon};
#endif
    return has[level];
}

const struct kern *kern_at(size_t index)
{
    for (size_t i = 0; i < N_LEVELS; i++)
        if (runs_here(i) && index-- == 0)
            return LEVELS[i];
    return NULL;
}

/* All names there are, so that a level of another architecture is told from a misspelt one. */
static bool is_a_level(const char *name)
{
    static const char *const NAMES[] = {"ref", "avx2", "avx512", "avx512-vnni", "neon"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(NAMES[i], name) == 0)
            return true;
    return false;
}

bool kern_select(const struct kern **out, const char *name, struct err *err)
{
    if (!name)
        name = getenv("LEM_ISA");
    if (!name || !*name) {
        for (size_t i = 0; kern_at(i); i++)
            *out = kern_at(i);
        return true;
    }
    for (size_t i = 0; i < N_LEVELS; i++)
        if (strcmp(LEVELS[i]->name, name) == 0 && runs_here(i)) {
            *out = LEVELS[i];
            return true;
        }
    if (is_a_level(name))
        return err_set(err, ERR_UNSUPPORTED, "LEM_ISA=%s: this processor cannot run it", name);
    return err_set(
        err, ERR_USAGE,
        "LEM_ISA=%s: expected one of ref, avx2, avx512, avx512-vnni (x86-64) or neon (aarch64)",
        name);
}

float coarse_length(struct qrows x, size_t row)
{
    double squares = 0;
    for (size_t i = 0; i < x.k; i += QROWS_STEP) {
        const struct qblock *block = qrows_at(x, row, i);
        int sum = COARSE_LENGTH_MORE;
        for (size_t j = 0; j < QROWS_STEP; j++) {
            int q = block->q[j / 4][row % QROWS_TILE][j % 4];
            sum += q * q;
        }
        double scale = (double)block->scale[row % QROWS_TILE];
        squares += scale * scale * sum;
    }
    return (float)(sqrt(squares) * (1 + 0x1p-20));
}

void qrow_floats(float *to, struct qrows x, size_t row)
{
    size_t lane = row % QROWS_TILE;
    for (size_t i = 0; i < x.k; i++) {
        const struct qblock *block = qrows_at(x, row, i);
        to[i] = block->scale[lane] * (float)block->q[i % QROWS_STEP / 4][lane][i % 4];
    }
}
