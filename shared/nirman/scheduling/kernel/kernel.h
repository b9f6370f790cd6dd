/* The scheduling kernel: a plan as rows of integers, and the passes over them.
 *
 * Instants are minutes since 1970-01-01, local wall time; durations, lags and slack are whole minutes. NEVER stands for
 * an instant or an amount that is not there, NONE for no row. A plan is a graph of nodes: a task is one node; a summary
 * is two, its gate, which holds its children back, and its span, from their first start to their last finish.
 *
 * What a node computes depends on its own given fields, and on what the nodes that it is connected with computed: so a
 * change is carried from node to node exactly as far as it reaches, and a full schedule is the same with every node
 * marked as changed. Which node functions do so is a matter of rules: those of Microsoft Project or of Primavera P6.
 *
 * Nothing here allocates beyond a call, keeps state, or reads a clock: memory belongs to the caller (library.py).
 */
#ifndef NIRMAN_KERNEL_H
#define NIRMAN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t i64; /* what is computed with */
typedef int32_t i32; /* what is kept: half the memory, and it is memory that the passes wait for */

#define NEVER INT32_MIN
#define NONE (-1)

/* Every field is an i32, so that a row is an array of them to the caller, who is told the names. What the passes look at
 * together stands together, sixteen fields to a line of the processor's cache. */
#define TASK_FIELDS(FIELD)                                                                                      \
    FIELD(active)           /* 0: neither moves nor drives; also below an inactive summary */                   \
    FIELD(kind)             /* TaskKind */                                                                      \
    FIELD(parent)           /* row of its summary, or NONE */                                                   \
    FIELD(calendar)         /* what its duration is counted in */                                               \
    FIELD(duration)         /* pauses of a split task included */                                               \
    FIELD(parts)            /* how many assignments decide how long it takes; 0: the duration does */           \
    FIELD(constraint)       /* ConstraintKind */                                                                \
    FIELD(second_constraint)                                                                                    \
                                                                                                                \
    FIELD(manual)           /* 1: a person gave the dates manual_* */                                           \
    FIELD(actual_start)                                                                                         \
    FIELD(actual_finish)                                                                                        \
    FIELD(delay)            /* elapsed minutes that levelling put before the start */                           \
    FIELD(own_calendar)     /* its own, else the project's */                                                   \
    FIELD(slack_calendar)   /* what its slack is counted in */                                                  \
    FIELD(deadline)                                                                                             \
    FIELD(exists)           /* 0: a row no longer used */                                                       \
                                                                                                                \
    FIELD(first_child)      /* this line is made by graph.c; NONE: a leaf */                                    \
    FIELD(next_sibling)                                                                                         \
    FIELD(first_in)         /* in `in_links`: its links from predecessors */                                    \
    FIELD(ins)                                                                                                  \
    FIELD(first_out)        /* in `out_links`: its links to successors */                                       \
    FIELD(outs)                                                                                                 \
    FIELD(early_start)      /* results from here */                                                             \
    FIELD(early_finish)                                                                                         \
                                                                                                                \
    FIELD(logic_start)      /* what links ask for where a constraint won over them; slack is counted from it */ \
    FIELD(logic_finish)                                                                                         \
    FIELD(driver)           /* row of the predecessor that decides the start, or NONE */                        \
    FIELD(late_start)                                                                                           \
    FIELD(late_finish)                                                                                          \
    FIELD(must_start)       /* what its predecessors keep to: when its remaining work must start */             \
    FIELD(must_finish)                                                                                          \
    FIELD(total_slack)                                                                                          \
                                                                                                                \
    FIELD(free_slack)                                                                                           \
    FIELD(start)            /* what is shown: early dates, of a task as late as possible its late ones */       \
    FIELD(finish)                                                                                               \
    FIELD(on_longest_path)                                                                                      \
    FIELD(bound_start)      /* of a summary: how late its links and dates let its children be */                \
    FIELD(bound_finish)                                                                                         \
    FIELD(starts_with)      /* of a summary: the child that starts first */                                     \
    FIELD(gate_start)       /* of a summary: how early its links and dates let its children be */               \
    FIELD(gate_driver)                                                                                          \
    FIELD(gate_finish)                                                                                          \
    FIELD(gate_must_start)                                                                                      \
    FIELD(gate_must_finish)                                                                                     \
    FIELD(uid)              /* given fields again from here */                                                  \
    FIELD(first_part)       /* in `part`: its assignments, where they decide how long it takes */               \
    FIELD(constraint_at)                                                                                        \
    FIELD(second_constraint_at)                                                                                 \
    FIELD(expected_finish)                                                                                      \
    FIELD(external_start)   /* early start that links from other projects ask for */                            \
    FIELD(external_finish)  /* late finish that links to other projects ask for */                              \
    FIELD(done)             /* minutes of the duration that are done */                                         \
    FIELD(remaining)        /* minutes that are left */                                                         \
    FIELD(suspend)                                                                                              \
    FIELD(resume)                                                                                               \
    FIELD(manual_start)                                                                                         \
    FIELD(manual_finish)

#define LINK_FIELDS(FIELD)                                                       \
    FIELD(uid)                                                                   \
    FIELD(exists)                                                                \
    FIELD(source)       /* row of the predecessor */                             \
    FIELD(target)       /* row of the successor */                               \
    FIELD(kind)         /* LinkKind */                                           \
    FIELD(lag)                                                                   \
    FIELD(lag_calendar) /* a calendar, OF_PREDECESSOR or OF_SUCCESSOR */         \
    FIELD(slack)        /* result: how far it is from deciding its successor */

#define AS_MEMBER(name) i32 name;
typedef struct { TASK_FIELDS(AS_MEMBER) } Task;
typedef struct { LINK_FIELDS(AS_MEMBER) } Link;
#undef AS_MEMBER

/* The order of these is the order of the enumerations in planning/model.py. */
typedef enum { ASAP, ALAP, SNET, SNLT, FNET, FNLT, MSO, MFO, SO, FO } ConstraintKind;
typedef enum { FS, SS, FF, SF } LinkKind;
typedef enum { TASK, RESOURCE_DEPENDENT, LEVEL_OF_EFFORT, WBS_SUMMARY, START_MILESTONE, FINISH_MILESTONE } TaskKind;
typedef enum { MICROSOFT, PRIMAVERA } RulesKind;
typedef enum { RETAINED_LOGIC, PROGRESS_OVERRIDE, ACTUAL_DATES } ProgressLogic;
typedef enum { SLACK_START, SLACK_FINISH, SLACK_LEAST } SlackKind;

/* What one assignment does: so many minutes of its own calendar, `remaining` of them not done (negative: as the task's
 * progress has it), that long after the task's start. It begins and ends when `both` works, its own calendar and the
 * task's. */
typedef struct { i32 calendar, both, minutes, remaining, delay; } Part;

/* Working time as ascending intervals; `before` is the work before it, from any origin. One more interval, empty and out
 * of reach, ends the row: its `before` is all the work. Laid out from instant `first` to `last`, last excluded.
 * `by_day[d]` is how many intervals start before day d after `first`; `by_work[w]` how many have less work before them
 * than w times 2 to the `shift` more than the first: an interval is found in a few steps from there.
 * A `count` of -1: every minute counts. */
typedef struct { i32 start, finish, before; } Interval;

typedef struct {
    i64 count, first, last, shift;
    const Interval *interval;
    const i32 *by_day, *by_work;
} Calendar;

enum { OF_PREDECESSOR = -2, OF_SUCCESSOR = -3 };

typedef enum { FINE, CIRCLE, CALENDAR_TOO_EARLY, CALENDAR_TOO_LATE, OUT_OF_TIME, OUT_OF_MEMORY } Failure;

/* Plans live between these instants, the years 1700 and 2400; a result outside them is OUT_OF_TIME. */
#define FIRST_INSTANT (-98615 * 1440ll)
#define LAST_INSTANT (157054 * 1440ll)

/* Every field takes the room of an i64, addresses too. */
#define PLAN_FIELDS(FIELD, MEMORY)                                                                            \
    FIELD(rows)                                                                                               \
    FIELD(links)                                                                                              \
    FIELD(parts)                                                                                              \
    FIELD(calendars)                                                                                          \
    MEMORY(Task, task)                                                                                        \
    MEMORY(Link, link)                                                                                        \
    MEMORY(const Part, part)                                                                                  \
    MEMORY(const Calendar, calendar)                                                                          \
    MEMORY(i32, in_links)     /* [links] */                                                                   \
    MEMORY(i32, out_links)    /* [links] */                                                                   \
    MEMORY(i32, order)        /* [2 * rows] nodes, each after all that it depends on; NONE after the last */  \
    MEMORY(i32, position)     /* [2 * rows] place of each node in `order`; NONE: not in use, or in a circle */ \
    FIELD(rules)              /* RulesKind */                                                                 \
    FIELD(start)              /* of the project */                                                            \
    FIELD(finish)             /* where scheduling goes back from, or NEVER: it goes forward from `start` */   \
    FIELD(must_finish)        /* where late dates are counted from, or NEVER: from the last early finish */   \
    FIELD(data_date)          /* work not done is not before it, or NEVER */                                  \
    FIELD(honor_constraints)                                                                                  \
    FIELD(progress_logic)     /* ProgressLogic */                                                             \
    FIELD(slack_kind)         /* SlackKind */                                                                 \
    FIELD(lag_from_actual_start) /* 1: of SS links from work in progress; 0: it runs with that work (P6) */   \
    FIELD(open_ends_critical)                                                                                 \
    FIELD(float_by_project)   /* 1: each summary at the top is a project with a finish of its own (P6) */     \
    FIELD(use_expected_finish)                                                                                \
    FIELD(critical_by_path)   /* 1: the longest path is wanted */                                             \
    FIELD(base_calendar)      /* of the project */                                                            \
    FIELD(full)               /* 1: what came before does not help, every node has to be computed */          \
    FIELD(project_start)      /* results */                                                                   \
    FIELD(project_finish)                                                                                     \
    FIELD(late_finish)        /* where late dates were counted from */                                        \
    FIELD(last_early_finish)  /* of the tasks at work */                                                      \
    FIELD(any_late)           /* 1: some task goes as late as possible */                                     \
    FIELD(nodes)              /* how many nodes were computed, forward and backward together */               \
    FIELD(failure)            /* Failure */                                                                   \
    FIELD(failed_row)         /* where it was met */                                                          \
    FIELD(failed_calendar)                                                                                    \
    FIELD(early_known)        /* while it runs */                                                             \
    FIELD(placing_late)

#define AS_MEMBER(name) i64 name;
#define AS_POINTER(type, name) type *name;
typedef struct { PLAN_FIELDS(AS_MEMBER, AS_POINTER) } Plan;
#undef AS_MEMBER
#undef AS_POINTER
_Static_assert(sizeof(void *) == sizeof(i64), "the caller writes addresses as i64");

static inline i64 least(i64 a, i64 b) { return a < b ? a : b; }
static inline i64 most(i64 a, i64 b) { return a > b ? a : b; }

/* Nodes. */
static inline i64 span_of(i64 row) { return 2 * row; }
static inline i64 gate_of(i64 row) { return 2 * row + 1; }
static inline i64 row_of(i64 node) { return node / 2; }
static inline bool is_gate(i64 node) { return node % 2; }
static inline bool is_summary(const Task *task) { return task->first_child != NONE; }
/* What a link into a row, or its summary, waits at. */
static inline i64 entry_of(const Plan *plan, i64 row) {
    return is_summary(&plan->task[row]) ? gate_of(row) : span_of(row);
}
/* Drives nothing, and spans what it is linked to. */
static inline bool follows(const Task *task) {
    return (task->kind == LEVEL_OF_EFFORT || task->kind == WBS_SUMMARY) && !is_summary(task);
}
static inline bool is_started(const Task *task) { return task->actual_start != NEVER; }
static inline bool is_complete(const Task *task) { return task->actual_finish != NEVER; }

static inline i64 lag_calendar(const Plan *plan, const Link *link) {
    if (link->lag_calendar == OF_PREDECESSOR) return plan->task[link->source].own_calendar;
    return link->lag_calendar == OF_SUCCESSOR ? plan->task[link->target].own_calendar : link->lag_calendar;
}

/* calendar.c: working time. A question that leads outside what is laid out sets `failure` and gives the instant back. */
i64 worked(Plan *plan, i64 calendar, i64 instant);
i64 add(Plan *plan, i64 calendar, i64 instant, i64 minutes);      /* ends in the evening, never at the next morning */
i64 subtract(Plan *plan, i64 calendar, i64 instant, i64 minutes); /* begins in the morning */
i64 shifted(Plan *plan, i64 calendar, i64 instant, i64 minutes);  /* add, or subtract what is negative */
i64 between(Plan *plan, i64 calendar, i64 start, i64 finish);     /* negative when finish is earlier */
i64 next_start(Plan *plan, i64 calendar, i64 instant);            /* itself when work goes on after it */
i64 previous_finish(Plan *plan, i64 calendar, i64 instant);       /* itself when work was going on before it */

/* Rules: each computes one node, true when what other nodes read of it is not what it was. */
typedef struct {
    bool (*forward)(Plan *plan, i64 node);
    bool (*backward)(Plan *plan, i64 node);
    /* Late dates of rows that only follow others (spans of summaries, level of effort), once all others have theirs. */
    bool (*settle)(Plan *plan, i64 row);
    void (*total_slack)(Plan *plan, i64 row); /* and the dates that are shown */
    void (*free_slack)(Plan *plan, i64 row); /* and that of its links to successors */
} Rules;

extern const Rules microsoft_rules;
extern const Rules primavera_rules;

/* graph.c: children, links by row, and the order of nodes; false for a circle or when memory ends. */
bool arrange(Plan *plan);

#endif
