/* Working time: questions of one look into an index and a few steps. Two functions invert the work done until an instant, and differ only where no work is
 * done: finish_at gives the earliest such instant (the evening before), start_at the latest (the next morning). */
#include "kernel.h"

enum { DAY = 1440 };

static inline i64 starts_up_to(const Calendar *calendar, i64 instant) { /* within `first` and `last` */
    i64 index = calendar->by_day[(instant - calendar->first) / DAY];
    while (index < calendar->count && calendar->interval[index].start <= instant) index++;
    return index;
}

static inline i64 with_less_before(const Calendar *calendar, i64 work) { /* no less than before the first, nor more than all */
    i64 index = calendar->by_work[(work - calendar->interval[0].before) >> calendar->shift];
    while (index <= calendar->count && calendar->interval[index].before < work) index++;
    return index;
}

/* Fills in by_day, which has one entry a day and one more, and by_work, one for each step of work and one more. */
void nirman_index(const Calendar *calendar, i32 *by_day, i32 *by_work) {
    const Interval *interval = calendar->interval;
    i64 days = (calendar->last - calendar->first) / DAY, none = interval[0].before, index = 0;
    for (i64 day = 0; day <= days; day++) {
        while (index < calendar->count && interval[index].start < calendar->first + day * DAY) index++;
        by_day[day] = (i32)index;
    }
    i64 steps = (interval[calendar->count].before - none) >> calendar->shift;
    index = 0;
    for (i64 step = 0; step <= steps; step++) {
        while (interval[index].before < none + (step << calendar->shift)) index++;
        by_work[step] = (i32)index;
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
    const Interval *interval = &calendar->interval[index];
    return interval->before + least(instant, interval->finish) - interval->start;
}

static i64 instant_at(const Calendar *calendar, i64 index, i64 work) {
    return calendar->interval[index].start + work - calendar->interval[index].before;
}

static i64 finish_at(Plan *plan, i64 number, i64 work, i64 instant) {
    const Calendar *calendar = &plan->calendar[number];
    if (elapsed(calendar)) return work;
    if (work <= calendar->interval[0].before) return out_of_reach(plan, number, false, instant);
    if (work > calendar->interval[calendar->count].before) return out_of_reach(plan, number, true, instant);
    return instant_at(calendar, with_less_before(calendar, work) - 1, work);
}

static i64 start_at(Plan *plan, i64 number, i64 work, i64 instant) {
    const Calendar *calendar = &plan->calendar[number];
    if (elapsed(calendar)) return work;
    if (work < calendar->interval[0].before) return out_of_reach(plan, number, false, instant);
    if (work >= calendar->interval[calendar->count].before) return out_of_reach(plan, number, true, instant);
    return instant_at(calendar, with_less_before(calendar, work + 1) - 1, work);
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
