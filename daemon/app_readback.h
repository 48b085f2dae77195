/*
 * The store held against memory, in slices: every figure and every verdict is
 * read back and compared with what the engine holds. A difference counts when
 * it stands after all steps that were under way when it was first seen.
 */
#ifndef OV_DAEMON_APP_READBACK_H
#define OV_DAEMON_APP_READBACK_H

#include <stdbool.h>

struct app;
struct readback;

typedef void (*readback_report)(void *context, const char *subject, const char *text);

struct readback *readback_create(struct app *app, readback_report report, void *context);
void readback_destroy(struct readback *readback); /* NULL is accepted */

/* Goes on with it: call again after a while as long as it is true. A store that
 * is away ends it. */
bool readback_step(struct readback *readback);

#endif
