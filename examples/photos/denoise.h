/* Removes grain while keeping edges: non-local means. Integer arithmetic but for one table of weights. */
#ifndef PHOTOS_DENOISE_H
#define PHOTOS_DENOISE_H

#include "image.h"

/*
 * Replaces every pixel by the mean of the pixels around it, each weighted by how alike the 5x5 patches
 * around the two are (Buades, Coll, Morel: "A non-local algorithm for image denoising", 2005).
 * `search_radius` is in pixels; work grows with (2 * search_radius + 1) squared.
 */
void denoise(Image *image, int search_radius);

#endif
