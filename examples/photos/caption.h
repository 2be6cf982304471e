/* Small print on a picture. */
#ifndef PHOTOS_CAPTION_H
#define PHOTOS_CAPTION_H

#include "image.h"

/* Draws a file's name, less its suffix and less "-thumb", centred on `middle`; what does not fit is left out. */
void draw_caption(Image *image, const char *file_name, int middle, int top);

#endif
