/* The graph of nodes: children and links by row, and an order in which each node comes after all it depends on. */
#include <stdlib.h>

#include "kernel.h"

/* What is looked up of a row while tasks and links are arranged is kept apart, and close together: a hundred thousand
 * rows do not fit into the processor's cache, a few bits and numbers of each do. */
typedef struct {
    Plan *plan;
    uint64_t *exists, *active, *summary, *follower, *spanned; /* a bit a row; `spanned`: a WBS summary */
    i32 *parent, *first_child, *next_sibling;                 /* [rows] */
    i32 *in_end, *out_end; /* [rows] where the row's links end in `in_links`, `out_links`; they begin where the last end */
    i32 *out_entry;        /* [links] as `out_links`: the node that the link's successor waits at */
    i32 *waits;            /* [nodes] for how many others a node waits still */
    uint64_t *ready;       /* a bit a node: it waits for nothing any more, and is not in the order yet */
    i64 next;              /* no ready node is before it */
    bool any_follower, any_spanned;
} Arranging;

static inline bool has(const uint64_t *bits, i64 member) { return bits[member / 64] >> (member % 64) & 1; }
static inline void set(uint64_t *bits, i64 member) { bits[member / 64] |= 1ull << (member % 64); }

static void adopt(Arranging *all) {
    Plan *plan = all->plan;
    for (i64 row = 0; row < plan->rows; row++) {
        const Task *task = &plan->task[row];
        all->parent[row] = task->exists ? task->parent : NONE;
        all->first_child[row] = NONE;
        if (task->exists) set(all->exists, row);
        if (task->active) set(all->active, row);
        if (task->kind == WBS_SUMMARY) set(all->spanned, row), all->any_spanned = true;
        if (task->kind == WBS_SUMMARY || task->kind == LEVEL_OF_EFFORT) set(all->follower, row), all->any_follower = true;
    }
    for (i64 row = 0; row < plan->rows; row++) {
        i32 parent = all->parent[row];
        all->next_sibling[row] = parent == NONE ? NONE : all->first_child[parent];
        if (parent == NONE) continue;
        all->first_child[parent] = (i32)row;
        set(all->summary, parent);
    }
    for (i64 word = 0; word <= plan->rows / 64; word++) all->follower[word] &= ~all->summary[word];
}

static bool counts(const Arranging *all, const Link *link) {
    return link->exists && has(all->active, link->source) && has(all->active, link->target);
}

static inline i64 entry_to(const Arranging *all, i64 row) {
    return has(all->summary, row) ? gate_of(row) : span_of(row);
}

static void connect(Arranging *all) {
    Plan *plan = all->plan;
    for (i64 i = 0; i < plan->links; i++) {
        const Link *link = &plan->link[i];
        if (!counts(all, link)) continue;
        all->out_end[link->source]++;
        all->in_end[link->target]++;
    }
    i32 in = 0, out = 0;
    for (i64 row = 0; row < plan->rows; row++) {
        Task *task = &plan->task[row];
        task->first_child = all->first_child[row];
        task->next_sibling = all->next_sibling[row];
        task->ins = all->in_end[row];
        task->outs = all->out_end[row];
        task->first_in = all->in_end[row] = in;
        task->first_out = all->out_end[row] = out;
        in += task->ins;
        out += task->outs;
    }
    for (i64 i = 0; i < plan->links; i++) {
        const Link *link = &plan->link[i];
        if (!counts(all, link)) continue;
        i32 place = all->out_end[link->source]++;
        plan->out_links[place] = (i32)i;
        all->out_entry[place] = (i32)entry_to(all, link->target);
        plan->in_links[all->in_end[link->target]++] = (i32)i;
    }
}

typedef void (*Visit)(Arranging *all, i64 depends);

/* Calls back with each node that depends on the node. */
static inline __attribute__((always_inline)) void each_dependent(Arranging *all, i64 node, Visit visit) {
    const Plan *plan = all->plan;
    i64 row = row_of(node);
    if (is_gate(node)) {
        for (i64 child = all->first_child[row]; child != NONE; child = all->next_sibling[child])
            visit(all, entry_to(all, child));
        return;
    }
    if (all->parent[row] != NONE && !has(all->spanned, row)) visit(all, span_of(all->parent[row]));
    if (all->any_spanned && has(all->summary, row))
        for (i64 child = all->first_child[row]; child != NONE; child = all->next_sibling[child])
            if (has(all->spanned, child)) visit(all, span_of(child));
    bool drives = !has(all->follower, row);
    for (i64 i = row > 0 ? all->out_end[row - 1] : 0; i < all->out_end[row]; i++) {
        i64 entry = all->out_entry[i];
        if (drives || has(all->follower, row_of(entry))) visit(all, entry);
    }
    /* What only follows others follows its successors too. */
    if (!all->any_follower || !drives) return;
    for (i64 i = row > 0 ? all->in_end[row - 1] : 0; i < all->in_end[row]; i++) {
        i64 source = plan->link[plan->in_links[i]].source;
        if (has(all->follower, source)) visit(all, span_of(source));
    }
}

static void make_ready(Arranging *all, i64 node) {
    set(all->ready, node);
    all->next = least(all->next, node);
}

/* The first ready node, no longer ready; NONE. */
static i64 take_ready(Arranging *all) {
    i64 words = (2 * all->plan->rows + 63) / 64;
    for (i64 word = all->next / 64; word < words; word++) {
        uint64_t bits = all->ready[word];
        if (bits == 0) continue;
        all->ready[word] = bits & (bits - 1);
        return all->next = word * 64 + __builtin_ctzll(bits);
    }
    return NONE;
}

static void wait_for(Arranging *all, i64 depends) { all->waits[depends]++; }

static void release(Arranging *all, i64 depends) {
    if (--all->waits[depends] == 0) make_ready(all, depends);
}

static bool in_use(const Arranging *all, i64 node) {
    return has(all->exists, row_of(node)) && (!is_gate(node) || has(all->summary, row_of(node)));
}

/* Kahn's algorithm; of nodes that could come next the one that lies first in memory, as plans are mostly written in the
 * order of work: the passes then walk through memory instead of leaping about in it. */
static void sort(Arranging *all) {
    Plan *plan = all->plan;
    i64 nodes = 2 * plan->rows, used = 0, found = 0;
    for (i64 node = 0; node < nodes; node++) {
        plan->position[node] = NONE;
        if (!in_use(all, node)) continue;
        used++;
        each_dependent(all, node, wait_for);
    }
    for (i64 node = 0; node < nodes; node++)
        if (all->waits[node] == 0 && in_use(all, node)) make_ready(all, node);
    for (i64 node = take_ready(all); node != NONE; node = take_ready(all)) {
        plan->position[node] = (i32)found;
        plan->order[found++] = (i32)node;
        each_dependent(all, node, release);
    }
    if (found < used) plan->failure = CIRCLE; /* `position` is NONE of the nodes in it or behind it */
    for (; found < nodes; found++) plan->order[found] = NONE;
}

/* One piece of memory, cut up; NULL when there is none. */
static void *divide(Arranging *all) {
    size_t rows = (size_t)all->plan->rows, words = rows / 64 + 1, numbers = 7 * rows + (size_t)all->plan->links;
    uint64_t *memory = calloc(7 * words + numbers / 2 + 1, sizeof(uint64_t));
    if (memory == NULL) return NULL;
    uint64_t **bits[] = {&all->exists, &all->active, &all->summary, &all->follower, &all->spanned, &all->ready};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) *bits[i] = memory + i * words;
    all->parent = (i32 *)(all->ready + 2 * words);
    all->first_child = all->parent + rows;
    all->next_sibling = all->first_child + rows;
    all->in_end = all->next_sibling + rows;
    all->out_end = all->in_end + rows;
    all->waits = all->out_end + rows;
    all->out_entry = all->waits + 2 * rows;
    return memory;
}

bool arrange(Plan *plan) {
    Arranging all = {.plan = plan};
    void *memory = divide(&all);
    if (memory == NULL) {
        plan->failure = OUT_OF_MEMORY;
        return false;
    }
    adopt(&all);
    connect(&all);
    sort(&all);
    free(memory);
    return plan->failure == FINE;
}
