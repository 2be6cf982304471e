#include "random.h"

#include <math.h>

Random random_from(uint64_t seed) {
    uint64_t mixed = seed + UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    mixed ^= mixed >> 31;
    return (Random){.state = mixed ? mixed : 1};
}

uint64_t random_bits(Random *random) {
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * UINT64_C(2685821657736338717);
}

/* Uniform in [-1, 1) in steps of 2^-52. */
static double uniform(Random *random) {
    return (double)(random_bits(random) >> 11) * 0x1p-52 - 1.0;
}

double random_normal(Random *random) {
    if (random->has_spare) {
        random->has_spare = false;
        return random->spare;
    }
    double x, y, square;
    do {
        x = uniform(random);
        y = uniform(random);
        square = x * x + y * y;
    } while (square >= 1.0 || square == 0.0);
    double scale = sqrt(-2.0 * log(square) / square);
    random->spare = y * scale;
    random->has_spare = true;
    return x * scale;
}
