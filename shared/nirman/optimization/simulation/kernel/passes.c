/* The way forward and the way back over all nodes, for all lanes. */
#include "look.h"

static bool is_leaf_at_work(const Task *task) {
    return task->exists && task->active && !is_summary(task) && !follows(task);
}

static bool failed(Run *run, int lane, i64 row) {
    const Plan *plan = &run->lane[lane].plan;
    const Task *task = &plan->task[row];
    if (plan->failure != FINE) {
        i64 calendar = plan->failed_calendar, calendars = run->of->plan->calendars;
        return !fail(run, plan->failure, row, calendar < calendars ? calendar : run->dry[calendar - calendars]);
    }
    if (task->early_start >= FIRST_INSTANT && task->early_finish < LAST_INSTANT) return false;
    return !fail(run, OUT_OF_TIME, row, 0);
}

static bool engine_forward(Run *run, i64 node) {
    i64 row = row_of(node);
    EACH_LANE {
        Plan *plan = &run->lane[lane].plan;
        run->rules->forward(plan, node);
        if (failed(run, lane, row)) return false;
        run->early_start[row * LANES + lane] = plan->task[row].early_start;
        run->early_finish[row * LANES + lane] = plan->task[row].early_finish;
    }
    return true;
}

/* By the rules of P6 predecessors keep to late dates, by Microsoft's to when the remaining work must be. */
static bool engine_backward(Run *run, i64 node) {
    i64 row = row_of(node);
    bool primavera = run->of->plan->rules == PRIMAVERA;
    EACH_LANE {
        Plan *plan = &run->lane[lane].plan;
        Task *task = &plan->task[row];
        run->rules->backward(plan, node);
        if (!is_gate(node) && !is_summary(task)) {
            run->rules->total_slack(plan, row);
            run->late_start[row * LANES + lane] = primavera ? task->late_start : task->must_start;
            run->late_finish[row * LANES + lane] = primavera ? task->late_finish : task->must_finish;
            run->slack[row * LANES + lane] = task->total_slack;
        }
        if (failed(run, lane, row)) return false;
    }
    return true;
}

static void take_last_finish(Run *run) {
    const Plan *plan = run->of->plan;
    i32 last[LANES];
    EACH_LANE last[lane] = NEVER;
    for (i64 row = 0; row < plan->rows; row++) {
        if (!is_leaf_at_work(&plan->task[row])) continue;
        const i32 *finish = run->early_finish + row * LANES;
        EACH_LANE last[lane] = finish[lane] > last[lane] ? finish[lane] : last[lane];
    }
    EACH_LANE run->project_finish[lane] = last[lane] == NEVER ? (i32)plan->start : last[lane];
}

bool pass_forward(Run *run) {
    const Plan *plan = run->of->plan;
    EACH_LANE {
        Plan *own = &run->lane[lane].plan;
        own->failure = FINE;
        own->early_known = 1;
        own->placing_late = 0;
        own->late_finish = own->last_early_finish = 0;
    }
    for (i64 at = 0; at < 2 * plan->rows && plan->order[at] != NONE; at++) {
        i64 node = plan->order[at], row = row_of(node);
        Way way = run->node[row].way;
        if (way == QUICK && !quick_forward(run, row)) return false;
        if (way == BY_ENGINE && !engine_forward(run, node)) return false;
    }
    take_last_finish(run);
    return true;
}

/* Where late dates are counted from; what holds nothing passes it on to what is below. */
static bool turn(Run *run, i32 late[LANES]) {
    const Plan *plan = run->of->plan;
    EACH_LANE {
        Plan *own = &run->lane[lane].plan;
        own->last_early_finish = run->project_finish[lane];
        late[lane] = plan->must_finish != NEVER ? (i32)plan->must_finish : run->project_finish[lane];
        if (plan->float_by_project) late[lane] = (i32)most(late[lane], run->project_finish[lane]);
        own->late_finish = late[lane];
    }
    for (i64 row = 0; row < plan->rows; row++) {
        if (run->node[row].way != SKIPPED || !run->node[row].seen) continue;
        EACH_LANE run->lane[lane].plan.task[row].bound_finish = late[lane];
    }
    for (i32 calendar = 0; calendar < plan->calendars; calendar++)
        if (run->grid[calendar].asked && !look_at_work(run, calendar, late, run->end_work + calendar * LANES)) return false;
    return true;
}

bool pass_backward(Run *run) {
    const Plan *plan = run->of->plan;
    i32 late[LANES];
    if (!turn(run, late)) return false;
    for (i64 at = 2 * plan->rows - 1; at >= 0; at--) {
        i64 node = plan->order[at], row = row_of(node);
        if (node == NONE) continue;
        Way way = run->node[row].way;
        if (way == QUICK && !quick_backward(run, row, late)) return false;
        if (way == BY_ENGINE && !engine_backward(run, node)) return false;
    }
    return true;
}
