/* Working time by bisection. Two functions invert the work done until an instant, and differ only where no work is
 * done: finish_at gives the earliest such instant (the evening before), start_at the latest (the next morning). */
#include "kernel.h"

/* How many of the ascending values are below the value, or not above it. The values of a calendar grow about evenly, so
 * the search begins where a straight line would have it and widens from there. */
static inline i64 guess(const i64 *values, i64 count, i64 value) {
    i64 width = values[count - 1] - values[0];
    if (value <= values[0] || width == 0) return 0;
    if (value >= values[count - 1]) return count - 1;
    return (i64)((double)(value - values[0]) * (double)(count - 1) / (double)width);
}

static i64 count_up_to(const i64 *values, i64 count, i64 value) { /* not above: bisect right */
    if (count == 0) return 0;
    i64 low = guess(values, count, value), high = low, step = 8;
    while (low > 0 && values[low] > value) low = most(0, low - step), step *= 2;
    step = 8;
    while (high < count && values[high] <= value) high = least(count, high + step), step *= 2;
    while (low < high) {
        i64 middle = (low + high) / 2;
        if (values[middle] <= value) low = middle + 1;
        else high = middle;
    }
    return low;
}

static i64 count_below(const i64 *values, i64 count, i64 value) { /* bisect left */
    return count_up_to(values, count, value - 1);
}

static i64 out_of_reach(Plan *plan, i64 calendar, bool later, i64 instant) {
    if (plan->failure == FINE) {
        plan->failure = later ? CALENDAR_TOO_LATE : CALENDAR_TOO_EARLY;
        plan->failed_calendar = calendar;
    }
    return instant;
}

static inline bool elapsed(const Calendar *calendar) { return calendar->count < 0; }

i64 worked(Plan *plan, i64 number, i64 instant) {
    const Calendar *calendar = &plan->calendar[number];
    if (elapsed(calendar)) return instant;
    if (instant >= calendar->last) return out_of_reach(plan, number, true, 0);
    i64 index = count_up_to(calendar->start, calendar->count, instant) - 1;
    if (index < 0) return out_of_reach(plan, number, false, 0);
    return calendar->total[index] + least(instant, calendar->finish[index]) - calendar->start[index];
}

static i64 finish_at(Plan *plan, i64 number, i64 work, i64 instant) {
    const Calendar *calendar = &plan->calendar[number];
    if (elapsed(calendar)) return work;
    i64 index = count_below(calendar->total, calendar->count + 1, work) - 1;
    if (index < 0 || index == calendar->count) return out_of_reach(plan, number, index >= 0, instant);
    return calendar->start[index] + work - calendar->total[index];
}

static i64 start_at(Plan *plan, i64 number, i64 work, i64 instant) {
    const Calendar *calendar = &plan->calendar[number];
    if (elapsed(calendar)) return work;
    i64 index = count_up_to(calendar->total, calendar->count + 1, work) - 1;
    if (index < 0 || index == calendar->count) return out_of_reach(plan, number, index >= 0, instant);
    return calendar->start[index] + work - calendar->total[index];
}

i64 add(Plan *plan, i64 calendar, i64 instant, i64 minutes) {
    if (minutes == 0) return instant;
    return finish_at(plan, calendar, worked(plan, calendar, instant) + minutes, instant);
}

i64 subtract(Plan *plan, i64 calendar, i64 instant, i64 minutes) {
    if (minutes == 0) return instant;
    return start_at(plan, calendar, worked(plan, calendar, instant) - minutes, instant);
}

i64 shifted(Plan *plan, i64 calendar, i64 instant, i64 minutes) {
    return minutes < 0 ? subtract(plan, calendar, instant, -minutes) : add(plan, calendar, instant, minutes);
}

i64 between(Plan *plan, i64 calendar, i64 start, i64 finish) {
    if (start == finish) return 0;
    return worked(plan, calendar, finish) - worked(plan, calendar, start);
}

i64 next_start(Plan *plan, i64 calendar, i64 instant) {
    return start_at(plan, calendar, worked(plan, calendar, instant), instant);
}

i64 previous_finish(Plan *plan, i64 calendar, i64 instant) {
    return finish_at(plan, calendar, worked(plan, calendar, instant), instant);
}
