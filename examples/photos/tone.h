/* Brightness: how it is spread over a picture, and how to spread it better. */
#ifndef PHOTOS_TONE_H
#define PHOTOS_TONE_H

#include "image.h"

typedef struct {
    int count[256]; /* pixels of each luma */
    int pixels;
} Histogram;

typedef struct {
    int black; /* luma that becomes 0 */
    int white; /* luma that becomes 255 */
} Levels;

/* Counts luma after ITU-R BT.601, rounded to the nearest integer. */
Histogram histogram_of(const Image *image);

/* The luma below and above which half a percent of the pixels lie. A picture with next to no contrast is left as it is: (0, 255). */
Levels levels_of(const Histogram *histogram);

/* Stretches all three channels alike, so that hues stay. */
void apply_levels(Image *image, Levels levels);

/* Unsharp mask: adds `percent` of the difference to a 5x5 binomial blur. */
void sharpen(Image *image, int percent);

#endif
