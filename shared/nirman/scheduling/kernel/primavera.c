/* The rules of Primavera P6; docs/scheduling-primavera.md says where each was taken from. Here the early dates: what
 * each link asks for, what constraints do to that, and what has happened. */
#include "primavera.h"

/* A start that is asked for; `finish` where that very finish is asked for, a morning's too, else NEVER. */
typedef struct { i64 start, finish; } Lower;

/* A finished predecessor stands at the data date; what counts of its lag is what has not run since it finished. */
static i64 after_finish(Plan *plan, const Link *link, const Task *source, const Task *target) {
    if (!is_complete(source)) return delayed(plan, link, source->early_finish, link->lag);
    if (is_complete(target)) return source->early_finish;
    return delayed(plan, link, source->early_finish, unspent_lag(plan, link, source->actual_finish));
}

static i64 after_finished_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    if (is_complete(target) || (is_started(target) && link->lag <= 0)) return source->early_start;
    i64 start = delayed(plan, link, source->actual_start, link->lag), now = data_date(plan);
    return start > now || (start == now && link->lag >= 0) ? start : source->early_start;
}

/* The lag has run as long as the predecessor has worked; a milestone that was reached holds nothing back. */
static i64 after_running_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    if (plan->lag_from_actual_start && !is_complete(target))
        return most(data_date(plan), delayed(plan, link, source->actual_start, link->lag));
    i64 spent = actual_minutes(plan, source);
    if (is_complete(target) || (spent == 0 && !is_started(target))) return source->early_start;
    return delayed(plan, link, source->early_start, most(0, link->lag - spent));
}

static i64 after_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    if (is_complete(source)) return after_finished_start(plan, link, source, target);
    if (is_started(source)) return after_running_start(plan, link, source, target);
    if (link->lag == 0 && !is_started(target)) return next_start(plan, lag_calendar(plan, link), source->early_start);
    return delayed(plan, link, source->early_start, link->lag);
}

/* The lag of a finished predecessor runs from its actual finish. For a successor that has not started it does so only
 * if it is longer than the predecessor took; else it runs twice from the data date. MPXJ found it so in P6's files. */
static i64 lagged_finish(Plan *plan, const Link *link, const Task *source, const Task *target) {
    if (!is_complete(source)) return delayed(plan, link, source->early_finish, link->lag);
    bool twice = !is_started(target) && link->lag && link->lag <= actual_minutes(plan, source);
    if (!twice) return delayed(plan, link, source->actual_finish, link->lag);
    return delayed(plan, link, delayed(plan, link, source->early_finish, link->lag), link->lag);
}

/* A finish that is asked for while the successor does not work is shown when it does again: so nothing ends too early. */
static Lower finish_after_finish(Plan *plan, const Link *link, const Task *source, const Task *target) {
    if (is_complete(source) && is_complete(target)) return (Lower){source->early_finish, NEVER};
    i64 finish = lagged_finish(plan, link, source, target);
    Lower asked = {start_from(plan, target, finish, LEFT), NEVER};
    bool planned = !is_started(source) && !is_started(target) && link->lag <= 0, idle = !works_at(plan, target, finish);
    if (planned && (link->lag < 0 || !idle)) asked.finish = finish;
    else if (planned || (idle && !is_complete(source) && target->parts == 0)) asked.finish = start_after(plan, target, finish);
    return asked;
}

/* The successor's duration is taken off before the lag is added. */
static Lower unstarted_after_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    i64 now = data_date(plan);
    i64 start = delayed(plan, link, start_from(plan, target, source->early_start, WHOLE), link->lag);
    if (is_running(source)) return (Lower){least(start, now), NEVER};
    bool exact = !is_started(source) && link->lag && start > now;
    return (Lower){start, exact ? delayed(plan, link, source->early_start, link->lag) : NEVER};
}

static i64 running_after_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    i64 lag = is_started(source) ? unspent_lag(plan, link, source->actual_start) : most(0, link->lag);
    if (lag == 0) return is_started(source) ? source->early_start : rest_start(plan, target);
    return start_from(plan, target, delayed(plan, link, source->early_start, lag), LEFT);
}

static i64 finished_after_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    if (link->lag == 0) return source->early_start;
    if (is_running(source)) return start_after(plan, target, data_date(plan));
    i64 finish = delayed(plan, link, source->early_start, link->lag);
    return is_complete(source) ? least(finish, data_date(plan)) : finish;
}

static Lower finish_after_start(Plan *plan, const Link *link, const Task *source, const Task *target) {
    if (!is_started(target)) return unstarted_after_start(plan, link, source, target);
    if (is_complete(target)) return (Lower){finished_after_start(plan, link, source, target), NEVER};
    return (Lower){running_after_start(plan, link, source, target), NEVER};
}

static Lower asked_by(Plan *plan, const Link *link, const Task *target) {
    const Task *source = &plan->task[link->source];
    switch (link->kind) {
    case FS: return (Lower){after_finish(plan, link, source, target), NEVER};
    case SS: return (Lower){after_start(plan, link, source, target), NEVER};
    case FF: return finish_after_finish(plan, link, source, target);
    default: return finish_after_start(plan, link, source, target);
    }
}

bool holds(const Plan *plan, const Link *link, const Task *target) {
    const Task *source = &plan->task[link->source];
    if (follows(source)) return false;
    if (!is_started(target) || plan->progress_logic == RETAINED_LOGIC) return true;
    return plan->progress_logic == ACTUAL_DATES && is_started(source);
}

/* The latest of what links ask for, and the link that asks for it: of several the one with the lowest uid. */
typedef struct { Lower bound; const Link *link; } Driving;

static Driving latest_asked(Plan *plan, const Task *task) {
    Driving driving = {{first_instant(plan), NEVER}, NULL};
    i64 latest = NEVER;
    for (i64 i = 0; i < task->ins; i++) {
        const Link *link = &plan->link[plan->in_links[task->first_in + i]];
        if (!holds(plan, link, task)) continue;
        Lower asked = asked_by(plan, link, task);
        i64 start = is_complete(task) ? asked.start : start_after(plan, task, asked.start);
        if (start < latest || (start == latest && driving.link->uid < link->uid)) continue;
        latest = start;
        driving = (Driving){asked, link};
    }
    return driving;
}

/* Links into a summary, which P6 does not have, hold its children back. */
static void hold_by_summary(Plan *plan, const Task *task, Lower *bound) {
    if (task->parent == NONE) return;
    const Task *parent = &plan->task[task->parent];
    i64 start = parent->gate_start;
    if (parent->gate_finish != NEVER) start = most(start, start_from(plan, task, parent->gate_finish, WHOLE));
    if (start > bound->start) *bound = (Lower){start, NEVER};
}

/* A date without a time of day takes that of the start which it puts off, where that is working time. */
static i64 dated_start(Plan *plan, const Task *task, i64 at, i64 start, bool linked) {
    i64 of_day = start - start / 1440 * 1440;
    if (!linked || at % 1440 || of_day == 0) return at;
    i64 same_time = at + of_day;
    return start_after(plan, task, same_time) < at + 1440 ? same_time : at;
}

static bool starts_no_earlier(i64 kind) { return kind == SNET || kind == SO; }
static bool finishes_no_earlier(i64 kind) { return kind == FNET || kind == FO; }

/* Constraints that put a start off; mandatory ones put it where they say, whatever links ask for. */
static Lower constrained(Plan *plan, const Task *task, i64 kind, i64 at, Lower bound, bool linked) {
    if (kind == MSO) return (Lower){at, NEVER};
    if (kind == MFO) return (Lower){start_from(plan, task, at, WHOLE), at};
    if (starts_no_earlier(kind) && at > bound.start)
        return (Lower){kind == SO ? at : dated_start(plan, task, at, bound.start, linked), NEVER};
    if (!finishes_no_earlier(kind)) return bound;
    i64 start = start_from(plan, task, at, WHOLE);
    if (start <= bound.start) return bound;
    if (kind == FO) return (Lower){start, task->kind == FINISH_MILESTONE ? start : finish_before(plan, task, at)};
    if (linked) return (Lower){start, NEVER};
    return (Lower){start, works_at(plan, task, at) ? at : start_after(plan, task, at)};
}

typedef struct { i64 start, finish, driver; } Early;

/* A finish milestone may stand in the evening. */
static i64 workable_start(Plan *plan, const Task *task, i64 instant) {
    bool stays = task->kind == FINISH_MILESTONE && finish_before(plan, task, instant) == instant;
    return stays ? instant : start_after(plan, task, instant);
}

static Early unstarted(Plan *plan, const Task *task) {
    Driving driving = latest_asked(plan, task);
    Lower bound = driving.bound;
    if (bound.start < first_instant(plan)) bound = (Lower){first_instant(plan), NEVER};
    hold_by_summary(plan, task, &bound);
    bool linked = driving.link != NULL;
    Lower placed = constrained(plan, task, task->constraint, task->constraint_at, bound, linked);
    placed = constrained(plan, task, task->second_constraint, task->second_constraint_at, placed, linked);
    if (task->delay) placed = (Lower){placed.start + task->delay, NEVER};
    i64 start = workable_start(plan, task, placed.start), finish = placed.finish;
    if (task->external_start != NEVER && task->external_start > start) {
        start = workable_start(plan, task, task->external_start);
        finish = NEVER;
    }
    if (task->kind == START_MILESTONE) finish = start;
    if (finish == NEVER) finish = finish_from(plan, task, start, WHOLE);
    bool driven = linked && start == workable_start(plan, task, driving.bound.start);
    return (Early){start, finish, driven ? driving.link->source : NONE};
}

static Early running(Plan *plan, const Task *task) {
    Driving driving = latest_asked(plan, task);
    i64 rest = rest_start(plan, task), start = rest;
    if (driving.link != NULL) start = most(start, start_after(plan, task, driving.bound.start));
    if (task->external_start != NEVER) start = most(start, task->external_start);
    bool driven = driving.link != NULL && start_after(plan, task, driving.bound.start) == start;
    i64 finish = finish_from(plan, task, start, LEFT);
    if (driven) finish = most(finish, driving.bound.finish);
    return (Early){start, finish, driven ? driving.link->source : NONE};
}

/* What is finished stands at the data date, or later where it was done out of sequence: so it holds back others. */
static Early finished(Plan *plan, const Task *task) {
    Driving driving = latest_asked(plan, task);
    i64 at = driving.link == NULL ? data_date(plan) : most(driving.bound.start, first_instant(plan));
    return (Early){at, at, driving.link == NULL ? NONE : driving.link->source};
}

static bool has_link_to_finish(const Plan *plan, const Task *task) {
    for (i64 i = 0; i < task->ins; i++) {
        i64 kind = plan->link[plan->in_links[task->first_in + i]].kind;
        if (kind == FF || kind == SF) return true;
    }
    return false;
}

/* The finish that is expected decides what remains, unless links or the data date make it impossible. */
static bool expects(Plan *plan, const Task *task, Early early) {
    i64 expected = task->expected_finish;
    return plan->use_expected_finish && expected != NEVER && !is_complete(task) && task->constraint != ALAP &&
           expected >= most(early.start, data_date(plan)) && !has_link_to_finish(plan, task) &&
           between(plan, task->slack_calendar, early.finish, expected) != 0;
}

static bool forward_activity(Plan *plan, Task *task) {
    Early before = {task->early_start, task->early_finish, task->driver};
    task->early_finish = NEVER; /* so that an expected finish of before does not count */
    Early early = is_complete(task) ? finished(plan, task)
                  : is_started(task) ? running(plan, task) : unstarted(plan, task);
    if (expects(plan, task, early)) early.finish = task->expected_finish;
    task->early_start = task->logic_start = early.start;
    task->early_finish = task->logic_finish = early.finish;
    task->driver = early.driver;
    return early.start != before.start || early.finish != before.finish || early.driver != before.driver;
}

static bool forward(Plan *plan, i64 node) {
    Task *task = &plan->task[row_of(node)];
    if (is_gate(node) || task->manual) return microsoft_rules.forward(plan, node);
    if (is_summary(task)) return forward_span(plan, task);
    return follows(task) || forward_activity(plan, task); /* those that follow are settled last */
}

static bool backward(Plan *plan, i64 node) {
    Task *task = &plan->task[row_of(node)];
    if (follows(task)) return false;
    if (is_gate(node) || is_summary(task) || task->manual) return microsoft_rules.backward(plan, node);
    return backward_activity(plan, task);
}

/* Floats. */

static void total_slack(Plan *plan, i64 row) {
    Task *task = &plan->task[row];
    i64 calendar = task->slack_calendar;
    bool only_follows = is_summary(task) || follows(task);
    bool begun = is_started(task) || (only_follows && has_begun(plan, task));
    if (!only_follows) {
        task->start = is_started(task) ? task->actual_start : task->early_start;
        task->finish = is_complete(task) ? task->actual_finish : task->early_finish;
    }
    i64 at_start = between(plan, calendar, task->early_start, task->late_start);
    i64 at_finish = between(plan, calendar, task->early_finish, task->late_finish);
    if (is_complete(task) || (only_follows && has_ended(task))) task->total_slack = 0;
    else if (plan->slack_kind == SLACK_START) task->total_slack = at_start;
    else if (plan->slack_kind == SLACK_FINISH || begun) task->total_slack = at_finish;
    else task->total_slack = least(at_start, at_finish);
}

static i64 link_slack(Plan *plan, const Link *link, const Task *source) {
    const Task *target = &plan->task[link->target];
    bool from_finish = link->kind == FS || link->kind == FF, to_start = link->kind == FS || link->kind == SS;
    i64 lag = link->lag;
    if (link->kind == SS && lag) lag = most(0, lag - actual_minutes(plan, source));
    i64 instant = delayed(plan, link, from_finish ? source->early_finish : source->early_start, lag);
    return between(plan, source->slack_calendar, instant, to_start ? target->early_start : target->early_finish);
}

static i64 slack_of_open_end(Plan *plan, const Task *task) {
    if (task->constraint == MSO || task->constraint == MFO) return 0;
    return between(plan, task->slack_calendar, task->early_finish, plan->last_early_finish);
}

static void free_slack(Plan *plan, i64 row) {
    Task *task = &plan->task[row];
    i64 gap = INT64_MAX;
    for (i64 i = 0; i < task->outs; i++) {
        Link *link = &plan->link[plan->out_links[task->first_out + i]];
        const Task *target = &plan->task[link->target];
        link->slack = link_slack(plan, link, task);
        if (target->kind != LEVEL_OF_EFFORT && holds_back(plan, link)) gap = least(gap, link->slack);
    }
    bool none = is_complete(task) || task->expected_finish != NEVER || is_summary(task) ||
                task->kind == LEVEL_OF_EFFORT || task->constraint == MFO;
    if (gap == INT64_MAX) gap = none ? 0 : slack_of_open_end(plan, task);
    task->free_slack = none ? 0 : most(0, gap);
}

const Rules primavera_rules = {forward, backward, settle_follower, total_slack, free_slack};
