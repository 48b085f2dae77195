/* Routes and quiet hours of the configuration. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/oncall/conf_part.h"
#include "common/alloc.h"

#define WORDS_MAX 1000

static void load_level(const struct settings *settings, struct route *route) {
    static const char *const levels[] = {"info", "notice", "warning", "critical"};
    int choice;
    if (settings_choice(settings, "severity", SETTINGS_OPTIONAL, levels, 4, &choice))
        route->level = (enum level)choice;
}

static void load_segments(const struct settings *settings, struct route *route) {
    const config_setting_t *list = settings_list(settings, "segments", SETTINGS_OPTIONAL, 1, 9, "segments");
    for (size_t i = 0; list && i < settings_count(list); i++) {
        double segment;
        if (!settings_element_number(settings, "segments", settings_element(list, i), 1, 9, &segment))
            continue;
        if (segment > (int)segment)
            settings_expect(settings, "segments", settings_element(list, i), "a whole number");
        route->segments |= 1u << (int)segment;
    }
}

static void load_limit(const struct settings *settings, struct route *route) {
    static const char *const keys[] = {"alerts", "seconds"};
    const config_setting_t *setting = settings_get(settings, "limit");
    struct settings inner;
    route->window = 60 * 1000;
    if (!setting || !settings_enter(settings, setting, "limit", NULL, 0, &inner))
        return;
    settings_keys(&inner, keys, 2);
    settings_int(&inner, "alerts", SETTINGS_REQUIRED, 1, 100000, &route->limit);
    conf_take_seconds(&inner, "seconds", 0.1, 86400, &route->window);
}

/* Services of states do their own grouping, and must hear of every state. */
static void check_states(const struct settings *settings, const struct route *route, const struct target *target) {
    if (!target->template || !target->template->states)
        return;
    if (route->limit > 0)
        settings_problem(settings, "limit", settings_get(settings, "limit"),
                         "target %s is told states: it must hear of each, and groups them itself", target->name);
    if (route->quiet)
        settings_problem(settings, "quiet", settings_get(settings, "quiet"),
                         "target %s is told states: it must hear of each, and has quiet hours of its own",
                         target->name);
}

static void load_route_targets(const struct conf *conf, const struct settings *settings, struct route *route) {
    const config_setting_t *list = settings_get(settings, "targets");
    if (!conf_take_words(settings, "targets", SETTINGS_REQUIRED, TARGETS_MAX, &route->targets))
        return;
    for (size_t i = 0; i < route->targets.count; i++) {
        const struct target *target = conf_target(conf, route->targets.items[i]);
        if (target)
            check_states(settings, route, target);
        else
            settings_expect(settings, "targets", settings_element(list, i), "the name of a target");
    }
}

static void load_route(const struct conf_reader *reader, const struct settings *settings, struct route *route) {
    static const char *const keys[] = {"name",  "severity", "kinds",   "organisations", "systems", "regions",
                                       "types", "segments", "targets", "more",          "quiet",   "limit"};
    char name[NAME_MAX_LEN + 1] = "";
    settings_keys(settings, keys, sizeof keys / sizeof keys[0]);
    if (settings_name(settings, "name", SETTINGS_REQUIRED, name) && conf_route(reader->conf, name))
        settings_expect(settings, "name", settings_get(settings, "name"), "a name that no other route has");
    load_level(settings, route);
    conf_take_words(settings, "kinds", SETTINGS_OPTIONAL, 64, &route->kinds);
    conf_take_words(settings, "organisations", SETTINGS_OPTIONAL, WORDS_MAX, &route->organisations);
    conf_take_words(settings, "systems", SETTINGS_OPTIONAL, WORDS_MAX, &route->systems);
    conf_take_words(settings, "regions", SETTINGS_OPTIONAL, WORDS_MAX, &route->regions);
    conf_take_words(settings, "types", SETTINGS_OPTIONAL, WORDS_MAX, &route->types);
    load_segments(settings, route);
    settings_bool(settings, "more", &route->more);
    settings_bool(settings, "quiet", &route->quiet);
    load_limit(settings, route);
    load_route_targets(reader->conf, settings, route);
    route->name = alloc_copy(name);
}

void conf_load_routes(const struct conf_reader *reader, const struct settings *top) {
    const config_setting_t *list = settings_list(top, "routes", SETTINGS_REQUIRED, 1, ROUTES_MAX, "routes");
    struct conf *conf = reader->conf;
    if (!list)
        return;
    conf->routes = alloc_zero(settings_count(list), sizeof *conf->routes);
    for (size_t i = 0; i < settings_count(list); i++) {
        struct settings settings;
        if (settings_enter(top, settings_element(list, i), "route", "name", i + 1, &settings)) {
            load_route(reader, &settings, &conf->routes[conf->route_count]);
            conf->route_count++;
        }
    }
}

/* ---- Quiet hours ------------------------------------------------------------------ */

static void take_time(const struct settings *settings, const char *key, int *ret_minute) {
    const char *text;
    int hour, minute, end = 0;
    if (!settings_string(settings, key, SETTINGS_REQUIRED, &text))
        return;
    if (strlen(text) == 5 && sscanf(text, "%2d:%2d%n", &hour, &minute, &end) == 2 && end == 5 && hour >= 0 &&
        hour < 24 && minute >= 0 && minute < 60)
        *ret_minute = hour * 60 + minute;
    else
        settings_expect(settings, key, settings_get(settings, key), "a time of day, HH:MM");
}

static void take_days(const struct settings *settings, unsigned *ret_days) {
    static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    const config_setting_t *list = settings_list(settings, "days", SETTINGS_OPTIONAL, 1, 7, "days");
    char expected[128];
    if (!list)
        return;
    *ret_days = 0;
    for (size_t i = 0; i < settings_count(list); i++) {
        const char *word = config_setting_get_string(settings_element(list, i));
        int day = 0;
        while (word && day < 7 && strcmp(word, days[day]) != 0)
            day++;
        if (word && day < 7)
            *ret_days |= 1u << day;
        else
            settings_expect(settings, "days", settings_element(list, i), "%s",
                            settings_join(days, 7, expected, sizeof expected));
    }
}

void conf_load_quiet(const struct conf_reader *reader, const struct settings *top) {
    static const char *const keys[] = {"from", "to", "days"};
    const config_setting_t *list = settings_list(top, "quiet", SETTINGS_OPTIONAL, 1, QUIET_MAX, "spans");
    struct quiet *quiet = &reader->conf->quiet;
    for (size_t i = 0; list && i < settings_count(list); i++) {
        struct settings settings;
        struct quiet_span *span = &quiet->spans[quiet->count++];
        if (!settings_enter(top, settings_element(list, i), "quiet", NULL, i + 1, &settings))
            continue;
        settings_keys(&settings, keys, 3);
        span->days = 0x7f;
        take_time(&settings, "from", &span->from);
        take_time(&settings, "to", &span->to);
        take_days(&settings, &span->days);
    }
}
