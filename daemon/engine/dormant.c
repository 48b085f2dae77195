#include "daemon/engine/dormant.h"

#include <stdio.h>
#include <stdlib.h>

#define KEY_SIZE 512 /* far above the longest measure and code that were ever accepted */

struct dormant *dormant_create(void) {
    struct dormant *dormant = mem_alloc(1, sizeof *dormant);

    dormant->arena = arena_create();
    dormant->keys = names_create();
    return dormant;
}

void dormant_destroy(struct dormant *dormant) {
    if (!dormant)
        return;
    names_destroy(dormant->keys);
    arena_destroy(dormant->arena);
    free(dormant);
}

static struct text keep(struct dormant *dormant, struct text text) {
    return (struct text){arena_copy(dormant->arena, text.s, text.len), text.len};
}

/* False: too long to be the key of anything. */
static bool key_of(char key[KEY_SIZE], struct text measure, ov_day period, struct text org, struct text *ret_key) {
    int len = snprintf(key, KEY_SIZE, "%.*s/%.*s/%ld", (int)measure.len, measure.s, (int)org.len, org.s, (long)period);

    *ret_key = (struct text){key, (size_t)len};
    return len > 0 && len < KEY_SIZE;
}

void dormant_keep_figure(struct dormant *dormant, struct text measure, ov_day period, struct text org,
                         const struct value *value, uint32_t revision) {
    struct dormant_figure figure = {.period = period, .value = *value, .revision = revision};
    char room[KEY_SIZE];
    struct text key;
    uint32_t at;

    if (measure.len >= KEY_SIZE || org.len >= KEY_SIZE || !key_of(room, measure, period, org, &key))
        return;
    figure.measure = keep(dormant, measure);
    figure.org = keep(dormant, org);
    if (value->type == VALUE_WORD)
        figure.value.word = keep(dormant, value->word);
    at = names_add(dormant->keys, key);
    if (at == dormant->figure_count) {
        ARENA_GROW(dormant->arena, dormant->figures, dormant->figure_count);
        dormant->figure_count++;
    }
    dormant->figures[at] = figure;
}

void dormant_replace_figure(struct dormant *dormant, struct text measure, ov_day period, struct text org) {
    char room[KEY_SIZE];
    struct text key;
    uint32_t at;

    if (!dormant->figure_count || !key_of(room, measure, period, org, &key))
        return;
    at = names_find(dormant->keys, key);
    if (at != NAMES_NONE)
        dormant->figures[at].replaced = true;
}

void dormant_keep_decision(struct dormant *dormant, struct text org, const struct decision_item *item,
                           struct text source, uint64_t seq) {
    struct dormant_decision *decision;

    ARENA_GROW(dormant->arena, dormant->decisions, dormant->decision_count);
    decision = &dormant->decisions[dormant->decision_count++];
    *decision = (struct dormant_decision){keep(dormant, org), keep(dormant, source), *item, seq};
    decision->item.decided_by = keep(dormant, item->decided_by);
    decision->item.reason = keep(dormant, item->reason);
    decision->item.framework = keep(dormant, item->framework);
    decision->item.trigger = keep(dormant, item->trigger);
}

void dormant_keep_step(struct dormant *dormant, struct text org, const struct programme_item *item, struct text source,
                       uint64_t seq) {
    struct dormant_step *step;

    ARENA_GROW(dormant->arena, dormant->steps, dormant->step_count);
    step = &dormant->steps[dormant->step_count++];
    *step = (struct dormant_step){keep(dormant, org), keep(dormant, source), *item, seq};
    step->item.programme = keep(dormant, item->programme);
    step->item.decided_by = keep(dormant, item->decided_by);
    step->item.reason = keep(dormant, item->reason);
    step->item.exit_criteria = keep(dormant, item->exit_criteria);
}

void dormant_keep_verdict(struct dormant *dormant, struct text framework, struct text org, const char *state) {
    struct dormant_verdict *verdict;

    ARENA_GROW(dormant->arena, dormant->verdicts, dormant->verdict_count);
    verdict = &dormant->verdicts[dormant->verdict_count++];
    verdict->framework = keep(dormant, framework);
    verdict->org = keep(dormant, org);
    verdict->state = arena_copy(dormant->arena, state, text_of(state).len);
}
