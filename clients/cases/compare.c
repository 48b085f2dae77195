/*
 * What a paragraph expects: "alert", "board", "ranking" and "outcome" lines.
 * The engine's answer is written in the words of the line that expects it, so
 * that two texts are compared.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "clients/cases/play.h"
#include "clients/cases/programmes.h"
#include "clients/cases/scores.h"

bool compare_is_expectation(const struct line *line) {
    return !strcmp(line->words[0], "alert") || !strcmp(line->words[0], "board") || !strcmp(line->words[0], "ranking") ||
           !strcmp(line->words[0], "outcome");
}

static void list_add(struct buf *list, const char *name) {
    buf_printf(list, "%s%s", list->len ? "," : "", name);
}

/* The list, or "-" for none. */
static void put_list(struct buf *out, struct buf *list) {
    buf_append_string(out, list->len ? list->data : "-");
    buf_finish(list);
}

static void put_mask(struct buf *out, const struct framework *framework, uint64_t mask) {
    struct buf list;

    buf_init(&list);
    for (size_t i = 0; i < framework->trigger_count; i++)
        if (mask >> i & 1)
            list_add(&list, framework->triggers[i].id);
    put_list(out, &list);
}

static void put_alert_id(const struct play *play, struct buf *list, struct alert_id id) {
    char text[ALERT_ID_SIZE];

    for (size_t i = 0; i < play->label_count; i++)
        if (!alert_id_compare(play->labels[i].id, id)) {
            list_add(list, play->labels[i].name);
            return;
        }
    list_add(list, alert_id_format(id, text));
}

/* The value after a name in a line, or NULL. */
static const char *word_after(const struct line *line, const char *name) {
    for (size_t i = 1; i + 1 < line->count; i++)
        if (!strcmp(line->words[i], name))
            return line->words[i + 1];
    return NULL;
}

static void put_words(struct buf *out, const struct line *line) {
    for (size_t i = 0; i < line->count; i++) {
        if (!strcmp(line->words[0], "alert") && !strcmp(line->words[i], "as")) {
            i++; /* a label is given, not compared */
            continue;
        }
        buf_printf(out, "%s%s", i ? " " : "", line->words[i]);
    }
}

/* ---- Alerts ---- */

static void put_refers(const struct play *play, struct buf *out, const struct alert *alert) {
    struct buf list;

    buf_init(&list);
    for (size_t i = 0; i < alert->refer_count; i++)
        put_alert_id(play, &list, alert->refers[i]);
    put_list(out, &list);
}

static void put_triggers(struct buf *out, const struct alert *alert) {
    struct buf list;

    buf_init(&list);
    for (size_t i = 0; i < alert->trigger_count; i++)
        list_add(&list, alert->triggers[i].trigger->id);
    put_list(out, &list);
}

/* MEASURE/PERIOD of the alert's own evidence. */
static void put_evidence(struct buf *out, const struct alert *alert) {
    char date[OV_DATE_SIZE];

    if (!alert->has_evidence)
        buf_append_char(out, '-');
    else
        buf_printf(out, "%s/%s", alert->evidence.measure->id, date_format(alert->evidence.period, date));
}

/* ORG measure/period of each measure behind the alert's triggers: rank r/n. */
static void put_ranks(struct buf *out, const struct alert *alert) {
    struct buf list;

    buf_init(&list);
    for (size_t i = 0; i < alert->trigger_count; i++)
        for (size_t e = 0; e < alert->triggers[i].evidence_count; e++) {
            const struct evidence *evidence = &alert->triggers[i].evidence[e];
            char text[NAME_MAX_LEN + 32];

            snprintf(text, sizeof text, "%s=%u/%u", evidence->measure->id, evidence->rank, evidence->n);
            list_add(&list, text);
        }
    put_list(out, &list);
}

static bool put_alert_field(const struct play *play, struct buf *out, const struct alert *alert, const char *name,
                            const char *expected) {
    if (!strcmp(name, "refers"))
        put_refers(play, out, alert);
    else if (!strcmp(name, "triggers"))
        put_triggers(out, alert);
    else if (!strcmp(name, "evidence"))
        put_evidence(out, alert);
    else if (!strcmp(name, "ranks"))
        put_ranks(out, alert);
    else if (!strcmp(name, "severity"))
        buf_append_string(out, severity_name(alert->severity));
    else if (!strcmp(name, "official"))
        buf_printf(out, "%d", alert->official);
    else if (!strcmp(name, "key"))
        buf_append_string(out, alert->key);
    else if (!strcmp(name, "cause"))
        buf_printf(out, "%s/%" PRIu64, alert->cause.source, alert->cause.seq);
    else if (!strcmp(name, "consequence"))
        buf_append_string(out, alert->consequence ? alert->consequence : "-");
    else if (!strcmp(name, "framework"))
        buf_append_string(out, alert->framework->id);
    else if (!strcmp(name, "says")) /* a part of the words for people is enough */
        buf_append_string(out, alert->detail && strstr(alert->detail, expected) ? expected
                               : alert->detail                                  ? alert->detail
                                                                                : "-");
    else
        return false;
    return true;
}

/* "alert KIND ORG [BEFORE->AFTER] ATTRIBUTION" and the fields that the line names; refers always, and
 * the segments of every segment alert. */
static void put_alert(const struct play *play, struct buf *out, const struct alert *alert, const struct line *line) {
    bool refers = false, move = !line || alert->kind == ALERT_SEGMENT_WORSENED || alert->kind == ALERT_SEGMENT_IMPROVED;

    for (size_t i = 3; line && i < line->count; i++)
        move |= strstr(line->words[i], "->") != NULL;
    buf_printf(out, "alert %s %s", alert_kind_name(alert->kind), alert_subject(alert));
    if (move)
        buf_printf(out, " %d->%d", alert->before, alert->after);
    buf_printf(out, " %s", attribution_name(alert->attribution));
    for (size_t i = 4; line && i + 1 < line->count; i++) {
        const char *name = line->words[i];

        if (strstr(line->words[i - 1], "->"))
            continue; /* the attribution */
        if (strcmp(name, "as")) {
            buf_printf(out, " %s ", name);
            if (!put_alert_field(play, out, alert, name, line->words[i + 1]))
                case_error(play->file, line->number, "an alert has no '%s'", name);
            refers |= !strcmp(name, "refers");
        }
        i++;
    }
    if (alert->refer_count && !refers) {
        buf_append_string(out, " refers ");
        put_refers(play, out, alert);
    }
}

static void label_alert(struct play *play, const struct line *line, const struct alert *alert) {
    const char *name = word_after(line, "as");

    if (!name)
        return;
    play->labels = alloc_resize(play->labels, play->label_count + 1, sizeof *play->labels);
    play->labels[play->label_count++] = (struct label){alloc_copy(name), alert->id};
}

static void compare_alert(struct play *play, const struct line *line, const struct alert *alert, unsigned number) {
    struct buf expected, actual;

    buf_init(&expected);
    buf_init(&actual);
    if (line)
        put_words(&expected, line);
    if (alert)
        put_alert(play, &actual, alert, line);
    if (!line || !alert || strcmp(expected.data, actual.data))
        play_differs(play, number, line ? expected.data : NULL, alert ? actual.data : NULL);
    if (line && alert)
        label_alert(play, line, alert);
    buf_finish(&expected);
    buf_finish(&actual);
}

static void compare_alerts(struct play *play, const struct paragraph *paragraph) {
    size_t at = 0;
    unsigned number = paragraph->lines[0].number;

    for (size_t i = 0; i < paragraph->count; i++) {
        const struct line *line = &paragraph->lines[i];

        if (strcmp(line->words[0], "alert"))
            continue;
        number = line->number;
        if (line->count < 4)
            case_error(play->file, number, "expected: alert KIND ORG [BEFORE->AFTER] ATTRIBUTION [FIELD VALUE]...");
        compare_alert(play, line, at < play->changes.alert_count ? play->changes.alerts[at] : NULL, number);
        at++;
    }
    for (; at < play->changes.alert_count; at++)
        compare_alert(play, NULL, play->changes.alerts[at], number);
    for (at = 0; at < play->changes.alert_count; at++) {
        const struct alert *alert = play->changes.alerts[at];

        buf_printf(&play->transcript, "%" PRIu64 "-%" PRIu64 " %s %s\n", alert->id.epoch, alert->id.seq,
                   alert_kind_name(alert->kind), alert->key);
    }
}

/* ---- The board ---- */

enum signal_question { ASK_HELD, ASK_MISSING, ASK_RANK, ASK_POINT };

static void put_signals(const struct play *play, struct buf *out, uint16_t f, uint32_t org, enum signal_question what) {
    const struct framework *framework = engine_framework(play->engine, f);
    struct buf list;

    buf_init(&list);
    for (uint16_t m = 0; m < framework->measure_count; m++) {
        const char *id = framework->measures[m].id;
        struct signal_row row;
        char text[NAME_MAX_LEN + 64];

        if (!engine_signal(play->engine, f, org, m, &row))
            continue;
        snprintf(text, sizeof text, "%s", id);
        if (what == ASK_RANK)
            snprintf(text, sizeof text, "%s=%u/%u", id, row.evidence.rank, row.evidence.n);
        if (what == ASK_POINT)
            snprintf(text, sizeof text, "%s=%s", id, spc_rule_name(row.rule, row.rule_high));
        if ((what == ASK_HELD && row.evidence.held) || (what == ASK_MISSING && row.evidence.unknown) ||
            (what == ASK_RANK && row.evidence.ranked) || (what == ASK_POINT && row.has_point && row.rule))
            list_add(&list, text);
    }
    put_list(out, &list);
}

static void put_open(const struct play *play, struct buf *out, const struct standing *standing) {
    struct buf list;

    buf_init(&list);
    for (size_t i = 0; i < standing->open_count; i++)
        put_alert_id(play, &list, standing->open_alerts[i]);
    put_list(out, &list);
}

static bool put_board_field(const struct play *play, struct buf *out, uint16_t f, uint32_t org, const char *name) {
    const struct framework *framework = engine_framework(play->engine, f);
    struct standing standing;
    char date[OV_DATE_SIZE];

    engine_standing(play->engine, f, org, &standing);
    if (!strcmp(name, "official"))
        buf_printf(out, "%d", standing.official);
    else if (!strcmp(name, "triggers"))
        put_mask(out, framework, standing.triggers_on);
    else if (!strcmp(name, "unknown"))
        put_mask(out, framework, standing.triggers_unknown);
    else if (!strcmp(name, "latched"))
        put_mask(out, framework, standing.triggers_latched);
    else if (!strcmp(name, "closed"))
        buf_append_string(out, standing.closed ? "yes" : "no");
    else if (!strcmp(name, "since"))
        buf_append_string(out, standing.since == OV_DAY_NONE ? "-" : date_format(standing.since, date));
    else if (!strcmp(name, "open"))
        put_open(play, out, &standing);
    else if (!strcmp(name, "held"))
        put_signals(play, out, f, org, ASK_HELD);
    else if (!strcmp(name, "missing"))
        put_signals(play, out, f, org, ASK_MISSING);
    else if (!strcmp(name, "ranks"))
        put_signals(play, out, f, org, ASK_RANK);
    else if (!strcmp(name, "points"))
        put_signals(play, out, f, org, ASK_POINT);
    else if (!strcmp(name, "programmes"))
        programmes_put(play, out, f, org);
    else if (!strcmp(name, "framework"))
        buf_append_string(out, framework->id);
    else
        return scores_put(play, out, f, org, name);
    return true;
}

static void put_board(const struct play *play, struct buf *out, const struct line *line) {
    const char *id = word_after(line, "framework");
    uint16_t f = engine_find_framework(play->engine, text_of(id ? id : ""));
    uint32_t org = play_org(play, line, line->words[1]);
    struct standing standing;

    if (f == INDEX_NONE)
        case_error(play->file, line->number, "no framework '%s'", id);
    engine_standing(play->engine, f, org, &standing);
    buf_printf(out, "board %s %d", line->words[1], standing.indicative);
    for (size_t i = 3; i + 1 < line->count; i += 2) {
        buf_printf(out, " %s ", line->words[i]);
        if (!put_board_field(play, out, f, org, line->words[i]))
            case_error(play->file, line->number, "a board has no '%s'", line->words[i]);
    }
}

/* ---- Rankings ---- */

struct rows {
    const struct engine *engine;
    struct buf quartile, decile, top, ranks;
};

static void take_row(void *context, const struct league_row *row) {
    struct rows *rows = context;
    const char *code = registry_at(engine_registry(rows->engine), row->org)->code;
    char text[ORG_CODE_MAX + 16];

    if (row->bottom_quartile)
        list_add(&rows->quartile, code);
    if (row->bottom_decile)
        list_add(&rows->decile, code);
    if (row->top_quartile)
        list_add(&rows->top, code);
    snprintf(text, sizeof text, "%s=%u", code, row->rank);
    list_add(&rows->ranks, text);
}

static uint8_t set_of(const struct play *play, const struct line *line, uint16_t f, uint16_t measure) {
    const struct framework *framework = engine_framework(play->engine, f);
    const char *type = word_after(line, "type");
    uint16_t t = type ? framework_type(framework, type) : 0;

    if (t == INDEX_NONE)
        case_error(play->file, line->number, "no type '%s'", type);
    return framework->measures[measure].peer_set[t];
}

/* The field, as far as the ranking has it; "-" otherwise. */
static void put_ranking_field(const struct play *play, struct buf *out, const struct line *line, size_t at,
                              const struct league *league, const struct rows *rows) {
    const char *name = line->words[at];
    const struct buf *list = NULL;
    char date[OV_DATE_SIZE];

    if (!strcmp(name, "type"))
        buf_append_string(out, line->words[at + 1]);
    else if (!strcmp(name, "n"))
        buf_printf(out, "%u", league->n);
    else if (!strcmp(name, "period"))
        buf_append_string(out, league->n ? date_format(league->period, date) : "-");
    else if (!strcmp(name, "bottom"))
        list = &rows->quartile;
    else if (!strcmp(name, "decile"))
        list = &rows->decile;
    else if (!strcmp(name, "top"))
        list = &rows->top;
    else if (!strcmp(name, "ranks"))
        list = &rows->ranks;
    else
        case_error(play->file, line->number, "a ranking has no '%s'", name);
    if (list)
        buf_append_string(out, list->len ? list->data : "-");
}

/* ranking MEASURE PERIOD|newest effective|waiting|none [FIELD VALUE]... */
static void put_ranking(const struct play *play, struct buf *out, const struct line *line) {
    struct rows rows = {.engine = play->engine};
    struct league league = {0};
    uint16_t f = 0, measure;
    bool there;
    ov_day period;

    if (line->count < 4)
        case_error(play->file, line->number, "expected: ranking MEASURE PERIOD effective|waiting|none");
    measure = play_measure(play, line, line->words[1], &f);
    period = strcmp(line->words[2], "newest") ? play_period(play, line, line->words[2]) : OV_DAY_NONE;
    buf_init(&rows.quartile);
    buf_init(&rows.decile);
    buf_init(&rows.top);
    buf_init(&rows.ranks);
    there = engine_league(play->engine, f, measure, set_of(play, line, f, measure), period, &league, take_row, &rows);
    buf_printf(out, "ranking %s %s %s", line->words[1], line->words[2],
               !there             ? "none"
               : league.effective ? "effective"
                                  : "waiting");
    for (size_t i = 4; i + 1 < line->count; i += 2) {
        buf_printf(out, " %s ", line->words[i]);
        put_ranking_field(play, out, line, i, &league, &rows);
    }
    buf_finish(&rows.quartile);
    buf_finish(&rows.decile);
    buf_finish(&rows.top);
    buf_finish(&rows.ranks);
}

static void put_outcome(const struct play *play, struct buf *out, const struct line *line) {
    const struct changes *changes = &play->changes;

    buf_append_string(out, "outcome");
    for (size_t i = 1; i + 1 < line->count; i += 2) {
        const char *name = line->words[i];
        uint64_t count = 0;

        if (!strcmp(name, "accepted"))
            count = changes->accepted;
        else if (!strcmp(name, "duplicate"))
            count = changes->duplicate;
        else if (!strcmp(name, "superseded"))
            count = changes->superseded;
        else if (!strcmp(name, "refused"))
            count = changes->refused;
        else if (!strcmp(name, "through"))
            count = changes->through;
        else
            case_error(play->file, line->number, "an outcome has no '%s'", name);
        buf_printf(out, " %s %" PRIu64, name, count);
    }
}

void compare_step(struct play *play, const struct paragraph *paragraph) {
    compare_alerts(play, paragraph);
    for (size_t i = 0; i < paragraph->count; i++) {
        const struct line *line = &paragraph->lines[i];
        struct buf expected, actual;

        if (!compare_is_expectation(line) || !strcmp(line->words[0], "alert"))
            continue;
        buf_init(&expected);
        buf_init(&actual);
        put_words(&expected, line);
        if (!strcmp(line->words[0], "board") && line->count >= 3)
            put_board(play, &actual, line);
        else if (!strcmp(line->words[0], "ranking"))
            put_ranking(play, &actual, line);
        else
            put_outcome(play, &actual, line);
        if (strcmp(expected.data, actual.data))
            play_differs(play, line->number, expected.data, actual.data);
        buf_finish(&expected);
        buf_finish(&actual);
    }
}
