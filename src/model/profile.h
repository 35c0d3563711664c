/* profile.h - where the time of forward passes went.
 * Does        adds up, per part of a pass, the seconds on the caller's clock and the multiply-adds
 *             that the part amounts to. Always on: some twenty looks at the clock a layer.
 * Lifetime    lives in a model_run; counts since its creation. */
#ifndef MODEL_PROFILE_H
#define MODEL_PROFILE_H

enum model_part {
    PART_QKV,
    PART_ATTENTION,
    PART_OUT,
    PART_GATE_UP, /* and the gate itself */
    PART_DOWN,
    PART_ROWS, /* embedding, norms, rotation, rounding to int8 */
    PART_HEAD, /* logits or best ids; counted as the whole product */
    MODEL_PARTS
};

struct model_profile {
    struct {
        double seconds;
        double macs; /* 0 for PART_ROWS */
    } part[MODEL_PARTS];
};

struct model_run;
const struct model_profile *model_profile(const struct model_run *run);
/* "q, k, v", "attention", ... */
const char *model_part_name(enum model_part part);

#endif
