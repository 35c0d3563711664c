/* cmd_info.c - lem info: what this build is and what this machine offers it. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command_run.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/model_name.h"
#include "cli/version.h"
#include "kern/kern.h"
#include "os/cpu.h"
#include "os/threads.h"

static const struct flags_usage USAGE = {
    .command = "info",
    .synopsis = "[--json]",
    .about = "Says which build this is, what the processor can do, which kernels are in use and\n"
             "whether they agree with the reference, how many threads are used, where models are\n"
             "kept and which are there. The exit status is 1 when kernels disagree.",
};

enum { CHECK_N = 256 };

/* Whether a level gives the reference's bits, on a few operations with awkward numbers: enough to
 * notice a processor or a build that is not what it says. `make test` looks closer. */
static bool agrees_with_reference(const struct kern *kern)
{
    const struct kern *levels[] = {&kern_ref, kern};
    float x[CHECK_N], w[CHECK_N], y[2][4][CHECK_N];
    struct qblock q[2][CHECK_N / QROWS_STEP];
    for (int i = 0; i < CHECK_N; i++) {
        x[i] = (float)((i * 37) % 101 - 50) / 7.0f;
        w[i] = (float)((i * 53) % 97) / 31.0f;
    }
    memset(q, 0, sizeof q);
    for (int l = 0; l < 2; l++) {
        levels[l]->rms_norm(y[l][0], x, w, CHECK_N, 1e-6f);
        levels[l]->gelu_mul(y[l][1], x, w, CHECK_N);
        levels[l]->silu_mul(y[l][2], x, w, CHECK_N);
        memcpy(y[l][3], x, sizeof x);
        levels[l]->rope(y[l][3], x, w, CHECK_N / 2);
        levels[l]->quantise((struct qrows){q[l], CHECK_N}, 0, 0, x, CHECK_N);
    }
    return memcmp(y[0], y[1], sizeof y[0]) == 0 && memcmp(q[0], q[1], sizeof q[0]) == 0;
}

/* {"ref": true, "avx2": true, ...}: each level this processor runs, and whether it agrees. */
static json_t *check_levels(bool *agree)
{
    json_t *levels = json_object();
    const struct kern *kern;
    *agree = true;
    for (size_t i = 0; (kern = kern_at(i)) != NULL; i++) {
        bool ok = agrees_with_reference(kern);
        *agree = *agree && ok;
        json_object_set_new(levels, kern->name, json_boolean(ok));
    }
    return levels;
}

static void add_model(void *arg, const char *name)
{
    json_array_append_new(arg, json_string(name));
}

static json_t *describe_cpu(const struct cpu *cpu)
{
    return json_pack("{s:s, s:b, s:b, s:b, s:b}", "name", cpu->name, "avx2", cpu->avx2, "avx512",
                     cpu->avx512, "avx512_vnni", cpu->vnni512, "neon", cpu->neon);
}

static json_t *describe(bool *agree, struct err *err)
{
    struct buf cache;
    const struct kern *kern;
    struct cpu cpu = cpu_detect();
    json_t *models = json_array();
    json_t *info = NULL;
    buf_init(&cache, BUF_MAX_DEFAULT);
    if (kern_select(&kern, NULL, err) && cache_dir(&cache, err) &&
        cache_each_model(add_model, models, err))
        info = json_pack("{s:s, s:o, s:s, s:o, s:i, s:s, s:O}", "version", version_string(), "cpu",
                         describe_cpu(&cpu), "isa", kern->name, "self_check", check_levels(agree),
                         "threads", (int)threads_default(), "cache", cache.ptr, "models", models);
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
    const char *level;
    json_t *agrees;
    printf("lem        %s\n", json_string_value(json_object_get(info, "version")));
    printf("processor  %s\n", json_string_value(json_object_get(cpu, "name")));
    printf("           avx2 %s, avx512 %s, avx512-vnni %s, neon %s\n", yes_no(cpu, "avx2"),
           yes_no(cpu, "avx512"), yes_no(cpu, "avx512_vnni"), yes_no(cpu, "neon"));
    printf("kernels    %s in use; same bits as the reference:",
           json_string_value(json_object_get(info, "isa")));
    json_object_foreach(json_object_get(info, "self_check"), level, agrees)
        printf(" %s %s", level, json_is_true(agrees) ? "yes" : "NO");
    printf("\nthreads    %d\n", (int)json_integer_value(json_object_get(info, "threads")));
    printf("cache      %s\n", json_string_value(json_object_get(info, "cache")));
    for (size_t i = 0; i < json_array_size(models); i++)
        printf("%-10s %s\n", i ? "" : "models", json_string_value(json_array_get(models, i)));
    if (json_array_size(models) == 0)
        printf("models     none yet; tools/fetch-model gemma-3-270m fetches one\n");
}

static int run(const struct flags *flags, struct console *con)
{
    struct err err = {0};
    bool agree = true;
    int status = EXIT_OK;
    json_t *info = describe(&agree, &err);
    if (!info) {
        status = console_fail(con, &err);
    } else if (flags_bool(flags, "json")) {
        json_dumpf(info, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        print_text(info);
    }
    json_decref(info);
    return agree ? status : EXIT_FAILED;
}

int cmd_info(int argc, char **argv)
{
    return command_run(&USAGE, run, argc, argv);
}
