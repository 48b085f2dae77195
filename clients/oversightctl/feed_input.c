#include "clients/oversightctl/feed_input.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/buf.h"

#define CHUNK 65536

static const char stdin_name[] = "standard input";

struct feed_input {
    struct input_options options;
    struct problems *problems;
    struct updates *updates; /* read and not all taken yet */
    size_t taken;
    bool streaming, ended;
    struct buf pending; /* the line that is not complete yet */
    struct buf header;  /* of tidy CSV: stands before every chunk */
    unsigned lines;     /* before pending */
};

struct feed_input *feed_input_create(const char *path, const struct input_options *options, struct problems *problems) {
    struct feed_input *input = alloc_zero(1, sizeof(*input));

    input->options = *options;
    input->problems = problems;
    input->updates = updates_create();
    buf_init(&input->pending);
    buf_init(&input->header);
    input->streaming = strcmp(path, "-") == 0 && options->mapping == NULL;
    if (input->streaming)
        return input;
    inputs_read(path, options, input->updates, problems);
    input->ended = true;
    return input;
}

void feed_input_destroy(struct feed_input *input) {
    if (input == NULL)
        return;
    updates_destroy(input->updates);
    buf_finish(&input->pending);
    buf_finish(&input->header);
    free(input);
}

int feed_input_fd(const struct feed_input *input) {
    return input->streaming && !input->ended && feed_input_left(input) == 0 ? STDIN_FILENO : -1;
}

size_t feed_input_left(const struct feed_input *input) {
    return updates_count(input->updates) - input->taken;
}

struct item *feed_input_at(struct feed_input *input, size_t index) {
    return updates_at(input->updates, input->taken + index);
}

void feed_input_take(struct feed_input *input, size_t count) {
    input->taken += count;
    if (feed_input_left(input) > 0)
        return;
    updates_destroy(input->updates);
    input->updates = updates_create();
    input->taken = 0;
}

bool feed_input_ended(const struct feed_input *input) {
    return input->ended && feed_input_left(input) == 0;
}

/* ---- Standard input ------------------------------------------------------------- */

static bool is_blank(const char *bytes, size_t len) {
    size_t i = 0;

    while (i < len && isspace((unsigned char)bytes[i]))
        i++;
    return i == len;
}

/* The first line that is not blank tells the form, and is the header of tidy CSV. */
static void take_form(struct feed_input *input, const char *bytes, size_t len) {
    size_t first = 0, end;
    const char *newline;

    while (first < len && isspace((unsigned char)bytes[first]))
        first++;
    if (bytes[first] == '{') {
        input->options.form = INPUT_JSON_LINES;
        return;
    }
    newline = memchr(bytes + first, '\n', len - first);
    end = newline != NULL ? (size_t)(newline - bytes) + 1 : len;
    input->options.form = INPUT_TIDY;
    buf_append(&input->header, bytes + first, end - first);
}

static unsigned count_lines(const char *bytes, size_t len) {
    unsigned lines = 0;

    for (const char *at = bytes; (at = memchr(at, '\n', len - (size_t)(at - bytes))) != NULL; at++)
        lines++;
    return lines;
}

/* Whole lines, all of the same form. */
static void take_lines(struct feed_input *input, const char *bytes, size_t len) {
    struct buf text;

    if (!is_blank(bytes, len)) {
        bool first = input->options.form == INPUT_ANY;

        if (first)
            take_form(input, bytes, len);
        input->options.lines_before = input->lines;
        buf_init(&text);
        if (input->options.form == INPUT_TIDY && !first) {
            buf_append(&text, input->header.data, input->header.len);
            input->options.lines_before--; /* the header counts as the first of the text */
        }
        buf_append(&text, bytes, len);
        inputs_parse(stdin_name, text.data, text.len, &input->options, input->updates, input->problems);
        buf_finish(&text);
    }
    input->lines += count_lines(bytes, len);
}

static void fail(struct feed_input *input, const char *reason) {
    problems_add(input->problems, stdin_name, input->lines + 1, "%s", reason);
    buf_clear(&input->pending);
    input->ended = true;
}

void feed_input_read(struct feed_input *input) {
    char chunk[CHUNK];
    ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));
    const char *last;
    size_t whole;

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n < 0) {
        fail(input, strerror(errno));
        return;
    }
    if (n == 0) {
        take_lines(input, input->pending.data, input->pending.len);
        buf_clear(&input->pending);
        input->ended = true;
        return;
    }
    last = memrchr(chunk, '\n', (size_t)n);
    whole = last != NULL ? (size_t)(last - chunk) + 1 : 0;
    if (whole > 0) {
        buf_append(&input->pending, chunk, whole);
        take_lines(input, input->pending.data, input->pending.len);
        buf_clear(&input->pending);
    }
    buf_append(&input->pending, chunk + whole, (size_t)n - whole);
    if (input->pending.len > FEED_LINE_MAX)
        fail(input, "a line of more than 1 MiB");
}
