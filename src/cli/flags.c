/* flags.c - the command line against the table, and answers by name. */
#include "cli/flags.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cli/exit.h"
#include "cli/flags_int.h"
#include "cli/version.h"
#include "text/nearest.h"

const struct flag_spec FLAGS_GLOBAL[] = {
    {"help", 'h', FLAG_BOOL, .help = "show this help", .argv_only = true},
    {"version", 0, FLAG_BOOL, .help = "show the version", .argv_only = true},
    {"verbose", 'v', FLAG_BOOL, .help = "say more on standard error"},
    {"quiet", 0, FLAG_BOOL, .help = "say nothing on standard error but errors"},
    {"json", 0, FLAG_BOOL, .help = "write JSON to standard output"},
    {"no-color", 0, FLAG_BOOL, .help = "no colours (as NO_COLOR in the environment)"},
    {"no-progress", 0, FLAG_BOOL, .help = "no progress line"},
    {"config", 0, FLAG_PATH, "FILE", .help = "read this configuration file and no other"},
    {0}};

static void values_add(struct flags *flags, size_t *cap, const struct flag_spec *specs)
{
    for (; specs->name; specs++)
        VEC_PUSH(flags->values, flags->n_values, *cap, (struct flag_value){.spec = specs});
}

static void values_create(struct flags *flags)
{
    size_t cap = 0;
    for (size_t i = 0; i < FLAGS_GROUPS_MAX && flags->usage->groups[i].specs; i++)
        values_add(flags, &cap, flags->usage->groups[i].specs);
    values_add(flags, &cap, FLAGS_GLOBAL);
}

static bool name_matches(const char *name, const char *said, size_t len)
{
    if (strlen(name) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (name[i] != (said[i] == '_' ? '-' : said[i]))
            return false;
    }
    return true;
}

struct flag_value *flags_find(const struct flags *flags, const char *name, size_t len)
{
    for (size_t i = 0; i < flags->n_values; i++) {
        if (name_matches(flags->values[i].spec->name, name, len))
            return &flags->values[i];
    }
    return NULL;
}

static bool set_bool(struct flag_value *value, const char *text, const char *said, struct err *err)
{
    static const char *const yes[] = {"true", "1", "yes", "on"};
    static const char *const no[] = {"false", "0", "no", "off"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            value->on = strcmp(text, yes[i]) == 0;
            return true;
        }
    }
    return err_set(err, ERR_USAGE, "%s is true or false, not \"%s\"", said, text);
}

static bool has_range(const struct flag_spec *spec)
{
    return spec->min != 0 || spec->max != 0;
}

static bool set_u64(struct flag_value *value, const char *text, const char *said, struct err *err)
{
    const struct flag_spec *spec = value->spec;
    char *end = NULL;
    errno = 0;
    /* strtoull would take "-1" and " 1". */
    bool digits = text[0] >= '0' && text[0] <= '9';
    unsigned long long n = digits ? strtoull(text, &end, 10) : 0;
    if (!digits || *end || errno == ERANGE)
        return err_set(err, ERR_USAGE, "%s takes a whole number, not \"%s\"", said, text);
    if (has_range(spec) && ((double)n < spec->min || (double)n > spec->max))
        return err_set(err, ERR_USAGE, "%s takes a number from %.0f to %.0f, not %s", said,
                       spec->min, spec->max, text);
    value->u64 = n;
    return true;
}

static bool set_double(struct flag_value *value, const char *text, const char *said,
                       struct err *err)
{
    const struct flag_spec *spec = value->spec;
    char *end = NULL;
    double x = strtod(text, &end);
    if (end == text || *end || !isfinite(x))
        return err_set(err, ERR_USAGE, "%s takes a number, not \"%s\"", said, text);
    if (has_range(spec) && (x < spec->min || x > spec->max))
        return err_set(err, ERR_USAGE, "%s takes a number from %g to %g, not %s", said, spec->min,
                       spec->max, text);
    value->real = x;
    return true;
}

bool flags_set(struct flags *flags, struct flag_value *value, const char *text, const char *said,
               enum flag_origin origin, struct err *err)
{
    value->origin = origin;
    switch (value->spec->kind) {
    case FLAG_BOOL: return set_bool(value, text, said, err);
    case FLAG_U64: return set_u64(value, text, said, err);
    case FLAG_DOUBLE: return set_double(value, text, said, err);
    case FLAG_STRING:
    case FLAG_PATH:
    case FLAG_LIST: break;
    }
    if (!*text && value->spec->kind == FLAG_PATH)
        return err_set(err, ERR_USAGE, "%s needs a file name", said);
    const char *copy = arena_str(&flags->arena, str_of(text)).ptr;
    if (value->spec->kind == FLAG_LIST)
        VEC_PUSH(value->list, value->n_list, value->cap_list, copy);
    else
        value->text = copy;
    return true;
}

static bool fail_unknown(const struct flags *flags, const char *said, size_t len, struct err *err)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)size_min(len, sizeof name - 1), said);
    struct nearest best = {.wanted = name};
    for (size_t i = 0; i < flags->n_values; i++)
        nearest_offer(&best, flags->values[i].spec->name);
    if (best.name)
        return err_set(err, ERR_USAGE, "there is no flag --%s; did you mean --%s?", name,
                       best.name);
    return err_set(err, ERR_USAGE, "there is no flag --%s", name);
}

/* One flag at argv[*at]; moves *at past its value. */
static bool parse_long(struct flags *flags, int argc, char **argv, int *at, struct err *err)
{
    const char *said = argv[*at] + 2;
    const char *equals = strchr(said, '=');
    size_t len = equals ? (size_t)(equals - said) : strlen(said);
    struct flag_value *value = flags_find(flags, said, len);
    if (!value)
        return fail_unknown(flags, said, len, err);
    char shown[64];
    snprintf(shown, sizeof shown, "--%s", value->spec->name);
    if (equals)
        return flags_set(flags, value, equals + 1, shown, ORIGIN_ARGV, err);
    if (value->spec->kind == FLAG_BOOL)
        return flags_set(flags, value, "true", shown, ORIGIN_ARGV, err);
    if (*at + 1 >= argc)
        return err_set(err, ERR_USAGE, "%s needs a value", shown);
    return flags_set(flags, value, argv[++*at], shown, ORIGIN_ARGV, err);
}

static bool parse_short(struct flags *flags, int argc, char **argv, int *at, struct err *err)
{
    const char *said = argv[*at];
    struct flag_value *value = NULL;
    for (size_t i = 0; i < flags->n_values && !value; i++) {
        if (flags->values[i].spec->letter == said[1])
            value = &flags->values[i];
    }
    if (!value)
        return err_set(err, ERR_USAGE, "there is no flag -%c", said[1]);
    const char shown[] = {'-', said[1], '\0'};
    bool is_bool = value->spec->kind == FLAG_BOOL;
    if (said[2] && is_bool)
        return err_set(err, ERR_USAGE,
                       "write -%c alone: it takes no value, and short flags are "
                       "not joined",
                       said[1]);
    if (said[2]) /* -n5, -n=5 */
        return flags_set(flags, value, said + 2 + (said[2] == '='), shown, ORIGIN_ARGV, err);
    if (!is_bool && *at + 1 >= argc)
        return err_set(err, ERR_USAGE, "%s needs a value", shown);
    return flags_set(flags, value, is_bool ? "true" : argv[++*at], shown, ORIGIN_ARGV, err);
}

static bool parse_argv(struct flags *flags, int argc, char **argv, struct err *err)
{
    flags->args = arena_alloc(&flags->arena, (size_t)argc + 1, sizeof *flags->args);
    bool only_args = false;
    for (int at = 1; at < argc; at++) {
        const char *said = argv[at];
        if (only_args || said[0] != '-' || !said[1])
            flags->args[flags->n_args++] = said;
        else if (strcmp(said, "--") == 0)
            only_args = true;
        else if (!(said[1] == '-' ? parse_long : parse_short)(flags, argc, argv, &at, err))
            return false;
    }
    return true;
}

static bool set_presets(struct flags *flags, struct err *err)
{
    for (size_t i = 0; i < flags->n_values; i++) {
        struct flag_value *value = &flags->values[i];
        const struct flag_spec *spec = value->spec;
        if (value->origin != ORIGIN_NONE || !spec->preset)
            continue;
        if (!flags_set(flags, value, spec->preset, spec->name, ORIGIN_PRESET, err))
            BUG("the default of --%s is wrong: %s", spec->name, err->msg);
    }
    return true;
}

static bool check_complete(const struct flags *flags, struct err *err)
{
    if (flags->n_args > flags->usage->args_max)
        return err_set(err, ERR_USAGE, "\"%s\" is one argument too many",
                       flags->args[flags->usage->args_max]);
    for (size_t i = 0; i < flags->n_values; i++) {
        const struct flag_value *value = &flags->values[i];
        if (value->spec->required && value->origin == ORIGIN_NONE)
            return err_set(err, ERR_USAGE, "--%s %s is needed", value->spec->name,
                           value->spec->value);
    }
    return true;
}

bool flags_begin(struct flags *flags, const struct flags_usage *usage, int argc, char **argv,
                 int *status)
{
    struct err err = {0};
    *flags = (struct flags){.usage = usage};
    values_create(flags);
    bool parsed = parse_argv(flags, argc, argv, &err);
    if (parsed && flags_bool(flags, "help")) {
        flags_print_help(usage);
        *status = EXIT_OK;
    } else if (parsed && flags_bool(flags, "version")) {
        printf("lem %s\n", version_string());
        *status = EXIT_OK;
    } else if (parsed && flags_set_from_surroundings(flags, &err) && set_presets(flags, &err) &&
               check_complete(flags, &err)) {
        return true;
    } else {
        fprintf(stderr, "lem %s: %s\nTry `lem %s --help`.\n", usage->command, err.msg,
                usage->command);
        *status = (int)exit_of(&err);
    }
    flags_release(flags);
    return false;
}

void flags_release(struct flags *flags)
{
    for (size_t i = 0; i < flags->n_values; i++)
        free(flags->values[i].list);
    free(flags->values);
    arena_release(&flags->arena);
    *flags = (struct flags){0};
}

static const struct flag_value *value_of(const struct flags *flags, const char *name)
{
    const struct flag_value *value = flags_find(flags, name, strlen(name));
    if (!value)
        BUG("lem %s has no flag --%s", flags->usage->command, name);
    return value;
}

bool flags_bool(const struct flags *flags, const char *name)
{
    return value_of(flags, name)->on;
}

const char *flags_str(const struct flags *flags, const char *name)
{
    return value_of(flags, name)->text;
}

uint64_t flags_u64(const struct flags *flags, const char *name)
{
    return value_of(flags, name)->u64;
}

double flags_double(const struct flags *flags, const char *name)
{
    return value_of(flags, name)->real;
}

const char *const *flags_list(const struct flags *flags, const char *name, size_t *count)
{
    const struct flag_value *value = value_of(flags, name);
    *count = value->n_list;
    return value->list;
}

bool flags_given(const struct flags *flags, const char *name)
{
    return value_of(flags, name)->origin > ORIGIN_PRESET;
}
