/* Which mode each activity is done in, so that non-renewables suffice. */
#ifndef NIRMAN_MODES_H
#define NIRMAN_MODES_H

#include "solver.h"

/* Units by which the modes together take too much; `taken` gets the sum of each non-renewable. */
i64 take_too_much(const Solver *solver, const i32 *mode, i64 *taken);

/* Any mode for each activity, shorter ones as often as the others together. */
void choose_modes(const Solver *solver, Random *random, i32 *mode);

/* Another mode for so many activities. */
void change_modes(const Solver *solver, Random *random, i32 *mode, i32 changes);

/* Changes modes until non-renewables suffice, or nothing that is tried helps. */
void repair_modes(const Solver *solver, Random *random, i32 *mode, i64 *taken);
#endif
