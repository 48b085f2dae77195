/*
 * An alert as the on-call side sees it: the event as it came, the fields that
 * routes look at, and the incident it belongs to. Pure; shared by count.
 *
 * An incident is what services that know "firing" and "resolved" keep apart:
 * the place of one organisation in the segments of one framework, a drop in one
 * of its measures, an overdue programme, the trouble of one feed. Alerts of
 * other kinds are incidents of their own that nothing resolves.
 */
#ifndef OV_ONCALL_NOTICE_H
#define OV_ONCALL_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOTICE_ID_MAX 80
#define NOTICE_BYTES_MAX (4 * 1024 * 1024) /* of an event; the client library takes no larger one */

enum level { LEVEL_INFO, LEVEL_NOTICE, LEVEL_WARNING, LEVEL_CRITICAL };
const char *level_name(enum level level);
bool level_parse(const char *name, enum level *ret_level);

enum notice_status {
    NOTICE_FIRING,
    NOTICE_RESOLVED,
    NOTICE_ONCE /* fires, and nothing will resolve it */
};
const char *notice_status_name(enum notice_status status); /* "firing" or "resolved" */

struct notice {
    unsigned refs;
    char *json;
    size_t len;
    /* "" where the event lacks it. */
    char *id, *instance, *kind, *subject, *type, *region, *system, *framework, *summary;
    char *incident; /* within the instance */
    uint32_t incident_hash;
    enum level level;
    enum level urgency; /* of the incident: what the segment reached asks for, or the level */
    int segment;        /* after the move; 0: none */
    int64_t time;       /* wall-clock milliseconds */
    enum notice_status status;
};

/* NULL when json is not an event with a usable id. The caller holds one reference.
 * Line breaks between its parts become spaces: it is kept as one line. */
struct notice *notice_parse(const char *json, size_t len);
bool notice_same_incident(const struct notice *a, const struct notice *b);
struct notice *notice_ref(struct notice *notice);
void notice_unref(struct notice *notice); /* NULL is accepted */

#endif
