#include "clients/oversightctl/evidence_text.h"

#include <math.h>

#include "clients/oversightctl/style.h"

void append_word(struct buf *buf, const char *word) {
    size_t start = buf->len;

    append_safe(buf, word);
    for (size_t i = start; i < buf->len; i++)
        if (buf->data[i] == '_')
            buf->data[i] = ' ';
}

static void append_number_unit(struct buf *buf, double number, const char *unit) {
    append_figure(buf, number);
    if (unit[0] == '\0')
        return;
    if (unit[0] != '%' || unit[1] != '\0')
        buf_append_char(buf, ' ');
    append_safe(buf, unit);
}

/* Where it stands, and how far beyond the line it was held against. */
static void append_standing(struct buf *buf, const cJSON *evidence, const char *unit) {
    const cJSON *rank = cJSON_GetObjectItemCaseSensitive(evidence, "rank");
    const cJSON *cut = cJSON_GetObjectItemCaseSensitive(evidence, "cut");
    const char *band = json_string_of(evidence, "band", "");
    double distance = json_number_of(evidence, "distance", 0);
    int places = json_int_of(evidence, "places", 0);

    if (cJSON_IsNumber(rank)) {
        buf_append_string(buf, ", ");
        append_ordinal(buf, rank->valueint);
        buf_printf(buf, " of %d", json_int_of(evidence, "n", 0));
    }
    if (band[0] != '\0') {
        buf_append_string(buf, ", ");
        append_word(buf, band);
    }
    if (cJSON_IsNumber(cut)) {
        buf_append_string(buf, ": ");
        /* Between two percentages lie points, not per cent. */
        append_number_unit(buf, fabs(distance), unit[0] == '%' && unit[1] == '\0' ? "percentage points" : unit);
        buf_append_string(buf, distance < 0 ? " short of the cut at " : " beyond the cut at ");
        append_number_unit(buf, cut->valuedouble, unit);
    }
    if (places > 0)
        buf_printf(buf, "; %d place%s to climb to leave it", places, places == 1 ? "" : "s");
}

static void append_limits(struct buf *buf, const cJSON *limits, const char *unit) {
    buf_append_string(buf, "; usual range ");
    append_figure(buf, json_number_of(limits, "lower", 0));
    buf_append_string(buf, " to ");
    append_number_unit(buf, json_number_of(limits, "upper", 0), unit);
    buf_append_string(buf, ", mean ");
    append_figure(buf, json_number_of(limits, "mean", 0));
}

void append_evidence(struct buf *buf, const cJSON *evidence) {
    const char *unit = json_string_of(evidence, "unit", ""), *period = json_string_of(evidence, "period", "");
    const cJSON *before = cJSON_GetObjectItemCaseSensitive(evidence, "before");
    const cJSON *limits = cJSON_GetObjectItemCaseSensitive(evidence, "limits");
    const cJSON *score = cJSON_GetObjectItemCaseSensitive(evidence, "score");

    append_safe(buf, json_string_of(evidence, "measure", "?"));
    buf_append_string(buf, ": ");
    append_value_unit(buf, cJSON_GetObjectItemCaseSensitive(evidence, "value"), unit);
    if (period[0] != '\0') {
        buf_append_string(buf, " in ");
        append_period(buf, period);
    }
    if (before != NULL) {
        buf_append_string(buf, ", before that ");
        append_value_unit(buf, before, unit);
    }
    append_standing(buf, evidence, unit);
    /* Drops carry their limits beside the figure, signals in a member of their own. */
    if (cJSON_IsObject(limits))
        append_limits(buf, limits, unit);
    else if (cJSON_HasObjectItem(evidence, "lower"))
        append_limits(buf, evidence, unit);
    if (cJSON_IsNumber(score)) {
        buf_append_string(buf, ", score ");
        buf_printf(buf, "%.2f", score->valuedouble);
    }
    if (json_is_true(evidence, "held"))
        buf_append_string(buf, " (held: no newer figure yet)");
    if (json_is_true(evidence, "unknown"))
        buf_append_string(buf, " (no figure for long: unknown)");
}

static void append_trigger(struct buf *buf, bool colour, const cJSON *trigger, const char *indent) {
    const cJSON *evidence = cJSON_GetObjectItemCaseSensitive(trigger, "evidence"), *entry;
    const char *since = json_string_of(trigger, "since", "");
    int segment = json_int_of(trigger, "segment", 0), periods = json_int_of(trigger, "for", 0);

    buf_append_string(buf, indent);
    style_append(buf, colour, STYLE_BOLD, json_string_of(trigger, "title", json_string_of(trigger, "id", "?")));
    if (segment > 0)
        buf_printf(buf, " (for segment %d)", segment);
    if (since[0] != '\0') {
        buf_append_string(buf, ", since ");
        append_period(buf, since);
    }
    if (periods > 1)
        buf_printf(buf, ", %d periods running", periods);
    if (json_is_true(trigger, "latched"))
        buf_append_string(buf, ", stays until a decision releases it");
    if (json_is_true(trigger, "unknown"))
        buf_append_string(buf, " - data missing");
    buf_append_char(buf, '\n');
    cJSON_ArrayForEach(entry, evidence) {
        buf_append_string(buf, indent);
        buf_append_string(buf, "  ");
        append_evidence(buf, entry);
        buf_append_char(buf, '\n');
    }
}

void append_triggers(struct buf *buf, bool colour, const cJSON *triggers, const char *indent) {
    const cJSON *trigger;

    cJSON_ArrayForEach(trigger, triggers) append_trigger(buf, colour, trigger, indent);
}
