/* oversightctl show: one organisation in full. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/chart.h"
#include "clients/oversightctl/command.h"
#include "clients/oversightctl/evidence_text.h"
#include "clients/oversightctl/explain_text.h"
#include "clients/oversightctl/style.h"
#include "clients/oversightctl/table.h"

static void append_row(struct buf *buf, bool colour, const char *label, const char *text) {
    if (text[0] == '\0')
        return;
    style_append(buf, colour, STYLE_DIM, label);
    append_safe(buf, text);
    buf_append_char(buf, '\n');
}

/* What is nearest to making it worse, or what it takes to leave. */
static void append_headroom(struct buf *buf, bool colour, const cJSON *headroom, int indicative) {
    int segment = json_int_of(headroom, "segment", 0), measures = json_int_of(headroom, "measures", 1);

    if (!cJSON_IsObject(headroom))
        return;
    style_append(buf, colour, STYLE_DIM, "headroom:  ");
    buf_printf(buf, segment > indicative ? "to segment %d" : "out of it, to segment %d", segment);
    if (cJSON_HasObjectItem(headroom, "distance")) {
        buf_printf(buf, ": %.4g", json_number_of(headroom, "distance", 0));
        if (cJSON_HasObjectItem(headroom, "places"))
            buf_printf(buf, " or %d place%s", json_int_of(headroom, "places", 0),
                       json_int_of(headroom, "places", 0) == 1 ? "" : "s");
    } else {
        buf_append_string(buf, ": not by moving figures");
    }
    buf_append_string(buf, " on ");
    append_safe(buf, json_string_of(headroom, "measure",
                                    cJSON_HasObjectItem(headroom, "trigger") ? "no measure" : "the average"));
    if (measures > 1)
        buf_printf(buf, ", the furthest of %d measures", measures);
    if (cJSON_HasObjectItem(headroom, "trigger")) {
        buf_append_string(buf, " (");
        append_safe(buf, json_string_of(headroom, "trigger", ""));
        buf_append_char(buf, ')');
    }
    buf_append_char(buf, '\n');
}

static void append_segments(struct buf *buf, bool colour, const cJSON *reply) {
    const cJSON *headroom = cJSON_GetObjectItemCaseSensitive(reply, "headroom");
    const cJSON *score = cJSON_GetObjectItemCaseSensitive(reply, "score");
    char text[160];

    style_append(buf, colour, STYLE_DIM, "segment:   ");
    snprintf(text, sizeof(text), "%d", json_int_of(reply, "indicative", 0));
    style_append(buf, colour, style_of_segment(json_int_of(reply, "indicative", 0)), text);
    buf_append_string(buf, " by the figures, since ");
    append_safe(buf, json_string_of(reply, "since", "the beginning"));
    buf_printf(buf, "; officially %d\n", json_int_of(reply, "official", 0));
    if (cJSON_IsObject(score)) {
        snprintf(text, sizeof(text), "%.2f on average, segment %d by the average, %d adjusted; place %d",
                 json_number_of(score, "average", 0), json_int_of(score, "unadjusted", 0),
                 json_int_of(score, "adjusted", 0), json_int_of(score, "rank", 0));
        append_row(buf, colour, "score:     ", text);
    }
    if (cJSON_HasObjectItem(reply, "domains")) {
        style_append(buf, colour, STYLE_DIM, "themes:    ");
        append_domains(buf, cJSON_GetObjectItemCaseSensitive(reply, "domains"));
        buf_append_char(buf, '\n');
    }
    append_headroom(buf, colour, headroom, json_int_of(reply, "indicative", 0));
}

static void append_names(struct buf *buf, bool colour, const char *label, const cJSON *list) {
    const cJSON *entry;
    bool first = true;

    if (cJSON_GetArraySize(list) == 0)
        return;
    style_append(buf, colour, STYLE_DIM, label);
    cJSON_ArrayForEach(entry, list) {
        if (!first)
            buf_append_string(buf, ", ");
        append_safe(buf, cJSON_IsString(entry) ? entry->valuestring : "?");
        first = false;
    }
    buf_append_char(buf, '\n');
}

/* Peers of support: who else is in its chain or group, with the official segments. */
static void append_members(struct buf *buf, bool colour, const cJSON *reply) {
    const cJSON *members = cJSON_GetObjectItemCaseSensitive(reply, "group_members"), *member;
    bool first = true;

    if (cJSON_GetArraySize(members) == 0)
        return;
    style_append(buf, colour, STYLE_DIM, "with:      ");
    cJSON_ArrayForEach(member, members) {
        buf_append_string(buf, first ? "" : ", ");
        append_safe(buf, json_string_of(member, "code", "?"));
        buf_append_char(buf, ' ');
        append_safe(buf, json_string_of(member, "name", ""));
        if (cJSON_HasObjectItem(member, "closed"))
            buf_append_string(buf, " (closed)");
        else
            buf_printf(buf, " (%d)", json_int_of(member, "official", 0));
        first = false;
    }
    buf_append_char(buf, '\n');
}

static void append_grounds(struct buf *buf, bool colour, const cJSON *reply) {
    const cJSON *triggers = cJSON_GetObjectItemCaseSensitive(reply, "triggers"), *trigger;
    cJSON *on = cJSON_CreateArray();

    cJSON_ArrayForEach(trigger, triggers) {
        if (json_is_true(trigger, "on"))
            cJSON_AddItemReferenceToArray(on, (cJSON *)(uintptr_t)trigger);
    }
    buf_append_char(buf, '\n');
    style_append(buf, colour, STYLE_BOLD, cJSON_GetArraySize(on) > 0 ? "Grounds" : "No grounds for segment 3 or 4");
    buf_append_char(buf, '\n');
    append_triggers(buf, colour, on, "  ");
    cJSON_Delete(on);
}

static void append_bands(struct buf *buf, const cJSON *signal) {
    const cJSON *bands = cJSON_GetObjectItemCaseSensitive(signal, "bands"), *band;
    const char *special = json_string_of(signal, "special_cause", "");

    /* The decile says all that the quartile does. */
    cJSON_ArrayForEach(band, bands) {
        append_word(buf, cJSON_IsString(band) ? band->valuestring : "?");
        break;
    }
    if (json_is_true(signal, "drop"))
        buf_append_string(buf, buf->len > 0 ? ", dramatic drop" : "dramatic drop");
    if (special[0] != '\0') {
        if (buf->len > 0)
            buf_append_string(buf, ", ");
        append_word(buf, special);
    }
    if (json_is_true(signal, "held"))
        buf_append_string(buf, buf->len > 0 ? ", held" : "held");
    if (json_is_true(signal, "unknown"))
        buf_append_string(buf, buf->len > 0 ? ", unknown" : "unknown");
}

static enum style style_of_bands(const char *text) {
    if (strncmp(text, "bottom", 6) == 0)
        return STYLE_RED;
    return strncmp(text, "top", 3) == 0 ? STYLE_GREEN : STYLE_PLAIN;
}

static void print_signals(const struct context *context, const cJSON *reply) {
    const cJSON *signals = cJSON_GetObjectItemCaseSensitive(reply, "signals"), *entry;
    struct table *table;
    struct buf buf;

    if (cJSON_GetArraySize(signals) == 0)
        return;
    buf_init(&buf);
    table = table_create("MEASURE\nPERIOD\n>FIGURE\n>RANK\nVARIATION\n~STANDING");
    cJSON_ArrayForEach(entry, signals) {
        const cJSON *rank = cJSON_GetObjectItemCaseSensitive(entry, "rank");

        table_cell(table, STYLE_PLAIN, json_string_of(entry, "measure", "?"));
        table_cell(table, STYLE_PLAIN, json_string_of(entry, "period", ""));
        buf_clear(&buf);
        append_value_unit(&buf, cJSON_GetObjectItemCaseSensitive(entry, "value"), json_string_of(entry, "unit", ""));
        table_cell(table, STYLE_BOLD, buf.data);
        if (cJSON_IsNumber(rank))
            table_cellf(table, STYLE_PLAIN, "%d of %d", rank->valueint, json_int_of(entry, "n", 0));
        else
            table_cell(table, STYLE_PLAIN, "");
        table_cell(table, style_of_variation(json_string_of(entry, "variation", "")),
                   variation_short(json_string_of(entry, "variation", "")));
        buf_clear(&buf);
        append_bands(&buf, entry);
        table_cell(table, style_of_bands(buf.data), buf.data);
    }
    printf("\n");
    table_print(table, context->colour, context->width);
    table_destroy(table);
    buf_finish(&buf);
}

static void print_history(const struct context *context, const cJSON *reply) {
    const cJSON *history = cJSON_GetObjectItemCaseSensitive(reply, "history"), *move;
    struct table *table;

    if (cJSON_GetArraySize(history) == 0)
        return;
    table = table_create("WHEN\nMOVE\nALERT");
    cJSON_ArrayForEach(move, history) {
        table_cellf(table, STYLE_PLAIN, "%.10s", json_string_of(move, "time", ""));
        table_cellf(table, style_of_segment(json_int_of(move, "after", 0)), "%d to %d", json_int_of(move, "before", 0),
                    json_int_of(move, "after", 0));
        table_cell(table, STYLE_PLAIN, json_string_of(move, "alert", ""));
    }
    printf("\n");
    table_print(table, context->colour, context->width);
    table_destroy(table);
}

static void print_programmes(const struct context *context, const cJSON *reply) {
    const cJSON *programmes = cJSON_GetObjectItemCaseSensitive(reply, "programmes"), *entry;
    struct table *table;

    if (cJSON_GetArraySize(programmes) == 0)
        return;
    table = table_create("PROGRAMME\nENTERED\nREVIEW BY\nLIMIT\nLEFT\n~TO LEAVE");
    cJSON_ArrayForEach(entry, programmes) {
        table_cell(table, STYLE_BOLD, json_string_of(entry, "programme", "?"));
        table_cell(table, STYLE_PLAIN, json_string_of(entry, "entered", ""));
        table_cellf(table, json_is_true(entry, "due") ? STYLE_YELLOW : STYLE_PLAIN, "%s%s",
                    json_string_of(entry, "review_by", ""), json_is_true(entry, "due") ? " due" : "");
        table_cellf(table, json_is_true(entry, "overdue") ? STYLE_RED : STYLE_PLAIN, "%s%s",
                    json_string_of(entry, "limit", ""), json_is_true(entry, "overdue") ? " passed" : "");
        table_cell(table, STYLE_PLAIN, json_string_of(entry, "left", ""));
        table_cell(table, STYLE_DIM, json_string_of(entry, "exit_criteria", ""));
    }
    printf("\n");
    table_print(table, context->colour, context->width);
    table_destroy(table);
}

/* Those it came from, with where they stood at the end. */
static void append_predecessors(struct buf *buf, bool colour, const cJSON *reply) {
    const cJSON *before, *move;

    cJSON_ArrayForEach(before, cJSON_GetObjectItemCaseSensitive(reply, "predecessors")) {
        style_append(buf, colour, STYLE_DIM, "from:      ");
        append_safe(buf, json_string_of(before, "code", "?"));
        buf_append_char(buf, ' ');
        append_safe(buf, json_string_of(before, "name", ""));
        if (cJSON_HasObjectItem(before, "closed")) {
            buf_append_string(buf, ", closed ");
            append_safe(buf, json_string_of(before, "closed", ""));
        }
        if (cJSON_HasObjectItem(before, "indicative"))
            buf_printf(buf, ", segment %d, officially %d", json_int_of(before, "indicative", 0),
                       json_int_of(before, "official", 0));
        cJSON_ArrayForEach(move, cJSON_GetObjectItemCaseSensitive(before, "history")) {
            buf_printf(buf, "; %.10s %d to %d", json_string_of(move, "time", ""), json_int_of(move, "before", 0),
                       json_int_of(move, "after", 0));
        }
        buf_append_char(buf, '\n');
    }
}

static void print_organisation(const struct context *context, const cJSON *reply) {
    bool colour = context->colour;
    struct buf buf;

    buf_init(&buf);
    style_append(&buf, colour, STYLE_BOLD, json_string_of(reply, "code", "?"));
    buf_append_char(&buf, ' ');
    style_append(&buf, colour, STYLE_BOLD, json_string_of(reply, "name", ""));
    buf_append_char(&buf, '\n');
    append_row(&buf, colour, "type:      ", json_string_of(reply, "type", ""));
    append_row(&buf, colour, "region:    ", json_string_of(reply, "region", ""));
    append_row(&buf, colour, "system:    ", json_string_of(reply, "system", ""));
    append_row(&buf, colour, "group:     ", json_string_of(reply, "group", ""));
    append_members(&buf, colour, reply);
    append_row(&buf, colour, "closed:    ", json_string_of(reply, "closed", ""));
    append_row(&buf, colour,
               "successor: ", json_string_of(cJSON_GetObjectItemCaseSensitive(reply, "successor"), "code", ""));
    append_predecessors(&buf, colour, reply);
    append_segments(&buf, colour, reply);
    append_names(&buf, colour, "held:      ", cJSON_GetObjectItemCaseSensitive(reply, "held"));
    append_names(&buf, colour, "unknown:   ", cJSON_GetObjectItemCaseSensitive(reply, "unknown"));
    append_names(&buf, colour, "alerts:    ", cJSON_GetObjectItemCaseSensitive(reply, "alerts"));
    append_grounds(&buf, colour, reply);
    fputs(buf.data, stdout);
    buf_finish(&buf);
    print_signals(context, reply);
    print_programmes(context, reply);
    print_history(context, reply);
}

static void print_explanation(const struct context *context, const cJSON *reply) {
    struct buf buf;

    buf_init(&buf);
    append_explanation(&buf, context->colour, reply);
    fputs(buf.data, stdout);
    buf_finish(&buf);
}

static void print_reply(const struct context *context, const cJSON *reply) {
    if (cJSON_HasObjectItem(reply, "steps"))
        print_explanation(context, reply);
    else
        print_organisation(context, reply);
}

/* What the options and the one argument ask for. */
struct wanted {
    const char *framework, *chart, *svg;
    bool explain;
};

static int ask(const struct context *context, const struct wanted *wanted, const char *org) {
    cJSON *request;

    if (wanted->chart != NULL)
        return show_chart(context, org, wanted->chart, wanted->framework, wanted->svg);
    request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "get", wanted->explain ? "explain" : "organisation");
    cJSON_AddStringToObject(request, "code", org);
    if (wanted->framework != NULL)
        cJSON_AddStringToObject(request, "framework", wanted->framework);
    return ask_and_print(context, request, print_reply);
}

static int run(const struct context *context, int argc, char **argv) {
    static const struct option options[] = {{"framework", required_argument, NULL, 'f'},
                                            {"explain", no_argument, NULL, 'e'},
                                            {"chart", required_argument, NULL, 'c'},
                                            {"svg", required_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    struct wanted wanted = {0};
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == 'f')
            wanted.framework = optarg;
        else if (option == 'e')
            wanted.explain = true;
        else if (option == 'c')
            wanted.chart = optarg;
        else if (option == 's')
            wanted.svg = optarg;
        else
            return complain_option(&command_show, option, argv);
    }
    if (argc - optind != 1)
        return complain_usage(&command_show, "show: expected the code of one organisation");
    if (wanted.svg != NULL && wanted.chart == NULL)
        return complain_usage(&command_show, "show: --svg needs --chart, the id of a measure");
    if (wanted.explain && wanted.chart != NULL)
        return complain_usage(&command_show, "show: --explain and --chart ask for different things");
    return ask(context, &wanted, argv[optind]);
}

const struct command command_show = {
    .name = "show",
    .usage = "[--explain | --chart MEASURE [--svg FILE]] [--framework ID] ORG",
    .help = "Show one organisation: segment, grounds, figures, history",
    .options = "      --explain        how its segment was found: each step with its inputs\n"
               "      --chart MEASURE  its control chart and its place among its peers\n"
               "      --svg FILE       the chart as a drawing (SVG) into a file; - is standard output\n"
               "      --framework ID   by these rules instead of the first configured\n",
    .run = run,
};
