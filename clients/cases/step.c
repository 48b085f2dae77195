/* The steps of a case: messages, dates, new rules, restarts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cases/play.h"
#include "clients/cases/programmes.h"
#include "common/alloc.h"

#define NOW 1620000000000 /* stamps every alert */

/* A message under construction; texts point into the words of the case. */
struct draft {
    struct message message;
    uint64_t seq;
};

static struct item *add_item(struct draft *draft, enum item_kind kind) {
    struct message *message = &draft->message;

    message->items = alloc_resize(message->items, message->count + 1, sizeof *message->items);
    message->items[message->count] = (struct item){.kind = kind, .seq = draft->seq++};
    return &message->items[message->count++];
}

static struct value value_of(const char *text) {
    struct value value = {.type = VALUE_WORD, .word = text_of(text)};
    double number;

    if (!strcmp(text, "null")) {
        value.type = VALUE_NULL;
    } else if (!strcmp(text, "true") || !strcmp(text, "false")) {
        value.type = VALUE_BOOLEAN;
        value.boolean = !strcmp(text, "true");
    } else if (text_to_double(text_of(text), &number)) {
        value.type = VALUE_NUMBER;
        value.number = number;
    }
    return value;
}

static uint64_t number_of(const struct play *play, const struct line *line, const char *text) {
    uint64_t number;

    if (!text_to_uint64(text_of(text), &number))
        case_error(play->file, line->number, "'%s' is no number", text);
    return number;
}

/* figures MEASURE PERIOD ORG=VALUE... [revision N] */
static void add_figures(struct play *play, const struct line *line, struct draft *draft) {
    size_t count = line->count;
    uint32_t revision = 0;

    if (count >= 6 && !strcmp(line->words[count - 2], "revision")) {
        revision = (uint32_t)number_of(play, line, line->words[count - 1]);
        count -= 2;
    }
    if (count < 4)
        case_error(play->file, line->number, "expected: figures MEASURE PERIOD ORG=VALUE... [revision N]");
    for (size_t i = 3; i < count; i++) {
        const char *equals = strchr(line->words[i], '=');
        struct item *item;

        if (!equals)
            case_error(play->file, line->number, "'%s': expected ORG=VALUE", line->words[i]);
        item = add_item(draft, ITEM_FIGURE);
        item->org = (struct text){line->words[i], (size_t)(equals - line->words[i])};
        item->figure = (struct figure_item){.measure = text_of(line->words[1]),
                                            .period = play_period(play, line, line->words[2]),
                                            .value = value_of(equals + 1),
                                            .revision = revision};
    }
}

/* series MEASURE ORG PERIOD VALUE...: consecutive periods; '-' leaves one out */
static void add_series(struct play *play, const struct line *line, struct draft *draft) {
    uint16_t framework = 0, measure;
    enum frequency frequency;
    ov_day period;

    if (line->count < 5)
        case_error(play->file, line->number, "expected: series MEASURE ORG PERIOD VALUE...");
    measure = play_measure(play, line, line->words[1], &framework);
    frequency = engine_framework(play->engine, framework)->measures[measure].frequency;
    period = play_period(play, line, line->words[3]);
    for (size_t i = 4; i < line->count; i++, period = period_add(frequency, period, 1)) {
        struct item *item;

        if (!strcmp(line->words[i], "-"))
            continue;
        item = add_item(draft, ITEM_FIGURE);
        item->org = text_of(line->words[2]);
        item->figure = (struct figure_item){
            .measure = text_of(line->words[1]), .period = period, .value = value_of(line->words[i])};
    }
}

/* decide ORG SEGMENT from DATE [trigger TRIGGER] [framework FRAMEWORK] */
static void add_decision(struct play *play, const struct line *line, struct draft *draft) {
    struct item *item;

    if (line->count < 5 || line->count % 2 == 0 || strcmp(line->words[3], "from"))
        case_error(play->file, line->number, "expected: decide ORG SEGMENT from DATE [trigger ID] [framework ID]");
    item = add_item(draft, ITEM_DECISION);
    item->org = text_of(line->words[1]);
    item->decision = (struct decision_item){.segment = (int)number_of(play, line, line->words[2]),
                                            .effective = play_period(play, line, line->words[4]),
                                            .decided_by = TEXT_OF("Regional support group"),
                                            .reason = TEXT_OF("reviewed")};
    for (size_t i = 5; i < line->count; i += 2)
        if (!strcmp(line->words[i], "trigger"))
            item->decision.trigger = text_of(line->words[i + 1]);
        else if (!strcmp(line->words[i], "framework"))
            item->decision.framework = text_of(line->words[i + 1]);
        else
            case_error(play->file, line->number, "a decision has no '%s'", line->words[i]);
}

/* A line of a message; false when it is none. */
static bool add_line(struct play *play, const struct line *line, struct draft *draft) {
    const char *what = line->words[0];

    if (!strcmp(what, "figures"))
        add_figures(play, line, draft);
    else if (!strcmp(what, "series"))
        add_series(play, line, draft);
    else if (!strcmp(what, "decide"))
        add_decision(play, line, draft);
    else if (!strcmp(what, "programme"))
        programmes_take(play, line, add_item(draft, ITEM_PROGRAMME));
    else if (!strcmp(what, "skip"))
        add_item(draft, ITEM_SKIP);
    else if (!strcmp(what, "baseline"))
        draft->message.baseline = true;
    else if (!strcmp(what, "seq") && line->count == 2)
        draft->seq = number_of(play, line, line->words[1]);
    else if (!strcmp(what, "source") && line->count == 2) {
        text_copy(play->source, sizeof play->source, text_of(line->words[1]));
        draft->seq = engine_source_last(play->engine, text_of(play->source)) + 1;
    } else
        return false;
    return true;
}

/* ---- Loading ---- */

struct loading {
    const struct engine *from;
    struct engine *to;
};

static const char *code_of(const struct engine *engine, uint32_t org) {
    return registry_at(engine_registry(engine), org)->code;
}

static void load_figure(void *context, const struct figure_change *figure) {
    struct loading *loading = context;

    if (!engine_load_figure(loading->to, text_of(figure->measure), figure->period,
                            text_of(code_of(loading->from, figure->org)), &figure->value, figure->revision))
        abort();
}

static void load_decision(void *context, const struct decision_change *decision) {
    struct loading *loading = context;

    if (!engine_load_decision(loading->to, text_of(code_of(loading->from, decision->org)), decision->item,
                              text_of(decision->source), decision->seq))
        abort();
}

/* What a store would give back: texts and records, nothing else. */
static void load_all(struct loading *loading, struct changes *scratch) {
    const struct engine *from = loading->from;
    uint32_t orgs = registry_count(engine_registry(from));

    engine_set_alert_id(loading->to, engine_last_alert_id(from));
    engine_load_date(loading->to, engine_date(from));
    for (size_t i = 0; i < engine_source_count(from); i++) {
        uint64_t last;
        const char *source = engine_source_at(from, i, &last);

        engine_load_source(loading->to, text_of(source), last);
    }
    engine_figures(from, load_figure, loading);
    for (uint32_t org = 0; org < orgs; org++) {
        engine_decisions(from, org, load_decision, loading);
        programmes_load(from, loading->to, org);
        for (uint16_t f = 0; f < engine_framework_count(from); f++)
            if (!engine_load_verdict(loading->to, f, org, engine_verdict_state(from, f, org, scratch)))
                abort();
    }
    engine_load_dormant(from, loading->to); /* a store has not lost it */
}

static void compare_standing(struct play *play, const struct engine *before, unsigned number, uint16_t f,
                             uint32_t org) {
    struct standing a, b;
    struct changes scratch;
    const char *was, *is;

    changes_init(&scratch);
    was = engine_verdict_state(before, f, org, &scratch);
    is = engine_verdict_state(play->engine, f, org, &scratch);
    if (strcmp(was, is))
        play_differs(play, number, was, is);
    engine_standing(before, f, org, &a);
    engine_standing(play->engine, f, org, &b);
    if (a.indicative != b.indicative || a.official != b.official || a.triggers_on != b.triggers_on ||
        a.triggers_unknown != b.triggers_unknown || a.triggers_latched != b.triggers_latched || a.since != b.since ||
        a.closed != b.closed || a.open_count != b.open_count)
        play_differs(play, number, "the same standing after a restart", code_of(before, org));
    changes_finish(&scratch);
}

void step_restart(struct play *play, unsigned number) {
    struct engine *before = play->engine;
    struct loading loading = {before, rules_engine(&play->rules)};
    struct changes scratch;

    changes_init(&scratch);
    load_all(&loading, &scratch);
    play->engine = loading.to;
    engine_loaded(play->engine, false, NOW, &scratch);
    if (scratch.alert_count)
        play_differs(play, number, "no alerts after a restart", scratch.alerts[0]->key);
    if (scratch.verdict_count)
        play_differs(play, number, "no verdict changed by a restart", code_of(before, scratch.verdicts[0].org));
    for (uint32_t org = 0; org < registry_count(engine_registry(before)); org++)
        for (uint16_t f = 0; f < engine_framework_count(before); f++)
            compare_standing(play, before, number, f, org);
    changes_finish(&scratch);
    engine_destroy(before);
}

static void renew(struct play *play) {
    struct engine *from = play->engine;

    play->engine = rules_engine(&play->rules);
    engine_renew(from, play->engine);
    engine_loaded(play->engine, true, NOW, &play->changes);
    engine_destroy(from);
}

static void apply(struct play *play, struct draft *draft) {
    draft->message.source = text_of(play->source);
    engine_apply(play->engine, &draft->message, NOW, &play->changes);
}

/* freeze PERIOD [framework FRAMEWORK] [refused "text"] */
static void freeze(struct play *play, const struct line *line) {
    const char *refused = NULL, *wrong;
    uint16_t framework = 0;

    if (line->count % 2 != 0)
        case_error(play->file, line->number, "expected: freeze PERIOD [framework FRAMEWORK] [refused \"text\"]");
    for (size_t i = 2; i < line->count; i += 2) {
        if (!strcmp(line->words[i], "refused"))
            refused = line->words[i + 1];
        else if (strcmp(line->words[i], "framework"))
            case_error(play->file, line->number, "a freeze has no '%s'", line->words[i]);
        else if ((framework = engine_find_framework(play->engine, text_of(line->words[i + 1]))) == INDEX_NONE)
            case_error(play->file, line->number, "no framework '%s'", line->words[i + 1]);
    }
    wrong = engine_freeze(play->engine, framework, play_period(play, line, line->words[1]), NOW, &play->changes);
    if (refused && (!wrong || !strstr(wrong, refused)))
        play_differs(play, line->number, refused, wrong ? wrong : "it was done");
    else if (!refused && wrong)
        play_differs(play, line->number, "freeze", wrong);
}

bool step_do(struct play *play, const struct paragraph *paragraph) {
    struct draft draft = {.seq = play->engine ? engine_source_last(play->engine, text_of(play->source)) + 1 : 1};
    ov_day date = OV_DAY_NONE;
    bool rules = false, restart = false, opening = !play->engine;
    const struct line *frozen = NULL;

    for (size_t i = 0; i < paragraph->count; i++) {
        const struct line *line = &paragraph->lines[i];

        if (rules_take(&play->rules, line))
            rules = true;
        else if (opening)
            case_error(play->file, line->number, "'%s' among the opening rules", line->words[0]);
        else if (!strcmp(line->words[0], "date") && line->count == 2)
            date = play_period(play, line, line->words[1]);
        else if (!strcmp(line->words[0], "restart"))
            restart = true;
        else if (!strcmp(line->words[0], "freeze"))
            frozen = line;
        else if (!add_line(play, line, &draft) && !compare_is_expectation(line))
            case_error(play->file, line->number, "'%s' is nothing a case can say", line->words[0]);
    }
    if (rules + restart + (frozen != NULL) + (date != OV_DAY_NONE) + (draft.message.count > 0) > 1)
        case_error(play->file, paragraph->lines[0].number, "a paragraph is one step");
    if (opening)
        play->engine = rules_engine(&play->rules);
    else if (rules)
        renew(play);
    else if (restart)
        step_restart(play, paragraph->lines[0].number);
    else if (frozen)
        freeze(play, frozen);
    else if (date != OV_DAY_NONE)
        engine_tick(play->engine, date, NOW, &play->changes);
    else if (draft.message.count)
        apply(play, &draft);
    if (opening || restart || !(rules || frozen || date != OV_DAY_NONE || draft.message.count)) {
        changes_finish(&play->changes); /* nothing happened, so nothing is announced */
        changes_init(&play->changes);
    }
    free(draft.message.items);
    return !opening;
}
