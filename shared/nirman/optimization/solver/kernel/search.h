/* A population of schedules, improved by crossing them. */
#ifndef NIRMAN_SEARCH_H
#define NIRMAN_SEARCH_H

#include "lists.h"
#include "modes.h"

#define LARGEST_POPULATION 1024
#define SMALLEST_POPULATION 100
#define MOST_KEPT 4000000 /* activities of all members together: 64 MB */

/* A schedule: 2 * activity for its start, 2 * activity + 1 for its finish; the mode of each; the list it came from. */
typedef struct {
    i32 *ends, *mode, *order;
    i64 cost;
    i64 strain; /* starts, each as often as its priority says: what tells schedules of one cost apart, in the end */
    u64 hash; /* of starts and modes: equal schedules are kept once */
} Member;

typedef struct {
    Solver *solver;
    Lists lists;
    Random random;
    i32 room, size; /* members there may be, and are */
    Member *members;
    Member child, best;
    i32 wanted;      /* members of this population */
    i64 schedules;   /* made in all */
    i64 children, improved; /* of this population: made, and how many had been when the best one got better */
    i32 *key, *scratch, *rank, *release, *shortest;
    i32 *head, *early, *late; /* without resources: earliest start and finish, latest finish */
    i64 *load;       /* units of all renewables in use, by stretch of time */
    i32 *weight;     /* units of an activity in its shortest mode, in 1024ths of what there are */
    i64 *taken;      /* of each non-renewable */
    void *arena;
} Search;

#endif
