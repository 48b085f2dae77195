#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/frameworks/loader.h"

#define UNITS_LIMIT 1e12
#define SIGNALS (SIGNAL_LONGSTANDING + 1)

static const char *const COMPARISONS[] = {"at_least", "at_most", "above", "below"};

/* What a measure must be so that a signal can look at it. */
static const char *const FITTING[SIGNALS] = {
    [SIGNAL_BOTTOM_QUARTILE] = "measures that are ranked",
    [SIGNAL_BOTTOM_DECILE] = "measures that are ranked",
    [SIGNAL_TOP_QUARTILE] = "measures that are ranked",
    [SIGNAL_THRESHOLD] = "numbers",
    [SIGNAL_RATING] = "ratings",
    [SIGNAL_FLAG] = "flags",
    [SIGNAL_DROP] = "numbers that are judged for drops",
    [SIGNAL_SPECIAL_CAUSE] = "numbers whose direction is not neutral",
    [SIGNAL_MISSED_PLAN] = "numbers with a plan",
    [SIGNAL_LONGSTANDING] = "no measure",
};

static bool fits(const struct measure *measure, enum signal_kind kind) {
    switch (kind) {
    case SIGNAL_BOTTOM_QUARTILE:
    case SIGNAL_BOTTOM_DECILE:
    case SIGNAL_TOP_QUARTILE:
        return measure_is_ranked(measure);
    case SIGNAL_THRESHOLD:
        return measure->kind == MEASURE_NUMBER;
    case SIGNAL_RATING:
        return measure->kind == MEASURE_RATING;
    case SIGNAL_FLAG:
        return measure->kind == MEASURE_FLAG;
    case SIGNAL_DROP:
        return measure->kind == MEASURE_NUMBER && measure->drop;
    case SIGNAL_SPECIAL_CAUSE:
        return measure->kind == MEASURE_NUMBER && measure->direction != DIRECTION_NEUTRAL;
    case SIGNAL_MISSED_PLAN:
        return measure->kind == MEASURE_NUMBER && measure->plan != INDEX_NONE;
    case SIGNAL_LONGSTANDING:
        return false;
    }
    return false;
}

static void load_threshold(const struct settings *settings, struct signal *signal) {
    bool threshold = signal->kind == SIGNAL_THRESHOLD;
    int found = 0;
    for (size_t i = 0; i < 4; i++) {
        settings_only(settings, COMPARISONS[i], threshold, "signal = \"threshold\"");
        if (!threshold || !settings_get(settings, COMPARISONS[i]))
            continue;
        found++;
        signal->comparison = (enum comparison)i;
        settings_number(settings, COMPARISONS[i], SETTINGS_REQUIRED, -UNITS_LIMIT, UNITS_LIMIT, &signal->number);
    }
    if (threshold && found != 1)
        settings_problem(settings, NULL, NULL, "got %d comparisons, expected one of at_least, at_most, above, below",
                         found);
}

static void load_words(const struct settings *settings, struct signal *signal) {
    settings_only(settings, "words", signal->kind == SIGNAL_RATING, "signal = \"rating\"");
    if (signal->kind != SIGNAL_RATING)
        return;
    const config_setting_t *list = settings_list(settings, "words", SETTINGS_REQUIRED, 1, WORDS_MAX, "words");
    for (size_t i = 0; list && i < settings_count(list); i++) {
        const config_setting_t *element = settings_element(list, i);
        const char *word;
        if (!settings_element_string(settings, "words", element, &word))
            continue;
        if (word[0] == '\0' || !text_is_free(text_of(word), WORD_MAX))
            settings_expect(settings, "words", element, "1 to %d bytes of UTF-8 without control characters", WORD_MAX);
        else
            text_copy(signal->words[signal->word_count++], WORD_MAX + 1, text_of(word));
    }
}

static bool has_word(const struct measure *measure, const char *word) {
    for (size_t i = 0; i < measure->word_count; i++) {
        if (strcmp(measure->words[i], word) == 0)
            return true;
    }
    return false;
}

/* Every word of the signal must be a word of every measure it looks at. */
static void check_words(const struct loader *loader, const struct settings *settings, const struct trigger *trigger) {
    const struct signal *signal = &trigger->signal;
    for (size_t i = 0; i < trigger->measure_count; i++) {
        const struct measure *measure = &loader->framework->measures[trigger->measures[i]];
        for (size_t k = 0; k < signal->word_count && !loader->doubtful[trigger->measures[i]]; k++) {
            if (!has_word(measure, signal->words[k]))
                settings_problem(settings, "words", settings_get(settings, "words"),
                                 "got \"%s\", expected words of the measure \"%s\"", signal->words[k], measure->id);
        }
    }
}

static int ascending(const void *a, const void *b) {
    uint16_t x = *(const uint16_t *)a, y = *(const uint16_t *)b;
    return x < y ? -1 : x > y;
}

/* measures = [ids]: each must exist, fit and apply. */
static void select_by_id(const struct loader *loader, const struct settings *settings, const config_setting_t *list,
                         struct trigger *trigger) {
    for (size_t i = 0; i < settings_count(list); i++) {
        const config_setting_t *element = settings_element(list, i);
        uint16_t index = load_measure_id(loader, settings, "measures", element);
        if (index == INDEX_NONE)
            continue;
        const struct measure *measure = &loader->framework->measures[index];
        bool again = false;
        for (size_t k = 0; k < trigger->measure_count; k++)
            again = again || trigger->measures[k] == index;
        if (again) {
            settings_expect(settings, "measures", element, "each measure only once");
            continue;
        }
        if (!loader->doubtful[index] && !fits(measure, trigger->signal.kind))
            settings_expect(settings, "measures", element, "%s for signal = \"%s\"", FITTING[trigger->signal.kind],
                            signal_kind_name(trigger->signal.kind));
        else if (!loader->doubtful[index] && (measure->applies_to & trigger->applies_to) == 0)
            settings_expect(settings, "measures", element, "measures that apply to a type of applies_to");
        trigger->measures[trigger->measure_count++] = index;
    }
}

/* key = true, all = true or theme: every measure of that choice that fits and applies. */
static void select_fitting(const struct loader *loader, struct trigger *trigger, bool key_only, uint64_t themes) {
    const struct framework *framework = loader->framework;
    for (size_t i = 0; i < framework->measure_count; i++) {
        const struct measure *measure = &framework->measures[i];
        bool chosen = (themes >> measure->theme & 1U) != 0 && (!key_only || measure->key);
        if (chosen && fits(measure, trigger->signal.kind) && (measure->applies_to & trigger->applies_to) != 0)
            trigger->measures[trigger->measure_count++] = (uint16_t)i;
    }
}

/* theme = "..." or a list of themes, as a mask; 0 after a problem. */
static uint64_t load_theme_set(const struct loader *loader, const struct settings *settings,
                               const config_setting_t *setting) {
    bool one = config_setting_type(setting) == CONFIG_TYPE_STRING;
    uint64_t themes = 0;
    if (!one && settings_count(setting) == 0)
        settings_expect(settings, "theme", setting, "a theme or a list of themes");
    for (size_t i = 0; i < (one ? 1 : settings_count(setting)); i++) {
        int theme = load_theme(loader, settings, "theme", one ? setting : settings_element(setting, i));
        if (theme < 0)
            return 0;
        themes |= UINT64_C(1) << theme;
    }
    return themes;
}

/* True when the measures were chosen without a problem. */
static bool load_selection(const struct loader *loader, const struct settings *settings, struct trigger *trigger) {
    static const char *const WAYS[] = {"measures", "theme", "key", "all"};
    size_t before = problems_count(settings->problems);
    int given = 0;
    for (size_t i = 0; i < 4; i++)
        given += settings_get(settings, WAYS[i]) != NULL;
    if (given != 1) {
        settings_problem(settings, NULL, NULL, "got %d choices of measures, expected one of measures, theme, key, all",
                         given);
        return false;
    }
    trigger->measures = alloc_zero(loader->framework->measure_count, sizeof(*trigger->measures));
    const config_setting_t *theme = settings_get(settings, "theme");
    bool key = false, all = false;
    if (settings_get(settings, "measures")) {
        const config_setting_t *list = settings_list(settings, "measures", SETTINGS_REQUIRED, 1, MEASURES_MAX, "ids");
        if (list)
            select_by_id(loader, settings, list, trigger);
    } else if (theme) {
        uint64_t themes = load_theme_set(loader, settings, theme);
        if (themes != 0)
            select_fitting(loader, trigger, false, themes);
    } else if (settings_bool(settings, "key", &key) || settings_bool(settings, "all", &all)) {
        if (!key && !all)
            settings_problem(settings, NULL, NULL, "got false as the choice of measures, expected key or all = true");
        else
            select_fitting(loader, trigger, key, UINT64_MAX);
    }
    if (trigger->measure_count == 0 && problems_count(settings->problems) == before)
        settings_problem(settings, NULL, NULL, "got no measure by this choice, expected %s",
                         FITTING[trigger->signal.kind]);
    if (trigger->measure_count > 1)
        qsort(trigger->measures, trigger->measure_count, sizeof(*trigger->measures), ascending);
    return problems_count(settings->problems) == before;
}

static size_t count_themes(const struct framework *framework, const struct trigger *trigger) {
    uint64_t themes = 0;
    for (size_t i = 0; i < trigger->measure_count; i++)
        themes |= UINT64_C(1) << framework->measures[trigger->measures[i]].theme;
    return (size_t)__builtin_popcountll(themes);
}

static void load_counts(const struct loader *loader, const struct settings *settings, struct trigger *trigger) {
    size_t count = trigger->measure_count;
    bool good = settings_int(settings, "count", SETTINGS_OPTIONAL, 1, MEASURES_MAX, &trigger->count);
    if (good && (size_t)trigger->count > count)
        settings_expect(settings, "count", settings_get(settings, "count"),
                        "at most the number of measures it looks at, %zu", count);
    if (!settings_int(settings, "themes", SETTINGS_OPTIONAL, 1, THEMES_MAX, &trigger->themes))
        return;
    size_t themes = count_themes(loader->framework, trigger);
    if (trigger->themes > trigger->count)
        settings_expect(settings, "themes", settings_get(settings, "themes"), "at most count, %d", trigger->count);
    else if ((size_t)trigger->themes > themes)
        settings_expect(settings, "themes", settings_get(settings, "themes"),
                        "at most the number of themes of its measures, %zu", themes);
}

static void load_longstanding(const struct settings *settings, struct trigger *trigger) {
    static const char *const OTHERS[] = {"measures", "theme", "key", "all", "count", "themes"};
    for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++)
        settings_only(settings, OTHERS[i], false, "signals that look at measures");
    load_frequency(settings, "frequency", SETTINGS_REQUIRED, &trigger->signal.frequency);
    if (!settings_get(settings, "requires_segment"))
        settings_expect(settings, "requires_segment", NULL, "the segment it has long been in");
}

void load_signal(struct loader *loader, const struct settings *settings, struct trigger *trigger) {
    const char *names[SIGNALS];
    struct signal *signal = &trigger->signal;
    int choice;
    for (int i = 0; i < SIGNALS; i++)
        names[i] = signal_kind_name((enum signal_kind)i);
    if (!settings_choice(settings, "signal", SETTINGS_REQUIRED, names, SIGNALS, &choice))
        return;
    signal->kind = (enum signal_kind)choice;
    load_threshold(settings, signal);
    load_words(settings, signal);
    settings_only(settings, "margin", signal->kind == SIGNAL_MISSED_PLAN, "signal = \"missed_plan\"");
    if (signal->kind == SIGNAL_MISSED_PLAN)
        settings_number(settings, "margin", SETTINGS_OPTIONAL, 0, UNITS_LIMIT, &signal->margin);
    settings_int(settings, "for", SETTINGS_OPTIONAL, 1, RULE_PERIODS_MAX, &signal->sustained);
    if (signal->kind == SIGNAL_LONGSTANDING) {
        load_longstanding(settings, trigger);
        return;
    }
    settings_only(settings, "frequency", false, "signal = \"longstanding\"");
    if (!load_selection(loader, settings, trigger))
        return;
    check_words(loader, settings, trigger);
    load_counts(loader, settings, trigger);
}
