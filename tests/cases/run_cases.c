/*
 * Plays case files (README.md): every case three times, the second time from
 * scratch, which must give the same alerts with the same keys, the third time
 * with the engine written and loaded back between all steps, which must as well.
 *
 *   run_cases [FILE.case...]     default: all of tests/cases
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "tests/cases/play.h"

#define CASES_LEAST 25 /* when all are played */

static bool report(const struct play *play, const char *how, const char *transcript) {
    if (play->differences.len) {
        printf("%s:%u: case %s%s: - expected, + got\n%s", play->file->path, play->test->number, play->test->title, how,
               play->differences.data);
        return false;
    }
    if (transcript && strcmp(transcript, play->transcript.data)) {
        printf("%s:%u: case %s%s: other alerts than the first time\nfirst:\n%snow:\n%s", play->file->path,
               play->test->number, play->test->title, how, transcript, play->transcript.data);
        return false;
    }
    return true;
}

static bool play_all(const struct case_file *file, const struct test_case *test) {
    static const char *const HOW[] = {"", " (from scratch again)", " (restarted before every step)"};
    char *transcript = NULL;
    bool good = true;

    for (int i = 0; i < 3 && good; i++) {
        struct play play;

        play_case(&play, file, test, i == 2);
        good = report(&play, HOW[i], transcript);
        if (!i)
            transcript = alloc_copy(play.transcript.data);
        play_finish(&play);
    }
    free(transcript);
    return good;
}

/* Returns the number of cases played; adds the failed ones to failed. */
static size_t play_file(const char *path, size_t *failed) {
    struct case_file *file = case_file_read(path);
    size_t count = file->count;

    for (size_t i = 0; i < count; i++) {
        bool good = play_all(file, &file->cases[i]);

        printf("%s %s\n", good ? "ok    " : "FAILED", file->cases[i].title);
        *failed += !good;
    }
    case_file_destroy(file);
    return count;
}

int main(int argc, char **argv) {
    const char *srcdir = getenv("srcdir");
    char *pattern = alloc_printf("%s/tests/cases/*.case", srcdir ? srcdir : ".");
    size_t count = 0, failed = 0;
    glob_t found = {0};

    for (int i = 1; i < argc; i++)
        count += play_file(argv[i], &failed);
    if (argc < 2 && !glob(pattern, 0, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i++)
            count += play_file(found.gl_pathv[i], &failed);
    globfree(&found);
    free(pattern);
    printf("%zu cases, %zu failed\n", count, failed);
    return failed || count < (argc < 2 ? CASES_LEAST : 1) ? EXIT_FAILURE : EXIT_SUCCESS;
}
