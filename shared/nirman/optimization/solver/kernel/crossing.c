/* A list from two schedules. */
#include "search.h"

#include <string.h>

/* Units in use before each stretch of time, of so many stretches of so many periods. */
static void fill_load(Search *search, const Member *member, i32 stretches, i32 periods)
{
    const Solver *solver = search->solver;
    i64 *load = search->load, running = 0, sum = 0;
    memset(load, 0, sizeof(i64) * ((size_t)stretches + 1));
    for (i32 i = 0; i < solver->n; i++) {
        i32 start = member->ends[2 * i] / periods, finish = (member->ends[2 * i + 1] + periods - 1) / periods;
        if (start < finish) {
            load[start] += search->weight[i];
            load[finish] -= search->weight[i];
        }
    }
    for (i32 k = 0; k <= stretches; k++) {
        running += load[k];
        load[k] = sum;
        sum += running;
    }
}

/* A stretch of one to five eighths of the time: any, or the one of that length in which most is in use. */
static void choose_stretch(Search *search, const Member *mother, i32 last, i32 *from, i32 *until)
{
    i32 periods = last / STRETCHES + 1, stretches = (last + periods - 1) / periods;
    i32 length = max(1, stretches / 8 + random_below(&search->random, stretches / 2 + 1));
    i32 chosen = random_below(&search->random, max(1, stretches - length + 1));
    if (random_below(&search->random, 2)) {
        fill_load(search, mother, stretches, periods);
        const i64 *load = search->load;
        for (i32 k = 0; k + length <= stretches; k++) {
            chosen = load[k + length] - load[k] > load[chosen + length] - load[chosen] ? k : chosen;
        }
    }
    *from = chosen * periods;
    *until = *from + length * periods;
}

static i32 last_finish(const Solver *solver, const Member *member)
{
    i32 last = 0;
    for (i32 i = 0; i < solver->n; i++) {
        last = max(last, member->ends[2 * i + 1]);
    }
    return last;
}

void cross(Search *search, const Member *mother, const Member *father)
{
    const Solver *solver = search->solver;
    i32 last = last_finish(solver, mother), apart = max(last, last_finish(solver, father)) + 1, from, until;
    choose_stretch(search, mother, last, &from, &until);
    for (i32 i = 0; i < solver->n; i++) {
        i32 hers = mother->ends[2 * i], his = father->ends[2 * i];
        bool inside = from <= hers && hers < until;
        search->key[i] = inside ? apart + hers : his + (his < from ? 0 : his < until ? apart : 2 * apart);
        search->child.mode[i] = inside ? mother->mode[i] : father->mode[i];
    }
    sort_by(&search->lists, search->solver, 0, search->key);
    lead_onwards(&search->lists, search->solver, 0);
}
