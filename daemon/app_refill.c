#include "daemon/app_refill.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/json_write.h"
#include "daemon/app_state.h"

#define LOOKS 20000       /* places where a figure may be, per slice */
#define ORGANISATIONS 500 /* per slice */
#define NAME_SIZE 128     /* more than any name has */

enum stage { REFILL_NONE, REFILL_FIGURES, REFILL_ORGANISATIONS, REFILL_DORMANT, REFILL_POSITIONS };

struct refill {
    struct app *app;
    enum stage stage;
    struct figure_cursor figures;
    uint32_t org;
    struct store_step *step; /* the slice under construction */
    struct changes texts;    /* of verdicts, for the slice */
};

struct refill *refill_create(struct app *app) {
    struct refill *refill = alloc_zero(1, sizeof *refill);

    refill->app = app;
    return refill;
}

void refill_destroy(struct refill *refill) {
    free(refill);
}

void refill_begin(struct refill *refill) {
    refill->stage = REFILL_FIGURES;
    refill->figures = FIGURE_CURSOR_START;
    refill->org = 0;
}

void refill_again(struct refill *refill) {
    if (refill->stage != REFILL_NONE)
        refill_begin(refill);
}

/* ---- Figures and organisations ---- */

static void begin_column(void *context, const char *measure, ov_day period) {
    const struct refill *refill = context;
    char date[OV_DATE_SIZE];

    store_step_figures_anew(refill->step, measure, date_format(period, date));
}

static void put_figure(void *context, const struct figure_change *figure) {
    const struct refill *refill = context;
    char date[OV_DATE_SIZE];

    /* A slice may begin inside a column. */
    app_record_figure(refill->app, refill->step,
                      store_step_column(refill->step, figure->measure, date_format(figure->period, date)), figure);
}

static const char *code_of(const struct refill *refill) {
    return registry_at(engine_registry(refill->app->engine), refill->org)->code;
}

static void put_decision(void *context, const struct decision_change *decision) {
    const struct refill *refill = context;

    app_record_decision(refill->step, code_of(refill), engine_framework(refill->app->engine, decision->framework)->id,
                        decision->item, decision->source, decision->seq);
}

static void put_dormant(const struct refill *refill, const char *org, const struct decision_item *item,
                        struct text source, uint64_t seq) {
    char framework[NAME_SIZE], from[NAME_SIZE];

    text_copy(framework, sizeof framework, item->framework);
    text_copy(from, sizeof from, source);
    app_record_decision(refill->step, org, framework, item, from, seq);
}

/* Decisions that fit the rules no more, beside those of the same organisation that do. */
static void put_decision_beside(void *context, struct text org, const struct decision_item *item, struct text source,
                                uint64_t seq) {
    const struct refill *refill = context;

    if (text_equal(org, code_of(refill)))
        put_dormant(refill, code_of(refill), item, source, seq);
}

static void put_organisation(struct refill *refill) {
    struct app *app = refill->app;
    struct standing standing;
    const char *programme;

    engine_decisions(app->engine, refill->org, put_decision, refill);
    engine_dormant_decisions(app->engine, put_decision_beside, refill);
    for (size_t i = 0; (programme = engine_programme_name(app->engine, refill->org, i)); i++)
        app_record_programme(app, refill->step, refill->org, programme);
    for (uint16_t f = 0; f < engine_framework_count(app->engine); f++) {
        app_record_verdict(app, refill->step, f, refill->org, &refill->texts);
        engine_standing(app->engine, f, refill->org, &standing);
        for (size_t i = 0; i < standing.move_count; i++)
            if (standing.moves[i].alert.epoch)
                app_record_move(refill->step, engine_framework(app->engine, f)->id, code_of(refill),
                                &standing.moves[i]);
    }
}

/* True when there are more. */
static bool put_organisations(struct refill *refill) {
    uint32_t all = registry_count(engine_registry(refill->app->engine));

    for (size_t left = ORGANISATIONS; left && refill->org < all; left--, refill->org++)
        put_organisation(refill);
    return refill->org < all;
}

/* ---- What fits the rules no more ---- */

static bool is_known(const struct refill *refill, struct text org) {
    return registry_find(engine_registry(refill->app->engine), org) != ORG_NONE;
}

static void put_dormant_figure(void *context, struct text measure, ov_day period, struct text org,
                               const struct value *value, uint32_t revision) {
    const struct refill *refill = context;
    char bytes[FIGURE_BYTES], date[OV_DATE_SIZE], name[NAME_SIZE], code[NAME_SIZE];
    size_t len = app_figure_write(value, revision, bytes);

    text_copy(name, sizeof name, measure);
    text_copy(code, sizeof code, org);
    store_step_figure(refill->step, name, date_format(period, date), code, (struct text){bytes, len});
}

static void put_dormant_decision(void *context, struct text org, const struct decision_item *item, struct text source,
                                 uint64_t seq) {
    const struct refill *refill = context;
    char code[NAME_SIZE];

    text_copy(code, sizeof code, org);
    if (!is_known(refill, org))
        put_dormant(refill, code, item, source, seq);
}

static void put_dormant_verdict(void *context, struct text framework, struct text org, const char *state) {
    const struct refill *refill = context;
    const struct store_field field = {text_of("state"), text_of(state)};
    char id[NAME_SIZE], code[NAME_SIZE];

    text_copy(id, sizeof id, framework);
    text_copy(code, sizeof code, org);
    store_step_verdict(refill->step, id, code, &field, 1);
}

/* The steps of one programme of one organisation, as one list. */
struct gathering {
    struct text org, programme;
    struct json_writer json;
};

static bool same(struct text a, struct text b) {
    return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

static void gather_step(void *context, struct text org, const struct programme_item *item, struct text source,
                        uint64_t seq) {
    struct gathering *gathering = context;
    char from[NAME_SIZE];

    if (!same(org, gathering->org) || !same(item->programme, gathering->programme))
        return;
    text_copy(from, sizeof from, source);
    app_programme_step(&gathering->json, &(struct programme_step){*item, from, seq});
}

static void put_dormant_step(void *context, struct text org, const struct programme_item *item, struct text source,
                             uint64_t seq) {
    const struct refill *refill = context;
    struct gathering gathering = {.org = org, .programme = item->programme};
    char code[NAME_SIZE], programme[NAME_SIZE];
    struct buf text;

    (void)source;
    (void)seq;
    buf_init(&text);
    json_init(&gathering.json, &text);
    json_array(&gathering.json, NULL);
    engine_dormant_steps(refill->app->engine, gather_step, &gathering);
    json_array_end(&gathering.json);
    text_copy(code, sizeof code, org);
    text_copy(programme, sizeof programme, item->programme);
    store_step_programme(refill->step, code, programme, (struct text){text.data, text.len});
    buf_finish(&text);
}

static void put_all_dormant(struct refill *refill) {
    const struct engine *engine = refill->app->engine;

    engine_dormant_figures(engine, put_dormant_figure, refill);
    engine_dormant_decisions(engine, put_dormant_decision, refill);
    engine_dormant_steps(engine, put_dormant_step, refill);
    engine_dormant_verdicts(engine, put_dormant_verdict, refill);
}

/* ---- Slices ---- */

static void put_positions(const struct refill *refill) {
    const struct engine *engine = refill->app->engine;
    char date[OV_DATE_SIZE], *digest = app_rules_digest(engine);

    store_step_meta(refill->step, "rules", text_of(digest));
    store_step_meta(refill->step, "date", text_of(date_format(engine_date(engine), date)));
    app_note_published(refill->app, refill->step);
    for (size_t i = 0; i < engine_source_count(engine); i++) {
        uint64_t last;
        const char *source = engine_source_at(engine, i, &last);

        store_step_source(refill->step, source, last);
    }
    free(digest);
}

void refill_slice(struct refill *refill) {
    struct app *app = refill->app;
    bool ended = refill->stage == REFILL_POSITIONS || refill->stage == REFILL_NONE;

    if (ended)
        app_commit_now(app); /* with its last step the store is as the engine is now */
    refill->step = store_refill_begin(app->store);
    changes_init(&refill->texts);
    switch (refill->stage) {
    case REFILL_NONE:
        break;
    case REFILL_FIGURES:
        if (!engine_figures_next(app->engine, &refill->figures, LOOKS, begin_column, put_figure, refill))
            refill->stage = REFILL_ORGANISATIONS;
        break;
    case REFILL_ORGANISATIONS:
        if (!put_organisations(refill))
            refill->stage = REFILL_DORMANT;
        break;
    case REFILL_DORMANT:
        put_all_dormant(refill);
        refill->stage = REFILL_POSITIONS;
        break;
    case REFILL_POSITIONS:
        put_positions(refill);
        refill->stage = REFILL_NONE;
        break;
    }
    store_step_commit(refill->step, NULL);
    changes_finish(&refill->texts);
    if (ended)
        store_refilled(app->store);
}
