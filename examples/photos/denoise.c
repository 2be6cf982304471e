#include "denoise.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHANNELS = 3,
    PATCH_RADIUS = 2,
    PATCH_SIDE = 2 * PATCH_RADIUS + 1,
    SAMPLES_IN_PATCH = PATCH_SIDE * PATCH_SIDE * CHANNELS,
    FULL_WEIGHT = 256,
    LARGEST_DIFFERENCE = 256, /* mean squared difference from which a patch counts for nothing */
};

/* Grain whose mean squared difference lies well below this is smoothed away. */
static const double GRAIN = 40.0;

typedef struct {
    const Image *padded;  /* the picture with its edges repeated `margin` pixels outward */
    int margin;
    int width;            /* of the picture without the margin */
    int height;
    uint32_t *sums;       /* weighted channel sums of every pixel */
    uint32_t *weights;    /* sum of the weights of every pixel */
    uint32_t *rows[PATCH_SIDE]; /* squared differences of the newest rows, a ring */
    uint32_t *columns;    /* for every column, the sum over the ring */
    uint32_t weight_of[LARGEST_DIFFERENCE];
} Means;

static int limited(int value, int limit) {
    return value < 0 ? 0 : value >= limit ? limit - 1 : value;
}

static Image with_margin(const Image *image, int margin) {
    Image padded = image_new(image->width + 2 * margin, image->height + 2 * margin);
    for (int y = 0; y < padded.height; y++) {
        const unsigned char *row = image->pixels + (size_t)limited(y - margin, image->height) * image->width * CHANNELS;
        unsigned char *target = padded.pixels + (size_t)y * padded.width * CHANNELS;
        for (int x = 0; x < padded.width; x++) {
            memcpy(target + x * CHANNELS, row + limited(x - margin, image->width) * CHANNELS, CHANNELS);
        }
    }
    return padded;
}

/* The pixel at (x, y) of the picture; either may lie up to `margin` outside. */
static const unsigned char *pixel(const Means *means, int x, int y) {
    size_t row = (size_t)(y + means->margin) * means->padded->width;
    return means->padded->pixels + (row + x + means->margin) * CHANNELS;
}

/* Swaps row `y` of squared differences into the ring, and brings the column sums up to date. */
static void enter_row(Means *means, int y, int dx, int dy) {
    uint32_t *row = means->rows[(y + PATCH_RADIUS) % PATCH_SIDE];
    const unsigned char *here = pixel(means, -PATCH_RADIUS, y);
    const unsigned char *there = pixel(means, -PATCH_RADIUS + dx, y + dy);
    for (int x = 0; x < means->width + 2 * PATCH_RADIUS; x++, here += CHANNELS, there += CHANNELS) {
        int red = here[0] - there[0], green = here[1] - there[1], blue = here[2] - there[2];
        uint32_t difference = (uint32_t)(red * red + green * green + blue * blue);
        means->columns[x] += difference - row[x];
        row[x] = difference;
    }
}

/* Adds the pixels of row `y`, seen at the offset (dx, dy), to the sums with their weights. */
static void add_row(Means *means, int y, int dx, int dy) {
    const unsigned char *there = pixel(means, dx, y + dy);
    uint32_t *sum = means->sums + (size_t)y * means->width * CHANNELS;
    uint32_t *weights = means->weights + (size_t)y * means->width;
    const uint32_t *columns = means->columns;
    uint32_t patch = 0;
    for (int i = 0; i < PATCH_SIDE - 1; i++) {
        patch += columns[i];
    }
    for (int x = 0; x < means->width; x++, sum += CHANNELS, there += CHANNELS) {
        patch += columns[x + PATCH_SIDE - 1];
        uint32_t difference = patch / SAMPLES_IN_PATCH;
        if (difference < LARGEST_DIFFERENCE) {
            uint32_t weight = means->weight_of[difference];
            weights[x] += weight;
            sum[0] += weight * there[0];
            sum[1] += weight * there[1];
            sum[2] += weight * there[2];
        }
        patch -= columns[x];
    }
}

static void add_offset(Means *means, int dx, int dy) {
    size_t row_size = (size_t)(means->width + 2 * PATCH_RADIUS) * sizeof(uint32_t);
    memset(means->columns, 0, row_size);
    for (int i = 0; i < PATCH_SIDE; i++) {
        memset(means->rows[i], 0, row_size);
    }
    for (int y = -PATCH_RADIUS; y < means->height + PATCH_RADIUS; y++) {
        enter_row(means, y, dx, dy);
        if (y >= PATCH_RADIUS) {
            add_row(means, y - PATCH_RADIUS, dx, dy);
        }
    }
}

static void write_means(const Means *means, Image *image) {
    for (size_t i = 0; i < (size_t)image->width * image->height; i++) {
        uint32_t weight = means->weights[i];
        for (int channel = 0; channel < CHANNELS; channel++) {
            uint32_t sum = means->sums[i * CHANNELS + channel];
            image->pixels[i * CHANNELS + channel] = (unsigned char)((sum + weight / 2) / weight);
        }
    }
}

static Means means_new(const Image *image, const Image *padded, int margin) {
    Means means = {.padded = padded, .margin = margin, .width = image->width, .height = image->height};
    size_t pixels = (size_t)image->width * image->height;
    means.sums = allocate(pixels * CHANNELS, sizeof(uint32_t));
    means.weights = allocate(pixels, sizeof(uint32_t));
    means.columns = allocate((size_t)image->width + 2 * PATCH_RADIUS, sizeof(uint32_t));
    for (int i = 0; i < PATCH_SIDE; i++) {
        means.rows[i] = allocate((size_t)image->width + 2 * PATCH_RADIUS, sizeof(uint32_t));
    }
    for (int i = 0; i < LARGEST_DIFFERENCE; i++) {
        means.weight_of[i] = (uint32_t)lround(FULL_WEIGHT * exp(-i / GRAIN));
    }
    return means;
}

static void means_free(Means *means) {
    free(means->sums);
    free(means->weights);
    free(means->columns);
    for (int i = 0; i < PATCH_SIDE; i++) {
        free(means->rows[i]);
    }
}

void denoise(Image *image, int search_radius) {
    int margin = search_radius + PATCH_RADIUS;
    Image padded = with_margin(image, margin);
    Means means = means_new(image, &padded, margin);
    for (int dy = -search_radius; dy <= search_radius; dy++) {
        for (int dx = -search_radius; dx <= search_radius; dx++) {
            add_offset(&means, dx, dy);
        }
    }
    write_means(&means, image);
    means_free(&means);
    image_free(&padded);
}
