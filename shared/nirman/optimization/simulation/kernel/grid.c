#include <stdlib.h>

#include "run.h"

enum { MOST_SLOTS = 1 << 21 };

static i64 common_divisor(i64 a, i64 b) {
    while (b) {
        i64 rest = a % b;
        a = b, b = rest;
    }
    return a;
}

/* 0 where shifts overlap. */
static i64 step_of(const Calendar *calendar) {
    i64 step = 1440;
    for (i64 i = 0; i < calendar->count; i++) {
        if (i > 0 && calendar->interval[i].start < calendar->interval[i - 1].finish) return 0;
        step = common_divisor(step, calendar->interval[i].start - calendar->first);
        step = common_divisor(step, calendar->interval[i].finish - calendar->first);
    }
    return step;
}

/* Division of numbers below 2^30 by multiplication (Granlund, Montgomery: "Division by invariant integers", 1994). */
static void set_reciprocal(Grid *grid) {
    grid->shift = 30;
    while ((1ll << (grid->shift - 30)) < grid->step) grid->shift++;
    grid->reciprocal = ((1ull << grid->shift) + (uint64_t)grid->step - 1) / (uint64_t)grid->step;
}

static bool make_elapsed(Grid *grid) {
    grid->slot = malloc(sizeof(Slot));
    grid->worked = malloc(sizeof(i32));
    if (grid->slot == NULL || grid->worked == NULL) return false;
    grid->usable = true;
    grid->first = grid->from = (i32)FIRST_INSTANT;
    grid->to = (i32)LAST_INSTANT;
    grid->step = 1 << 29;
    grid->work = 1 << 29;
    grid->slot[0] = 1;
    grid->worked[0] = grid->first;
    set_reciprocal(grid);
    return true;
}

bool make_grid(Grid *grid, const Calendar *calendar) {
    if (calendar->count < 0) return make_elapsed(grid);
    i64 step = calendar->count ? step_of(calendar) : 0;
    i64 slots = step ? (calendar->last - calendar->first) / step : 0;
    if (slots == 0 || slots > MOST_SLOTS) return true;
    i64 work = calendar->interval[calendar->count].before - calendar->interval[0].before;
    grid->slot = malloc((size_t)slots * sizeof(Slot));
    grid->worked = malloc((size_t)(work / step + 1) * sizeof(i32));
    if (grid->slot == NULL || grid->worked == NULL) return false;
    grid->usable = true;
    grid->first = (i32)calendar->first;
    grid->from = calendar->interval[0].start;
    grid->to = (i32)calendar->last;
    grid->step = (i32)step;
    set_reciprocal(grid);
    i64 at = 0, done = 0;
    for (i64 slot = 0; slot < slots; slot++) {
        i64 instant = calendar->first + slot * step;
        while (at < calendar->count && calendar->interval[at].finish <= instant) at++;
        bool works = at < calendar->count && calendar->interval[at].start <= instant;
        grid->slot[slot] = (Slot)(2 * done + works);
        if (!works) continue;
        grid->worked[done / step] = (i32)instant;
        done += step;
    }
    grid->work = (i32)done; /* a night shift may end after what is laid out */
    return true;
}

void free_grid(Grid *grid) {
    free(grid->slot);
    free(grid->worked);
}
