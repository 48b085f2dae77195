#include <string.h>

#include "common/alloc.h"
#include "daemon/frameworks/loader.h"

/* The keys of both, those of conditions first. */
static const char *const KEYS[] = {
    "id",     "title",         "applies_to", "signal",    "measures",         "theme",       "key",    "all",
    "count",  "themes",        "for",        "at_least",  "at_most",          "above",       "below",  "words",
    "margin", "count_at_most", "segment",    "frequency", "requires_segment", "clear_after", "latched"};

#define CONDITION_KEYS 18

static bool taken(const struct trigger *triggers, size_t count, const struct trigger *self) {
    for (size_t i = 0; i < count; i++) {
        if (&triggers[i] != self && strcmp(triggers[i].id, self->id) == 0)
            return true;
    }
    return false;
}

/* What triggers and conditions have in common. */
static void load_common(struct loader *loader, const struct settings *settings, struct trigger *trigger) {
    const struct framework *framework = loader->framework;
    trigger_init(trigger);
    if (settings_name(settings, "id", SETTINGS_REQUIRED, trigger->id) &&
        (taken(framework->triggers, framework->trigger_count, trigger) ||
         taken(framework->promotion, framework->promotion_count, trigger)))
        settings_expect(settings, "id", settings_get(settings, "id"), "each id only once");
    settings_free_text(settings, "title", SETTINGS_REQUIRED, TITLE_MAX, &trigger->title);
    load_type_set(loader, settings, "applies_to", &trigger->applies_to);
}

static void load_trigger(struct loader *loader, const struct settings *settings, struct trigger *trigger) {
    settings_keys(settings, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
    load_common(loader, settings, trigger);
    settings_int(settings, "segment", SETTINGS_REQUIRED, 3, 4, &trigger->segment);
    settings_int(settings, "requires_segment", SETTINGS_OPTIONAL, 2, 4, &trigger->requires_segment);
    settings_int(settings, "clear_after", SETTINGS_OPTIONAL, 1, RULE_PERIODS_MAX, &trigger->clear_after);
    settings_bool(settings, "latched", &trigger->latched);
    settings_only(settings, "count_at_most", false, "conditions for segment 1");
    load_signal(loader, settings, trigger);
}

static void load_condition(struct loader *loader, const struct settings *settings, struct trigger *condition) {
    settings_keys(settings, KEYS, CONDITION_KEYS);
    load_common(loader, settings, condition);
    condition->segment = 1;
    const char *signal = NULL;
    const config_setting_t *setting = settings_get(settings, "signal");
    if (setting)
        signal = config_setting_get_string(setting);
    if (signal && strcmp(signal, "longstanding") == 0) {
        settings_expect(settings, "signal", setting, "another signal: this one goes with triggers");
        return;
    }
    load_signal(loader, settings, condition);
    if (settings_int(settings, "count_at_most", SETTINGS_OPTIONAL, 0, MEASURES_MAX, &condition->at_most)) {
        settings_only(settings, "count", false, "conditions without count_at_most");
        settings_only(settings, "themes", false, "conditions without count_at_most");
    }
}

static void load_promotion(struct loader *loader, const struct settings *top) {
    struct framework *framework = loader->framework;
    const config_setting_t *list = settings_list(top, "promotion", SETTINGS_OPTIONAL, 1, CONDITIONS_MAX, "groups");
    size_t count = list ? settings_count(list) : 0;
    framework->promotion = alloc_zero(count, sizeof(*framework->promotion));
    for (size_t i = 0; i < count; i++) {
        struct settings settings;
        if (settings_enter(top, settings_element(list, i), "condition", "id", i + 1, &settings))
            load_condition(loader, &settings, &framework->promotion[framework->promotion_count++]);
    }
    if (count > 0 && !framework->segments[1].name)
        settings_problem(top, "promotion", list, "got no segment 1, expected one among the segments");
}

void load_triggers(struct loader *loader, const struct settings *top) {
    struct framework *framework = loader->framework;
    if (framework->method != METHOD_TRIGGERS) {
        settings_only(top, "triggers", false, "method = \"triggers\"");
        settings_only(top, "promotion", false, "method = \"triggers\"");
        return;
    }
    const config_setting_t *list = settings_list(top, "triggers", SETTINGS_REQUIRED, 1, TRIGGERS_MAX, "groups");
    size_t count = list ? settings_count(list) : 0;
    framework->triggers = alloc_zero(count, sizeof(*framework->triggers));
    for (size_t i = 0; i < count; i++) {
        struct settings settings;
        if (settings_enter(top, settings_element(list, i), "trigger", "id", i + 1, &settings))
            load_trigger(loader, &settings, &framework->triggers[framework->trigger_count++]);
    }
    load_promotion(loader, top);
}
