/* The passes: every node that may be another than before is computed, in order, and what it changed is carried on. */
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

/* Sets of places in the order, or of rows. */
typedef struct { uint64_t *words; i64 size; } Set;

static inline void put(Set *set, i64 member) {
    if (member >= 0) set->words[member / 64] |= 1ull << (member % 64);
}

static inline void take(Set *set, i64 member) { set->words[member / 64] &= ~(1ull << (member % 64)); }

static inline bool has(const Set *set, i64 member) { return set->words[member / 64] >> (member % 64) & 1; }

/* The next member from `from` on, or the one before; NONE. */
static i64 following(const Set *set, i64 from) {
    i64 words = (set->size + 63) / 64, word = from / 64;
    if (from >= set->size) return NONE;
    uint64_t bits = set->words[word] & (~0ull << (from % 64));
    while (bits == 0)
        if (++word >= words) return NONE;
        else bits = set->words[word];
    return word * 64 + __builtin_ctzll(bits);
}

static i64 preceding(const Set *set, i64 from) {
    if (from < 0) return NONE;
    i64 word = from / 64;
    uint64_t bits = set->words[word] & (~0ull >> (63 - from % 64));
    while (bits == 0)
        if (--word < 0) return NONE;
        else bits = set->words[word];
    return word * 64 + 63 - __builtin_clzll(bits);
}

static void fill(Set *set) { memset(set->words, 0xff, (size_t)((set->size + 63) / 64) * sizeof *set->words); }

typedef struct {
    Plan *plan;
    const Rules *rules;
    Set forward, backward; /* places in the order */
    Set settle;            /* places in the order, of spans and of what only follows */
    Set total, free;       /* rows */
    i64 places;            /* how many nodes there are */
    bool rearranged;       /* tasks may have come or gone */
} Work;

static bool open_sets(Work *work) {
    Set *sets[] = {&work->forward, &work->backward, &work->settle, &work->total, &work->free};
    i64 sizes[] = {2 * work->plan->rows, 2 * work->plan->rows, 2 * work->plan->rows, work->plan->rows, work->plan->rows};
    bool fine = true;
    for (size_t i = 0; i < 5; i++) {
        sets[i]->size = sizes[i];
        sets[i]->words = calloc((size_t)sizes[i] / 64 + 1, sizeof(uint64_t));
        fine = fine && sets[i]->words != NULL;
    }
    if (!fine) work->plan->failure = OUT_OF_MEMORY;
    return fine;
}

static void close_sets(Work *work) {
    free(work->forward.words);
    free(work->backward.words);
    free(work->settle.words);
    free(work->total.words);
    free(work->free.words);
}

static void put_node(Work *work, Set *set, i64 node) { put(set, work->plan->position[node]); }

static void put_row_backward(Work *work, i64 row) {
    put_node(work, &work->backward, span_of(row));
    put_node(work, &work->backward, gate_of(row));
    put_node(work, &work->settle, span_of(row));
}

/* Those that wait for the row, and those that it waits for. */
static void put_predecessors(Work *work, const Task *task) {
    const Plan *plan = work->plan;
    for (i64 i = 0; i < task->ins; i++) {
        i64 source = plan->link[plan->in_links[task->first_in + i]].source;
        put_row_backward(work, source);
        put(&work->free, source);
        if (follows(&plan->task[source])) put_node(work, &work->forward, span_of(source));
    }
}

static void put_successors(Work *work, const Task *task, Set *set) {
    const Plan *plan = work->plan;
    for (i64 i = 0; i < task->outs; i++)
        put_node(work, set, entry_of(plan, plan->link[plan->out_links[task->first_out + i]].target));
}

static void put_children(Work *work, const Task *task, Set *set) {
    const Plan *plan = work->plan;
    for (i64 child = task->first_child; child != NONE; child = plan->task[child].next_sibling) {
        put_node(work, set, span_of(child));
        put_node(work, set, gate_of(child));
    }
}

/* What an entered change of a row can bear upon at once. */
static void put_changed(Work *work, i64 row) {
    const Task *task = &work->plan->task[row];
    put_node(work, &work->forward, span_of(row));
    put_node(work, &work->forward, gate_of(row));
    put_row_backward(work, row);
    put(&work->total, row);
    put(&work->free, row);
    put_predecessors(work, task);
    put_successors(work, task, &work->forward); /* what it has done, and when it works, counts for its lags */
    put_successors(work, task, &work->backward);
    put_successors(work, task, &work->settle);
    if (task->parent != NONE) {
        put_node(work, &work->forward, span_of(task->parent));
        put_row_backward(work, task->parent);
    }
}

static void after_forward(Work *work, i64 node) {
    Plan *plan = work->plan;
    i64 row = row_of(node);
    const Task *task = &plan->task[row];
    if (is_gate(node)) {
        for (i64 child = task->first_child; child != NONE; child = plan->task[child].next_sibling)
            put_node(work, &work->forward, entry_of(plan, child));
        return;
    }
    put_successors(work, task, &work->forward);
    if (task->parent != NONE) put_node(work, &work->forward, span_of(task->parent));
    put_row_backward(work, row);
    put_children(work, task, &work->backward);
    for (i64 child = task->first_child; child != NONE; child = plan->task[child].next_sibling)
        if (plan->task[child].kind == WBS_SUMMARY) put_node(work, &work->forward, span_of(child));
    put_predecessors(work, task);
    put(&work->total, row);
    put(&work->free, row);
}

static void after_backward(Work *work, i64 node) {
    Plan *plan = work->plan;
    i64 row = row_of(node);
    const Task *task = &plan->task[row];
    bool is_span = !is_gate(node) && is_summary(task);
    if (is_span) {
        put_children(work, task, &work->backward);
        return;
    }
    for (i64 i = 0; i < task->ins; i++) {
        i64 source = plan->link[plan->in_links[task->first_in + i]].source;
        put_node(work, follows(&plan->task[source]) ? &work->settle : &work->backward, span_of(source));
    }
    for (i64 i = 0; i < task->outs; i++) {
        i64 target = plan->link[plan->out_links[task->first_out + i]].target;
        if (follows(&plan->task[target])) put_node(work, &work->settle, span_of(target));
    }
    if (task->parent != NONE) {
        put_node(work, &work->backward, gate_of(task->parent));
        put_node(work, &work->settle, span_of(task->parent));
    }
    put(&work->total, row);
}

static bool out_of_time(i64 start, i64 finish) { return start < FIRST_INSTANT || finish >= LAST_INSTANT; }

/* Dates are looked at before anything is added to them again, so that no sum can grow out of an i32. */
static bool fails(Plan *plan, i64 node, i64 start, i64 finish) {
    if (plan->failure == FINE && out_of_time(start, finish)) plan->failure = OUT_OF_TIME;
    if (plan->failure == FINE) return false;
    plan->failed_row = row_of(node);
    return true;
}

static bool is_leaf_at_work(const Task *task) {
    return task->exists && task->active && !is_summary(task) && !follows(task);
}

/* Tasks that go as late as possible move what follows them: by Microsoft's rules. */
static bool moves_late(const Plan *plan) { return plan->any_late && plan->rules != PRIMAVERA; }

static i64 last_early_finish(const Plan *plan) {
    i64 last = NEVER;
    for (i64 row = 0; row < plan->rows; row++)
        if (is_leaf_at_work(&plan->task[row])) last = most(last, plan->task[row].early_finish);
    return last == NEVER ? plan->start : last;
}

/* What a full schedule has to know of all rows is gathered on the way, to save walks through memory. */
static void look_at(Work *work, i64 at, i64 *last) {
    Plan *plan = work->plan;
    i64 node = plan->order[at];
    const Task *task = &plan->task[row_of(node)];
    if (is_gate(node)) return;
    if (task->constraint == ALAP) plan->any_late = 1;
    if (is_summary(task) || follows(task)) put(&work->settle, at);
    else if (task->active) *last = most(*last, task->early_finish);
}

static bool run_forward(Work *work) {
    Plan *plan = work->plan;
    bool last_moved = work->rearranged;
    i64 last = NEVER;
    for (i64 at = following(&work->forward, 0); at != NONE && at < work->places; at = following(&work->forward, at + 1)) {
        take(&work->forward, at);
        i64 node = plan->order[at];
        const Task *task = &plan->task[row_of(node)];
        i64 before = task->early_finish;
        plan->nodes++;
        bool changed = work->rules->forward(plan, node);
        if (plan->full) {
            look_at(work, at, &last);
        } else if (changed) {
            after_forward(work, node);
            last_moved = last_moved || before >= plan->last_early_finish || task->early_finish > plan->last_early_finish;
        }
        if (fails(plan, node, is_gate(node) ? 0 : task->early_start, is_gate(node) ? 0 : task->early_finish)) return false;
    }
    if (plan->full) plan->last_early_finish = last == NEVER ? plan->start : last;
    else if (last_moved) plan->last_early_finish = last_early_finish(plan);
    return true;
}

static bool run_free_slack(Work *work, i64 row) {
    take(&work->free, row);
    work->rules->free_slack(work->plan, row);
    return !fails(work->plan, span_of(row), 0, 0);
}

/* A row's free slack depends on its own total slack, on no other's. */
static bool run_total_slack(Work *work, i64 row) {
    Task *task = &work->plan->task[row];
    i64 before = task->total_slack;
    take(&work->total, row);
    work->rules->total_slack(work->plan, row);
    if (fails(work->plan, span_of(row), 0, 0)) return false;
    bool due = task->total_slack != before || has(&work->free, row);
    return !due || run_free_slack(work, row);
}

/* Early dates change no more once the way back has begun; by the rules of P6 those of level of effort do. */
static bool early_is_final(const Plan *plan) {
    return plan->early_known && !moves_late(plan) && plan->rules != PRIMAVERA;
}

/* Where all is computed, the slack of a row is taken while the row is at hand: a large plan has to be fetched from memory
 * in each pass. That of summaries, and of what only follows others, is due when they are settled. */
static bool run_backward(Work *work) {
    Plan *plan = work->plan;
    bool with_slack = plan->full && early_is_final(plan);
    for (i64 at = preceding(&work->backward, work->places - 1); at != NONE; at = preceding(&work->backward, at - 1)) {
        take(&work->backward, at);
        i64 node = plan->order[at];
        plan->nodes++;
        if (work->rules->backward(plan, node) && !plan->full) after_backward(work, node);
        const Task *task = &plan->task[row_of(node)];
        bool dated = !is_gate(node) && !is_summary(task) && !follows(task);
        if (fails(plan, node, dated ? task->late_start : 0, dated ? task->late_finish : 0)) return false;
        if (with_slack && dated && !run_total_slack(work, row_of(node))) return false;
    }
    return true;
}

static bool run_settle(Work *work) {
    Plan *plan = work->plan;
    for (i64 at = following(&work->settle, 0); at != NONE && at < work->places; at = following(&work->settle, at + 1)) {
        take(&work->settle, at);
        i64 row = row_of(plan->order[at]);
        const Task *task = &plan->task[row];
        if (is_gate(plan->order[at]) || !(is_summary(task) || follows(task))) continue;
        if (work->rules->settle(plan, row) && !plan->full) {
            put(&work->total, row);
            put(&work->free, row);
            if (task->parent != NONE) put_node(work, &work->settle, span_of(task->parent));
            for (i64 child = task->first_child; child != NONE; child = plan->task[child].next_sibling)
                if (plan->task[child].kind == WBS_SUMMARY) put_node(work, &work->settle, span_of(child));
            put_successors(work, task, &work->settle);
        }
        if (fails(plan, plan->order[at], task->late_start, task->late_finish)) return false;
    }
    return true;
}

static bool run_slack(Work *work) {
    Plan *plan = work->plan;
    for (i64 row = following(&work->total, 0); row != NONE && row < plan->rows; row = following(&work->total, row + 1))
        if (plan->task[row].exists && !run_total_slack(work, row)) return false;
    for (i64 row = following(&work->free, 0); row != NONE && row < plan->rows; row = following(&work->free, row + 1))
        if (plan->task[row].exists && !run_free_slack(work, row)) return false;
    return true;
}

static i64 last_finish(const Plan *plan) {
    i64 last = NEVER;
    for (i64 row = 0; row < plan->rows; row++)
        if (is_leaf_at_work(&plan->task[row])) last = most(last, plan->task[row].finish);
    return last == NEVER ? plan->start : last;
}

static i64 first_late_start(const Plan *plan) {
    i64 first = INT64_MAX;
    for (i64 row = 0; row < plan->rows; row++)
        if (is_leaf_at_work(&plan->task[row])) first = least(first, plan->task[row].late_start);
    return first == INT64_MAX ? plan->finish : first;
}

/* Passes back from the finish, and those of tasks that go as late as possible, depend on one another as a whole. */
static void decide_how_far(Plan *plan, const i32 *changed, i64 count) {
    for (i64 i = 0; i < count; i++)
        if (plan->task[changed[i]].constraint == ALAP) plan->any_late = 1;
    if (plan->finish != NEVER || plan->any_late) plan->full = 1;
    if (plan->full) plan->any_late = 0; /* until the forward pass meets one */
}

static bool from_start(Work *work) {
    Plan *plan = work->plan;
    if (plan->full) fill(&work->forward);
    plan->early_known = 1;
    i64 before = plan->last_early_finish;
    if (!run_forward(work)) return false;
    if (plan->rules == PRIMAVERA && plan->last_early_finish != before) /* open ends reach until there */
        fill(&work->settle), fill(&work->free);
    i64 late_finish = plan->must_finish != NEVER ? plan->must_finish : plan->last_early_finish;
    if (plan->float_by_project) late_finish = most(late_finish, plan->last_early_finish);
    if (plan->full || late_finish != plan->late_finish) fill(&work->backward);
    if (!plan->full && late_finish != plan->late_finish) fill(&work->settle);
    plan->late_finish = late_finish;
    return run_backward(work) && run_settle(work);
}

static bool from_finish(Work *work) {
    Plan *plan = work->plan;
    plan->late_finish = plan->finish;
    plan->early_known = 0;
    fill(&work->backward);
    if (!run_backward(work)) return false;
    plan->start = first_late_start(plan);
    fill(&work->forward);
    if (!run_forward(work)) return false;
    plan->early_known = 1;
    fill(&work->backward);
    return run_backward(work) && run_settle(work);
}

/* Tasks that go as late as possible are put to their late dates, and push those that follow them. By the rules of P6
 * they push nobody, and have been placed on the way back. */
static bool place_late(Work *work) {
    if (!moves_late(work->plan)) return true;
    work->plan->placing_late = 1;
    fill(&work->forward);
    return run_forward(work);
}

/* The link's slack is counted in its predecessor's working time; what matters here is whether its successor, which may
 * not work on those days, could have been earlier. */
static bool decides(Plan *plan, const Link *link) {
    const Task *source = &plan->task[link->source], *target = &plan->task[link->target];
    if (follows(source)) return false;
    if (link->slack <= 0) return true;
    bool from_finish = link->kind == FS || link->kind == FF, to_start = link->kind == FS || link->kind == SS;
    i64 instant = from_finish ? source->early_finish : source->early_start;
    instant = shifted(plan, lag_calendar(plan, link), instant, link->lag);
    return between(plan, target->slack_calendar, instant, to_start ? target->early_start : target->early_finish) <= 0;
}

/* The task, or its summaries that start with it, wait for the links' predecessors. */
static void mark_drivers(Plan *plan, const Task *task) {
    i64 start = task->early_start;
    for (bool above = true; above; task = &plan->task[task->parent]) {
        for (i64 i = 0; i < task->ins; i++) {
            const Link *link = &plan->link[plan->in_links[task->first_in + i]];
            if (decides(plan, link)) plan->task[link->source].on_longest_path = 1;
        }
        above = task->parent != NONE && plan->task[task->parent].early_start == start;
    }
}

/* From the tasks that finish last, back over the links that decide their successors. */
static void mark_longest_path(Plan *plan) {
    for (i64 row = 0; row < plan->rows; row++) {
        Task *task = &plan->task[row];
        task->on_longest_path = is_leaf_at_work(task) && task->early_finish == plan->project_finish;
    }
    for (i64 at = 2 * plan->rows - 1; at >= 0; at--) {
        if (plan->order[at] == NONE || is_gate(plan->order[at])) continue;
        const Task *task = &plan->task[row_of(plan->order[at])];
        if (!task->on_longest_path) continue;
        if (!is_summary(task)) mark_drivers(plan, task);
        for (i64 child = task->first_child; child != NONE; child = plan->task[child].next_sibling)
            if (plan->task[child].early_finish == task->early_finish) plan->task[child].on_longest_path = 1;
    }
}

static void schedule(Work *work) {
    Plan *plan = work->plan;
    plan->placing_late = 0;
    if (plan->full) fill(&work->total), fill(&work->free);
    work->places = 0;
    while (work->places < 2 * plan->rows && plan->order[work->places] != NONE) work->places++;
    if (!(plan->finish == NEVER ? from_start(work) : from_finish(work))) return;
    if (!place_late(work) || !run_slack(work)) return;
    plan->project_start = plan->start;
    plan->project_finish = plan->any_late || plan->rules == PRIMAVERA ? last_finish(plan) : plan->last_early_finish;
    if (plan->critical_by_path) mark_longest_path(plan);
}

/* Computes all nodes when `plan->full` is set, else those that the changed rows bear upon; `arranged` 0: links, parents
 * or rows are new, and the graph has to be arranged. The caller sets `full` whenever settings or calendars change. */
void nirman_schedule(Plan *plan, const i32 *changed, i64 count, i64 arranged) {
    Work work = {.plan = plan, .rules = plan->rules == PRIMAVERA ? &primavera_rules : &microsoft_rules};
    plan->failure = FINE;
    plan->failed_row = plan->failed_calendar = NONE;
    plan->nodes = 0;
    decide_how_far(plan, changed, count);
    work.rearranged = !arranged;
    if (open_sets(&work) && (arranged || arrange(plan))) {
        for (i64 i = 0; i < count; i++) put_changed(&work, changed[i]);
        schedule(&work);
    }
    close_sets(&work);
}

/* What the caller lays its rows out by. */
#define AS_TEXT(name) #name " "
const char *nirman_task_fields(void) { return TASK_FIELDS(AS_TEXT); }
const char *nirman_link_fields(void) { return LINK_FIELDS(AS_TEXT); }
#define AS_TEXT_TOO(type, name) #name " "
const char *nirman_plan_fields(void) { return PLAN_FIELDS(AS_TEXT, AS_TEXT_TOO); }

/* Rows that start or finish at another time than before; how many. Both have as many rows. */
i64 nirman_moved(const Task *before, const Task *after, i64 rows, i32 *moved) {
    i64 count = 0;
    for (i64 row = 0; row < rows; row++)
        if (before[row].start != after[row].start || before[row].finish != after[row].finish) moved[count++] = (i32)row;
    return count;
}

/* Working time of many values at once. */
void nirman_shift(Plan *plan, i64 calendar, const i64 *instants, const i64 *minutes, i64 *shifts, i64 count) {
    plan->failure = FINE;
    for (i64 i = 0; i < count; i++) shifts[i] = shifted(plan, calendar, instants[i], minutes[i]);
}

void nirman_between(Plan *plan, i64 calendar, const i64 *starts, const i64 *finishes, i64 *minutes, i64 count) {
    plan->failure = FINE;
    for (i64 i = 0; i < count; i++) minutes[i] = between(plan, calendar, starts[i], finishes[i]);
}
