#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/framework.h"

static void *zeroed(size_t count, size_t size) {
    void *memory = calloc(count, size);

    assert_non_null(memory);
    return memory;
}

/* The numbers that the segmentation rules give as defaults. */
static void defaults(void **state) {
    struct framework *framework = framework_create();
    struct measure measure;
    struct trigger trigger;
    (void)state;

    assert_int_equal(framework->method, METHOD_TRIGGERS);
    assert_int_equal(framework->default_segment, 2);
    assert_int_equal(framework->minimum_peers, 8);
    assert_true(fabs(framework->coverage - 0.8) < 1e-15);
    assert_int_equal(framework->stale_after, 2);
    assert_int_equal(framework->baseline_min, 12);
    assert_int_equal(framework->baseline_max, 24);
    assert_int_equal(framework->scoring.deficit_flag, INDEX_NONE);
    assert_int_equal(framework->scoring.recovery_flag, INDEX_NONE);
    assert_int_equal(framework->measure_count, 0);
    measure_init(&measure);
    assert_null(measure.name);
    assert_int_equal(measure.plan, INDEX_NONE);
    assert_true(measure.screen && measure.drop && !measure.key);
    assert_int_equal(measure.score.kind, SCORE_NONE);
    assert_true(measure.score.weight >= 1 && measure.score.weight <= 1);
    assert_true(isnan(measure.score.otherwise));
    for (size_t i = 0; i < TYPES_MAX; i++)
        assert_int_equal(measure.peer_set[i], PEER_SET_NONE);
    trigger_init(&trigger);
    assert_int_equal(trigger.count, 1);
    assert_int_equal(trigger.themes, 1);
    assert_int_equal(trigger.clear_after, 1);
    assert_int_equal(trigger.at_most, -1);
    assert_int_equal(trigger.signal.sustained, 1);
    assert_false(trigger.latched);
    framework_destroy(framework);
    framework_destroy(NULL);
}

/* Fills every array, so that the sanitizers see whether destroy frees it all. */
static struct framework *filled(void) {
    struct framework *framework = framework_create();

    framework->name = strdup("Example");
    framework->segments[3].name = strdup("mandated support");
    framework->segments[3].consequence = strdup("support is mandated");
    framework->type_count = 2;
    framework->types = zeroed(2, sizeof(*framework->types));
    strcpy(framework->types[0], "acute");
    strcpy(framework->types[1], "icb");
    framework->theme_count = 1;
    framework->themes = zeroed(1, sizeof(*framework->themes));
    framework->measure_count = 3;
    framework->measures = zeroed(3, sizeof(*framework->measures));
    for (int i = 0; i < 3; i++) {
        measure_init(&framework->measures[i]);
        snprintf(framework->measures[i].id, sizeof(framework->measures[i].id), "m.%d", i);
        framework->measures[i].name = strdup("a measure");
        framework->measures[i].unit = strdup("%");
        framework->measures[i].rebase = zeroed(1, sizeof(ov_day));
    }
    framework->trigger_count = framework->promotion_count = 1;
    framework->triggers = zeroed(1, sizeof(*framework->triggers));
    framework->promotion = zeroed(1, sizeof(*framework->promotion));
    trigger_init(framework->triggers);
    trigger_init(framework->promotion);
    strcpy(framework->triggers[0].id, "quality");
    strcpy(framework->promotion[0].id, "asked");
    framework->triggers[0].title = strdup("quality");
    framework->triggers[0].measures = zeroed(1, sizeof(uint16_t));
    framework->promotion[0].measures = zeroed(1, sizeof(uint16_t));
    framework->programme_count = 1;
    framework->programmes = zeroed(1, sizeof(*framework->programmes));
    framework->programmes[0].name = strdup("programme");
    framework->programmes[0].exit_criteria = strdup("criteria");
    framework->scoring.cuts = zeroed(1, sizeof(*framework->scoring.cuts));
    return framework;
}

static void look_ups(void **state) {
    struct framework *framework = filled();
    (void)state;

    assert_int_equal(framework_measure(framework, TEXT_OF("m.0")), 0);
    assert_int_equal(framework_measure(framework, TEXT_OF("m.2")), 2);
    assert_int_equal(framework_measure(framework, TEXT_OF("m.3")), INDEX_NONE);
    assert_int_equal(framework_measure(framework, TEXT_OF("m.")), INDEX_NONE);
    assert_int_equal(framework_measure(framework, (struct text){"m.1junk", 3}), 1);
    assert_int_equal(framework_trigger(framework, TEXT_OF("quality")), 0);
    assert_int_equal(framework_trigger(framework, TEXT_OF("asked")), INDEX_NONE);
    assert_int_equal(framework_type(framework, "icb"), 1);
    assert_int_equal(framework_type(framework, "ccg"), INDEX_NONE);
    framework_destroy(framework);
}

static void ranked_measures(void **state) {
    struct measure measure;
    (void)state;

    measure_init(&measure);
    assert_false(measure_is_ranked(&measure));
    measure.peer_set_count = 1;
    assert_true(measure_is_ranked(&measure));
    measure.direction = DIRECTION_NEUTRAL;
    assert_false(measure_is_ranked(&measure));
    measure.direction = DIRECTION_LOWER;
    assert_true(measure_is_ranked(&measure));
    measure.kind = MEASURE_RATING;
    assert_false(measure_is_ranked(&measure));
}

static void names(void **state) {
    (void)state;

    assert_string_equal(direction_name(DIRECTION_HIGHER), "higher");
    assert_string_equal(direction_name(DIRECTION_LOWER), "lower");
    assert_string_equal(direction_name(DIRECTION_NEUTRAL), "neutral");
    assert_string_equal(signal_kind_name(SIGNAL_BOTTOM_QUARTILE), "bottom_quartile");
    assert_string_equal(signal_kind_name(SIGNAL_BOTTOM_DECILE), "bottom_decile");
    assert_string_equal(signal_kind_name(SIGNAL_MISSED_PLAN), "missed_plan");
    for (enum signal_kind kind = SIGNAL_BOTTOM_QUARTILE; kind <= SIGNAL_LONGSTANDING; kind++)
        assert_non_null(signal_kind_name(kind));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(look_ups),
        cmocka_unit_test(ranked_measures),
        cmocka_unit_test(names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
