/* grow.c - see grow.h.
 *
 * English probes and those of the languages are two walks (draft.h). Their next GROW_AHEAD
 * combinations are made into drafts by all threads; then each draft in turn is compared with the
 * probes given so far. Which probes are given is therefore the same for any number of threads. */
#include "probe/grow.h"

enum {
    ATTEMPTS = 4,         /* with other circumstances, before a combination is passed over */
    PASSED_OVER_MAX = 256 /* in a row, before the grammar is said to have no more */
};

struct ahead {
    struct grow *grow;
    struct grow_walk *walk;
};

static struct draft_number number_of(const struct grow *grow, const struct grow_walk *walk,
                                     size_t at, uint64_t attempt)
{
    return (struct draft_number){walk == &grow->foreign, at, attempt};
}

static void make_ahead(void *arg, size_t index, size_t thread)
{
    const struct ahead *ahead = arg;
    struct grow *grow = ahead->grow;
    struct grow_walk *walk = ahead->walk;
    draft_make(&walk->drafts[index], &grow->desks[thread], grow,
               number_of(grow, walk, walk->first + index, 0));
}

/* The walk's next combination as it was made ahead. */
static struct draft *next_draft(struct grow *grow, struct grow_walk *walk)
{
    if (walk->at == walk->first + walk->n_drafts) {
        walk->first = walk->at;
        walk->n_drafts = GROW_AHEAD;
        pool_run(grow->pool, make_ahead, &(struct ahead){grow, walk}, GROW_AHEAD);
    }
    return &walk->drafts[walk->at - walk->first];
}

/* Gives the draft, unless it is nearly a probe that was given before. */
static bool give(struct grow *grow, struct draft *draft)
{
    if (near_find(&grow->near, &draft->set).id != NEAR_NONE) {
        near_set_release(&draft->set);
        return false;
    }
    near_keep(&grow->near, &draft->set, (uint32_t)grow->n_given);
    buf_reset(&grow->line);
    buf_printf(&grow->line, "{\"id\": \"G%06zu_", grow->n_given + 1);
    buf_add_str(&grow->line, buf_str(&draft->rest));
    return true;
}

/* Of the walk's next combination; false: it is to be passed over. */
static bool give_next(struct grow *grow, struct grow_walk *walk)
{
    bool given = give(grow, next_draft(grow, walk));
    for (uint64_t attempt = 1; !given && attempt < ATTEMPTS; attempt++) {
        draft_make(&grow->again, &grow->desks[0], grow, number_of(grow, walk, walk->at, attempt));
        given = give(grow, &grow->again);
    }
    walk->at++;
    return given;
}

bool grow_next(struct grow *grow, struct str *line, struct err *err)
{
    size_t n_regions = grow->regions.count + (grow->languages.count > 0);
    bool is_foreign = grow->n_given % n_regions == grow->regions.count, found = false;
    struct grow_walk *walk = is_foreign ? &grow->foreign : &grow->english;
    for (size_t passed = 0; !found && passed < PASSED_OVER_MAX; passed++)
        found = give_next(grow, walk);
    if (!found)
        return err_set(err, ERR_LIMIT,
                       "the grammar has no more than %zu probes for these regions, voices and "
                       "domains that are not nearly the same",
                       grow->n_given);
    grow->n_given++;
    grow->n_foreign += is_foreign;
    *line = buf_str(&grow->line);
    return true;
}
