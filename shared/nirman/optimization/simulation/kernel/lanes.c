/* Rows and calendars of a sample's own, for the engine's functions. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

static void *copy(const void *memory, size_t size) {
    void *made = malloc(size + 1);
    if (made != NULL && size) memcpy(made, memory, size);
    return made;
}

/* Which calendar with rain is made of each; NONE of those that no rain matters to. */
static bool find_twins(Run *run) {
    const Plan *plan = run->of->plan;
    run->dry = malloc((size_t)plan->calendars * sizeof(i32) + 1);
    i32 *twin = malloc((size_t)plan->calendars * sizeof(i32) + 1);
    if (run->dry == NULL || twin == NULL) return false;
    for (i64 i = 0; i < plan->calendars; i++) twin[i] = NONE;
    for (i64 i = 0; i < run->of->rainy; i++) {
        const Task *task = &plan->task[run->of->rainy_rows[i]];
        i32 used[] = {task->calendar, task->own_calendar, task->slack_calendar};
        for (int k = 0; k < 3; k++) twin[used[k]] = 0;
        for (i64 k = 0; k < task->parts; k++) {
            const Part *part = &plan->part[task->first_part + k];
            twin[part->calendar] = twin[part->both] = 0;
        }
    }
    for (i64 i = 0; i < plan->calendars; i++)
        if (twin[i] == 0 && plan->calendar[i].count > 0) run->dry[run->twins++] = (i32)i;
    free(twin);
    return true;
}

static i32 twin_of(const Run *run, i32 calendar) {
    for (i64 i = 0; i < run->twins; i++)
        if (run->dry[i] == calendar) return (i32)(run->of->plan->calendars + i);
    return calendar;
}

static void use_twins(const Run *run, Plan *plan) {
    for (i64 i = 0; i < run->of->rainy; i++) {
        Task *task = &plan->task[run->of->rainy_rows[i]];
        task->calendar = twin_of(run, task->calendar);
        task->own_calendar = twin_of(run, task->own_calendar);
        task->slack_calendar = twin_of(run, task->slack_calendar);
        for (i64 k = 0; k < task->parts; k++) {
            Part *part = (Part *)&plan->part[task->first_part + k];
            part->calendar = twin_of(run, part->calendar);
            part->both = twin_of(run, part->both);
        }
    }
}

static i64 days_of(const Calendar *calendar) { return (calendar->last - calendar->first) / 1440; }
static i64 steps_of(const Calendar *calendar) {
    return (calendar->interval[calendar->count].before - calendar->interval[0].before) >> calendar->shift;
}

static bool make_twin(Calendar *twin, const Calendar *dry) {
    *twin = *dry;
    twin->interval = malloc((size_t)(dry->count + 1) * sizeof(Interval));
    twin->by_day = malloc((size_t)(days_of(dry) + 1) * sizeof(i32));
    twin->by_work = malloc((size_t)(steps_of(dry) + 1) * sizeof(i32));
    if (twin->interval == NULL || twin->by_day == NULL || twin->by_work == NULL) return false;
    memcpy((void *)twin->interval, dry->interval, (size_t)(dry->count + 1) * sizeof(Interval));
    memcpy((void *)twin->by_day, dry->by_day, (size_t)(days_of(dry) + 1) * sizeof(i32));
    memcpy((void *)twin->by_work, dry->by_work, (size_t)(steps_of(dry) + 1) * sizeof(i32));
    return true;
}

static bool open_lane(const Run *run, Lane *lane) {
    const Plan *plan = run->of->plan;
    i64 calendars = plan->calendars + run->twins;
    lane->plan = *plan;
    lane->plan.task = copy(plan->task, (size_t)plan->rows * sizeof(Task));
    lane->plan.link = copy(plan->link, (size_t)plan->links * sizeof(Link));
    lane->plan.part = copy(plan->part, (size_t)plan->parts * sizeof(Part));
    lane->calendar = calloc((size_t)calendars + 1, sizeof(Calendar));
    lane->rain = calloc((size_t)run->of->rain_days + 1, 1);
    lane->plan.calendar = lane->calendar;
    lane->plan.calendars = calendars;
    if (!lane->plan.task || !lane->plan.link || !lane->plan.part || !lane->calendar || !lane->rain) return false;
    memcpy(lane->calendar, plan->calendar, (size_t)plan->calendars * sizeof(Calendar));
    for (i64 i = 0; i < run->twins; i++)
        if (!make_twin(&lane->calendar[plan->calendars + i], &plan->calendar[run->dry[i]])) return false;
    use_twins(run, &lane->plan);
    return true;
}

bool open_lanes(Run *run) {
    if (!find_twins(run)) return false;
    for (int lane = 0; lane < LANES; lane++)
        if (!open_lane(run, &run->lane[lane])) return false;
    return true;
}

void close_lanes(Run *run) {
    for (int i = 0; i < LANES; i++) {
        Lane *lane = &run->lane[i];
        for (i64 twin = 0; lane->calendar != NULL && twin < run->twins; twin++) {
            Calendar *calendar = &lane->calendar[run->of->plan->calendars + twin];
            free((void *)calendar->interval);
            free((void *)calendar->by_day);
            free((void *)calendar->by_work);
        }
        free(lane->plan.task);
        free(lane->plan.link);
        free((void *)lane->plan.part);
        free(lane->calendar);
        free(lane->rain);
    }
    free(run->dry);
}

/* A calendar as it is made, day by day, with its indexes. */
typedef struct { Calendar *of; i64 count, work, step; } Making;

static void index_work(Making *making) {
    const Calendar *of = making->of;
    i32 *by_work = (i32 *)of->by_work;
    i64 none = of->interval[0].before;
    while (none + (making->step << of->shift) <= making->work) by_work[making->step++] = (i32)making->count;
}

static void add_shift(Making *making, const Interval *shift) {
    ((Interval *)making->of->interval)[making->count] = (Interval){shift->start, shift->finish, (i32)making->work};
    index_work(making);
    making->count++;
    making->work += shift->finish - shift->start;
}

/* What comes before the first day that may be wet stays as `make_twin` took it over. */
static Making after_dry_days(const Calendar *dry, Calendar *twin, i64 days) {
    Making making = {twin, dry->by_day[days], 0, 0};
    making.work = dry->interval[making.count].before;
    i64 last = making.count > 0 ? dry->interval[making.count - 1].before - dry->interval[0].before : -1;
    if (last >= 0) making.step = (last >> dry->shift) + 1;
    return making;
}

/* Shifts of a rainy day, by the day on which they begin, are not worked. The calendar ends where rain is not foreseen. */
static void take_rain(const Run *run, const Lane *lane, const Calendar *dry, Calendar *twin) {
    i64 first_day = dry->first / 1440, wet_from = most(0, run->of->rain_first - first_day);
    twin->last = least(dry->last, (run->of->rain_first + run->of->rain_days) * 1440);
    i64 days = (twin->last - dry->first) / 1440;
    if (wet_from > days) wet_from = days;
    Making making = after_dry_days(dry, twin, wet_from);
    for (i64 day = wet_from; day < days; day++) {
        ((i32 *)twin->by_day)[day] = (i32)making.count;
        if (lane->rain[day + first_day - run->of->rain_first]) continue;
        for (i64 i = dry->by_day[day]; i < dry->by_day[day + 1]; i++) add_shift(&making, &dry->interval[i]);
    }
    ((i32 *)twin->by_day)[days] = (i32)making.count;
    ((Interval *)twin->interval)[making.count] = (Interval){(i32)twin->last, (i32)twin->last, (i32)making.work};
    index_work(&making);
    twin->count = making.count;
}

bool rain_on_lanes(Run *run) {
    const Simulation *of = run->of;
    for (i64 day = 0; day < of->rain_days; day++) {
        if (of->rain[day] == 0) continue;
        uint32_t words[LANES];
        draw_words(of->seed, RAIN, of->rain_first + day, run->eight, words);
        for (int lane = 0; lane < LANES; lane++) run->lane[lane].rain[day] = words[lane] < of->rain[day];
    }
    for (int lane = 0; lane < LANES; lane++) {
        for (i64 i = 0; i < run->twins; i++) {
            Calendar *twin = &run->lane[lane].calendar[of->plan->calendars + i];
            take_rain(run, &run->lane[lane], &of->plan->calendar[run->dry[i]], twin);
            if (twin->count == 0) return fail(run, CALENDAR_TOO_LATE, 0, run->dry[i]);
        }
    }
    return true;
}

/* So many minutes of work, with the pauses that fall between. */
static i32 paused(const Run *run, const Variable *of, i64 after, i64 minutes) {
    i64 with = minutes;
    for (i64 i = of->first_pause; i < of->first_pause + of->pauses; i++) {
        const i32 *pause = &run->of->pauses[2 * i];
        if (after <= pause[0] && pause[0] < after + minutes) with += pause[1];
    }
    return (i32)with;
}

/* Where there was nothing before, what there is now is added. */
static i64 in_proportion(i64 amount, i64 now, i64 before) {
    return before == 0 ? amount + now : (2 * amount * now + before) / (2 * before);
}

/* Once work has started, the engine's Microsoft rules take of each assignment the share that the task's minutes have come
 * to, where it does not say itself what is left. */
static void vary_parts(const Run *run, const Variable *of, Plan *plan, i64 minutes) {
    const Task *task = &plan->task[of->row];
    i64 before = of->started ? of->left : of->planned;
    for (i64 i = task->first_part; i < task->first_part + task->parts; i++) {
        const Part *planned = &run->of->plan->part[i];
        Part *part = (Part *)&plan->part[i];
        if (planned->remaining >= 0) part->remaining = (i32)in_proportion(planned->remaining, minutes, before);
        if (!of->started) part->minutes = (i32)in_proportion(planned->minutes, minutes, before);
        else if (plan->rules == PRIMAVERA) part->minutes = planned->minutes + part->remaining - planned->remaining;
    }
}

static void vary_row(const Run *run, const Variable *of, Plan *plan, i64 minutes) {
    Task *task = &plan->task[of->row];
    i64 whole = minutes, left = minutes, done = of->done;
    if (of->started) {
        whole = of->left <= of->planned ? of->planned + minutes - of->left : of->planned;
    } else if (of->left != of->planned) {
        left = in_proportion(of->left, minutes, of->planned);
        done = most(whole - left, 0);
    } else {
        done = 0;
    }
    task->duration = paused(run, of, 0, whole);
    task->remaining = paused(run, of, done, left);
    if (task->parts) vary_parts(run, of, plan, minutes);
    for (i64 i = of->first_share; i < of->first_share + of->shares; i++) {
        const Share *share = &run->of->shares[i];
        plan->link[share->link].lag = (i32)__builtin_rint((double)whole * share->percent / 100);
    }
}

void vary_lanes(Run *run) {
    for (i64 i = 0; i < run->of->variables; i++) {
        const Variable *variable = &run->of->variable[i];
        if (!run->of->whole && !run->node[variable->row].seen) continue;
        for (int lane = 0; lane < LANES; lane++)
            vary_row(run, variable, &run->lane[lane].plan, run->minutes[i * LANES + lane]);
    }
}
