#include "clients/oversightctl/explain_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/oversightctl/evidence_text.h"

const char *variation_text(const char *name) {
    static const char *const words[][2] = {
        {"improvement-high", "special cause improvement (H)"},
        {"improvement-low", "special cause improvement (L)"},
        {"concern-high", "special cause concern (H)"},
        {"concern-low", "special cause concern (L)"},
        {"neutral-high", "special cause (H)"},
        {"neutral-low", "special cause (L)"},
        {"common-cause", "common cause"},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i][0], name) == 0)
            return words[i][1];
    return name;
}

const char *variation_short(const char *name) {
    static const char prefix[] = "special cause ";
    const char *text = variation_text(name);

    return strncmp(text, prefix, sizeof(prefix) - 1) == 0 && text[sizeof(prefix) - 1] != '(' ? text + sizeof(prefix) - 1
                                                                                             : text;
}

enum style style_of_variation(const char *variation) {
    if (strncmp(variation, "concern", 7) == 0)
        return STYLE_YELLOW;
    return strncmp(variation, "improvement", 11) == 0 ? STYLE_CYAN : STYLE_PLAIN;
}

static void append_plural(struct buf *buf, int count, const char *one) {
    buf_printf(buf, "%d %s%s", count, one, count == 1 ? "" : "s");
}

static void append_number_unit(struct buf *buf, double number, const char *unit) {
    cJSON *value = cJSON_CreateNumber(number);

    append_value_unit(buf, value, unit);
    cJSON_Delete(value);
}

/* ---- What turns it over ---- */

/* "at 71.2%", "beyond 71.2%". */
static void append_bound(struct buf *buf, const cJSON *turn, const char *unit) {
    buf_append_string(buf, json_is_true(turn, "beyond") ? "beyond " : "at ");
    append_number_unit(buf, json_number_of(turn, "figure", 0), unit);
    buf_append_string(buf, ", ");
    append_number_unit(buf, json_number_of(turn, "distance", 0), unit);
    if (cJSON_HasObjectItem(turn, "places")) {
        buf_append_string(buf, " or ");
        append_plural(buf, json_int_of(turn, "places", 0), "place");
    }
    buf_append_string(buf, " away");
}

static void append_turn(struct buf *buf, const cJSON *look) {
    const cJSON *turn = cJSON_GetObjectItemCaseSensitive(look, "turn");
    const char *by = json_string_of(turn, "by", "never");
    int periods = json_int_of(turn, "periods", 0);

    if (strcmp(by, "move") == 0) {
        buf_append_string(buf, json_is_true(look, "holds") ? "; ends " : "; begins ");
        append_bound(buf, turn, json_string_of(look, "unit", ""));
    } else if (periods > 0) {
        buf_append_string(buf, "; at the earliest after ");
        append_plural(buf, periods, "more period");
    }
}

static void append_way(struct buf *buf, const cJSON *ground, const char *unit) {
    const cJSON *way = cJSON_GetObjectItemCaseSensitive(ground, "way");
    bool on = json_is_true(ground, "on") || json_is_true(ground, "met");
    const char *by = json_string_of(way, "by", "none");
    int measures = json_int_of(way, "measures", 0), periods = json_int_of(way, "periods", 0);

    if (strcmp(by, "decision") == 0) {
        buf_append_string(buf, on ? "ends by a decision only" : "depends on decisions");
    } else if (strcmp(by, "time") == 0) {
        buf_append_string(buf, "its condition has gone; it goes off in time");
    } else if (strcmp(by, "none") == 0) {
        buf_append_string(buf, on ? "no figure of now can end it" : "no figure of now can bring it about");
    } else if (measures > 0) {
        buf_append_string(buf, on ? "to end: " : "to begin: ");
        append_plural(buf, measures, "measure");
        buf_append_string(buf, measures > 1 ? ", the furthest " : ", ");
        append_safe(buf, json_string_of(way, "measure", "?"));
        if (cJSON_HasObjectItem(way, "figure")) {
            buf_append_char(buf, ' ');
            append_bound(buf, way, unit);
        }
    } else {
        buf_append_string(buf, "its condition holds; it waits for another ground");
    }
    if (periods > 1)
        buf_printf(buf, ", and to stay so for %d periods", periods);
}

/* ---- What it looks at ---- */

static void append_look(struct buf *buf, const cJSON *look) {
    if (!cJSON_HasObjectItem(look, "period")) {
        append_safe(buf, json_string_of(look, "measure", "?"));
        buf_append_string(buf, ": no figure");
    } else {
        append_evidence(buf, look);
    }
    if (cJSON_HasObjectItem(look, "run"))
        buf_printf(buf, "; %d running", json_int_of(look, "run", 0));
    append_turn(buf, look);
}

static void append_asks(struct buf *buf, const cJSON *ground) {
    const cJSON *asks = cJSON_GetObjectItemCaseSensitive(ground, "asks");
    const cJSON *shows = cJSON_GetObjectItemCaseSensitive(ground, "shows");
    int themes = json_int_of(asks, "themes", 1), periods = json_int_of(asks, "for", 1);

    append_word(buf, json_string_of(ground, "signal", "?"));
    if (cJSON_HasObjectItem(asks, "at_most")) {
        buf_append_string(buf, " on at most ");
        append_plural(buf, json_int_of(asks, "at_most", 0), "measure");
    } else {
        buf_append_string(buf, " on at least ");
        append_plural(buf, json_int_of(asks, "measures", 1), "measure");
    }
    if (themes > 1)
        buf_printf(buf, " in %d themes", themes);
    if (periods > 1)
        buf_printf(buf, ", %d periods running", periods);
    buf_printf(buf, "; now %d", json_int_of(shows, "measures", 0));
    if (themes > 1)
        buf_printf(buf, " in %d", json_int_of(shows, "themes", 0));
}

/* The unit of the measure that the way names. */
static const char *unit_of(const cJSON *ground) {
    const char *measure = json_string_of(cJSON_GetObjectItemCaseSensitive(ground, "way"), "measure", "");
    const cJSON *look;

    cJSON_ArrayForEach(look, cJSON_GetObjectItemCaseSensitive(ground, "measures")) {
        if (strcmp(json_string_of(look, "measure", ""), measure) == 0)
            return json_string_of(look, "unit", "");
    }
    return "";
}

static void append_state(struct buf *buf, bool colour, const cJSON *ground) {
    bool condition = cJSON_HasObjectItem(ground, "met");
    bool on = json_is_true(ground, condition ? "met" : "on");
    const char *kept = json_string_of(ground, "kept_by", "");

    if (condition)
        style_append(buf, colour, on ? STYLE_GREEN : STYLE_DIM, on ? "[met]     " : "[not met] ");
    else
        style_append(buf, colour, on ? STYLE_RED : STYLE_DIM, on ? "[on]  " : "[off] ");
    style_append(buf, colour, STYLE_BOLD, json_string_of(ground, "title", json_string_of(ground, "id", "?")));
    if (cJSON_HasObjectItem(ground, "since")) {
        buf_append_string(buf, ", since ");
        append_period(buf, json_string_of(ground, "since", ""));
    }
    if (strcmp(kept, "latched") == 0)
        buf_append_string(buf, ", kept until a decision releases it");
    else if (kept[0] != '\0')
        buf_append_string(buf, ", kept on until its condition has been gone for long enough");
    if (json_is_true(ground, "unknown"))
        buf_append_string(buf, " - data missing");
    if (json_int_of(ground, "requires_segment", 0) > 0)
        buf_printf(buf, "; only with segment %d officially or by another ground: %s",
                   json_int_of(ground, "requires_segment", 0),
                   json_is_true(ground, "supported") ? "so it is" : "not so");
}

void append_ground(struct buf *buf, bool colour, const cJSON *ground, const char *indent) {
    const cJSON *look;

    buf_append_string(buf, indent);
    append_state(buf, colour, ground);
    buf_printf(buf, "\n%s      asks: ", indent);
    append_asks(buf, ground);
    buf_append_char(buf, '\n');
    cJSON_ArrayForEach(look, cJSON_GetObjectItemCaseSensitive(ground, "measures")) {
        buf_printf(buf, "%s      %s ", indent, json_is_true(look, "holds") ? "*" : "-");
        append_look(buf, look);
        buf_append_char(buf, '\n');
    }
    buf_printf(buf, "%s      ", indent);
    append_way(buf, ground, unit_of(ground));
    buf_append_char(buf, '\n');
}

/* ---- Steps ---- */

void append_domains(struct buf *buf, const cJSON *domains) {
    const cJSON *domain;
    const char *between = "";

    cJSON_ArrayForEach(domain, domains) {
        buf_append_string(buf, between);
        append_safe(buf, json_string_of(domain, "theme", "?"));
        buf_printf(buf, " %.2f", json_number_of(domain, "score", 0));
        between = ", ";
    }
}

static void append_scores(struct buf *buf, const cJSON *step) {
    const cJSON *score;

    cJSON_ArrayForEach(score, cJSON_GetObjectItemCaseSensitive(step, "scores")) {
        buf_printf(buf, "     %.2f ", json_number_of(score, "score", 0));
        append_safe(buf, json_string_of(score, "measure", "?"));
        buf_append_string(buf, " (");
        append_safe(buf, json_string_of(score, "theme", ""));
        if (json_number_of(score, "weight", 1) < 1 || json_number_of(score, "weight", 1) > 1)
            buf_printf(buf, ", weight %.4g", json_number_of(score, "weight", 1));
        buf_append_char(buf, ')');
        if (cJSON_HasObjectItem(score, "value")) {
            buf_append_string(buf, ": ");
            append_value(buf, cJSON_GetObjectItemCaseSensitive(score, "value"));
            buf_append_string(buf, " in ");
            append_period(buf, json_string_of(score, "period", ""));
        }
        if (cJSON_HasObjectItem(score, "rank"))
            buf_printf(buf, ", %d of %d", json_int_of(score, "rank", 0), json_int_of(score, "n", 0));
        buf_append_char(buf, '\n');
    }
}

static void append_result(struct buf *buf, const cJSON *step) {
    const cJSON *average = cJSON_GetObjectItemCaseSensitive(step, "average"), *cut;

    if (cJSON_HasObjectItem(step, "holds"))
        buf_append_string(buf, json_is_true(step, "holds") ? ": yes" : ": no");
    if (cJSON_IsNumber(average))
        buf_printf(buf, ": %.6f", average->valuedouble);
    if (cJSON_HasObjectItem(step, "cuts"))
        buf_append_string(buf, "; cuts");
    cJSON_ArrayForEach(cut, cJSON_GetObjectItemCaseSensitive(step, "cuts")) buf_printf(buf, " %.6g", cut->valuedouble);
    if (cJSON_HasObjectItem(step, "segment"))
        buf_printf(buf, ": %d", json_int_of(step, "segment", 0));
    if (json_is_true(step, "unknown"))
        buf_append_string(buf, " (of an earlier period: nothing newer is reported)");
}

static void append_decisions(struct buf *buf, const cJSON *reply) {
    const cJSON *decision;

    cJSON_ArrayForEach(decision, cJSON_GetObjectItemCaseSensitive(reply, "decisions")) {
        buf_printf(buf, "  decided: %d from ", json_int_of(decision, "segment", 0));
        append_safe(buf, json_string_of(decision, "effective", "?"));
        buf_append_string(buf, " by ");
        append_safe(buf, json_string_of(decision, "decided_by", "?"));
        buf_append_string(buf, ": ");
        append_safe(buf, json_string_of(decision, "reason", ""));
        buf_append_char(buf, '\n');
    }
}

void append_explanation(struct buf *buf, bool colour, const cJSON *reply) {
    const cJSON *step, *ground;
    int decided = json_int_of(reply, "decided", 0);

    style_append(buf, colour, STYLE_BOLD, json_string_of(reply, "code", "?"));
    buf_append_char(buf, ' ');
    style_append(buf, colour, STYLE_BOLD, json_string_of(reply, "name", ""));
    buf_append_string(buf, ", by ");
    append_safe(buf, json_string_of(reply, "framework", "?"));
    buf_append_string(buf, " as of ");
    append_safe(buf, json_string_of(reply, "date", "?"));
    buf_append_char(buf, '\n');
    cJSON_ArrayForEach(step, cJSON_GetObjectItemCaseSensitive(reply, "steps")) {
        char number[32];

        snprintf(number, sizeof(number), "%d. ", json_int_of(step, "step", 0));
        style_append(buf, colour, json_int_of(step, "step", 0) == decided ? STYLE_BOLD : STYLE_PLAIN, number);
        append_safe(buf, json_string_of(step, "rule", ""));
        append_result(buf, step);
        buf_append_string(buf, json_int_of(step, "step", 0) == decided ? "  <- decides\n" : "\n");
        append_scores(buf, step);
        if (cJSON_HasObjectItem(step, "domains")) {
            buf_append_string(buf, "     over each theme: ");
            append_domains(buf, cJSON_GetObjectItemCaseSensitive(step, "domains"));
            buf_append_char(buf, '\n');
        }
        cJSON_ArrayForEach(ground, cJSON_GetObjectItemCaseSensitive(step, "grounds"))
            append_ground(buf, colour, ground, "   ");
    }
    buf_append_string(buf, "Indicative segment: ");
    buf_printf(buf, "%d; officially %d\n", json_int_of(reply, "indicative", 0), json_int_of(reply, "official", 0));
    append_decisions(buf, reply);
}
