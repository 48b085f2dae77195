/*
 * One attempt to deliver one alert, or a batch of them, to a target of any
 * kind. Nothing here decides about repeating.
 */
#ifndef OV_ONCALL_SEND_H
#define OV_ONCALL_SEND_H

#include <stddef.h>
#include <stdint.h>

#include "clients/oncall/conf.h"
#include "clients/oncall/values.h"
#include "daemon/os/loop.h"

#define REASON_SIZE 256

enum result {
    RESULT_DELIVERED,
    RESULT_AGAIN,  /* may work later */
    RESULT_REFUSED /* will never work with this alert */
};

struct outcome {
    enum result result;
    char reason[REASON_SIZE]; /* printable ASCII; "HTTP 202", "exit status 75", ... */
    int64_t asked;            /* ms the service asked us to wait; 0: nothing */
};

typedef void (*send_callback)(void *context, const struct outcome *outcome);

struct sender;
struct sending;

struct sender *sender_create(struct loop *loop); /* NULL after a log line */
void sender_destroy(struct sender *sender);      /* all sendings must have ended */

/* The callback comes from the loop, never from here. conf is held meanwhile; the
 * items are not needed after the call. One item, unless the template has batches. */
struct sending *sender_send(struct sender *sender, struct conf *conf, const struct target *target,
                            const struct item *items, size_t count, send_callback callback, void *context);
/* Without its callback; a command is killed. */
void sending_cancel(struct sending *sending);

/* The request or text an attempt would make, for --dry-run. */
void sender_show(const struct target *target, const struct item *items, size_t count, struct buf *buf);

#endif
