/* gguf.c - fuzzes gguf_open_memory: any bytes open or are refused, and what opens can be read to
 * its end. */
#include "../support/gguf_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gguf *gguf;
    struct err err = {0};
    if (gguf_open_memory(&gguf, str_n((const char *)data, size), &err)) {
        volatile unsigned sum = gguf_walk(gguf);
        (void)sum;
    } else if (err.code == ERR_NONE || !err.msg[0]) {
        abort(); /* a refusal says why */
    }
    gguf_close(gguf);
    return 0;
}
