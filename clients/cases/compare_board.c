/* What a paragraph expects of the board. */
#include "clients/cases/compare.h"

#include <stdio.h>
#include <string.h>

#include "clients/cases/programmes.h"
#include "clients/cases/scores.h"
#include "clients/cases/words.h"

static void put_mask(struct buf *out, const struct framework *framework, uint64_t mask) {
    struct buf list;

    buf_init(&list);
    for (size_t i = 0; i < framework->trigger_count; i++)
        if (mask >> i & 1)
            words_add(&list, framework->triggers[i].id);
    words_put(out, &list);
}

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
            words_add(&list, text);
    }
    words_put(out, &list);
}

static void put_open(const struct play *play, struct buf *out, const struct standing *standing) {
    struct buf list;

    buf_init(&list);
    for (size_t i = 0; i < standing->open_count; i++)
        words_add_alert(play, &list, standing->open_alerts[i]);
    words_put(out, &list);
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

void compare_put_board(const struct play *play, struct buf *out, const struct line *line) {
    const char *id = words_after(line, "framework");
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
