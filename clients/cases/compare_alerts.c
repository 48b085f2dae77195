/* What a paragraph expects of the alerts of its step. */
#include "clients/cases/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clients/cases/words.h"
#include "common/alloc.h"

static void put_refers(const struct play *play, struct buf *out, const struct alert *alert) {
    struct buf list;

    buf_init(&list);
    for (size_t i = 0; i < alert->refer_count; i++)
        words_add_alert(play, &list, alert->refers[i]);
    words_put(out, &list);
}

static void put_triggers(struct buf *out, const struct alert *alert) {
    struct buf list;

    buf_init(&list);
    for (size_t i = 0; i < alert->trigger_count; i++)
        words_add(&list, alert->triggers[i].trigger->id);
    words_put(out, &list);
}

/* MEASURE/PERIOD of the alert's own evidence. */
static void put_evidence(struct buf *out, const struct alert *alert) {
    char date[OV_DATE_SIZE];

    if (!alert->has_evidence)
        buf_append_char(out, '-');
    else
        buf_printf(out, "%s/%s", alert->evidence.measure->id, date_format(alert->evidence.period, date));
}

/* MEASURE=RANK/N of each measure behind the triggers of the alert. */
static void put_ranks(struct buf *out, const struct alert *alert) {
    struct buf list;

    buf_init(&list);
    for (size_t i = 0; i < alert->trigger_count; i++)
        for (size_t e = 0; e < alert->triggers[i].evidence_count; e++) {
            const struct evidence *evidence = &alert->triggers[i].evidence[e];
            char text[NAME_MAX_LEN + 32];

            snprintf(text, sizeof text, "%s=%u/%u", evidence->measure->id, evidence->rank, evidence->n);
            words_add(&list, text);
        }
    words_put(out, &list);
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
    const char *name = words_after(line, "as");

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
        words_of_line(&expected, line);
    if (alert)
        put_alert(play, &actual, alert, line);
    if (!line || !alert || strcmp(expected.data, actual.data))
        play_differs(play, number, line ? expected.data : NULL, alert ? actual.data : NULL);
    if (line && alert)
        label_alert(play, line, alert);
    buf_finish(&expected);
    buf_finish(&actual);
}

void compare_alerts(struct play *play, const struct paragraph *paragraph) {
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
