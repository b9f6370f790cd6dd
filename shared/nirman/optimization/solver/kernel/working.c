/* Where an activity goes that works in a calendar, or in parts that each work in their own.
 *
 * All is reckoned in working periods: a part that begins after so many of its calendar's periods works in as many as it
 * takes, one after the other. A word that lies on that calendar is looked at as if there were no breaks; one of wall time
 * interval by interval. */
#include "solver.h"

typedef struct {
    const Calendar *calendar;
    i32 number; /* of the calendar */
    i32 row;    /* of durations and takes */
    i32 after, duration;
} Part;

/* The activity's mode is its part -1. */
static inline Part part_of(const Solver *solver, const Side *side, i32 i, i32 mode, i32 k)
{
    if (k < 0) {
        i32 number = solver->calendar[i];
        return (Part){calendar_of(solver, side, number), number, mode, 0, solver->duration[mode]};
    }
    i32 at = solver->first_part[i] + k, number = solver->part_calendar[at], row = solver->modes + at;
    return (Part){calendar_of(solver, side, number), number, row, side->after[at], solver->duration[row]};
}

static inline i32 count_of(const Solver *solver, i32 i) { return solver->first_part[i + 1] - solver->first_part[i]; }

/* As `first_fit`, of a word of wall time: `from` and what is given are working periods of the calendar. */
static i32 first_fit_across(const u64 *left, u64 guard, u64 units, const Calendar *calendar, i32 from, i32 duration)
{
    i32 start = from, fits_until = from;
    while (fits_until < start + duration) {
        if (start + duration > calendar->total) {
            return calendar->total;
        }
        i32 count = start + duration - 1, known = fits_until;
        fits_until = start + duration;
        for (i32 k = interval_of(calendar, count); count >= known; k--) {
            const Interval *interval = &calendar->intervals[k];
            i32 first = max(known, interval->before), shift = interval->start - interval->before;
            while (count >= first && ((left[count + shift] - units) & guard) == guard) {
                count--;
            }
            if (count >= first) {
                start = count + 1; /* what lies behind it is known now */
                break;
            }
        }
    }
    return start;
}

/* First number of working periods, from so many on, after which the part can begin; the calendar's total when none is. */
static i32 part_fits(const Solver *solver, const Side *side, const Part *part, i32 from)
{
    i32 first = solver->first_take[part->row], count = solver->first_take[part->row + 1] - first, agreed = 0;
    if (solver->free || part->duration == 0) {
        return from;
    }
    for (i32 k = 0; agreed < count; k = k + 1 < count ? k + 1 : 0) {
        const Take *take = &solver->takes[first + k];
        const u64 *left = side->left + (size_t)take->word * solver->stride;
        u64 guard = solver->guards[take->word];
        i32 fit = solver->axis[take->word] == part->number
                      ? first_fit(left, guard, take->units, from, part->duration, part->calendar->total)
                      : first_fit_across(left, guard, take->units, part->calendar, from, part->duration);
        agreed = fit == from ? agreed + 1 : 1;
        from = fit;
        if (from >= part->calendar->total) {
            return from;
        }
    }
    return from;
}

/* When the first of the parts can begin, if none does before the instant; the horizon where none works any more. */
static i32 next_start(const Solver *solver, const Side *side, i32 i, i32 mode, i32 from)
{
    i32 earliest = solver->horizon;
    for (i32 k = -1; k < count_of(solver, i); k++) {
        const Calendar *calendar = part_of(solver, side, i, mode, k).calendar;
        i32 start = start_of_working(calendar, working_before(calendar, from));
        earliest = start == NEVER ? earliest : min(earliest, start);
    }
    return earliest;
}

/* The start from which one of the parts cannot end before the instant. */
static i32 start_for(const Solver *solver, const Side *side, i32 i, i32 mode, i32 finish)
{
    i32 earliest = solver->horizon;
    for (i32 k = -1; k < count_of(solver, i); k++) {
        Part part = part_of(solver, side, i, mode, k);
        if (part.duration == 0) { /* it ends nothing */
            continue;
        }
        i32 before = working_before(part.calendar, finish - 1) + 1 - part.after - part.duration;
        i32 start = before <= 0 ? 0 : start_of_working(part.calendar, before);
        earliest = start == NEVER ? earliest : min(earliest, start);
    }
    return earliest;
}

static Span span_from(const Solver *solver, const Side *side, i32 i, i32 mode, i32 start)
{
    i32 finish = start;
    for (i32 k = -1; k < count_of(solver, i); k++) {
        Part part = part_of(solver, side, i, mode, k);
        i32 until = working_before(part.calendar, start) + part.after + part.duration;
        if (part.duration != 0 && until > part.calendar->total) {
            return (Span){solver->horizon, solver->horizon};
        }
        finish = part.duration == 0 ? finish : max(finish, end_of_working(part.calendar, until));
    }
    return (Span){start, finish};
}

Span place_working(const Solver *solver, const Side *side, i32 i, i32 mode, i32 from, i32 finish_from)
{
    i32 count = count_of(solver, i);
    if (finish_from > 0) {
        from = max(from, start_for(solver, side, i, mode, finish_from));
    }
    i32 start = from < solver->horizon ? next_start(solver, side, i, mode, from) : solver->horizon;
    for (i32 k = -1, agreed = 0; agreed <= count && start < solver->horizon; k = k + 1 < count ? k + 1 : -1) {
        Part part = part_of(solver, side, i, mode, k);
        i32 begin = working_before(part.calendar, start) + part.after, fit = part_fits(solver, side, &part, begin);
        if (fit == begin) {
            agreed++;
            continue;
        }
        i32 before = fit < part.calendar->total ? end_of_working(part.calendar, fit - part.after) : NEVER;
        start = before == NEVER ? solver->horizon : next_start(solver, side, i, mode, before);
        agreed = count == 0;
    }
    return start < solver->horizon ? span_from(solver, side, i, mode, start) : (Span){solver->horizon, solver->horizon};
}

static void use_part(const Solver *solver, Side *side, const Part *part, i32 begin)
{
    i32 end = begin + part->duration;
    for (i32 t = solver->first_take[part->row]; t < solver->first_take[part->row + 1]; t++) {
        const Take *take = &solver->takes[t];
        u64 *left = side->left + (size_t)take->word * solver->stride;
        if (solver->axis[take->word] == part->number) {
            for (i32 count = begin; count < end; count++) {
                left[count] -= take->units;
            }
            continue;
        }
        for (i32 count = begin, k = interval_of(part->calendar, begin); count < end; k++) {
            const Interval *interval = &part->calendar->intervals[k];
            i32 shift = interval->start - interval->before;
            i32 until = min(end, interval->before + interval->finish - interval->start);
            for (; count < until; count++) {
                left[count + shift] -= take->units;
            }
        }
    }
}

void use_working(const Solver *solver, Side *side, i32 i, i32 mode, Span span)
{
    for (i32 k = -1; k < count_of(solver, i); k++) {
        Part part = part_of(solver, side, i, mode, k);
        use_part(solver, side, &part, working_before(part.calendar, span.start) + part.after);
    }
}
