/* probes_coverage.c - lem probes coverage: how many probes each region and domain has. */
#include <stdio.h>

#include "cli/exit.h"
#include "cli/probes.h"
#include "probe/coverage.h"
#include "text/json.h"

static const struct flags_usage USAGE = {
    .command = "probes coverage",
    .synopsis = "FILE... [--json]",
    .about =
        "Counts probes by region (the record's own, else as the file's name says) and by domain.\n"
        "What has less than half of the average is marked UNDERREPRESENTED; ten # are an average.",
    .groups = {{"Input and output", PROBES_FILES}},
    .args_max = 1 << 16,
};

static json_t *tally_json(const struct tally *tally)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < tally->n_rows; i++) {
        json_t *row = json_object();
        json_object_set_new(row, "name", json_from_str(tally->rows[i].name));
        json_object_set_new(row, "count", json_integer((json_int_t)tally->rows[i].count));
        json_object_set_new(row, "underrepresented",
                            json_boolean(tally_is_under(tally, &tally->rows[i])));
        json_array_append_new(rows, row);
    }
    return rows;
}

static void add_absent(struct buf *out, const struct tally *regions)
{
    const char *before = "  none at all: ";
    for (const char *const *region = REGIONS; *region; region++) {
        if (tally_get(regions, *region) > 0)
            continue;
        buf_printf(out, "%s%s", before, *region);
        before = ", ";
    }
    if (before[0] == ',')
        buf_putc(out, '\n');
}

static void print_tallies(const struct tally *regions, const struct tally *domains, bool as_json)
{
    struct buf out;
    buf_init(&out, BUF_MAX_DEFAULT);
    if (as_json) {
        json_t *both = json_object();
        json_object_set_new(both, "probes", json_integer((json_int_t)regions->total));
        json_object_set_new(both, "regions", tally_json(regions));
        json_object_set_new(both, "domains", tally_json(domains));
        json_format(&out, both, (struct json_style){.ascii = true});
        buf_putc(&out, '\n');
        json_decref(both);
    } else {
        buf_printf(&out, "%zu probes\n\n", regions->total);
        tally_format(&out, regions, "Regions");
        add_absent(&out, regions);
        buf_putc(&out, '\n');
        tally_format(&out, domains, "Domains");
    }
    fwrite(buf_str(&out).ptr, 1, out.len, stdout);
    buf_release(&out);
}

static int coverage(const struct flags *flags, struct console *con)
{
    struct import in;
    struct err err = {0};
    struct tally regions = {0}, domains = {0};
    struct buf lower;
    import_init(&in, (struct import_options){.keep_lines = true});
    buf_init(&lower, BUF_MAX_DEFAULT);
    bool ok = probes_read(&in, flags, con, &err);
    for (size_t i = 0; ok && i < in.n_records; i++) {
        const struct import_record *record = &in.records[i];
        tally_add(&regions, str_of(region_of_record(record->texts, record->file)));
        tally_add(&domains, domain_of_record(&lower, record->texts));
    }
    tally_sort(&regions);
    tally_sort(&domains);
    if (ok)
        print_tallies(&regions, &domains, flags_bool(flags, "json"));
    tally_release(&regions);
    tally_release(&domains);
    buf_release(&lower);
    import_release(&in);
    return ok ? EXIT_OK : console_fail(con, &err);
}

int probes_coverage(int argc, char **argv)
{
    return command_run(&USAGE, coverage, argc, argv);
}
