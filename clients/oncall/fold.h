/*
 * A burst folded into one message: how many alerts of a route may go out one
 * by one within a window, and the words of the digest for the rest. Pure.
 */
#ifndef OV_ONCALL_FOLD_H
#define OV_ONCALL_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/oncall/notice.h"
#include "clients/oncall/route.h"
#include "common/buf.h"

/* Of one route towards one target. */
struct fold {
    int64_t window; /* begins; 0: none open */
    int passed;     /* alerts of it that went out one by one */
    size_t held;    /* alerts that wait for the digest */
};

/* True when the alert goes out by itself; otherwise it is held, and counted
 * here. Critical ones always go. quiet: quiet hours hold now. */
bool fold_passes(struct fold *fold, const struct route *route, enum level level, bool quiet, int64_t now);

/* Held again after a start: waits until a window from now is over. */
void fold_restore(struct fold *fold, int64_t now);

/* True when what is held goes out now; then the window is over and held is 0. */
bool fold_release(struct fold *fold, const struct route *route, bool quiet, int64_t now);

/* When to ask again, in ms from now; -1: never. */
int64_t fold_wait(const struct fold *fold, const struct route *route, int64_t now);

/* ---- The digest ---------------------------------------------------------------- */

#define DIGEST_SUMMARY_MAX 120

/* One line: "12 organisations moved, 3 into segment 4: X01, X02, X03; 5 drops". */
void digest_summary(const struct notice *const *notices, size_t count, char summary[DIGEST_SUMMARY_MAX]);

/* The whole event, an alert of kind oncall.digest; from: when the window began. */
void digest_event(const struct notice *const *notices, size_t count, const char *route, const char *target,
                  int64_t from, int64_t now, struct buf *buf);

#endif
