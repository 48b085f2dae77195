/*
 * Alerts made from what a turn found: numbering, keys, words, attribution.
 */
#ifndef OV_ENGINE_ANNOUNCE_H
#define OV_ENGINE_ANNOUNCE_H

#include "daemon/engine/segment.h"
#include "daemon/engine/turn.h"

/* An alert with its number and what every alert carries; appended to the
 * changes of the turn. */
struct alert *announce(struct turn *turn, enum alert_kind kind, enum severity severity, uint32_t org);

/* Fills segments, consequence, triggers with evidence. */
void announce_segments(struct turn *turn, struct alert *alert, uint32_t org, int before, int after);
void announce_refers(struct turn *turn, struct alert *alert, struct alert_id id);

/* A move of the indicative segment: why, and which update did it. */
struct blame {
    enum attribution attribution;
    struct cause cause;
};
struct blame announce_blame(const struct turn *turn, uint32_t org, const struct verdict *before,
                            const struct finding *after);
/* The organisation's own last figure on the measure in this turn. */
struct blame announce_blame_measure(const struct turn *turn, uint32_t org, uint16_t measure);

enum severity announce_segment_severity(int segment);

/* The summary: "Northfield NHS Trust (X01)" and what follows, formatted. When
 * both do not fit it is the name that is shortened: what happened is not. */
void announce_say(const struct turn *turn, struct alert *alert, uint32_t org, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The summary of what is no organisation's. */
void announce_words(struct alert *alert, const char *format, ...) __attribute__((format(printf, 2, 3)));
void announce_key(struct alert *alert, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
