/*
 * An alert: what crossed, and the evidence for it. Produced by the engine,
 * rendered by daemon/render. Pointers into the framework, the registry and the
 * changes that carry the alert stay valid until the next call that fills the
 * same changes.
 */
#ifndef OV_ENGINE_ALERT_H
#define OV_ENGINE_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/date.h"
#include "common/text.h"
#include "daemon/engine/framework.h"
#include "daemon/engine/registry.h"

#define ALERT_KEY_SIZE 320
#define ALERT_SUMMARY_SIZE 120 /* under 120 characters */

struct alert_id {
    uint64_t epoch, seq; /* compared by epoch, then seq; 0-0 = before all */
};

enum alert_kind {
    ALERT_SEGMENT_WORSENED,
    ALERT_SEGMENT_IMPROVED,
    ALERT_PERFORMANCE_DROP,
    ALERT_PERFORMANCE_RECOVERED,
    ALERT_DECISION_RECORDED,
    ALERT_PROGRAMME_ENTERED,
    ALERT_PROGRAMME_LEFT,
    ALERT_PROGRAMME_DUE,
    ALERT_PROGRAMME_OVERDUE,
    ALERT_DATA_MISSING,
    ALERT_FEED_GAP,
    ALERT_FEED_STALE,
    ALERT_FEED_RESTARTED,
    ALERT_FEED_RECOVERED,
    ALERT_OPERATIONAL, /* the daemon itself: "operational.<what>" in detail */
    ALERT_AMENDED,
    ALERT_WITHDRAWN,
    ALERT_KIND_COUNT
};

enum severity { SEVERITY_INFO, SEVERITY_NOTICE, SEVERITY_WARNING, SEVERITY_CRITICAL };

enum attribution {
    ATTRIBUTION_NONE,
    ATTRIBUTION_OWN, /* from here in order of precedence */
    ATTRIBUTION_CORRECTION,
    ATTRIBUTION_DECISION,
    ATTRIBUTION_RULES,
    ATTRIBUTION_MISSING,
    ATTRIBUTION_PERIOD,
    ATTRIBUTION_PEERS
};

const char *alert_kind_name(enum alert_kind kind); /* "segment.worsened", ... */
const char *severity_name(enum severity severity);
const char *attribution_name(enum attribution attribution);

/* One measure's part in a verdict. Fields are meaningful where their flag says. */
struct evidence {
    const struct measure *measure;
    ov_day period;
    double value; /* ratings: index of the word; flags: 0 or 1 */
    bool has_before;
    double before; /* the figure before (drops) */
    bool has_fall;
    double fall; /* drops by rank alone: in percentiles, since the effective period before */

    bool ranked;
    uint32_t rank, n; /* competition rank from the best, of n */
    uint32_t equal;   /* how many have this very figure, itself included */
    uint32_t type;    /* type of the organisation: names the peer set */
    bool has_band;
    enum signal_kind band; /* SIGNAL_BOTTOM_QUARTILE, SIGNAL_BOTTOM_DECILE or SIGNAL_TOP_QUARTILE */

    bool has_cut;
    double cut;      /* the quantile, threshold or plan figure it was held against */
    double distance; /* units the figure lies beyond the cut; negative when it is not beyond it */
    uint32_t places; /* places to climb to leave the band */

    bool has_quantile; /* the cut is a quantile of the ranking */
    double order;      /* of the quantile, from the worst end: 0.25, 0.1 or 0.75 */
    double between[2]; /* the figures it is interpolated from, the worse one first */
    uint32_t beyond;   /* how many are strictly worse than the cut; 0.75: strictly better */

    bool held;    /* no figure in the newest effective period: an older one speaks */
    bool unknown; /* so old that it counts as no data */

    bool has_limits; /* drops and special causes */
    double mean, lower, upper;

    bool has_score;
    double score;
};

struct alert_trigger {
    const struct trigger *trigger;
    ov_day since;     /* first period of the unbroken run in which it has held */
    uint32_t periods; /* length of that run */
    bool unknown;     /* looks at a measure without data */
    struct evidence *evidence;
    size_t evidence_count;
};

struct cause {
    char source[SOURCE_MAX + 1]; /* empty: no update (a tick, new rules) */
    uint64_t seq;
    char measure[NAME_MAX_LEN + 1];
    ov_day period;
};

struct score_verdict {
    bool scored;
    double average;
    int unadjusted, adjusted;
    uint32_t rank, n; /* league rank of n, when scored */
    bool unknown;     /* no score in the scored period: these are of an earlier one */
};

/* What a score_verdict was computed from, to the last number. */
struct score_grounds {
    ov_day period; /* the one that is scored */
    struct score_ground {
        const struct measure *measure;
        double score;
    } * parts; /* those that count in the average */
    size_t part_count;
    bool has_cuts;
    double cuts[3];
    bool deficit, recovery;
};

struct alert {
    struct alert_id id;
    char key[ALERT_KEY_SIZE];
    enum alert_kind kind;
    enum severity severity;
    int64_t time; /* milliseconds since the epoch: the now of the call */
    char summary[ALERT_SUMMARY_SIZE];
    const char *detail; /* longer text for people, or NULL */

    const struct framework *framework;       /* NULL for feed and operational alerts */
    const struct organisation *organisation; /* NULL for feed and operational alerts */
    char source[SOURCE_MAX + 1];             /* subject of feed alerts; "daemon" for operational ones */

    bool has_segment;
    int before, after; /* indicative */
    int official;
    const char *consequence; /* of the segment after, or NULL */
    enum attribution attribution;
    struct cause cause;

    struct alert_trigger *triggers;
    size_t trigger_count;
    bool has_evidence;
    struct evidence evidence; /* drops, recoveries, missing data */
    struct score_verdict score;
    const struct score_grounds *score_grounds; /* segment alerts where scores decide, or NULL */

    struct alert_id *refers;
    size_t refer_count;
};

/* "alert/<severity>/<kind>/<subject>/". Returns buf. */
#define ALERT_TOPIC_SIZE 129
const char *alert_topic(const struct alert *alert, char buf[ALERT_TOPIC_SIZE]);

/* The organisation's code or the source. */
const char *alert_subject(const struct alert *alert);

int alert_id_compare(struct alert_id a, struct alert_id b);
#define ALERT_ID_SIZE 42
const char *alert_id_format(struct alert_id id, char buf[ALERT_ID_SIZE]); /* "<epoch>-<seq>" */
bool alert_id_parse(struct text text, struct alert_id *ret_id);

#endif
