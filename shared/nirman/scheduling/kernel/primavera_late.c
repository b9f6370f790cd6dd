/* Late dates by the rules of Primavera P6: what each link allows, what constraints do to that, and activities that go
 * as late as possible. */
#include "primavera.h"

/* A finish that is allowed; `start` where that very start is, else NEVER. */
typedef struct { i64 start, finish; } Upper;

/* Its work is done, though nobody said that it is finished. */
static bool is_done(Plan *plan, const Task *task) {
    return is_complete(task) || (!is_milestone(task) && !has_left(plan, task));
}

static i64 before_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    i64 late = target->late_start;
    if (is_complete(source)) {
        if (!is_running(target)) return advanced(plan, link, late, unspent_lag(plan, link, source->actual_finish));
        return actual_minutes(plan, target) ? late : advanced(plan, link, late, link->lag);
    }
    if (is_complete(target)) return late;
    if (is_started(source) && is_started(target) && link->lag < 0 && actual_minutes(plan, target)) return late;
    i64 finish = advanced(plan, link, late, link->lag);
    bool tidy = !is_started(source) && !is_started(target) && link->lag == 0 && !works_at(plan, source, finish);
    return tidy ? finish_before(plan, source, finish) : finish;
}

static i64 nearest_work(Plan *plan, const Task *task, i64 instant) {
    if (works_at(plan, task, instant)) return instant;
    i64 evening = previous_finish(plan, task->slack_calendar, instant), morning = start_after(plan, task, instant);
    return instant - evening < morning - instant ? evening : morning;
}

static Upper unstarted_before_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    if (is_started(target)) return (Upper){NEVER, advanced(plan, link, target->late_start, link->lag)};
    if (link->lag == 0) {
        i64 start = nearest_work(plan, source, target->late_start);
        return (Upper){start, start};
    }
    i64 start = advanced(plan, link, target->late_start, link->lag);
    return (Upper){link->lag < 0 ? start : NEVER, start_after(plan, source, start)};
}

static Upper running_before_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    i64 late = target->late_start;
    bool done = is_started(target) && is_done(plan, target);
    i64 lag = done ? 0 : most(0, link->lag - actual_minutes(plan, source));
    bool exact = is_started(target) && (done ? link->lag >= 0 : link->lag > 0 && lag == 0);
    return (Upper){exact ? late : NEVER, advanced(plan, link, late, lag)};
}

/* Start-start: how late the source may start, then when it would finish. */
static Upper start_before_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    Upper upper;
    if (!is_started(source)) {
        upper = unstarted_before_start(plan, link, source, target);
    } else if (!is_done(plan, source) && plan->lag_from_actual_start) {
        return (Upper){NEVER, plan->late_finish}; /* what is left of the source decides nothing any more */
    } else if (!is_done(plan, source)) {
        upper = running_before_start(plan, link, source, target);
    } else {
        bool runs = is_started(target) && !is_done(plan, target);
        i64 lag = runs ? 0 : unspent_lag(plan, link, source->actual_start);
        upper = (Upper){NEVER, advanced(plan, link, target->late_start, lag)};
    }
    upper.finish = finish_from(plan, source, upper.finish, LEFT);
    return upper;
}

static i64 before_finish(Plan *plan, const Link *link, const Task *source, const Task *target) {
    if (!is_complete(source)) return advanced(plan, link, target->late_finish, link->lag);
    if (is_running(target)) return target->late_finish;
    return advanced(plan, link, target->late_finish, unspent_lag(plan, link, source->actual_finish));
}

/* Start-finish: the source's duration is added before the lag is taken off. */
static Upper start_before_finish(Plan *plan, const Link *link, const Task *source, const Task *target) {
    i64 late = target->late_finish, start = NEVER;
    if (is_complete(source) && is_complete(target)) return (Upper){NEVER, late};
    if (is_running(source) && !is_running(target)) {
        i64 lag = is_complete(target) ? unspent_lag(plan, link, source->actual_start) : 0;
        if (lag) return (Upper){NEVER, advanced(plan, link, finish_from(plan, source, late, WHOLE), lag)};
        bool exact = !is_started(target) && link->lag > 0;
        return (Upper){exact ? late : NEVER, finish_from(plan, source, late, LEFT)};
    }
    if (!is_started(source) && is_running(target) && link->lag <= 0) start = advanced(plan, link, late, link->lag);
    return (Upper){start, advanced(plan, link, finish_from(plan, source, late, WHOLE), link->lag)};
}

/* Links into a summary, which P6 does not have, leave room for all of its children. */
static Upper before_summary(Plan *plan, const Link *link, const Task *source, const Task *target) {
    bool to_start = link->kind == FS || link->kind == SS, from_start = link->kind == SS || link->kind == SF;
    i64 instant = advanced(plan, link, to_start ? target->gate_must_start : target->gate_must_finish, link->lag);
    return (Upper){NEVER, from_start ? finish_from(plan, source, instant, LEFT) : instant};
}

static Upper allowed_by(Plan *plan, const Link *link, const Task *source) {
    const Task *target = &plan->task[link->target];
    if (is_summary(target)) return before_summary(plan, link, source, target);
    switch (link->kind) {
    case FS: return (Upper){NEVER, before_start(plan, link, source, target)};
    case SS: return start_before_start(plan, link, source, target);
    case FF: return (Upper){NEVER, before_finish(plan, link, source, target)};
    default: return start_before_finish(plan, link, source, target);
    }
}

/* What goes on without its predecessors leaves them time; finished work counts as P6 stores it. */
bool holds_back(const Plan *plan, const Link *link) {
    const Task *source = &plan->task[link->source], *target = &plan->task[link->target];
    return is_complete(source) || !is_running(target) || holds(plan, link, target);
}

/* The earliest of what links allow: of several the link with the lowest uid. */
static Upper earliest_allowed(Plan *plan, const Task *task, bool *open) {
    Upper upper = {NEVER, plan->late_finish};
    i64 uid = 0;
    *open = true;
    for (i64 i = 0; i < task->outs; i++) {
        const Link *link = &plan->link[plan->out_links[task->first_out + i]];
        if (follows(&plan->task[link->target]) || !holds_back(plan, link)) continue;
        Upper allowed = allowed_by(plan, link, task);
        if (!*open && (allowed.finish > upper.finish || (allowed.finish == upper.finish && link->uid > uid))) continue;
        upper = allowed;
        uid = link->uid;
        *open = false;
    }
    return upper;
}

static i64 tidy_end(Plan *plan, const Task *task, i64 finish) {
    return works_at(plan, task, finish) ? finish : finish_before(plan, task, finish);
}

static Upper open_end(Plan *plan, const Task *task) {
    i64 finish = plan->late_finish;
    if (is_complete(task)) return (Upper){NEVER, finish};
    if (task->external_finish != NEVER) return (Upper){NEVER, task->external_finish};
    if (plan->open_ends_critical) return (Upper){NEVER, least(finish, task->early_finish)};
    return (Upper){NEVER, plan->must_finish == NEVER ? finish : tidy_end(plan, task, finish)};
}

static Upper constrained(Plan *plan, const Task *task, i64 kind, i64 at, Upper upper) {
    switch (kind) {
    case MFO: return (Upper){NEVER, at};
    case MSO: return is_started(task) ? upper : (Upper){NEVER, finish_from(plan, task, at, WHOLE)};
    case FO:
    case FNLT: return at < upper.finish ? (Upper){NEVER, at} : upper;
    case SO:
        if (is_started(task)) return upper;
        break;
    case SNLT: break;
    default: return upper;
    }
    i64 finish = finish_from(plan, task, at, WHOLE);
    if (finish >= upper.finish) return upper;
    if (upper.start != NEVER) upper.start = at;
    upper.finish = kind == SO ? tidy_end(plan, task, finish) : finish;
    return upper;
}

static Upper of_unfinished(Plan *plan, const Task *task, Upper upper) {
    upper = constrained(plan, task, task->constraint, task->constraint_at, upper);
    upper = constrained(plan, task, task->second_constraint, task->second_constraint_at, upper);
    if (task->deadline != NEVER && task->deadline < upper.finish) upper = (Upper){NEVER, task->deadline};
    if (task->kind != START_MILESTONE) upper.finish = finish_before(plan, task, upper.finish);
    return upper;
}

/* Links out of a summary, which P6 does not have, hold its children too. */
static void hold_by_summary(const Plan *plan, const Task *task, Upper *upper) {
    if (task->parent == NONE) return;
    i64 finish = plan->task[task->parent].bound_finish;
    if (finish < upper->finish) *upper = (Upper){NEVER, finish};
}

static Upper late_dates(Plan *plan, const Task *task) {
    bool open;
    Upper upper = earliest_allowed(plan, task, &open);
    if (open) upper = open_end(plan, task);
    else if (upper.finish > plan->late_finish) upper = (Upper){NEVER, finish_before(plan, task, plan->late_finish)};
    hold_by_summary(plan, task, &upper);
    if (is_complete(task)) upper.start = NEVER;
    else upper = of_unfinished(plan, task, upper);
    if (task->external_finish != NEVER) upper.finish = least(upper.finish, task->external_finish);
    if (upper.start != NEVER) return upper;
    upper.start = start_from(plan, task, upper.finish, LEFT);
    if (!is_milestone(task) && has_left(plan, task)) upper.start = start_after(plan, task, upper.start);
    return upper;
}

/* As late as possible: as late as those that follow allow with the early dates they have; nobody is moved by it. */

static i64 start_before(Plan *plan, const Link *link, const Task *task) {
    const Task *target = &plan->task[link->target];
    i64 start;
    switch (link->kind) {
    case SS: return start_after(plan, task, advanced(plan, link, target->early_start, link->lag));
    case FF: return start_from(plan, task, advanced(plan, link, target->early_finish, link->lag), LEFT);
    case FS:
        start = start_from(plan, task, advanced(plan, link, target->early_start, link->lag), LEFT);
        if (is_started(task) || is_started(target) || works_at(plan, task, start)) return start;
        return start_after(plan, task, start);
    default: return start_after(plan, task, advanced(plan, link, target->early_finish, link->lag));
    }
}

static void place_late(Plan *plan, Task *task) {
    i64 start = INT64_MAX;
    bool open = true;
    for (i64 i = 0; i < task->outs; i++) {
        const Link *link = &plan->link[plan->out_links[task->first_out + i]];
        if (follows(&plan->task[link->target])) continue;
        open = false;
        start = least(start, start_before(plan, link, task));
    }
    if (open) start = start_from(plan, task, finish_before(plan, task, last_instant(plan)), LEFT);
    else if (task->kind == FINISH_MILESTONE) start = finish_before(plan, task, start);
    if (between(plan, task->slack_calendar, task->early_start, start) < 0) return;
    task->early_start = start;
    task->early_finish = finish_from(plan, task, start, LEFT);
}

bool backward_activity(Plan *plan, Task *task) {
    Upper late = late_dates(plan, task);
    bool changed = late.start != task->late_start || late.finish != task->late_finish;
    task->late_start = task->must_start = late.start;
    task->late_finish = task->must_finish = late.finish;
    if (task->constraint == ALAP && !is_complete(task)) place_late(plan, task);
    return changed;
}
