/* Working time: questions of one look into an index and a few steps. Two functions invert the work done until an instant, and differ only where no work is
 * done: finish_at gives the earliest such instant (the evening before), start_at the latest (the next morning). */
#include "kernel.h"

enum { DAY = 1440 };

static inline i64 starts_up_to(const Calendar *calendar, i64 instant) { /* within `first` and `last` */
    i64 index = calendar->by_day[(instant - calendar->first) / DAY];
    while (index < calendar->count && calendar->start[index] <= instant) index++;
    return index;
}

static inline i64 totals_below(const Calendar *calendar, i64 work) { /* work not below total[0] */
    i64 index = calendar->by_work[(work - calendar->total[0]) / calendar->quantum];
    while (index <= calendar->count && calendar->total[index] < work) index++;
    return index;
}

/* Fills in by_day, which has one entry a day and one more, and by_work, one a quantum and one more. */
void nirman_index(const Calendar *calendar, i64 *by_day, i64 *by_work) {
    i64 days = (calendar->last - calendar->first) / DAY, index = 0;
    for (i64 day = 0; day <= days; day++) {
        while (index < calendar->count && calendar->start[index] < calendar->first + day * DAY) index++;
        by_day[day] = index;
    }
    i64 work = calendar->total[calendar->count] - calendar->total[0];
    index = 0;
    for (i64 share = 0; share <= work / calendar->quantum; share++) {
        while (calendar->total[index] < calendar->total[0] + share * calendar->quantum) index++;
        by_work[share] = index;
    }
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
    if (instant < calendar->first) return out_of_reach(plan, number, false, 0);
    if (instant >= calendar->last) return out_of_reach(plan, number, true, 0);
    i64 index = starts_up_to(calendar, instant) - 1;
    if (index < 0) return out_of_reach(plan, number, false, 0);
    return calendar->total[index] + least(instant, calendar->finish[index]) - calendar->start[index];
}

/* The instant at which so much work is done, counted into the interval that ends the search. */
static i64 instant_at(const Calendar *calendar, i64 index, i64 work) {
    return calendar->start[index] + work - calendar->total[index];
}

static i64 finish_at(Plan *plan, i64 number, i64 work, i64 instant) {
    const Calendar *calendar = &plan->calendar[number];
    if (elapsed(calendar)) return work;
    if (work <= calendar->total[0]) return out_of_reach(plan, number, false, instant);
    if (work > calendar->total[calendar->count]) return out_of_reach(plan, number, true, instant);
    return instant_at(calendar, totals_below(calendar, work) - 1, work);
}

static i64 start_at(Plan *plan, i64 number, i64 work, i64 instant) {
    const Calendar *calendar = &plan->calendar[number];
    if (elapsed(calendar)) return work;
    if (work < calendar->total[0]) return out_of_reach(plan, number, false, instant);
    if (work >= calendar->total[calendar->count]) return out_of_reach(plan, number, true, instant);
    return instant_at(calendar, totals_below(calendar, work + 1) - 1, work);
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
