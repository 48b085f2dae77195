/*
 * Plays case files, oversight-case(5): those named, or all of tests/cases and
 * of the frameworks.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "clients/cases/cases.h"
#include "common/alloc.h"

#define CASES_LEAST 120 /* when all are played */

static void play_folder(const char *srcdir, const char *folder, struct cases_count *count) {
    char *pattern = alloc_printf("%s/%s/*.case", srcdir, folder);
    glob_t found = {0};

    if (!glob(pattern, 0, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i++)
            cases_play_file(found.gl_pathv[i], cases_print, NULL, count);
    globfree(&found);
    free(pattern);
}

int main(int argc, char **argv) {
    const char *srcdir = getenv("srcdir");
    struct cases_count count = {0};

    for (int i = 1; i < argc; i++)
        cases_play_file(argv[i], cases_print, NULL, &count);
    if (argc < 2) {
        play_folder(srcdir ? srcdir : ".", "tests/cases", &count);
        play_folder(srcdir ? srcdir : ".", "conf/frameworks/tests", &count);
    }
    printf("%zu cases, %zu failed\n", count.played, count.failed);
    return count.failed || count.played < (argc < 2 ? CASES_LEAST : 1) ? EXIT_FAILURE : EXIT_SUCCESS;
}
