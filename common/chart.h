/*
 * Charts out of plain records, as SVG and as text: the control chart (XmR, in
 * the manner of NHS England's "Making Data Count") and the strip of peers with
 * its cuts. Pure drawing: what a point means was found elsewhere.
 *
 * No colour says anything that shape or words do not say, too.
 */
#ifndef OV_COMMON_CHART_H
#define OV_COMMON_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/date.h"

enum chart_kind { CHART_COMMON, CHART_IMPROVEMENT, CHART_CONCERN, CHART_NEUTRAL };
enum chart_better { CHART_BETTER_NEITHER, CHART_BETTER_HIGHER, CHART_BETTER_LOWER };

struct chart_point {
    ov_day period;
    double y;
    bool has_limits;
    double mean, lower, upper;
    enum chart_kind kind;
    bool high;         /* which side of the mean a special cause is on */
    const char *cause; /* the rule it shows, "7 Points Above CL"; NULL = none */
};

struct chart {
    const char *code, *organisation, *measure, *name, *unit; /* name: of the measure; unit may be empty */
    enum chart_better better;
    bool has_target;
    double target;
    bool trial; /* limits from few points */
    const struct chart_point *points;
    size_t count;
};

struct chart_svg_options {
    const char *id; /* prefix of element ids, unique on its page */
    int width, height;
    bool standalone; /* a file of its own: with name space, heading, legend and styles */
};

#define CHART_WIDTH 480 /* of one that is also read on a phone */
#define CHART_HEIGHT 230
#define CHART_WIDE 860
#define CHART_WIDE_HEIGHT 340

/* Fills in size and id for a file. */
extern const struct chart_svg_options chart_svg_file;

void chart_svg(struct buf *buf, const struct chart *chart, const struct chart_svg_options *options);

/* The rules for both kinds of SVG, light and dark. */
extern const char chart_css[];

/* For a terminal of so many columns; colour: escape sequences may be used;
 * utf8: symbols beyond ASCII may be used. */
struct chart_text_options {
    int width;
    bool colour, utf8;
};
void chart_text(struct buf *buf, const struct chart *chart, const struct chart_text_options *options);

/* Sentences on what the chart shows, for those who do not see it. */
void chart_describe(struct buf *buf, const struct chart *chart);

const char *chart_kind_words(enum chart_kind kind);           /* "special cause, concern", ... */
const char *chart_kind_name(enum chart_kind kind, bool high); /* "special_cause_concern", ... of NHSRplotthedots */
bool chart_kind_parse(const char *name, enum chart_kind *ret_kind, bool *ret_high);

/* ---- Peers ---- */

struct strip_peer {
    double value;
    bool own;
};

struct strip {
    const char *name, *unit; /* of the measure */
    enum chart_better better;
    ov_day period;
    const struct strip_peer *peers;
    size_t count;
    bool has_own;
    double own;
    uint32_t rank;
    double quartile, decile; /* cuts at the worse end */
    bool has_cuts;           /* false: too few to be in any band */
};

void strip_svg(struct buf *buf, const struct strip *strip, const struct chart_svg_options *options);
void strip_text(struct buf *buf, const struct strip *strip, const struct chart_text_options *options);
void strip_describe(struct buf *buf, const struct strip *strip);

#endif
