/* Pseudo-random numbers, the same on every machine. Not for secrets. */
#ifndef SWEEP_RANDOM_H
#define SWEEP_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
    double spare; /* the second of the two normals that one round yields */
    bool has_spare;
} Random;

/* Every seed, zero too, gives a sequence of its own (splitmix64 spreads it). */
Random random_from(uint64_t seed);

/* Uniform over 64 bits: Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016. */
uint64_t random_bits(Random *random);

/* Normal with mean 0 and variance 1, by Marsaglia's polar method. */
double random_normal(Random *random);

#endif
