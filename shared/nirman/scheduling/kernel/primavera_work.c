/* How long an activity takes by the rules of Primavera P6, and how lags of links run. */
#include "primavera.h"

i64 actual_minutes(Plan *plan, const Task *task) {
    if (!is_started(task)) return 0;
    i64 until = is_complete(task) ? task->actual_finish : data_date(plan);
    if (until <= task->actual_start) return 0;
    i64 calendar = task->slack_calendar;
    if (task->suspend == NEVER || until < task->suspend) return between(plan, calendar, task->actual_start, until);
    i64 minutes = between(plan, calendar, task->actual_start, task->suspend);
    if (task->resume != NEVER && task->resume < until) minutes += between(plan, calendar, task->resume, until);
    return most(0, minutes);
}

bool has_expected_finish(const Plan *plan, const Task *task) {
    return plan->use_expected_finish && task->expected_finish != NEVER && !is_complete(task) &&
           task->early_finish == task->expected_finish;
}

static i64 minutes_left(Plan *plan, const Task *task) {
    if (is_complete(task)) return 0;
    if (has_expected_finish(plan, task)) return between(plan, task->calendar, task->early_start, task->early_finish);
    return task->remaining;
}

static i64 minutes_of(Plan *plan, const Task *task, Amount amount) {
    i64 left = minutes_left(plan, task);
    if (amount == LEFT || !is_started(task)) return left;
    i64 spent = actual_minutes(plan, task);
    if (spent == 0 || left == 0) return spent + left;
    return between(plan, task->slack_calendar, task->actual_start, task->early_finish);
}

static i64 minutes_of_part(const Task *task, const Part *part, Amount amount) {
    if (is_complete(task)) return amount == LEFT ? 0 : part->minutes;
    return amount == LEFT || !is_started(task) ? part->remaining : part->minutes;
}

/* The delay of an assignment counts from the start of the activity; work in progress has it behind. */
static i64 length_of_part(const Task *task, const Part *part, Amount amount) {
    return minutes_of_part(task, part, amount) + (is_started(task) ? 0 : part->delay);
}

bool has_left(Plan *plan, const Task *task) {
    if (task->parts == 0) return minutes_left(plan, task) != 0;
    for (i64 i = 0; i < task->parts; i++)
        if (minutes_of_part(task, &plan->part[task->first_part + i], LEFT)) return true;
    return false;
}

i64 finish_from(Plan *plan, const Task *task, i64 start, Amount amount) {
    if (task->parts == 0) return add(plan, task->calendar, start, minutes_of(plan, task, amount));
    i64 finish = NEVER;
    for (i64 i = 0; i < task->parts; i++) {
        const Part *part = &plan->part[task->first_part + i];
        finish = most(finish, add(plan, part->calendar, start, length_of_part(task, part, amount)));
    }
    return finish;
}

i64 start_from(Plan *plan, const Task *task, i64 finish, Amount amount) {
    if (task->parts == 0) return subtract(plan, task->calendar, finish, minutes_of(plan, task, amount));
    i64 start = INT64_MAX;
    for (i64 i = 0; i < task->parts; i++) {
        const Part *part = &plan->part[task->first_part + i];
        start = least(start, subtract(plan, part->calendar, finish, length_of_part(task, part, amount)));
    }
    return start;
}

i64 start_after(Plan *plan, const Task *task, i64 instant) {
    if (task->parts == 0) return next_start(plan, task->calendar, instant);
    i64 start = INT64_MAX;
    for (i64 i = 0; i < task->parts; i++)
        start = least(start, next_start(plan, plan->part[task->first_part + i].both, instant));
    return start;
}

i64 finish_before(Plan *plan, const Task *task, i64 instant) {
    if (task->parts == 0) return previous_finish(plan, task->calendar, instant);
    i64 finish = NEVER;
    for (i64 i = 0; i < task->parts; i++)
        finish = most(finish, previous_finish(plan, plan->part[task->first_part + i].both, instant));
    return finish;
}

/* Midnight belongs to the day that begins. */
bool works_at(Plan *plan, const Task *task, i64 instant) {
    if (next_start(plan, task->slack_calendar, instant) == instant) return true;
    return instant % 1440 != 0 && previous_finish(plan, task->slack_calendar, instant) == instant;
}

i64 rest_start(Plan *plan, const Task *task) {
    i64 from = data_date(plan);
    if (task->suspend != NEVER && task->resume != NEVER) from = most(from, task->resume);
    return start_after(plan, task, from);
}

i64 delayed(Plan *plan, const Link *link, i64 instant, i64 lag) {
    if (lag == 0) return instant;
    i64 later = shifted(plan, lag_calendar(plan, link), instant, lag);
    return lag < 0 ? most(later, data_date(plan)) : later;
}

i64 advanced(Plan *plan, const Link *link, i64 instant, i64 lag) {
    return shifted(plan, lag_calendar(plan, link), instant, -lag);
}

i64 unspent_lag(Plan *plan, const Link *link, i64 since) {
    i64 now = data_date(plan);
    i64 spent = since > now ? 0 : between(plan, lag_calendar(plan, link), since, now);
    return most(0, link->lag - spent);
}
