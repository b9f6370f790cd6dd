/* Samples `first` until `first + count`, eight at a time. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

static bool open_memory(Run *run) {
    const Simulation *of = run->of;
    size_t wide = (size_t)of->plan->rows * LANES * sizeof(i32) + 1;
    i32 **columns[] = {&run->early_start, &run->early_finish, &run->late_start, &run->late_finish, &run->slack,
                       &run->work,        &run->done,         &run->late_work,  &run->late_done};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if ((*columns[i] = calloc(wide, 1)) == NULL) return false;
    run->finish = run->early_finish;
    if (of->whole || of->plan->rules == PRIMAVERA)
        if ((run->finish = calloc(wide, 1)) == NULL) return false;
    run->end_work = calloc((size_t)of->plan->calendars * LANES * sizeof(i32) + 1, 1);
    run->minutes = malloc((size_t)of->variables * LANES * sizeof(i32) + 1);
    run->binned = malloc(of->histogram == NULL ? 1 : (size_t)of->plan->rows * BINNED + 1);
    run->risen = calloc((size_t)of->risks * LANES + 1, 1);
    run->grid = calloc((size_t)of->plan->calendars + 1, sizeof(Grid));
    if (run->binned == NULL || run->end_work == NULL || run->minutes == NULL || run->risen == NULL || run->grid == NULL) return false;
    for (i64 i = 0; i < of->plan->calendars; i++)
        if (!make_grid(&run->grid[i], &of->plan->calendar[i])) return false;
    return open_lanes(run) && plan_nodes(run);
}

static void close_memory(Run *run) {
    close_lanes(run);
    for (i64 i = 0; run->grid != NULL && i < run->of->plan->calendars; i++) free_grid(&run->grid[i]);
    if (run->finish != run->early_finish) free(run->finish);
    free(run->early_start);
    free(run->early_finish);
    free(run->late_start);
    free(run->late_finish);
    free(run->work);
    free(run->done);
    free(run->late_work);
    free(run->late_done);
    free(run->end_work);
    free(run->slack);
    free(run->minutes);
    free(run->binned);
    free(run->risen);
    free(run->grid);
    free(run->node);
    free(run->tie);
}

/* What no sample changes. */
static void fix(Run *run) {
    for (i64 row = 0; row < run->of->plan->rows; row++) {
        if (run->node[row].way != FIXED) continue;
        const Task *task = &run->of->plan->task[row];
        for (i64 at = row * LANES; at < (row + 1) * LANES; at++) {
            run->early_start[at] = run->late_start[at] = task->early_start;
            run->early_finish[at] = run->late_finish[at] = task->early_finish;
        }
    }
}

/* Dates that P6 shows: of what is finished the actual ones. */
static void show_finishes(Run *run) {
    const Plan *plan = run->of->plan;
    for (i64 row = 0; row < plan->rows; row++) {
        const Task *task = &plan->task[row];
        for (int lane = 0; lane < LANES; lane++)
            run->finish[row * LANES + lane] = is_complete(task) ? task->actual_finish : run->early_finish[row * LANES + lane];
    }
    for (int lane = 0; lane < LANES; lane++) {
        i32 last = NEVER;
        for (i64 row = 0; row < plan->rows; row++)
            if (run->of->reported[row] == REPORTED_TASK && run->finish[row * LANES + lane] > last)
                last = run->finish[row * LANES + lane];
        if (last != NEVER) run->project_finish[lane] = last;
    }
}

void nirman_schedule(Plan *plan, const i32 *changed, i64 count, i64 arranged); /* of the scheduling kernel */

static bool schedule_whole(Run *run, int lane) {
    const Plan *planned = run->of->plan;
    Plan *plan = &run->lane[lane].plan;
    plan->start = planned->start;
    plan->full = 1;
    nirman_schedule(plan, NULL, 0, 1);
    if (plan->failure != FINE) {
        i64 calendar = plan->failed_calendar;
        if (calendar >= planned->calendars) calendar = run->dry[calendar - planned->calendars];
        return fail(run, plan->failure, plan->failed_row, calendar);
    }
    i32 limit = (i32)run->of->critical_slack;
    for (i64 row = 0; row < plan->rows; row++) {
        const Task *task = &plan->task[row];
        i64 at = row * LANES + lane;
        run->early_start[at] = task->start;
        run->finish[at] = task->finish;
        run->slack[at] = !plan->critical_by_path ? task->total_slack : task->on_longest_path ? limit : limit + 1;
    }
    run->project_finish[lane] = (i32)plan->project_finish;
    return true;
}

static bool schedule(Run *run) {
    if (run->of->whole) {
        for (int lane = 0; lane < LANES; lane++)
            if (!schedule_whole(run, lane)) return false;
        return true;
    }
    if (!pass_forward(run) || !pass_backward(run)) return false;
    if (run->of->plan->rules == PRIMAVERA) show_finishes(run);
    return true;
}

static bool sample_eight(Run *run) {
    draw(run);
    vary_lanes(run);
    if (run->twins && !rain_on_lanes(run)) return false;
    if (!schedule(run)) return false;
    tally(run);
    return true;
}

/* Leaves results, or what failed, in the simulation's memory; results of a call that failed are void. */
void nirman_simulate(Simulation *of, i64 first, i64 count) {
    Run run = {.of = of, .first = first, .count = count};
    run.rules = of->plan->rules == PRIMAVERA ? &primavera_rules : &microsoft_rules;
    of->failure = FINE;
    if (!open_memory(&run)) {
        of->failure = OUT_OF_MEMORY;
    } else {
        fix(&run);
        for (run.eight = first / LANES; of->failure == FINE && run.eight * LANES < first + count; run.eight++)
            if (!sample_eight(&run)) break;
        if (of->failure == FINE) count_waiting(&run);
    }
    close_memory(&run);
}

/* What the caller lays its memory out by. */
#define AS_TEXT(name) #name " "
const char *nirman_variable_fields(void) { return VARIABLE_FIELDS(AS_TEXT); }
#define AS_TEXT_TOO(type, name) #name " "
const char *nirman_simulation_fields(void) { return SIMULATION_FIELDS(AS_TEXT, AS_TEXT_TOO); }
