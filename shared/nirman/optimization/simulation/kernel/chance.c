/* Philox4x64-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", 2011) makes the words; normal
 * variates come of them by a table of deviates that the caller brings. */
#include "chance.h"

static inline uint64_t multiply(uint64_t a, uint64_t b, uint64_t *high) {
    unsigned __int128 product = (unsigned __int128)a * b;
    *high = (uint64_t)(product >> 64);
    return (uint64_t)product;
}

void draw_words(i64 seed, Purpose purpose, i64 stream, i64 eight, uint32_t words[LANES]) {
    uint64_t counter[4] = {(uint64_t)eight, (uint64_t)stream, (uint64_t)purpose, 0}, key[2] = {(uint64_t)seed, 0};
    for (int round = 0; round < 10; round++) {
        uint64_t high[2];
        uint64_t low[2] = {multiply(0xD2E7470EE14C6C93, counter[0], &high[0]),
                           multiply(0xCA5A826395121157, counter[2], &high[1])};
        counter[0] = high[1] ^ counter[1] ^ key[0];
        counter[1] = low[1];
        counter[2] = high[0] ^ counter[3] ^ key[1];
        counter[3] = low[0];
        key[0] += 0x9E3779B97F4A7C15;
        key[1] += 0xBB67AE8584CAA73B;
    }
    for (int i = 0; i < 4; i++) words[2 * i] = (uint32_t)counter[i], words[2 * i + 1] = (uint32_t)(counter[i] >> 32);
}

/* The deviate below which so much of 2^25 lies, of an odd number below 2^24: straight between points that are closer the
 * farther out they lie, 64 for each halving. */
static inline float deviate_below(const float *deviates, uint32_t odd) {
    int zeros = __builtin_clz(odd);
    uint32_t scaled = odd << zeros;
    const float *point = deviates + 64 * (31 - zeros) + (scaled >> 25 & 63);
    return point[0] + (float)(i32)(scaled & 0x1FFFFFF) * (1.0f / 33554432.0f) * (point[1] - point[0]);
}

/* Of the middle of one of 2^24 equal parts of (0, 1), so that both halves are alike; without a branch, as which half it is
 * cannot be foreseen. */
void draw_normal(const float *deviates, i64 seed, Purpose purpose, i64 stream, i64 eight, float normal[LANES]) {
    uint32_t words[LANES];
    draw_words(seed, purpose, stream, eight, words);
    for (int lane = 0; lane < LANES; lane++) {
        uint32_t part = words[lane] >> 8, upper = part >> 23;
        union { float number; uint32_t bits; } of;
        of.number = deviate_below(deviates, 2 * (part ^ ((0 - upper) & 0xFFFFFF)) + 1);
        of.bits ^= upper << 31;
        normal[lane] = of.number;
    }
}

double triangular(double share, const double range[3]) {
    double least = range[0], likely = range[1], most = range[2], width = most - least;
    if (width <= 0) return likely;
    double below = (likely - least) / width;
    if (share < below) return least + __builtin_sqrt(share * width * (likely - least));
    return most - __builtin_sqrt((1 - share) * width * (most - likely));
}

/* For tests, and for rank correlations: words and normal variates of `count` samples from a multiple of eight on. */
void nirman_words(i64 seed, i64 purpose, i64 stream, i64 first, i64 count, uint32_t *words) {
    for (i64 i = 0; i + LANES <= count; i += LANES) draw_words(seed, (Purpose)purpose, stream, (first + i) / LANES, words + i);
}

void nirman_normal(const float *deviates, i64 seed, i64 purpose, i64 stream, i64 first, i64 count, float *normal) {
    for (i64 i = 0; i + LANES <= count; i += LANES)
        draw_normal(deviates, seed, (Purpose)purpose, stream, (first + i) / LANES, normal + i);
}
