#include "daemon/engine/turn.h"

#include <stdlib.h>

#include "daemon/engine/ledger.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/scoreboard.h"

void turn_init(struct turn *turn, struct assessment *assessment, uint16_t framework, struct alert_id *last_id) {
    *turn = (struct turn){.assessment = assessment, .framework = framework, .last_id = last_id};
    turn->reasons = mem_alloc(assessment->org_count, sizeof *turn->reasons);
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
};

static void mark_peer(void *context, struct ranking_entry entry) {
    const struct crossing *crossing = context;

    crossing->turn->assessment->counters->flips++;
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
    struct bands after = bands_of(table->ranking, turn->assessment->framework->minimum_peers);
    struct crossing crossing = {turn, touched->measure};

    bands_changed(table->ranking, &table->bands, &after, mark_peer, &crossing);
    table->bands = after;
    table->touched = false;
}

/* Walks a peer set from the oldest of its periods that were touched. */
static void settle_walk(struct turn *turn, const struct touched_table *oldest) {
    struct assessment *assessment = turn->assessment;

    if (!figures_walk(assessment->figures[oldest->measure], oldest->set, oldest->column->period))
        return;
    assessment->counters->rebuilt_walks++;
    MEM_GROW(turn->walks, turn->walk_count, turn->walk_capacity);
    turn->walks[turn->walk_count++] = *oldest;
}

/* Peer sets together, their periods from the oldest. */
static int by_peer_set(const void *a, const void *b) {
    const struct touched_table *x = a, *y = b;

    if (x->measure != y->measure)
        return x->measure < y->measure ? -1 : 1;
    if (x->set != y->set)
        return x->set < y->set ? -1 : 1;
    return (x->column->period > y->column->period) - (x->column->period < y->column->period);
}

static void settle_tables(struct turn *turn) {
    const struct touched_table *tables = turn->tables;

    if (turn->table_count > 1)
        qsort(turn->tables, turn->table_count, sizeof *turn->tables, by_peer_set);
    for (size_t i = 0; i < turn->table_count; i++) {
        settle_table(turn, &tables[i]);
        if (i == 0 || tables[i - 1].measure != tables[i].measure || tables[i - 1].set != tables[i].set)
            settle_walk(turn, &tables[i]);
    }
}

bool turn_walk_moved(const struct turn *turn, uint32_t org, uint16_t measure) {
    uint8_t set = figures_peer_set(turn->assessment->figures[measure], org);

    return set != PEER_SET_NONE && walk_listed(turn, measure, set);
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
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
    if (turn->dirty_count > 1)
        qsort(turn->dirty, turn->dirty_count, sizeof *turn->dirty, by_number);
    for (size_t i = 0; i < turn->dirty_count; i++)
        judge(turn, turn->dirty[i]);
    for (size_t i = 0; i < turn->dirty_count; i++) {
        turn->reasons[turn->dirty[i]] = 0;
        turn->first_touch[turn->dirty[i]] = TOUCH_NONE;
    }
    for (size_t i = 0; i < turn->touch_count; i++)
        turn->last_touch[turn->touches[i].measure] = TOUCH_NONE;
    turn->dirty_count = turn->touch_count = turn->table_count = turn->walk_count = 0;
}

void turn_settle_all(struct assessment *assessment) {
    for (size_t m = 0; m < assessment->framework->measure_count; m++) {
        struct figures *figures = assessment->figures[m];

        for (size_t c = 0; c < figures->count; c++)
            for (size_t s = 0; s < figures->measure->peer_set_count; s++)
                if (figures->columns[c]->tables[s].ranking)
                    figures->columns[c]->tables[s].bands =
                        bands_of(figures->columns[c]->tables[s].ranking, assessment->framework->minimum_peers);
        for (size_t s = 0; s < figures->measure->peer_set_count; s++)
            figures_walk(figures, (uint8_t)s, OV_DAY_NONE);
    }
    if (assessment->scoreboard)
        scoreboard_load(assessment->scoreboard);
}
