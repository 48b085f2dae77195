/*
 * What a paragraph expects: "alert", "board", "ranking" and "outcome" lines.
 */
#include "clients/cases/compare.h"

#include <inttypes.h>
#include <string.h>

#include "clients/cases/words.h"

bool compare_is_expectation(const struct line *line) {
    return !strcmp(line->words[0], "alert") || !strcmp(line->words[0], "board") || !strcmp(line->words[0], "ranking") ||
           !strcmp(line->words[0], "outcome");
}

static void put_outcome(const struct play *play, struct buf *out, const struct line *line) {
    const struct changes *changes = &play->changes;

    buf_append_string(out, "outcome");
    for (size_t i = 1; i + 1 < line->count; i += 2) {
        const char *name = line->words[i];
        uint64_t count = 0;

        if (!strcmp(name, "accepted"))
            count = changes->accepted;
        else if (!strcmp(name, "duplicate"))
            count = changes->duplicate;
        else if (!strcmp(name, "superseded"))
            count = changes->superseded;
        else if (!strcmp(name, "refused"))
            count = changes->refused;
        else if (!strcmp(name, "through"))
            count = changes->through;
        else
            case_error(play->file, line->number, "an outcome has no '%s'", name);
        buf_printf(out, " %s %" PRIu64, name, count);
    }
}

void compare_step(struct play *play, const struct paragraph *paragraph) {
    compare_alerts(play, paragraph);
    for (size_t i = 0; i < paragraph->count; i++) {
        const struct line *line = &paragraph->lines[i];
        struct buf expected, actual;

        if (!compare_is_expectation(line) || !strcmp(line->words[0], "alert"))
            continue;
        buf_init(&expected);
        buf_init(&actual);
        words_of_line(&expected, line);
        if (!strcmp(line->words[0], "board") && line->count >= 3)
            compare_put_board(play, &actual, line);
        else if (!strcmp(line->words[0], "ranking"))
            compare_put_ranking(play, &actual, line);
        else
            put_outcome(play, &actual, line);
        if (strcmp(expected.data, actual.data))
            play_differs(play, line->number, expected.data, actual.data);
        buf_finish(&expected);
        buf_finish(&actual);
    }
}
