/* A contact sheet: many pictures on one page, each with its name below. */
#ifndef PHOTOS_SHEET_H
#define PHOTOS_SHEET_H

#include <stdbool.h>

/*
 * Lays the JPEG and PNG files of `folder`, ordered by name, in a grid about as wide as high, and writes
 * it to `target` as a JPEG. Prints why and returns false when it cannot, or when there are none.
 */
bool make_sheet(const char *folder, const char *target);

#endif
