/* Tasks whose working time is on a grid. What they wait for is compared as work done until then: that needs at
 * most one look for each link, and instants are looked up once it is known where the task is, if somebody asks for them. */
#include "look.h"

bool inside_forward(Run *run, i64 row, const i32 *minutes) {
    const Node *node = &run->node[row];
    i32 calendar = node->calendar, *work = run->work + row * LANES, *done = run->done + row * LANES;
    EACH_LANE work[lane] = node->from_work;
    for (i32 i = node->first_in; i < node->first_in + node->ins; i++) {
        const Tie *tie = &run->tie[i];
        i64 of = (i64)tie->row * LANES;
        i32 looked[LANES];
        const i32 *until = looked;
        if (tie->known) {
            until = (tie->kind == SS ? run->work : run->done) + of;
        } else {
            i32 at[LANES];
            EACH_LANE at[lane] = (tie->kind == SS ? run->early_start : run->early_finish)[of + lane];
            if (!tie->inside && !lag_all(run, tie, at)) return false;
            if (!look_at_work(run, calendar, at, looked)) return false;
        }
        i32 lag = tie->inside ? tie->lag : 0;
        if (tie->kind == FF) {
            EACH_LANE {
                i32 begin = until[lane] + lag - minutes[lane];
                work[lane] = begin > work[lane] ? begin : work[lane];
            }
        } else {
            EACH_LANE work[lane] = until[lane] + lag > work[lane] ? until[lane] + lag : work[lane];
        }
    }
    EACH_LANE done[lane] = work[lane] + minutes[lane];
    if (node->start_matters && !look_at_mornings(run, calendar, work, run->early_start + row * LANES)) return false;
    return look_at_evenings(run, calendar, done, run->early_finish + row * LANES);
}

/* To finish in the evening or the next morning is the same to work, but not to a lag that runs at night: what the way
 * forward let happen there is not too late (as the engine has it). Of one calendar both are the same. */
static bool allow_morning(Run *run, i64 row, const Tie *tie, i32 until[LANES], const i32 early[LANES]) {
    EACH_LANE {
        if (until[lane] >= early[lane]) continue;
        Plan *plan = &run->lane[lane].plan;
        i64 at = (i64)tie->row * LANES + lane, of_row = row * LANES + lane;
        i64 morning = next_stand(plan, &plan->task[tie->row], run->late_finish[at]);
        if (run->early_finish[of_row] <= shifted(plan, tie->calendar, morning, -tie->lag)) until[lane] = early[lane];
    }
    return lanes_are_fine(run, row);
}

bool inside_backward(Run *run, i64 row, const i32 *minutes) {
    const Node *node = &run->node[row];
    const i32 *early = run->work + row * LANES, *early_done = run->done + row * LANES;
    i32 calendar = node->calendar, *started = run->late_work + row * LANES, *done = run->late_done + row * LANES;
    EACH_LANE done[lane] = run->end_work[calendar * LANES + lane], started[lane] = INT32_MAX;
    for (i32 i = node->first_out; i < node->first_out + node->outs; i++) {
        const Tie *tie = &run->tie[i];
        i64 of = (i64)tie->row * LANES;
        i32 until[LANES];
        if (tie->known) {
            EACH_LANE until[lane] = (tie->kind == FF ? run->late_done : run->late_work)[of + lane];
        } else {
            i32 at[LANES];
            EACH_LANE at[lane] = (tie->kind == FF ? run->late_finish : run->late_start)[of + lane];
            if (!tie->inside && !shift_all(run, tie->calendar, -tie->lag, at)) return false;
            if (!look_at_work(run, calendar, at, until)) return false;
        }
        if (tie->inside) EACH_LANE until[lane] -= tie->lag;
        if (tie->kind == FF && !tie->known && !allow_morning(run, row, tie, until, early_done)) return false;
        i32 *bound = tie->kind == SS ? started : done;
        EACH_LANE bound[lane] = until[lane] < bound[lane] ? until[lane] : bound[lane];
    }
    if (node->open && run->of->plan->open_ends_critical)
        EACH_LANE done[lane] = early_done[lane] < done[lane] ? early_done[lane] : done[lane];
    if (node->deadline != NEVER)
        EACH_LANE done[lane] = node->deadline_work < done[lane] ? node->deadline_work : done[lane];
    EACH_LANE {
        i32 latest = done[lane] - minutes[lane];
        started[lane] = latest < started[lane] ? latest : started[lane];
        done[lane] = started[lane] + minutes[lane];
        run->slack[row * LANES + lane] = started[lane] - early[lane];
    }
    if (node->late_finish_matters && !look_at_evenings(run, calendar, done, run->late_finish + row * LANES)) return false;
    return !node->late_start_matters || look_at_mornings(run, calendar, started, run->late_start + row * LANES);
}
