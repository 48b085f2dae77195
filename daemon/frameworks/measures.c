#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/frameworks/loader.h"

#define UNIT_MAX 40
#define UNITS_LIMIT 1e12 /* no figure of any unit is beyond it */

static const char *const KEYS[] = {"id",        "name",   "theme",      "unit",   "kind",         "direction",
                                   "frequency", "peers",  "applies_to", "key",    "words",        "valid_for",
                                   "plan",      "screen", "fix_after",  "rebase", "drop_minimum", "drop_rank",
                                   "drop_step", "drop",   "score"};

static void load_id(const struct framework *framework, const struct settings *settings, struct measure *measure) {
    if (!settings_name(settings, "id", SETTINGS_REQUIRED, measure->id))
        return;
    uint16_t first = framework_measure(framework, text_of(measure->id));
    if (first != INDEX_NONE && &framework->measures[first] != measure)
        settings_expect(settings, "id", settings_get(settings, "id"), "each id only once");
}

static void load_kind(const struct settings *settings, struct measure *measure) {
    static const char *const KINDS[] = {"number", "rating", "flag"};
    static const char *const DIRECTIONS[] = {"higher", "lower", "neutral"};
    int choice;
    if (settings_choice(settings, "kind", SETTINGS_REQUIRED, KINDS, 3, &choice))
        measure->kind = (enum measure_kind)choice;
    bool number = measure->kind == MEASURE_NUMBER;
    if (!number) {
        settings_only(settings, "direction", false, "numbers");
        measure->direction = DIRECTION_NEUTRAL;
    } else if (settings_choice(settings, "direction", SETTINGS_REQUIRED, DIRECTIONS, 3, &choice)) {
        measure->direction = (enum direction)choice;
    }
    load_frequency(settings, "frequency", SETTINGS_REQUIRED, &measure->frequency);
}

static void load_words(const struct settings *settings, struct measure *measure) {
    if (measure->kind != MEASURE_RATING) {
        settings_only(settings, "words", false, "ratings");
        return;
    }
    const config_setting_t *list = settings_list(settings, "words", SETTINGS_REQUIRED, 2, WORDS_MAX, "words");
    for (size_t i = 0; list && i < settings_count(list); i++) {
        const config_setting_t *element = settings_element(list, i);
        const char *word;
        if (!settings_element_string(settings, "words", element, &word))
            continue;
        bool again = false;
        for (size_t k = 0; k < measure->word_count; k++)
            again = again || strcmp(measure->words[k], word) == 0;
        if (word[0] == '\0' || !text_is_free(text_of(word), WORD_MAX))
            settings_expect(settings, "words", element, "1 to %d bytes of UTF-8 without control characters", WORD_MAX);
        else if (again)
            settings_expect(settings, "words", element, "each word only once");
        else
            text_copy(measure->words[measure->word_count++], WORD_MAX + 1, text_of(word));
    }
}

static void load_rebase(const struct settings *settings, struct measure *measure) {
    const config_setting_t *list = settings_list(settings, "rebase", SETTINGS_OPTIONAL, 1, REBASES_MAX, "dates");
    if (!list)
        return;
    measure->rebase = alloc_zero(settings_count(list), sizeof(*measure->rebase));
    for (size_t i = 0; i < settings_count(list); i++) {
        const config_setting_t *element = settings_element(list, i);
        const char *string;
        ov_day day;
        if (!settings_element_string(settings, "rebase", element, &string))
            continue;
        if (!date_parse_period(string, strlen(string), &day) || !period_starts(measure->frequency, day))
            settings_expect(settings, "rebase", element, "the first day of a %s, YYYY-MM-DD",
                            frequency_name(measure->frequency));
        else if (measure->rebase_count > 0 && day <= measure->rebase[measure->rebase_count - 1])
            settings_expect(settings, "rebase", element, "dates in ascending order");
        else
            measure->rebase[measure->rebase_count++] = day;
    }
}

/* Control chart and drop: only for numbers, drops only for those with a direction. */
static void load_chart(const struct settings *settings, struct measure *measure) {
    static const char *const CHART[] = {"screen", "fix_after", "rebase"};
    static const char *const DROP[] = {"drop_minimum", "drop_rank", "drop_step"};
    bool number = measure->kind == MEASURE_NUMBER;
    bool directed = number && measure->direction != DIRECTION_NEUTRAL;
    for (size_t i = 0; i < 3; i++)
        settings_only(settings, CHART[i], number, "numbers");
    measure->drop = directed;
    bool wanted = directed;
    settings_bool(settings, "drop", &wanted);
    if (wanted && !directed)
        settings_only(settings, "drop", false, "numbers whose direction is not neutral");
    else
        measure->drop = wanted;
    for (size_t i = 0; i < 3; i++)
        settings_only(settings, DROP[i], measure->drop, "numbers that are judged for drops");
    if (!number)
        return;
    settings_bool(settings, "screen", &measure->screen);
    settings_int(settings, "fix_after", SETTINGS_OPTIONAL, 2, RULE_PERIODS_MAX, &measure->fix_after);
    load_rebase(settings, measure);
    settings_number(settings, "drop_minimum", SETTINGS_OPTIONAL, 0, UNITS_LIMIT, &measure->drop_minimum);
    settings_number(settings, "drop_rank", SETTINGS_OPTIONAL, 0, 100, &measure->drop_rank);
    settings_number(settings, "drop_step", SETTINGS_OPTIONAL, 0, UNITS_LIMIT, &measure->drop_step);
    if (measure->drop_rank > 0 && !measure_is_ranked(measure))
        settings_only(settings, "drop_rank", false, "measures that are ranked");
}

static void load_measure(struct loader *loader, const struct settings *settings, struct measure *measure) {
    settings_keys(settings, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
    load_id(loader->framework, settings, measure);
    settings_free_text(settings, "name", SETTINGS_REQUIRED, TITLE_MAX, &measure->name);
    settings_free_text(settings, "unit", SETTINGS_OPTIONAL, UNIT_MAX, &measure->unit);
    if (!measure->unit)
        measure->unit = alloc_copy("");
    const config_setting_t *theme = settings_get(settings, "theme");
    int index = theme ? load_theme(loader, settings, "theme", theme) : 0;
    if (!theme)
        settings_expect(settings, "theme", NULL, "one of the framework's themes");
    measure->theme = (uint16_t)(index < 0 ? 0 : index);
    load_kind(settings, measure);
    load_type_set(loader, settings, "applies_to", &measure->applies_to);
    load_words(settings, measure);
    load_peers(loader, settings, measure);
    settings_bool(settings, "key", &measure->key);
    if (measure->key && !measure_is_ranked(measure))
        settings_only(settings, "key", false, "measures that are ranked");
    settings_only(settings, "valid_for", !measure_is_ranked(measure), "measures that are not ranked");
    settings_int(settings, "valid_for", SETTINGS_OPTIONAL, 0, 36525, &measure->valid_for);
    load_chart(settings, measure);
    settings_only(settings, "score", loader->framework->method == METHOD_SCORES, "method = \"scores\"");
    if (loader->framework->method == METHOD_SCORES)
        load_score(loader, settings, measure);
}

/* What refers to other measures waits until all are known. */
static void load_references(struct loader *loader, const struct settings *settings, struct measure *measure) {
    struct framework *framework = loader->framework;
    const config_setting_t *setting = settings_get(settings, "plan");
    measure->plan = load_measure_key(loader, settings, "plan", SETTINGS_OPTIONAL);
    const struct measure *plan = measure->plan == INDEX_NONE ? NULL : &framework->measures[measure->plan];
    bool doubtful = loader->doubtful[measure - framework->measures] || (plan && loader->doubtful[measure->plan]);
    if (plan && !doubtful) {
        if (measure->kind != MEASURE_NUMBER || measure->direction == DIRECTION_NEUTRAL)
            settings_only(settings, "plan", false, "numbers whose direction is not neutral");
        else if (plan == measure || plan->kind != MEASURE_NUMBER || plan->frequency != measure->frequency)
            settings_expect(settings, "plan", setting, "the id of another number with frequency \"%s\"",
                            frequency_name(measure->frequency));
    }
    if (framework->method == METHOD_SCORES && measure->score.kind == SCORE_COMBINED)
        load_combined(loader, settings, measure);
}

void load_measures(struct loader *loader, const struct settings *top) {
    struct framework *framework = loader->framework;
    const config_setting_t *list = settings_list(top, "measures", SETTINGS_REQUIRED, 1, MEASURES_MAX, "groups");
    size_t count = list ? settings_count(list) : 0;
    framework->measures = alloc_zero(count, sizeof(*framework->measures));
    struct settings *each = alloc_zero(count, sizeof(*each));
    for (size_t i = 0; i < count; i++) {
        size_t before = problems_count(top->problems);
        size_t index = framework->measure_count;
        if (!settings_enter(top, settings_element(list, i), "measure", "id", i + 1, &each[index]))
            continue;
        measure_init(&framework->measures[index]);
        framework->measure_count++;
        load_measure(loader, &each[index], &framework->measures[index]);
        loader->doubtful[index] = problems_count(top->problems) > before;
    }
    for (size_t i = 0; i < framework->measure_count; i++)
        load_references(loader, &each[i], &framework->measures[i]);
    free(each);
}
