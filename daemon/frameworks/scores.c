#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/frameworks/loader.h"

#define SCORE_BEST 1.0
#define SCORE_WORST 4.0
#define UNITS_LIMIT 1e12

static const char *const KINDS[] = {"none", "plain", "standard", "floor", "bands", "combined", "supplied"};
static const char *const COMPARISONS[] = {"at_least", "at_most", "above", "below"};

/* One band of a number: exactly one comparison with its bound. */
static void load_bound(const struct settings *settings, struct score_band *band) {
    int found = 0;
    settings_only(settings, "word", false, "ratings");
    for (size_t i = 0; i < 4; i++) {
        if (!settings_get(settings, COMPARISONS[i]))
            continue;
        found++;
        band->comparison = (enum comparison)i;
        settings_number(settings, COMPARISONS[i], SETTINGS_REQUIRED, -UNITS_LIMIT, UNITS_LIMIT, &band->bound);
    }
    if (found != 1)
        settings_problem(settings, NULL, NULL, "got %d comparisons, expected one of at_least, at_most, above, below",
                         found);
}

/* One band of a rating: a word that no band before has. */
static void load_word(const struct settings *settings, const struct measure *measure, struct score_band *band) {
    const char *string;
    for (size_t i = 0; i < 4; i++)
        settings_only(settings, COMPARISONS[i], false, "numbers");
    if (!settings_string(settings, "word", SETTINGS_REQUIRED, &string))
        return;
    size_t word = 0;
    while (word < measure->word_count && strcmp(measure->words[word], string) != 0)
        word++;
    if (word == measure->word_count) {
        settings_expect(settings, "word", settings_get(settings, "word"), "one of the measure's words");
        return;
    }
    band->word = (uint8_t)word;
    for (const struct score_band *other = measure->score.bands; other < band; other++) {
        if (other->word == band->word)
            settings_expect(settings, "word", settings_get(settings, "word"), "each word only once");
    }
}

static void load_bands(const struct settings *settings, struct measure *measure) {
    static const char *const KEYS[] = {"at_least", "at_most", "above", "below", "word", "score"};
    struct score_rule *rule = &measure->score;
    const config_setting_t *list = settings_list(settings, "bands", SETTINGS_REQUIRED, 1, SCORE_BANDS_MAX, "groups");
    for (size_t i = 0; list && i < settings_count(list); i++) {
        struct settings inner;
        if (!settings_enter(settings, settings_element(list, i), "band", NULL, i + 1, &inner))
            continue;
        struct score_band *band = &rule->bands[rule->band_count++];
        settings_keys(&inner, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
        settings_number(&inner, "score", SETTINGS_REQUIRED, SCORE_BEST, SCORE_WORST, &band->score);
        if (measure->kind == MEASURE_RATING)
            load_word(&inner, measure, band);
        else
            load_bound(&inner, band);
    }
    settings_number(settings, "otherwise", SETTINGS_OPTIONAL, SCORE_BEST, SCORE_WORST, &rule->otherwise);
}

static void check_kind(const struct settings *settings, const struct measure *measure) {
    const config_setting_t *kind = settings_get(settings, "kind");
    bool number = measure->kind == MEASURE_NUMBER;
    switch (measure->score.kind) {
    case SCORE_PLAIN:
    case SCORE_STANDARD:
    case SCORE_FLOOR:
        if (!measure_is_ranked(measure))
            settings_expect(settings, "kind", kind, "another kind: this one goes with measures that are ranked");
        break;
    case SCORE_BANDS:
        if (measure->kind == MEASURE_FLAG)
            settings_expect(settings, "kind", kind, "another kind: this one goes with numbers and ratings");
        break;
    case SCORE_COMBINED:
    case SCORE_SUPPLIED:
        if (!number)
            settings_expect(settings, "kind", kind, "another kind: this one goes with numbers");
        break;
    case SCORE_NONE:
        break;
    }
}

void load_score(struct loader *loader, const struct settings *settings, struct measure *measure) {
    static const char *const KEYS[] = {"kind",      "weight", "standard", "floor", "bands",
                                       "otherwise", "first",  "second",   "table"};
    const config_setting_t *setting = settings_get(settings, "score");
    struct score_rule *rule = &measure->score;
    struct settings score;
    int kind;
    (void)loader;
    if (!setting || !settings_enter(settings, setting, "score", NULL, 0, &score))
        return;
    settings_keys(&score, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
    if (!settings_choice(&score, "kind", SETTINGS_REQUIRED, KINDS, sizeof(KINDS) / sizeof(KINDS[0]), &kind))
        return;
    rule->kind = (enum score_kind)kind;
    check_kind(&score, measure);
    settings_only(&score, "standard", rule->kind == SCORE_STANDARD, "kind = \"standard\"");
    settings_only(&score, "floor", rule->kind == SCORE_FLOOR, "kind = \"floor\"");
    settings_only(&score, "bands", rule->kind == SCORE_BANDS, "kind = \"bands\"");
    settings_only(&score, "otherwise", rule->kind == SCORE_BANDS, "kind = \"bands\"");
    settings_only(&score, "first", rule->kind == SCORE_COMBINED, "kind = \"combined\"");
    settings_only(&score, "second", rule->kind == SCORE_COMBINED, "kind = \"combined\"");
    settings_only(&score, "table", rule->kind == SCORE_COMBINED, "kind = \"combined\"");
    if (settings_number(&score, "weight", SETTINGS_OPTIONAL, 0, 1000, &rule->weight) && !(rule->weight > 0))
        settings_expect(&score, "weight", settings_get(&score, "weight"), "a number above 0");
    if (rule->kind == SCORE_STANDARD || rule->kind == SCORE_FLOOR)
        settings_number(&score, KINDS[rule->kind], SETTINGS_REQUIRED, -UNITS_LIMIT, UNITS_LIMIT, &rule->parameter);
    if (rule->kind == SCORE_BANDS)
        load_bands(&score, measure);
}

/* A part of a combined score: a measure whose bands give whole scores. */
static uint16_t load_part(struct loader *loader, const struct settings *score, const char *key,
                          const struct measure *combined) {
    uint16_t index = load_measure_key(loader, score, key, SETTINGS_REQUIRED);
    if (index == INDEX_NONE || loader->doubtful[index])
        return index;
    const struct measure *part = &loader->framework->measures[index];
    const struct score_rule *rule = &part->score;
    bool good = part != combined && rule->kind == SCORE_BANDS;
    for (size_t i = 0; good && i < rule->band_count; i++)
        good = rule->bands[i].score == floor(rule->bands[i].score);
    if (good && !isnan(rule->otherwise))
        good = rule->otherwise == floor(rule->otherwise);
    if (!good)
        settings_expect(score, key, settings_get(score, key), "a measure with score kind \"bands\" in whole numbers");
    return index;
}

static void load_table(const struct settings *score, struct score_rule *rule) {
    const config_setting_t *table = settings_list(score, "table", SETTINGS_REQUIRED, 4, 4, "rows");
    for (size_t row = 0; table && row < 4; row++) {
        const config_setting_t *cells = settings_element(table, row);
        int type = config_setting_type(cells);
        if ((type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) || settings_count(cells) != 4) {
            settings_expect(score, "table", cells, "a row of 4 scores");
            continue;
        }
        for (size_t i = 0; i < 4; i++)
            settings_element_number(score, "table", settings_element(cells, i), SCORE_BEST, SCORE_WORST,
                                    &rule->combined[row][i]);
    }
}

void load_combined(struct loader *loader, const struct settings *settings, struct measure *measure) {
    struct settings score;
    if (!settings_enter(settings, settings_get(settings, "score"), "score", NULL, 0, &score))
        return;
    struct score_rule *rule = &measure->score;
    rule->first = load_part(loader, &score, "first", measure);
    rule->second = load_part(loader, &score, "second", measure);
    if (rule->first != INDEX_NONE && rule->first == rule->second)
        settings_expect(&score, "second", settings_get(&score, "second"), "another measure than the first");
    load_table(&score, rule);
}
