#include "lists.h"

#include <string.h>

void lay_out_lists(Lists *lists, Arena *arena, const Solver *solver)
{
    size_t n = (size_t)solver->n;
    lists->order = TAKE(arena, n, i32);
    lists->spare = TAKE(arena, n, i32);
    lists->stack = TAKE(arena, n + (size_t)solver->links + 1, i32);
    lists->counts = TAKE(arena, ((size_t)1 << DIGIT_BITS) + 1, i32);
    lists->listed = TAKE(arena, n, bool);
}

/* By digits, from the lowest: linear, and equal keys stay as they were. */
void sort_by(Lists *lists, const Solver *solver, i32 direction, const i32 *key)
{
    i32 most = 0, digits = 1 << DIGIT_BITS;
    for (i32 i = 0; i < solver->n; i++) {
        most = max(most, key[i]);
    }
    memcpy(lists->order, solver->sides[direction].order, sizeof(i32) * (size_t)solver->n);
    for (i32 shift = 0; shift < 31 && (shift == 0 || most >> shift != 0); shift += DIGIT_BITS) {
        i32 used = min(digits, (most >> shift) + 1);
        memset(lists->counts, 0, sizeof(i32) * ((size_t)used + 1));
        for (i32 i = 0; i < solver->n; i++) {
            lists->counts[((key[i] >> shift) & (digits - 1)) + 1]++;
        }
        for (i32 digit = 0; digit < used; digit++) {
            lists->counts[digit + 1] += lists->counts[digit];
        }
        for (i32 k = 0; k < solver->n; k++) {
            i32 i = lists->order[k];
            lists->spare[lists->counts[(key[i] >> shift) & (digits - 1)]++] = i;
        }
        i32 *sorted = lists->spare;
        lists->spare = lists->order;
        lists->order = sorted;
    }
}

void lead_onwards(Lists *lists, const Solver *solver, i32 direction)
{
    const Side *side = &solver->sides[direction];
    i32 count = 0;
    memset(lists->listed, 0, sizeof(bool) * (size_t)solver->n);
    for (i32 k = 0; k < solver->n; k++) {
        i32 top = 0;
        lists->stack[top++] = lists->order[k];
        while (top > 0) {
            i32 i = lists->stack[top - 1], waits = top;
            if (lists->listed[i]) {
                top--;
                continue;
            }
            for (i32 in = side->first_in[i]; in < side->first_in[i + 1]; in++) {
                i32 before = side->ins[in].end / 2;
                if (!lists->listed[before]) {
                    lists->stack[top++] = before;
                }
            }
            if (top == waits) {
                lists->listed[i] = true;
                lists->spare[count++] = i;
                top--;
            }
        }
    }
    i32 *leading = lists->spare;
    lists->spare = lists->order;
    lists->order = leading;
}
