#include <string.h>

#include "daemon/frameworks/loader.h"

static bool applies(const struct measure *measure, size_t type) {
    return (measure->applies_to >> type & 1U) != 0;
}

static void set_national(const struct framework *framework, struct measure *measure) {
    for (size_t type = 0; type < framework->type_count; type++) {
        if (applies(measure, type))
            measure->peer_set[type] = 0;
    }
    measure->peer_set_count = 1;
}

static void set_by_type(const struct framework *framework, struct measure *measure) {
    for (size_t type = 0; type < framework->type_count; type++) {
        if (applies(measure, type))
            measure->peer_set[type] = (uint8_t)measure->peer_set_count++;
    }
}

static void load_peer_list(struct loader *loader, const struct settings *settings, const config_setting_t *types,
                           struct measure *measure, uint8_t set) {
    int kind = config_setting_type(types);
    if ((kind != CONFIG_TYPE_ARRAY && kind != CONFIG_TYPE_LIST) || settings_count(types) == 0) {
        settings_expect(settings, "peers", types, "a list of types that are ranked together");
        return;
    }
    for (size_t i = 0; i < settings_count(types); i++) {
        const config_setting_t *element = settings_element(types, i);
        int type = load_type(loader, settings, "peers", element);
        if (type < 0)
            continue;
        if (!applies(measure, (size_t)type))
            settings_expect(settings, "peers", element, "a type that applies_to names");
        else if (measure->peer_set[type] != PEER_SET_NONE)
            settings_expect(settings, "peers", element, "each type only once");
        else
            measure->peer_set[type] = set;
    }
}

static void load_lists(struct loader *loader, const struct settings *settings, const config_setting_t *peers,
                       struct measure *measure) {
    size_t count = settings_count(peers);
    if (count == 0 || count > TYPES_MAX) {
        settings_expect(settings, "peers", peers, "1 to %d lists of types", TYPES_MAX);
        return;
    }
    size_t before = problems_count(settings->problems);
    for (size_t i = 0; i < count; i++)
        load_peer_list(loader, settings, settings_element(peers, i), measure, (uint8_t)i);
    measure->peer_set_count = count;
    for (size_t type = 0; type < loader->framework->type_count; type++) {
        bool missing = applies(measure, type) && measure->peer_set[type] == PEER_SET_NONE;
        if (missing && problems_count(settings->problems) == before)
            settings_problem(settings, "peers", peers, "got no list with \"%s\", expected every type of applies_to",
                             loader->framework->types[type]);
    }
}

void load_peers(struct loader *loader, const struct settings *settings, struct measure *measure) {
    const config_setting_t *peers = settings_get(settings, "peers");
    bool may_rank = measure->kind == MEASURE_NUMBER && measure->direction != DIRECTION_NEUTRAL;
    const char *word = peers ? config_setting_get_string(peers) : "national";
    if (!may_rank)
        settings_only(settings, "peers", word && strcmp(word, "none") == 0, "numbers whose direction is not neutral");
    else if (!word && config_setting_type(peers) == CONFIG_TYPE_LIST)
        load_lists(loader, settings, peers, measure);
    else if (word && strcmp(word, "national") == 0)
        set_national(loader->framework, measure);
    else if (word && strcmp(word, "type") == 0)
        set_by_type(loader->framework, measure);
    else if (!word || strcmp(word, "none") != 0)
        settings_expect(settings, "peers", peers, "\"national\", \"type\", \"none\" or a list of lists of types");
}
