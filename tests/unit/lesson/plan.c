/* Plans: the kinds, each field, and a lesson's prompts as probes. */
#include "lesson/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char LESSON[] =
    "id: L1\ntitle: On doors\nsystem: Be brief.\nsandwich: {kb: kb.txt, kernel: k.json}\nprompts:\n"
    "  - id: D1\n    category: doors\n    prompt: |\n      Who knocks?\n    signal: asks back\n"
    "  - {id: D2, prompt: Who opens?}\n";

static void assert_kind(const char *yaml, enum plan_kind kind)
{
    struct plan plan;
    struct err err = {0};
    if (!plan_parse(&plan, str_of(yaml), "p.yaml", &err))
        fail_msg("%s", err.msg);
    assert_int_equal(plan.kind, kind);
    plan_release(&plan);
}

static void kinds_are_told_apart(void **state)
{
    (void)state;
    assert_kind(LESSON, PLAN_LESSON);
    assert_kind("id: S1\nmode: vertical\nmodel-path: m\nlessons: [a.yaml, b.yaml]\n",
                PLAN_SEQUENCE);
    assert_kind("version: 1\nsets:\n  core: {description: d, phase: 0, files: [ethics/core.json]}\n"
                "  zen: {phase: 1, files: []}\n",
                PLAN_SETS);
    assert_kind(
        "version: 1\nname: N\nfamily: gemma3\nparameters: 4b\nformat: safetensors\n"
        "paths: {base: a, safetensors: b}\nkernel: k.json\nsignature: s.txt\ntraining: t\n"
        "lessons:\n  0: lesson-0.jsonl\n  1: lesson-1.jsonl\nvalid: v.jsonl\ntest: t.jsonl\n"
        "generate: {max_tokens: 3072, temperature: 0.75}\nbaselines: {no_kernel: 22.0}\n",
        PLAN_MODEL);
    assert_kind(
        "version: 1\nbackend: metal\nscorer: {engine: grammar, min_score: 40.0, delta: true}\n"
        "generate: {top_k: 40}\ndistill: {runs: 3}\n",
        PLAN_SETTINGS);
}

static void faults_are_named(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"id: L1", "expected prompts, lessons, sets, a family or a backend"},
        {"3", "expected prompts, lessons, sets, a family or a backend"},
        {"prompts: []", "\"id\" is missing"},
        {"id: L1\nprompts: 3", "expected a list as \"prompts\""},
        {"id: L1\nprompts: [{id: a}]", "p.yaml: prompts 1: \"prompt\" is missing"},
        {"id: L1\nprompts: [{id: 7, prompt: x}]", "prompts 1: expected text as \"id\""},
        {"id: L1\nprompts: [x]", "prompts 1: expected fields"},
        {"id: L1\nprompt: x\nprompts: []", "\"prompt\" is not a field there"},
        {"id: L1\nprompts: [{id: a, prompt: x}, {id: a, prompt: y}]",
         "prompts 2: \"a\" is the id of an earlier one"},
        {"id: S\nmode: diagonal\nlessons: []", "expected vertical or horizontal as \"mode\""},
        {"id: S\nmode: vertical\nlessons: [3]", "expected a list of paths as \"lessons\""},
        {"version: 1\nname: n\nfamily: f\nlessons: [a]", "expected names with plain values"},
        {"version: 1\nbackend: b\ndistill: {runs: [3]}", "expected names with plain values"},
        {"version: 1\nbackend: b\nmodel: m", "\"model\" is not a field there"},
        {"version: x\nsets: {}", "expected a whole number as \"version\""},
        {"version: 1\nsets: {core: {}}", "p.yaml: sets.core: \"files\" is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan plan;
        struct err err = {0};
        assert_false(plan_parse(&plan, str_of(cases[i][0]), "p.yaml", &err));
        assert_null(plan.root);
        assert_int_equal(err.code, ERR_FORMAT);
        if (str_find(str_of(err.msg), str_of(cases[i][1]), 0) == (size_t)-1)
            fail_msg("%s: \"%s\"", cases[i][0], err.msg);
    }
}

static void prompts_are_probes(void **state)
{
    (void)state;
    struct plan plan;
    struct probe_set probes;
    struct err err = {0};
    assert_true(plan_parse(&plan, str_of(LESSON), "p.yaml", &err));
    assert_true(plan_probes(&probes, &plan, "p.yaml", &err));
    assert_int_equal(probes.count, 2);
    assert_true(str_is(probes.items[0].id, "D1"));
    assert_true(str_is(probes.items[0].category, "doors"));
    assert_true(str_is(probes.items[0].prompt, "Who knocks?\n"));
    assert_true(str_is(probes.items[1].prompt, "Who opens?"));
    probe_set_release(&probes);
    plan_release(&plan);
    assert_true(plan_is_file("a/b.yaml") && plan_is_file("b.yml") && !plan_is_file("b.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_apart),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(prompts_are_probes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
