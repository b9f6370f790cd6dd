/* What only follows others by the rules of Primavera P6: spans of summaries (WBS), level of effort activities and WBS
 * summary activities. All of them are settled when everything else has its dates. */
#include "primavera.h"

typedef struct { i64 start, finish; } Dates;

static const Dates NOTHING = {INT64_MAX, NEVER};

static void widen(Dates *dates, i64 start, i64 finish) {
    dates->start = least(dates->start, start);
    dates->finish = most(dates->finish, finish);
}

static Dates or_else(Dates dates, Dates other) { return dates.finish == NEVER ? other : dates; }

/* Of a level of effort, logic dates are when it began and ended, as far as that has happened. Of a span they are the
 * early dates of what is not finished, or NEVER; and `must` dates are the same with level of effort in it. */
bool has_ended(const Task *task) {
    return task->kind == LEVEL_OF_EFFORT ? task->logic_finish != NEVER : task->must_finish == NEVER;
}

bool has_begun(const Plan *plan, const Task *task) {
    return task->kind == LEVEL_OF_EFFORT ? task->logic_start != NEVER : task->start < data_date(plan);
}

bool forward_span(Plan *plan, Task *task) {
    i64 before[] = {task->early_start, task->early_finish, task->logic_start, task->logic_finish};
    Dates early = NOTHING, unfinished = NOTHING;
    for (i64 row = task->first_child; row != NONE; row = plan->task[row].next_sibling) {
        const Task *child = &plan->task[row];
        if (follows(child) || !child->active) continue;
        widen(&early, child->early_start, child->early_finish);
        if (!is_complete(child) && child->logic_finish != NEVER)
            widen(&unfinished, is_summary(child) ? child->logic_start : child->early_start,
                  is_summary(child) ? child->logic_finish : child->early_finish);
    }
    early = or_else(early, (Dates){first_instant(plan), first_instant(plan)});
    task->early_start = early.start;
    task->early_finish = early.finish;
    task->logic_start = unfinished.finish == NEVER ? NEVER : unfinished.start;
    task->logic_finish = unfinished.finish;
    task->driver = NONE;
    return before[0] != early.start || before[1] != early.finish || before[2] != task->logic_start ||
           before[3] != task->logic_finish;
}

static bool is_activity(const Task *task) { return !is_summary(task) && !follows(task); }

static Dates shown(const Task *task) {
    if (!is_activity(task)) return (Dates){task->start, task->finish};
    return (Dates){is_started(task) ? task->actual_start : task->early_start,
                   is_complete(task) ? task->actual_finish : task->early_finish};
}

static void settle_span(Plan *plan, Task *task) {
    Dates dates = NOTHING, late = NOTHING, all_late = NOTHING, unfinished = NOTHING;
    if (task->logic_finish != NEVER) widen(&unfinished, task->logic_start, task->logic_finish);
    for (i64 row = task->first_child; row != NONE; row = plan->task[row].next_sibling) {
        const Task *child = &plan->task[row];
        if (child->kind == WBS_SUMMARY || !child->active) continue;
        widen(&dates, shown(child).start, shown(child).finish);
        widen(&all_late, child->late_start, child->late_finish);
        if (is_complete(child) || (!is_activity(child) && has_ended(child))) continue;
        widen(&late, child->late_start, child->late_finish);
        if (is_summary(child)) widen(&unfinished, child->must_start, child->must_finish);
        else widen(&unfinished, child->early_start, child->early_finish);
    }
    dates = or_else(dates, (Dates){task->early_start, task->early_finish});
    late = or_else(or_else(late, all_late), (Dates){plan->late_finish, plan->late_finish});
    task->start = dates.start;
    task->finish = dates.finish;
    task->late_start = late.start;
    task->late_finish = late.finish;
    task->must_start = unfinished.finish == NEVER ? NEVER : unfinished.start;
    task->must_finish = unfinished.finish;
}

/* A WBS summary activity shows what its summary does; its early dates are those of what is not finished. */
static void settle_wbs_summary(const Plan *plan, Task *task) {
    if (task->parent == NONE) {
        task->driver = NONE;
        task->start = task->early_start = task->late_start = first_instant(plan);
        task->finish = task->early_finish = task->late_finish = first_instant(plan);
        task->must_start = task->must_finish = NEVER;
        return;
    }
    const Task *parent = &plan->task[task->parent];
    bool ended = has_ended(parent);
    task->driver = NONE;
    task->start = parent->start;
    task->finish = parent->finish;
    task->early_start = ended ? parent->early_start : parent->must_start;
    task->early_finish = ended ? parent->early_finish : parent->must_finish;
    task->late_start = parent->late_start;
    task->late_finish = parent->late_finish;
    task->must_start = parent->must_start;
    task->must_finish = parent->must_finish;
}

/* Level of effort. */

/* An end that links ask for; `actual`: it has happened. `link` asks for it, of several the one with the lowest uid. */
typedef struct { i64 at; const Link *link; bool actual; } End;

typedef struct { End start, finish, late_start, late_finish; } Ends;

static void take(End *end, bool wins, i64 at, bool actual, const Link *link) {
    if (end->link != NULL && at == end->at) {
        end->actual |= actual;
        if (link->uid < end->link->uid) end->link = link;
    } else if (end->link == NULL || wins) {
        *end = (End){at, link, actual};
    }
}

static void earliest(End *end, i64 at, bool actual, const Link *link) { take(end, at < end->at, at, actual, link); }
static void latest(End *end, i64 at, bool actual, const Link *link) { take(end, at > end->at, at, actual, link); }

static i64 began(const Task *task) { return follows(task) ? task->logic_start : task->actual_start; }
static i64 ended(const Task *task) { return follows(task) ? task->logic_finish : task->actual_finish; }

static i64 evening(Plan *plan, const Task *task, i64 instant) {
    return previous_finish(plan, task->own_calendar, instant);
}

static void start_by_predecessor(Plan *plan, const Task *task, const Link *link, Ends *ends) {
    const Task *source = &plan->task[link->source];
    i64 actual = link->kind == SS ? began(source) : ended(source);
    bool happened = actual != NEVER;
    i64 early = happened ? actual : link->kind == SS ? source->early_start : source->early_finish;
    i64 late = link->kind == SS ? source->late_start : source->late_finish;
    if (link->kind == FS && happened) late = source->kind == START_MILESTONE ? source->late_start : actual;
    early = delayed(plan, link, early, link->lag);
    if (link->kind == SS && happened && ended(source) == NEVER && works_at(plan, task, early))
        early = start_after(plan, task, early);
    earliest(&ends->start, early, happened, link);
    earliest(&ends->late_start, delayed(plan, link, late, link->lag), happened && link->kind == FS, link);
}

static void finish_by_predecessor(Plan *plan, const Task *task, const Link *link, Ends *ends) {
    const Task *source = &plan->task[link->source];
    i64 actual = link->kind == SF ? began(source) : ended(source);
    bool happened = actual != NEVER;
    i64 early = happened ? actual : link->kind == SF ? source->early_start : source->early_finish;
    i64 late = happened ? actual : link->kind == SF ? source->late_start : source->late_finish;
    early = delayed(plan, link, early, link->lag);
    late = delayed(plan, link, late, link->lag);
    if (!happened || link->kind == SF) early = evening(plan, task, early), late = evening(plan, task, late);
    latest(&ends->finish, early, happened, link);
    latest(&ends->late_finish, late, happened, link);
}

static void by_successor(Plan *plan, const Task *task, const Link *link, Ends *ends) {
    const Task *target = &plan->task[link->target];
    bool to_start = link->kind == FS || link->kind == SS;
    i64 actual = to_start ? began(target) : ended(target);
    bool happened = actual != NEVER;
    i64 early = happened ? actual : to_start ? target->early_start : target->early_finish;
    i64 late = happened ? actual : to_start ? target->late_start : target->late_finish;
    early = advanced(plan, link, early, link->lag);
    late = advanced(plan, link, late, link->lag);
    if (link->kind == SS || link->kind == SF) {
        earliest(&ends->start, early, happened, link);
        earliest(&ends->late_start, late, happened, link);
        return;
    }
    if (!happened || (link->kind == FS && works_at(plan, task, early)))
        early = evening(plan, task, early), late = evening(plan, task, late);
    latest(&ends->finish, early, happened, link);
    latest(&ends->late_finish, late, happened, link);
}

static Ends linked_ends(Plan *plan, const Task *task) {
    Ends ends = {0};
    for (i64 i = 0; i < task->ins; i++) {
        const Link *link = &plan->link[plan->in_links[task->first_in + i]];
        if (link->kind == FS || link->kind == SS) start_by_predecessor(plan, task, link, &ends);
        else finish_by_predecessor(plan, task, link, &ends);
    }
    for (i64 i = 0; i < task->outs; i++) {
        const Link *link = &plan->link[plan->out_links[task->first_out + i]];
        if (!follows(&plan->task[link->target])) by_successor(plan, task, link, &ends); /* else it follows this one */
    }
    if (ends.start.link == NULL) ends.start.at = start_after(plan, task, data_date(plan));
    if (ends.finish.link == NULL) ends.finish = ends.start;
    if (ends.late_finish.link == NULL) ends.late_finish.at = last_instant(plan);
    if (ends.late_start.link == NULL) ends.late_start = ends.late_finish;
    return ends;
}

/* Ends that the data date has overtaken have happened; what is not done goes on from there. */
static void settle_level_of_effort(Plan *plan, i64 row) {
    Task *task = &plan->task[row];
    Ends ends = linked_ends(plan, task);
    i64 calendar = task->own_calendar, now = data_date(plan);
    End start = ends.start, finish = ends.finish;
    bool overtaken = start.at < now && !start.actual;
    if (start.at < now) start.at = start.actual ? now : start_after(plan, task, now);
    if (!finish.actual) finish.at = most(most(finish.at, now), start.at);
    task->early_start = next_start(plan, calendar, start.at);
    task->early_finish = start.at == finish.at ? task->early_start : finish.at;
    task->start = start.actual || overtaken ? ends.start.at : task->early_start;
    task->finish = most(task->start, finish.actual ? finish.at : task->early_finish);
    bool began_by_now = overtaken || (start.actual && between(plan, calendar, now, task->start) <= 0);
    bool ended_by_now = (finish.actual || ends.late_finish.actual) && between(plan, calendar, now, task->finish) <= 0;
    task->driver = start.link != NULL && start.link->source != row ? start.link->source : NONE;
    task->logic_start = began_by_now || ended_by_now ? task->start : NEVER;
    task->logic_finish = ended_by_now ? task->finish : NEVER;
    task->late_finish = ends.late_finish.at;
    task->late_start = least(ends.late_start.at, task->late_finish);
    if (task->late_start < task->late_finish) task->late_start = next_start(plan, calendar, task->late_start);
}

static void keep_actual_dates(Task *task) {
    task->driver = NONE;
    task->start = task->early_start = task->late_start = task->logic_start = task->actual_start;
    task->finish = task->early_finish = task->late_finish = task->logic_finish = task->actual_finish;
}

bool settle_follower(Plan *plan, i64 row) {
    Task *task = &plan->task[row], before = *task;
    if (is_summary(task)) settle_span(plan, task);
    else if (task->kind == WBS_SUMMARY) settle_wbs_summary(plan, task);
    else if (is_complete(task) && is_started(task)) keep_actual_dates(task);
    else settle_level_of_effort(plan, row);
    return before.start != task->start || before.finish != task->finish || before.early_start != task->early_start ||
           before.early_finish != task->early_finish || before.late_start != task->late_start ||
           before.late_finish != task->late_finish || before.logic_start != task->logic_start ||
           before.logic_finish != task->logic_finish || before.must_start != task->must_start ||
           before.must_finish != task->must_finish;
}
