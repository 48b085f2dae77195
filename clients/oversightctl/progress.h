/*
 * A progress bar on standard error, when that is a terminal; otherwise nothing.
 */
#ifndef OV_CTL_PROGRESS_H
#define OV_CTL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool shown;
    size_t total;
    int64_t started_ms, drawn_ms;
};

void progress_init(struct progress *progress, size_t total, bool wanted);
/* note: shown behind the bar, e.g. "waiting"; may be "". */
void progress_update(struct progress *progress, size_t done, const char *note);
void progress_finish(struct progress *progress); /* clears the line */

#endif
