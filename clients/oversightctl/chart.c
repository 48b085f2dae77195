#include "clients/oversightctl/chart.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oversightctl/style.h"
#include "common/alloc.h"
#include "common/chart.h"

/* ---- Replies into records ---- */

static enum chart_better better_of(const cJSON *reply) {
    const char *direction = json_string_of(reply, "direction", "");

    if (strcmp(direction, "higher") == 0)
        return CHART_BETTER_HIGHER;
    return strcmp(direction, "lower") == 0 ? CHART_BETTER_LOWER : CHART_BETTER_NEITHER;
}

/* False when the figure is not a number or the period not a date. */
static bool read_point(const cJSON *json, struct chart_point *point) {
    const char *period = json_string_of(json, "period", "");

    if (!date_parse(period, strlen(period), &point->period) || !cJSON_HasObjectItem(json, "y") ||
        !cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(json, "y")))
        return false;
    point->y = json_number_of(json, "y", 0);
    point->has_limits = cJSON_HasObjectItem(json, "mean");
    point->mean = json_number_of(json, "mean", 0);
    point->lower = json_number_of(json, "lower", 0);
    point->upper = json_number_of(json, "upper", 0);
    point->cause = json_string_of(json, "special_cause", NULL);
    return !cJSON_HasObjectItem(json, "point_type") ||
           chart_kind_parse(json_string_of(json, "point_type", ""), &point->kind, &point->high);
}

/* NULL when some point cannot be drawn. */
static struct chart_point *read_points(const cJSON *reply, size_t *ret_count) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(reply, "points"), *json;
    struct chart_point *points = alloc_zero((size_t)cJSON_GetArraySize(list), sizeof(*points));
    size_t count = 0;

    cJSON_ArrayForEach(json, list) {
        if (!read_point(json, &points[count++])) {
            free(points);
            return NULL;
        }
    }
    *ret_count = count;
    return points;
}

static void read_strip(const cJSON *reply, const char *org, struct strip *strip, struct strip_peer *peers) {
    const cJSON *quantiles = cJSON_GetObjectItemCaseSensitive(reply, "quantiles"), *row;
    const char *period = json_string_of(reply, "period", "");

    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(reply, "rows")) {
        bool own = strcmp(json_string_of(row, "code", ""), org) == 0;

        peers[strip->count++] = (struct strip_peer){json_number_of(row, "value", 0), own};
        if (own) {
            strip->has_own = true;
            strip->own = json_number_of(row, "value", 0);
            strip->rank = (uint32_t)json_int_of(row, "rank", 0);
        }
    }
    strip->period = OV_DAY_NONE;
    (void)date_parse(period, strlen(period), &strip->period);
    strip->has_cuts = json_is_true(reply, "effective");
    strip->quartile = json_number_of(quantiles, "0.25", 0);
    strip->decile = json_number_of(quantiles, "0.1", 0);
    strip->peers = peers;
}

/* Texts of a reply that go to a terminal: control characters become "?". */
static void make_safe(cJSON *reply) {
    cJSON *member;

    cJSON_ArrayForEach(member, reply) {
        for (char *at = cJSON_IsString(member) ? member->valuestring : NULL; at && *at; at++) {
            unsigned char next = (unsigned char)at[1];

            if ((unsigned char)*at == 0xc2 && next >= 0x80 && next < 0xa0)
                at[0] = at[1] = '?';
            else if ((unsigned char)*at < 0x20 || *at == 0x7f)
                *at = '?';
        }
    }
}

/* ---- Output ---- */

static bool terminal_is_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);

        if (value && value[0] != '\0')
            return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "utf-8");
    }
    return false;
}

/* The file is whole or as it was before. */
static int write_svg(const struct chart *chart, const char *file) {
    char *next = strcmp(file, "-") == 0 ? NULL : alloc_printf("%s.new", file);
    FILE *out = next ? fopen(next, "w") : stdout;
    struct buf buf;
    bool good;

    if (!out) {
        int status = complain(EX_CANTCREAT, "%s: %s", next, strerror(errno));

        free(next);
        return status;
    }
    buf_init(&buf);
    chart_svg(&buf, chart, &chart_svg_file);
    good = fwrite(buf.data, 1, buf.len, out) == buf.len && fflush(out) == 0;
    if (next)
        good = fclose(out) == 0 && good && rename(next, file) == 0;
    buf_finish(&buf);
    if (!good) {
        complain(EX_IOERR, "%s: %s", file, strerror(errno));
        if (next)
            unlink(next);
    }
    free(next);
    return good ? EX_OK : EX_IOERR;
}

/* The ranking may not be there: too few figures, or a measure that is not ranked. */
static cJSON *ask_league(const struct context *context, struct oversight_query *query, const cJSON *series,
                         const char *measure, const char *framework) {
    cJSON *request = cJSON_CreateObject(), *reply = NULL;

    cJSON_AddStringToObject(request, "get", "measure");
    cJSON_AddStringToObject(request, "id", measure);
    cJSON_AddStringToObject(request, "peers", json_string_of(series, "type", ""));
    if (framework)
        cJSON_AddStringToObject(request, "framework", framework);
    return ask_open(context, query, request, &reply) == EX_OK ? reply : NULL;
}

static void print_text(const struct context *context, const struct chart *chart, const cJSON *league) {
    struct chart_text_options options = {context->width, context->colour, terminal_is_utf8()};
    struct buf buf;

    buf_init(&buf);
    chart_text(&buf, chart, &options);
    if (league && cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(league, "rows")) > 0) {
        size_t rows = (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(league, "rows"));
        struct strip strip = {.name = chart->name, .unit = chart->unit, .better = chart->better};
        struct strip_peer *peers = alloc_zero(rows, sizeof(*peers));

        read_strip(league, chart->code, &strip, peers);
        buf_append_char(&buf, '\n');
        strip_text(&buf, &strip, &options);
        free(peers);
    }
    fputs(buf.data, stdout);
    buf_finish(&buf);
}

static int draw(const struct context *context, struct oversight_query *query, const cJSON *reply, const char *framework,
                const char *file) {
    struct chart chart = {.code = json_string_of(reply, "code", "?"),
                          .organisation = json_string_of(reply, "organisation", ""),
                          .measure = json_string_of(reply, "measure", "?"),
                          .unit = json_string_of(reply, "unit", ""),
                          .better = better_of(reply),
                          .has_target = cJSON_HasObjectItem(reply, "standard"),
                          .target = json_number_of(reply, "standard", 0),
                          .trial = json_is_true(reply, "trial")};
    struct chart_point *points = read_points(reply, &chart.count);
    int status = EX_OK;

    if (!points)
        return complain(EX_DATAERR, "show: measure \"%s\" is not a number: it has no chart", chart.measure);
    chart.points = points;
    chart.name = json_string_of(reply, "name", chart.measure);
    if (file) {
        status = write_svg(&chart, file);
    } else {
        cJSON *league =
            json_is_true(reply, "ranked") ? ask_league(context, query, reply, chart.measure, framework) : NULL;

        print_text(context, &chart, league);
        cJSON_Delete(league);
    }
    free(points);
    return status;
}

int show_chart(const struct context *context, const char *org, const char *measure, const char *framework,
               const char *file) {
    struct oversight_query *query = open_query(context);
    cJSON *request = cJSON_CreateObject(), *reply = NULL;
    int status;

    cJSON_AddStringToObject(request, "get", "series");
    cJSON_AddStringToObject(request, "code", org);
    cJSON_AddStringToObject(request, "measure", measure);
    if (framework)
        cJSON_AddStringToObject(request, "framework", framework);
    if (!query) {
        cJSON_Delete(request);
        return EX_USAGE;
    }
    status = ask_open(context, query, request, &reply);
    if (status == EX_OK && context->json && !file)
        print_json(reply);
    if (status == EX_OK && (!context->json || file)) {
        make_safe(reply);
        status = draw(context, query, reply, framework, file);
    }
    cJSON_Delete(reply);
    oversight_query_destroy(query);
    return status;
}
