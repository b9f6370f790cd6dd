/* Working periods of a calendar, counted. */
#include "solver.h"

const Calendar *calendar_of(const Solver *solver, const Side *side, i32 number)
{
    return &side->calendars[number == NONE ? solver->calendar_count : number];
}

i32 interval_at(const Calendar *calendar, i32 instant)
{
    if (calendar->count == 0 || instant >= calendar->intervals[calendar->count - 1].finish) {
        return calendar->count;
    }
    i32 k = calendar->by_instant[max(0, instant) >> HINTED];
    while (calendar->intervals[k].finish <= instant) {
        k++;
    }
    return k;
}

i32 working_before(const Calendar *calendar, i32 instant)
{
    i32 k = interval_at(calendar, instant);
    if (k == calendar->count) {
        return calendar->total;
    }
    const Interval *interval = &calendar->intervals[k];
    return interval->before + (instant > interval->start ? instant - interval->start : 0);
}

i32 interval_of(const Calendar *calendar, i32 count)
{
    i32 k = calendar->by_number[max(0, count) >> HINTED];
    while (k + 1 < calendar->count && calendar->intervals[k + 1].before <= count) {
        k++;
    }
    return k;
}

i32 start_of_working(const Calendar *calendar, i32 count)
{
    if (count >= calendar->total) {
        return NEVER;
    }
    const Interval *interval = &calendar->intervals[interval_of(calendar, count)];
    return interval->start + count - interval->before;
}

i32 end_of_working(const Calendar *calendar, i32 count)
{
    if (count <= 0) {
        return 0;
    }
    i32 last = start_of_working(calendar, count - 1);
    return last == NEVER ? NEVER : last + 1;
}

bool works(const Solver *solver, i32 activity, i32 period)
{
    if (solver->calendar[activity] == NONE) {
        return true;
    }
    const Calendar *calendar = &solver->sides[0].calendars[solver->calendar[activity]];
    i32 k = interval_at(calendar, period);
    return k < calendar->count && calendar->intervals[k].start <= period;
}

i32 finish_of(const Solver *solver, i32 activity, i32 start)
{
    i32 duration = solver->duration[solver->first_mode[activity]];
    if (solver->calendar[activity] == NONE || duration == 0) {
        return start + duration;
    }
    const Calendar *calendar = &solver->sides[0].calendars[solver->calendar[activity]];
    i32 finish = end_of_working(calendar, working_before(calendar, start) + duration);
    return finish == NEVER ? solver->horizon : finish;
}
