/* Lists of activities: sorted by keys, and so that links lead onwards. */
#ifndef NIRMAN_LISTS_H
#define NIRMAN_LISTS_H

#include "solver.h"

#define DIGIT_BITS 11

typedef struct {
    i32 *order, *spare, *stack;
    i32 *counts; /* of one digit */
    bool *listed;
} Lists;

void lay_out_lists(Lists *lists, Arena *arena, const Solver *solver);

/* Leaves in `order` the activities by key (from 0), those of equal keys as the side has them. */
void sort_by(Lists *lists, const Solver *solver, i32 direction, const i32 *key);

/* Moves what others wait for before them. */
void lead_onwards(Lists *lists, const Solver *solver, i32 direction);
#endif
