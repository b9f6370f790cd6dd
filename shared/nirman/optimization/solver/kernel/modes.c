#include "modes.h"

#define TRIES 8 /* for each activity */

static i64 excess_of(const Solver *solver, const i64 *taken)
{
    i64 excess = 0;
    for (i32 r = 0; r < solver->non_renewables; r++) {
        excess += taken[r] > solver->total[r] ? taken[r] - solver->total[r] : 0;
    }
    return excess;
}

static void add(const Solver *solver, i32 mode, i64 *taken, i32 times)
{
    for (i32 r = 0; r < solver->non_renewables; r++) {
        taken[r] += (i64)times * solver->consumption[(size_t)mode * solver->non_renewables + r];
    }
}

i64 take_too_much(const Solver *solver, const i32 *mode, i64 *taken)
{
    for (i32 r = 0; r < solver->non_renewables; r++) {
        taken[r] = 0;
    }
    for (i32 i = 0; i < solver->n && solver->non_renewables > 0; i++) {
        add(solver, mode[i], taken, 1);
    }
    return excess_of(solver, taken);
}

static i32 any_mode(const Solver *solver, Random *random, i32 i)
{
    return solver->first_mode[i] + random_below(random, solver->first_mode[i + 1] - solver->first_mode[i]);
}

void choose_modes(const Solver *solver, Random *random, i32 *mode)
{
    for (i32 i = 0; i < solver->n; i++) {
        i32 one = any_mode(solver, random, i), other = any_mode(solver, random, i);
        mode[i] = solver->duration[one] <= solver->duration[other] ? one : other;
    }
}

void change_modes(const Solver *solver, Random *random, i32 *mode, i32 changes)
{
    for (; changes > 0; changes--) {
        i32 i = random_below(random, solver->n);
        mode[i] = any_mode(solver, random, i);
    }
}

void repair_modes(const Solver *solver, Random *random, i32 *mode, i64 *taken)
{
    i64 excess = take_too_much(solver, mode, taken);
    for (i32 k = 0; excess > 0 && k < TRIES * solver->n; k++) {
        i32 i = random_below(random, solver->n), other = any_mode(solver, random, i);
        add(solver, mode[i], taken, -1);
        add(solver, other, taken, 1);
        i64 now = excess_of(solver, taken);
        if (now < excess) {
            excess = now;
            mode[i] = other;
        } else {
            add(solver, other, taken, -1);
            add(solver, mode[i], taken, 1);
        }
    }
}
