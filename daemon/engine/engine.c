#include "daemon/engine/engine.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/ahead.h"
#include "daemon/engine/announce.h"
#include "daemon/engine/engine_state.h"
#include "daemon/engine/intake.h"
#include "daemon/engine/mem.h"

struct engine *engine_create(struct registry *registry, struct framework **frameworks, size_t framework_count) {
    struct engine *engine = mem_alloc(1, sizeof *engine);

    engine->registry = registry;
    engine->date = OV_DAY_NONE;
    engine->programmes = programme_book_create(registry_count(registry));
    engine->frameworks = mem_alloc(framework_count, sizeof(struct framework *));
    engine->assessments = mem_alloc(framework_count, sizeof(struct assessment *));
    engine->turns = mem_alloc(framework_count, sizeof *engine->turns);
    engine->framework_count = framework_count;
    for (size_t i = 0; i < framework_count; i++) {
        engine->frameworks[i] = frameworks[i];
        engine->assessments[i] = assessment_create(frameworks[i], registry, &engine->counters);
        engine->assessments[i]->programmes = engine->programmes;
        turn_init(&engine->turns[i], engine->assessments[i], (uint16_t)i, &engine->last_id);
    }
    engine->sources = names_create();
    engine->dormant = dormant_create();
    return engine;
}

void engine_destroy(struct engine *engine) {
    if (!engine)
        return;
    for (size_t i = 0; i < engine->framework_count; i++) {
        turn_finish(&engine->turns[i]);
        assessment_destroy(engine->assessments[i]);
        framework_destroy(engine->frameworks[i]);
    }
    programme_book_destroy(engine->programmes);
    registry_destroy(engine->registry);
    names_destroy(engine->sources);
    dormant_destroy(engine->dormant);
    free(engine->positions);
    free(engine->turns);
    free(engine->assessments);
    free(engine->frameworks);
    free(engine);
}

void engine_set_alert_id(struct engine *engine, struct alert_id last) {
    engine->last_id = last;
}

struct alert_id engine_last_alert_id(const struct engine *engine) {
    return engine->last_id;
}

ov_day engine_date(const struct engine *engine) {
    return engine->date;
}

/* ---- Sources ---- */

uint64_t engine_source_last(const struct engine *engine, struct text source) {
    uint32_t at = names_find(engine->sources, source);

    return at == NAMES_NONE ? 0 : engine->positions[at];
}

bool engine_source_room(const struct engine *engine, struct text source) {
    return names_count(engine->sources) < SOURCES_KNOWN_MAX || names_find(engine->sources, source) != NAMES_NONE;
}

/* The place of a source that may be new. */
static uint32_t add_source(struct engine *engine, struct text source) {
    size_t known = names_count(engine->sources);
    uint32_t at = names_add(engine->sources, source);

    if (at == known) {
        MEM_GROW(engine->positions, known, engine->position_capacity);
        engine->positions[at] = 0;
    }
    return at;
}

void engine_source_reset(struct engine *engine, struct text source, uint64_t last) {
    uint32_t at = add_source(engine, source);

    engine->positions[at] = last;
}

size_t engine_source_count(const struct engine *engine) {
    return names_count(engine->sources);
}

const char *engine_source_at(const struct engine *engine, size_t index, uint64_t *ret_last) {
    *ret_last = engine->positions[index];
    return names_at(engine->sources, (uint32_t)index);
}

/* ---- One message ---- */

/* The first seq that is not one more than the one before it; 0 = none. Seqs
 * already applied may stand in front, as when a message is repeated. */
static uint64_t find_gap(const struct message *message, uint64_t last) {
    for (size_t i = 0; i < message->count; i++) {
        uint64_t seq = message->items[i].seq;

        if (last && seq > last + 1)
            return last + 1;
        if (seq > last)
            last = seq;
    }
    return 0;
}

static void begin_turns(struct engine *engine, const char *source, int64_t now_ms, bool silent,
                        struct changes *changes) {
    for (size_t i = 0; i < engine->framework_count; i++)
        turn_begin(&engine->turns[i], source, now_ms, silent, changes);
}

static void end_turns(struct engine *engine) {
    for (size_t i = 0; i < engine->framework_count; i++)
        turn_end(&engine->turns[i]);
}

static void count_outcome(struct changes *changes, enum outcome outcome) {
    switch (outcome) {
    case OUTCOME_ACCEPTED:
        changes->accepted++;
        break;
    case OUTCOME_DUPLICATE:
        changes->duplicate++;
        break;
    case OUTCOME_SUPERSEDED:
        changes->superseded++;
        break;
    case OUTCOME_REFUSED:
        changes->refused++;
        break;
    }
}

void engine_apply(struct engine *engine, const struct message *message, int64_t now_ms, struct changes *changes) {
    uint32_t at = names_find(engine->sources, message->source);
    uint64_t last = at == NAMES_NONE ? 0 : engine->positions[at];
    uint64_t expected = message->allow_gap ? 0 : find_gap(message, last);
    const char *source;

    changes_reset(changes);
    changes->through = last;
    if (expected) {
        changes->whole = REFUSAL_GAP;
        changes->expected = expected;
        return;
    }
    if (at == NAMES_NONE)
        at = add_source(engine, message->source);
    source = names_at(engine->sources, at);
    begin_turns(engine, source, now_ms, message->baseline, changes);
    changes->outcomes = arena_alloc(changes->arena, message->count, sizeof *changes->outcomes);
    changes->figures = arena_room(changes->arena, message->count, sizeof *changes->figures);
    for (size_t i = 0; i < message->count; i++) {
        const struct item *item = &message->items[i];
        enum outcome outcome = OUTCOME_DUPLICATE;

        if (i % AHEAD_ITEMS == 0)
            ahead(engine, item, message->count - i < AHEAD_ITEMS ? message->count - i : AHEAD_ITEMS);
        if (item->seq > last) {
            last = item->seq;
            outcome = intake(engine, item, i, source, changes);
        }
        count_outcome(changes, outcome);
        changes->outcomes[i] = (uint8_t)outcome;
    }
    for (size_t i = 0; i < engine->framework_count; i++)
        engine->turns[i].seq = last;
    engine->positions[at] = changes->through = last;
    end_turns(engine);
}

void engine_tick(struct engine *engine, ov_day date, int64_t now_ms, struct changes *changes) {
    changes_reset(changes);
    if (engine->date != OV_DAY_NONE && date <= engine->date)
        return;
    engine->date = date;
    begin_turns(engine, "", now_ms, false, changes);
    for (size_t i = 0; i < engine->framework_count; i++) {
        engine->assessments[i]->date = date;
        for (uint32_t org = 0; org < engine->assessments[i]->org_count; org++)
            turn_mark(&engine->turns[i], org, REASON_DATE);
    }
    end_turns(engine);
}

void engine_announce(struct engine *engine, enum alert_kind kind, const char *subject, const char *key,
                     const char *text, int64_t now_ms, struct changes *changes) {
    struct alert *alert;

    changes_reset(changes);
    alert = arena_alloc(changes->arena, 1, sizeof *alert);
    engine->last_id.seq++;
    alert->id = engine->last_id;
    alert->kind = kind;
    alert->severity = kind == ALERT_FEED_RECOVERED ? SEVERITY_INFO : SEVERITY_WARNING;
    alert->time = now_ms;
    alert->cause.period = OV_DAY_NONE;
    snprintf(alert->source, sizeof alert->source, "%s", subject);
    snprintf(alert->key, sizeof alert->key, "%s", key);
    announce_words(alert, "%s", text);
    alert->detail = arena_copy(changes->arena, text, strlen(text));
    ARENA_GROW(changes->arena, changes->alerts, changes->alert_count);
    changes->alerts[changes->alert_count++] = alert;
}
