/*
 * What the live board shows, as lines of text: a page of organisations under a
 * head, above the newest alert and the keys. No terminal and no clock.
 */
#ifndef OV_CTL_BOARD_VIEW_H
#define OV_CTL_BOARD_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "common/buf.h"

#define BOARD_SEARCH_MAX 32

struct board_view {
    bool colour;
    const char *system, *region, *type; /* NULL: all */
    int segment;                        /* 0: all */
    char search[BOARD_SEARCH_MAX + 1];  /* part of a name or code; empty: all */
    bool searching;                     /* it is being typed */
    int top;                            /* the first row shown */
    const char *state;                  /* of the connection: "live" */
    const char *updated;                /* when the state was taken: "09:30:12" */
    const char *alert;                  /* the newest, in a line; NULL: none yet */
    const char *alert_time;
};

struct board_lines {
    struct buf text;    /* NUL behind each line */
    const char **lines; /* rows of them */
    size_t count;
};

/* snapshot: NULL while there is none. Corrects view->top. Each line is at most
 * columns wide; together exactly rows. */
void board_view_render(struct board_view *view, const cJSON *snapshot, int rows, int columns,
                       struct board_lines *ret_lines);
void board_lines_finish(struct board_lines *lines);

#endif
