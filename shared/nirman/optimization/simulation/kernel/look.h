/* Questions to a grid, for all lanes at once: false, and what failed, where one leads outside it. */
#ifndef NIRMAN_LOOK_H
#define NIRMAN_LOOK_H

#include "run.h"

#define EACH_LANE for (int lane = 0; lane < LANES; lane++)

static inline i32 step_number(const Grid *grid, i32 number) {
    return (i32)(((uint64_t)(uint32_t)number * grid->reciprocal) >> grid->shift);
}

/* Calendars with rain, or with shifts at odd minutes, have none. */
static inline bool has_grid(const Run *run, i32 calendar) {
    return calendar < run->of->plan->calendars && run->grid[calendar].usable;
}

static inline bool are_within(Run *run, i32 calendar, const i32 numbers[LANES], i32 from, i32 to) {
    uint32_t room = (uint32_t)to - (uint32_t)from;
    i32 outside = 0;
    EACH_LANE outside |= (uint32_t)numbers[lane] - (uint32_t)from >= room;
    if (!outside) return true;
    bool early = false;
    EACH_LANE early |= numbers[lane] < from;
    return fail(run, early ? CALENDAR_TOO_EARLY : CALENDAR_TOO_LATE, 0, calendar);
}

/* What is worked until the instants. */
static inline bool look_at_work(Run *run, i32 calendar, const i32 at[LANES], i32 work[LANES]) {
    const Grid *grid = &run->grid[calendar];
    if (!are_within(run, calendar, at, grid->from, grid->to)) return false;
    EACH_LANE {
        i32 offset = at[lane] - grid->first, number = step_number(grid, offset);
        Slot slot = grid->slot[number];
        work[lane] = (slot >> 1) + ((offset - number * grid->step) & -(slot & 1));
    }
    return true;
}

/* The last instants at which so much is done: when work goes on. */
static inline bool look_at_mornings(Run *run, i32 calendar, const i32 work[LANES], i32 at[LANES]) {
    const Grid *grid = &run->grid[calendar];
    if (!are_within(run, calendar, work, 0, grid->work)) return false;
    EACH_LANE {
        i32 number = step_number(grid, work[lane]);
        at[lane] = grid->worked[number] + work[lane] - number * grid->step;
    }
    return true;
}

/* The first. */
static inline bool look_at_evenings(Run *run, i32 calendar, const i32 work[LANES], i32 at[LANES]) {
    const Grid *grid = &run->grid[calendar];
    if (!are_within(run, calendar, work, 1, grid->work + 1)) return false;
    EACH_LANE {
        i32 number = step_number(grid, work[lane] - 1);
        at[lane] = grid->worked[number] + work[lane] - number * grid->step;
    }
    return true;
}

#endif
