#include "image.h"

#include <stdio.h>
#include <stdlib.h>

#include <stb_image.h>
#include <stb_image_resize2.h>
#include <stb_image_write.h>

static const int JPEG_QUALITY = 90;
static const int CHANNELS = 3;

void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory) {
        fprintf(stderr, "photos: out of memory (%zu x %zu bytes)\n", count, size);
        exit(1);
    }
    return memory;
}

Image image_new(int width, int height) {
    return (Image){width, height, allocate((size_t)width * height, CHANNELS)};
}

void image_free(Image *image) {
    free(image->pixels);
    image->pixels = NULL;
}

bool image_load(const char *path, Image *image) {
    image->pixels = stbi_load(path, &image->width, &image->height, NULL, CHANNELS);
    if (!image->pixels) {
        fprintf(stderr, "photos: cannot read %s: %s\n", path, stbi_failure_reason());
    }
    return image->pixels != NULL;
}

bool image_save_jpeg(const char *path, const Image *image) {
    bool written = stbi_write_jpg(path, image->width, image->height, CHANNELS, image->pixels, JPEG_QUALITY);
    if (!written) {
        fprintf(stderr, "photos: cannot write %s\n", path);
    }
    return written;
}

/* value * numerator / denominator, rounded to the nearest, at least 1 */
static int scaled(int value, int numerator, int denominator) {
    long long product = (long long)value * numerator;
    int rounded = (int)((product + denominator / 2) / denominator);
    return rounded > 0 ? rounded : 1;
}

Image image_fit(const Image *image, int longest_side) {
    int longer = image->width > image->height ? image->width : image->height;
    int target = longer < longest_side ? longer : longest_side;
    Image fitted = image_new(scaled(image->width, target, longer), scaled(image->height, target, longer));
    stbir_resize_uint8_srgb(image->pixels, image->width, image->height, 0, fitted.pixels, fitted.width,
                            fitted.height, 0, STBIR_RGB);
    return fitted;
}
