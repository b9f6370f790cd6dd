/* A population of schedules, improved by crossing them. */
#ifndef NIRMAN_SEARCH_H
#define NIRMAN_SEARCH_H

#include "lists.h"
#include "modes.h"

#define STRETCHES 512 /* of time, at most, in which the load is looked at */

/* A schedule: 2 * activity for its start, 2 * activity + 1 for its finish; the mode of each; the list it came from. */
typedef struct {
    i32 *ends, *mode, *order;
    i64 cost;
    i64 strain; /* starts, each as often as its priority says: what tells schedules of one cost apart, in the end */
    u64 hash;   /* of starts and modes: equal schedules are kept once */
} Member;

typedef struct {
    Solver *solver;
    Lists lists;
    Random random;
    i32 room, size; /* members there may be, and are */
    Member *members;
    Member child, best;
    i32 wanted;             /* members of this population */
    i64 schedules;          /* made in all */
    i64 children, improved; /* of this population: made, and how many had been when the best one got better */
    i32 *key, *scratch, *rank, *release, *shortest;
    i32 *head, *early, *late; /* without resources: earliest start and finish, latest finish */
    i64 *load;                /* units of all renewables in use, by stretch of time */
    i32 *weight;              /* units of an activity in its shortest mode, in 1024ths of what there are */
    i64 *taken;               /* of each non-renewable */
    void *arena;
} Search;

/* schedules.c. `decode` makes the child from `lists.order` in the child's modes, `justify` shortens it, `keep` makes it a
 * member. */
void decode(Search *search);
void justify(Search *search);
void keep(Search *search);

/* crossing.c: leaves the child's modes, and its list in `lists.order`. */
void cross(Search *search, const Member *mother, const Member *father);

/* search.c */
void start_population(Search *search);

#endif
