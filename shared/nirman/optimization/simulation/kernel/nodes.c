/* How each node is computed: not at all, once, for all lanes at once, or by the engine's function lane by lane. */
#include <stdlib.h>

#include "look.h"

static bool is_undated(const Task *task) { return task->constraint == ASAP && task->second_constraint == ASAP; }

/* A summary that holds nothing back: what is below it does as it would without it. */
static bool is_plain_summary(const Task *task) {
    return task->ins == 0 && task->outs == 0 && is_undated(task) && !task->manual && task->active &&
           !is_started(task) && !is_complete(task) && task->deadline == NEVER && task->kind == TASK;
}

static bool holds_nothing(const Plan *plan, i64 row) {
    for (i64 above = plan->task[row].parent; above != NONE; above = plan->task[above].parent)
        if (!is_plain_summary(&plan->task[above])) return false;
    return true;
}

static bool varies(const Run *run, i64 row) { return run->node[row].variable != NONE; }

/* Its lag is a share of a duration that varies. */
static bool has_varying_lag(const Run *run, i64 number) {
    const Simulation *of = run->of;
    i32 of_source = run->node[of->plan->link[number].source].variable;
    if (of_source == NONE) return false;
    const Variable *variable = &of->variable[of_source];
    for (i64 i = variable->first_share; i < variable->first_share + variable->shares; i++)
        if (of->shares[i].link == number) return true;
    return false;
}

static bool is_as_usual(const Run *run, i64 row) {
    const Plan *plan = run->of->plan;
    const Task *task = &plan->task[row];
    bool dated = task->constraint == SNET, no_duration = task->duration == 0;
    if (plan->float_by_project || is_summary(task) || !task->active || task->manual || is_started(task) || is_complete(task)) return false;
    if (task->parts || task->delay || task->second_constraint != ASAP) return false;
    if ((task->constraint != ASAP && !dated) || (no_duration && (dated || varies(run, row)))) return false;
    return holds_nothing(plan, row);
}

static bool has_usual_links(const Run *run, i64 row) {
    const Plan *plan = run->of->plan;
    const Task *task = &plan->task[row];
    for (i64 i = 0; i < task->ins; i++) {
        i64 number = plan->in_links[task->first_in + i];
        const Link *link = &plan->link[number];
        if (link->kind == SF || has_varying_lag(run, number) || is_summary(&plan->task[link->source])) return false;
    }
    for (i64 i = 0; i < task->outs; i++) {
        i64 number = plan->out_links[task->first_out + i];
        const Link *link = &plan->link[number];
        const Task *target = &plan->task[link->target];
        if (link->kind == SF || has_varying_lag(run, number) || is_summary(target)) return false;
        if (link->kind == FF && (target->parts || (target->duration == 0 && varies(run, link->target)))) return false;
    }
    return true;
}

/* Rules of P6: an activity with early starts and finishes that depend on more than the latest of what links ask for
 * (finishes that are asked for, progress beside it) is the engine's. */
static bool is_usual_activity(const Run *run, i64 row) {
    const Plan *plan = run->of->plan;
    const Task *task = &plan->task[row];
    if (task->kind != TASK || task->duration == 0 || task->external_start != NEVER || task->external_finish != NEVER)
        return false;
    if (task->constraint != ASAP || task->deadline != NEVER || task->slack_calendar != task->calendar) return false;
    if (task->remaining != task->duration || (plan->use_expected_finish && task->expected_finish != NEVER)) return false;
    for (i64 i = 0; i < task->ins; i++) {
        const Link *link = &plan->link[plan->in_links[task->first_in + i]];
        const Task *source = &plan->task[link->source];
        if (follows(source)) continue;
        if (link->kind == FF || is_started(source) || is_complete(source) || source->manual) return false;
    }
    for (i64 i = 0; i < task->outs; i++) {
        const Link *link = &plan->link[plan->out_links[task->first_out + i]];
        const Task *target = &plan->task[link->target];
        if (follows(target)) continue;
        if (link->kind != FS || is_started(target) || is_complete(target) || target->manual) return false;
    }
    return true;
}

static Way way_of(const Run *run, i64 row) {
    const Plan *plan = run->of->plan;
    const Task *task = &plan->task[row];
    if (!task->exists || follows(task)) return SKIPPED;
    if (is_summary(task)) return is_plain_summary(task) && holds_nothing(plan, row) ? SKIPPED : BY_ENGINE;
    if (!task->active && holds_nothing(plan, row)) return SKIPPED;
    if (plan->rules == MICROSOFT && is_complete(task) && !task->manual && holds_nothing(plan, row)) return FIXED;
    if (!is_as_usual(run, row) || !has_usual_links(run, row)) return BY_ENGINE;
    return plan->rules == MICROSOFT || is_usual_activity(run, row) ? QUICK : BY_ENGINE;
}

static void show_to_engine(Run *run, i64 row) {
    const Plan *plan = run->of->plan;
    const Task *task = &plan->task[row];
    run->node[row].seen = true;
    for (i64 i = 0; i < task->ins; i++) run->node[plan->link[plan->in_links[task->first_in + i]].source].seen = true;
    for (i64 i = 0; i < task->outs; i++) run->node[plan->link[plan->out_links[task->first_out + i]].target].seen = true;
    for (i64 child = task->first_child; child != NONE; child = plan->task[child].next_sibling) run->node[child].seen = true;
    if (task->parent != NONE) run->node[task->parent].seen = true;
}

/* A lag of nothing runs anywhere, but for starts by the rules of P6 (lag_all). */
static Tie tie_to(const Run *run, i64 row, i32 other, const Link *link) {
    const Node *node = &run->node[row], *at_end = &run->node[other];
    Tie tie = {other, link->lag, link->kind, (i32)lag_calendar(&run->lane[0].plan, link), false, false};
    bool anywhere = link->lag == 0 && (run->of->plan->rules == MICROSOFT || link->kind != SS);
    tie.inside = anywhere || (tie.calendar == node->calendar && has_grid(run, tie.calendar));
    tie.known = tie.inside && node->inside && at_end->inside && node->calendar == at_end->calendar;
    return tie;
}

static i32 tie_ins(Run *run, i64 row, i32 ties) {
    const Plan *plan = run->of->plan;
    const Task *task = &plan->task[row];
    for (i64 i = 0; i < task->ins; i++) {
        const Link *link = &plan->link[plan->in_links[task->first_in + i]];
        if (!follows(&plan->task[link->source])) run->tie[ties++] = tie_to(run, row, link->source, link);
    }
    return ties;
}

/* Those that limit how late the row may be. */
static i32 tie_outs(Run *run, i64 row, i32 ties) {
    const Plan *plan = run->of->plan;
    const Task *task = &plan->task[row];
    run->node[row].open = true;
    for (i64 i = 0; i < task->outs; i++) {
        const Link *link = &plan->link[plan->out_links[task->first_out + i]];
        const Task *target = &plan->task[link->target];
        if (follows(target)) continue;
        run->node[row].open = false;
        if (is_complete(target) || (link->kind == SS && is_started(target))) continue;
        run->tie[ties++] = tie_to(run, row, link->target, link);
    }
    return ties;
}

/* No start before: without links the project's, or the date of a constraint. */
static i32 own_bound(const Plan *plan, const Task *task, bool linked) {
    if (plan->rules == PRIMAVERA) return (i32)(plan->data_date == NEVER ? plan->start : most(plan->start, plan->data_date));
    i64 from = task->constraint == SNET ? task->constraint_at : linked ? NEVER : plan->start;
    return (i32)(plan->data_date == NEVER ? from : most(from, plan->data_date));
}

/* Instants that somebody asks for: the engine, the caller, links to and from other working time; of late finishes those
 * that a finish is held by (inside.c). */
static void find_what_matters(Run *run, i64 row) {
    Node *node = &run->node[row];
    node->start_matters |= node->seen || run->of->each_start != NULL;
    node->late_start_matters |= node->seen;
    node->late_finish_matters |= node->seen;
    for (i32 i = node->first_in; i < node->first_out; i++) {
        const Tie *tie = &run->tie[i];
        if (!tie->known) run->node[tie->row].start_matters |= tie->kind == SS;
    }
    for (i32 i = node->first_out; i < node->first_out + node->outs; i++) {
        const Tie *tie = &run->tie[i];
        if (!tie->known) run->node[tie->row].late_start_matters = true;
        if (tie->kind == FF) run->node[tie->row].late_finish_matters = true;
    }
}

/* Work until an instant of all lanes. */
static bool find_work(Run *run, i32 calendar, i32 instant, i32 *work) {
    i32 at[LANES], until[LANES];
    EACH_LANE at[lane] = instant;
    if (!look_at_work(run, calendar, at, until)) return false;
    *work = until[0];
    return true;
}

/* Without a bound of its own it may begin any time; links to finishes never ask for a start before the project's. */
static bool go_inside(Run *run, i64 row) {
    Node *node = &run->node[row];
    if (!node->inside) return true;
    run->grid[node->calendar].asked = true;
    node->from_work = INT32_MIN / 2;
    if (node->from != NEVER && !find_work(run, node->calendar, node->from, &node->from_work)) return false;
    for (i32 i = node->first_in; i < node->first_in + node->ins; i++) {
        i32 work;
        if (run->tie[i].kind != FF) continue;
        if (!find_work(run, node->calendar, (i32)run->of->plan->start, &work)) return false;
        node->from_work = (i32)most(node->from_work, work);
    }
    return node->deadline == NEVER || find_work(run, node->calendar, node->deadline, &node->deadline_work);
}

static void find_calendar(Run *run, i64 row) {
    const Task *task = &run->of->plan->task[row], *in_lane = &run->lane[0].plan.task[row];
    Node *node = &run->node[row];
    node->zero = task->duration == 0;
    node->deadline = task->deadline;
    node->calendar = in_lane->calendar;
    node->slack_calendar = in_lane->slack_calendar;
    node->inside = !node->zero && node->slack_calendar == node->calendar && has_grid(run, node->calendar);
}

static i32 describe(Run *run, i64 row, i32 ties) {
    const Task *task = &run->of->plan->task[row];
    Node *node = &run->node[row];
    node->first_in = ties;
    node->first_out = tie_ins(run, row, ties);
    node->ins = node->first_out - ties;
    ties = tie_outs(run, row, node->first_out);
    node->outs = ties - node->first_out;
    node->from = own_bound(run->of->plan, task, node->ins > 0);
    return ties;
}

bool plan_nodes(Run *run) {
    const Plan *plan = run->of->plan;
    run->node = calloc((size_t)plan->rows + 1, sizeof(Node));
    run->tie = malloc((size_t)(2 * plan->links + 1) * sizeof(Tie));
    if (run->node == NULL || run->tie == NULL) return false;
    for (i64 row = 0; row < plan->rows; row++) run->node[row].variable = NONE;
    for (i64 i = 0; i < run->of->variables; i++) run->node[run->of->variable[i].row].variable = (i32)i;
    i32 ties = 0;
    run->of->nodes = run->of->quick = 0;
    for (i64 row = 0; row < plan->rows; row++) {
        Way way = run->node[row].way = way_of(run, row);
        if (way == BY_ENGINE) show_to_engine(run, row);
        if (way == QUICK) find_calendar(run, row);
        run->of->nodes += way != SKIPPED;
        run->of->quick += way == QUICK || way == FIXED;
    }
    for (i64 row = 0; row < plan->rows; row++) {
        if (run->node[row].way != QUICK) continue;
        ties = describe(run, row, ties);
        find_what_matters(run, row);
        if (!go_inside(run, row)) break; /* more of a calendar is needed: `failure` says so */
    }
    return true;
}
