/* analysis.h - everything a report shows, computed from finished runs; no word of layout.
 * Does        pairs the arms of runs probe by probe, scores their answers, and answers the
 *             questions of docs/report.md: which way and how surely, is it length, layout or one
 *             probe, what failed, what was copied, what it cost, where it came from. Forms (text,
 *             Markdown, CSV, JSON, HTML) read this tree and compute nothing.
 *
 *               analysis
 *                 metrics[]            what is measured; one is primary, all others exploratory
 *                 arms[]               one condition of one run, described by itself
 *                 contrasts[]          arm b against arm a, paired by probe
 *                   findings[metric]   estimate, intervals, tests, effect sizes, verdict
 *                   categories, signals    rows of forest plots
 *                   regressions, improvements, length, layouts, failures
 *                 agreement, published, provenance, notes
 *
 * Lifetime    analysis_of_runs or analysis_of_pair, then analysis_free; everything borrows from
 *             the analysis, and the analysis from the runs it was given.
 * Threads     uses the pool it is given; immutable afterwards. The same bits with any pool.
 * Limits      ANALYSIS_METRICS_MAX metrics, ANALYSIS_CHANGES_MAX regressions a contrast.
 * Errors      ERR_USAGE when there is nothing to compare (no second arm, no common probe), for a
 *             metric that does not exist, and, from analysis_of_pair, for runs whose provenance
 *             differs; ERR_LIMIT, ERR_FORMAT for answers that cannot be scored.
 *             A number that is not defined or not known is NaN. Nothing is dropped silently: what
 *             is not in the pairs is counted.
 * See         docs/report.md, docs/statistics.md. */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "analysis/run.h"
#include "score/score.h"
#include "stat/binary.h"
#include "stat/compare.h"
#include "stat/groups.h"

enum {
    ANALYSIS_METRICS_MAX = 16,
    ANALYSIS_CHANGES_MAX = 1000,
    ANALYSIS_CUTS = 4,       /* of the truncation curve */
    ANALYSIS_SMALL_CELL = 10 /* below so many probes nothing is claimed of a group */
};
#define ANALYSIS_BAND 0.5 /* the original's: a change of half a point or less is none */

/* What is measured: the field that sums a scorer up, one of its signals (when declared primary),
 * or the scores that the files hold. */
struct metric {
    struct str name;             /* "v2-ab", "v2-ab.nuance", "stored" */
    const struct scorer *scorer; /* NULL: stored */
    size_t field;
    int direction; /* 1: more is better; -1: less is; 0: neither */
};

/* ---- arms ---- */

/* One arm under one metric. */
struct arm_score {
    double mean;              /* over probes, of each the mean of its samples */
    struct interval interval; /* percentile bootstrap over probes */
    double best;              /* mean over probes of the best sample: best-of-N */
    double icc;               /* share of variance between probes; NaN with one sample each */
    double length_spearman;   /* of score and length, over probes */
    double per_100;           /* points for 100 units of length */
};

/* Ways in which an answer can fail. They overlap: a truncated answer may be degenerate too. */
enum failure_kind {
    FAILURE_ERROR,      /* no answer: failed or absent */
    FAILURE_EMPTY,      /* white space alone */
    FAILURE_TRUNCATED,  /* stopped by the token limit; known only where finish is recorded */
    FAILURE_DEGENERATE, /* mostly repeated 4-grams (not type/token, which falls with length) */
    FAILURE_REFUSAL,    /* opens by declining */
    FAILURE_KINDS
};
const char *failure_name(enum failure_kind kind); /* "truncated" */

struct failure_count {
    size_t count, of;      /* answers; of is 0 where this cannot be known */
    struct interval share; /* Wilson */
};

struct arm_cost {
    double prompt_tokens, completion_tokens; /* sums; NaN: not recorded for every answer */
    double prompt_mean, completion_mean;     /* an answer */
    double time_s;                           /* sum over answers; they overlap in a batch */
    double ttft_p50_ms, ttft_p95_ms;
    double tokens_per_s; /* completion tokens over time */
};

struct arm_length {
    double mean; /* of its answers, in the analysis' unit */
    struct interval interval;
    /* Mean primary score when each answer is cut to 25, 50, 75, 100 % of its characters. */
    double cut_score[ANALYSIS_CUTS];
};

/* What of an answer may come out of the kernel's own mouth. */
struct arm_leak {
    bool is_known;            /* the kernel's text was found */
    size_t hits, kernel_hits; /* of v2's phrases; those that stand in the kernel word for word */
    double hit_share;         /* kernel_hits of hits */
    double reference_share;   /* the same of the answers without it: kernels use common words too */
    size_t answers, copying;  /* answers; those that share a run of 13 words with the kernel */
    size_t probes, overlapping; /* probes; those that do */
};

struct arm {
    size_t run, condition; /* runs[run]->arms[condition] */
    struct str name;       /* unlike that of any other arm */
    bool is_baseline, is_placebo;
    size_t n_probes;          /* that it answered in every sample; what is said below is of them */
    struct arm_score *scores; /* (n_metrics) */
    struct failure_count failures[FAILURE_KINDS];
    struct arm_cost cost;
    struct arm_length length;
    struct arm_leak leak;
};

/* ---- contrasts ---- */

/* A verdict, and all that it stands on. d = b - a over the contrast's pairs. */
struct finding {
    size_t metric;
    bool is_primary;
    const double *a, *b;    /* (n_pairs) mean over the samples of each probe */
    struct compare numbers; /* intervals, p, effect sizes, robustness, TOST, power, ANCOVA */
    double p_adjusted;      /* numbers.sign_flip.p, adjusted within its family */
    double p_max_t;         /* the same, by max-T over this contrast's metrics */
    enum verdict verdict;
    struct win_tie_loss banded; /* differences up to half a point are ties, as in the original */
    /* With no penalty counted more than CAPPED_HITS times; NaN where no penalty is unbounded. */
    double capped_mean;
    struct interval capped_interval;
    /* The mean if every missing answer had been the worst, and the best, score seen; equal to the
     * mean when none is missing. */
    struct interval imputed;
    enum verdict imputed_verdict; /* of the end nearer to no effect; inconclusive if it crosses 0 */
};

/* A row of a forest plot. */
struct cell {
    struct str name;
    int direction; /* 1: more is better; -1: less is; 0: neither */
    size_t n;
    double mean_a, mean_b, mean, sd, se; /* of d = b - a */
    struct interval interval;            /* Student's */
    double p, q;                         /* sign flips; adjusted by Benjamini-Hochberg */
    double shrunk;                       /* best guess given all cells; NaN for signals */
    bool is_small;                       /* n < ANALYSIS_SMALL_CELL: claim nothing */
};

struct forest {
    struct cell *cells;
    size_t n_cells;
    /* Of categories alone, NaN for signals. The cells' errors go into the pool by their common
     * spread: a cell of two probes does not know its own. */
    struct group_pool pool;
    double differ_p; /* do the cells differ at all? labels handed out anew */
};

/* A probe whose score fell, or rose: the texts of the sample that did so most. */
struct change {
    size_t pair, sample;
    const struct run_probe *probe;
    const struct run_answer *a, *b;
    double score_a, score_b;             /* of this sample, in the primary metric */
    double mean_d;                       /* of the probe's samples: what it is ranked by */
    const double *signals_a, *signals_b; /* (n_signals) of this sample */
    bool failures_a[FAILURE_KINDS], failures_b[FAILURE_KINDS]; /* a flip may be no more than this */
    struct str rerun; /* the command that makes the two answers again; ptr NULL: not known */
};

struct change_list {
    struct change *items; /* the largest first */
    size_t count;
    size_t total; /* how many there are; the list may be cut */
};

struct contrast_length {
    const double *a, *b;              /* (n_pairs) mean length of each probe's answers */
    struct t_test t;                  /* of b - a */
    struct ancova ancova;             /* of the primary metric: the difference at equal length */
    double spearman;                  /* of length difference and score difference */
    struct t_test cut[ANALYSIS_CUTS]; /* primary difference, both cut to 25 .. 100 % */
};

enum layout_kind {
    LAYOUT_LINE_ENDS, /* CR LF and CR made LF */
    LAYOUT_PLAIN,     /* Markdown marks taken away */
    LAYOUT_SHUFFLED,  /* sentences in random order */
    LAYOUT_KINDS
};
const char *layout_name(enum layout_kind kind); /* "line ends" */

/* The same contrast when both sides are changed in a way that should not matter. */
struct layout {
    size_t changed_a, changed_b; /* answers that the change touched */
    double mean_a, mean_b;
    struct t_test t;             /* of b - a, changed */
    struct t_test shift;         /* of (b - a) changed minus (b - a) as answered */
    bool flips;                  /* the sign of the difference turns */
    struct t_test against_plain; /* b changed minus a as answered */
    bool wins; /* by that, b still beats a: of shuffled sentences it says that order is not seen */
};

struct failure_pair {
    bool is_known;
    struct pair_table table;    /* probes with such an answer among their samples */
    double p;                   /* McNemar, exact */
    struct interval difference; /* Newcombe */
};

enum contrast_kind {
    CONTRAST_KERNEL,       /* kernel against the bare model */
    CONTRAST_PLACEBO,      /* placebo kernel against the bare model */
    CONTRAST_OVER_PLACEBO, /* kernel against a placebo kernel: what its meaning adds */
    CONTRAST_RUNS          /* the same arm of two runs */
};

struct pair {
    size_t probe_a, probe_b; /* of the runs of arms a and b */
};

struct contrast {
    enum contrast_kind kind;
    struct str name;    /* "json", "json over neutral" */
    size_t a, b;        /* arms */
    struct pair *pairs; /* probes that have every asked answer on both sides */
    size_t n_pairs, samples;
    size_t n_incomplete;      /* probes on both sides that lack an answer on one */
    size_t n_alone;           /* probes that only one side has */
    struct finding *findings; /* (n_metrics) in their order */
    struct forest categories; /* of the primary metric */
    struct forest signals;    /* of the primary metric's scorer; none for stored scores */
    struct change_list regressions, improvements;
    struct contrast_length length;
    struct layout layouts[LAYOUT_KINDS];
    struct failure_pair failures[FAILURE_KINDS];
    struct t_test sound; /* primary difference over the pairs without an empty or degenerate answer
                          * or a refusal on either side: is it opinion, or breakdown? */
    bool signs_disagree; /* two metrics are decided, or point, in opposite directions */
};

/* ---- the whole ---- */

/* Rank correlation of every two metrics over all answers. */
struct scorer_agreement {
    double *rho;               /* (n_metrics, n_metrics), 1 on the diagonal */
    struct interval *interval; /* likewise; bootstrap over probes */
    size_t answers;
};

/* A text of key words without a sentence, which must not beat real answers. */
struct salad {
    struct str text;
    double score;     /* in the primary metric */
    double best_mean; /* of the arms */
    bool wins;
};

/* Does the same kernel do the same to every model, in every category? */
struct interaction {
    struct str kernel;
    size_t runs;
    struct group_pool between_runs; /* of each run's primary difference; NaN with one run */
    double cells_differ_p;          /* run x category cells, labels handed out anew */
};

enum published_verdict { PUBLISHED_WITHIN, PUBLISHED_OUTSIDE, PUBLISHED_INCOMPARABLE };
const char *published_verdict_name(enum published_verdict verdict); /* "within" */

struct published_row {
    size_t arm;
    struct str model, set, condition; /* as published: "Gemma 3 4B", "P20", "json" */
    /* Of the baseline its mean, of a kernel what it adds to that, in v2-ab. */
    double published, ours, difference, tolerance;
    struct interval interval; /* of the difference */
    enum published_verdict verdict;
    struct str why; /* when incomparable; else ptr NULL */
};

/* One fact of a run's provenance block, flat: "params.temperature", "0.0". */
struct fact {
    struct str name, value;
};

struct facts {
    struct fact *items;
    size_t count;
};

struct fact_difference {
    struct str name, a, b; /* ptr NULL: not recorded on that side */
    bool is_material;      /* it can change an answer or a score; machine and time cannot */
};

enum adjust { ADJUST_HOLM, ADJUST_BH, ADJUST_NONE };
const char *adjust_name(enum adjust adjust); /* "holm" */

struct analysis_options {
    const char *primary; /* metric; NULL: v2-ab */
    enum adjust adjust;
    struct compare_options compare; /* alpha, margin, power, resampling */
    size_t n_changes;               /* regressions and improvements kept, each */
    bool force;                     /* compare runs whose provenance differs */
    const char *const *kernels; /* "NAME=PATH": texts for runs that do not say where theirs are */
    size_t n_kernels;
};

enum length_unit { LENGTH_TOKENS, LENGTH_WORDS };
const char *length_unit_name(enum length_unit unit); /* "tokens" */

struct analysis {
    struct run *const *runs;
    size_t n_runs;
    bool is_pair; /* run 1 against run 0; otherwise each run by itself */
    struct analysis_options options;
    struct metric metrics[ANALYSIS_METRICS_MAX];
    size_t n_metrics, primary;
    struct str *signals;    /* (n_signals) names of the primary scorer's fields but its sum */
    int *signal_directions; /* 1: more is better; -1: less is; 0: neither */
    size_t n_signals;
    struct arm *arms;
    size_t n_arms;
    struct contrast *contrasts;
    size_t n_contrasts;
    /* How many p values p_adjusted pays for: the primary metric of every contrast is one family
     * (declared before the run), all other metrics of every contrast are another. */
    size_t n_declared, n_exploratory;
    enum length_unit length_unit;
    size_t stored_equal, stored_total; /* stored scores that v2-ab gives again, and all */
    struct scorer_agreement agreement;
    struct salad salad;
    struct interaction *interactions;
    size_t n_interactions;
    struct published_row *published;
    size_t n_published;
    struct facts *provenance;            /* (n_runs) */
    struct fact_difference *differences; /* between two runs of a pair, or all runs and the first */
    size_t n_differences;
    struct str *notes; /* whole sentences: what a reader must know before believing a number */
    size_t n_notes;
    struct analysis_memory *memory;
};

/* Each run by itself: every other arm against its baseline, kernels against their placebos. */
MUST_USE bool analysis_of_runs(struct analysis **out, struct run *const *runs, size_t n_runs,
                               const struct analysis_options *options, struct err *err);
/* Run b against run a: every arm that both have, paired by probe id and prompt. */
MUST_USE bool analysis_of_pair(struct analysis **out, struct run *const runs[2],
                               const struct analysis_options *options, struct err *err);
void analysis_free(struct analysis *analysis);

/* What the report comes to, for --fail-on: over the primary metric of all contrasts. */
bool analysis_has_regression(const struct analysis *analysis);
bool analysis_is_inconclusive(const struct analysis *analysis);

#endif
