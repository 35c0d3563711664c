/* kernel.c - see kernel.h. */
#include "eval/kernel.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/data.h"
#include "os/file.h"
#include "text/utf8.h"

static char *copy_str(struct str s)
{
    char *copy = mem_alloc(s.len + 1);
    memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

/* Python's Path(path).stem: a last dot counts unless it is the name's first or last character. */
static struct str path_stem(const char *path)
{
    struct str name = str_of(path);
    while (name.len > 0 && name.ptr[name.len - 1] == '/')
        name.len--;
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/') {
            name = str_from(name, i);
            break;
        }
    for (size_t dot = name.len; dot-- > 1;)
        if (name.ptr[dot] == '.')
            return dot + 1 < name.len ? str_n(name.ptr, dot) : name;
    return name;
}

static bool parse_spec(struct kernel *out, const char *spec, struct err *err)
{
    const char *equals = strchr(spec, '=');
    const char *path = equals ? equals + 1 : spec;
    struct str name = equals ? str_n(spec, (size_t)(equals - spec)) : path_stem(path);
    if (!*path)
        return err_set(err, ERR_USAGE, "kernel '%s' names no file", spec);
    if (name.len == 0)
        return err_set(err, ERR_USAGE, "kernel '%s' has an empty name", spec);
    if (!utf8_is_valid(name))
        return err_set(err, ERR_USAGE, "the name of a kernel must be UTF-8 text");
    if (str_is(name, KERNEL_BASELINE))
        return err_set(err, ERR_USAGE, "no kernel may be named %s: that is the run without one",
                       KERNEL_BASELINE);
    out->name = copy_str(name);
    out->path = mem_strdup(path);
    return true;
}

static bool check_utf8(const char *path, struct str text, struct err *err)
{
    size_t bad = utf8_check(text), line = 1, line_start = 0;
    if (bad == text.len)
        return true;
    for (size_t i = 0; i < bad; i++)
        if (text.ptr[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    size_t column = utf8_count(str_sub(text, line_start, bad - line_start)) + 1;
    return err_set(err, ERR_FORMAT,
                   "kernel %s: line %zu, column %zu: byte 0x%02x is not UTF-8 text", path, line,
                   column, (unsigned char)text.ptr[bad]);
}

/* CRLF and CR become LF, in place; returns the new length. */
static size_t unify_line_ends(char *text, size_t len)
{
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        bool is_pair = text[i] == '\r' && i + 1 < len && text[i + 1] == '\n';
        if (!is_pair)
            text[out++] = text[i] == '\r' ? '\n' : text[i];
    }
    return out;
}

static bool read_text(struct kernel *out, struct err *err)
{
    struct buf bytes, path;
    buf_init(&bytes, KERNEL_BYTES_MAX);
    buf_init(&path, BUF_MAX_DEFAULT);
    data_find(&path, out->path);
    bool ok = file_read(&bytes, path.ptr, err) || err_in(err, "kernel %s", out->name);
    buf_release(&path);
    ok = ok && check_utf8(out->path, buf_str(&bytes), err);
    if (ok) {
        sha256_hex(out->sha256, buf_str(&bytes));
        out->file_bytes = bytes.len;
        size_t len = bytes.len ? unify_line_ends(bytes.ptr, bytes.len) : 0;
        out->memory = buf_take(&bytes);
        out->text = str_n(out->memory, len);
        out->chars = utf8_count(out->text);
    }
    buf_release(&bytes);
    return ok;
}

bool kernel_load(struct kernel *out, const char *spec, struct err *err)
{
    *out = (struct kernel){0};
    if (parse_spec(out, spec, err) && read_text(out, err))
        return true;
    kernel_release(out);
    return false;
}

void kernel_take(struct kernel *out, const char *name, char *text, size_t len)
{
    *out = (struct kernel){.name = mem_strdup(name), .memory = text, .text = str_n(text, len)};
    out->chars = utf8_count(out->text);
    out->file_bytes = len;
    sha256_hex(out->sha256, out->text);
}

void kernel_release(struct kernel *kernel)
{
    free(kernel->memory);
    free(kernel->name);
    free(kernel->path);
    *kernel = (struct kernel){0};
}

bool kernel_tokens(size_t *count, struct str text, const struct tokenizer *tok, struct err *err)
{
    struct ids ids = {0};
    bool ok = tokenizer_encode(tok, &ids, text, (struct token_trust){0}, err);
    *count = ids.count;
    ids_release(&ids);
    return ok;
}
