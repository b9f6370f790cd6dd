/* The solver's kernel: resource-constrained scheduling on an axis of whole periods.
 *
 * What is to be scheduled is told once (`nirman_solver_new`) and kept as two sides: as it is, and mirrored in time, where
 * the last period is the first, links lead back, and "as early as possible" means as late as possible. One procedure
 * (serial.c) schedules either side from a list of activities; improvement forward and backward is the two in turns.
 *
 * Units of several resources lie side by side in 64-bit words, a guard bit above each: one subtraction tells whether all
 * of them suffice in a period (place.c). A resource that all work with in one calendar lies on that calendar's working
 * periods, so that work without a break is one stretch (working.c). What is searched for is the list (search.c).
 *
 * Nothing here reads a clock or is random beyond the seed that it was given; memory is the solver's, freed with it.
 */
#ifndef NIRMAN_SOLVER_H
#define NIRMAN_SOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t i64;
typedef int32_t i32;
typedef uint64_t u64;
typedef uint32_t u32;

#define NEVER INT32_MIN
#define NONE (-1)
#define PERIODS_OF_WORK 64
#define SCHEDULE_WORK 8 /* sorting, crossing and the like, of the smallest */
#define LATE_WEIGHT ((i64)1 << 32) /* of a period of lateness, in periods of makespan */

/* What is told: numbers, then where columns of i32 begin. The caller asks for the names. */
#define INPUT_FIELDS(FIELD)                                                                             \
    FIELD(activities)                                                                                   \
    FIELD(modes)                                                                                        \
    FIELD(links)                                                                                        \
    FIELD(renewables)                                                                                   \
    FIELD(non_renewables)                                                                               \
    FIELD(calendars)                                                                                    \
    FIELD(parts)                                                                                        \
    FIELD(horizon)         /* periods; nothing is scheduled beyond */                                   \
    FIELD(first_mode)      /* of each activity, and how many modes there are */                         \
    FIELD(duration)        /* of each mode, then of each part */                                        \
    FIELD(demand)          /* of each mode, then of each part, of each renewable */                     \
    FIELD(consumption)     /* of each mode, of each non-renewable */                                    \
    FIELD(release)         /* of each activity: earliest start */                                       \
    FIELD(deadline)        /* latest finish, or NEVER */                                                \
    FIELD(fixed)           /* fixed start, or NEVER */                                                  \
    FIELD(splits)          /* 1: may be interrupted */                                                  \
    FIELD(priority)                                                                                     \
    FIELD(calendar)        /* or NONE */                                                                \
    FIELD(first_part)      /* of each activity, and how many parts there are */                         \
    FIELD(part)            /* pairs of calendar (or NONE), and after how many periods it begins */      \
    FIELD(order)           /* activities so that links lead onwards */                                  \
    FIELD(link)            /* rows of predecessor, successor, from finish, to finish, lag, calendar */  \
    FIELD(axis)            /* calendar that all who take of a renewable work in, or NONE */             \
    FIELD(first_capacity)  /* of each renewable, and how many there are */                              \
    FIELD(capacity_from)                                                                                \
    FIELD(capacity)                                                                                     \
    FIELD(total)           /* of each non-renewable */                                                  \
    FIELD(first_interval)  /* of each calendar, and how many there are */                               \
    FIELD(interval)        /* pairs of start and finish */

#define AS_MEMBER(name) INPUT_##name,
typedef enum { INPUT_FIELDS(AS_MEMBER) INPUT_COUNT } Input;
#undef AS_MEMBER

/* A link as its successor sees it: `end` is 2 * activity for that one's start, 2 * activity + 1 for its finish. */
typedef struct {
    i32 end;
    i32 lag;
    i32 calendar;
} In;

typedef struct {
    i32 start, finish; /* of an interval */
    i32 before;        /* working periods before it */
} Interval;

#define HINTED 6 /* of so many bits of an instant, or of a number of working periods, is known where to look */

typedef struct {
    const Interval *intervals;
    i32 count;
    i32 total;             /* working periods */
    const i32 *by_instant; /* the first interval that ends after that instant */
    const i32 *by_number;  /* the last with no more working periods before it */
} Calendar;

/* What a mode takes of one word of the profile in each of its periods. */
typedef struct {
    i32 word;
    u64 units;
} Take;

/* The problem in one direction of time. */
typedef struct {
    i32 *order;    /* activities so that links lead onwards */
    i32 *first_in; /* of each activity in `ins`: links to its start, then (first_to_finish) to its finish */
    i32 *first_to_finish;
    In *ins;
    i32 *first_out; /* successors of each activity */
    i32 *outs;
    i32 *release;
    i32 *deadline;
    i32 *held; /* start of a fixed activity, or NEVER */
    i32 *after; /* of each part: working periods from the activity's start until its own */
    Calendar *calendars; /* and, behind them, one that works in every period */
    u64 *base; /* units left by fixed activities, word by word, `stride` periods each, of its axis */
    u64 *left; /* by all that is scheduled so far */
    i32 dirty_from, dirty; /* only from there until there `left` differs from `base` */
} Side;

typedef struct {
    i32 n, modes, parts, links, renewables, non_renewables, calendar_count, horizon, stride, words;
    bool multi;  /* some activity has a choice of modes */
    bool sorted; /* whoever starts earlier comes earlier in a list: finish-start links without leads */
    i32 *first_mode, *duration, *demand, *consumption, *splits, *priority, *calendar, *total;
    i32 *first_part, *part_calendar;
    i32 *axis; /* of each word: the calendar whose working periods it lies on, or NONE */
    i32 *most; /* units there ever are of each renewable */
    i32 *first_take;
    Take *takes;
    u64 *guards; /* of each word */
    Side sides[2];

    /* What one schedule is made in. */
    i32 *ends;     /* 2 * activity: start, finish */
    bool free;     /* resources are not looked at: the critical path's own dates */
    i64 work;      /* in all: activities placed, periods gone through, schedules begun */
    i32 unplaced;  /* activities that found no place before the horizon */
    i32 *segments; /* where to write down what works when (activity, start, finish), or NULL */
    i32 segment_count, segment_room;
    void *arena;
} Solver;

/* Memory that is one piece: laid out once to learn its size (`at` is NULL), once to get the places. */
typedef struct {
    char *at;
    size_t used;
} Arena;

static inline void *arena_take(Arena *arena, size_t count, size_t size)
{
    size_t begin = (arena->used + 15) & ~(size_t)15;
    arena->used = begin + count * size;
    return arena->at == NULL ? NULL : arena->at + begin;
}

#define TAKE(arena, count, type) ((type *)arena_take(arena, (size_t)(count), sizeof(type)))

typedef struct {
    u64 state[2];
} Random;

static inline u64 random_next(Random *random)
{ /* xoroshiro128+ */
    u64 s0 = random->state[0], s1 = random->state[1], result = s0 + s1;
    s1 ^= s0;
    random->state[0] = ((s0 << 24) | (s0 >> 40)) ^ s1 ^ (s1 << 16);
    random->state[1] = (s1 << 37) | (s1 >> 27);
    return result;
}

static inline i32 random_below(Random *random, i32 bound)
{
    return (i32)(((random_next(random) >> 32) * (u64)bound) >> 32);
}

void random_seed(Random *random, u64 seed);

static inline i32 max(i32 one, i32 other) { return one > other ? one : other; }
static inline i32 min(i32 one, i32 other) { return one < other ? one : other; }

/* serial.c: `order` is a list in which links lead onwards, `mode` the mode of each activity, `release` what the side's
 * own earliest starts are replaced with (or NULL). Leaves `ends`; gives the last finish. */
i32 serial(Solver *solver, i32 direction, const i32 *order, const i32 *mode, const i32 *release);

/* The same, of what can start next, `rank` deciding among equals; `scratch` has three places an activity. */
i32 parallel(Solver *solver, i32 direction, const i32 *rank, const i32 *mode, i32 *scratch);

/* place.c: where one activity goes; both ends at the horizon when it goes nowhere. */
typedef struct {
    i32 start, finish;
} Span;

Span place(const Solver *solver, const Side *side, i32 activity, i32 mode, const i32 *release);
void occupy(Solver *solver, Side *side, i32 activity, i32 mode, Span span);
void clean(Solver *solver, Side *side);

/* place.c: first start from `from` at which a word has the units for so many periods; `end` of the word when none has. */
i32 first_fit(const u64 *left, u64 guard, u64 units, i32 from, i32 duration, i32 end);

/* working.c: of activities with a calendar, or in parts. */
Span place_working(const Solver *solver, const Side *side, i32 activity, i32 mode, i32 from, i32 finish_from);
void use_working(const Solver *solver, Side *side, i32 activity, i32 mode, Span span);

/* calendar.c */
const Calendar *calendar_of(const Solver *solver, const Side *side, i32 number); /* of NONE one that always works */
i32 interval_of(const Calendar *calendar, i32 count); /* the last with no more than so many working periods before it */
i32 interval_at(const Calendar *calendar, i32 instant); /* the first that ends after it; `count` when none does */
i32 working_before(const Calendar *calendar, i32 instant);
i32 end_of_working(const Calendar *calendar, i32 count);   /* instant by which so many periods were worked, or NEVER */
i32 start_of_working(const Calendar *calendar, i32 count); /* instant at which the next one after so many begins */
bool works(const Solver *solver, i32 activity, i32 period);
i32 finish_of(const Solver *solver, i32 activity, i32 start);
#endif
