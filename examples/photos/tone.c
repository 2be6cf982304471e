#include "tone.h"

#include <stdlib.h>

enum { CHANNELS = 3, LEAST_CONTRAST = 16, CLIPPED_PER_MILLE = 5, TAPS = 5 };

static const int BINOMIAL[TAPS] = {1, 4, 6, 4, 1};
static const int BINOMIAL_SQUARED_SUM = 256;

static int luma(const unsigned char *pixel) {
    return (19595 * pixel[0] + 38470 * pixel[1] + 7471 * pixel[2] + 32768) >> 16;
}

Histogram histogram_of(const Image *image) {
    Histogram histogram = {.pixels = image->width * image->height};
    for (int i = 0; i < histogram.pixels; i++) {
        histogram.count[luma(image->pixels + (size_t)i * CHANNELS)]++;
    }
    return histogram;
}

Levels levels_of(const Histogram *histogram) {
    int clipped = (int)((long long)histogram->pixels * CLIPPED_PER_MILLE / 1000);
    Levels levels = {0, 255};
    for (int seen = histogram->count[0]; seen <= clipped; seen += histogram->count[levels.black]) {
        levels.black++;
    }
    for (int seen = histogram->count[255]; seen <= clipped; seen += histogram->count[levels.white]) {
        levels.white--;
    }
    return levels.white - levels.black < LEAST_CONTRAST ? (Levels){0, 255} : levels;
}

void apply_levels(Image *image, Levels levels) {
    unsigned char stretched[256];
    int range = levels.white - levels.black;
    for (int value = 0; value < 256; value++) {
        stretched[value] = clamp_to_byte(((value - levels.black) * 255 + range / 2) / range);
    }
    for (size_t i = 0; i < (size_t)image->width * image->height * CHANNELS; i++) {
        image->pixels[i] = stretched[image->pixels[i]];
    }
}

static int inside(int value, int limit) {
    return value < 0 ? 0 : value >= limit ? limit - 1 : value;
}

/* Sums over the five pixels across, per channel; edges are repeated. */
static void blur_row(const unsigned char *row, int width, int *blurred) {
    for (int x = 0; x < width; x++) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            int sum = 0;
            for (int tap = 0; tap < TAPS; tap++) {
                sum += BINOMIAL[tap] * row[inside(x + tap - TAPS / 2, width) * CHANNELS + channel];
            }
            blurred[x * CHANNELS + channel] = sum;
        }
    }
}

static int blurred_at(const int *blurred, size_t stride, int height, int y, size_t column) {
    int sum = 0;
    for (int tap = 0; tap < TAPS; tap++) {
        sum += BINOMIAL[tap] * blurred[inside(y + tap - TAPS / 2, height) * stride + column];
    }
    return sum;
}

void sharpen(Image *image, int percent) {
    size_t stride = (size_t)image->width * CHANNELS;
    int *blurred = allocate(stride * image->height, sizeof(int));
    for (int y = 0; y < image->height; y++) {
        blur_row(image->pixels + y * stride, image->width, blurred + y * stride);
    }
    for (int y = 0; y < image->height; y++) {
        for (size_t column = 0; column < stride; column++) {
            unsigned char *value = image->pixels + y * stride + column;
            int detail = BINOMIAL_SQUARED_SUM * *value - blurred_at(blurred, stride, image->height, y, column);
            *value = clamp_to_byte(*value + percent * detail / (100 * BINOMIAL_SQUARED_SUM));
        }
    }
    free(blurred);
}
