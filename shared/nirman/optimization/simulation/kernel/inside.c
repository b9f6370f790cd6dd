/* Tasks whose working time is on a grid. What they wait for is compared as work done until then: that needs one look for
 * each link, however its lag runs, and instants are looked up once it is known where the task is. */
#include "look.h"

bool inside_forward(Run *run, i64 row, const i32 *minutes) {
    const Node *node = &run->node[row];
    i32 calendar = node->calendar, *work = run->work + row * LANES, at[LANES], latest[LANES];
    bool any_at = false;
    EACH_LANE work[lane] = node->from_work, latest[lane] = INT32_MIN;
    for (i32 i = node->first_in; i < node->first_in + node->ins; i++) {
        const Tie *tie = &run->tie[i];
        const i32 *source = (tie->kind == SS ? run->early_start : run->early_finish) + (i64)tie->row * LANES;
        EACH_LANE at[lane] = source[lane];
        if (!tie->inside && !lag_all(run, tie, at)) return false;
        i32 lag = tie->inside ? tie->lag : 0;
        if (lag == 0 && tie->kind != FF) { /* one look for all of these */
            EACH_LANE latest[lane] = at[lane] > latest[lane] ? at[lane] : latest[lane];
            any_at = true;
            continue;
        }
        i32 until[LANES];
        if (!look_at_work(run, calendar, at, until)) return false;
        if (tie->kind == FF) EACH_LANE until[lane] -= minutes[lane];
        EACH_LANE work[lane] = until[lane] + lag > work[lane] ? until[lane] + lag : work[lane];
    }
    if (any_at) {
        i32 until[LANES];
        if (!look_at_work(run, calendar, latest, until)) return false;
        EACH_LANE work[lane] = until[lane] > work[lane] ? until[lane] : work[lane];
    }
    i32 done[LANES];
    EACH_LANE done[lane] = work[lane] + minutes[lane];
    if (node->starts_matter && !look_at_mornings(run, calendar, work, run->early_start + row * LANES)) return false;
    return look_at_evenings(run, calendar, done, run->early_finish + row * LANES);
}

/* To finish in the evening or the next morning is the same to work, but not to a lag that runs at night: what the way
 * forward let happen there is not too late (as the engine has it). Rare: the finish would have to be later than may be. */
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
    const i32 *early = run->work + row * LANES;
    i32 calendar = node->calendar, done[LANES], started[LANES], early_done[LANES];
    EACH_LANE done[lane] = run->late_work[calendar * LANES + lane];
    EACH_LANE started[lane] = INT32_MAX, early_done[lane] = early[lane] + minutes[lane];
    for (i32 i = node->first_out; i < node->first_out + node->outs; i++) {
        const Tie *tie = &run->tie[i];
        const i32 *target = (tie->kind == FF ? run->late_finish : run->late_start) + (i64)tie->row * LANES;
        i32 at[LANES], until[LANES];
        EACH_LANE at[lane] = target[lane];
        if (!tie->inside && !shift_all(run, tie->calendar, -tie->lag, at)) return false;
        if (!look_at_work(run, calendar, at, until)) return false;
        if (tie->inside) EACH_LANE until[lane] -= tie->lag;
        if (tie->kind == FF && !allow_morning(run, row, tie, until, early_done)) return false;
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
    return node->ins == 0 || look_at_mornings(run, calendar, started, run->late_start + row * LANES);
}
