/* What the rules of Primavera P6 share: how long an activity takes, how lags run, and what only follows others. */
#ifndef NIRMAN_PRIMAVERA_H
#define NIRMAN_PRIMAVERA_H

#include "kernel.h"

/* All of an activity's work, or what is left of it. */
typedef enum { WHOLE, LEFT } Amount;

/* Where work that is not done begins. */
static inline i64 data_date(const Plan *plan) { return plan->data_date == NEVER ? plan->start : plan->data_date; }
static inline i64 first_instant(const Plan *plan) { return most(plan->start, data_date(plan)); }
/* The last early finish, or the date by which the project must finish if that is later. */
static inline i64 last_instant(const Plan *plan) { return most(plan->last_early_finish, plan->late_finish); }
static inline bool is_milestone(const Task *task) {
    return task->kind == START_MILESTONE || task->kind == FINISH_MILESTONE;
}
static inline bool is_running(const Task *task) { return is_started(task) && !is_complete(task); }

/* primavera_work.c */
bool has_expected_finish(const Plan *plan, const Task *task); /* and it decided the early finish */
bool has_left(Plan *plan, const Task *task);
i64 actual_minutes(Plan *plan, const Task *task); /* worked until the data date, suspension not counted */
i64 finish_from(Plan *plan, const Task *task, i64 start, Amount amount);
i64 start_from(Plan *plan, const Task *task, i64 finish, Amount amount);
i64 start_after(Plan *plan, const Task *task, i64 instant);   /* itself when it works on from there */
i64 finish_before(Plan *plan, const Task *task, i64 instant); /* itself when it worked until there */
bool works_at(Plan *plan, const Task *task, i64 instant);     /* in working time or at either end of it */
i64 rest_start(Plan *plan, const Task *task);                 /* of work in progress: the data or the resume date */
i64 delayed(Plan *plan, const Link *link, i64 instant, i64 lag); /* a lead takes nothing before the data date */
i64 advanced(Plan *plan, const Link *link, i64 instant, i64 lag);
i64 unspent_lag(Plan *plan, const Link *link, i64 since); /* what of the lag has not run by the data date */

/* primavera.c: what has started goes on without its predecessors, or without those that have not, where the project says
 * so. */
bool holds(const Plan *plan, const Link *link, const Task *target);

/* primavera_late.c */
bool holds_back(const Plan *plan, const Link *link); /* the late dates of its source */
bool backward_activity(Plan *plan, Task *task);

/* primavera_follow.c: spans of summaries, level of effort and WBS summary activities. */
bool forward_span(Plan *plan, Task *task);
bool settle_follower(Plan *plan, i64 row);
bool has_begun(const Plan *plan, const Task *task); /* what only follows */
bool has_ended(const Task *task); /* what only follows: nothing of it is left to do */

#endif
