/*
 * One point of a parameter sweep: prices one option by simulation and writes out/result.json.
 * Deterministic: the seed is an argument, and nothing but the arguments is read.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pricing.h"

enum { EXIT_USAGE = 2 };

typedef struct {
    Option option;
    double paths; /* whole numbers, read like the rest and checked below */
    double steps;
    double seed;
} Settings;

typedef struct {
    const char *name;
    double *value;
    double least;
    double most;
    bool whole;
} Field;

static bool set_field(const Field *field, const char *text) {
    char *end;
    double value = strtod(text, &end);
    bool valid = *text && !*end && value >= field->least && value <= field->most;
    if (!valid || (field->whole && value != floor(value))) {
        fprintf(stderr, "sweep: %s=%s must be a%s number from %g to %g\n", field->name, text,
                field->whole ? " whole" : "", field->least, field->most);
        return false;
    }
    *field->value = value;
    return true;
}

/* `argument` reads name=value */
static bool set(const Field *fields, size_t count, const char *argument) {
    const char *equals = strchr(argument, '=');
    for (size_t i = 0; equals && i < count; i++) {
        size_t length = strlen(fields[i].name);
        if (length == (size_t)(equals - argument) && !strncmp(fields[i].name, argument, length)) {
            return set_field(&fields[i], equals + 1);
        }
    }
    fprintf(stderr, "sweep: cannot make sense of %s\n", argument);
    fprintf(stderr, "usage: sweep [spot=] [strike=] [rate=] [volatility=] [years=] [paths=] [steps=] [seed=]\n");
    return false;
}

/* An argument may hold several settings with spaces between them, so that one list item can set them all. */
static bool set_all(const Field *fields, size_t count, char *argument) {
    bool valid = true;
    for (char *word = strtok(argument, " "); word && valid; word = strtok(NULL, " ")) {
        valid = set(fields, count, word);
    }
    return valid;
}

static void write_estimate(FILE *file, const char *name, Estimate estimate) {
    fprintf(file, ",\n  \"%s\": {\"price\": %.17g, \"standard_error\": %.17g}", name, estimate.price,
            estimate.standard_error);
}

static bool write_result(const Field *fields, size_t count, Prices prices) {
    FILE *file = fopen("out/result.json", "w");
    if (!file) {
        perror("sweep: cannot write out/result.json");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        fprintf(file, "%s  \"%s\": %.17g", i ? ",\n" : "{\n", fields[i].name, *fields[i].value);
    }
    write_estimate(file, "asian", prices.asian);
    write_estimate(file, "european", prices.european);
    fprintf(file, "\n}\n");
    return fclose(file) == 0;
}

int main(int argc, char **argv) {
    Settings settings = {{100, 100, 0.03, 0.2, 1}, 100000, 32, 1};
    const Field fields[] = {
        {"spot", &settings.option.spot, 1e-6, 1e9, false},
        {"strike", &settings.option.strike, 0, 1e9, false},
        {"rate", &settings.option.rate, -1, 1, false},
        {"volatility", &settings.option.volatility, 0, 5, false},
        {"years", &settings.option.years, 0, 100, false},
        {"paths", &settings.paths, 2, 1e12, true},
        {"steps", &settings.steps, 1, 1e6, true},
        {"seed", &settings.seed, 0, 9007199254740991, true},
    };
    const size_t count = sizeof fields / sizeof fields[0];
    for (int i = 1; i < argc; i++) {
        if (!set_all(fields, count, argv[i])) {
            return EXIT_USAGE;
        }
    }
    Prices prices = simulate(settings.option, (uint64_t)settings.paths, (uint32_t)settings.steps,
                             (uint64_t)settings.seed);
    printf("asian %.4f +- %.4f, european %.4f +- %.4f\n", prices.asian.price, prices.asian.standard_error,
           prices.european.price, prices.european.standard_error);
    return write_result(fields, count, prices) ? EXIT_SUCCESS : EXIT_FAILURE;
}
