/* Monte Carlo: the same network many times, with durations, risks and rain drawn by chance.
 *
 * Eight samples are scheduled side by side, one a lane. A node that is as usual is computed for all lanes at once, from
 * tables of working time; every other node by the scheduling kernel's own function of its rules, lane by lane, on rows of
 * the lane's own. So the dates are the engine's whatever the plan holds, and how long it takes depends on how many nodes
 * are unusual. Where a node depends on more than its neighbours (tasks as late as possible, the longest path), the engine
 * schedules every sample as a whole.
 *
 * Every number that is drawn is a function of the seed, the sample and what it is for: no state passes from one sample to
 * the next, so any range of samples can be computed anywhere. Sums are of integers, so that their order does not matter.
 * Floating point is IEEE 754 without contraction, so that every processor draws the same.
 *
 * Memory belongs to the caller (library.py); what is allocated here is freed before a call ends.
 */
#ifndef NIRMAN_SIMULATION_H
#define NIRMAN_SIMULATION_H

#include "../../../scheduling/kernel/kernel.h"

enum { LANES = 8 };

/* A task whose duration may be another in each sample. What is drawn is its whole duration, or, once it has started, what
 * is left of it. Minutes are without pauses. */
#define VARIABLE_FIELDS(FIELD)                                                           \
    FIELD(row)                                                                           \
    FIELD(stream)      /* tells its random numbers from those of others */               \
    FIELD(table)       /* which of the quantile functions, or NONE: only risks bear on it */ \
    FIELD(started)                                                                       \
    FIELD(planned)     /* the whole duration */                                          \
    FIELD(left)        /* of it, not done */                                             \
    FIELD(done)                                                                          \
    FIELD(first_delay) /* in `delays`: the risks that delay it */                        \
    FIELD(delays)                                                                        \
    FIELD(first_pause) /* in `pauses`, which are pairs: after how much work, how long */ \
    FIELD(pauses)                                                                        \
    FIELD(first_share) /* in `shares`: links whose lag is a share of the duration */     \
    FIELD(shares)

#define AS_MEMBER(name) i32 name;
typedef struct { VARIABLE_FIELDS(AS_MEMBER) } Variable;
#undef AS_MEMBER

typedef struct { double percent; i64 link; } Share;

/* It comes about in `threshold` of 2^32 samples; delays in minutes and costs are triangular. */
typedef struct { i64 stream, threshold; double delay[3], cost[3]; } Risk;

/* A quantile function is given at so many normal variates, from -6 to 6 standard deviations, and straight between. */
enum { QUANTILES = 257, REACH = 6 };

/* Below these deviates lie 2^-25, and on to a half by 64 steps for each doubling. */
enum { DEVIATES = 24 * 64 + 1 };

/* A sum of 128 bits. */
typedef struct { uint64_t low; i64 high; } Sum;

enum { NOT_REPORTED, REPORTED_TASK, REPORTED_SUMMARY };

#define SIMULATION_FIELDS(FIELD, MEMORY)                                                                           \
    MEMORY(const Plan, plan)            /* scheduled as planned */                                                 \
    FIELD(whole)                        /* 1: the engine schedules each sample as a whole */                       \
    FIELD(critical_slack)                                                                                          \
    FIELD(seed)                                                                                                    \
    FIELD(variables)                                                                                               \
    MEMORY(const Variable, variable)                                                                               \
    MEMORY(const float, quantiles)      /* [tables][QUANTILES] minutes */                                          \
    MEMORY(const float, deviates)       /* [DEVIATES] of the normal distribution, from which variates are drawn */ \
    FIELD(correlated)                                                                                              \
    MEMORY(const float, weights)        /* [2] of the factor that all have in common, and of what is one's own */  \
    FIELD(risks)                                                                                                   \
    MEMORY(const Risk, risk)                                                                                       \
    MEMORY(const i32, delays)                                                                                      \
    MEMORY(const i32, pauses)                                                                                      \
    MEMORY(const Share, shares)                                                                                    \
    FIELD(rain_first)                   /* a day since 1970 */                                                     \
    FIELD(rain_days)                    /* how many days may be rainy from then on */                              \
    MEMORY(const i64, rain)             /* [rain_days] in how many of 2^32 samples it rains */                     \
    FIELD(rainy)                                                                                                   \
    MEMORY(const i32, rainy_rows)       /* [rainy] tasks that rain stops */                                        \
    MEMORY(const double, slopes)        /* [variables] what a minute more costs */                                 \
    MEMORY(const i32, reported)         /* [rows] */                                                               \
    MEMORY(const i32, given)            /* [variables][count] minutes in place of drawn ones; no risk, no rain */  \
    FIELD(bins)                         /* at most 256 */                                                          \
    MEMORY(const i32, bins_from)        /* [rows] an instant */                                                    \
    MEMORY(const float, bins_a_minute)  /* [rows] */                                                               \
    MEMORY(i32, finish)                 /* results: [count] of the project */                                      \
    MEMORY(double, cost)                /* [count] of durations and risks, beyond what is planned */               \
    MEMORY(i64, critical)               /* [rows] in how many samples */                                           \
    MEMORY(i64, late)                   /* [rows] in how many samples after the deadline */                        \
    MEMORY(i64, finishes)               /* [rows] sum of minutes after the planned finish */                       \
    MEMORY(Sum, finish_squares)         /* [rows] */                                                               \
    MEMORY(i64, minutes)                /* [variables] sum of minutes beyond the planned */                        \
    MEMORY(Sum, minute_squares)         /* [variables] */                                                          \
    MEMORY(i64, occurred)               /* [risks] in how many samples */                                          \
    MEMORY(i64, occurred_finishes)      /* [risks] sum over these of the project's minutes after its planned finish */ \
    MEMORY(uint32_t, histogram)         /* [rows][bins], or nothing */                                             \
    MEMORY(i32, each_start)             /* [count][rows], or nothing */                                            \
    MEMORY(i32, each_finish)            /* [count][rows], or nothing */                                            \
    MEMORY(i32, each_slack)             /* [count][rows], or nothing */                                            \
    MEMORY(i32, each_minutes)           /* [count][variables], or nothing */                                       \
    MEMORY(uint8_t, each_rain)          /* [count][rain_days], or nothing */                                       \
    FIELD(nodes)                        /* how many are computed */                                                \
    FIELD(quick)                        /* of these, for all lanes at once */                                      \
    FIELD(failure)                      /* Failure */                                                              \
    FIELD(failed_row)                                                                                              \
    FIELD(failed_calendar)              /* of the plan */

#define AS_MEMBER(name) i64 name;
#define AS_POINTER(type, name) type *name;
typedef struct { SIMULATION_FIELDS(AS_MEMBER, AS_POINTER) } Simulation;
#undef AS_MEMBER
#undef AS_POINTER

#endif
