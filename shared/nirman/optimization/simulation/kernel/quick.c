/* The engine's node functions for tasks that are as usual, for all lanes at once. */
#include "look.h"

static const i32 *minutes_of(const Run *run, i64 row, i32 fixed[LANES]) {
    const Node *node = &run->node[row];
    if (node->variable != NONE) return run->minutes + (i64)node->variable * LANES;
    EACH_LANE fixed[lane] = run->of->plan->task[row].duration;
    return fixed;
}

static void show_early(Run *run, i64 row) {
    EACH_LANE {
        Task *task = &run->lane[lane].plan.task[row];
        task->early_start = task->logic_start = task->start = run->early_start[row * LANES + lane];
        task->early_finish = task->logic_finish = task->finish = run->early_finish[row * LANES + lane];
    }
}

static void show_late(Run *run, i64 row) {
    EACH_LANE {
        Task *task = &run->lane[lane].plan.task[row];
        task->late_start = task->must_start = run->late_start[row * LANES + lane];
        task->late_finish = task->must_finish = run->late_finish[row * LANES + lane];
    }
}

bool quick_forward(Run *run, i64 row) {
    const Node *node = &run->node[row];
    i32 fixed[LANES], out_of_time = 0;
    const i32 *minutes = minutes_of(run, row, fixed);
    if (!(node->inside ? inside_forward : outside_forward)(run, row, minutes)) return false;
    EACH_LANE out_of_time |= run->early_finish[row * LANES + lane] >= LAST_INSTANT;
    if (out_of_time) return fail(run, OUT_OF_TIME, row, 0);
    if (node->seen) show_early(run, row);
    return true;
}

bool quick_backward(Run *run, i64 row, const i32 project_late[LANES]) {
    const Node *node = &run->node[row];
    i32 fixed[LANES];
    const i32 *minutes = minutes_of(run, row, fixed);
    bool fine = node->inside ? inside_backward(run, row, minutes) : outside_backward(run, row, minutes, project_late);
    if (fine && node->seen) show_late(run, row);
    return fine;
}
