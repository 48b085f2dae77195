#include "daemon/app_readback.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/app_state.h"

#define SLICE 500       /* figures per command */
#define LOOKS_AGAIN 100 /* at figures that never rest: then they are left out */

enum stage { READBACK_FIGURES, READBACK_VERDICTS, READBACK_ENDED };

struct readback {
    struct app *app;
    readback_report report;
    void *context;
    enum stage stage;
    struct figure_cursor cursor;
    const char *measure; /* the column being read; NULL: the next is due */
    ov_day period;
    uint16_t framework;
    uint32_t first, count; /* organisations of the slice */
    bool asked;
    /* The first difference seen in this slice: what memory held, and when all steps of then are stored. */
    uint32_t org;
    char *expected;
    uint64_t settled;
    unsigned looks;
};

struct readback *readback_create(struct app *app, readback_report report, void *context) {
    struct readback *readback = alloc_zero(1, sizeof *readback);

    readback->app = app;
    readback->report = report;
    readback->context = context;
    readback->cursor = FIGURE_CURSOR_START;
    return readback;
}

void readback_destroy(struct readback *readback) {
    if (!readback)
        return;
    if (readback->asked)
        store_read_forget(readback->app->store);
    free(readback->expected);
    free(readback);
}

static const char *code(const struct readback *readback, uint32_t org) {
    return registry_at(engine_registry(readback->app->engine), org)->code;
}

static uint32_t organisations(const struct readback *readback) {
    return registry_count(engine_registry(readback->app->engine));
}

/* ---- Differences ---- */

static void forget(struct readback *readback) {
    free(readback->expected);
    readback->expected = NULL;
    readback->looks = 0;
}

/* True when the difference is one: it stood when what was under way had been stored. */
static bool stands(struct readback *readback, uint32_t org, const char *expected) {
    struct store_status status;

    store_status(readback->app->store, &status);
    if (readback->expected && readback->org == org && strcmp(readback->expected, expected) == 0 &&
        status.steps_confirmed >= readback->settled)
        return true;
    free(readback->expected);
    readback->expected = alloc_copy(expected);
    readback->org = org;
    readback->settled = status.steps_confirmed + status.steps_queued + (readback->app->step != NULL);
    return ++readback->looks > LOOKS_AGAIN;
}

static void tell(struct readback *readback, uint32_t org, const char *part, const char *period, struct text found,
                 const char *expected) {
    char subject[160], text[320], shown[100];

    if (readback->looks > LOOKS_AGAIN)
        return;
    snprintf(subject, sizeof subject, "%s/%s", part, code(readback, org));
    snprintf(text, sizeof text, "%s%sthe store has %s, memory %.100s", period, *period ? ": " : "",
             found.s ? text_escape(shown, sizeof shown, found) : "nothing", *expected ? expected : "nothing");
    readback->report(readback->context, subject, text);
}

/* ---- Figures ---- */

static void expected_figure(const struct readback *readback, uint32_t org, char bytes[FIGURE_BYTES]) {
    struct value value;
    uint32_t revision;

    bytes[0] = '\0';
    if (engine_figure(readback->app->engine, text_of(readback->measure), readback->period, org, &value, &revision))
        bytes[app_figure_write(&value, revision, bytes)] = '\0';
}

static void next_figures(struct readback *readback) {
    forget(readback);
    readback->first += readback->count;
    if (readback->first >= organisations(readback))
        readback->measure = NULL;
}

/* In the order of the slice; the first that is not settled stops it, to be read again. */
static void on_figures(void *context, const struct text *values, size_t count) {
    struct readback *readback = context;
    char period[OV_DATE_SIZE], expected[FIGURE_BYTES + 1];

    readback->asked = false;
    if (!count)
        return; /* not read: again, or the store is away */
    date_format(readback->period, period);
    for (uint32_t i = 0; i < count; i++) {
        struct text found = values[i];

        expected_figure(readback, readback->first + i, expected);
        if (text_equal(found, expected) || (!*expected && (!found.s || text_equal(found, "null;0"))))
            continue;
        if (!stands(readback, readback->first + i, expected))
            return;
        tell(readback, readback->first + i, readback->measure, period, found, expected);
        readback->first += i + 1; /* what is behind it is read anew */
        readback->count = 0;
        break;
    }
    next_figures(readback);
}

static bool ask_figures(struct readback *readback) {
    const char *orgs[SLICE];
    char period[OV_DATE_SIZE];

    if (!readback->measure) {
        if (!engine_column_next(readback->app->engine, &readback->cursor, &readback->measure, &readback->period))
            return false;
        readback->first = 0;
    }
    readback->count = organisations(readback) - readback->first;
    if (readback->count > SLICE)
        readback->count = SLICE;
    for (uint32_t i = 0; i < readback->count; i++)
        orgs[i] = code(readback, readback->first + i);
    readback->asked = store_read_figures(readback->app->store, readback->measure, date_format(readback->period, period),
                                         orgs, readback->count, on_figures, readback);
    return true;
}

/* ---- Verdicts ---- */

static void on_verdict(void *context, const struct text *values, size_t count) {
    struct readback *readback = context;
    struct changes texts;
    const char *state;
    uint32_t org = readback->first;

    readback->asked = false;
    if (!count)
        return;
    changes_init(&texts);
    state = engine_verdict_state(readback->app->engine, readback->framework, org, &texts);
    if (text_equal(values[0], state)) {
        forget(readback);
        readback->first++;
    } else if (stands(readback, org, state)) {
        tell(readback, org, engine_framework(readback->app->engine, readback->framework)->id, "", values[0], state);
        forget(readback);
        readback->first++;
    }
    changes_finish(&texts);
}

static bool ask_verdict(struct readback *readback) {
    static const char *const fields[] = {"state"};
    const struct engine *engine = readback->app->engine;

    if (readback->first >= organisations(readback)) {
        readback->first = 0;
        readback->framework++;
    }
    if (readback->framework >= engine_framework_count(engine))
        return false;
    readback->asked = store_read_verdict(readback->app->store, engine_framework(engine, readback->framework)->id,
                                         code(readback, readback->first), fields, 1, on_verdict, readback);
    return true;
}

/* ---- Slices ---- */

bool readback_step(struct readback *readback) {
    struct store_status status;

    store_status(readback->app->store, &status);
    if (readback->stage == READBACK_ENDED || status.state != STORE_READY || organisations(readback) == 0)
        return false;
    if (readback->asked || (readback->expected && status.steps_confirmed < readback->settled))
        return true;
    if (readback->stage == READBACK_FIGURES) {
        if (ask_figures(readback))
            return true;
        readback->stage = READBACK_VERDICTS;
        readback->first = 0;
    }
    if (ask_verdict(readback))
        return true;
    readback->stage = READBACK_ENDED;
    return false;
}
