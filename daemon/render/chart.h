/* Engine records -> the plain records that charts are drawn from. */
#ifndef OV_RENDER_CHART_H
#define OV_RENDER_CHART_H

#include <stdbool.h>

#include "common/chart.h"
#include "daemon/engine/engine.h"

/* The control chart of an organisation on a measure. The texts belong to the
 * engine until its next change. */
struct org_chart {
    struct chart chart;
    struct chart_point *points;
};
/* False for measures that are not numbers: they have no chart. */
bool org_chart_init(struct org_chart *chart, const struct engine *engine, uint16_t framework, uint32_t org,
                    uint16_t measure);
void org_chart_finish(struct org_chart *chart);

/* Its place among its peers in the newest period that counts. */
struct org_strip {
    struct strip strip;
    struct strip_peer *peers;
    size_t capacity;
    uint32_t org;
};
/* False when it is in no ranking. */
bool org_strip_init(struct org_strip *strip, const struct engine *engine, uint16_t framework, uint32_t org,
                    uint16_t measure);
void org_strip_finish(struct org_strip *strip);

/* The standard that scores hold a measure against. False: none. */
bool measure_standard(const struct measure *measure, double *ret_standard);

#endif
