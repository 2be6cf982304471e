#include "caption.h"

#include <stdio.h>
#include <string.h>

#include <stb_easy_font.h>

enum { CHANNELS = 3, SCALE = 2, INK = 48, LONGEST = 36, VERTICES_IN_QUAD = 4 };

typedef struct {
    float x, y, z;
    unsigned char color[4];
} Vertex;

/* The font knows printable ASCII only; any other byte becomes a question mark. */
static void caption_of(const char *file_name, char *caption) {
    snprintf(caption, LONGEST + 1, "%s", file_name);
    char *end = strrchr(caption, '.');
    if (end) {
        *end = '\0';
    }
    end = strstr(caption, "-thumb");
    if (end) {
        *end = '\0';
    }
    for (char *letter = caption; *letter; letter++) {
        if (*letter < ' ' || *letter > '~') {
            *letter = '?';
        }
    }
}

static void fill(Image *image, int left, int top, int right, int bottom) {
    for (int y = top < 0 ? 0 : top; y < bottom && y < image->height; y++) {
        for (int x = left < 0 ? 0 : left; x < right && x < image->width; x++) {
            memset(image->pixels + ((size_t)y * image->width + x) * CHANNELS, INK, CHANNELS);
        }
    }
}

void draw_caption(Image *image, const char *file_name, int middle, int top) {
    static Vertex vertices[LONGEST * 64];
    char caption[LONGEST + 1];
    caption_of(file_name, caption);
    int left = middle - stb_easy_font_width(caption) * SCALE / 2;
    int quads = stb_easy_font_print(0, 0, caption, NULL, vertices, sizeof vertices);
    for (int i = 0; i < quads; i++) {
        const Vertex *first = &vertices[i * VERTICES_IN_QUAD], *opposite = first + 2;
        fill(image, left + (int)first->x * SCALE, top + (int)first->y * SCALE, left + (int)opposite->x * SCALE,
             top + (int)opposite->y * SCALE);
    }
}
