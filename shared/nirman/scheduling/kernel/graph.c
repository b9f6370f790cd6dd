/* The graph of nodes: children and links by row, and an order in which each node comes after all it depends on. */
#include <stdlib.h>

#include "kernel.h"

static void adopt(Plan *plan) {
    for (i64 row = 0; row < plan->rows; row++) {
        Task *task = &plan->task[row];
        task->first_child = task->next_sibling = NONE;
        task->ins = task->outs = 0;
    }
    for (i64 row = 0; row < plan->rows; row++) {
        Task *task = &plan->task[row];
        if (!task->exists || task->parent == NONE) continue;
        Task *parent = &plan->task[task->parent];
        task->next_sibling = parent->first_child;
        parent->first_child = row;
    }
}

static bool counts(const Plan *plan, const Link *link) {
    return link->exists && plan->task[link->source].active && plan->task[link->target].active;
}

static void connect(Plan *plan) {
    for (i64 i = 0; i < plan->links; i++) {
        const Link *link = &plan->link[i];
        if (!counts(plan, link)) continue;
        plan->task[link->source].outs++;
        plan->task[link->target].ins++;
    }
    i64 in = 0, out = 0;
    for (i64 row = 0; row < plan->rows; row++) {
        Task *task = &plan->task[row];
        task->first_in = in;
        task->first_out = out;
        in += task->ins;
        out += task->outs;
        task->ins = task->outs = 0;
    }
    for (i64 i = 0; i < plan->links; i++) {
        const Link *link = &plan->link[i];
        if (!counts(plan, link)) continue;
        Task *source = &plan->task[link->source], *target = &plan->task[link->target];
        plan->out_links[source->first_out + source->outs++] = (i32)i;
        plan->in_links[target->first_in + target->ins++] = (i32)i;
    }
}

/* Calls back with each node that depends on the node. */
typedef void (*Visit)(i64 node, i64 depends, void *context);

static void each_dependent(const Plan *plan, i64 node, Visit visit, void *context) {
    i64 row = row_of(node);
    const Task *task = &plan->task[row];
    if (is_gate(node)) {
        for (i64 child = task->first_child; child != NONE; child = plan->task[child].next_sibling)
            visit(node, entry_of(plan, child), context);
        return;
    }
    if (task->parent != NONE && task->kind != WBS_SUMMARY) visit(node, span_of(task->parent), context);
    for (i64 child = task->first_child; child != NONE; child = plan->task[child].next_sibling)
        if (plan->task[child].kind == WBS_SUMMARY) visit(node, span_of(child), context);
    for (i64 i = 0; i < task->outs; i++) {
        i64 target = plan->link[plan->out_links[task->first_out + i]].target;
        if (!follows(task) || follows(&plan->task[target])) visit(node, entry_of(plan, target), context);
    }
    /* What only follows others follows its successors too. */
    for (i64 i = 0; i < task->ins; i++) {
        i64 source = plan->link[plan->in_links[task->first_in + i]].source;
        if (follows(&plan->task[source]) && !follows(task)) visit(node, span_of(source), context);
    }
}

typedef struct {
    Plan *plan;
    i32 *waits;
    uint64_t *ready; /* a bit a node: it waits for nothing any more, and is not in the order yet */
    i64 next;        /* no ready node is before it */
} Sorting;

static void make_ready(Sorting *sorting, i64 node) {
    sorting->ready[node / 64] |= 1ull << (node % 64);
    sorting->next = least(sorting->next, node);
}

/* The first ready node, no longer ready; NONE. */
static i64 take_ready(Sorting *sorting) {
    i64 words = (2 * sorting->plan->rows + 63) / 64;
    for (i64 word = sorting->next / 64; word < words; word++) {
        uint64_t bits = sorting->ready[word];
        if (bits == 0) continue;
        sorting->ready[word] = bits & (bits - 1);
        return sorting->next = word * 64 + __builtin_ctzll(bits);
    }
    return NONE;
}

static void wait_for(i64 node, i64 depends, void *context) {
    (void)node;
    ((Sorting *)context)->waits[depends]++;
}

static void release(i64 node, i64 depends, void *context) {
    Sorting *sorting = context;
    (void)node;
    if (--sorting->waits[depends] == 0) make_ready(sorting, depends);
}

static bool in_use(const Plan *plan, i64 node) {
    const Task *task = &plan->task[row_of(node)];
    return task->exists && (!is_gate(node) || is_summary(task));
}

/* Kahn's algorithm; of nodes that could come next the one that lies first in memory, as plans are mostly written in the
 * order of work: the passes then walk through memory instead of leaping about in it. */
static void sort(Sorting *sorting) {
    Plan *plan = sorting->plan;
    i64 nodes = 2 * plan->rows, used = 0, found = 0;
    for (i64 node = 0; node < nodes; node++) {
        plan->position[node] = NONE;
        if (!in_use(plan, node)) continue;
        used++;
        each_dependent(plan, node, wait_for, sorting);
    }
    for (i64 node = 0; node < nodes; node++)
        if (in_use(plan, node) && sorting->waits[node] == 0) make_ready(sorting, node);
    for (i64 node = take_ready(sorting); node != NONE; node = take_ready(sorting)) {
        plan->position[node] = found;
        plan->order[found++] = node;
        each_dependent(plan, node, release, sorting);
    }
    if (found < used) plan->failure = CIRCLE; /* `position` is NONE of the nodes in it or behind it */
    for (; found < nodes; found++) plan->order[found] = NONE;
}

bool arrange(Plan *plan) {
    adopt(plan);
    connect(plan);
    size_t nodes = 2 * (size_t)plan->rows;
    Sorting sorting = {plan, calloc(nodes + 1, sizeof(i32)), calloc(nodes / 64 + 1, sizeof(uint64_t)), 0};
    if (sorting.waits == NULL || sorting.ready == NULL) plan->failure = OUT_OF_MEMORY;
    else sort(&sorting);
    free(sorting.waits);
    free(sorting.ready);
    return plan->failure == FINE;
}
