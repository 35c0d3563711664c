/* score_list.c - lem score list: the scorers, and which version of its rules each has. */
#include "cli/command_run.h"
#include "cli/exit.h"
#include "cli/score.h"
#include "report/table.h"
#include "score/score.h"
#include "text/json.h"

enum { HASH_SHOWN = 16 };

static const struct flag_spec OWN[] = {{0}};

static const struct flags_usage USAGE = {
    .command = "score list",
    .synopsis = "[--json]",
    .about = "Lists the scorers: name, key in JSON, version (the beginning of the SHA-256 of its\n"
             "rules; equal versions give equal numbers; --json has all of it) and what it is.",
    .groups = {{"List", OWN}},
};

static void print_json(const struct scorer *const *all, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        char hash[SHA256_HEX_LEN + 1];
        scorer_hash(hash, all[i]);
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s}", "name", all[i]->name, "key",
                                        all[i]->key, "version", hash, "about", all[i]->about));
    }
    console_take_json(list);
}

static void print_table(struct console *con, const struct scorer *const *all, size_t n)
{
    struct table table = {0};
    struct buf text;
    table_column(&table, "NAME", TEXT_LEFT);
    table_column(&table, "KEY", TEXT_LEFT);
    table_column(&table, "VERSION", TEXT_LEFT);
    table_column(&table, "WHAT", TEXT_LEFT);
    for (size_t i = 0; i < n; i++) {
        char hash[SHA256_HEX_LEN + 1];
        scorer_hash(hash, all[i]);
        table_cell(&table, "%s", all[i]->name);
        table_cell(&table, "%s", all[i]->key);
        table_cell(&table, "%.*s", HASH_SHOWN, hash);
        table_cell(&table, "%s", all[i]->about);
    }
    buf_init(&text, BUF_MAX_DEFAULT);
    table_format(&text, &table);
    console_print(con, buf_str(&text));
    buf_release(&text);
    table_release(&table);
}

static int run(const struct flags *flags, struct console *con)
{
    size_t n;
    const struct scorer *const *all = scorer_list(&n);
    if (flags_bool(flags, "json"))
        print_json(all, n);
    else
        print_table(con, all, n);
    return EXIT_OK;
}

int cmd_score_list(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
