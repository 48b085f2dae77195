#include "daemon/engine/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"

void verdict_init(struct verdict *verdict, const struct framework *framework) {
    *verdict = (struct verdict){.segment = framework->default_segment,
                                .official = framework->default_segment,
                                .since = OV_DAY_NONE,
                                .missing = mem_alloc(framework->measure_count / 64 + 1, sizeof(uint64_t))};
}

void verdict_finish(struct verdict *verdict) {
    for (size_t i = 0; i < verdict->decision_count; i++) {
        free(verdict->decisions[i].decided_by);
        free(verdict->decisions[i].reason);
    }
    free(verdict->decisions);
    free(verdict->missing);
    free(verdict->drops);
    free(verdict->notes);
    free(verdict->moves);
    free(verdict->open);
    for (size_t i = 0; i < LIST_COUNT; i++)
        free(verdict->left[i]);
}

void verdict_leave(struct verdict *verdict, enum verdict_list list, struct text item) {
    char *left = verdict->left[list];
    size_t len = left ? strlen(left) : 0;

    if (len + item.len + 2 > LEFT_BYTES)
        return;
    left = mem_resize(left, len + item.len + 2, 1);
    if (len)
        left[len++] = ',';
    memcpy(left + len, item.s, item.len);
    left[len + item.len] = 0;
    verdict->left[list] = left;
}

bool verdict_is_missing(const struct verdict *verdict, uint16_t measure) {
    return verdict->missing[measure / 64] >> (measure % 64) & 1;
}

void verdict_set_missing(struct verdict *verdict, uint16_t measure, bool missing) {
    uint64_t bit = UINT64_C(1) << (measure % 64);

    if (missing)
        verdict->missing[measure / 64] |= bit;
    else
        verdict->missing[measure / 64] &= ~bit;
}

struct drop_record *verdict_find_drop(const struct verdict *verdict, uint16_t measure, ov_day period) {
    for (size_t i = 0; i < verdict->drop_count; i++)
        if (verdict->drops[i].measure == measure && verdict->drops[i].period == period)
            return &verdict->drops[i];
    return NULL;
}

/* Does a give way to a new drop before b? Those that are over do, then the older. */
static bool drop_goes_first(const struct drop_record *a, const struct drop_record *b) {
    bool a_open = a->state == DROP_OPEN, b_open = b->state == DROP_OPEN;

    return a_open != b_open ? b_open : a->period < b->period;
}

static void make_room_for_drop(struct verdict *verdict) {
    size_t goes = 0;

    for (size_t i = 1; i < verdict->drop_count; i++)
        if (drop_goes_first(&verdict->drops[i], &verdict->drops[goes]))
            goes = i;
    verdict->drop_count--;
    memmove(verdict->drops + goes, verdict->drops + goes + 1, (verdict->drop_count - goes) * sizeof *verdict->drops);
}

void verdict_add_drop(struct verdict *verdict, const struct drop_record *record) {
    if (verdict->drop_count >= DROPS_KEPT)
        make_room_for_drop(verdict);
    MEM_GROW(verdict->drops, verdict->drop_count, verdict->drop_capacity);
    verdict->drops[verdict->drop_count++] = *record;
}

void verdict_add_move(struct verdict *verdict, const struct move *move) {
    if (verdict->move_count == MOVES_KEPT) {
        memmove(verdict->moves, verdict->moves + 1, (MOVES_KEPT - 1) * sizeof *verdict->moves);
        verdict->move_count--;
    }
    MEM_GROW(verdict->moves, verdict->move_count, verdict->move_capacity);
    verdict->moves[verdict->move_count++] = *move;
}

void verdict_add_decision(struct verdict *verdict, const struct decision *decision) {
    size_t at;

    MEM_GROW(verdict->decisions, verdict->decision_count, verdict->decision_capacity);
    for (at = verdict->decision_count; at && verdict->decisions[at - 1].effective > decision->effective; at--)
        verdict->decisions[at] = verdict->decisions[at - 1];
    verdict->decisions[at] = *decision;
    verdict->decisions[at].decided_by = mem_copy(decision->decided_by);
    verdict->decisions[at].reason = mem_copy(decision->reason);
    verdict->decision_count++;
}

static void open_add(struct verdict *verdict, struct alert_id id) {
    MEM_GROW(verdict->open, verdict->open_count, verdict->open_capacity);
    verdict->open[verdict->open_count++] = id;
}

void verdict_list_open(struct verdict *verdict) {
    verdict->open_count = 0;
    if (verdict->standing && verdict->alert_after >= 3)
        open_add(verdict, verdict->alert);
    for (size_t i = 0; i < verdict->drop_count; i++)
        if (verdict->drops[i].state == DROP_OPEN && verdict->drops[i].alert.seq)
            open_add(verdict, verdict->drops[i].alert);
}
