/* flags_help.c - the text of --help, from the table. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/flags_int.h"

enum { HELP_COLUMN = 28 };

static void print_spec(const struct flag_spec *spec)
{
    char left[80];
    char letter[8] = "    ";
    if (spec->letter)
        snprintf(letter, sizeof letter, "-%c, ", spec->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, spec->name, spec->value ? " " : "",
             spec->value ? spec->value : "");
    bool wide = strlen(left) + 2 > HELP_COLUMN;
    printf("%-*s%s%*s%s", HELP_COLUMN, left, wide ? "\n" : "", wide ? HELP_COLUMN : 0, "",
           spec->help);
    if (spec->kind == FLAG_LIST)
        printf("; may be repeated");
    if (spec->required)
        printf(" (needed)");
    if (spec->preset)
        printf(" (default %s)", spec->preset);
    printf("\n");
}

/* Whether one of the command's own flags has this name, and so goes first. */
static bool is_taken(const struct flags_usage *usage, const char *name)
{
    for (size_t i = 0; i < FLAGS_GROUPS_MAX && usage->groups[i].specs; i++)
        for (const struct flag_spec *own = usage->groups[i].specs; own->name; own++)
            if (strcmp(own->name, name) == 0)
                return true;
    return false;
}

static void print_group(const char *title, const struct flag_spec *specs)
{
    if (!specs->name)
        return;
    printf("\n%s:\n", title);
    for (; specs->name; specs++)
        print_spec(specs);
}

static void print_global(const struct flags_usage *usage)
{
    printf("\nEverywhere:\n");
    for (const struct flag_spec *spec = FLAGS_GLOBAL; spec->name; spec++)
        if (!is_taken(usage, spec->name))
            print_spec(spec);
}

void flags_print_help(const struct flags_usage *usage)
{
    printf("Usage: lem %s %s\n\n%s\n", usage->command, usage->synopsis, usage->about);
    for (size_t i = 0; i < FLAGS_GROUPS_MAX && usage->groups[i].specs; i++)
        print_group(usage->groups[i].title, usage->groups[i].specs);
    print_global(usage);
}
