#include "clients/oversightctl/board_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clients/oversightctl/style.h"
#include "common/alloc.h"

#define WORST 5
#define MIDDLE 60 /* columns from which the since column is shown */
#define WIDE 100  /* and from which the grounds are */

/* ---- Text of a width ---------------------------------------------------------------- */

static bool begins_character(char c) {
    return ((unsigned char)c & 0xc0) != 0x80;
}

/* Exactly width characters: cut with "..." or filled up. fill: also behind the end. */
static void append_field(struct buf *buf, const char *text, int width, bool fill) {
    struct buf safe;
    int count = 0, room;
    const char *at;

    if (width <= 0)
        return;
    buf_init(&safe);
    append_safe(&safe, text);
    for (at = safe.data; *at != '\0'; at++)
        count += begins_character(*at);
    room = count > width ? (width > 3 ? width - 3 : width) : count;
    count = count > width ? width : count;
    for (at = safe.data; *at != '\0'; at++) {
        if (begins_character(*at) && room-- == 0)
            break;
        buf_append_char(buf, *at);
    }
    if (*at != '\0' && width > 3)
        buf_append_string(buf, "...");
    for (int i = count; fill && i < width; i++)
        buf_append_char(buf, ' ');
    buf_finish(&safe);
}

static void style_begin(const struct board_view *view, struct buf *buf, enum style style) {
    struct buf probe;

    if (!view->colour || style == STYLE_PLAIN)
        return;
    /* style_append closes what it opens: what stands before its text opens it. */
    buf_init(&probe);
    style_append(&probe, true, style, "x");
    buf_append(buf, probe.data, (size_t)(strchr(probe.data, 'x') - probe.data));
    buf_finish(&probe);
}

static void append_line(const struct board_view *view, struct buf *out, enum style style, const char *text, int columns,
                        bool fill) {
    style_begin(view, out, style);
    append_field(out, text, columns, fill);
    if (view->colour && style != STYLE_PLAIN)
        buf_append_string(out, "\033[0m");
    buf_append_char(out, '\0');
}

/* ---- Which rows -------------------------------------------------------------------- */

static bool contains(const char *text, const char *part) {
    return strcasestr(text, part) != NULL;
}

static bool same(const char *wanted, const cJSON *row, const char *name) {
    return wanted == NULL || strcmp(wanted, json_string_of(row, name, "")) == 0;
}

/* What was asked for on the command line; the counts are of these. */
static bool is_of_board(const struct board_view *view, const cJSON *row) {
    return !cJSON_HasObjectItem(row, "closed") && same(view->system, row, "system") &&
           same(view->region, row, "region") && same(view->type, row, "type");
}

static bool is_shown(const struct board_view *view, const cJSON *row) {
    if (!is_of_board(view, row) || (view->segment != 0 && json_int_of(row, "indicative", 0) != view->segment))
        return false;
    return view->search[0] == '\0' || contains(json_string_of(row, "name", ""), view->search) ||
           contains(json_string_of(row, "code", ""), view->search);
}

/* Worst first, then by name. */
static int compare_rows(const void *a, const void *b) {
    const cJSON *one = *(const cJSON *const *)a, *other = *(const cJSON *const *)b;
    int difference = json_int_of(other, "indicative", 0) - json_int_of(one, "indicative", 0);

    if (difference != 0)
        return difference;
    difference = strcmp(json_string_of(one, "name", ""), json_string_of(other, "name", ""));
    return difference != 0 ? difference : strcmp(json_string_of(one, "code", ""), json_string_of(other, "code", ""));
}

static const cJSON **choose_rows(const struct board_view *view, const cJSON *snapshot, int *ret_count, int counts[]) {
    const cJSON *all = cJSON_GetObjectItemCaseSensitive(snapshot, "organisations"), *row;
    const cJSON **rows = alloc_zero((size_t)cJSON_GetArraySize(all) + 1, sizeof(*rows));
    int count = 0;

    cJSON_ArrayForEach(row, all) {
        int segment = json_int_of(row, "indicative", 0);

        if (is_of_board(view, row) && segment >= 1 && segment <= WORST)
            counts[segment]++;
        if (is_shown(view, row))
            rows[count++] = row;
    }
    qsort(rows, (size_t)count, sizeof(*rows), compare_rows);
    *ret_count = count;
    return rows;
}

/* ---- Lines ------------------------------------------------------------------------- */

static void append_head(const struct board_view *view, struct buf *out, const cJSON *snapshot, int columns) {
    struct buf line;

    buf_init(&line);
    buf_printf(&line, "%s, %s", view->state, columns >= MIDDLE ? "updated " : "");
    buf_append_string(&line, view->updated);
    if (snapshot != NULL)
        buf_printf(&line, columns >= MIDDLE ? " | %s, as of %s, alert %s" : " | %s %s",
                   json_string_of(snapshot, "framework", "segments"), json_string_of(snapshot, "date", "?"),
                   json_string_of(snapshot, "last", "?"));
    append_line(view, out, strcmp(view->state, "live") == 0 ? STYLE_BOLD : STYLE_ALARM, line.data, columns, true);
    buf_finish(&line);
}

static void append_counts(const struct board_view *view, struct buf *out, const int counts[], int columns) {
    struct buf line;

    buf_init(&line);
    buf_append_string(&line, columns >= MIDDLE ? "In segment" : "Segm.");
    for (int segment = WORST; segment >= 1; segment--)
        if (segment < WORST || counts[WORST] > 0)
            buf_printf(&line, columns >= MIDDLE ? "  %d: %d" : " %d:%d", segment, counts[segment]);
    if (view->segment != 0)
        buf_printf(&line, columns >= MIDDLE ? " | only segment %d" : " |%d", view->segment);
    if (view->search[0] != '\0' || view->searching)
        buf_printf(&line, " | /%s%s", view->search, view->searching ? "_" : "");
    append_line(view, out, STYLE_PLAIN, line.data, columns, false);
    buf_finish(&line);
}

/* Triggers that are on, or what is nearest. */
static void append_grounds(struct buf *buf, const cJSON *row) {
    const cJSON *on = cJSON_GetObjectItemCaseSensitive(row, "on"), *item;
    const cJSON *score = cJSON_GetObjectItemCaseSensitive(row, "score");
    int count = 0;

    if (cJSON_IsObject(score))
        buf_printf(buf, "score %.2f ", json_number_of(score, "average", 0));
    cJSON_ArrayForEach(item, on) {
        buf_append_string(buf, count++ > 0 ? ", " : "");
        buf_append_string(buf, cJSON_IsString(item) ? item->valuestring : json_string_of(item, "id", "?"));
    }
    if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(row, "unknown")) > 0)
        buf_append_string(buf, count > 0 ? ", data missing" : "data missing");
}

static void append_row(const struct board_view *view, struct buf *out, const cJSON *row, int columns) {
    int indicative = json_int_of(row, "indicative", 0), official = json_int_of(row, "official", 0);
    int name = columns >= WIDE ? 44 : columns >= MIDDLE ? columns - 38 : columns - 14;
    struct buf line;
    char head[32], said[16] = "";

    if (official != indicative)
        snprintf(said, sizeof(said), columns >= MIDDLE ? "officially %d" : "o%d", official);
    snprintf(head, sizeof(head), "%d ", indicative);
    buf_init(&line);
    buf_append_string(&line, head);
    append_field(&line, json_string_of(row, "code", "?"), 6, true);
    buf_append_char(&line, ' ');
    append_field(&line, json_string_of(row, "name", ""), name, true);
    buf_append_char(&line, ' ');
    append_field(&line, said, columns >= MIDDLE ? 13 : 3, columns >= MIDDLE);
    if (columns >= MIDDLE) {
        buf_append_string(&line, indicative >= 3 ? "since " : "      ");
        append_field(&line, indicative >= 3 ? json_string_of(row, "since", "?") : "", 10, columns >= WIDE);
    }
    if (columns >= WIDE) {
        buf_append_char(&line, ' ');
        append_grounds(&line, row);
    }
    append_line(view, out, style_of_segment(indicative), line.data, columns, false);
    buf_finish(&line);
}

static void append_foot(const struct board_view *view, struct buf *out, int columns, int shown, int count) {
    struct buf line;

    buf_init(&line);
    if (view->alert != NULL)
        buf_printf(&line, "%s %s", view->alert_time, view->alert);
    else
        buf_append_string(&line, "No alert since this board was opened");
    append_line(view, out, view->alert != NULL ? STYLE_BOLD : STYLE_PLAIN, line.data, columns, false);
    buf_clear(&line);
    if (view->searching)
        buf_append_string(&line, "type part of a name or code, Enter");
    else if (columns >= MIDDLE)
        buf_append_string(&line, "q quit  1-5 only this segment  0 all  / search  arrows scroll");
    else
        buf_append_string(&line, "q 1-5 0 / arrows");
    if (shown < count)
        buf_printf(&line, "  [%d-%d of %d]", view->top + 1, view->top + shown, count);
    append_line(view, out, STYLE_DIM, line.data, columns, false);
    buf_finish(&line);
}

static void point_at_lines(struct board_lines *lines, int rows) {
    const char *at = lines->text.data, *end = lines->text.data + lines->text.len;

    lines->lines = alloc_zero((size_t)rows, sizeof(*lines->lines));
    lines->count = 0;
    for (; at < end && lines->count < (size_t)rows; at += strlen(at) + 1)
        lines->lines[lines->count++] = at;
}

void board_view_render(struct board_view *view, const cJSON *snapshot, int rows, int columns,
                       struct board_lines *ret_lines) {
    int counts[WORST + 1] = {0}, count = 0, room = rows - 4, shown;
    const cJSON **chosen = choose_rows(view, snapshot, &count, counts);
    struct buf *out = &ret_lines->text;

    room = room < 0 ? 0 : room;
    if (view->top > count - room)
        view->top = count - room;
    if (view->top < 0)
        view->top = 0;
    shown = count - view->top < room ? count - view->top : room;
    buf_init(out);
    append_head(view, out, snapshot, columns);
    append_counts(view, out, counts, columns);
    for (int i = 0; i < shown; i++)
        append_row(view, out, chosen[view->top + i], columns);
    for (int i = shown; i < room; i++)
        append_line(view, out, STYLE_PLAIN, i == 0 && snapshot != NULL ? "No organisation fits." : "", columns, false);
    append_foot(view, out, columns, shown, count);
    free(chosen);
    point_at_lines(ret_lines, rows);
}

void board_lines_finish(struct board_lines *lines) {
    buf_finish(&lines->text);
    free(lines->lines);
    lines->lines = NULL;
}
