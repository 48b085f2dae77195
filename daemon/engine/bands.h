/*
 * Bands of a ranking: who is in the bottom quartile, the bottom decile and the
 * top quartile, who changed band between two states, and how far an entry is
 * from leaving one. Keys ascend from worst to best, as in ranking.h.
 *
 * Bottom bands hold what is strictly worse than their cut, the top quartile
 * what is strictly better than its own; ties on a cut are outside. Below the
 * least number of peers nobody is in a band.
 */
#ifndef OV_ENGINE_BANDS_H
#define OV_ENGINE_BANDS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/engine/ranking.h"

enum band { BAND_BOTTOM_QUARTILE, BAND_BOTTOM_DECILE, BAND_TOP_QUARTILE };

/* The cuts as keys. Inactive bands have cuts nobody can pass: -inf below, +inf above. */
struct bands {
    bool active;
    double quartile, decile, top; /* quantiles of order 1/4, 1/10, 3/4 from the worst */
};

/* The bands of no ranking at all: inactive. */
struct bands bands_none(void);
struct bands bands_of(const struct ranking *ranking, uint32_t minimum_peers);

bool bands_bottom_quartile(const struct bands *bands, double key);
bool bands_bottom_decile(const struct bands *bands, double key);
bool bands_top_quartile(const struct bands *bands, double key);
/* The order of the quantile that is the cut of a band, from the worst end. */
double bands_order(enum band band);
/* The cut of one band, as a key. */
static inline double bands_cut(const struct bands *bands, enum band band) {
    if (!bands->active)
        return band == BAND_TOP_QUARTILE ? HUGE_VAL : -HUGE_VAL;
    return band == BAND_BOTTOM_QUARTILE ? bands->quartile : band == BAND_BOTTOM_DECILE ? bands->decile : bands->top;
}

static inline bool bands_in(const struct bands *bands, enum band band, double key) {
    double cut = bands_cut(bands, band);

    return band == BAND_TOP_QUARTILE ? key > cut : key < cut;
}

/* Visits, once each, exactly the entries now in the ranking whose membership
 * of any band differs between before and after. Costs O(log n) plus the
 * entries between an old cut and its new one. */
void bands_changed(const struct ranking *ranking, const struct bands *before, const struct bands *after,
                   ranking_visit visit, void *context);

/* How many entries are in a band: strictly beyond its cut. */
uint32_t bands_members(const struct ranking *ranking, const struct bands *bands, enum band band);

/* Places an entry with this key must climb to leave a bottom band, or to reach
 * the top quartile: the entries at least as good as it that lie on its side of
 * the cut, itself included, so the one next to the cut has 1. 0 when it is
 * outside that bottom band, or already in the top quartile, or bands are
 * inactive. */
uint32_t bands_places_to_leave(const struct ranking *ranking, const struct bands *bands, enum band band, double key);

#endif
