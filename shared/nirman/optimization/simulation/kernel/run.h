/* What one call holds: lanes, tables of working time, and how each node is computed. */
#ifndef NIRMAN_RUN_H
#define NIRMAN_RUN_H

#include "chance.h"

/* Working time in steps so small that each is worked through or not at all: a question is one look, without a search.
 * Work is counted from the first step. Every minute counting is one step that never ends. */
typedef i32 Slot; /* twice the work before the step, and 1 more where the step is worked */

typedef struct {
    bool usable;   /* false: shifts begin at too odd minutes; the engine's own tables are searched then */
    bool asked;    /* tasks count their work in it */
    i32 from, to;  /* instants it can be asked about, `to` excluded */
    i32 first;     /* instant of the first step */
    i32 step;      /* minutes */
    i32 work;      /* in all */
    uint64_t reciprocal;
    i32 shift;
    Slot *slot;
    i32 *worked;   /* instant at which the nth worked step begins */
} Grid;

/* A sample's own plan: rows that the engine's functions write to, and calendars from which its rainy days are taken. */
typedef struct {
    Plan plan;
    Calendar *calendar;
    uint8_t *rain; /* [rain_days] */
} Lane;

typedef enum { SKIPPED, FIXED, QUICK, BY_ENGINE } Way;

/* A link and the row at its other end. `inside`: its lag runs in the working time of this one's task, on a grid. `known`:
 * so does the other one's work, and nothing has to be looked up. */
typedef struct { i32 row, lag, kind, calendar; bool inside, known; } Tie;

typedef struct {
    uint8_t way;
    bool zero;    /* no duration, in no sample */
    bool seen;    /* the engine's functions read its rows */
    bool open;    /* without successors */
    bool inside;  /* its working time is on a grid, and it has a duration and slack in that time: work is counted, and
                   * instants are looked up only where somebody asks for them */
    bool start_matters, late_start_matters, late_finish_matters; /* somebody asks for them */
    i32 from_work, deadline_work;            /* of `from` and `deadline`, where it is inside */
    i32 from;     /* no start before, by links from nowhere, constraint or data date; or NEVER */
    i32 deadline;
    i32 calendar, slack_calendar;
    i32 first_in, ins, first_out, outs; /* ties */
    i32 variable; /* or NONE */
} Node;

/* Bins are counted row by row for so many samples at a time: all counts together do not fit into the cache. */
enum { BINNED = 256 };

typedef struct {
    Simulation *of;
    const Rules *rules;
    i64 first, count; /* samples */
    i64 eight;        /* which eight of all samples the lanes hold */
    Grid *grid;       /* of each calendar of the plan */
    Node *node;       /* [rows] */
    Tie *tie;
    i32 *minutes;     /* [variables][LANES] */
    i32 *early_start, *early_finish; /* [rows][LANES], as the next */
    i32 *late_start, *late_finish;   /* what predecessors keep to */
    i32 *work, *done; /* [rows][LANES] what is worked until the early start and finish, of nodes inside */
    i32 *late_work, *late_done; /* until the late ones */
    i32 *end_work;    /* [calendars][LANES] until the project ends */
    i32 *slack;       /* [rows][LANES] */
    i32 *finish;      /* as it is shown */
    i32 project_finish[LANES];
    double cost[LANES];
    uint8_t *binned;  /* [rows][BINNED] bins of the last samples, not counted yet */
    i64 waiting;      /* how many those are */
    uint8_t *risen;   /* [risks][LANES] whether it comes about */
    i64 twins;        /* calendars with rain, after those of the plan */
    i32 *dry;         /* [twins] the calendar that each is made of */
    Lane lane[LANES];
} Run;

bool make_grid(Grid *grid, const Calendar *calendar);
void free_grid(Grid *grid);

bool open_lanes(Run *run);
void close_lanes(Run *run);
bool rain_on_lanes(Run *run); /* false: a calendar ends too soon */
void vary_lanes(Run *run);    /* puts the minutes drawn into the rows that the engine's functions read */

bool plan_nodes(Run *run);
void draw(Run *run);
bool pass_forward(Run *run);
bool pass_backward(Run *run);

/* quick.c, which asks inside.c where work is counted on a grid, and outside.c otherwise */
bool quick_forward(Run *run, i64 row);
bool quick_backward(Run *run, i64 row, const i32 project_late[LANES]);
bool inside_forward(Run *run, i64 row, const i32 *minutes);
bool inside_backward(Run *run, i64 row, const i32 *minutes);
bool outside_forward(Run *run, i64 row, const i32 *minutes);
bool outside_backward(Run *run, i64 row, const i32 *minutes, const i32 project_late[LANES]);
bool shift_all(Run *run, i32 calendar, i32 minutes, i32 at[LANES]); /* the engine's `shifted` */
bool lag_all(Run *run, const Tie *tie, i32 at[LANES]);
i64 next_stand(Plan *plan, const Task *task, i64 instant);
bool lanes_are_fine(Run *run, i64 row);
void tally(Run *run);
void count_waiting(Run *run);

static inline bool fail(Run *run, i64 failure, i64 row, i64 calendar) {
    if (run->of->failure == FINE) {
        run->of->failure = failure;
        run->of->failed_row = row;
        run->of->failed_calendar = calendar;
    }
    return false;
}

#endif
