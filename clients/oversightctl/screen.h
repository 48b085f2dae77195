/*
 * A whole terminal: taken over and given back as it was, whatever ends or
 * stops the program; keys and signals as events of one descriptor each.
 *
 * Plain control sequences that every terminal of the last decades knows.
 */
#ifndef OV_CTL_SCREEN_H
#define OV_CTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

struct screen;

/* Why standard input and output cannot be a screen, or NULL when they can. */
const char *screen_refusal(void);

/* Blocks the signals that end, stop or resize, so that they come as events:
 * every other thread must block them too, as those of ZeroMQ do. NULL with errno set on failure. */
struct screen *screen_create(void);
void screen_destroy(struct screen *screen); /* gives the terminal back */

int screen_key_fd(const struct screen *screen);
int screen_signal_fd(const struct screen *screen);
void screen_size(const struct screen *screen, int *ret_rows, int *ret_columns);

enum screen_event {
    SCREEN_NOTHING,
    SCREEN_REDRAW, /* resized, or back from being stopped */
    SCREEN_END,    /* by a signal, see screen_ended_by(); or the terminal is gone */
};

enum screen_event screen_read_signal(struct screen *screen);
int screen_ended_by(const struct screen *screen); /* the signal, or 0 */

/* Keys that are no character. */
enum { KEY_NONE = 0, KEY_ESCAPE = 27, KEY_UP = 256, KEY_DOWN, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END, KEY_GONE };

/* The next key that was pressed; KEY_NONE when there is none, KEY_GONE when there will be none. */
int screen_read_key(struct screen *screen);

/* lines: complete, each fits the width; count at most the rows. */
void screen_draw(const struct screen *screen, const char *const *lines, size_t count);

#endif
