#include "clients/oncall/route.h"

#include <stdlib.h>
#include <string.h>

#define ASKED_MAX (3600 * 1000)
#define DAY 1440

void words_finish(struct words *words) {
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free(words->items);
    *words = (struct words){0};
}

bool words_hold(const struct words *words, const char *word) {
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->items[i], word) == 0)
            return true;
    return false;
}

static bool fits(const struct words *words, const char *word) {
    return words->count == 0 || words_hold(words, word);
}

static bool kind_fits(const struct words *kinds, const char *kind) {
    for (size_t i = 0; i < kinds->count; i++) {
        size_t len = strlen(kinds->items[i]);
        if (strncmp(kinds->items[i], kind, len) == 0 && (kind[len] == '\0' || kind[len] == '.'))
            return true;
    }
    return kinds->count == 0;
}

bool route_fits(const struct route *route, const struct notice *notice) {
    return notice->level >= route->level && kind_fits(&route->kinds, notice->kind) &&
           fits(&route->organisations, notice->subject) && fits(&route->systems, notice->system) &&
           fits(&route->regions, notice->region) && fits(&route->types, notice->type) &&
           (route->segments == 0 || (route->segments >> notice->segment & 1) != 0);
}

bool quiet_holds(const struct quiet *quiet, int weekday, int minute) {
    for (size_t i = 0; i < quiet->count; i++) {
        const struct quiet_span *span = &quiet->spans[i];
        bool today = (span->days >> weekday & 1) != 0, yesterday = (span->days >> ((weekday + 6) % 7) & 1) != 0;
        int end = span->to <= span->from ? span->to + DAY : span->to;
        if ((today && minute >= span->from && minute < end) ||
            (yesterday && minute + DAY >= span->from && minute + DAY < end))
            return true;
    }
    return false;
}

int64_t retry_pause(const struct retry *retry, unsigned failures, int64_t asked, uint32_t chance) {
    int64_t pause = retry->first;
    while (failures-- > 1 && pause < retry->most)
        pause *= 2;
    if (pause > retry->most)
        pause = retry->most;
    /* Half of it for certain: what failed together does not come back together. */
    pause = pause / 2 + (int64_t)((uint64_t)chance % (uint64_t)(pause / 2 + 1));
    if (asked > ASKED_MAX)
        asked = ASKED_MAX;
    return pause > asked ? pause : asked;
}

bool retry_is_over(const struct retry *retry, int64_t since, int64_t now) {
    return now - since >= retry->give_up;
}
