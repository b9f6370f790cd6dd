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
        plan->out_links[source->first_out + source->outs++] = i;
        plan->in_links[target->first_in + target->ins++] = i;
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
    i64 *waits;
    i64 found;
} Sorting;

static void wait_for(i64 node, i64 depends, void *context) {
    (void)node;
    ((Sorting *)context)->waits[depends]++;
}

static void release(i64 node, i64 depends, void *context) {
    Sorting *sorting = context;
    (void)node;
    if (--sorting->waits[depends] == 0) sorting->plan->order[sorting->found++] = depends;
}

static bool in_use(const Plan *plan, i64 node) {
    const Task *task = &plan->task[row_of(node)];
    return task->exists && (!is_gate(node) || is_summary(task));
}

/* Kahn's algorithm. */
static bool sort(Plan *plan) {
    i64 nodes = 2 * plan->rows, used = 0;
    i64 *waits = calloc((size_t)nodes + 1, sizeof *waits);
    if (waits == NULL) {
        plan->failure = OUT_OF_MEMORY;
        return false;
    }
    Sorting sorting = {plan, waits, 0};
    for (i64 node = 0; node < nodes; node++) {
        plan->position[node] = NONE;
        if (!in_use(plan, node)) continue;
        used++;
        each_dependent(plan, node, wait_for, &sorting);
    }
    for (i64 node = 0; node < nodes; node++)
        if (in_use(plan, node) && waits[node] == 0) plan->order[sorting.found++] = node;
    for (i64 i = 0; i < sorting.found; i++) {
        plan->position[plan->order[i]] = i;
        each_dependent(plan, plan->order[i], release, &sorting);
    }
    for (i64 i = sorting.found; i < nodes; i++) plan->order[i] = NONE;
    if (sorting.found < used) plan->failure = CIRCLE; /* `position` is NONE of the nodes in it or behind it */
    free(waits);
    return plan->failure == FINE;
}

bool arrange(Plan *plan) {
    adopt(plan);
    connect(plan);
    return sort(plan);
}
