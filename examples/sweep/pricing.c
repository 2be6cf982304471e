#include "pricing.h"

#include <math.h>

#include "random.h"

typedef struct {
    double sum;
    double sum_of_squares;
} Moments;

static double payoff(double price, double strike) {
    return price > strike ? price - strike : 0.0;
}

static void add(Moments *moments, double value) {
    moments->sum += value;
    moments->sum_of_squares += value * value;
}

static Estimate estimate(Moments moments, uint64_t paths, double discount) {
    double count = (double)paths;
    double mean = moments.sum / count;
    double variance = (moments.sum_of_squares - count * mean * mean) / (count - 1.0);
    return (Estimate){discount * mean, discount * sqrt(fmax(variance, 0.0) / count)};
}

Prices simulate(Option option, uint64_t paths, uint32_t steps, uint64_t seed) {
    Random random = random_from(seed);
    Moments asian = {0}, european = {0};
    double step = option.years / steps;
    double drift = (option.rate - 0.5 * option.volatility * option.volatility) * step;
    double spread = option.volatility * sqrt(step);
    for (uint64_t path = 0; path < paths; path++) {
        double price = option.spot, sum = 0.0;
        for (uint32_t i = 0; i < steps; i++) {
            price *= exp(drift + spread * random_normal(&random));
            sum += price;
        }
        add(&asian, payoff(sum / steps, option.strike));
        add(&european, payoff(price, option.strike));
    }
    double discount = exp(-option.rate * option.years);
    return (Prices){estimate(asian, paths, discount), estimate(european, paths, discount)};
}
