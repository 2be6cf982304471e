/*
 * Greets people: every name given as an argument, then every line of in/names.txt where that file
 * exists. Writes the greetings to out/hello.txt and to standard output.
 */
#include <stdio.h>
#include <string.h>

static void greet(FILE *result, const char *name) {
    fprintf(result, "Hello, %s!\n", name);
    printf("Hello, %s!\n", name);
}

/* Lines longer than the buffer are greeted in pieces: a name of 4 KiB is not a name. */
static void greet_each_line(FILE *result, FILE *names) {
    char line[4096];
    while (fgets(line, sizeof line, names)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '\0') {
            greet(result, line);
        }
    }
}

int main(int argc, char **argv) {
    FILE *result = fopen("out/hello.txt", "w");
    if (!result) {
        perror("hello: cannot write out/hello.txt");
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        greet(result, argv[i]);
    }
    FILE *names = fopen("in/names.txt", "r");
    if (names) {
        greet_each_line(result, names);
        fclose(names);
    }
    if (fclose(result) != 0) {
        perror("hello: cannot finish out/hello.txt");
        return 1;
    }
    return 0;
}
