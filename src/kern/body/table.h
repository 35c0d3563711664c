/* table.h - the kernel table of the instruction set being compiled for. Included once by each
 * level's file, which names the table (KERN_TABLE) and the level (KERN_NAME). */
#include "kern/body/attend.h"
#include "kern/body/coarse.h"
#include "kern/body/matmul_float.h"
#include "kern/body/matmul_quant.h"
#include "kern/body/rows.h"

extern const struct kern KERN_TABLE;
const struct kern KERN_TABLE = {
    .name = KERN_NAME,
    .matmul_quant = matmul_quant,
    .matmul_float = matmul_float,
    .coarse_pays = VI_DOT8_IS_SLOW,
    .coarse_slack = coarse_slack,
    .coarse_bounds = coarse_bounds,
    .best = best,
    .attend = attend,
    .attend_end = attend_end,
    .quantise = quantise,
    .rms_norm = rms_norm,
    .add = add,
    .distance = distance,
    .scale = scale,
    .gelu_mul = gelu_mul,
    .silu_mul = silu_mul,
    .rope = rope,
    .page_put = page_put,
};
