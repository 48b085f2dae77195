/*
 * The stored form of a verdict's own state: words separated by one space, each
 * `name=value`, items of a list separated by commas, parts of an item by
 * slashes. Measures and triggers stand by id, as their positions may change
 * with the framework. Version 1 comes first.
 *
 *   1 segment=3 since=2021-05-01 on=a,b latched=b alert=1-7/2/3/standing
 *   occurrences=4 missing=m1,m2 drops=m1/2021-05-01/1/open/1-6
 *   moves=1620000000000/2/3/1-7 score=2.41/2/3/scored
 *   programmes=recovery-support/2021-05-01/in/2021-08-01/
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/engine/mem.h"
#include "daemon/engine/programme_notes.h"
#include "daemon/engine/verdict.h"

/* ---- Writing ---- */

/* What does not fit stands behind what does. */
static void write_left(struct arena_text *text, const struct verdict *verdict, enum verdict_list list, bool first) {
    if (verdict->left[list])
        arena_add(text, "%s%s", first ? "" : ",", verdict->left[list]);
}

static void write_mask(struct arena_text *text, const struct trigger *triggers, size_t count, uint64_t mask) {
    const char *comma = "";

    for (size_t i = 0; i < count; i++)
        if (mask >> i & 1) {
            arena_add(text, "%s%s", comma, triggers[i].id);
            comma = ",";
        }
}

static void write_missing(struct arena_text *text, const struct framework *framework, const struct verdict *verdict) {
    const char *comma = "";

    for (uint16_t i = 0; i < framework->measure_count; i++)
        if (verdict_is_missing(verdict, i)) {
            arena_add(text, "%s%s", comma, framework->measures[i].id);
            comma = ",";
        }
    write_left(text, verdict, LIST_MISSING, !*comma);
}

static const char *const drop_states[] = {
    [DROP_OPEN] = "open", [DROP_WITHDRAWN] = "withdrawn", [DROP_RECOVERED] = "recovered"};

static void write_drops(struct arena_text *text, const struct framework *framework, const struct verdict *verdict) {
    for (size_t i = 0; i < verdict->drop_count; i++) {
        const struct drop_record *drop = &verdict->drops[i];
        char date[OV_DATE_SIZE], id[ALERT_ID_SIZE];

        arena_add(text, "%s%s/%s/%" PRIu32 "/%s/%s", i ? "," : "", framework->measures[drop->measure].id,
                  date_format(drop->period, date), drop->occurrence, drop_states[drop->state],
                  alert_id_format(drop->alert, id));
    }
    write_left(text, verdict, LIST_DROPS, !verdict->drop_count);
}

static void write_moves(struct arena_text *text, const struct verdict *verdict) {
    for (size_t i = 0; i < verdict->move_count; i++) {
        const struct move *move = &verdict->moves[i];
        char id[ALERT_ID_SIZE];

        arena_add(text, "%s%" PRId64 "/%d/%d/%s", i ? "," : "", move->time, move->before, move->after,
                  alert_id_format(move->alert, id));
    }
}

/* The scores last reported, to see after loading whether they still hold. */
static void write_score(struct arena_text *text, const struct score_verdict *score) {
    char average[NUMBER_SIZE];

    if (score->scored || score->unknown)
        arena_add(text, " score=%s/%d/%d/%s", text_from_double(score->average, average), score->unadjusted,
                  score->adjusted, score->scored ? "scored" : "unknown");
}

char *verdict_write(const struct verdict *verdict, const struct framework *framework, struct arena *arena) {
    struct arena_text text = {.arena = arena};
    char since[OV_DATE_SIZE], id[ALERT_ID_SIZE];

    arena_add(&text, "1 segment=%d since=%s on=", verdict->segment, date_format(verdict->since, since));
    write_mask(&text, framework->triggers, framework->trigger_count, verdict->on);
    arena_add(&text, " latched=");
    write_mask(&text, framework->triggers, framework->trigger_count, verdict->latched);
    write_left(&text, verdict, LIST_LATCHED, !verdict->latched);
    arena_add(&text, " alert=%s/%d/%d/%s occurrences=%" PRIu32 " missing=", alert_id_format(verdict->alert, id),
              verdict->alert_before, verdict->alert_after, verdict->standing ? "standing" : "gone",
              verdict->occurrences);
    write_missing(&text, framework, verdict);
    arena_add(&text, " drops=");
    write_drops(&text, framework, verdict);
    arena_add(&text, " moves=");
    write_moves(&text, verdict);
    write_score(&text, &verdict->score);
    programme_notes_write(verdict, framework, &text);
    return text.s;
}

/* ---- Reading ---- */

/* Cuts the next piece off the front of rest; false when nothing is left. */
static bool next(struct text *rest, char separator, struct text *ret_piece) {
    const char *end;

    if (!rest->len)
        return false;
    end = memchr(rest->s, separator, rest->len);
    *ret_piece = (struct text){rest->s, end ? (size_t)(end - rest->s) : rest->len};
    rest->len -= ret_piece->len + (end ? 1 : 0);
    rest->s += ret_piece->len + (end ? 1 : 0);
    return true;
}

static bool read_int(struct text text, int64_t low, int64_t high, int64_t *ret_number) {
    return text_to_int64(text, ret_number) && *ret_number >= low && *ret_number <= high;
}

static bool read_next_int(struct text *rest, char separator, int64_t low, int64_t high, int64_t *ret_number) {
    struct text piece;

    return next(rest, separator, &piece) && read_int(piece, low, high, ret_number);
}

/* left: who keeps triggers that are no more, or NULL. */
static uint64_t read_mask(struct text list, const struct framework *framework, struct verdict *left) {
    struct text id;
    uint64_t mask = 0;

    while (next(&list, ',', &id)) {
        uint16_t i = framework_trigger(framework, id);

        if (i != INDEX_NONE)
            mask |= UINT64_C(1) << i;
        else if (left && text_is_name(id))
            verdict_leave(left, LIST_LATCHED, id);
    }
    return mask;
}

static bool read_alert(struct text text, struct verdict *verdict) {
    struct text id;
    int64_t before, after;

    if (!next(&text, '/', &id) || !alert_id_parse(id, &verdict->alert) ||
        !read_next_int(&text, '/', 0, SEGMENTS_MAX, &before) || !read_next_int(&text, '/', 0, SEGMENTS_MAX, &after))
        return false;
    verdict->alert_before = (int)before;
    verdict->alert_after = (int)after;
    verdict->standing = text_equal(text, "standing");
    return true;
}

static bool read_score(struct text text, struct score_verdict *ret_score) {
    struct text average;
    int64_t unadjusted, adjusted;

    if (!next(&text, '/', &average) || !text_to_double(average, &ret_score->average) ||
        !read_next_int(&text, '/', 1, SEGMENTS_MAX, &unadjusted) ||
        !read_next_int(&text, '/', 1, SEGMENTS_MAX, &adjusted))
        return false;
    ret_score->unadjusted = (int)unadjusted;
    ret_score->adjusted = (int)adjusted;
    ret_score->scored = text_equal(text, "scored");
    ret_score->unknown = text_equal(text, "unknown");
    return true;
}

static bool read_drop(struct text text, const struct framework *framework, struct verdict *verdict) {
    struct text id, period, state, whole = text;
    struct drop_record drop = {.state = DROP_OPEN};
    int64_t occurrence;

    if (!next(&text, '/', &id) || !next(&text, '/', &period) || !date_parse(period.s, period.len, &drop.period) ||
        !read_next_int(&text, '/', 1, UINT32_MAX, &occurrence) || !next(&text, '/', &state) ||
        !alert_id_parse(text, &drop.alert))
        return false;
    drop.measure = framework_measure(framework, id);
    drop.occurrence = (uint32_t)occurrence;
    while (drop.state <= DROP_RECOVERED && !text_equal(state, drop_states[drop.state]))
        drop.state++;
    if (drop.state > DROP_RECOVERED || !text_is_name(id))
        return false;
    if (drop.measure != INDEX_NONE)
        verdict_add_drop(verdict, &drop);
    else
        verdict_leave(verdict, LIST_DROPS, whole);
    return true;
}

static bool read_move(struct text text, struct verdict *verdict) {
    struct move move;
    int64_t before, after;

    if (!read_next_int(&text, '/', INT64_MIN, INT64_MAX, &move.time) ||
        !read_next_int(&text, '/', 1, SEGMENTS_MAX, &before) || !read_next_int(&text, '/', 1, SEGMENTS_MAX, &after) ||
        !alert_id_parse(text, &move.alert))
        return false;
    move.before = (int)before;
    move.after = (int)after;
    verdict_add_move(verdict, &move);
    return true;
}

static bool read_list(struct text list, const struct framework *framework, struct verdict *verdict, char what) {
    struct text piece;

    while (next(&list, ',', &piece)) {
        uint16_t measure;

        if (what == 'd' ? !read_drop(piece, framework, verdict) : what == 'v' && !read_move(piece, verdict))
            return false;
        if (what != 'm')
            continue;
        if ((measure = framework_measure(framework, piece)) != INDEX_NONE)
            verdict_set_missing(verdict, measure, true);
        else if (!text_is_name(piece))
            return false;
        else
            verdict_leave(verdict, LIST_MISSING, piece);
    }
    return true;
}

static bool read_word(struct text name, struct text value, const struct framework *framework, struct verdict *verdict) {
    int64_t number;

    if (text_equal(name, "segment")) {
        if (!read_int(value, 1, SEGMENTS_MAX, &number))
            return false;
        verdict->segment = (int)number;
    } else if (text_equal(name, "since")) {
        return !value.len || date_parse(value.s, value.len, &verdict->since);
    } else if (text_equal(name, "on")) {
        verdict->on = read_mask(value, framework, NULL);
    } else if (text_equal(name, "latched")) {
        verdict->latched = read_mask(value, framework, verdict);
    } else if (text_equal(name, "alert")) {
        return read_alert(value, verdict);
    } else if (text_equal(name, "occurrences")) {
        if (!read_int(value, 0, UINT32_MAX, &number))
            return false;
        verdict->occurrences = (uint32_t)number;
    } else if (text_equal(name, "missing")) {
        return read_list(value, framework, verdict, 'm');
    } else if (text_equal(name, "drops")) {
        return read_list(value, framework, verdict, 'd');
    } else if (text_equal(name, "moves")) {
        return read_list(value, framework, verdict, 'v');
    } else if (text_equal(name, "programmes")) {
        return programme_notes_read(verdict, framework, value);
    } else if (text_equal(name, "score")) {
        return read_score(value, &verdict->score);
    }
    return true; /* a later version may add words */
}

bool verdict_read(struct verdict *verdict, const struct framework *framework, const char *text) {
    struct text rest = text_of(text), word;

    if (!next(&rest, ' ', &word) || !text_equal(word, "1"))
        return false;
    while (next(&rest, ' ', &word)) {
        struct text name;

        if (!next(&word, '=', &name) || !read_word(name, word, framework, verdict))
            return false;
    }
    verdict->stored = true;
    verdict_list_open(verdict);
    return true;
}
