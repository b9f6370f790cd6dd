/* Random numbers of eight samples at once, each told by the seed, what it is for, whose it is, and the sample. */
#ifndef NIRMAN_CHANCE_H
#define NIRMAN_CHANCE_H

#include "simulation.h"

typedef enum { DURATION, FACTOR, OCCURRENCE, DELAY, COST, RAIN } Purpose;

void draw_words(i64 seed, Purpose purpose, i64 stream, i64 eight, uint32_t words[LANES]);
void draw_normal(const float *deviates, i64 seed, Purpose purpose, i64 stream, i64 eight, float normal[LANES]);
/* In (0, 1), never 0 and never 1. */
static inline double share_of(uint32_t word) { return ((double)word + 0.5) / 4294967296.0; }
double triangular(double share, const double range[3]); /* least, likely, most */

#endif
