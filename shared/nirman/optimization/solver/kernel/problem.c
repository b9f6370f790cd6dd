/* The problem as told, kept for both directions of time. */
#include "solver.h"

#include <stdlib.h>
#include <string.h>

#define AS_TEXT(name) #name " "
const char *nirman_solver_fields(void) { return INPUT_FIELDS(AS_TEXT); }
#undef AS_TEXT

typedef struct {
    const i64 *fields;
    i32 n, modes, parts, renewables, calendars;
    i32 words;
    i32 *word, *shift, *bits; /* where each renewable lies in the profile */
    i32 *axis;                /* of each word */
} Told;

static const i32 *column(const Told *told, Input field) { return (const i32 *)(intptr_t)told->fields[field]; }

static i32 number(const Told *told, Input field) { return (i32)told->fields[field]; }

static i32 bits_of(i32 units)
{
    i32 bits = 0;
    for (; units != 0; units >>= 1) {
        bits++;
    }
    return bits;
}

static i32 most_of(const Told *told, i32 renewable)
{
    const i32 *first = column(told, INPUT_first_capacity), *units = column(told, INPUT_capacity);
    i32 most = 0;
    for (i32 k = first[renewable]; k < first[renewable + 1]; k++) {
        most = units[k] > most ? units[k] : most;
    }
    return most;
}

/* Lays renewables of one axis into words one after the other, a guard bit above each. */
static void pack_axis(Told *told, i32 axis)
{
    i32 used = 64;
    for (i32 r = 0; r < told->renewables; r++) {
        if (column(told, INPUT_axis)[r] != axis) {
            continue;
        }
        told->bits[r] = bits_of(most_of(told, r));
        if (used + told->bits[r] + 1 > 64) {
            told->axis[told->words++] = axis;
            used = 0;
        }
        told->word[r] = told->words - 1;
        told->shift[r] = used;
        used += told->bits[r] + 1;
    }
}

static void pack(Told *told)
{
    told->words = 0;
    for (i32 axis = NONE; axis < told->calendars; axis++) {
        pack_axis(told, axis);
    }
}

/* In their place in a word; of more than there ever are as many as the guard bit says, which never suffices. */
static u64 units_in_place(const Told *told, i32 renewable, i32 units)
{
    u64 too_many = (u64)1 << told->bits[renewable];
    return ((u64)units < too_many ? (u64)units : too_many) << told->shift[renewable];
}

static u64 units_of_mode(const Told *told, i32 mode, i32 word)
{
    const i32 *demand = column(told, INPUT_demand) + (size_t)mode * told->renewables;
    u64 units = 0;
    for (i32 r = 0; r < told->renewables; r++) {
        units |= told->word[r] == word ? units_in_place(told, r, demand[r]) : 0;
    }
    return units;
}

static i32 count_takes(const Told *told)
{
    i32 count = 0;
    for (i32 m = 0; m < told->modes + told->parts; m++) {
        for (i32 w = 0; w < told->words; w++) {
            count += units_of_mode(told, m, w) != 0;
        }
    }
    return count;
}

static void fill_takes(Solver *solver, const Told *told)
{
    i32 count = 0;
    for (i32 m = 0; m < told->modes + told->parts; m++) {
        solver->first_take[m] = count;
        for (i32 w = 0; w < told->words; w++) {
            u64 units = units_of_mode(told, m, w);
            if (units != 0) {
                solver->takes[count++] = (Take){w, units};
            }
        }
    }
    solver->first_take[told->modes + told->parts] = count;
}

/* A period of wall time on a word's axis. */
static i32 on_axis(const Solver *solver, i32 word, i32 period)
{
    i32 axis = solver->axis[word];
    return axis == NONE ? period : working_before(&solver->sides[0].calendars[axis], period);
}

static void fill_base(Solver *solver, const Told *told)
{
    const i32 *first = column(told, INPUT_first_capacity), *from = column(told, INPUT_capacity_from);
    const i32 *units = column(told, INPUT_capacity);
    memset(solver->sides[0].base, 0, sizeof(u64) * (size_t)solver->words * (size_t)solver->stride);
    memset(solver->guards, 0, sizeof(u64) * (size_t)solver->words);
    for (i32 r = 0; r < told->renewables; r++) {
        solver->most[r] = most_of(told, r);
        u64 guard = (u64)1 << (told->shift[r] + told->bits[r]);
        u64 *base = solver->sides[0].base + (size_t)told->word[r] * solver->stride;
        solver->guards[told->word[r]] |= guard;
        for (i32 k = first[r]; k < first[r + 1]; k++) {
            i32 until = k + 1 < first[r + 1] && from[k + 1] < solver->horizon ? from[k + 1] : solver->horizon;
            i32 end = on_axis(solver, told->word[r], until);
            for (i32 t = on_axis(solver, told->word[r], from[k]); t < end; t++) {
                base[t] |= guard | (u64)units[k] << told->shift[r];
            }
        }
    }
}

/* Fixed activities take their units before any other; what they take too much is for the caller to find. */
static void hold_fixed(const Solver *solver, const Told *told)
{
    for (i32 i = 0; i < solver->n; i++) {
        i32 mode = solver->first_mode[i], start = solver->sides[0].held[i], finish = solver->sides[1].held[i];
        if (start == NEVER) {
            continue;
        }
        finish = solver->horizon - finish;
        for (i32 r = 0; r < told->renewables; r++) {
            u64 *base = solver->sides[0].base + (size_t)told->word[r] * solver->stride;
            u64 mask = (((u64)1 << told->bits[r]) - 1) << told->shift[r];
            u64 units = units_in_place(told, r, solver->demand[(size_t)mode * told->renewables + r]);
            for (i32 t = start; units != 0 && t < finish; t++) {
                if (works(solver, i, t)) {
                    base[t] -= (base[t] & mask) < units ? base[t] & mask : units;
                }
            }
        }
    }
}

static void mirror_base(const Solver *solver)
{
    for (i32 w = 0; w < solver->words; w++) {
        const u64 *ahead = solver->sides[0].base + (size_t)w * solver->stride;
        u64 *back = solver->sides[1].base + (size_t)w * solver->stride;
        memset(back, 0, sizeof(u64) * (size_t)solver->stride);
        i32 end = on_axis(solver, w, solver->horizon);
        for (i32 t = 0; t < end; t++) {
            back[end - 1 - t] = ahead[t];
        }
    }
}

/* Where to begin to look, for every 2^HINTED-th instant and number. */
static void fill_hints(Calendar *calendar, i32 horizon, i32 *by_instant, i32 *by_number)
{
    i32 count = calendar->count;
    for (i32 h = 0, k = 0; h <= horizon >> HINTED; h++) {
        while (k < count && calendar->intervals[k].finish <= h << HINTED) {
            k++;
        }
        by_instant[h] = k;
    }
    for (i32 h = 0, k = 0; h <= horizon >> HINTED; h++) {
        while (k + 1 < count && calendar->intervals[k + 1].before <= h << HINTED) {
            k++;
        }
        by_number[h] = k;
    }
    calendar->by_instant = by_instant;
    calendar->by_number = by_number;
}

/* Where intervals and hints of one direction lie. */
typedef struct {
    Interval *intervals;
    i32 *by_instant, *by_number; /* `hints_of` for each calendar */
} Room;

static i32 hints_of(i32 horizon) { return (horizon >> HINTED) + 1; }

static void fill_calendar(const Solver *solver, i32 c, const i32 *ends, i32 count, i32 at, const Room *rooms)
{
    Interval *one = rooms[0].intervals + at, *other = rooms[1].intervals + at;
    i32 horizon = solver->horizon, total = 0;
    while (count > 0 && ends[2 * (count - 1)] >= horizon) { /* nothing is done beyond */
        count--;
    }
    for (i32 k = 0; k < count; k++) {
        i32 start = ends[2 * k], finish = min(ends[2 * k + 1], horizon);
        one[k] = (Interval){start, finish, total};
        total += finish - start;
    }
    for (i32 k = 0; k < count; k++) {
        Interval mirrored = one[count - 1 - k];
        i32 length = mirrored.finish - mirrored.start, start = horizon - mirrored.finish;
        other[k] = (Interval){start, start + length, total - mirrored.before - length};
    }
    for (i32 direction = 0; direction < 2; direction++) {
        const Room *room = &rooms[direction];
        Calendar *calendar = &solver->sides[direction].calendars[c];
        size_t hints = (size_t)c * hints_of(horizon);
        *calendar = (Calendar){room->intervals + at, count, total, NULL, NULL};
        fill_hints(calendar, horizon, room->by_instant + hints, room->by_number + hints);
    }
}

static void fill_calendars(const Solver *solver, const Told *told, const Room *rooms)
{
    const i32 *first = column(told, INPUT_first_interval), *ends = column(told, INPUT_interval);
    const i32 always[] = {0, solver->horizon};
    i32 c = 0;
    for (; c < solver->calendar_count; c++) {
        fill_calendar(solver, c, ends + 2 * (size_t)first[c], first[c + 1] - first[c], first[c], rooms);
    }
    fill_calendar(solver, c, always, 1, c == 0 ? 0 : first[c], rooms);
}

/* `next` has a place for each activity. */
static void fill_links(const Solver *solver, const Told *told, i32 direction, i32 *next)
{
    const Side *side = &solver->sides[direction];
    const i32 *row = column(told, INPUT_link);
    i32 *ins = side->first_in, *outs = side->first_out, n = solver->n;
    memset(ins, 0, sizeof(i32) * ((size_t)n + 1));
    memset(outs, 0, sizeof(i32) * ((size_t)n + 1));
    for (i32 k = 0; k < solver->links; k++) {
        outs[row[6 * k + direction] + 1]++;
        ins[row[6 * k + 1 - direction] + 1]++;
    }
    for (i32 i = 0; i < n; i++) {
        ins[i + 1] += ins[i];
        outs[i + 1] += outs[i];
    }
    memcpy(next, outs, sizeof(i32) * (size_t)n);
    for (i32 k = 0; k < solver->links; k++) {
        side->outs[next[row[6 * k + direction]]++] = row[6 * k + 1 - direction];
    }
    memcpy(next, ins, sizeof(i32) * (size_t)n);
    for (i32 finishes = 0; finishes < 2; finishes++) { /* links to starts come first */
        for (i32 k = 0; k < solver->links; k++) {
            const i32 *link = row + 6 * (size_t)k;
            /* Mirrored, starts are finishes and finishes are starts. */
            i32 from_finish = direction == 0 ? link[2] : !link[3], to_finish = direction == 0 ? link[3] : !link[2];
            if (to_finish == finishes) {
                side->ins[next[link[1 - direction]]++] = (In){2 * link[direction] + from_finish, link[4], link[5]};
            }
        }
        if (finishes == 0) {
            memcpy(side->first_to_finish, next, sizeof(i32) * (size_t)n);
        }
    }
}

static void fill_held(const Solver *solver, const Told *told)
{
    const i32 *fixed = column(told, INPUT_fixed);
    for (i32 i = 0; i < solver->n; i++) {
        bool held = fixed[i] != NEVER;
        i32 finish = held ? finish_of(solver, i, fixed[i]) : 0;
        solver->sides[0].held[i] = fixed[i];
        solver->sides[1].held[i] = held ? solver->horizon - finish : NEVER;
    }
}

static void fill_dates(const Solver *solver, const Told *told)
{
    const i32 *release = column(told, INPUT_release), *deadline = column(told, INPUT_deadline);
    for (i32 i = 0; i < solver->n; i++) {
        i32 until = deadline[i] == NEVER ? solver->horizon : deadline[i];
        solver->sides[0].release[i] = release[i];
        solver->sides[0].deadline[i] = until;
        solver->sides[1].release[i] = until < solver->horizon ? solver->horizon - until : 0;
        solver->sides[1].deadline[i] = solver->horizon - release[i];
    }
}

/* Mirrored, a part ends as long before the activity's end as it began after its start: before that of the longest part
 * in the same calendar, to be exact. */
static void fill_parts(const Solver *solver, const Told *told)
{
    const i32 *row = column(told, INPUT_part);
    for (i32 i = 0; i < solver->n; i++) {
        i32 first = solver->first_part[i], last = solver->first_part[i + 1];
        for (i32 p = first; p < last; p++) {
            i32 calendar = row[2 * p], until = row[2 * p + 1] + solver->duration[solver->modes + p], longest = until;
            if (calendar == solver->calendar[i]) {
                longest = max(longest, solver->duration[solver->first_mode[i]]);
            }
            for (i32 q = first; q < last; q++) {
                bool alike = row[2 * q] == calendar;
                longest = alike ? max(longest, row[2 * q + 1] + solver->duration[solver->modes + q]) : longest;
            }
            solver->part_calendar[p] = calendar;
            solver->sides[0].after[p] = row[2 * p + 1];
            solver->sides[1].after[p] = longest - until;
        }
    }
}

static void fill_orders(const Solver *solver, const Told *told)
{
    const i32 *order = column(told, INPUT_order);
    for (i32 k = 0; k < solver->n; k++) {
        solver->sides[0].order[k] = order[k];
        solver->sides[1].order[k] = order[solver->n - 1 - k];
    }
}

static void lay_out(Solver *solver, Arena *arena, const Told *told, i32 takes, Room *rooms)
{
    size_t n = (size_t)solver->n, links = (size_t)solver->links, parts = (size_t)solver->parts;
    size_t rows = (size_t)solver->modes + parts, calendars = (size_t)solver->calendar_count + 1;
    size_t hints = calendars * (size_t)hints_of(solver->horizon);
    size_t profile = (size_t)solver->words * (size_t)solver->stride;
    i32 count = solver->calendar_count == 0 ? 0 : column(told, INPUT_first_interval)[solver->calendar_count];
    for (i32 direction = 0; direction < 2; direction++) {
        Side *side = &solver->sides[direction];
        side->order = TAKE(arena, n, i32);
        side->first_in = TAKE(arena, n + 1, i32);
        side->first_to_finish = TAKE(arena, n, i32);
        side->ins = TAKE(arena, links, In);
        side->first_out = TAKE(arena, n + 1, i32);
        side->outs = TAKE(arena, links, i32);
        side->release = TAKE(arena, n, i32);
        side->deadline = TAKE(arena, n, i32);
        side->held = TAKE(arena, n, i32);
        side->after = TAKE(arena, parts, i32);
        side->calendars = TAKE(arena, calendars, Calendar);
        rooms[direction].intervals = TAKE(arena, count + 1, Interval);
        rooms[direction].by_instant = TAKE(arena, hints, i32);
        rooms[direction].by_number = TAKE(arena, hints, i32);
        side->base = TAKE(arena, profile, u64);
        side->left = TAKE(arena, profile, u64);
    }
    solver->first_mode = TAKE(arena, n + 1, i32);
    solver->duration = TAKE(arena, rows, i32);
    solver->demand = TAKE(arena, rows * (size_t)solver->renewables, i32);
    solver->consumption = TAKE(arena, (size_t)solver->modes * (size_t)solver->non_renewables, i32);
    solver->splits = TAKE(arena, n, i32);
    solver->priority = TAKE(arena, n, i32);
    solver->calendar = TAKE(arena, n, i32);
    solver->first_part = TAKE(arena, n + 1, i32);
    solver->part_calendar = TAKE(arena, parts, i32);
    solver->axis = TAKE(arena, solver->words, i32);
    solver->most = TAKE(arena, solver->renewables, i32);
    solver->total = TAKE(arena, solver->non_renewables, i32);
    solver->first_take = TAKE(arena, rows + 1, i32);
    solver->takes = TAKE(arena, takes, Take);
    solver->guards = TAKE(arena, solver->words, u64);
    solver->ends = TAKE(arena, 2 * n, i32);
}

static void copy(i32 *to, const Told *told, Input field, size_t count)
{
    if (count != 0) {
        memcpy(to, column(told, field), count * sizeof(i32));
    }
}

static void describe(Solver *solver, const Told *told)
{
    const i32 *link = column(told, INPUT_link);
    solver->sorted = true;
    for (i32 i = 0; i < solver->n; i++) {
        solver->multi |= solver->first_mode[i + 1] - solver->first_mode[i] > 1;
    }
    for (i32 k = 0; k < solver->links; k++, link += 6) {
        solver->sorted &= link[2] && !link[3] && link[4] >= 0;
    }
}

void nirman_solver_free(Solver *solver)
{
    if (solver != NULL) {
        free(solver->arena);
        free(solver);
    }
}

/* NULL when there is not so much memory. Nothing of what was told is needed afterwards. */
Solver *nirman_solver_new(const i64 *fields)
{
    Told told = {.fields = fields};
    told.n = number(&told, INPUT_activities);
    told.modes = number(&told, INPUT_modes);
    told.parts = number(&told, INPUT_parts);
    told.renewables = number(&told, INPUT_renewables);
    told.calendars = number(&told, INPUT_calendars);
    size_t scratch = 4 * (size_t)told.renewables + (size_t)told.n + 1;
    told.word = malloc(scratch * sizeof(i32));
    Solver *solver = calloc(1, sizeof(Solver));
    if (told.word == NULL || solver == NULL) {
        free(told.word);
        free(solver);
        return NULL;
    }
    told.shift = told.word + told.renewables;
    told.bits = told.shift + told.renewables;
    told.axis = told.bits + told.renewables;
    pack(&told);
    solver->n = told.n;
    solver->modes = told.modes;
    solver->parts = told.parts;
    solver->renewables = told.renewables;
    solver->links = number(&told, INPUT_links);
    solver->non_renewables = number(&told, INPUT_non_renewables);
    solver->calendar_count = number(&told, INPUT_calendars);
    solver->horizon = number(&told, INPUT_horizon);
    solver->stride = (solver->horizon + 7) / 8 * 8;
    solver->words = told.words;
    Arena arena = {NULL, 0};
    Room rooms[2];
    i32 takes = count_takes(&told);
    lay_out(solver, &arena, &told, takes, rooms);
    solver->arena = malloc(arena.used + 1);
    if (solver->arena == NULL) {
        free(told.word);
        nirman_solver_free(solver);
        return NULL;
    }
    arena = (Arena){solver->arena, 0};
    lay_out(solver, &arena, &told, takes, rooms);
    copy(solver->first_mode, &told, INPUT_first_mode, (size_t)told.n + 1);
    size_t rows = (size_t)told.modes + (size_t)told.parts;
    copy(solver->duration, &told, INPUT_duration, rows);
    copy(solver->demand, &told, INPUT_demand, rows * (size_t)told.renewables);
    copy(solver->consumption, &told, INPUT_consumption, (size_t)told.modes * (size_t)solver->non_renewables);
    copy(solver->splits, &told, INPUT_splits, (size_t)told.n);
    copy(solver->priority, &told, INPUT_priority, (size_t)told.n);
    copy(solver->calendar, &told, INPUT_calendar, (size_t)told.n);
    copy(solver->total, &told, INPUT_total, (size_t)solver->non_renewables);
    copy(solver->first_part, &told, INPUT_first_part, (size_t)told.n + 1);
    memcpy(solver->axis, told.axis, (size_t)told.words * sizeof(i32));
    fill_takes(solver, &told);
    fill_calendars(solver, &told, rooms);
    fill_base(solver, &told);
    fill_parts(solver, &told);
    fill_links(solver, &told, 0, told.axis + told.renewables);
    fill_links(solver, &told, 1, told.axis + told.renewables);
    fill_dates(solver, &told);
    fill_orders(solver, &told);
    describe(solver, &told);
    fill_held(solver, &told);
    hold_fixed(solver, &told);
    mirror_base(solver);
    solver->sides[0].dirty = solver->sides[1].dirty = solver->stride;
    free(told.word);
    return solver;
}
