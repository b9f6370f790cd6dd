/* The rules of Microsoft Project; docs/scheduling.md says where each was taken from. */
#include "kernel.h"

/* Assignments, where they decide how long a task takes. */

static i64 finish_from(Plan *plan, const Task *task, i64 start) {
    if (task->parts == 0) return add(plan, task->calendar, start, task->duration);
    i64 finish = NEVER;
    for (i64 i = 0; i < task->parts; i++) {
        const Part *part = &plan->part[task->first_part + i];
        finish = most(finish, add(plan, part->calendar, start, part->delay + part->minutes));
    }
    return finish;
}

/* The latest start that makes the finish; in the morning rather than the evening before. */
static i64 start_from(Plan *plan, const Task *task, i64 finish) {
    if (task->parts == 0) return subtract(plan, task->calendar, finish, task->duration);
    i64 start = INT64_MAX;
    for (i64 i = 0; i < task->parts; i++) {
        const Part *part = &plan->part[task->first_part + i];
        start = least(start, subtract(plan, part->calendar, finish, part->delay + part->minutes));
    }
    return start;
}

/* When work can begin; a task of no duration may also stand at the end of a working period. */
static i64 start_after(Plan *plan, const Task *task, i64 instant) {
    if (task->parts == 0) {
        if (task->duration == 0 && previous_finish(plan, task->calendar, instant) == instant) return instant;
        return next_start(plan, task->calendar, instant);
    }
    i64 start = INT64_MAX;
    for (i64 i = 0; i < task->parts; i++)
        start = least(start, next_start(plan, plan->part[task->first_part + i].calendar, instant));
    return start;
}

/* When work can end; a task of no duration stands where it is put. */
static i64 finish_before(Plan *plan, const Task *task, i64 instant) {
    if (task->parts == 0) return task->duration == 0 ? instant : previous_finish(plan, task->calendar, instant);
    i64 finish = NEVER;
    for (i64 i = 0; i < task->parts; i++)
        finish = most(finish, previous_finish(plan, plan->part[task->first_part + i].calendar, instant));
    return finish;
}

typedef struct { i64 start, finish; } Dates;

static bool has_manual_dates(const Task *task) {
    return task->manual && (task->manual_start != NEVER || task->manual_finish != NEVER);
}

static Dates manual_dates(Plan *plan, const Task *task) {
    if (task->manual_start == NEVER)
        return (Dates){start_from(plan, task, task->manual_finish), task->manual_finish};
    i64 finish = task->manual_finish == NEVER ? finish_from(plan, task, task->manual_start) : task->manual_finish;
    return (Dates){task->manual_start, finish};
}

/* What an assignment takes in all, or what is left of it, by the share that the task's own minutes have come to. */
static i64 share(const Task *task, i64 minutes, i64 of_task) {
    return task->duration == of_task || task->duration == 0 ? minutes : minutes * of_task / task->duration;
}

static i64 left_of(const Task *task, const Part *part) {
    return part->remaining < 0 ? share(task, part->minutes, task->remaining) : part->remaining;
}

/* Each assignment goes on in its own hours: from the resume date with what it says is left; else, between stop and resume
 * nobody has worked. */
static i64 part_finish(Plan *plan, const Task *task, const Part *part) {
    i64 start = task->actual_start, minutes = part->delay + share(task, part->minutes, task->done + task->remaining);
    i64 finish = add(plan, part->calendar, start, minutes);
    if (task->resume == NEVER || task->resume <= start) return finish;
    if (part->remaining >= 0 || task->suspend == NEVER)
        return add(plan, part->calendar, task->resume, left_of(task, part));
    if (finish <= task->suspend) return finish;
    return add(plan, part->calendar, start, minutes + between(plan, part->calendar, task->suspend, task->resume));
}

static i64 started_finish(Plan *plan, const Task *task) {
    i64 finish = task->actual_start;
    for (i64 i = 0; i < task->parts; i++)
        finish = most(finish, part_finish(plan, task, &plan->part[task->first_part + i]));
    return finish;
}

/* When what is left is done, begun then. */
static i64 rest_until(Plan *plan, const Task *task, i64 start) {
    if (task->parts == 0) return add(plan, task->calendar, start, task->remaining);
    i64 finish = start;
    for (i64 i = 0; i < task->parts; i++) {
        const Part *part = &plan->part[task->first_part + i];
        finish = most(finish, add(plan, part->calendar, start, left_of(task, part)));
    }
    return finish;
}

/* When what is left has to begin, to be done by then. */
static i64 rest_from(Plan *plan, const Task *task, i64 finish) {
    if (task->parts == 0) return subtract(plan, task->calendar, finish, task->remaining);
    i64 start = INT64_MAX;
    for (i64 i = 0; i < task->parts; i++) {
        const Part *part = &plan->part[task->first_part + i];
        start = least(start, subtract(plan, part->calendar, finish, left_of(task, part)));
    }
    return start;
}

/* What has happened stays; what remains follows it, or the resume date, or the data date. */
static Dates actual_dates(Plan *plan, const Task *task) {
    if (!is_started(task)) return (Dates){start_from(plan, task, task->actual_finish), task->actual_finish};
    i64 start = task->actual_start;
    if (is_complete(task)) return (Dates){start, task->actual_finish};
    i64 finish;
    if (task->parts)
        finish = started_finish(plan, task);
    else if (task->resume != NEVER && task->resume > start)
        finish = add(plan, task->calendar, task->resume, task->remaining);
    else
        finish = add(plan, task->calendar, start, task->done + task->remaining);
    if (task->constraint == FNET) finish = most(finish, task->constraint_at);
    if (plan->data_date != NEVER && task->remaining > 0)
        finish = most(finish, rest_until(plan, task, plan->data_date));
    return (Dates){start, finish};
}

/* As late as possible, and still free to be. */
static bool is_late(const Task *task) { return task->constraint == ALAP && !is_started(task) && !task->manual; }

static i64 shown_start(const Plan *plan, const Task *task) {
    return plan->placing_late && is_late(task) ? task->late_start : task->early_start;
}

static i64 shown_finish(const Plan *plan, const Task *task) {
    return plan->placing_late && is_late(task) ? task->late_finish : task->early_finish;
}

/* Forward. */

/* The latest of several lower bounds, NEVER while there is none; of equal ones the predecessor with the lowest uid counts
 * as driver. */
typedef struct { i64 start, driver, finish; } Lower;

static void raise_to(const Plan *plan, Lower *bound, i64 start, i64 driver) {
    bool wins = start > bound->start;
    if (start == bound->start)
        wins = driver == NONE || bound->driver == NONE || plan->task[driver].uid < plan->task[bound->driver].uid;
    if (wins) bound->start = start, bound->driver = driver;
}

static i64 lagged(Plan *plan, const Link *link) {
    const Task *source = &plan->task[link->source];
    bool from_finish = link->kind == FS || link->kind == FF;
    i64 instant = from_finish ? shown_finish(plan, source) : shown_start(plan, source);
    return shifted(plan, lag_calendar(plan, link), instant, link->lag);
}

static Lower inherited(const Plan *plan, const Task *task) {
    if (task->parent == NONE) return (Lower){NEVER, NONE, NEVER};
    const Task *parent = &plan->task[task->parent];
    return (Lower){parent->gate_start, parent->gate_driver, parent->gate_finish};
}

/* Children of a summary start no earlier than links into it, and its own constraint, allow. */
static bool forward_gate(Plan *plan, Task *task) {
    Lower bound = inherited(plan, task);
    for (i64 i = 0; i < task->ins; i++) {
        const Link *link = &plan->link[plan->in_links[task->first_in + i]];
        if (follows(&plan->task[link->source])) continue;
        i64 instant = lagged(plan, link);
        if (link->kind == FS || link->kind == SS) raise_to(plan, &bound, instant, link->source);
        else bound.finish = most(bound.finish, instant);
    }
    if (task->constraint == SNET || task->constraint == MSO || task->constraint == SO)
        raise_to(plan, &bound, most(plan->start, task->constraint_at), NONE);
    bool changed = bound.start != task->gate_start || bound.driver != task->gate_driver ||
                   bound.finish != task->gate_finish;
    task->gate_start = bound.start;
    task->gate_driver = bound.driver;
    task->gate_finish = bound.finish;
    return changed;
}

static bool any_active_child(const Plan *plan, const Task *task) {
    for (i64 child = task->first_child; child != NONE; child = plan->task[child].next_sibling)
        if (plan->task[child].active && plan->task[child].kind != WBS_SUMMARY) return true;
    return false;
}

static bool counts_in_span(const Task *child, bool only_active) {
    return child->kind != WBS_SUMMARY && (child->active || !only_active);
}

static bool set_early(Task *task, Dates dates, Dates logic, i64 driver) {
    bool changed = task->early_start != dates.start || task->early_finish != dates.finish ||
                   task->logic_start != logic.start || task->logic_finish != logic.finish || task->driver != driver;
    task->early_start = dates.start;
    task->early_finish = dates.finish;
    task->logic_start = logic.start;
    task->logic_finish = logic.finish;
    task->driver = driver;
    return changed;
}

/* Of children that start together a task before a summary, then the one with the lower uid. */
static bool starts_before(const Task *child, const Task *other) {
    if (child->early_start != other->early_start) return child->early_start < other->early_start;
    if (is_summary(child) != is_summary(other)) return is_summary(other);
    return child->uid < other->uid;
}

static bool forward_span(Plan *plan, Task *task) {
    i64 starts_with = NONE;
    bool only_active = any_active_child(plan, task);
    Dates dates = {INT64_MAX, NEVER};
    for (i64 row = task->first_child; row != NONE; row = plan->task[row].next_sibling) {
        const Task *child = &plan->task[row];
        if (!counts_in_span(child, only_active)) continue;
        dates.start = least(dates.start, shown_start(plan, child));
        dates.finish = most(dates.finish, shown_finish(plan, child));
        if (starts_with == NONE || starts_before(child, &plan->task[starts_with])) starts_with = row;
    }
    if (dates.finish == NEVER) dates = (Dates){plan->start, plan->start};
    if (has_manual_dates(task)) dates = manual_dates(plan, task);
    Dates logic = dates;
    if (is_started(task)) dates.start = least(dates.start, task->actual_start);
    bool changed = starts_with != task->starts_with;
    task->starts_with = starts_with;
    return set_early(task, dates, logic, NONE) || changed;
}

/* A hammock spans what it is linked to: from the first of the starts to the last of the finishes. */
static bool forward_follower(Plan *plan, Task *task) {
    Dates dates = {INT64_MAX, NEVER};
    if (task->kind == WBS_SUMMARY && task->parent != NONE)
        dates = (Dates){plan->task[task->parent].early_start, plan->task[task->parent].early_finish};
    for (i64 i = 0; i < task->ins; i++) {
        const Link *link = &plan->link[plan->in_links[task->first_in + i]];
        i64 instant = lagged(plan, link);
        if (link->kind == FS || link->kind == SS) dates.start = least(dates.start, instant);
        else dates.finish = most(dates.finish, instant);
    }
    for (i64 i = 0; i < task->outs; i++) {
        const Link *link = &plan->link[plan->out_links[task->first_out + i]];
        const Task *target = &plan->task[link->target];
        if (follows(target)) continue; /* it comes after this one */
        bool to_start = link->kind == FS || link->kind == SS;
        i64 instant = shifted(plan, lag_calendar(plan, link), to_start ? target->early_start : target->early_finish, -link->lag);
        if (link->kind == SS || link->kind == SF) dates.start = least(dates.start, instant);
        else dates.finish = most(dates.finish, instant);
    }
    if (dates.start == INT64_MAX) dates.start = plan->start;
    if (is_started(task)) dates.start = task->actual_start;
    if (is_complete(task)) dates.finish = task->actual_finish;
    if (dates.finish == NEVER) dates.finish = finish_from(plan, task, dates.start);
    dates.finish = most(dates.finish, dates.start);
    return set_early(task, dates, dates, NONE);
}

/* Where a task without links begins: with the project, or before it where a date asks for that. */
static i64 unlinked_start(Plan *plan, const Task *task) {
    if (task->constraint == SNET) return least(plan->start, task->constraint_at);
    if (task->constraint == FNET) return least(plan->start, start_from(plan, task, task->constraint_at));
    return plan->start;
}

/* Links may ask for a start before the project's; only finish-finish never does. */
static Lower lower_bound(Plan *plan, const Task *task) {
    Lower bound = inherited(plan, task);
    if (bound.finish != NEVER)
        raise_to(plan, &bound, most(plan->start, start_from(plan, task, bound.finish)), bound.driver);
    bound.finish = NEVER;
    for (i64 i = 0; i < task->ins; i++) {
        const Link *link = &plan->link[plan->in_links[task->first_in + i]];
        if (follows(&plan->task[link->source])) continue;
        i64 instant = lagged(plan, link);
        if (link->kind == SF) bound.finish = most(bound.finish, instant);
        if (link->kind == FF) instant = most(plan->start, start_from(plan, task, instant));
        if (link->kind == SF) instant = start_from(plan, task, instant);
        raise_to(plan, &bound, instant, link->source);
    }
    if (bound.start == NEVER) bound.start = unlinked_start(plan, task);
    if (plan->data_date != NEVER) raise_to(plan, &bound, plan->data_date, NONE);
    return bound;
}

/* A finish that a start-finish link or a date asks for stays at that instant, also when it is a morning's. */
static i64 finish_of(Plan *plan, const Task *task, i64 start, i64 bound) {
    i64 finish = finish_from(plan, task, start);
    if (bound > finish && next_start(plan, task->calendar, bound) == bound &&
        between(plan, task->calendar, finish, bound) == 0)
        return bound;
    return finish;
}

typedef struct { Dates dates, logic; i64 driver; } Placed;

static void constrain(Plan *plan, const Task *task, i64 kind, i64 at, Placed *placed) {
    bool finish_kind = kind == FNET || kind == FNLT || kind == MFO || kind == FO;
    bool only_earlier = kind == SNLT || kind == FNLT;
    bool only_later = kind == SNET || kind == FNET || kind == SO || kind == FO;
    i64 wanted = finish_kind ? start_from(plan, task, at) : start_after(plan, task, at);
    i64 start = placed->dates.start;
    bool later = wanted > start && !only_earlier;
    bool earlier = wanted < start && !only_later && plan->honor_constraints;
    if (!later && !earlier) return;
    placed->dates = (Dates){wanted, finish_of(plan, task, wanted, finish_kind ? at : NEVER)};
    placed->driver = NONE;
    if (later) placed->logic = placed->dates;
}

static bool is_dated(i64 constraint) { return constraint != ASAP && constraint != ALAP; }

static i64 put_off(Plan *plan, const Task *task, i64 kind, i64 at, i64 start) {
    if (kind == SNET || kind == SO) return most(start, start_after(plan, task, at));
    if (kind == FNET || kind == FO) return most(start, start_from(plan, task, at));
    return start;
}

/* Levelling delays a task from its early start: when links and dates let it begin, not from the night before. */
static i64 could_begin(Plan *plan, const Task *task, i64 start) {
    start = put_off(plan, task, task->constraint, task->constraint_at, start_after(plan, task, start));
    return put_off(plan, task, task->second_constraint, task->second_constraint_at, start);
}

/* A milestone that is to start with the project does so, also when nobody works yet. */
static bool stands_at_project_start(const Plan *plan, const Task *task, i64 start) {
    return task->duration == 0 && start == plan->start && task->own_calendar == plan->base_calendar;
}

/* Where the project is scheduled from its finish, as late as possible is the rule: such a task keeps its early dates,
 * from which its slack is counted, when all are put to their places. */
static bool stays_early(const Plan *plan, const Task *task) {
    return plan->placing_late && plan->finish != NEVER && is_late(task);
}

static bool forward_task(Plan *plan, Task *task) {
    if (stays_early(plan, task)) return false;
    if (has_manual_dates(task)) {
        Dates dates = manual_dates(plan, task);
        return set_early(task, dates, dates, NONE);
    }
    Lower bound = lower_bound(plan, task);
    if (is_started(task) || is_complete(task)) {
        Dates dates = actual_dates(plan, task);
        return set_early(task, dates, dates, bound.start == dates.start ? bound.driver : NONE);
    }
    i64 start = task->delay ? could_begin(plan, task, bound.start) + task->delay : bound.start;
    if (!stands_at_project_start(plan, task, start)) start = start_after(plan, task, start);
    Dates dates = {start, finish_of(plan, task, start, bound.finish)};
    Placed placed = {dates, dates, bound.driver};
    if (is_dated(task->constraint)) constrain(plan, task, task->constraint, task->constraint_at, &placed);
    if (is_dated(task->second_constraint))
        constrain(plan, task, task->second_constraint, task->second_constraint_at, &placed);
    return set_early(task, placed.dates, placed.logic, placed.driver);
}

static bool forward(Plan *plan, i64 node) {
    Task *task = &plan->task[row_of(node)];
    if (is_gate(node)) return forward_gate(plan, task);
    if (is_summary(task)) return forward_span(plan, task);
    return follows(task) ? forward_follower(plan, task) : forward_task(plan, task);
}

/* Backward. */

/* The earliest of several upper bounds; `start` is NEVER when there is none. */
typedef struct { i64 start, finish; } Upper;

static void lower_start(Upper *bound, i64 instant) {
    bound->start = bound->start == NEVER ? instant : least(bound->start, instant);
}

static i64 unlagged(Plan *plan, const Link *link, i64 instant) {
    return shifted(plan, lag_calendar(plan, link), instant, -link->lag);
}

/* How late an end of the predecessor may be for the successor's finish. To finish in the evening or the next morning is
 * the same to work, but not to a lag that runs at night or to a predecessor that works then: what the forward pass let
 * happen there is not too late. */
static i64 before_finish(Plan *plan, const Link *link, i64 must_finish) {
    i64 evening = unlagged(plan, link, must_finish);
    if (!plan->early_known) return evening;
    const Task *source = &plan->task[link->source], *target = &plan->task[link->target];
    i64 early = link->kind == FF ? source->early_finish : source->early_start;
    if (evening >= early) return evening;
    i64 morning = unlagged(plan, link, start_after(plan, target, must_finish));
    return early <= morning ? early : evening;
}

static void limit(Plan *plan, const Task *task, const Link *link, Upper *bound) {
    const Task *target = &plan->task[link->target];
    i64 must_start = is_summary(target) ? target->gate_must_start : target->must_start;
    i64 must_finish = is_summary(target) ? target->gate_must_finish : target->must_finish;
    if (link->kind == FS) {
        bound->finish = least(bound->finish, unlagged(plan, link, must_start));
    } else if (link->kind == FF) {
        bound->finish = least(bound->finish, before_finish(plan, link, must_finish));
    } else if (!is_started(task) && !task->manual && !is_started(target)) {
        /* A start that has happened, or that a person put there, is not held by what follows it. */
        lower_start(bound, link->kind == SS ? unlagged(plan, link, must_start) : before_finish(plan, link, must_finish));
    }
}

/* A summary starts with its first child: only that one is held by a link from the summary's start. */
static bool is_first(const Plan *plan, const Task *task, const Task *parent) {
    return !plan->early_known || task == &plan->task[parent->starts_with];
}

static Upper upper_bound(Plan *plan, const Task *task) {
    Upper bound = {NEVER, plan->late_finish};
    if (task->parent != NONE && task->active) {
        const Task *parent = &plan->task[task->parent];
        bound.finish = least(bound.finish, parent->bound_finish);
        if (parent->bound_start != NEVER && is_first(plan, task, parent)) bound.start = parent->bound_start;
    }
    bool open = true;
    for (i64 i = 0; i < task->outs; i++) {
        const Link *link = &plan->link[plan->out_links[task->first_out + i]];
        const Task *target = &plan->task[link->target];
        if (follows(target)) continue;
        open = false;
        if (!is_complete(target)) limit(plan, task, link, &bound);
    }
    if (is_summary(task)) {
        if (task->constraint == FNLT || task->constraint == MFO || task->constraint == FO)
            bound.finish = least(bound.finish, task->constraint_at);
        if (task->deadline != NEVER) bound.finish = least(bound.finish, task->deadline);
        else if (plan->float_by_project && plan->early_known && task->parent == NONE)
            bound.finish = least(bound.finish, task->early_finish);
    } else if (open && plan->open_ends_critical && plan->early_known && bound.finish == plan->late_finish) {
        bound.finish = least(bound.finish, task->early_finish);
    }
    return bound;
}

/* A link into a summary leaves room for all of its children, as a link into each would. */
static bool backward_gate(Plan *plan, Task *task) {
    i64 must_start = INT64_MAX, must_finish = INT64_MAX;
    for (i64 row = task->first_child; row != NONE; row = plan->task[row].next_sibling) {
        const Task *child = &plan->task[row];
        if (!child->active || follows(child)) continue;
        must_start = least(must_start, is_summary(child) ? child->gate_must_start : child->must_start);
        must_finish = least(must_finish, is_summary(child) ? child->gate_must_finish : child->must_finish);
    }
    if (must_start == INT64_MAX) must_start = must_finish = plan->late_finish;
    bool changed = must_start != task->gate_must_start || must_finish != task->gate_must_finish;
    task->gate_must_start = must_start;
    task->gate_must_finish = must_finish;
    return changed;
}

static i64 constrained_finish(Plan *plan, const Task *task, i64 kind, i64 at, i64 finish) {
    switch (kind) {
    case MSO: return finish_from(plan, task, start_after(plan, task, at));
    case MFO: return at;
    case SNLT:
    case SO: return least(finish, finish_from(plan, task, start_after(plan, task, at)));
    case FNLT:
    case FO: return least(finish, at);
    default: return finish;
    }
}

static i64 latest_finish(Plan *plan, const Task *task, i64 finish) {
    finish = constrained_finish(plan, task, task->constraint, task->constraint_at, finish);
    finish = constrained_finish(plan, task, task->second_constraint, task->second_constraint_at, finish);
    return task->deadline == NEVER ? finish : least(finish, task->deadline);
}

static Dates late_dates(Plan *plan, const Task *task) {
    Upper bound = task->active ? upper_bound(plan, task) : (Upper){NEVER, plan->late_finish};
    if (is_complete(task)) {
        if (plan->early_known) return (Dates){task->early_start, task->early_finish};
        return (Dates){start_from(plan, task, task->actual_finish), task->actual_finish};
    }
    i64 finish = latest_finish(plan, task, bound.finish);
    if (has_manual_dates(task)) return (Dates){subtract(plan, task->calendar, finish, task->duration), finish};
    finish = finish_before(plan, task, finish);
    i64 start = start_from(plan, task, finish);
    bool must = task->constraint == MSO || task->constraint == MFO;
    if (bound.start == NEVER || must) return (Dates){start, finish};
    i64 held = start_after(plan, task, bound.start);
    if (held >= start) return (Dates){start, finish};
    return (Dates){held, least(finish, finish_from(plan, task, held))};
}

/* The elapsed minutes for which levelling holds a task back: nothing that its predecessors may use. */
static i64 held_back(const Task *task) {
    bool fixed = task->constraint == MSO || task->constraint == MFO;
    return fixed || is_started(task) || is_complete(task) || has_manual_dates(task) ? 0 : task->delay;
}

/* What is left of started work is not asked for before it goes on. */
static i64 must_go_on(Plan *plan, const Task *task, i64 late_finish) {
    i64 start = rest_from(plan, task, late_finish);
    return plan->early_known ? most(start, rest_from(plan, task, task->early_finish)) : start;
}

static bool backward_task(Plan *plan, Task *task) {
    Dates late = late_dates(plan, task);
    i64 must_start = late.start - held_back(task), must_finish = late.finish - held_back(task);
    if (is_started(task) && !is_complete(task)) {
        must_start = must_go_on(plan, task, late.finish);
        late.start = task->actual_start;
    }
    bool changed = task->must_start != must_start || task->must_finish != must_finish ||
                   task->late_start != late.start || task->late_finish != late.finish;
    task->must_start = must_start;
    task->must_finish = must_finish;
    task->late_start = late.start;
    task->late_finish = late.finish;
    return changed;
}

static bool backward(Plan *plan, i64 node) {
    Task *task = &plan->task[row_of(node)];
    if (is_gate(node)) return backward_gate(plan, task);
    if (follows(task)) return false;
    if (!is_summary(task)) return backward_task(plan, task);
    Upper bound = upper_bound(plan, task);
    bool changed = bound.start != task->bound_start || bound.finish != task->bound_finish;
    task->bound_start = bound.start;
    task->bound_finish = bound.finish;
    return changed;
}

static bool set_late(Task *task, Dates late) {
    bool changed = task->late_start != late.start || task->late_finish != late.finish;
    task->late_start = late.start;
    task->late_finish = late.finish;
    return changed;
}

static bool settle_follower(Plan *plan, Task *task) {
    Dates late = {INT64_MAX, NEVER};
    if (task->kind == WBS_SUMMARY && task->parent != NONE)
        late = (Dates){plan->task[task->parent].late_start, plan->task[task->parent].late_finish};
    for (i64 i = 0; i < task->ins; i++) {
        const Task *source = &plan->task[plan->link[plan->in_links[task->first_in + i]].source];
        late.start = least(late.start, source->late_start);
        late.finish = most(late.finish, source->late_finish);
    }
    for (i64 i = 0; i < task->outs; i++) {
        const Task *target = &plan->task[plan->link[plan->out_links[task->first_out + i]].target];
        if (follows(target)) continue;
        late.start = least(late.start, target->late_start);
        late.finish = most(late.finish, target->late_finish);
    }
    if (late.finish == NEVER) late.finish = plan->late_finish;
    i64 start = subtract(plan, task->calendar, late.finish, between(plan, task->calendar, task->early_start, task->early_finish));
    return set_late(task, (Dates){is_complete(task) ? task->early_start : start, is_complete(task) ? task->early_finish : late.finish});
}

/* Manual tasks count in their summary with the dates they have. */
static bool settle(Plan *plan, i64 row) {
    Task *task = &plan->task[row];
    if (!is_summary(task)) return follows(task) && settle_follower(plan, task);
    bool only_active = any_active_child(plan, task);
    Dates late = {INT64_MAX, NEVER};
    for (i64 i = task->first_child; i != NONE; i = plan->task[i].next_sibling) {
        const Task *child = &plan->task[i];
        if (!counts_in_span(child, only_active)) continue;
        Dates dates = {child->late_start, child->late_finish};
        if (has_manual_dates(child)) dates = manual_dates(plan, child);
        late.start = least(late.start, dates.start);
        late.finish = most(late.finish, dates.finish);
    }
    if (late.finish == NEVER) late = (Dates){plan->late_finish, plan->late_finish};
    return set_late(task, late);
}

/* Slack. */

/* What stands where the schedule does not put tasks has none to spare: as late as possible in a project scheduled from
 * its start, as soon as possible in one scheduled from its finish. Both are critical (Microsoft). */
static bool is_against_the_rule(const Plan *plan, const Task *task) {
    if (is_summary(task) || task->manual || is_started(task)) return false;
    return task->constraint == (plan->finish == NEVER ? ALAP : ASAP);
}

/* The lesser of start and finish slack; of a task in progress the finish slack. Negative where dates conflict. */
static void total_slack(Plan *plan, i64 row) {
    Task *task = &plan->task[row];
    bool late = is_late(task) && !is_summary(task);
    task->start = late ? task->late_start : task->early_start;
    task->finish = late ? task->late_finish : task->early_finish;
    if (is_complete(task) || is_against_the_rule(plan, task)) {
        task->total_slack = 0;
        return;
    }
    i64 at_finish = between(plan, task->slack_calendar, task->logic_finish, task->late_finish);
    i64 at_start = between(plan, task->slack_calendar, task->logic_start, task->late_start);
    if (is_started(task) || plan->slack_kind == SLACK_FINISH) task->total_slack = at_finish;
    else task->total_slack = plan->slack_kind == SLACK_START ? at_start : least(at_start, at_finish);
}

/* How far a task can move before it moves another; without successors, its total slack. Never negative. */
static void free_slack(Plan *plan, i64 row) {
    Task *task = &plan->task[row];
    i64 gap = INT64_MAX;
    for (i64 i = 0; i < task->outs; i++) {
        Link *link = &plan->link[plan->out_links[task->first_out + i]];
        const Task *target = &plan->task[link->target];
        bool from_finish = link->kind == FS || link->kind == FF, to_start = link->kind == FS || link->kind == SS;
        i64 instant = from_finish ? task->early_finish : task->early_start;
        if (link->lag) instant = shifted(plan, lag_calendar(plan, link), instant, link->lag);
        i64 asked = (to_start ? target->early_start : target->early_finish) - held_back(target);
        link->slack = between(plan, task->slack_calendar, instant, asked);
        if (!is_complete(target) && !follows(target)) gap = least(gap, link->slack);
    }
    task->free_slack = is_complete(task) ? 0 : most(0, least(gap, task->total_slack));
}

const Rules microsoft_rules = {forward, backward, settle, total_slack, free_slack};
