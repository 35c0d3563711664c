/* replay.c - a main for fuzz targets that runs them on the files named, as plain tests. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "os/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay(const char *path)
{
    struct err err = {0};
    struct buf bytes;
    buf_init(&bytes, BUF_MAX_DEFAULT);
    bool ok = file_read(&bytes, path, &err);
    if (ok) {
        /* A copy of exactly that size, so that reading past the end is seen. */
        uint8_t *exact = malloc(bytes.len + !bytes.len);
        if (!exact)
            abort();
        if (bytes.len)
            memcpy(exact, bytes.ptr, bytes.len);
        LLVMFuzzerTestOneInput(exact, bytes.len);
        free(exact);
    } else {
        printf("# %s\n", err.msg);
    }
    printf("%s - %s\n", ok ? "ok" : "not ok", path);
    buf_release(&bytes);
    return ok;
}

int main(int argc, char **argv)
{
    bool ok = true;
    for (int i = 1; i < argc; i++)
        ok &= replay(argv[i]);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
