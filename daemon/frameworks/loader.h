/*
 * The parts of a framework file, one function per section. Internal to
 * daemon/frameworks; they run in the order in which they stand here, each
 * relying on what came before.
 */
#ifndef OV_FRAMEWORKS_LOADER_H
#define OV_FRAMEWORKS_LOADER_H

#include <stdbool.h>

#include "daemon/engine/framework.h"
#include "daemon/frameworks/settings.h"

#define THEMES_MAX 64
#define PROGRAMMES_MAX 64
#define CUT_SETS_MAX 64
#define CONDITIONS_MAX 64
#define REBASES_MAX 64
#define TITLE_MAX 200

struct loader {
    struct framework *framework; /* being filled */
    /* Measures of which some part was misread: what refers to them is not judged again. */
    bool doubtful[MEASURES_MAX];
};

/* types, themes, segments (parts.c) */
void load_types(struct loader *loader, const struct settings *top);
void load_themes(struct loader *loader, const struct settings *top);
void load_segments(struct loader *loader, const struct settings *top);

/* measures (measures.c), their peer sets (peers.c) and their scores (scores.c) */
void load_measures(struct loader *loader, const struct settings *top);
void load_peers(struct loader *loader, const struct settings *settings, struct measure *measure);
void load_score(struct loader *loader, const struct settings *settings, struct measure *measure);
void load_combined(struct loader *loader, const struct settings *settings, struct measure *measure);

/* triggers and promotion (triggers.c, signals.c) */
void load_triggers(struct loader *loader, const struct settings *top);
void load_signal(struct loader *loader, const struct settings *settings, struct trigger *trigger);

/* scores (scoring.c) and programmes (parts.c) */
void load_scoring(struct loader *loader, const struct settings *top);
void load_programmes(struct loader *loader, const struct settings *top);

/* ---- Shared by the sections (parts.c) -------------------------------------- */

/* A list of types as a mask; untouched when the key is absent. True when it is there and good. */
bool load_type_set(const struct loader *loader, const struct settings *settings, const char *key, uint32_t *ret_mask);

/* The position of a type, or -1 after a problem. */
int load_type(const struct loader *loader, const struct settings *settings, const char *key,
              const config_setting_t *element);

/* The index of a measure named by an element, or INDEX_NONE after a problem. */
uint16_t load_measure_id(const struct loader *loader, const struct settings *settings, const char *key,
                         const config_setting_t *element);

/* The same for a key; INDEX_NONE also when an optional key is absent. */
uint16_t load_measure_key(const struct loader *loader, const struct settings *settings, const char *key,
                          enum settings_need need);

/* The position of a theme, or -1 after a problem. */
int load_theme(const struct loader *loader, const struct settings *settings, const char *key,
               const config_setting_t *element);

/* A frequency by its name. */
bool load_frequency(const struct settings *settings, const char *key, enum settings_need need,
                    enum frequency *ret_frequency);

#endif
