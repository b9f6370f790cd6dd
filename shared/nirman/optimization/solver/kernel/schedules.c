/* Schedules of a population: made from a list, justified, kept. */
#include "search.h"

#include <string.h>

/* Of the schedule in `ends` as it is ahead in time: first what must not be, then how long it takes. */
static i64 cost_of(const Search *search, const i32 *mode, i32 last)
{
    const Solver *solver = search->solver;
    i64 late = (i64)solver->unplaced * solver->horizon;
    for (i32 i = 0; i < solver->n; i++) {
        late += max(0, solver->ends[2 * i + 1] - solver->sides[0].deadline[i]);
    }
    return (late + take_too_much(solver, mode, search->taken)) * LATE_WEIGHT + last;
}

static u64 hash_of(const Solver *solver, const i32 *ends, const i32 *mode)
{
    u64 hash = 0;
    for (i32 i = 0; i < solver->n; i++) {
        hash = (hash ^ (u32)ends[2 * i] ^ ((u64)(u32)mode[i] << 32)) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    return hash;
}

static i64 strain_of(const Solver *solver, const i32 *ends)
{
    i64 strain = 0;
    for (i32 i = 0; i < solver->n; i++) {
        strain += (i64)solver->priority[i] * ends[2 * i];
    }
    return strain;
}

/* Keeps as the child what `ends` says, when it is better than the child that there is. */
static void adopt(Search *search, i64 cost)
{
    Member *child = &search->child;
    if (cost < child->cost) {
        child->cost = cost;
        memcpy(child->ends, search->solver->ends, sizeof(i32) * 2 * (size_t)search->solver->n);
        memcpy(child->order, search->lists.order, sizeof(i32) * (size_t)search->solver->n);
    }
}

/* Schedules `lists.order` as the child. */
void decode(Search *search)
{
    Solver *solver = search->solver;
    i32 last = serial(solver, 0, search->lists.order, search->child.mode, NULL);
    search->schedules++;
    search->child.cost = INT64_MAX;
    adopt(search, cost_of(search, search->child.mode, last));
}

/* Everything as late as the child's own finish allows, then as early as possible again. */
void justify(Search *search)
{
    Solver *solver = search->solver;
    const Member *child = &search->child;
    i32 last = 0;
    if (solver->unplaced != 0) {
        return;
    }
    for (i32 i = 0; i < solver->n; i++) {
        last = max(last, child->ends[2 * i + 1]);
    }
    for (i32 i = 0; i < solver->n; i++) {
        i32 finish = child->ends[2 * i + 1];
        search->release[i] = solver->horizon - max(finish, min(solver->sides[0].deadline[i], last));
        search->key[i] = last - finish;
    }
    sort_by(&search->lists, solver, 1, search->key);
    if (!solver->sorted) {
        lead_onwards(&search->lists, solver, 1);
    }
    serial(solver, 1, search->lists.order, child->mode, search->release);
    search->schedules++;
    if (solver->unplaced != 0) {
        return;
    }
    for (i32 i = 0; i < solver->n; i++) {
        search->key[i] = solver->horizon - solver->ends[2 * i + 1];
    }
    sort_by(&search->lists, solver, 0, search->key);
    if (!solver->sorted) {
        lead_onwards(&search->lists, solver, 0);
    }
    last = serial(solver, 0, search->lists.order, child->mode, NULL);
    search->schedules++;
    adopt(search, cost_of(search, child->mode, last));
}

static void copy_member(const Solver *solver, Member *to, const Member *from)
{
    memcpy(to->ends, from->ends, sizeof(i32) * 2 * (size_t)solver->n);
    memcpy(to->mode, from->mode, sizeof(i32) * (size_t)solver->n);
    memcpy(to->order, from->order, sizeof(i32) * (size_t)solver->n);
    to->cost = from->cost;
    to->strain = from->strain;
    to->hash = from->hash;
}

/* The child becomes a member, in the place of a worse one when there is no room; never one that there is already. */
void keep(Search *search)
{
    Member *child = &search->child;
    child->hash = hash_of(search->solver, child->ends, child->mode);
    search->children++;
    if (child->cost <= search->best.cost) {
        child->strain = strain_of(search->solver, child->ends);
        if (child->cost < search->best.cost) {
            search->improved = search->children;
        }
        if (child->cost < search->best.cost || child->strain < search->best.strain) {
            copy_member(search->solver, &search->best, child);
        }
    }
    for (i32 k = 0; k < search->size; k++) {
        if (search->members[k].hash == child->hash && search->members[k].cost == child->cost) {
            return;
        }
    }
    if (search->size < search->wanted) {
        copy_member(search->solver, &search->members[search->size++], child);
        return;
    }
    i32 worst = random_below(&search->random, search->size);
    for (i32 k = 0; k < 2; k++) {
        i32 other = random_below(&search->random, search->size);
        worst = search->members[other].cost > search->members[worst].cost ? other : worst;
    }
    if (child->cost <= search->members[worst].cost) {
        copy_member(search->solver, &search->members[worst], child);
    }
}
