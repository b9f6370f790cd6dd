/* What no schedule can beat: units that activities take which all come after something and before something else. */
#include "search.h"

#define MANY 8000 /* activities of one resource above which comparing each with each takes too long */

/* What an activity takes of a resource at least, and between which heads and tails. */
typedef struct {
    i32 head, tail;
    i64 work;
} Load;

static i64 least_work(const Solver *solver, i32 i, i32 renewable)
{
    i64 least = INT64_MAX;
    for (i32 m = solver->first_mode[i]; m < solver->first_mode[i + 1]; m++) {
        i64 work = (i64)solver->duration[m] * solver->demand[(size_t)m * solver->renewables + renewable];
        least = work < least ? work : least;
    }
    return least;
}

/* By heads, which are nearly in order as they come: links lead onwards. */
static void sort_loads(Load *loads, i32 count)
{
    for (i32 gap = count / 2; gap > 0; gap /= 2) {
        for (i32 k = gap; k < count; k++) {
            Load load = loads[k];
            i32 at = k;
            for (; at >= gap && loads[at - gap].head > load.head; at -= gap) {
                loads[at] = loads[at - gap];
            }
            loads[at] = load;
        }
    }
}

/* All work between a head and a tail fits between them: for every pair that occurs. */
static i64 bound_of(const Load *loads, i32 count, i64 units)
{
    i64 best = 0;
    for (i32 k = 0; k < count; k++) {
        i64 work = 0;
        for (i32 j = count - 1; j >= 0; j--) {
            if (loads[j].tail >= loads[k].tail) {
                work += loads[j].work;
                i64 bound = loads[j].head + (work + units - 1) / units + loads[k].tail;
                best = bound > best ? bound : best;
            }
        }
    }
    return best;
}

/* By heads and, if asked, tails without resources; `room` is for four numbers an activity. Tails are seen from the end
 * of the axis: they are those before the last finish only where no date and no calendar tells the one from the other. */
i64 nirman_search_bound(const Search *search, i32 tails, i32 *room)
{
    const Solver *solver = search->solver;
    Load *loads = (Load *)(void *)room;
    i64 best = 0;
    for (i32 r = 0; r < solver->renewables; r++) {
        i32 count = 0;
        for (i32 k = 0; k < solver->n; k++) {
            i32 i = solver->sides[0].order[k];
            i64 work = least_work(solver, i, r);
            if (work > 0) {
                i32 head = search->head[i], tail = tails ? solver->horizon - search->late[i] : 0;
                loads[count++] = (Load){head, tail, work};
            }
        }
        if (solver->most[r] > 0 && count > 0 && count <= MANY) {
            sort_loads(loads, count);
            i64 bound = bound_of(loads, count, solver->most[r]);
            best = bound > best ? bound : best;
        }
    }
    return best;
}
