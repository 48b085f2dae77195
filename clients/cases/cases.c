#include "clients/cases/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cases/play.h"
#include "common/alloc.h"

void cases_print(void *context, const struct case_result *result) {
    (void)context;
    if (!result->good)
        printf("%s:%u: case %s%s: - expected, + got\n%s", result->path, result->line, result->title, result->how,
               result->differences);
    printf("%s %s\n", result->good ? "ok    " : "FAILED", result->title);
}

/* What differs in this round: from the case, or from the alerts of the first round. */
static void add_differences(const struct play *play, const char *first, struct buf *out) {
    buf_append_string(out, play->differences.data);
    if (!play->differences.len && first && strcmp(first, play->transcript.data))
        buf_printf(out, "  other alerts than the first time\n  first:\n%s  now:\n%s", first, play->transcript.data);
}

static bool play_one(const struct case_file *file, const struct test_case *test, cases_report report,
                     cases_observe observe, void *context) {
    static const char *const HOW[] = {"", " (from scratch again)", " (restarted before every step)"};
    struct case_result result = {.path = file->path, .line = test->number, .title = test->title, .how = HOW[0]};
    struct buf differences;
    char *transcript = NULL;

    buf_init(&differences);
    for (int i = 0; i < 3 && !differences.len; i++) {
        struct play play = {.restarting = i == 2, .observe = i ? NULL : observe, .observe_context = context};

        play_case(&play, file, test);
        add_differences(&play, transcript, &differences);
        result.how = HOW[i];
        if (!i)
            transcript = alloc_copy(play.transcript.data);
        play_finish(&play);
    }
    result.good = !differences.len;
    if (result.good)
        result.how = "";
    result.differences = differences.data;
    report(context, &result);
    buf_finish(&differences);
    free(transcript);
    return result.good;
}

void cases_play_observed(const char *path, cases_report report, cases_observe observe, void *context,
                         struct cases_count *count) {
    struct case_file *file = case_file_read(path);

    for (size_t i = 0; i < file->count; i++) {
        count->played++;
        count->failed += !play_one(file, &file->cases[i], report, observe, context);
    }
    case_file_destroy(file);
}

void cases_play_file(const char *path, cases_report report, void *context, struct cases_count *count) {
    cases_play_observed(path, report, NULL, context, count);
}
