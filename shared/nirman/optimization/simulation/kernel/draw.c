/* How long each task takes in each lane, which risks come about, and what that costs beyond the plan. */
#include "run.h"

/* Of one common factor and what is a task's own (a Gaussian copula). */
static void draw_deviates(const Run *run, const Variable *of, const float factor[LANES], float normal[LANES]) {
    draw_normal(run->of->deviates, run->of->seed, DURATION, of->stream, run->eight, normal);
    if (!run->of->correlated) return;
    const float *weights = run->of->weights;
    for (int lane = 0; lane < LANES; lane++) normal[lane] = weights[0] * factor[lane] + weights[1] * normal[lane];
}

static void look_up(const float *quantiles, const float normal[LANES], i32 minutes[LANES]) {
    const float scale = (float)(QUANTILES - 1) / (2 * REACH);
    for (int lane = 0; lane < LANES; lane++) {
        float at = (normal[lane] + REACH) * scale;
        at = at < 0 ? 0 : at > QUANTILES - 1.001f ? QUANTILES - 1.001f : at;
        i32 place = (i32)at;
        float low = quantiles[place], high = quantiles[place + 1];
        minutes[lane] = (i32)(low + (at - (float)place) * (high - low) + 0.5f);
    }
}

static void draw_minutes(const Run *run, const Variable *of, const float factor[LANES], i32 minutes[LANES]) {
    if (of->table == NONE) {
        for (int lane = 0; lane < LANES; lane++) minutes[lane] = of->started ? of->left : of->planned;
        return;
    }
    float normal[LANES];
    draw_deviates(run, of, factor, normal);
    look_up(run->of->quantiles + (i64)of->table * QUANTILES, normal, minutes);
    for (int lane = 0; of->started && lane < LANES; lane++)
        minutes[lane] = (i32)((2 * (i64)of->left * minutes[lane] + of->planned) / (2 * (i64)of->planned));
    for (int lane = 0; lane < LANES; lane++)
        if (minutes[lane] < 1) minutes[lane] = 1;
}

static void draw_risks(Run *run) {
    const Simulation *of = run->of;
    for (i64 i = 0; i < of->risks; i++) {
        const Risk *risk = &of->risk[i];
        uint32_t words[LANES], costs[LANES];
        draw_words(of->seed, OCCURRENCE, risk->stream, run->eight, words);
        draw_words(of->seed, COST, risk->stream, run->eight, costs);
        for (int lane = 0; lane < LANES; lane++) {
            bool rises = words[lane] < risk->threshold;
            run->risen[i * LANES + lane] = rises;
            if (rises) run->cost[lane] += triangular(share_of(costs[lane]), risk->cost);
        }
    }
}

/* One delay of an event for all of its tasks. */
static void delay(const Run *run, const Variable *of, i32 minutes[LANES]) {
    for (i64 i = of->first_delay; i < of->first_delay + of->delays; i++) {
        i64 number = run->of->delays[i];
        const Risk *risk = &run->of->risk[number];
        uint32_t words[LANES];
        draw_words(run->of->seed, DELAY, risk->stream, run->eight, words);
        for (int lane = 0; lane < LANES; lane++)
            if (run->risen[number * LANES + lane])
                minutes[lane] += (i32)(triangular(share_of(words[lane]), risk->delay) + 0.5);
    }
}

static void take_given(Run *run) {
    const Simulation *of = run->of;
    for (i64 i = 0; i < of->variables; i++)
        for (int lane = 0; lane < LANES; lane++) {
            i64 sample = run->eight * LANES + lane - run->first;
            sample = sample < 0 ? 0 : sample >= run->count ? run->count - 1 : sample;
            run->minutes[i * LANES + lane] = of->given[i * run->count + sample];
        }
}

void draw(Run *run) {
    const Simulation *of = run->of;
    for (int lane = 0; lane < LANES; lane++) run->cost[lane] = 0;
    if (of->given != NULL) {
        take_given(run);
    } else {
        float factor[LANES] = {0};
        if (of->correlated) draw_normal(of->deviates, of->seed, FACTOR, 0, run->eight, factor);
        draw_risks(run);
        for (i64 i = 0; i < of->variables; i++) {
            draw_minutes(run, &of->variable[i], factor, run->minutes + i * LANES);
            delay(run, &of->variable[i], run->minutes + i * LANES);
        }
    }
    for (i64 i = 0; i < of->variables; i++) {
        const Variable *variable = &of->variable[i];
        if (of->slopes[i] == 0) continue;
        i32 planned = variable->started ? variable->left : variable->planned;
        for (int lane = 0; lane < LANES; lane++)
            run->cost[lane] += of->slopes[i] * (run->minutes[i * LANES + lane] - planned);
    }
}
