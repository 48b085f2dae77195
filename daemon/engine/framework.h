/*
 * A framework as data: types, themes, measures, triggers, scores, segments.
 * Filled by daemon/frameworks from a file (oversight-framework(5)), which has
 * checked every rule stated here; then read only. Indices refer to the arrays
 * of the same framework.
 *
 * Defaults are those of the segmentation rules; a loader starts from
 * framework_create(), measure_init() and trigger_init().
 */
#ifndef OV_ENGINE_FRAMEWORK_H
#define OV_ENGINE_FRAMEWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/date.h"
#include "common/text.h"

#define TYPES_MAX 32      /* a set of types is a 32-bit mask */
#define TRIGGERS_MAX 64   /* a set of triggers is a 64-bit mask */
#define MEASURES_MAX 1024 /* per framework */
#define WORDS_MAX 16      /* rating words per measure */
#define SCORE_BANDS_MAX 16
#define RULE_PERIODS_MAX 1000 /* any number of periods or points that a rule asks for */
#define SEGMENTS_MAX 5
#define PEER_SET_NONE UINT8_MAX
#define INDEX_NONE UINT16_MAX

enum measure_kind { MEASURE_NUMBER, MEASURE_RATING, MEASURE_FLAG };
enum direction { DIRECTION_HIGHER, DIRECTION_LOWER, DIRECTION_NEUTRAL };
enum method { METHOD_TRIGGERS, METHOD_SCORES };

enum comparison { COMPARE_AT_LEAST, COMPARE_AT_MOST, COMPARE_ABOVE, COMPARE_BELOW };

/* How a figure becomes a score from 1.00 (best) to 4.00; segmentation rules, section 6. */
enum score_kind {
    SCORE_NONE,     /* does not count in the average */
    SCORE_PLAIN,    /* 1 + 3(r-1)/(n-1) */
    SCORE_STANDARD, /* meeting parameter: 1; the rest 2 + 2(r-1)/(n-1) among themselves */
    SCORE_FLOOR,    /* failing parameter: 4; the rest 1 + 2(r-1)/(n-1) among themselves */
    SCORE_BANDS,    /* by the first band whose comparison holds, else by otherwise; words by their band */
    SCORE_COMBINED, /* from the band scores of two other measures, which leave the average */
    SCORE_SUPPLIED  /* the figure is the score */
};

struct score_band {
    enum comparison comparison; /* numbers: score when "figure <comparison> bound" */
    double bound;
    uint8_t word; /* ratings: index of the word instead */
    double score;
};

struct score_rule {
    enum score_kind kind;
    double weight;    /* 1 */
    double parameter; /* the standard or the floor */
    struct score_band bands[SCORE_BANDS_MAX];
    size_t band_count;
    double otherwise;       /* score when no band holds; NAN = none */
    uint16_t first, second; /* combined: the two measures */
    double combined[4][4];  /* [first score - 1][second score - 1] */
};

struct measure {
    char id[NAME_MAX_LEN + 1];
    char *name, *unit;
    uint16_t theme;
    enum measure_kind kind;
    enum direction direction;
    enum frequency frequency;
    bool key;                            /* counted by the trigger "key measures in the bottom quartile" */
    uint32_t applies_to;                 /* mask of types */
    char words[WORDS_MAX][WORD_MAX + 1]; /* ratings, best first */
    size_t word_count;

    /* Peers: which ranking a type belongs to. national: every type to set 0;
     * type: one set per type; or lists. PEER_SET_NONE: not ranked. */
    uint8_t peer_set[TYPES_MAX];
    size_t peer_set_count; /* 0 for unranked measures */

    int valid_for; /* days a figure of an unranked measure speaks, from the start of its period; 0 = until replaced */
    uint16_t plan; /* the plan measure for missed_plan, or INDEX_NONE */

    /* Statistical process control and drops. */
    bool drop;   /* judged for dramatic drops: numbers with a direction, unless the file says no */
    bool screen; /* screening of moving ranges */
    int fix_after;
    ov_day *rebase;
    size_t rebase_count;
    double drop_minimum; /* least adverse change, units; 0 */
    double drop_rank;    /* fall in percentiles between consecutive effective periods; 0 = off */
    double drop_step;    /* plain adverse change for short series; 0 = off */

    struct score_rule score;
};

enum signal_kind {
    SIGNAL_BOTTOM_QUARTILE,
    SIGNAL_BOTTOM_DECILE,
    SIGNAL_TOP_QUARTILE,
    SIGNAL_THRESHOLD,     /* newest figure <comparison> number */
    SIGNAL_RATING,        /* newest rating is one of words and within the measure's valid_for */
    SIGNAL_FLAG,          /* newest flag is set */
    SIGNAL_DROP,          /* a dramatic drop at its newest point */
    SIGNAL_SPECIAL_CAUSE, /* its newest point is special-cause concern */
    SIGNAL_MISSED_PLAN,   /* worse than the plan measure's figure of the same period by more than margin */
    SIGNAL_LONGSTANDING   /* officially in requires_segment or worse for "sustained" periods of
                           * "frequency", no trigger for that segment cleared meanwhile; looks at no measure */
};

struct signal {
    enum signal_kind kind;
    enum comparison comparison;
    double number; /* threshold */
    double margin; /* missed_plan, >= 0, in units */
    char words[WORDS_MAX][WORD_MAX + 1];
    size_t word_count;
    int sustained;            /* "for": true in each of the last so many periods; 1 */
    enum frequency frequency; /* longstanding only */
};

/* A trigger for segment 3 or 4, and, with the same shape, a condition for segment 1. */
struct trigger {
    char id[NAME_MAX_LEN + 1];
    char *title; /* for people: "key measures in the bottom quartile" */
    int segment;
    uint32_t applies_to;
    struct signal signal;
    uint16_t *measures; /* those it looks at, ascending */
    size_t measure_count;
    int count;            /* holds when at least so many measures show the signal ... */
    int themes;           /* ... in at least so many themes */
    int at_most;          /* conditions for segment 1: holds when at most so many do; -1 = not used */
    int requires_segment; /* 0 = none */
    int clear_after;      /* 1 */
    bool latched;
};

struct segment_text {
    char *name;        /* "mandated support"; NULL where the framework has no such segment */
    char *consequence; /* what follows, for people */
};

struct programme {
    char id[NAME_MAX_LEN + 1];
    char *name;
    int segment; /* goes with this segment, 0 = none */
    char trigger[NAME_MAX_LEN + 1];
    int limit_days;  /* 0 = no fixed limit */
    int review_days; /* 0 = none; default distance of the first review */
    char *exit_criteria;
};

struct cut_set {
    ov_day from;      /* OV_DAY_NONE: from the beginning */
    double bounds[3]; /* 1/2, 2/3, 3/4 */
};

struct scoring {
    enum frequency frequency; /* of the scored period */
    uint32_t applies_to;      /* types that are scored */
    bool quartiles;           /* cut = "quartiles"; otherwise the cut sets */
    struct cut_set *cuts;     /* ascending by from */
    size_t cut_count;
    uint16_t deficit_flag, deficit_planned, deficit_variance; /* measures or INDEX_NONE */
    uint16_t recovery_flag;                                   /* segment 5 while set, or INDEX_NONE */
};

struct framework {
    char id[NAME_MAX_LEN + 1];
    char *name;
    char digest[17]; /* FNV-1a 64 of the file's bytes, hexadecimal */
    enum method method;
    int default_segment;                            /* 2 */
    struct segment_text segments[SEGMENTS_MAX + 1]; /* by number, [0] unused */

    uint32_t minimum_peers;            /* 8 */
    double coverage;                   /* 0.8 */
    int stale_after;                   /* 2 effective periods */
    size_t baseline_min, baseline_max; /* 12, 24 */

    char (*types)[NAME_MAX_LEN + 1];
    size_t type_count;
    char (*themes)[NAME_MAX_LEN + 1];
    size_t theme_count;
    struct measure *measures;
    size_t measure_count;
    struct trigger *triggers; /* segments 3 and 4 */
    size_t trigger_count;
    struct trigger *promotion; /* conditions for segment 1: all must hold; none = never 1 */
    size_t promotion_count;
    struct programme *programmes;
    size_t programme_count;
    struct scoring scoring;
};

struct framework *framework_create(void); /* defaults, empty arrays; NULL when out of memory */
void framework_destroy(struct framework *framework);
void measure_init(struct measure *measure); /* defaults; owns nothing yet */
void trigger_init(struct trigger *trigger);

/* Index of a measure, trigger, type, or INDEX_NONE. Linear: for loaders and
 * messages for people; the engine keeps its own index of measures. */
uint16_t framework_measure(const struct framework *framework, struct text id);
uint16_t framework_trigger(const struct framework *framework, struct text id);
uint16_t framework_type(const struct framework *framework, const char *type);

/* True for measures that are ranked: numbers with a direction and a peer set. */
bool measure_is_ranked(const struct measure *measure);

/* value <comparison> bound */
bool comparison_holds(enum comparison comparison, double value, double bound);

/* A figure as a ranking key: larger is better. */
static inline double direction_key(enum direction direction, double value) {
    return direction == DIRECTION_LOWER ? -value : value;
}

const char *direction_name(enum direction direction);
const char *signal_kind_name(enum signal_kind kind);

#endif
