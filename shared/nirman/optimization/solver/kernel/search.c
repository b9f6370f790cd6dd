/* The search: rules and chance give a population, crossing gives the next schedules, justification shortens each.
 *
 * A child takes from its mother the activities that start in a stretch of time in which she uses much, in her order, and
 * from its father what comes before and after, in his (Debels and Vanhoucke 2007; Valls, Ballestin and Quintanilla 2008).
 * It is scheduled serially, then shifted as late as possible and back (double justification, Valls et al. 2005). */
#include "search.h"

#include <string.h>

#define FIRST_POPULATION 40
#define MANY 100  /* activities of a problem for which few large populations do better than many small ones */
#define GROWTH 8  /* times as many members in each population as in the one before it; of fewer activities: */
#define GROWTH_OF_FEW 2
#define PATIENCE 30 /* children for each member, without a better one, before the next population */
#define MODE_CHANGES 3 /* of a child, fewer than so many */

static const Member *chosen_parent(Search *search)
{
    const Member *one = &search->members[random_below(&search->random, search->size)];
    const Member *other = &search->members[random_below(&search->random, search->size)];
    return one->cost <= other->cost ? one : other;
}

static void make_child(Search *search)
{
    const Member *mother = chosen_parent(search), *father = chosen_parent(search);
    cross(search, mother, father);
    if (search->solver->multi) {
        change_modes(search->solver, &search->random, search->child.mode, random_below(&search->random, MODE_CHANGES));
        repair_modes(search->solver, &search->random, search->child.mode, search->taken);
    }
    decode(search);
    justify(search);
    keep(search);
}

/* Latest finishes without resources, most urgent first, blurred by so many hundredths of the critical path. */
static void make_sample(Search *search, i32 blur, bool at_once)
{
    Solver *solver = search->solver;
    const i32 *late = search->late;
    i32 first = INT32_MAX, path = 1;
    for (i32 i = 0; i < solver->n; i++) {
        first = min(first, late[i]);
        path = max(path, search->early[i]);
    }
    i32 width = (i32)(((i64)blur * path + 99) / 100);
    for (i32 i = 0; i < solver->n; i++) {
        search->key[i] = late[i] - first + random_below(&search->random, width + 1);
    }
    choose_modes(solver, &search->random, search->child.mode);
    repair_modes(solver, &search->random, search->child.mode, search->taken);
    sort_by(&search->lists, solver, 0, search->key);
    if (at_once) {
        for (i32 k = 0; k < solver->n; k++) {
            search->rank[search->lists.order[k]] = k;
        }
        parallel(solver, 0, search->rank, search->child.mode, search->scratch);
        search->schedules++;
        for (i32 i = 0; i < solver->n; i++) {
            search->key[i] = solver->ends[2 * i];
        }
        sort_by(&search->lists, solver, 0, search->key);
    }
    lead_onwards(&search->lists, solver, 0);
    decode(search);
    justify(search);
    keep(search);
}

void start_population(Search *search)
{
    i32 growth = search->solver->n < MANY ? GROWTH_OF_FEW : GROWTH;
    search->wanted = search->wanted == 0 ? FIRST_POPULATION : min(search->room, growth * search->wanted);
    search->size = 0;
    search->children = search->improved = 0;
}

/* At least one schedule, and more until so much work is done. */
void nirman_search_run(Search *search, i64 work)
{
    i64 until = search->solver->work + work;
    while (search->solver->work < until) {
        if (search->children < search->wanted) {
            bool first = search->children < 2 && search->wanted == FIRST_POPULATION;
            make_sample(search, first ? 0 : 10 + random_below(&search->random, 61), search->children % 2 == 0);
        } else if (search->size < 2 || search->children - search->improved > PATIENCE * (i64)search->wanted) {
            start_population(search);
        } else {
            make_child(search);
        }
    }
}

i64 nirman_search_schedules(const Search *search) { return search->schedules; }

i64 nirman_search_work(const Search *search) { return search->solver->work; }

/* What works when, of activities that split: rows of activity, start, finish; gives how many there are. */
i32 nirman_search_segments(Search *search, i32 *segments, i32 room)
{
    Solver *solver = search->solver;
    solver->segments = segments;
    solver->segment_room = room;
    solver->segment_count = 0;
    serial(solver, 0, search->best.order, search->best.mode, NULL);
    solver->segments = NULL;
    return solver->segment_count;
}

i64 nirman_search_best(const Search *search, i32 *ends, i32 *mode)
{
    memcpy(ends, search->best.ends, sizeof(i32) * 2 * (size_t)search->solver->n);
    memcpy(mode, search->best.mode, sizeof(i32) * (size_t)search->solver->n);
    return search->best.cost;
}

/* A schedule made elsewhere joins. */
void nirman_search_join(Search *search, const i32 *starts, const i32 *mode)
{
    Solver *solver = search->solver;
    memcpy(search->key, starts, sizeof(i32) * (size_t)solver->n);
    memcpy(search->child.mode, mode, sizeof(i32) * (size_t)solver->n);
    sort_by(&search->lists, solver, 0, search->key);
    lead_onwards(&search->lists, solver, 0);
    decode(search);
    justify(search);
    keep(search);
}

/* Without resources: earliest finish, and latest (before the horizon, where nothing else says). */
void nirman_search_free(const Search *search, i32 *early, i32 *late)
{
    memcpy(early, search->early, sizeof(i32) * (size_t)search->solver->n);
    memcpy(late, search->late, sizeof(i32) * (size_t)search->solver->n);
}
