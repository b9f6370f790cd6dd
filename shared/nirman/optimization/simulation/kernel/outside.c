/* Tasks as usual whose working time is not on a grid (calendars with rain, shifts at odd minutes), whose slack is counted
 * in another calendar, or that have no duration. */
#include "look.h"

bool lanes_are_fine(Run *run, i64 row) {
    EACH_LANE {
        const Plan *plan = &run->lane[lane].plan;
        if (plan->failure == FINE) continue;
        i64 calendar = plan->failed_calendar, calendars = run->of->plan->calendars;
        return fail(run, plan->failure, row, calendar < calendars ? calendar : run->dry[calendar - calendars]);
    }
    return true;
}

bool shift_all(Run *run, i32 calendar, i32 minutes, i32 at[LANES]) {
    if (minutes == 0) return true;
    if (!has_grid(run, calendar)) {
        EACH_LANE at[lane] = (i32)shifted(&run->lane[lane].plan, calendar, at[lane], minutes);
        return lanes_are_fine(run, 0);
    }
    i32 work[LANES];
    if (!look_at_work(run, calendar, at, work)) return false;
    EACH_LANE work[lane] += minutes;
    return minutes > 0 ? look_at_evenings(run, calendar, work, at) : look_at_mornings(run, calendar, work, at);
}

/* By P6's rules a start-start link without a lag leads to when its calendar works, a lead to no time before the data
 * date. */
bool lag_all(Run *run, const Tie *tie, i32 at[LANES]) {
    const Plan *plan = run->of->plan;
    if (plan->rules == PRIMAVERA && tie->kind == SS && tie->lag == 0) {
        i32 work[LANES];
        if (has_grid(run, tie->calendar))
            return look_at_work(run, tie->calendar, at, work) && look_at_mornings(run, tie->calendar, work, at);
        EACH_LANE at[lane] = (i32)next_start(&run->lane[lane].plan, tie->calendar, at[lane]);
        return lanes_are_fine(run, tie->row);
    }
    if (!shift_all(run, tie->calendar, tie->lag, at)) return false;
    if (plan->rules == PRIMAVERA && tie->lag < 0) {
        i64 now = plan->data_date == NEVER ? plan->start : plan->data_date;
        EACH_LANE at[lane] = (i32)most(at[lane], now);
    }
    return true;
}

/* A task of no duration stands at the end of a working period too. */
i64 next_stand(Plan *plan, const Task *task, i64 instant) {
    if (task->duration == 0 && previous_finish(plan, task->calendar, instant) == instant) return instant;
    return next_start(plan, task->calendar, instant);
}

/* When work has to begin, to be done at the instants. */
static void begin_before(Run *run, i32 calendar, const i32 *minutes, i32 at[LANES]) {
    EACH_LANE at[lane] = (i32)subtract(&run->lane[lane].plan, calendar, at[lane], minutes[lane]);
}

/* A milestone that is to start with the project does so, also when nobody works yet: by Microsoft's rules, and there are
 * no others here without a duration. */
static bool place(Run *run, i64 row, const i32 *minutes, const i32 at[LANES]) {
    const Node *node = &run->node[row];
    EACH_LANE {
        Plan *plan = &run->lane[lane].plan;
        const Task *task = &plan->task[row];
        bool stays = node->zero && at[lane] == plan->start && task->own_calendar == plan->base_calendar;
        i64 start = stays ? at[lane] : node->zero ? next_stand(plan, task, at[lane]) : next_start(plan, node->calendar, at[lane]);
        run->early_start[row * LANES + lane] = (i32)start;
        run->early_finish[row * LANES + lane] = (i32)add(plan, node->calendar, start, minutes[lane]);
    }
    return lanes_are_fine(run, row);
}

bool outside_forward(Run *run, i64 row, const i32 *minutes) {
    const Node *node = &run->node[row];
    const i32 project_start = (i32)run->of->plan->start;
    i32 bound[LANES];
    EACH_LANE bound[lane] = node->from;
    for (i32 i = node->first_in; i < node->first_in + node->ins; i++) {
        const Tie *tie = &run->tie[i];
        const i32 *source = (tie->kind == SS ? run->early_start : run->early_finish) + (i64)tie->row * LANES;
        i32 at[LANES];
        EACH_LANE at[lane] = source[lane];
        if (!lag_all(run, tie, at)) return false;
        if (tie->kind == FF) {
            begin_before(run, node->calendar, minutes, at);
            EACH_LANE at[lane] = at[lane] > project_start ? at[lane] : project_start;
        }
        EACH_LANE bound[lane] = at[lane] > bound[lane] ? at[lane] : bound[lane];
    }
    return place(run, row, minutes, bound);
}

/* As in inside.c. */
static bool limit_by_finish(Run *run, i64 row, const Tie *tie, i32 at[LANES]) {
    const i32 *early = run->early_finish + row * LANES, *must_finish = run->late_finish + (i64)tie->row * LANES;
    if (!shift_all(run, tie->calendar, -tie->lag, at)) return false;
    EACH_LANE {
        if (at[lane] >= early[lane]) continue;
        Plan *plan = &run->lane[lane].plan;
        i64 morning = next_stand(plan, &plan->task[tie->row], must_finish[lane]);
        if (early[lane] <= shifted(plan, tie->calendar, morning, -tie->lag)) at[lane] = early[lane];
    }
    return lanes_are_fine(run, row);
}

static bool limits(Run *run, i64 row, i32 finish[LANES], i32 start[LANES]) {
    const Node *node = &run->node[row];
    for (i32 i = node->first_out; i < node->first_out + node->outs; i++) {
        const Tie *tie = &run->tie[i];
        const i32 *target = (tie->kind == FF ? run->late_finish : run->late_start) + (i64)tie->row * LANES;
        i32 at[LANES];
        EACH_LANE at[lane] = target[lane];
        if (tie->kind == FF ? !limit_by_finish(run, row, tie, at) : !shift_all(run, tie->calendar, -tie->lag, at)) return false;
        i32 *bound = tie->kind == SS ? start : finish;
        EACH_LANE bound[lane] = at[lane] < bound[lane] ? at[lane] : bound[lane];
    }
    return true;
}

static bool late_dates(Run *run, i64 row, const i32 *minutes, const i32 finish[LANES], const i32 start[LANES]) {
    const Node *node = &run->node[row];
    EACH_LANE {
        Plan *plan = &run->lane[lane].plan;
        i64 late_finish = node->zero ? finish[lane] : previous_finish(plan, node->calendar, finish[lane]);
        i64 late_start = subtract(plan, node->calendar, late_finish, minutes[lane]);
        if (start[lane] != INT32_MAX) { /* a link from its start holds the start alone */
            i64 held = node->zero ? next_stand(plan, &plan->task[row], start[lane]) : next_start(plan, node->calendar, start[lane]);
            if (held < late_start) {
                late_start = held;
                late_finish = least(late_finish, add(plan, node->calendar, held, minutes[lane]));
            }
        }
        run->late_start[row * LANES + lane] = (i32)late_start;
        run->late_finish[row * LANES + lane] = (i32)late_finish;
    }
    return lanes_are_fine(run, row);
}

static bool find_slack(Run *run, i64 row) {
    i32 calendar = run->node[row].slack_calendar;
    i64 kind = run->of->plan->slack_kind;
    EACH_LANE {
        Plan *plan = &run->lane[lane].plan;
        i64 at = row * LANES + lane;
        i64 by_start = between(plan, calendar, run->early_start[at], run->late_start[at]);
        i64 by_finish = between(plan, calendar, run->early_finish[at], run->late_finish[at]);
        run->slack[at] = (i32)(kind == SLACK_START ? by_start : kind == SLACK_FINISH ? by_finish : least(by_start, by_finish));
    }
    return lanes_are_fine(run, row);
}

bool outside_backward(Run *run, i64 row, const i32 *minutes, const i32 project_late[LANES]) {
    const Node *node = &run->node[row];
    i32 finish[LANES], start[LANES];
    EACH_LANE finish[lane] = project_late[lane], start[lane] = INT32_MAX;
    if (!limits(run, row, finish, start)) return false;
    if (node->open && run->of->plan->open_ends_critical)
        EACH_LANE finish[lane] = (i32)least(finish[lane], run->early_finish[row * LANES + lane]);
    if (node->deadline != NEVER) EACH_LANE finish[lane] = (i32)least(finish[lane], node->deadline);
    return late_dates(run, row, minutes, finish, start) && find_slack(run, row);
}
