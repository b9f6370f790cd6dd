/* Rows by uid: a table with open addresses, its size a power of two, at least twice as many places as uids. */
#include "kernel.h"

static inline i64 place_of(i32 uid, i64 size) { return (i64)((uint32_t)uid * 2654435769u) & (size - 1); }

/* `table` comes filled with NONE. */
void nirman_index_uids(const i32 *uids, i64 count, i32 *table, i64 size) {
    for (i64 row = 0; row < count; row++) {
        i64 place = place_of(uids[row], size);
        while (table[place] != NONE) place = (place + 1) & (size - 1);
        table[place] = (i32)row;
    }
}

/* The row of each wanted uid, NONE of NONE. Answers NONE, or the place of the first uid that is not there. */
i64 nirman_find(const i32 *uids, const i32 *table, i64 size, const i32 *wanted, i64 count, i32 *rows) {
    for (i64 i = 0; i < count; i++) {
        if (wanted[i] == NONE) {
            rows[i] = NONE;
            continue;
        }
        i64 place = place_of(wanted[i], size);
        while (table[place] != NONE && uids[table[place]] != wanted[i]) place = (place + 1) & (size - 1);
        if (table[place] == NONE) return i;
        rows[i] = table[place];
    }
    return NONE;
}
