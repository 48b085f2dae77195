#include "clients/cases/scores.h"

#include <string.h>

#include "daemon/engine/score.h"

/* Two decimals, halves up. */
static void put_hundredths(struct buf *out, double score) {
    buf_printf(out, "%d.%02d", score_hundredths(score) / 100, score_hundredths(score) % 100);
}

/* MEASURE=SCORE of each metric score in the scored period. */
static void put_scores(const struct play *play, struct buf *out, uint16_t f, uint32_t org) {
    const struct framework *framework = engine_framework(play->engine, f);
    size_t start = out->len;
    double score;

    for (uint16_t m = 0; m < framework->measure_count; m++) {
        if (!engine_metric_score(play->engine, f, org, m, &score))
            continue;
        buf_printf(out, "%s%s=", out->len > start ? "," : "", framework->measures[m].id);
        put_hundredths(out, score);
    }
    if (out->len == start)
        buf_append_char(out, '-');
}

bool scores_put(const struct play *play, struct buf *out, uint16_t framework, uint32_t org, const char *name) {
    struct standing standing;
    const struct score_verdict *score = &standing.score;
    bool any;

    engine_standing(play->engine, framework, org, &standing);
    any = score->scored || score->unknown;
    if (!strcmp(name, "scores"))
        put_scores(play, out, framework, org);
    else if (!strcmp(name, "average") && any)
        put_hundredths(out, score->average);
    else if (!strcmp(name, "unadjusted") && any)
        buf_printf(out, "%d", score->unadjusted);
    else if (!strcmp(name, "adjusted") && any)
        buf_printf(out, "%d", score->adjusted);
    else if (!strcmp(name, "place") && score->scored)
        buf_printf(out, "%u/%u", score->rank, score->n);
    else if (!strcmp(name, "average") || !strcmp(name, "unadjusted") || !strcmp(name, "adjusted") ||
             !strcmp(name, "place"))
        buf_append_char(out, '-');
    else
        return false;
    return true;
}
