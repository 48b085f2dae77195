/* oversightctl league: the ranking of one measure. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/evidence_text.h"
#include "clients/oversightctl/explain_text.h"
#include "clients/oversightctl/style.h"
#include "clients/oversightctl/table.h"

enum { PERIOD = 256, PEERS, FRAMEWORK };

static const struct option options[] = {
    {"period", required_argument, NULL, PERIOD},
    {"peers", required_argument, NULL, PEERS},
    {"framework", required_argument, NULL, FRAMEWORK},
    {NULL, 0, NULL, 0},
};

#define NARROW 80 /* columns below which words are short */

static void print_head(const struct context *context, const cJSON *reply) {
    const cJSON *quantiles = cJSON_GetObjectItemCaseSensitive(reply, "quantiles"), *quantile;
    struct buf buf;

    buf_init(&buf);
    style_append(&buf, context->colour, STYLE_BOLD, json_string_of(reply, "measure", "?"));
    buf_append_string(&buf, " in ");
    append_period(&buf, json_string_of(reply, "period", "?"));
    buf_printf(&buf, ": %d ranked, best first", json_int_of(reply, "n", 0));
    if (!json_is_true(reply, "effective"))
        buf_append_string(&buf, "; too few have reported for it to count");
    buf_append_char(&buf, '\n');
    if (cJSON_GetArraySize(quantiles) > 0)
        buf_append_string(&buf, "quantiles from the worst end:");
    cJSON_ArrayForEach(quantile, quantiles) {
        buf_printf(&buf, "  %s: ", quantile->string);
        append_value_unit(&buf, quantile, json_string_of(reply, "unit", ""));
    }
    puts(buf.data);
    buf_finish(&buf);
}

static void print_rows(const struct context *context, const cJSON *reply) {
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(reply, "rows"), *row;
    struct table *table = table_create(">RANK\nCODE\n~NAME\n>FIGURE\n~BAND\nVARIATION\n>SCORE");
    struct buf buf;

    buf_init(&buf);
    cJSON_ArrayForEach(row, rows) {
        const char *variation = json_string_of(row, "variation", "");
        const cJSON *band = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(row, "bands"), 0);
        const cJSON *score = cJSON_GetObjectItemCaseSensitive(row, "score");
        enum style style = STYLE_PLAIN;

        table_cellf(table, STYLE_PLAIN, "%d", json_int_of(row, "rank", 0));
        table_cell(table, STYLE_BOLD, json_string_of(row, "code", "?"));
        table_cell(table, STYLE_PLAIN, json_string_of(row, "name", ""));
        buf_clear(&buf);
        append_value_unit(&buf, cJSON_GetObjectItemCaseSensitive(row, "value"), json_string_of(reply, "unit", ""));
        table_cell(table, STYLE_PLAIN, buf.data);
        buf_clear(&buf);
        if (cJSON_IsString(band)) {
            append_word(&buf, band->valuestring);
            style = strncmp(band->valuestring, "bottom", 6) == 0 ? STYLE_RED : STYLE_GREEN;
        }
        table_cell(table, style, buf.data);
        table_cell(table, style_of_variation(variation),
                   context->width < NARROW ? variation_short(variation) : variation_text(variation));
        if (cJSON_IsNumber(score))
            table_cellf(table, STYLE_PLAIN, "%.2f", score->valuedouble);
        else
            table_cell(table, STYLE_PLAIN, "");
    }
    table_print(table, context->colour, context->width);
    table_destroy(table);
    buf_finish(&buf);
}

static void print_league(const struct context *context, const cJSON *reply) {
    print_head(context, reply);
    print_rows(context, reply);
}

static int run(const struct context *context, int argc, char **argv) {
    cJSON *request = cJSON_CreateObject();
    int option;

    cJSON_AddStringToObject(request, "get", "measure");
    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == '?' || option == ':') {
            cJSON_Delete(request);
            return complain_option(&command_league, option, argv);
        }
        cJSON_AddStringToObject(request, option == PERIOD ? "period" : option == PEERS ? "peers" : "framework", optarg);
    }
    if (argc - optind != 1) {
        cJSON_Delete(request);
        return complain_usage(&command_league, "league: expected the id of one measure");
    }
    cJSON_AddStringToObject(request, "id", argv[optind]);
    return ask_and_print(context, request, print_league);
}

const struct command command_league = {
    .name = "league",
    .usage = "[OPTION...] MEASURE",
    .help = "Show the ranking of a measure with its bands",
    .options = "      --period DATE    YYYY-MM-DD or YYYY-MM [the newest that counts]\n"
               "      --peers TYPE     the ranking this type of organisation is in\n"
               "      --framework ID   by these rules instead of the first configured\n",
    .run = run,
};
