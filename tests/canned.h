/* canned.h - a text source for tests that answers from tests/oracle/ab-golden/canned.json.
 * Does        finds the canned answer by probe prompt and kernel text; can answer in reverse order,
 *             fail chosen prompts, stop, or kill its own process after some answers, as a crash
 *             would. */
#ifndef TESTS_CANNED_H
#define TESTS_CANNED_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/vec.h"
#include "eval/condition.h"
#include "infer/source.h"
#include "probe/probe.h"
#include "text/json.h"

struct canned {
    json_t *answers;                /* the parsed file */
    const struct probe_set *probes; /* all of them, in the file's order */
    const struct conditions *conditions;
    struct canned_request {
        size_t probe;
        struct str arm; /* name the file knows the condition by */
        void *user;
        void (*done)(void *user, const struct source_result *result);
    } * queue;
    size_t n, cap, answered;
    bool backwards;
    size_t kill_after, stop_after; /* answers; 0: never */
    const char *refused_prompt;    /* submit fails for it, as when it does not fit */
    const char *failing_prompt;    /* answered with an error */
    bool (*must_stop)(void *arg);  /* NULL: never */
    void *must_stop_arg;
};

static bool canned_submit(void *self, const struct source_request *request, struct err *err)
{
    struct canned *canned = self;
    struct str prompt = request->messages[request->n_messages - 1].content;
    struct canned_request wanted = {
        .user = request->user, .done = request->done, .arm = str_of("baseline")};
    if (canned->refused_prompt && str_is(prompt, canned->refused_prompt))
        return err_set(err, ERR_LIMIT, "the prompt does not fit");
    if (request->n_messages == 2)
        for (size_t c = 1; c < canned->conditions->count; c++)
            if (str_eq(canned->conditions->items[c].kernel.text, request->messages[0].content))
                wanted.arm = str_of(c == 1 ? "json" : "txt");
    while (wanted.probe < canned->probes->count &&
           !str_eq(canned->probes->items[wanted.probe].prompt, prompt))
        wanted.probe++;
    if (wanted.probe == canned->probes->count)
        return err_set(err, ERR_INTERNAL, "no such probe");
    VEC_PUSH(canned->queue, canned->n, canned->cap, wanted);
    return true;
}

static bool canned_run(void *self, struct err *err)
{
    struct canned *canned = self;
    bool stopped = false;
    for (size_t i = 0; i < canned->n; i++) {
        const struct canned_request *r = &canned->queue[canned->backwards ? canned->n - 1 - i : i];
        struct str prompt = canned->probes->items[r->probe].prompt;
        json_t *responses = json_object_get(json_array_get(canned->answers, r->probe), "responses");
        struct str text = json_str(json_object_getn(responses, r->arm.ptr, r->arm.len));
        struct source_result result = {.ok = true,
                                       .text = text,
                                       .prompt_tokens = 7,
                                       .completion_tokens = 9,
                                       .finish_reason = "stop",
                                       .time_s = 0.25,
                                       .ttft_s = 0.125};
        memset(result.prompt_sha256, 'a', 64);
        stopped = stopped || (canned->stop_after && canned->answered >= canned->stop_after) ||
                  (canned->must_stop && canned->must_stop(canned->must_stop_arg));
        if (stopped)
            result = (struct source_result){.finish_reason = "cancelled"};
        else if (canned->failing_prompt && str_is(prompt, canned->failing_prompt))
            result = (struct source_result){.error = "it broke"};
        r->done(r->user, &result);
        canned->answered += !stopped;
        if (canned->kill_after && canned->answered >= canned->kill_after)
            kill(getpid(), SIGKILL);
    }
    canned->n = 0;
    return !stopped || err_set(err, ERR_CANCELLED, "stopped");
}

static enum source_system canned_system(void *self)
{
    (void)self;
    return SOURCE_SYSTEM_ROLE;
}

static json_t *canned_describe(void *self)
{
    (void)self;
    return json_pack("{s:s}", "family", "canned");
}

static const struct source_ops canned_ops = {.submit = canned_submit,
                                             .run = canned_run,
                                             .system = canned_system,
                                             .describe = canned_describe};

#endif
