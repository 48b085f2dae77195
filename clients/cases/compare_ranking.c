/* What a paragraph expects of a ranking. */
#include "clients/cases/compare.h"

#include <stdio.h>
#include <string.h>

#include "clients/cases/words.h"

struct rows {
    const struct engine *engine;
    struct buf quartile, decile, top, ranks;
};

static void take_row(void *context, const struct league_row *row) {
    struct rows *rows = context;
    const char *code = registry_at(engine_registry(rows->engine), row->org)->code;
    char text[ORG_CODE_MAX + 16];

    if (row->bottom_quartile)
        words_add(&rows->quartile, code);
    if (row->bottom_decile)
        words_add(&rows->decile, code);
    if (row->top_quartile)
        words_add(&rows->top, code);
    snprintf(text, sizeof text, "%s=%u", code, row->rank);
    words_add(&rows->ranks, text);
}

static uint8_t set_of(const struct play *play, const struct line *line, uint16_t f, uint16_t measure) {
    const struct framework *framework = engine_framework(play->engine, f);
    const char *type = words_after(line, "type");
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
void compare_put_ranking(const struct play *play, struct buf *out, const struct line *line) {
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
