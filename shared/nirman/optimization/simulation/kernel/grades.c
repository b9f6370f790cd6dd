/* How the ranks of what is drawn go with the ranks of the project's finish: sums for Spearman's coefficient. */
#include "run.h"

typedef struct { double of_one, of_square, of_product; } Moments;

static inline void add_to(Moments *sums, double value, double rank) {
    sums->of_one += value;
    sums->of_square += value * value;
    sums->of_product += value * rank;
}

/* A duration's rank is told by its own distribution: how likely it is to be shorter. */
static void find_ranks(const Simulation *of, const Variable *variable, const float *normal, i64 eight, double below[LANES]) {
    if (!of->correlated) {
        uint32_t words[LANES];
        draw_words(of->seed, DURATION, variable->stream, eight, words);
        for (int lane = 0; lane < LANES; lane++) below[lane] = ((double)(i32)(words[lane] >> 8) + 0.5) / 16777216.0;
        return;
    }
    const float scale = (float)(QUANTILES - 1) / (2 * REACH);
    float factor[LANES], own[LANES];
    draw_normal(of->deviates, of->seed, DURATION, variable->stream, eight, own);
    draw_normal(of->deviates, of->seed, FACTOR, 0, eight, factor);
    for (int lane = 0; lane < LANES; lane++) {
        float at = (of->weights[0] * factor[lane] + of->weights[1] * own[lane] + REACH) * scale;
        at = at < 0 ? 0 : at > QUANTILES - 1.001f ? QUANTILES - 1.001f : at;
        i32 place = (i32)at;
        below[lane] = normal[place] + (at - (float)place) * (normal[place + 1] - normal[place]);
    }
}

static void grade_variable(const Simulation *of, const Variable *variable, const float *normal, const double *rank, i64 count,
                           Moments *sums) {
    for (i64 eight = 0; eight * LANES < count; eight++) {
        double below[LANES];
        find_ranks(of, variable, normal, eight, below);
        for (int lane = 0; lane < LANES && eight * LANES + lane < count; lane++)
            add_to(sums, below[lane] - 0.5, rank[eight * LANES + lane]);
    }
}

static void grade_risk(const Simulation *of, const Risk *risk, const double *rank, i64 count, Moments *sums) {
    for (i64 eight = 0; eight * LANES < count; eight++) {
        uint32_t words[LANES];
        draw_words(of->seed, OCCURRENCE, risk->stream, eight, words);
        for (int lane = 0; lane < LANES && eight * LANES + lane < count; lane++)
            add_to(sums, words[lane] < risk->threshold ? 1 : 0, rank[eight * LANES + lane]);
    }
}

/* Of the first `count` samples. `normal` is the normal distribution at the places of a quantile function; `rank` of the
 * project's finish, less the mean rank. `sums` has three numbers for each variable, then for each risk. */
void nirman_grade(const Simulation *of, const float *normal, const double *rank, i64 count, double *sums) {
    Moments *moments = (Moments *)sums;
    for (i64 i = 0; i < of->variables; i++) {
        moments[i] = (Moments){0, 0, 0};
        if (of->variable[i].table != NONE) grade_variable(of, &of->variable[i], normal, rank, count, &moments[i]);
    }
    for (i64 i = 0; i < of->risks; i++) {
        moments[of->variables + i] = (Moments){0, 0, 0};
        grade_risk(of, &of->risk[i], rank, count, &moments[of->variables + i]);
    }
}
