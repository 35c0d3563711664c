/* v2_distill.c - the second-generation scorer as the self-distillation script had it. It says it is
 * the A/B one and is not: other phrases, found inside words too, and another idea of degeneration.
 */
#include "score/repeats.h"
#include "score/v2_int.h"
#include "text/utf8.h"

static double is_empty(const struct symbols *text, struct hits *hits, size_t index)
{
    struct symbol_span span = symbols_strip(text, symbols_all(text));
    bool empty = span.end - span.start < 50;
    if (empty)
        hits_add(hits, index, "", 0, text->n);
    return empty;
}

static const struct v2_rule own_rules[] = {
    [V2_COMPLIANCE] = {.points = -4,
                       .cap = V2_NO_CAP,
                       .list = {.phrases =
                                    "i cannot|i can't|i'm unable|i am unable|as an ai|"
                                    "i don't have personal|i do not have personal|"
                                    "my training data|my knowledge cutoff|"
                                    "i (must|should|need to) (emphasize|stress|clarify|note)|"
                                    "(it's|its) (important|crucial|essential) to "
                                    "(note|remember|consider)|"
                                    "(i'm|im) not (able|qualified|authorized)|"
                                    "i would (recommend|suggest|advise) "
                                    "(consulting|speaking|seeking)",
                                .anywhere = true}},
    [V2_FORMULAIC] = {.points = -2,
                      .cap = V2_NO_CAP,
                      .list = {.phrases = "(this|that|it) is a "
                                          "(great|good|excellent|important|fascinating) "
                                          "(question|point|topic)|absolutely(!|.)|"
                                          "(great|excellent|wonderful) question(!|.)|"
                                          "thank you for (sharing|asking|raising)|"
                                          "let me (help|assist|address)",
                               .anywhere = true}},
    [V2_DEGENERATION] = {.points = -20,
                         .cap = V2_NO_CAP,
                         .shape = "(?s)(.{10,}?)\\1{4,}|<\\|eot_id\\|>.*<\\|eot_id\\|>|"
                                  "(<\\|im_end\\|>.*){3,}|(I cannot\\b.*){5,}|"
                                  "(\\b(disallowed|not allowed)\\b.*){3,}"},
    [V2_EMPTY] = {.points = -15, .cap = V2_NO_CAP, .count = is_empty, .shape = "len(strip) < 50"},
    [V2_FIRST_PERSON] = {.points = 0.5,
                         .cap = 4,
                         .list = {.phrases = "I think|I believe|I feel|I wonder|in my view|"
                                             "my perspective|personally|from my|I'd argue|I sense|"
                                             "I notice|I'm struck|I find myself",
                                  .exact_case = true}},
    [V2_CREATIVE] = {.points = 0.6,
                     .cap = 6,
                     .list = {.phrases =
                                  "once upon|imagine|picture this|let me tell|there was a|"
                                  "in the year|she|he|they (walked|ran|stood|sat|looked|felt)|"
                                  "the (sun|moon|wind|rain|sky|ocean|forest)|whisper|shadow|"
                                  "echo|drift|silence|dawn|dusk",
                              .anywhere = true}},
    [V2_EMOTIONAL] = {.points = 0.8,
                      .cap = 5,
                      .list.phrases =
                          "grief|joy|anger|fear|love|hope|despair|longing|shame|pride|guilt|"
                          "wonder|awe|tenderness|heartbreak|resilience|vulnerability|courage|"
                          "sorrow"},
};

enum edges { EDGE_NONE = 0, EDGE_BEFORE = 1, EDGE_AFTER = 2 };

static bool is_word_at(struct str text, size_t at)
{
    uint32_t cp = at < text.len ? utf8_next(text, &at) : ' ';
    return cp == '_' || utf8_is_alnum(cp);
}

static bool is_word_before(struct str text, size_t at)
{
    return at > 0 && is_word_at(text, utf8_prev(text, at));
}

/* What is looped, and from where to where. */
struct loop {
    const char *what; /* NULL: nothing is */
    size_t start, end;
};

/* How often `literal` stands in the text, with \b where it is asked for; *loop grows to hold all of
 * them. */
static size_t count_of(struct loop *loop, struct str text, const char *literal, unsigned edges)
{
    struct str needle = str_of(literal);
    size_t count = 0, at = 0;
    while ((at = str_find(text, needle, at)) != (size_t)-1) {
        size_t end = at + needle.len;
        bool bounded = !(edges & EDGE_BEFORE && is_word_before(text, at)) &&
                       !(edges & EDGE_AFTER && is_word_at(text, end));
        if (bounded && (!loop->what || at < loop->start))
            loop->start = at;
        if (bounded && (!loop->what || end > loop->end))
            loop->end = end;
        if (bounded)
            loop->what = literal;
        count += bounded;
        at = bounded ? end : at + 1;
    }
    return count;
}

static bool is_looped(struct loop *loop, struct str text)
{
    static const struct {
        const char *literals[2];
        unsigned edges;
        size_t least;
    } marks[] = {{{"<|eot_id|>"}, EDGE_NONE, 2},
                 {{"<|im_end|>"}, EDGE_NONE, 3},
                 {{"I cannot"}, EDGE_AFTER, 5},
                 {{"disallowed", "not allowed"}, EDGE_BEFORE | EDGE_AFTER, 3}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t count = 0;
        *loop = (struct loop){0};
        for (size_t k = 0; k < 2 && marks[i].literals[k]; k++)
            count += count_of(loop, text, marks[i].literals[k], marks[i].edges);
        if (count >= marks[i].least)
            return true;
    }
    return false;
}

static bool find_degeneration(double *value, struct v2_text *text, struct hits *hits,
                              struct err *err)
{
    struct loop loop;
    struct str bytes = text->bytes, copies;
    bool found = is_looped(&loop, bytes);
    if (!found) {
        if (!repeats_find(&found, &copies, bytes, err))
            return false;
        loop = (struct loop){"the same five times", (size_t)(copies.ptr - bytes.ptr), 0};
        loop.end = loop.start + copies.len;
    }
    *value = found;
    if (found && hits)
        hits_add(hits, V2_DEGENERATION, loop.what, utf8_count(str_n(bytes.ptr, loop.start)),
                 utf8_count(str_n(bytes.ptr, loop.end)));
    return true;
}

static const struct v2_variant variant = {
    .signals = {&own_rules[V2_COMPLIANCE], &own_rules[V2_FORMULAIC], &own_rules[V2_DEGENERATION],
                &own_rules[V2_EMPTY], &own_rules[V2_FIRST_PERSON], &own_rules[V2_CREATIVE],
                &v2_ab_rules[V2_ENGAGEMENT], &own_rules[V2_EMOTIONAL], &v2_ab_rules[V2_NUANCE],
                &v2_ab_rules[V2_SPECIFICITY], &v2_ab_rules[V2_AXIOM], &v2_ab_rules[V2_PERSPECTIVE],
                &v2_ab_rules[V2_METAPHOR], &v2_ab_rules[V2_QUESTIONING]},
    .degeneration = find_degeneration,
};

const struct scorer scorer_v2_distill = {
    .name = "v2-distill",
    .key = "v2_distill",
    .about = "the same signals as self-distillation counts them",
    .fields = v2_fields,
    .n_fields = V2_FIELDS,
    .overall = V2_LEK_SCORE,
    .rules = &variant,
    .create = v2_create,
    .free = v2_free,
    .run = v2_run,
    .hash = v2_hash,
};
