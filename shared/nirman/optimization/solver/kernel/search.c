/* The search: rules and chance give a population, crossing gives the next schedules, justification shortens each.
 *
 * A child takes from its mother the activities that start in a stretch of time in which she uses much, in her order, and
 * from its father what comes before and after, in his (Debels and Vanhoucke 2007; Valls, Ballestin and Quintanilla 2008).
 * It is scheduled serially, then shifted as late as possible and back (double justification, Valls et al. 2005). */
#include "search.h"

#include <stdlib.h>
#include <string.h>

#define STRETCHES 512
#define FIRST_POPULATION 40
#define MODE_CHANGES 3 /* of a child, fewer than so many */

void random_seed(Random *random, u64 seed)
{ /* splitmix64 */
    for (i32 k = 0; k < 2; k++) {
        seed += 0x9e3779b97f4a7c15u;
        u64 word = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
        word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
        random->state[k] = word ^ (word >> 31);
    }
}

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
static void decode(Search *search)
{
    Solver *solver = search->solver;
    i32 last = serial(solver, 0, search->lists.order, search->child.mode, NULL);
    search->schedules++;
    search->child.cost = INT64_MAX;
    adopt(search, cost_of(search, search->child.mode, last));
}

/* Everything as late as the child's own finish allows, then as early as possible again. */
static void justify(Search *search)
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
static void keep(Search *search)
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

/* Units in use before each stretch of time, of so many stretches of so many periods. */
static void fill_load(Search *search, const Member *member, i32 stretches, i32 periods)
{
    const Solver *solver = search->solver;
    i64 *load = search->load, running = 0, sum = 0;
    memset(load, 0, sizeof(i64) * ((size_t)stretches + 1));
    for (i32 i = 0; i < solver->n; i++) {
        i32 start = member->ends[2 * i] / periods, finish = (member->ends[2 * i + 1] + periods - 1) / periods;
        if (start < finish) {
            load[start] += search->weight[i];
            load[finish] -= search->weight[i];
        }
    }
    for (i32 k = 0; k <= stretches; k++) {
        running += load[k];
        load[k] = sum;
        sum += running;
    }
}

/* A stretch of a quarter to three quarters of the time: any, or the one of that length in which most is in use. */
static void choose_stretch(Search *search, const Member *mother, i32 last, i32 *from, i32 *until)
{
    i32 periods = last / STRETCHES + 1, stretches = (last + periods - 1) / periods;
    i32 length = max(1, stretches / 4 + random_below(&search->random, stretches / 2 + 1));
    i32 chosen = random_below(&search->random, max(1, stretches - length + 1));
    if (random_below(&search->random, 2)) {
        fill_load(search, mother, stretches, periods);
        const i64 *load = search->load;
        for (i32 k = 0; k + length <= stretches; k++) {
            chosen = load[k + length] - load[k] > load[chosen + length] - load[chosen] ? k : chosen;
        }
    }
    *from = chosen * periods;
    *until = *from + length * periods;
}

static i32 last_finish(const Solver *solver, const Member *member)
{
    i32 last = 0;
    for (i32 i = 0; i < solver->n; i++) {
        last = max(last, member->ends[2 * i + 1]);
    }
    return last;
}

static void cross(Search *search, const Member *mother, const Member *father)
{
    const Solver *solver = search->solver;
    i32 last = last_finish(solver, mother), apart = max(last, last_finish(solver, father)) + 1, from, until;
    choose_stretch(search, mother, last, &from, &until);
    for (i32 i = 0; i < solver->n; i++) {
        i32 hers = mother->ends[2 * i], his = father->ends[2 * i];
        bool inside = from <= hers && hers < until;
        search->key[i] = inside ? apart + hers : his + (his < from ? 0 : his < until ? apart : 2 * apart);
        search->child.mode[i] = inside ? mother->mode[i] : father->mode[i];
    }
    sort_by(&search->lists, search->solver, 0, search->key);
    lead_onwards(&search->lists, search->solver, 0);
}

static const Member *chosen_parent(Search *search)
{
    const Member *one = &search->members[random_below(&search->random, search->size)];
    const Member *other = &search->members[random_below(&search->random, search->size)];
    return one->cost <= other->cost ? one : other;
}

static void make_child(Search *search)
{
    const Member *mother = chosen_parent(search), *father = chosen_parent(search);
    cross(search, mother, father);
    if (search->solver->multi) {
        change_modes(search->solver, &search->random, search->child.mode, random_below(&search->random, MODE_CHANGES));
        repair_modes(search->solver, &search->random, search->child.mode, search->taken);
    }
    decode(search);
    justify(search);
    keep(search);
}

/* Latest finishes without resources, most urgent first, blurred by so many hundredths of the critical path. */
static void make_sample(Search *search, i32 blur, bool at_once)
{
    Solver *solver = search->solver;
    const i32 *late = search->late;
    i32 first = INT32_MAX, path = 1;
    for (i32 i = 0; i < solver->n; i++) {
        first = min(first, late[i]);
        path = max(path, search->early[i]);
    }
    i32 width = (i32)(((i64)blur * path + 99) / 100);
    for (i32 i = 0; i < solver->n; i++) {
        search->key[i] = late[i] - first + random_below(&search->random, width + 1);
    }
    choose_modes(solver, &search->random, search->child.mode);
    repair_modes(solver, &search->random, search->child.mode, search->taken);
    sort_by(&search->lists, solver, 0, search->key);
    if (at_once) {
        for (i32 k = 0; k < solver->n; k++) {
            search->rank[search->lists.order[k]] = k;
        }
        parallel(solver, 0, search->rank, search->child.mode, search->scratch);
        search->schedules++;
        for (i32 i = 0; i < solver->n; i++) {
            search->key[i] = solver->ends[2 * i];
        }
        sort_by(&search->lists, solver, 0, search->key);
    }
    lead_onwards(&search->lists, solver, 0);
    decode(search);
    justify(search);
    keep(search);
}

static void start_population(Search *search)
{
    search->wanted = min(search->room, search->wanted == 0 ? FIRST_POPULATION : 2 * search->wanted);
    search->size = 0;
    search->children = search->improved = 0;
}

void nirman_search_run(Search *search, i64 schedules)
{
    i64 until = search->schedules + schedules;
    while (search->schedules < until) {
        if (search->children < search->wanted) {
            bool first = search->children < 2 && search->wanted == FIRST_POPULATION;
            make_sample(search, first ? 0 : 10 + random_below(&search->random, 61), search->children % 2 == 0);
        } else if (search->size < 2 || search->children - search->improved > 30 * (i64)search->wanted) {
            start_population(search);
        } else {
            make_child(search);
        }
    }
}

i64 nirman_search_schedules(const Search *search) { return search->schedules; }

/* What works when, of activities that split: rows of activity, start, finish; gives how many there are. */
i32 nirman_search_segments(Search *search, i32 *segments, i32 room)
{
    Solver *solver = search->solver;
    solver->segments = segments;
    solver->segment_room = room;
    solver->segment_count = 0;
    serial(solver, 0, search->best.order, search->best.mode, NULL);
    solver->segments = NULL;
    return solver->segment_count;
}

i64 nirman_search_best(const Search *search, i32 *ends, i32 *mode)
{
    memcpy(ends, search->best.ends, sizeof(i32) * 2 * (size_t)search->solver->n);
    memcpy(mode, search->best.mode, sizeof(i32) * (size_t)search->solver->n);
    return search->best.cost;
}

/* A schedule made elsewhere joins. */
void nirman_search_join(Search *search, const i32 *starts, const i32 *mode)
{
    Solver *solver = search->solver;
    memcpy(search->key, starts, sizeof(i32) * (size_t)solver->n);
    memcpy(search->child.mode, mode, sizeof(i32) * (size_t)solver->n);
    sort_by(&search->lists, solver, 0, search->key);
    lead_onwards(&search->lists, solver, 0);
    decode(search);
    justify(search);
    keep(search);
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

/* Without resources: earliest finish, and latest (before the horizon, where nothing else says). */
void nirman_search_free(const Search *search, i32 *early, i32 *late)
{
    memcpy(early, search->early, sizeof(i32) * (size_t)search->solver->n);
    memcpy(late, search->late, sizeof(i32) * (size_t)search->solver->n);
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
