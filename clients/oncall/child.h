/*
 * A program run to deliver an alert: no shell, the alert on standard input, a
 * time limit after which its whole process group is killed.
 */
#ifndef OV_ONCALL_CHILD_H
#define OV_ONCALL_CHILD_H

#include "clients/oncall/send.h"
#include "common/text.h"

struct child;

struct child_spec {
    char *const *argv;       /* ends with NULL; argv[0] is a path */
    const char *const *more; /* "NAME=VALUE" for its environment, ends with NULL; beside these only PATH and LANG */
    struct text input;
    int64_t timeout; /* ms */
    bool leaves;     /* what it leaves running when it ends goes on: the delivery of a mail, say */
};

/* Status 0 is delivered. 64 to 69 but 69, 76 to 78 of sysexits.h: refused. Every
 * other, a signal and the time limit: again. */
struct child *child_start(struct loop *loop, const struct child_spec *spec, send_callback callback, void *context);
void child_cancel(struct child *child);

#endif
