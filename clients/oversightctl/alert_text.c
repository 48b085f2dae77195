#include "clients/oversightctl/alert_text.h"

#include <stdio.h>
#include <string.h>

#include "clients/oversightctl/evidence_text.h"
#include "clients/oversightctl/style.h"

#define INDENT "    "

const char *attribution_in_words(const char *attribution) {
    static const struct {
        const char *attribution, *words;
    } table[] = {
        {"own", "because its own figures changed"},
        {"correction", "because an earlier figure of its own was corrected"},
        {"decision", "because of a decision"},
        {"rules", "because the rules or the register of organisations changed"},
        {"missing", "because it stopped reporting a figure"},
        {"period", "because a new period counts now"},
        {"peers", "because others improved: its own figures did not change"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].attribution, attribution) == 0)
            return table[i].words;
    return attribution;
}

/* 2025-06-30T03:12:45.123Z to 2025-06-30 03:12:45 */
static void append_time(struct buf *buf, const char *time) {
    char short_time[20];

    if (strlen(time) < 19) {
        append_safe(buf, time);
        return;
    }
    snprintf(short_time, sizeof(short_time), "%.10s %.8s", time, time + 11);
    append_safe(buf, short_time);
}

static void append_label(struct buf *buf, bool colour, const char *label) {
    buf_append_string(buf, INDENT);
    style_append(buf, colour, STYLE_DIM, label);
    buf_append_char(buf, ' ');
}

static void append_head(struct buf *buf, bool colour, const cJSON *event, const cJSON *data) {
    const char *severity = json_string_of(data, "severity", "?");
    char shout[16];
    size_t n = 0;

    for (; severity[n] != '\0' && n < sizeof(shout) - 1; n++)
        shout[n] = severity[n] >= 'a' && severity[n] <= 'z' ? (char)(severity[n] - 'a' + 'A') : severity[n];
    shout[n] = '\0';
    append_time(buf, json_string_of(event, "time", ""));
    buf_append_string(buf, "  ");
    style_append(buf, colour, style_of_severity(severity), shout);
    buf_append_string(buf, "  ");
    style_append(buf, colour, STYLE_BOLD, json_string_of(data, "summary", "(no summary)"));
    buf_append_char(buf, '\n');
}

static void append_segment(struct buf *buf, bool colour, int segment) {
    char text[16] = {(char)('0' + (segment >= 0 && segment <= 9 ? segment : 0)), '\0'};

    style_append(buf, colour, style_of_segment(segment), text);
}

static void append_who(struct buf *buf, bool colour, const cJSON *data) {
    const cJSON *organisation = cJSON_GetObjectItemCaseSensitive(data, "organisation");
    static const char *const places[] = {"type", "region", "system", "group"};

    if (!cJSON_IsObject(organisation))
        return;
    append_label(buf, colour, "who:     ");
    append_safe(buf, json_string_of(organisation, "code", "?"));
    buf_append_char(buf, ' ');
    append_safe(buf, json_string_of(organisation, "name", ""));
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const char *text = json_string_of(organisation, places[i], "");

        if (text[0] == '\0')
            continue;
        buf_append_string(buf, ", ");
        append_safe(buf, text);
    }
    buf_append_char(buf, '\n');
}

static void append_move(struct buf *buf, bool colour, const cJSON *data) {
    const cJSON *segment = cJSON_GetObjectItemCaseSensitive(data, "segment");
    int before = json_int_of(segment, "before", 0), after = json_int_of(segment, "after", 0);
    int official = json_int_of(segment, "official", 0);

    if (!cJSON_IsObject(segment))
        return;
    append_label(buf, colour, "segment: ");
    if (before != after) {
        append_segment(buf, colour, before);
        buf_append_string(buf, " to ");
    } else {
        buf_append_string(buf, "stays ");
    }
    append_segment(buf, colour, after);
    buf_append_string(buf, " by the figures; officially ");
    append_segment(buf, colour, official);
    if (official != 0 && official != after)
        buf_append_string(buf, ", so a decision is due");
    buf_append_char(buf, '\n');
}

static void append_why(struct buf *buf, bool colour, const cJSON *data) {
    const char *attribution = json_string_of(data, "attribution", "");
    const cJSON *cause = cJSON_GetObjectItemCaseSensitive(data, "cause");
    const char *measure = json_string_of(cause, "measure", "");

    if (attribution[0] == '\0' && !cJSON_IsObject(cause))
        return;
    append_label(buf, colour, "why:     ");
    append_safe(buf, attribution[0] != '\0' ? attribution_in_words(attribution) : "an update");
    if (cJSON_IsObject(cause)) {
        buf_append_string(buf, attribution[0] != '\0' ? " (came with " : " (");
        if (measure[0] != '\0') {
            append_safe(buf, measure);
            buf_append_string(buf, " for ");
            append_period(buf, json_string_of(cause, "period", ""));
            buf_append_string(buf, ", ");
        }
        buf_append_string(buf, "source ");
        append_safe(buf, json_string_of(cause, "source", "?"));
        buf_printf(buf, " update %.0f)", json_number_of(cause, "seq", 0));
    }
    buf_append_char(buf, '\n');
}

static void append_grounds(struct buf *buf, bool colour, const cJSON *data) {
    const cJSON *triggers = cJSON_GetObjectItemCaseSensitive(data, "triggers");
    const cJSON *evidence = cJSON_GetObjectItemCaseSensitive(data, "evidence");
    const cJSON *score = cJSON_GetObjectItemCaseSensitive(data, "score");

    if (cJSON_IsObject(evidence)) {
        append_label(buf, colour, "figure:  ");
        append_evidence(buf, evidence);
        buf_append_char(buf, '\n');
    }
    if (cJSON_IsObject(score)) {
        append_label(buf, colour, "score:   ");
        buf_printf(buf, "%.2f on average, ", json_number_of(score, "average", 0));
        append_ordinal(buf, json_int_of(score, "rank", 0));
        if (cJSON_HasObjectItem(score, "n"))
            buf_printf(buf, " of %d", json_int_of(score, "n", 0));
        buf_printf(buf, "; segment %d by the average, %d adjusted\n", json_int_of(score, "unadjusted", 0),
                   json_int_of(score, "adjusted", 0));
    }
    if (cJSON_GetArraySize(triggers) > 0) {
        append_label(buf, colour, "grounds:");
        buf_append_char(buf, '\n');
        append_triggers(buf, colour, triggers, INDENT INDENT);
    }
}

static void append_consequence(struct buf *buf, bool colour, const cJSON *data) {
    const char *consequence = json_string_of(data, "consequence", ""), *detail = json_string_of(data, "detail", "");

    if (detail[0] != '\0') {
        append_label(buf, colour, "detail:  ");
        append_safe(buf, detail);
        buf_append_char(buf, '\n');
    }
    if (consequence[0] != '\0') {
        append_label(buf, colour, "follows: ");
        append_safe(buf, consequence);
        buf_append_char(buf, '\n');
    }
}

/* The command that shows more, by what the alert is about. */
static void append_next(struct buf *buf, bool colour, const cJSON *data, const char *subject) {
    const cJSON *evidence = cJSON_GetObjectItemCaseSensitive(data, "evidence");
    const char *kind = json_string_of(data, "kind", ""), *measure = json_string_of(evidence, "measure", "");
    const char *command = "status", *option = "", *about = "";

    if (strcmp(kind, "feed.restarted") == 0) {
        command = "source show ";
        about = subject;
    } else if (strncmp(kind, "feed.", 5) != 0 && strcmp(kind, "operational") != 0) {
        command = "show ";
        about = subject;
        if (measure[0] != '\0')
            option = " --chart ";
        else if (strncmp(kind, "segment.", 8) == 0 || strncmp(kind, "alert.", 6) == 0)
            option = " --explain";
    }
    append_label(buf, colour, "see:     ");
    buf_append_string(buf, "oversightctl ");
    buf_append_string(buf, command);
    append_safe(buf, about);
    buf_append_string(buf, option);
    if (about[0] != '\0')
        append_safe(buf, measure);
    buf_append_char(buf, '\n');
}

static void append_foot(struct buf *buf, bool colour, const cJSON *event, const cJSON *data) {
    const cJSON *refers = cJSON_GetObjectItemCaseSensitive(data, "refers"), *reference;
    const cJSON *framework = cJSON_GetObjectItemCaseSensitive(data, "framework");
    const char *durability = json_string_of(data, "durability", "");
    struct buf line;

    buf_init(&line);
    buf_append_string(&line, "alert ");
    buf_append_string(&line, json_string_of(event, "id", "?"));
    buf_append_string(&line, ", ");
    buf_append_string(&line, json_string_of(data, "kind", "?"));
    if (cJSON_GetArraySize(refers) > 0)
        buf_append_string(&line, ", about");
    cJSON_ArrayForEach(reference, refers) {
        buf_append_char(&line, ' ');
        buf_append_string(&line, cJSON_IsString(reference) ? reference->valuestring : "?");
    }
    if (cJSON_IsObject(framework)) {
        buf_append_string(&line, ", rules ");
        buf_append_string(&line, json_string_of(framework, "id", "?"));
    }
    if (strcmp(durability, "memory") == 0)
        buf_append_string(&line, ", NOT YET STORED");
    buf_append_string(buf, INDENT);
    style_append(buf, colour, STYLE_DIM, line.data);
    buf_append_char(buf, '\n');
    buf_finish(&line);
}

void append_alert(struct buf *buf, bool colour, const cJSON *event) {
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");

    append_head(buf, colour, event, data);
    append_who(buf, colour, data);
    append_move(buf, colour, data);
    append_why(buf, colour, data);
    append_grounds(buf, colour, data);
    append_consequence(buf, colour, data);
    append_next(buf, colour, data, json_string_of(event, "subject", ""));
    append_foot(buf, colour, event, data);
}
