/* A rule is up to five patterns. The first cuts the text into its matches and what lies between
 * them; each next one cuts every part again, seeing nothing beyond the part. The patterns are those
 * the tokenizers were trained with, except that white space is spelt out: it is Unicode's
 * White_Space, which differs from PCRE2's \s by U+180E. */
#include "token/pretokenize.h"

#include <stdlib.h>

#include "base/vec.h"
#include "text/regex.h"

enum { PATTERNS_MAX = 5 };

/* White_Space as the inside of a character class. */
#define WS     \
    "\\t-\\r " \
    "\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}"
#define SPACES   "[" WS "]+(?![^" WS "])|[" WS "]+" /* all but the last one before a word */
#define NEWLINES "[" WS "]*[\\r\\n]+"
#define NO_WORD  "[^" WS "\\p{L}\\p{N}]"
#define SUFFIX   "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define UPPER    "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LOWER    "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
/* One character that is neither letter nor digit goes with the word after it. */
#define LEAD "[^\\r\\n\\p{L}\\p{N}]?"

#define GPT2 "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?" NO_WORD "+|" SPACES
/* The patterns of the cl100k kind differ in how many digits stay together. */
#define CL100K(digits) \
    SUFFIX "|" LEAD "\\p{L}+|" digits "| ?" NO_WORD "+[\\r\\n]*|" NEWLINES "|" SPACES
#define QWEN35                                                                                 \
    SUFFIX "|" LEAD "[\\p{L}\\p{M}]+|\\p{N}| ?[^" WS "\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|" NEWLINES \
           "|" SPACES
/* The patterns of the o200k kind also cut where a capital follows a small letter. */
#define CASED(suffix, digits)                                                                    \
    LEAD UPPER "*" LOWER "+" suffix "|" LEAD UPPER "+" LOWER "*" suffix "|" digits "| ?" NO_WORD \
               "+[\\r\\n/]*|" NEWLINES "|" SPACES
#define DEEPSEEK3                                                                        \
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?" \
    "[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|" NEWLINES "|" SPACES
#define PUNCTUATION "[\\p{P}$+<=>^~|`]+"

struct rule {
    const char *names; /* each followed by a space */
    const char *pattern[PATTERNS_MAX];
    bool nfc, takes_words, adds_bos;
};

static const struct rule rules[] = {
    {.names = "gpt-2 phi-2 ", .pattern = {GPT2}},
    {.names = "olmo mpt ", .pattern = {GPT2}, .nfc = true},
    {.names = "smollm starcoder refact codeshell ", .pattern = {"\\p{N}", GPT2}},
    {.names = "command-r ", .pattern = {"\\p{N}", GPT2}, .nfc = true},
    /* What converters write when they do not know the rule; readers agreed on this one. */
    {.names = "default ", .pattern = {"[\\p{P}$+<=>^~|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]"}},
    {.names = "falcon ", .pattern = {PUNCTUATION, GPT2, "[0-9][0-9][0-9]"}},
    {.names = "llama-bpe llama3 llama-v3 falcon3 ",
     .pattern = {CL100K("\\p{N}{1,3}")},
     .takes_words = true,
     .adds_bos = true},
    {.names = "dbrx smaug-bpe glm4 chatglm-bpe ", .pattern = {CL100K("\\p{N}{1,3}")}},
    {.names = "qwen2 deepseek-r1-qwen ", .pattern = {CL100K("\\p{N}")}, .nfc = true},
    {.names = "qwen35 ", .pattern = {QWEN35}, .nfc = true},
    {.names = "deepseek-v3 ",
     .pattern = {"\\p{N}{1,3}", "[\\x{4E00}-\\x{9FA5}\\x{3040}-\\x{309F}\\x{30A0}-\\x{30FF}]+",
                 DEEPSEEK3}},
    {.names = "deepseek-coder ",
     .pattern = {"[\\r\\n]", "[" WS "]?\\p{L}+", "[" WS "]?\\p{P}+",
                 "[\\x{800}-\\x{9FA5}\\x{AC00}-\\x{D7FF}]+", "\\p{N}"}},
    {.names = "tekken ", .pattern = {CASED("", "\\p{N}")}, .takes_words = true},
    {.names = "gpt-4o llama4 ", .pattern = {CASED(SUFFIX "?", "\\p{N}{1,3}")}},
};

struct pretokenizer {
    const struct rule *rule;
    struct regex *regex[PATTERNS_MAX];
    size_t n_regexes;
};

void cuts_release(struct cuts *cuts)
{
    free(cuts->end);
    free(cuts->spare);
    regex_scratch_free(cuts->scratch);
    *cuts = (struct cuts){0};
}

static bool has_name(const struct rule *rule, struct str name)
{
    struct str names = str_of(rule->names);
    for (size_t at = 0, end; at < names.len; at = end + 1) {
        end = str_find(names, str_of(" "), at);
        if (str_eq(str_sub(names, at, end - at), name))
            return true;
    }
    return false;
}

static const struct rule *rule_find(struct str name)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (has_name(&rules[i], name))
            return &rules[i];
    return NULL;
}

bool pretokenizer_open(struct pretokenizer **out, struct str name, struct err *err)
{
    const struct rule *rule = rule_find(name);
    if (!rule)
        return err_set(err, ERR_UNSUPPORTED,
                       "tokenizer.ggml.pre is '%.*s', a split rule that is not known",
                       STR_ARG(name));
    struct pretokenizer *pre = mem_zalloc(1, sizeof *pre);
    pre->rule = rule;
    for (size_t i = 0; i < PATTERNS_MAX && rule->pattern[i]; i++) {
        if (!regex_compile(&pre->regex[i], str_of(rule->pattern[i]), 0, err))
            BUG("split rule %.*s: %s", STR_ARG(name), err->msg);
        pre->n_regexes++;
    }
    *out = pre;
    return true;
}

void pretokenizer_free(struct pretokenizer *pre)
{
    for (size_t i = 0; pre && i < pre->n_regexes; i++)
        regex_free(pre->regex[i]);
    free(pre);
}

static void cut_at(struct cuts *cuts, size_t end)
{
    VEC_PUSH(cuts->end, cuts->count, cuts->cap, (uint32_t)end);
}

/* Adds the ends of the matches in text[from, to), and of what lies between them. */
static bool split_part(struct cuts *cuts, const struct regex *regex, struct str text, size_t from,
                       size_t to, struct err *err)
{
    struct regex_scan scan;
    size_t done = from;
    bool found;
    regex_scan_init(&scan, regex, cuts->scratch, str_sub(text, from, to - from));
    for (;;) {
        if (!regex_scan_next(&scan, &found, err))
            return false;
        if (!found)
            break;
        struct regex_span span = regex_group(cuts->scratch, 0);
        if (from + span.start > done)
            cut_at(cuts, from + span.start);
        done = from + span.end;
        cut_at(cuts, done);
    }
    if (done < to)
        cut_at(cuts, to);
    return true;
}

/* Cuts every part again. */
static bool split_parts(struct cuts *cuts, const struct regex *regex, struct str text,
                        struct err *err)
{
    uint32_t *coarse = cuts->end;
    size_t n_coarse = cuts->count, cap_coarse = cuts->cap;
    cuts->end = cuts->spare;
    cuts->cap = cuts->cap_spare;
    cuts->count = 0;
    bool ok = true;
    for (size_t i = 0, from = 0; ok && i < n_coarse; from = coarse[i++])
        ok = split_part(cuts, regex, text, from, coarse[i], err);
    cuts->spare = coarse;
    cuts->cap_spare = cap_coarse;
    return ok;
}

bool pretokenizer_split(const struct pretokenizer *pre, struct cuts *cuts, struct str text,
                        struct err *err)
{
    cuts->count = 0;
    if (text.len == 0)
        return true;
    if (!cuts->scratch)
        cuts->scratch = regex_scratch_create();
    cut_at(cuts, text.len);
    for (size_t i = 0; i < pre->n_regexes; i++)
        if (!split_parts(cuts, pre->regex[i], text, err))
            return false;
    return true;
}

bool pretokenizer_is_nfc(const struct pretokenizer *pre)
{
    return pre->rule->nfc;
}

bool pretokenizer_takes_words(const struct pretokenizer *pre)
{
    return pre->rule->takes_words;
}

bool pretokenizer_adds_bos(const struct pretokenizer *pre)
{
    return pre->rule->adds_bos;
}
