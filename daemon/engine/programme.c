#include "daemon/engine/programme.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"

struct shelf {
    struct programme_log **logs;
    size_t count, capacity;
};

struct programme_book {
    uint32_t org_count;
    struct shelf *shelves; /* by organisation */
};

struct programme_book *programme_book_create(uint32_t org_count) {
    struct programme_book *book = mem_alloc(1, sizeof *book);

    book->org_count = org_count;
    book->shelves = mem_alloc(org_count, sizeof *book->shelves);
    return book;
}

static void log_clear(struct programme_log *log) {
    for (size_t i = 0; i < log->count; i++) {
        free(log->steps[i].decided_by);
        free(log->steps[i].reason);
        free(log->steps[i].exit_criteria);
    }
    log->count = 0;
}

static void log_destroy(struct programme_log *log) {
    log_clear(log);
    free(log->steps);
    free(log);
}

void programme_book_destroy(struct programme_book *book) {
    if (!book)
        return;
    for (uint32_t org = 0; org < book->org_count; org++) {
        for (size_t i = 0; i < book->shelves[org].count; i++)
            log_destroy(book->shelves[org].logs[i]);
        free(book->shelves[org].logs);
    }
    free(book->shelves);
    free(book);
}

size_t programme_book_count(const struct programme_book *book, uint32_t org) {
    return book->shelves[org].count;
}

const struct programme_log *programme_book_at(const struct programme_book *book, uint32_t org, size_t index) {
    return book->shelves[org].logs[index];
}

static struct programme_log *find(const struct programme_book *book, uint32_t org, struct text id) {
    const struct shelf *shelf = &book->shelves[org];

    for (size_t i = 0; i < shelf->count; i++)
        if (text_equal(id, shelf->logs[i]->id))
            return shelf->logs[i];
    return NULL;
}

const struct programme_log *programme_book_find(const struct programme_book *book, uint32_t org, struct text id) {
    return find(book, org, id);
}

/* ---- Steps in order ---- */

/* Is the programme running just before step number at? */
static bool runs_before(const struct programme_log *log, size_t at) {
    return at && log->steps[at - 1].action != PROGRAMME_LEAVE;
}

/* Would a step of this kind fit between its neighbours at this place? */
static bool fits(const struct programme_log *log, size_t at, enum programme_action action) {
    const struct programme_record *next = at < log->count ? &log->steps[at] : NULL;

    switch (action) {
    case PROGRAMME_ENTER: /* what comes next must not be an entry, and nothing else follows a leave */
        return !runs_before(log, at) && !next;
    case PROGRAMME_REVIEW:
        return runs_before(log, at);
    case PROGRAMME_LEAVE:
        return runs_before(log, at) && (!next || next->action == PROGRAMME_ENTER);
    }
    return false;
}

static ov_day entry_before(const struct programme_log *log, size_t at) {
    while (at-- > 0)
        if (log->steps[at].action == PROGRAMME_ENTER)
            return log->steps[at].effective;
    return OV_DAY_NONE;
}

static bool entered_on(const struct programme_log *log, ov_day day) {
    for (size_t i = 0; i < log->count; i++)
        if (log->steps[i].action == PROGRAMME_ENTER && log->steps[i].effective == day)
            return true;
    return false;
}

/* Where the step goes, or why it does not: among the steps of its own day the
 * last place that it fits into. */
static enum programme_fault find_place(const struct programme_log *log, const struct programme_record *step,
                                       size_t *ret_at, ov_day *ret_on) {
    size_t first = 0, last;

    *ret_on = OV_DAY_NONE;
    if (log->count >= PROGRAMME_STEPS_MAX)
        return PROGRAMME_FULL;
    while (first < log->count && log->steps[first].effective < step->effective)
        first++;
    for (last = first; last < log->count && log->steps[last].effective == step->effective;)
        last++;
    if (step->action == PROGRAMME_ENTER && entered_on(log, step->effective))
        return PROGRAMME_ENTERED_SAME;
    for (size_t at = last + 1; at-- > first;)
        if (fits(log, at, step->action)) {
            *ret_at = at;
            return PROGRAMME_GOOD;
        }
    if (step->action == PROGRAMME_ENTER) {
        bool running = runs_before(log, last);

        *ret_on = running ? entry_before(log, last) : log->steps[last].effective;
        return running ? PROGRAMME_RUNNING : PROGRAMME_ENTERED_NEXT;
    }
    if (!runs_before(log, last))
        return PROGRAMME_NOT_RUNNING;
    *ret_on = log->steps[last].effective;
    return PROGRAMME_GOES_ON;
}

static struct programme_log *log_of(struct programme_book *book, uint32_t org, struct text id) {
    struct shelf *shelf = &book->shelves[org];
    struct programme_log *log = find(book, org, id);

    if (log)
        return log;
    log = mem_alloc(1, sizeof *log);
    text_copy(log->id, sizeof log->id, id);
    MEM_GROW(shelf->logs, shelf->count, shelf->capacity);
    return shelf->logs[shelf->count++] = log;
}

void programme_book_clear(struct programme_book *book, uint32_t org, struct text id) {
    struct programme_log *log = find(book, org, id);

    if (log)
        log_clear(log);
}

enum programme_fault programme_book_add(struct programme_book *book, uint32_t org, struct text id,
                                        const struct programme_record *step, ov_day *ret_on) {
    static const struct programme_log empty;
    const struct programme_log *known = programme_book_find(book, org, id);
    size_t at = 0;
    enum programme_fault fault = find_place(known ? known : &empty, step, &at, ret_on);
    struct programme_log *log;

    if (fault)
        return fault;
    log = log_of(book, org, id);
    MEM_GROW(log->steps, log->count, log->capacity);
    memmove(&log->steps[at + 1], &log->steps[at], (log->count - at) * sizeof *log->steps);
    log->steps[at] = *step;
    log->steps[at].decided_by = mem_copy(step->decided_by ? step->decided_by : "");
    log->steps[at].reason = mem_copy(step->reason ? step->reason : "");
    log->steps[at].exit_criteria = mem_copy(step->exit_criteria ? step->exit_criteria : "");
    log->count++;
    return PROGRAMME_GOOD;
}

/* ---- Stays ---- */

static ov_day days_later(ov_day day, int days) {
    return days ? day + days : OV_DAY_NONE;
}

static void begin_stay(struct programme_stay *stay, const struct programme_record *step,
                       const struct programme *rules) {
    *stay = (struct programme_stay){.entered = step->effective, .left = OV_DAY_NONE, .first = step, .newest = step};
    stay->review_by =
        step->review_by != OV_DAY_NONE ? step->review_by : days_later(step->effective, rules->review_days);
    stay->limit = step->limit != OV_DAY_NONE ? step->limit : days_later(step->effective, rules->limit_days);
    stay->exit_criteria = *step->exit_criteria ? step->exit_criteria : rules->exit_criteria;
    stay->dated = stay->limited = step;
}

/* A review sets the next review date, and the rest only where it says so. */
static void review_stay(struct programme_stay *stay, const struct programme_record *step,
                        const struct programme *rules) {
    stay->newest = stay->dated = step;
    stay->review_by =
        step->review_by != OV_DAY_NONE ? step->review_by : days_later(step->effective, rules->review_days);
    if (step->limit != OV_DAY_NONE) {
        stay->limit = step->limit;
        stay->limited = step;
    }
    if (*step->exit_criteria)
        stay->exit_criteria = step->exit_criteria;
}

bool programme_stay_next(const struct programme_log *log, const struct programme *rules, ov_day date, size_t *at,
                         struct programme_stay *ret_stay) {
    size_t i = *at;

    if (date == OV_DAY_NONE || i >= log->count || log->steps[i].effective > date)
        return false;
    begin_stay(ret_stay, &log->steps[i++], rules);
    for (; i < log->count && log->steps[i].effective <= date && log->steps[i].action == PROGRAMME_REVIEW; i++)
        review_stay(ret_stay, &log->steps[i], rules);
    if (i < log->count && log->steps[i].effective <= date && log->steps[i].action == PROGRAMME_LEAVE) {
        ret_stay->last = &log->steps[i];
        ret_stay->left = log->steps[i++].effective;
    }
    *at = i;
    return true;
}

bool programme_due(const struct programme_stay *stay, ov_day date) {
    return stay->left == OV_DAY_NONE && stay->review_by != OV_DAY_NONE && date >= stay->review_by;
}

bool programme_overdue(const struct programme_stay *stay, ov_day date) {
    return stay->left == OV_DAY_NONE && stay->limit != OV_DAY_NONE && date > stay->limit;
}

bool programme_covers(const struct programme_book *book, uint32_t org, const struct framework *framework, int segment,
                      ov_day date, bool *ret_named) {
    bool named = false, covered = false;

    for (size_t p = 0; p < framework->programme_count; p++) {
        const struct programme *rules = &framework->programmes[p];
        const struct programme_log *log;
        struct programme_stay stay;

        if (rules->segment != segment)
            continue;
        named = true;
        log = programme_book_find(book, org, text_of(rules->id));
        for (size_t at = 0; log && programme_stay_next(log, rules, date, &at, &stay);)
            covered |= stay.left == OV_DAY_NONE;
    }
    *ret_named = named;
    return covered;
}

uint16_t framework_programme(const struct framework *framework, struct text id) {
    for (size_t i = 0; i < framework->programme_count; i++)
        if (text_equal(id, framework->programmes[i].id))
            return (uint16_t)i;
    return INDEX_NONE;
}
