/* Where one activity goes: as early as its links and the units that are left let it. */
#include "solver.h"

#include <string.h>

i32 first_fit(const u64 *left, u64 guard, u64 units, i32 from, i32 duration, i32 end)
{
    i32 start = from, fits_until = from; /* periods from `start` to there are known to suffice */
    while (fits_until < start + duration) {
        if (start + duration > end) {
            return end;
        }
        i32 period = start + duration - 1, known = fits_until;
        fits_until = start + duration;
        for (; period >= known; period--) {
            if (((left[period] - units) & guard) != guard) {
                start = period + 1; /* what lies behind it is known now */
                break;
            }
        }
    }
    return start;
}

static inline i32 takes_of(const Solver *solver, i32 mode)
{
    return solver->free ? 0 : solver->first_take[mode + 1] - solver->first_take[mode];
}

/* Runs through, from the first start that suits every word. */
static i32 first_start(const Solver *solver, const Side *side, i32 mode, i32 from, i32 duration)
{
    const Take *take = solver->takes + solver->first_take[mode];
    i32 count = takes_of(solver, mode), agreed = 0, start = from;
    for (i32 k = 0; agreed < count && start < solver->horizon; k = k + 1 < count ? k + 1 : 0) {
        const u64 *left = side->left + (size_t)take[k].word * solver->stride;
        i32 fit = first_fit(left, solver->guards[take[k].word], take[k].units, start, duration, solver->horizon);
        agreed = fit == start ? agreed + 1 : 1;
        start = fit;
    }
    return start;
}

static inline bool suffices(const Solver *solver, const Side *side, i32 mode, i32 period)
{
    for (i32 k = solver->first_take[mode]; k < solver->first_take[mode + 1]; k++) {
        const Take *take = &solver->takes[k];
        u64 guard = solver->guards[take->word];
        if (((side->left[(size_t)take->word * solver->stride + period] - take->units) & guard) != guard) {
            return false;
        }
    }
    return true;
}

/* Works in the working periods in which the units suffice. */
static Span first_splitting(const Solver *solver, const Side *side, i32 i, i32 mode, i32 from)
{
    i32 duration = solver->duration[mode], start = NEVER, done = 0;
    const Calendar *calendar = calendar_of(solver, side, solver->calendar[i]);
    for (i32 k = interval_at(calendar, from); k < calendar->count; k++) {
        const Interval *interval = &calendar->intervals[k];
        for (i32 period = max(interval->start, from); period < interval->finish; period++) {
            if (takes_of(solver, mode) == 0 || suffices(solver, side, mode, period)) {
                start = start == NEVER ? period : start;
                if (++done == duration) {
                    return (Span){start, period + 1};
                }
            }
        }
    }
    return (Span){solver->horizon, solver->horizon};
}

static inline bool is_working(const Solver *solver, i32 i)
{
    return solver->calendar[i] != NONE || solver->first_part[i] < solver->first_part[i + 1];
}

static i32 lagged(const Side *side, const i32 *ends, const In *in)
{
    if (in->calendar == NONE) {
        return ends[in->end] + in->lag;
    }
    const Calendar *calendar = &side->calendars[in->calendar];
    i32 instant = end_of_working(calendar, working_before(calendar, ends[in->end]) + in->lag);
    return instant == NEVER ? INT32_MAX / 2 : instant;
}

static Span place_splitting(const Solver *solver, const Side *side, i32 i, i32 mode, i32 from, i32 finish_from)
{
    const Calendar *calendar = calendar_of(solver, side, solver->calendar[i]);
    if (finish_from > 0) { /* the start from which so much work cannot end earlier */
        i32 before = working_before(calendar, finish_from - 1) + 1 - solver->duration[mode];
        i32 start = before <= 0 ? 0 : start_of_working(calendar, before);
        from = start == NEVER ? solver->horizon : max(from, start);
    }
    return from >= solver->horizon ? (Span){solver->horizon, solver->horizon}
                                   : first_splitting(solver, side, i, mode, from);
}

Span place(const Solver *solver, const Side *side, i32 i, i32 mode, const i32 *release)
{
    const i32 *ends = solver->ends;
    const In *in = side->ins + side->first_in[i], *to_finish = side->ins + side->first_to_finish[i];
    const In *last = side->ins + side->first_in[i + 1];
    i32 duration = solver->duration[mode], from = release[i], finish_from = 0;
    if (side->held[i] != NEVER) { /* as told, whatever its links say: who is late for it is told by deadlines */
        i32 other = solver->horizon - (side == solver->sides ? solver->sides + 1 : solver->sides)->held[i];
        return (Span){side->held[i], other};
    }
    for (; in < to_finish; in++) {
        from = max(from, lagged(side, ends, in));
    }
    for (; in < last; in++) {
        finish_from = max(finish_from, lagged(side, ends, in));
    }
    if (duration != 0 && solver->splits[i]) {
        return place_splitting(solver, side, i, mode, from, finish_from);
    }
    if (duration != 0 && is_working(solver, i)) {
        return place_working(solver, side, i, mode, from, finish_from);
    }
    i32 start = max(from, finish_from - duration);
    start = duration == 0 ? start : first_start(solver, side, mode, start, duration);
    bool nowhere = start + duration > solver->horizon && !solver->free;
    return nowhere ? (Span){solver->horizon, solver->horizon} : (Span){start, start + duration};
}

static inline void use(const Solver *solver, Side *side, i32 mode, i32 start, i32 finish)
{
    for (i32 k = solver->first_take[mode]; k < solver->first_take[mode + 1]; k++) {
        u64 *left = side->left + (size_t)solver->takes[k].word * solver->stride, units = solver->takes[k].units;
        for (i32 period = start; period < finish; period++) {
            left[period] -= units;
        }
    }
}

static void write_down(Solver *solver, i32 activity, i32 start, i32 finish)
{
    if (solver->segments != NULL && solver->segment_count < solver->segment_room) {
        i32 *segment = solver->segments + 3 * (size_t)solver->segment_count++;
        segment[0] = activity;
        segment[1] = start;
        segment[2] = finish;
    }
}

/* The same periods as `first_splitting` found, as nothing was taken since. */
static void use_splitting(Solver *solver, Side *side, i32 i, i32 mode, Span span)
{
    const Calendar *calendar = calendar_of(solver, side, solver->calendar[i]);
    i32 began = NEVER, until = NEVER; /* of what has been worked without a break */
    for (i32 k = interval_at(calendar, span.start); k < calendar->count; k++) {
        const Interval *interval = &calendar->intervals[k];
        i32 end = min(interval->finish, span.finish);
        for (i32 period = max(interval->start, span.start); period < end; period++) {
            if (suffices(solver, side, mode, period)) {
                use(solver, side, mode, period, period + 1);
                began = began == NEVER ? period : began;
                until = period + 1;
            } else if (began != NEVER) {
                write_down(solver, i, began, until);
                began = NEVER;
            }
        }
    }
    if (began != NEVER) {
        write_down(solver, i, began, until);
    }
}

void occupy(Solver *solver, Side *side, i32 i, i32 mode, Span span)
{
    if (solver->free || side->held[i] != NEVER || span.start == span.finish) {
        return;
    }
    if (solver->splits[i]) {
        use_splitting(solver, side, i, mode, span);
    } else if (is_working(solver, i)) {
        use_working(solver, side, i, mode, span);
    } else {
        use(solver, side, mode, span.start, span.finish);
    }
}

void clean(Solver *solver, Side *side)
{
    for (i32 w = 0; w < solver->words; w++) {
        size_t at = (size_t)w * solver->stride;
        i32 from = side->dirty_from, until = side->dirty;
        if (solver->axis[w] != NONE) {
            const Calendar *calendar = &side->calendars[solver->axis[w]];
            from = working_before(calendar, from);
            until = working_before(calendar, until);
        }
        if (from < until) {
            memcpy(side->left + at + from, side->base + at + from, sizeof(u64) * (size_t)(until - from));
        }
        solver->work += max(0, until - from) / PERIODS_OF_WORK;
    }
    solver->work += SCHEDULE_WORK;
    solver->unplaced = 0;
    side->dirty_from = 0;
    side->dirty = solver->stride;
}
