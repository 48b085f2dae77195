#include "daemon/engine/framework.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const DIRECTION_NAMES[] = {
    [DIRECTION_HIGHER] = "higher",
    [DIRECTION_LOWER] = "lower",
    [DIRECTION_NEUTRAL] = "neutral",
};

static const char *const SIGNAL_NAMES[] = {
    [SIGNAL_BOTTOM_QUARTILE] = "bottom_quartile",
    [SIGNAL_BOTTOM_DECILE] = "bottom_decile",
    [SIGNAL_TOP_QUARTILE] = "top_quartile",
    [SIGNAL_THRESHOLD] = "threshold",
    [SIGNAL_RATING] = "rating",
    [SIGNAL_FLAG] = "flag",
    [SIGNAL_DROP] = "drop",
    [SIGNAL_SPECIAL_CAUSE] = "special_cause",
    [SIGNAL_MISSED_PLAN] = "missed_plan",
    [SIGNAL_LONGSTANDING] = "longstanding",
};

struct framework *framework_create(void) {
    struct framework *framework = calloc(1, sizeof(*framework));

    if (!framework)
        return NULL;
    framework->method = METHOD_TRIGGERS;
    framework->default_segment = 2;
    framework->minimum_peers = 8;
    framework->coverage = 0.8;
    framework->stale_after = 2;
    framework->baseline_min = 12;
    framework->baseline_max = 24;
    framework->scoring = (struct scoring){
        .frequency = FREQUENCY_QUARTER,
        .applies_to = UINT32_MAX,
        .deficit_flag = INDEX_NONE,
        .deficit_planned = INDEX_NONE,
        .deficit_variance = INDEX_NONE,
        .recovery_flag = INDEX_NONE,
    };
    return framework;
}

static void free_triggers(struct trigger *triggers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(triggers[i].title);
        free(triggers[i].measures);
    }
    free(triggers);
}

void framework_destroy(struct framework *framework) {
    if (!framework)
        return;
    free(framework->name);
    for (size_t i = 0; i <= SEGMENTS_MAX; i++) {
        free(framework->segments[i].name);
        free(framework->segments[i].consequence);
    }
    free(framework->types);
    free(framework->themes);
    for (size_t i = 0; i < framework->measure_count; i++) {
        free(framework->measures[i].name);
        free(framework->measures[i].unit);
        free(framework->measures[i].rebase);
    }
    free(framework->measures);
    free_triggers(framework->triggers, framework->trigger_count);
    free_triggers(framework->promotion, framework->promotion_count);
    for (size_t i = 0; i < framework->programme_count; i++) {
        free(framework->programmes[i].name);
        free(framework->programmes[i].exit_criteria);
    }
    free(framework->programmes);
    free(framework->scoring.cuts);
    free(framework);
}

void measure_init(struct measure *measure) {
    *measure = (struct measure){
        .kind = MEASURE_NUMBER,
        .direction = DIRECTION_HIGHER,
        .frequency = FREQUENCY_MONTH,
        .applies_to = UINT32_MAX,
        .plan = INDEX_NONE,
        .drop = true,
        .screen = true,
        .score = {.kind = SCORE_NONE, .weight = 1, .otherwise = (double)NAN, .first = INDEX_NONE, .second = INDEX_NONE},
    };
    memset(measure->peer_set, PEER_SET_NONE, sizeof(measure->peer_set));
}

void trigger_init(struct trigger *trigger) {
    *trigger = (struct trigger){
        .segment = 3,
        .applies_to = UINT32_MAX,
        .signal = {.sustained = 1, .frequency = FREQUENCY_MONTH},
        .count = 1,
        .themes = 1,
        .at_most = -1,
        .clear_after = 1,
    };
}

uint16_t framework_measure(const struct framework *framework, struct text id) {
    for (size_t i = 0; i < framework->measure_count; i++) {
        if (text_equal(id, framework->measures[i].id))
            return (uint16_t)i;
    }
    return INDEX_NONE;
}

uint16_t framework_trigger(const struct framework *framework, struct text id) {
    for (size_t i = 0; i < framework->trigger_count; i++) {
        if (text_equal(id, framework->triggers[i].id))
            return (uint16_t)i;
    }
    return INDEX_NONE;
}

uint16_t framework_type(const struct framework *framework, const char *type) {
    for (size_t i = 0; i < framework->type_count; i++) {
        if (strcmp(framework->types[i], type) == 0)
            return (uint16_t)i;
    }
    return INDEX_NONE;
}

bool measure_is_ranked(const struct measure *measure) {
    return measure->kind == MEASURE_NUMBER && measure->direction != DIRECTION_NEUTRAL && measure->peer_set_count > 0;
}

bool comparison_holds(enum comparison comparison, double value, double bound) {
    switch (comparison) {
    case COMPARE_AT_LEAST:
        return value >= bound;
    case COMPARE_AT_MOST:
        return value <= bound;
    case COMPARE_ABOVE:
        return value > bound;
    case COMPARE_BELOW:
        return value < bound;
    }
    return false;
}

const char *direction_name(enum direction direction) {
    return DIRECTION_NAMES[direction];
}

const char *signal_kind_name(enum signal_kind kind) {
    return SIGNAL_NAMES[kind];
}
