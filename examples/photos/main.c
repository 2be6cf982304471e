/*
 * A small darkroom: `develop` finishes one photograph, `sheet` puts many on one page.
 * Deterministic: reads its inputs and arguments and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "develop.h"
#include "sheet.h"

enum { EXIT_USAGE = 2, DEFAULT_SEARCH_RADIUS = 5, LARGEST_SEARCH_RADIUS = 20 };

static int usage(void) {
    fprintf(stderr,
            "usage: photos develop PHOTO STEM [SEARCH_RADIUS]   writes STEM.jpg, STEM-thumb.jpg, STEM.json\n"
            "       photos sheet FOLDER CONTACT_SHEET           every JPEG and PNG of FOLDER on one page\n"
            "SEARCH_RADIUS, 0 to 20 pixels (5 unless given), says how far the denoiser looks.\n");
    return EXIT_USAGE;
}

/* -1 for anything but an integer from 0 to the largest radius */
static int search_radius(const char *text) {
    char *end;
    long radius = strtol(text, &end, 10);
    return *text && !*end && radius >= 0 && radius <= LARGEST_SEARCH_RADIUS ? (int)radius : -1;
}

int main(int argc, char **argv) {
    if (argc == 4 && !strcmp(argv[1], "sheet")) {
        return make_sheet(argv[2], argv[3]) ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (argc < 4 || argc > 5 || strcmp(argv[1], "develop")) {
        return usage();
    }
    int radius = argc == 5 ? search_radius(argv[4]) : DEFAULT_SEARCH_RADIUS;
    if (radius < 0) {
        return usage();
    }
    return develop(argv[2], argv[3], radius) ? EXIT_SUCCESS : EXIT_FAILURE;
}
