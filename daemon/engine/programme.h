/*
 * Intervention programmes: the steps that people took, per organisation and
 * programme, and what follows from them at a date.
 *
 * The steps of one programme stand in the order of their effective dates, so
 * the order in which they arrived does not matter; of two reviews of one day
 * the one accepted later holds. They belong to no framework: each that names
 * the programme fills in its own limit, review interval and exit criteria.
 */
#ifndef OV_ENGINE_PROGRAMME_H
#define OV_ENGINE_PROGRAMME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/message.h"
#include "daemon/engine/alert.h"
#include "daemon/engine/framework.h"

#define PROGRAMME_STEPS_MAX 256 /* per organisation and programme */

struct programme_record {
    enum programme_action action;
    ov_day effective;
    ov_day review_by, limit; /* OV_DAY_NONE: not said */
    char *decided_by, *reason, *exit_criteria;
    struct cause cause;
};

struct programme_log {
    char id[NAME_MAX_LEN + 1];
    struct programme_record *steps;
    size_t count, capacity;
};

struct programme_book;

struct programme_book *programme_book_create(uint32_t org_count);
void programme_book_destroy(struct programme_book *book);

/* The programmes an organisation has steps of, in the order they came. */
size_t programme_book_count(const struct programme_book *book, uint32_t org);
const struct programme_log *programme_book_at(const struct programme_book *book, uint32_t org, size_t index);
const struct programme_log *programme_book_find(const struct programme_book *book, uint32_t org,
                                                struct text id); /* or NULL */

/* What keeps a step from being taken. `on` is the effective date of the step that it disagrees with. */
enum programme_fault {
    PROGRAMME_GOOD,
    PROGRAMME_RUNNING,      /* enter: it runs already, since `on` */
    PROGRAMME_ENTERED_SAME, /* enter: it was already entered on this day, even if it was left again */
    PROGRAMME_ENTERED_NEXT, /* enter: it is entered next, with no leave between, on `on` */
    PROGRAMME_NOT_RUNNING,  /* leave, review: it does not run on this day */
    PROGRAMME_GOES_ON,      /* leave: a later review or leave says that it still runs, on `on` */
    PROGRAMME_FULL          /* too many steps */
};

/* Forgets its steps, which come again. */
void programme_book_clear(struct programme_book *book, uint32_t org, struct text id);

/* Puts the step in its place; texts are copied. Nothing changes on a fault. */
enum programme_fault programme_book_add(struct programme_book *book, uint32_t org, struct text id,
                                        const struct programme_record *step, ov_day *ret_on);

/* One stay in a programme, as far as the steps up to a date tell. */
struct programme_stay {
    ov_day entered;
    ov_day review_by, limit;                              /* OV_DAY_NONE = none */
    ov_day left;                                          /* OV_DAY_NONE = still in it */
    const char *exit_criteria;                            /* may be NULL */
    const struct programme_record *first, *newest, *last; /* entry; entry or newest review; leave or NULL */
    const struct programme_record *dated, *limited;       /* what set review_by and limit */
};

/* Walks the stays in the order they began: *at starts at 0. Steps after date do not count. */
bool programme_stay_next(const struct programme_log *log, const struct programme *rules, ov_day date, size_t *at,
                         struct programme_stay *ret_stay);

/* Reached and passed, on a date, by a stay that goes on. */
bool programme_due(const struct programme_stay *stay, ov_day date);
bool programme_overdue(const struct programme_stay *stay, ov_day date);

/* Does a programme that goes with the segment run on the date? ret_named: the
 * framework has programmes that go with it at all. */
bool programme_covers(const struct programme_book *book, uint32_t org, const struct framework *framework, int segment,
                      ov_day date, bool *ret_named);

/* Index in framework->programmes, or INDEX_NONE. */
uint16_t framework_programme(const struct framework *framework, struct text id);

#endif
