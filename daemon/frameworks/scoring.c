#include <string.h>

#include "common/alloc.h"
#include "daemon/frameworks/loader.h"

/* Three ascending bounds between the best and the worst score. */
static bool load_bounds(const struct settings *settings, const char *key, const config_setting_t *list,
                        double ret_bounds[3]) {
    int type = config_setting_type(list);
    double bounds[3];
    if ((type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) || settings_count(list) != 3) {
        settings_expect(settings, key, list, "three numbers");
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        if (!settings_element_number(settings, key, settings_element(list, i), 1, 4, &bounds[i]))
            return false;
    }
    if (!(bounds[0] < bounds[1] && bounds[1] < bounds[2])) {
        settings_expect(settings, key, list, "three numbers in ascending order");
        return false;
    }
    memcpy(ret_bounds, bounds, sizeof(bounds));
    return true;
}

static void load_dated_cut(struct scoring *scoring, const struct settings *settings) {
    static const char *const KEYS[] = {"from", "bounds"};
    struct cut_set *cut = &scoring->cuts[scoring->cut_count];
    settings_keys(settings, KEYS, 2);
    cut->from = OV_DAY_NONE;
    if (settings_day(settings, "from", SETTINGS_REQUIRED, &cut->from) && scoring->cut_count > 0 &&
        cut->from <= cut[-1].from)
        settings_expect(settings, "from", settings_get(settings, "from"), "dates in ascending order");
    const config_setting_t *bounds = settings_get(settings, "bounds");
    if (!bounds)
        settings_expect(settings, "bounds", NULL, "three numbers");
    else
        load_bounds(settings, "bounds", bounds, cut->bounds);
    scoring->cut_count++;
}

static void load_cuts(struct scoring *scoring, const struct settings *settings) {
    const config_setting_t *cut = settings_get(settings, "cut");
    const char *word = cut ? config_setting_get_string(cut) : NULL;
    size_t count = cut && !word ? settings_count(cut) : 0;
    bool dated = count > 0 && config_setting_type(settings_element(cut, 0)) == CONFIG_TYPE_GROUP;
    if (word && strcmp(word, "quartiles") == 0) {
        scoring->quartiles = true;
        return;
    }
    if (count == 0 || count > CUT_SETS_MAX) {
        settings_expect(settings, "cut", cut, "\"quartiles\", three numbers, or a list of groups with from and bounds");
        return;
    }
    scoring->cuts = alloc_zero(dated ? count : 1, sizeof(*scoring->cuts));
    if (!dated) {
        scoring->cuts[0].from = OV_DAY_NONE;
        if (load_bounds(settings, "cut", cut, scoring->cuts[0].bounds))
            scoring->cut_count = 1;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct settings inner;
        if (settings_enter(settings, settings_element(cut, i), "cut", NULL, i + 1, &inner))
            load_dated_cut(scoring, &inner);
    }
}

/* A measure of a kind, or INDEX_NONE. */
static uint16_t load_of_kind(struct loader *loader, const struct settings *settings, const char *key,
                             enum measure_kind kind) {
    uint16_t index = load_measure_key(loader, settings, key, SETTINGS_OPTIONAL);
    if (index != INDEX_NONE && !loader->doubtful[index] && loader->framework->measures[index].kind != kind)
        settings_expect(settings, key, settings_get(settings, key), "the id of a %s",
                        kind == MEASURE_FLAG ? "flag" : "number");
    return index;
}

static void load_override(struct loader *loader, const struct settings *settings) {
    struct scoring *scoring = &loader->framework->scoring;
    scoring->deficit_flag = load_of_kind(loader, settings, "deficit_flag", MEASURE_FLAG);
    scoring->deficit_planned = load_of_kind(loader, settings, "deficit_planned", MEASURE_NUMBER);
    scoring->deficit_variance = load_of_kind(loader, settings, "deficit_variance", MEASURE_NUMBER);
    scoring->recovery_flag = load_of_kind(loader, settings, "recovery_flag", MEASURE_FLAG);
    bool planned = settings_get(settings, "deficit_planned") != NULL;
    bool variance = settings_get(settings, "deficit_variance") != NULL;
    if (planned != variance)
        settings_problem(settings, planned ? "deficit_planned" : "deficit_variance",
                         settings_get(settings, planned ? "deficit_planned" : "deficit_variance"),
                         "got one alone, expected both deficit_planned and deficit_variance");
    if (settings_get(settings, "recovery_flag") && !loader->framework->segments[5].name)
        settings_problem(settings, "recovery_flag", settings_get(settings, "recovery_flag"),
                         "got no segment 5, expected one among the segments");
}

/* Averages use figures that start within the scored period: it must hold whole periods of every scored measure. */
static void check_measures(struct loader *loader, const struct settings *settings) {
    const struct framework *framework = loader->framework;
    size_t scored = 0;
    for (size_t i = 0; i < framework->measure_count; i++) {
        const struct measure *measure = &framework->measures[i];
        if (measure->score.kind == SCORE_NONE)
            continue;
        scored++;
        if (measure->frequency > framework->scoring.frequency && !loader->doubtful[i])
            settings_problem(settings, "frequency", settings_get(settings, "frequency"),
                             "got \"%s\" though the measure \"%s\" has a score and the frequency \"%s\", expected none "
                             "longer than the scored period",
                             frequency_name(framework->scoring.frequency), measure->id,
                             frequency_name(measure->frequency));
    }
    if (scored == 0 && framework->measure_count > 0)
        settings_problem(settings, NULL, NULL, "got no measure with a score, expected at least one");
}

void load_scoring(struct loader *loader, const struct settings *top) {
    static const char *const KEYS[] = {"frequency",       "applies_to",       "cut",          "deficit_flag",
                                       "deficit_planned", "deficit_variance", "recovery_flag"};
    struct scoring *scoring = &loader->framework->scoring;
    const config_setting_t *setting = settings_get(top, "scores");
    struct settings settings;
    if (loader->framework->method != METHOD_SCORES) {
        settings_only(top, "scores", false, "method = \"scores\"");
        return;
    }
    if (!setting) {
        settings_expect(top, "scores", NULL, "a group { ... }");
        return;
    }
    if (!settings_enter(top, setting, "scores", NULL, 0, &settings))
        return;
    settings_keys(&settings, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
    load_frequency(&settings, "frequency", SETTINGS_OPTIONAL, &scoring->frequency);
    load_type_set(loader, &settings, "applies_to", &scoring->applies_to);
    load_cuts(scoring, &settings);
    load_override(loader, &settings);
    check_measures(loader, &settings);
}
