/* What a search begins with. */
#include "search.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_POPULATION 1024
#define SMALLEST_POPULATION 100
#define MOST_KEPT 4000000 /* activities of all members together: 64 MB */

void random_seed(Random *random, u64 seed)
{ /* splitmix64 */
    for (i32 k = 0; k < 2; k++) {
        seed += 0x9e3779b97f4a7c15u;
        u64 word = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
        word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
        random->state[k] = word ^ (word >> 31);
    }
}

static void lay_out_member(Member *member, Arena *arena, size_t n)
{
    member->ends = TAKE(arena, 2 * n, i32);
    member->mode = TAKE(arena, n, i32);
    member->order = TAKE(arena, n, i32);
    member->cost = INT64_MAX;
}

static void lay_out(Search *search, Arena *arena)
{
    const Solver *solver = search->solver;
    size_t n = (size_t)solver->n;
    search->members = TAKE(arena, search->room, Member);
    for (i32 k = 0; k < search->room; k++) {
        Member unplaced, *member = search->members == NULL ? &unplaced : &search->members[k];
        lay_out_member(member, arena, n);
    }
    lay_out_member(&search->child, arena, n);
    lay_out_member(&search->best, arena, n);
    lay_out_lists(&search->lists, arena, solver);
    search->key = TAKE(arena, n, i32);
    search->scratch = TAKE(arena, 3 * n, i32);
    search->rank = TAKE(arena, n, i32);
    search->release = TAKE(arena, n, i32);
    search->shortest = TAKE(arena, n, i32);
    search->head = TAKE(arena, n, i32);
    search->early = TAKE(arena, n, i32);
    search->late = TAKE(arena, n, i32);
    search->load = TAKE(arena, STRETCHES + 2, i64);
    search->weight = TAKE(arena, n, i32);
    search->taken = TAKE(arena, solver->non_renewables, i64);
}

static void fill_shortest(Search *search)
{
    const Solver *solver = search->solver;
    for (i32 i = 0; i < solver->n; i++) {
        search->shortest[i] = solver->first_mode[i];
        for (i32 m = solver->first_mode[i]; m < solver->first_mode[i + 1]; m++) {
            search->shortest[i] = solver->duration[m] < solver->duration[search->shortest[i]] ? m : search->shortest[i];
        }
    }
}

static void fill_weight(Search *search)
{
    const Solver *solver = search->solver;
    for (i32 i = 0; i < solver->n; i++) {
        search->weight[i] = 0;
        for (i32 r = 0; r < solver->renewables; r++) {
            i32 most = solver->most[r];
            i32 units = min(most, solver->demand[(size_t)search->shortest[i] * solver->renewables + r]);
            search->weight[i] += units == 0 ? 0 : (i32)((i64)1024 * units / most);
            for (i32 p = solver->first_part[i]; p < solver->first_part[i + 1]; p++) {
                units = min(most, solver->demand[(size_t)(solver->modes + p) * solver->renewables + r]);
                search->weight[i] += units == 0 ? 0 : (i32)((i64)1024 * units / most);
            }
        }
    }
}

static void fill_free(Search *search)
{
    Solver *solver = search->solver;
    solver->free = true;
    serial(solver, 1, solver->sides[1].order, search->shortest, NULL);
    for (i32 i = 0; i < solver->n; i++) {
        search->late[i] = solver->horizon - solver->ends[2 * i];
    }
    serial(solver, 0, solver->sides[0].order, search->shortest, NULL);
    for (i32 i = 0; i < solver->n; i++) {
        search->head[i] = solver->ends[2 * i];
        search->early[i] = solver->ends[2 * i + 1];
    }
    solver->free = false;
    for (i32 i = 0; i < solver->n; i++) { /* whoever others wait for that must not be late, must not be late either */
        i32 *deadline = &solver->sides[0].deadline[i];
        *deadline = min(*deadline, search->late[i]);
    }
}

void nirman_search_end(Search *search)
{
    if (search != NULL) {
        free(search->arena);
        free(search);
    }
}

Search *nirman_search_new(Solver *solver, u64 seed)
{
    Search *search = calloc(1, sizeof(Search));
    if (search == NULL) {
        return NULL;
    }
    search->solver = solver;
    search->room = max(SMALLEST_POPULATION, min(LARGEST_POPULATION, MOST_KEPT / max(1, solver->n)));
    Arena arena = {NULL, 0};
    lay_out(search, &arena);
    search->arena = malloc(arena.used + 1);
    if (search->arena == NULL) {
        free(search);
        return NULL;
    }
    arena = (Arena){search->arena, 0};
    lay_out(search, &arena);
    random_seed(&search->random, seed);
    fill_shortest(search);
    fill_weight(search);
    fill_free(search);
    start_population(search);
    return search;
}
