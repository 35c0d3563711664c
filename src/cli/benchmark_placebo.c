#include "cli/benchmark_placebo.h"

static void note_lengths(const struct conditions *set, struct console *con)
{
    for (size_t i = 1; i < set->count; i++) {
        const struct condition *arm = &set->items[i];
        if (arm->placebo_of)
            console_note(con, "note: %s has %zu tokens, its kernel %zu", arm->kernel.name,
                         arm->tokens, arm->kernel_tokens);
    }
}

bool benchmark_add_placebos(struct conditions *set, const struct flags *flags,
                            const char *model_path, struct console *con, struct err *err)
{
    const char *kinds = flags_str(flags, "placebo");
    bool wanted[PLACEBO_KINDS];
    struct gguf *gguf = NULL;
    struct tokenizer *tok = NULL;
    if (!kinds)
        return true;
    if (!placebo_kinds_parse(wanted, kinds, err))
        return false;
    if (set->count == 1)
        return err_set(err, ERR_USAGE, "--placebo needs a --kernel to make placebos of");
    bool ok = gguf_open(&gguf, model_path, err) &&
              (tokenizer_open(&tok, gguf, err) || err_in(err, "%s", model_path)) &&
              conditions_add_placebos(set, wanted, tok, flags_u64(flags, "placebo-seed"), err);
    tokenizer_free(tok);
    gguf_close(gguf);
    if (ok)
        note_lengths(set, con);
    return ok;
}
