/* Monte-Carlo prices of call options on a share that follows geometric Brownian motion. */
#ifndef SWEEP_PRICING_H
#define SWEEP_PRICING_H

#include <stdint.h>

typedef struct {
    double spot;       /* price of the share today */
    double strike;     /* price at which the option lets one buy */
    double rate;       /* riskless interest, per year, continuous */
    double volatility; /* standard deviation of the share's return, per square root of a year */
    double years;      /* until the option ends */
} Option;

typedef struct {
    double price;
    double standard_error;
} Estimate;

typedef struct {
    Estimate asian;    /* pays on the mean of the prices at the end of each step: has no closed form */
    Estimate european; /* pays on the last price: Black and Scholes' formula checks the simulation */
} Prices;

/* Averages `paths` simulated ways of `steps` equal steps each. `paths` >= 2, `steps` >= 1. */
Prices simulate(Option option, uint64_t paths, uint32_t steps, uint64_t seed);

#endif
