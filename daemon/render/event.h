/*
 * An alert as the event that goes on the wire: CloudEvents 1.0 in JSON,
 * oversight-protocol(7), "Alerts out". Parts that do not apply are absent.
 */
#ifndef OV_RENDER_EVENT_H
#define OV_RENDER_EVENT_H

#include "common/buf.h"
#include "daemon/engine/alert.h"

struct render_context {
    const char *instance;   /* the CloudEvents source is /oversightd/<instance> */
    const char *durability; /* "fsync", "redis" or "memory" */
};

/* Appends the event to buf: one line, no newline. */
void render_event(const struct alert *alert, const struct render_context *context, struct buf *buf);

#endif
