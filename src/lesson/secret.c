/* secret.c - see secret.h.
 *
 * Most texts hold no secret, so every kind names the bytes that none of its secrets lacks, and its
 * expression is only tried where they stand. */
#include "lesson/secret.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/regex.h"

struct kind {
    const char *name, *needle, *pattern;
    bool (*is_one)(struct str text); /* a further condition, or NULL */
};

static bool is_own_address(struct str address);
static bool is_card_number(struct str number);

static const struct kind kinds[] = {
    {"AWS access key", "AKIA", "\\bAKIA[0-9A-Z]{16}\\b", NULL},
    {"AWS session key", "ASIA", "\\bASIA[0-9A-Z]{16}\\b", NULL},
    {"GitHub token", "_", "\\bgh[pousr]_[A-Za-z0-9]{36,255}\\b", NULL},
    {"GitHub token", "github_pat_", "\\bgithub_pat_[A-Za-z0-9_]{22,255}\\b", NULL},
    {"GitLab token", "glpat-", "\\bglpat-[A-Za-z0-9_-]{20,}", NULL},
    {"Hugging Face token", "hf_", "\\bhf_[A-Za-z0-9]{30,}\\b", NULL},
    {"Google API key", "AIza", "\\bAIza[0-9A-Za-z_-]{35}", NULL},
    {"OpenAI or Anthropic key", "sk-", "\\bsk-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{20,}", NULL},
    {"Slack token", "xox", "\\bxox[abposr]-[A-Za-z0-9-]{10,}", NULL},
    {"Stripe key", "k_live_", "\\b[sr]k_live_[A-Za-z0-9]{16,}", NULL},
    {"npm token", "npm_", "\\bnpm_[A-Za-z0-9]{36}\\b", NULL},
    {"private key", "PRIVATE KEY-----", "-----BEGIN [A-Z ]{0,24}PRIVATE KEY-----", NULL},
    {"JSON web token", "eyJ", "\\beyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}",
     NULL},
    {"bearer token", "Bearer ", "\\bBearer [A-Za-z0-9._~+/-]{24,}=*", NULL},
    {"password in an address", "://", "\\b[a-z][a-z0-9+.-]{1,15}://[^\\s/:@]{1,64}:[^\\s/@]{1,64}@",
     NULL},
    {"e-mail address", "@",
     "\\b[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\\.){1,8}[A-Za-z]{2,24}\\b", is_own_address},
    {"card number", "", "(?<![0-9.,-])[3-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{3,4}(?![0-9.-])",
     is_card_number},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

struct secret_scan {
    struct regex *regex[N_KINDS];
    struct regex_scratch *scratch;
};

/* An address that somebody could get a letter at. */
static bool is_own_address(struct str address)
{
    static const char *const reserved[] = {"@example.com",
                                           ".example.com",
                                           "@example.org",
                                           ".example.org",
                                           "@example.net",
                                           ".example.net",
                                           ".example",
                                           ".test",
                                           ".invalid",
                                           ".localhost",
                                           NULL};
    for (size_t i = 0; reserved[i]; i++)
        if (str_ends(address, str_of(reserved[i])))
            return false;
    return true;
}

/* Luhn's check digit. */
static bool is_card_number(struct str number)
{
    unsigned sum = 0, n_digits = 0;
    for (size_t i = number.len; i-- > 0;) {
        unsigned digit = (unsigned)(number.ptr[i] - '0');
        if (digit > 9)
            continue;
        if (n_digits++ % 2 == 1)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

bool secret_scan_create(struct secret_scan **out, struct err *err)
{
    struct secret_scan *scan = *out = mem_zalloc(1, sizeof *scan);
    scan->scratch = regex_scratch_create();
    for (size_t i = 0; i < N_KINDS; i++)
        if (!regex_compile(&scan->regex[i], str_of(kinds[i].pattern), REGEX_ASCII, err))
            return err_in(err, "%s", kinds[i].name);
    return true;
}

void secret_scan_free(struct secret_scan *scan)
{
    if (!scan)
        return;
    for (size_t i = 0; i < N_KINDS; i++)
        regex_free(scan->regex[i]);
    regex_scratch_free(scan->scratch);
    free(scan);
}

struct byte_set byte_set_of(struct str text)
{
    struct byte_set set = {{false}};
    for (size_t i = 0; i < text.len; i++)
        set.has[(unsigned char)text.ptr[i]] = true;
    return set;
}

bool byte_set_covers(const struct byte_set *set, const char *bytes)
{
    while (*bytes && set->has[(unsigned char)*bytes])
        bytes++;
    return *bytes == '\0';
}

/* Can the text hold a secret of the kind? */
static bool may_hold(const struct kind *kind, struct str text, const struct byte_set *bytes)
{
    return byte_set_covers(bytes, kind->needle) &&
           str_find(text, str_of(kind->needle), 0) != (size_t)-1;
}

static bool find_kind(struct str *found, struct secret_scan *scan, size_t k, struct str text,
                      struct err *err)
{
    struct regex_scan walk;
    bool more = true;
    *found = str_n(NULL, 0);
    regex_scan_init(&walk, scan->regex[k], scan->scratch, text);
    while (!found->ptr) {
        if (!regex_scan_next(&walk, &more, err))
            return false;
        if (!more)
            break;
        struct str match = regex_group_str(&walk, 0);
        if (!kinds[k].is_one || kinds[k].is_one(match))
            *found = match;
    }
    return true;
}

bool secret_find(struct secret *found, size_t *count, struct secret_scan *scan, struct str text,
                 const struct byte_set *bytes, struct err *err)
{
    *count = 0;
    bool has_digits = false;
    for (int c = '0'; c <= '9'; c++)
        has_digits |= bytes->has[c];
    for (size_t k = 0; k < N_KINDS; k++) {
        struct str match;
        bool may = kinds[k].needle[0] ? may_hold(&kinds[k], text, bytes) : has_digits;
        if (!may)
            continue;
        if (!find_kind(&match, scan, k, text, err))
            return false;
        if (match.ptr)
            found[(*count)++] = (struct secret){kinds[k].name, match};
    }
    return true;
}
