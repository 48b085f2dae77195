#include "daemon/engine/bands.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

struct bands bands_none(void) {
    return (struct bands){.active = false, .quartile = -HUGE_VAL, .decile = -HUGE_VAL, .top = HUGE_VAL};
}

struct bands bands_of(const struct ranking *ranking, uint32_t minimum_peers) {
    uint32_t count = ranking_count(ranking);

    if (count == 0 || count < minimum_peers)
        return bands_none();
    return (struct bands){
        .active = true,
        .quartile = ranking_quantile(ranking, bands_order(BAND_BOTTOM_QUARTILE)),
        .decile = ranking_quantile(ranking, bands_order(BAND_BOTTOM_DECILE)),
        .top = ranking_quantile(ranking, bands_order(BAND_TOP_QUARTILE)),
    };
}

double bands_order(enum band band) {
    return band == BAND_BOTTOM_DECILE ? 0.1 : band == BAND_TOP_QUARTILE ? 0.75 : 0.25;
}

bool bands_bottom_quartile(const struct bands *bands, double key) {
    return bands_in(bands, BAND_BOTTOM_QUARTILE, key);
}

bool bands_bottom_decile(const struct bands *bands, double key) {
    return bands_in(bands, BAND_BOTTOM_DECILE, key);
}

bool bands_top_quartile(const struct bands *bands, double key) {
    return bands_in(bands, BAND_TOP_QUARTILE, key);
}

/* low <= key < high */
struct range {
    double low, high;
    uint32_t near; /* a position close to both */
};

/* The keys on different sides of the old and the new cut of a band. What is
 * strictly above the top cut is what is not below the next number. */
static struct range moved(const struct ranking *ranking, const struct bands *before, const struct bands *after,
                          enum band band) {
    uint32_t near = (uint32_t)((ranking_count(ranking) - 1) * bands_order(band));
    double a = bands_cut(before, band), b = bands_cut(after, band);

    if (band == BAND_TOP_QUARTILE && (a < b || a > b)) {
        a = nextafter(a, HUGE_VAL);
        b = nextafter(b, HUGE_VAL);
    }
    return a < b ? (struct range){a, b, near} : (struct range){b, a, near};
}

static void order(struct range *a, struct range *b) {
    if (b->low < a->low) {
        struct range swap = *a;

        *a = *b;
        *b = swap;
    }
}

/* Cuts are mostly where they were; equal as bits is equal. */
static bool differs(const struct bands *before, const struct bands *after) {
    return before->active != after->active || memcmp(&before->quartile, &after->quartile, sizeof before->quartile) ||
           memcmp(&before->decile, &after->decile, sizeof before->decile) ||
           memcmp(&before->top, &after->top, sizeof before->top);
}

void bands_changed(const struct ranking *ranking, const struct bands *before, const struct bands *after,
                   ranking_visit visit, void *context) {
    struct range ranges[3];
    double visited = -HUGE_VAL; /* everything below has had its turn */

    if (!differs(before, after))
        return;
    ranges[0] = moved(ranking, before, after, BAND_BOTTOM_DECILE);
    ranges[1] = moved(ranking, before, after, BAND_BOTTOM_QUARTILE);
    ranges[2] = moved(ranking, before, after, BAND_TOP_QUARTILE);
    order(&ranges[0], &ranges[1]);
    order(&ranges[1], &ranges[2]);
    order(&ranges[0], &ranges[1]);
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        double low = ranges[i].low > visited ? ranges[i].low : visited;

        if (low < ranges[i].high) {
            ranking_between(ranking, low, ranges[i].high, ranges[i].near, visit, context);
            visited = ranges[i].high;
        }
    }
}

uint32_t bands_members(const struct ranking *ranking, const struct bands *bands, enum band band) {
    double cut = bands_cut(bands, band);

    return band == BAND_TOP_QUARTILE ? ranking_better(ranking, cut) : ranking_worse(ranking, cut);
}

uint32_t bands_places_to_leave(const struct ranking *ranking, const struct bands *bands, enum band band, double key) {
    double cut = bands_cut(bands, band);

    if (!bands->active)
        return 0;
    if (band == BAND_TOP_QUARTILE)
        return key > cut ? 0 : ranking_count(ranking) - ranking_better(ranking, cut) - ranking_worse(ranking, key);
    return key < cut ? ranking_worse(ranking, cut) - ranking_worse(ranking, key) : 0;
}
