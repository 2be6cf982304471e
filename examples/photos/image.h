/* An 8-bit RGB picture in memory, and its way from and to files. Knows nothing of what is done to it. */
#ifndef PHOTOS_IMAGE_H
#define PHOTOS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    int width;
    int height;
    unsigned char *pixels; /* rows from the top, 3 bytes a pixel, no padding */
} Image;

/* Zeroed memory; ends the program with exit code 1 and a message when there is none left. */
void *allocate(size_t count, size_t size);

/* A black picture. */
Image image_new(int width, int height);

void image_free(Image *image);

/* Reads a JPEG, PNG or BMP, whatever its name ends in. Prints why and returns false when it cannot. */
bool image_load(const char *path, Image *image);

/* Writes a JPEG. Prints why and returns false when it cannot. */
bool image_save_jpeg(const char *path, const Image *image);

/* A copy whose longer side has at most `longest_side` pixels; never larger than the original. */
Image image_fit(const Image *image, int longest_side);

static inline unsigned char clamp_to_byte(int value) {
    return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
}

#endif
