#include "daemon/engine/turn.h"

#include <stdlib.h>

#include "daemon/engine/ledger.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/scoreboard.h"

void turn_init(struct turn *turn, struct assessment *assessment, uint16_t framework, struct alert_id *last_id) {
    *turn = (struct turn){.assessment = assessment, .framework = framework, .last_id = last_id};
    turn->reasons = mem_alloc(assessment->org_count, sizeof *turn->reasons);
    turn->dirty_bits = mem_alloc(assessment->org_count / 64 + 1, sizeof *turn->dirty_bits);
    turn->dirty_groups = mem_alloc(assessment->org_count / 4096 + 1, sizeof *turn->dirty_groups);
    turn->first_touch = mem_alloc(assessment->org_count, sizeof *turn->first_touch);
    for (uint32_t i = 0; i < assessment->org_count; i++)
        turn->first_touch[i] = TOUCH_NONE;
    turn->last_touch = mem_alloc(assessment->framework->measure_count, sizeof *turn->last_touch);
    for (size_t i = 0; i < assessment->framework->measure_count; i++)
        turn->last_touch[i] = TOUCH_NONE;
}

void turn_finish(struct turn *turn) {
    free(turn->touches);
    free(turn->first_touch);
    free(turn->last_touch);
    free(turn->tables);
    free(turn->reasons);
    free(turn->dirty);
    free(turn->dirty_bits);
    free(turn->dirty_groups);
    free(turn->resized);
    free(turn->walks);
}

void turn_begin(struct turn *turn, const char *source, int64_t now, bool silent, struct changes *changes) {
    turn->source = source;
    turn->seq = 0;
    turn->now = now;
    turn->silent = silent;
    turn->changes = changes;
}

void turn_mark(struct turn *turn, uint32_t org, enum reason reason) {
    if (!turn->reasons[org]) {
        MEM_GROW(turn->dirty, turn->dirty_count, turn->dirty_capacity);
        turn->dirty[turn->dirty_count++] = org;
        turn->dirty_bits[org / 64] |= UINT64_C(1) << (org % 64);
        turn->dirty_groups[org / 4096] |= UINT64_C(1) << (org / 64 % 64);
    }
    turn->reasons[org] |= (uint8_t)reason;
    if (reason & (REASON_RULES | REASON_DATE) && turn->assessment->ledger)
        ledger_mark_all(turn->assessment->ledger, org);
}

void turn_mark_measure(struct turn *turn, uint32_t org, uint16_t measure, enum reason reason) {
    turn_mark(turn, org, reason);
    if (turn->assessment->ledger)
        ledger_mark(turn->assessment->ledger, org, measure);
}

void turn_touch(struct turn *turn, uint32_t org, uint16_t measure, uint64_t seq, const struct figure_effect *effect) {
    MEM_GROW(turn->touches, turn->touch_count, turn->touch_capacity);
    turn->touches[turn->touch_count] = (struct touch){.org = org,
                                                      .measure = measure,
                                                      .period = effect->column->period,
                                                      .seq = seq,
                                                      .correction = effect->correction,
                                                      .next = turn->first_touch[org]};
    turn->first_touch[org] = turn->last_touch[measure] = (uint32_t)turn->touch_count++;
    turn->emptied |= !effect->column->present;
    turn_mark_measure(turn, org, measure, REASON_FIGURE);
    if (!effect->reranked || effect->column->tables[effect->set].touched)
        return;
    effect->column->tables[effect->set].touched = true;
    MEM_GROW(turn->tables, turn->table_count, turn->table_capacity);
    turn->tables[turn->table_count++] =
        (struct touched_table){.measure = measure, .set = effect->set, .column = effect->column};
}

struct crossing {
    struct turn *turn;
    uint16_t measure;
    const struct column *column;
};

static void mark_peer(void *context, struct ranking_entry entry) {
    const struct crossing *crossing = context;

    crossing->turn->assessment->counters->flips++;
    __builtin_prefetch(&crossing->column->values[entry.member]); /* for judge() */
    turn_mark_measure(crossing->turn, entry.member, crossing->measure, REASON_PEERS);
}

static bool walk_listed(const struct turn *turn, uint16_t measure, uint8_t set) {
    for (size_t i = 0; i < turn->walk_count; i++)
        if (turn->walks[i].measure == measure && turn->walks[i].set == set)
            return true;
    return false;
}

/* Everyone of a peer set who has ever reported the measure. */
static void mark_set(struct turn *turn, uint16_t measure, uint8_t set, enum reason reason) {
    const struct figures *figures = turn->assessment->figures[measure];
    uint32_t orgs = turn->assessment->org_count;

    for (uint32_t org = 0; org < orgs; org++)
        if (figures_peer_set(figures, org) == set && figures_newest(figures, org, UNTIL_NOW))
            turn_mark_measure(turn, org, measure, reason);
}

static void settle_table(struct turn *turn, const struct touched_table *touched) {
    struct table *table = &touched->column->tables[touched->set];
    struct bands after =
        table->count ? bands_of(table->ranking, turn->assessment->framework->minimum_peers) : bands_none();
    struct crossing crossing = {turn, touched->measure, touched->column};

    bands_changed(table->ranking, &table->bands, &after, mark_peer, &crossing);
    table->bands = after;
    table->touched = false;
}

/* A walk depends on how many are ranked: where nobody came or went it stands. */
static void note_resized(struct turn *turn, const struct touched_table *touched) {
    struct table *table = &touched->column->tables[touched->set];
    struct walk *walk = &turn->assessment->figures[touched->measure]->walks[touched->set];

    if (!table->resized)
        return;
    table->resized = false;
    if (!walk->from) {
        MEM_GROW(turn->resized, turn->resized_count, turn->resized_capacity);
        turn->resized[turn->resized_count++] = *touched;
    }
    if (!walk->from || touched->column->period < walk->from->period)
        walk->from = touched->column;
}

/* Walks a peer set from the oldest of its periods that were resized. */
static void settle_walk(struct turn *turn, const struct touched_table *resized) {
    struct assessment *assessment = turn->assessment;
    struct figures *figures = assessment->figures[resized->measure];
    ov_day from = figures->walks[resized->set].from->period;

    figures->walks[resized->set].from = NULL;
    if (!figures_walk(figures, resized->set, from))
        return;
    assessment->counters->rebuilt_walks++;
    figures_rest(figures);
    MEM_GROW(turn->walks, turn->walk_count, turn->walk_capacity);
    turn->walks[turn->walk_count++] = *resized;
}

static void settle_tables(struct turn *turn) {
    for (size_t i = 0; i < turn->table_count; i++) {
        settle_table(turn, &turn->tables[i]);
        note_resized(turn, &turn->tables[i]);
    }
    for (size_t i = 0; i < turn->resized_count; i++)
        settle_walk(turn, &turn->resized[i]);
    turn->resized_count = 0;
}

bool turn_walk_moved(const struct turn *turn, uint32_t org, uint16_t measure) {
    uint8_t set = figures_peer_set(turn->assessment->figures[measure], org);

    return set != PEER_SET_NONE && walk_listed(turn, measure, set);
}

/* Brings those to be looked at again into the order of the registry. */
static void order_dirty(struct turn *turn) {
    size_t groups = turn->assessment->org_count / 4096 + 1, count = 0;

    for (size_t g = 0; g < groups; g++) {
        for (uint64_t words = turn->dirty_groups[g]; words; words &= words - 1) {
            size_t word = g * 64 + (size_t)__builtin_ctzll(words);

            for (uint64_t left = turn->dirty_bits[word]; left; left &= left - 1)
                turn->dirty[count++] = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(left));
            turn->dirty_bits[word] = 0;
        }
        turn->dirty_groups[g] = 0;
    }
}

static void forget_emptied(struct turn *turn) {
    for (size_t i = 0; i < turn->touch_count; i++) {
        struct figures *figures = turn->assessment->figures[turn->touches[i].measure];

        if (figures->emptied)
            figures_forget(figures);
    }
    turn->emptied = false;
}

void turn_end(struct turn *turn) {
    settle_tables(turn);
    for (size_t i = 0; i < turn->walk_count; i++)
        mark_set(turn, turn->walks[i].measure, turn->walks[i].set, REASON_PERIOD);
    /* A fall in percentiles can come without a change of band. */
    for (size_t i = 0; i < turn->table_count; i++)
        if (turn->assessment->framework->measures[turn->tables[i].measure].drop_rank > 0)
            mark_set(turn, turn->tables[i].measure, turn->tables[i].set, REASON_PEERS);
    if (turn->assessment->scoreboard)
        scoreboard_turn(turn->assessment->scoreboard, turn);
    order_dirty(turn);
    for (size_t i = 0; i < turn->dirty_count; i++)
        judge(turn, turn->dirty[i]);
    for (size_t i = 0; i < turn->dirty_count; i++) {
        if (turn->reasons[turn->dirty[i]] & REASON_FIGURE)
            turn->first_touch[turn->dirty[i]] = TOUCH_NONE;
        turn->reasons[turn->dirty[i]] = 0;
    }
    for (size_t i = 0; i < turn->touch_count; i++)
        turn->last_touch[turn->touches[i].measure] = TOUCH_NONE;
    if (turn->emptied)
        forget_emptied(turn);
    turn->dirty_count = turn->touch_count = turn->table_count = turn->walk_count = 0;
}

void turn_settle_all(struct assessment *assessment) {
    for (size_t m = 0; m < assessment->framework->measure_count; m++)
        figures_settle(assessment->figures[m]);
    if (assessment->scoreboard)
        scoreboard_load(assessment->scoreboard);
}
