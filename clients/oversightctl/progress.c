#include "clients/oversightctl/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/lib/channel.h"

#define BAR_WIDTH 30
#define REDRAW_MS 100

void progress_init(struct progress *progress, size_t total, bool wanted) {
    const char *terminal = getenv("TERM");

    progress->shown = wanted && isatty(STDERR_FILENO) && (terminal == NULL || strcmp(terminal, "dumb") != 0);
    progress->total = total;
    progress->started_ms = channel_now();
    progress->drawn_ms = 0;
}

void progress_update(struct progress *progress, size_t done, const char *note) {
    int64_t now = channel_now(), taken = now - progress->started_ms;
    char bar[BAR_WIDTH + 1];
    size_t full;

    if (!progress->shown || progress->total == 0)
        return;
    if (now - progress->drawn_ms < REDRAW_MS && done < progress->total)
        return;
    progress->drawn_ms = now;
    full = done * BAR_WIDTH / progress->total;
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', full);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r\033[K[%s] %3zu%%  %zu of %zu  %.0f/s%s%s", bar, done * 100 / progress->total, done,
            progress->total, taken > 0 ? (double)done * 1000 / (double)taken : 0, note[0] != '\0' ? "  " : "", note);
    fflush(stderr);
}

void progress_finish(struct progress *progress) {
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
