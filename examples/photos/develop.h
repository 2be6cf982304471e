/* One photograph from grainy original to finished print, thumbnail and histogram. */
#ifndef PHOTOS_DEVELOP_H
#define PHOTOS_DEVELOP_H

#include <stdbool.h>

/*
 * Reads `source` and writes three files: `stem`.jpg (denoised, levelled, sharpened, full size),
 * `stem`-thumb.jpg (at most 480 pixels a side) and `stem`.json (sizes, levels, histograms of luma).
 * Prints why and returns false when it cannot.
 */
bool develop(const char *source, const char *stem, int search_radius);

#endif
