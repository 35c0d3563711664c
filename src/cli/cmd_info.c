/* cmd_info.c - lem info: what this build is and what this machine offers it. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/exit.h"
#include "cli/flags.h"
#include "cli/model_name.h"
#include "cli/version.h"
#include "os/cpu.h"
#include "os/threads.h"

static const struct flags_usage USAGE = {
    .command = "info",
    .synopsis = "[--json]",
    .about = "Says which build this is, what the processor can do, how many threads are used,\n"
             "where models are kept and which are there.",
};

static void add_model(void *arg, const char *name)
{
    json_array_append_new(arg, json_string(name));
}

static json_t *describe_cpu(const struct cpu *cpu)
{
    return json_pack("{s:s, s:b, s:b, s:b, s:b}", "name", cpu->name, "avx2", cpu->avx2, "avx512",
                     cpu->avx512, "avx512_vnni", cpu->vnni512, "neon", cpu->neon);
}

static json_t *describe(struct err *err)
{
    struct buf cache;
    struct cpu cpu = cpu_detect();
    json_t *models = json_array();
    json_t *info = NULL;
    buf_init(&cache, BUF_MAX_DEFAULT);
    if (cache_dir(&cache, err) && cache_each_model(add_model, models, err))
        info = json_pack("{s:s, s:o, s:i, s:s, s:O}", "version", version_string(), "cpu",
                         describe_cpu(&cpu), "threads", (int)threads_default(), "cache", cache.ptr,
                         "models", models);
    json_decref(models);
    buf_release(&cache);
    return info;
}

static const char *yes_no(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key)) ? "yes" : "no";
}

static void print_text(const json_t *info)
{
    const json_t *cpu = json_object_get(info, "cpu");
    const json_t *models = json_object_get(info, "models");
    printf("lem        %s\n", json_string_value(json_object_get(info, "version")));
    printf("processor  %s\n", json_string_value(json_object_get(cpu, "name")));
    printf("           avx2 %s, avx512 %s, avx512-vnni %s, neon %s\n", yes_no(cpu, "avx2"),
           yes_no(cpu, "avx512"), yes_no(cpu, "avx512_vnni"), yes_no(cpu, "neon"));
    printf("threads    %d\n", (int)json_integer_value(json_object_get(info, "threads")));
    printf("cache      %s\n", json_string_value(json_object_get(info, "cache")));
    for (size_t i = 0; i < json_array_size(models); i++)
        printf("%-10s %s\n", i ? "" : "models", json_string_value(json_array_get(models, i)));
    if (json_array_size(models) == 0)
        printf("models     none yet; tools/fetch-model gemma-3-270m fetches one\n");
}

int cmd_info(int argc, char **argv)
{
    struct flags flags;
    int status = EXIT_OK;
    if (!flags_begin(&flags, &USAGE, argc, argv, &status))
        return status;
    struct console con = console_open(&flags);
    struct err err = {0};
    json_t *info = describe(&err);
    if (!info) {
        status = console_fail(&con, &err);
    } else if (flags_bool(&flags, "json")) {
        json_dumpf(info, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        print_text(info);
    }
    json_decref(info);
    flags_release(&flags);
    return status;
}
