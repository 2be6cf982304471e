#include "develop.h"

#include <stdio.h>

#include "denoise.h"
#include "image.h"
#include "tone.h"

enum { THUMB_SIDE = 480, SHARPEN_PRINT_PERCENT = 60, SHARPEN_THUMB_PERCENT = 40, PATH_SIZE = 1024 };

static bool path_of(char *path, const char *stem, const char *suffix) {
    int length = snprintf(path, PATH_SIZE, "%s%s", stem, suffix);
    if (length >= PATH_SIZE) {
        fprintf(stderr, "photos: the name %s is too long\n", stem);
    }
    return length < PATH_SIZE;
}

static bool save(const Image *image, const char *stem, const char *suffix) {
    char path[PATH_SIZE];
    return path_of(path, stem, suffix) && image_save_jpeg(path, image);
}

static bool save_thumb(const Image *print, const char *stem) {
    Image thumb = image_fit(print, THUMB_SIDE);
    sharpen(&thumb, SHARPEN_THUMB_PERCENT);
    bool saved = save(&thumb, stem, "-thumb.jpg");
    image_free(&thumb);
    return saved;
}

static void write_counts(FILE *file, const char *name, const Histogram *histogram) {
    fprintf(file, ",\n  \"%s\": [", name);
    for (int i = 0; i < 256; i++) {
        fprintf(file, "%s%d", i ? ", " : "", histogram->count[i]);
    }
    fprintf(file, "]");
}

static bool save_report(const Image *image, Levels levels, const Histogram *before, const char *stem) {
    char path[PATH_SIZE];
    FILE *file = path_of(path, stem, ".json") ? fopen(path, "w") : NULL;
    if (!file) {
        fprintf(stderr, "photos: cannot write the report of %s\n", stem);
        return false;
    }
    Histogram after = histogram_of(image);
    fprintf(file, "{\n  \"width\": %d,\n  \"height\": %d", image->width, image->height);
    fprintf(file, ",\n  \"black_point\": %d,\n  \"white_point\": %d", levels.black, levels.white);
    write_counts(file, "histogram_before", before);
    write_counts(file, "histogram_after", &after);
    fprintf(file, "\n}\n");
    return fclose(file) == 0;
}

bool develop(const char *source, const char *stem, int search_radius) {
    Image image;
    if (!image_load(source, &image)) {
        return false;
    }
    Histogram before = histogram_of(&image);
    denoise(&image, search_radius);
    Histogram denoised = histogram_of(&image);
    Levels levels = levels_of(&denoised);
    apply_levels(&image, levels);
    bool saved = save_thumb(&image, stem);
    sharpen(&image, SHARPEN_PRINT_PERCENT);
    saved = saved && save(&image, stem, ".jpg") && save_report(&image, levels, &before, stem);
    printf("%s: %d x %d pixels, luma %d to %d stretched to 0 to 255\n", stem, image.width, image.height,
           levels.black, levels.white);
    image_free(&image);
    return saved;
}
