#include "sheet.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caption.h"
#include "image.h"

enum { CHANNELS = 3, CELL = 480, GAP = 24, CAPTION = 32, MOST_PICTURES = 400, PAPER = 246, PATH_SIZE = 1024 };

typedef struct {
    char *names[MOST_PICTURES];
    int count;
} Names;

static bool is_picture(const char *name) {
    const char *suffix = strrchr(name, '.');
    return suffix && (!strcmp(suffix, ".jpg") || !strcmp(suffix, ".jpeg") || !strcmp(suffix, ".png"));
}

static int by_name(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool list_pictures(const char *folder, Names *names) {
    DIR *directory = opendir(folder);
    names->count = 0;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (is_picture(entry->d_name) && names->count < MOST_PICTURES) {
            names->names[names->count++] = strdup(entry->d_name);
        }
    }
    if (directory) {
        closedir(directory);
    }
    qsort(names->names, (size_t)names->count, sizeof names->names[0], by_name);
    return names->count > 0;
}

static void paste(Image *page, const Image *picture, int left, int top) {
    for (int y = 0; y < picture->height; y++) {
        size_t target = ((size_t)(top + y) * page->width + left) * CHANNELS;
        size_t row = (size_t)picture->width * CHANNELS;
        memcpy(page->pixels + target, picture->pixels + y * row, row);
    }
}

/* Puts one picture in the middle of its cell, and its name without suffixes under it. */
static bool place(Image *page, const char *folder, const char *name, int left, int top) {
    char path[PATH_SIZE];
    Image picture;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_SIZE || !image_load(path, &picture)) {
        return false;
    }
    Image fitted = image_fit(&picture, CELL);
    paste(page, &fitted, left + (CELL - fitted.width) / 2, top + (CELL - fitted.height) / 2);
    draw_caption(page, name, left + CELL / 2, top + (CELL + fitted.height) / 2 + CAPTION / 3);
    image_free(&fitted);
    image_free(&picture);
    return true;
}

static Image blank_page(int columns, int rows) {
    Image page = image_new(GAP + columns * (CELL + GAP), GAP + rows * (CELL + CAPTION + GAP));
    memset(page.pixels, PAPER, (size_t)page.width * page.height * CHANNELS);
    return page;
}

static int columns_for(int count) {
    int columns = 1;
    while (columns * columns < count) {
        columns++;
    }
    return columns;
}

bool make_sheet(const char *folder, const char *target) {
    Names names;
    if (!list_pictures(folder, &names)) {
        fprintf(stderr, "photos: no pictures in %s\n", folder);
        return false;
    }
    int columns = columns_for(names.count);
    Image page = blank_page(columns, (names.count + columns - 1) / columns);
    bool placed = true;
    for (int i = 0; i < names.count; i++) {
        int left = GAP + i % columns * (CELL + GAP), top = GAP + i / columns * (CELL + CAPTION + GAP);
        placed = placed && place(&page, folder, names.names[i], left, top);
        free(names.names[i]);
    }
    bool saved = placed && image_save_jpeg(target, &page);
    printf("%s: %d pictures in %d columns\n", target, names.count, columns);
    image_free(&page);
    return saved;
}
