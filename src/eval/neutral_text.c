/* neutral_text.c - kernel/neutral.txt as it is, inside the program: what a placebo is grown from must
 * not depend on where the program is started. */
#include "eval/neutral.h"

__asm__(".pushsection .rodata\n"
        ".global neutral_text\n"
        "neutral_text:\n"
        ".incbin \"kernel/neutral.txt\"\n"
        ".byte 0\n"
        ".popsection\n");
