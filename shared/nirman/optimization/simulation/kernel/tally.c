/* What is kept of the samples. */
#include "run.h"

static void sum_up(Sum *sum, i64 value) {
    unsigned __int128 before = ((unsigned __int128)(uint64_t)sum->high << 64) | sum->low;
    __int128 after = (__int128)before + value;
    sum->low = (uint64_t)after;
    sum->high = (i64)(after >> 64);
}

static bool is_wanted(const Run *run, int lane) {
    i64 sample = run->eight * LANES + lane;
    return sample >= run->first && sample < run->first + run->count;
}

/* There are at most 256 bins. */
static void find_bins(const Run *run, i64 row, const i32 *finish, uint8_t bins[LANES]) {
    const Simulation *of = run->of;
    i32 from = of->bins_from[row], last = (i32)of->bins - 1;
    float bins_a_minute = of->bins_a_minute[row];
    for (int lane = 0; lane < LANES; lane++) {
        i32 bin = (i32)((float)(finish[lane] - from) * bins_a_minute);
        bins[lane] = (uint8_t)(bin < 0 ? 0 : bin > last ? last : bin);
    }
}

static void put_into_bins(Run *run, i64 row, const i32 *finish, const bool wanted[LANES], bool all_wanted) {
    if (all_wanted) {
        find_bins(run, row, finish, run->binned + row * BINNED + run->waiting);
        return;
    }
    uint8_t bins[LANES];
    find_bins(run, row, finish, bins);
    for (int lane = 0; lane < LANES; lane++) run->of->histogram[row * run->of->bins + bins[lane]] += wanted[lane];
}

void count_waiting(Run *run) {
    const Simulation *of = run->of;
    for (i64 row = 0; row < of->plan->rows && run->waiting; row++) {
        if (of->reported[row] == NOT_REPORTED) continue;
        uint32_t *counts = of->histogram + row * of->bins;
        for (i64 i = 0; i < run->waiting; i++) counts[run->binned[row * BINNED + i]]++;
    }
    run->waiting = 0;
}

static void tally_row(Run *run, i64 row, const i32 *finish, const bool wanted[LANES], bool all_wanted) {
    const Simulation *of = run->of;
    const Task *task = &of->plan->task[row];
    const i32 *slack = run->slack + row * LANES;
    i64 after = 0, squares = 0;
    for (int lane = 0; lane < LANES; lane++) {
        i64 minutes = wanted[lane] ? finish[lane] - task->finish : 0;
        after += minutes;
        squares += minutes * minutes;
    }
    of->finishes[row] += after;
    sum_up(&of->finish_squares[row], squares);
    if (of->reported[row] == REPORTED_TASK && !is_complete(task)) {
        i32 critical = 0, limit = (i32)of->critical_slack;
        for (int lane = 0; lane < LANES; lane++) critical += wanted[lane] & (slack[lane] <= limit);
        of->critical[row] += critical;
    }
    if (task->deadline != NEVER)
        for (int lane = 0; lane < LANES; lane++) of->late[row] += wanted[lane] && finish[lane] > task->deadline;
    if (of->histogram != NULL) put_into_bins(run, row, finish, wanted, all_wanted);
}

/* A summary ends with the last of the tasks below it. */
static void finish_summaries(Run *run) {
    const Simulation *of = run->of;
    const Plan *plan = of->plan;
    for (i64 at = 0; at < 2 * plan->rows && plan->order[at] != NONE; at++) {
        i64 row = row_of(plan->order[at]);
        if (is_gate(plan->order[at]) || of->reported[row] != REPORTED_SUMMARY) continue;
        i32 *last = run->finish + row * LANES;
        for (int lane = 0; lane < LANES; lane++) last[lane] = NEVER;
        for (i64 child = plan->task[row].first_child; child != NONE; child = plan->task[child].next_sibling) {
            const i32 *finish = run->finish + child * LANES;
            if (of->reported[child] == NOT_REPORTED) continue;
            for (int lane = 0; lane < LANES; lane++) last[lane] = finish[lane] > last[lane] ? finish[lane] : last[lane];
        }
    }
}

static void tally_variables(Run *run, const bool wanted[LANES]) {
    const Simulation *of = run->of;
    for (i64 i = 0; i < of->variables; i++) {
        const Variable *variable = &of->variable[i];
        i64 planned = variable->started ? variable->left : variable->planned, beyond = 0, squares = 0;
        for (int lane = 0; lane < LANES; lane++) {
            i64 minutes = wanted[lane] ? run->minutes[i * LANES + lane] - planned : 0;
            beyond += minutes;
            squares += minutes * minutes;
        }
        of->minutes[i] += beyond;
        sum_up(&of->minute_squares[i], squares);
    }
}

static void tally_risks(Run *run, const bool wanted[LANES]) {
    const Simulation *of = run->of;
    for (i64 i = 0; i < of->risks && of->given == NULL; i++)
        for (int lane = 0; lane < LANES; lane++) {
            if (!wanted[lane] || !run->risen[i * LANES + lane]) continue;
            of->occurred[i]++;
            of->occurred_finishes[i] += run->project_finish[lane] - of->plan->project_finish;
        }
}

static void record(Run *run, int lane, i64 place) {
    const Simulation *of = run->of;
    i64 rows = of->plan->rows;
    for (i64 row = 0; row < rows && of->each_finish != NULL; row++) of->each_finish[place * rows + row] = run->finish[row * LANES + lane];
    for (i64 row = 0; row < rows && of->each_start != NULL; row++) of->each_start[place * rows + row] = run->early_start[row * LANES + lane];
    for (i64 row = 0; row < rows && of->each_slack != NULL; row++) of->each_slack[place * rows + row] = run->slack[row * LANES + lane];
    for (i64 i = 0; i < of->variables && of->each_minutes != NULL; i++)
        of->each_minutes[place * of->variables + i] = run->minutes[i * LANES + lane];
    for (i64 day = 0; day < of->rain_days && of->each_rain != NULL; day++)
        of->each_rain[place * of->rain_days + day] = run->lane[lane].rain[day];
}

void tally(Run *run) {
    const Simulation *of = run->of;
    bool wanted[LANES], all_wanted = true;
    finish_summaries(run);
    for (int lane = 0; lane < LANES; lane++) {
        wanted[lane] = is_wanted(run, lane);
        all_wanted &= wanted[lane];
        if (!wanted[lane]) continue;
        i64 place = run->eight * LANES + lane - run->first;
        of->finish[place] = run->project_finish[lane];
        of->cost[place] = run->cost[lane];
        record(run, lane, place);
    }
    for (i64 row = 0; row < of->plan->rows; row++)
        if (of->reported[row] != NOT_REPORTED) tally_row(run, row, run->finish + row * LANES, wanted, all_wanted);
    if (of->histogram != NULL && all_wanted && (run->waiting += LANES) == BINNED) count_waiting(run);
    tally_variables(run, wanted);
    tally_risks(run, wanted);
}
