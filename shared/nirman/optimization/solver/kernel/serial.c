/* Serial schedule generation: the activities of a list, one after the other, each as early as it can be. */
#include "solver.h"

static i32 settle(Solver *solver, i32 activity, i32 mode, Span span)
{
    solver->ends[2 * activity] = span.start;
    solver->ends[2 * activity + 1] = span.finish;
    solver->work += 1 + (span.finish - span.start) / PERIODS_OF_WORK;
    solver->unplaced += span.start == span.finish && solver->duration[mode] != 0;
    return span.finish;
}

i32 serial(Solver *solver, i32 direction, const i32 *order, const i32 *mode, const i32 *release)
{
    Side *side = &solver->sides[direction];
    i32 first = solver->stride, last = 0;
    release = release == NULL ? side->release : release;
    clean(solver, side);
    for (i32 k = 0; k < solver->n; k++) {
        i32 i = order[k];
        Span span = place(solver, side, i, mode[i], release);
        occupy(solver, side, i, mode[i], span);
        first = min(first, span.start);
        last = max(last, settle(solver, i, mode[i], span));
    }
    side->dirty_from = max(0, first);
    side->dirty = min(last, solver->stride); /* without resources it may end beyond */
    return last;
}

/* A heap of activities by the instant before which they cannot start, then by rank. */
typedef struct {
    i32 *activities, *starts;
    const i32 *rank;
    i32 count;
} Heap;

static bool earlier(const Heap *heap, i32 one, i32 other)
{
    i32 a = heap->activities[one], b = heap->activities[other];
    return heap->starts[a] != heap->starts[b] ? heap->starts[a] < heap->starts[b] : heap->rank[a] < heap->rank[b];
}

static void swap(i32 *one, i32 *other)
{
    i32 kept = *one;
    *one = *other;
    *other = kept;
}

static void push(Heap *heap, i32 activity, i32 start)
{
    i32 at = heap->count++;
    heap->activities[at] = activity;
    heap->starts[activity] = start;
    for (; at > 0 && earlier(heap, at, (at - 1) / 2); at = (at - 1) / 2) {
        swap(&heap->activities[at], &heap->activities[(at - 1) / 2]);
    }
}

static i32 pop(Heap *heap)
{
    i32 first = heap->activities[0], at = 0;
    heap->activities[0] = heap->activities[--heap->count];
    for (;;) {
        i32 child = 2 * at + 1;
        child += child + 1 < heap->count && earlier(heap, child + 1, child);
        if (child >= heap->count || !earlier(heap, child, at)) {
            return first;
        }
        swap(&heap->activities[at], &heap->activities[child]);
        at = child;
    }
}

/* An activity's earliest start only grows as others are placed: where the first of the heap can still start when it
 * was said to, nothing else can start before. */
i32 parallel(Solver *solver, i32 direction, const i32 *rank, const i32 *mode, i32 *scratch)
{
    Side *side = &solver->sides[direction];
    i32 first = solver->stride, last = 0, *waits = scratch + 2 * (size_t)solver->n;
    Heap heap = {scratch, scratch + solver->n, rank, 0};
    clean(solver, side);
    for (i32 i = 0; i < solver->n; i++) {
        waits[i] = side->first_in[i + 1] - side->first_in[i];
        if (waits[i] == 0) {
            push(&heap, i, side->release[i]);
        }
    }
    while (heap.count > 0) {
        i32 i = pop(&heap);
        Span span = place(solver, side, i, mode[i], side->release);
        if (span.start > heap.starts[i] && span.start < solver->horizon) {
            push(&heap, i, span.start);
            continue;
        }
        occupy(solver, side, i, mode[i], span);
        first = min(first, span.start);
        last = max(last, settle(solver, i, mode[i], span));
        for (i32 k = side->first_out[i]; k < side->first_out[i + 1]; k++) {
            if (--waits[side->outs[k]] == 0) {
                push(&heap, side->outs[k], side->release[side->outs[k]]);
            }
        }
    }
    side->dirty_from = max(0, first);
    side->dirty = last;
    return last;
}
