/* Steps of programmes: checked against the steps already there, then put in their place. */
#include <string.h>

#include "daemon/engine/intake.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/programme.h"

static bool is_named(const struct engine *engine, struct text id) {
    for (size_t f = 0; f < engine->framework_count; f++)
        if (framework_programme(engine->frameworks[f], id) != INDEX_NONE)
            return true;
    return false;
}

/* NULL, or what is wrong with the dates in themselves. A leave has neither. */
static const char *check_dates(const struct programme_item *item, struct arena *arena) {
    char effective[OV_DATE_SIZE], day[OV_DATE_SIZE], limit[OV_DATE_SIZE];

    if (item->action == PROGRAMME_LEAVE)
        return NULL;
    date_format(item->effective, effective);
    if (item->review_by != OV_DAY_NONE && item->review_by < item->effective)
        return arena_printf(arena, "review_by %s lies before effective %s: expected that day or a later one",
                            date_format(item->review_by, day), effective);
    if (item->limit != OV_DAY_NONE && item->limit < item->effective)
        return arena_printf(arena, "limit %s lies before effective %s: expected that day or a later one",
                            date_format(item->limit, limit), effective);
    if (item->review_by != OV_DAY_NONE && item->limit != OV_DAY_NONE && item->review_by > item->limit)
        return arena_printf(arena, "review_by %s lies after limit %s: expected the limit or an earlier day",
                            date_format(item->review_by, day), date_format(item->limit, limit));
    return NULL;
}

static const char *explain(enum programme_fault fault, const char *code, const struct programme_item *item, ov_day on,
                           struct arena *arena) {
    static const char *const actions[] = {
        [PROGRAMME_ENTER] = "enter", [PROGRAMME_LEAVE] = "leave", [PROGRAMME_REVIEW] = "review"};
    const char *id = arena_copy(arena, item->programme.s, item->programme.len);
    char effective[OV_DATE_SIZE], other[OV_DATE_SIZE];

    date_format(item->effective, effective);
    date_format(on, other);
    switch (fault) {
    case PROGRAMME_RUNNING:
        return arena_printf(arena, "'%s' cannot enter '%s' on %s: it has been in it since %s", code, id, effective,
                            other);
    case PROGRAMME_ENTERED_SAME:
        return arena_printf(arena, "'%s' cannot enter '%s' on %s: it already entered it on that day", code, id,
                            effective);
    case PROGRAMME_ENTERED_NEXT:
        return arena_printf(
            arena,
            "'%s' cannot enter '%s' on %s: it enters it on %s, and entries are recorded in the order of their dates",
            code, id, effective, other);
    case PROGRAMME_NOT_RUNNING:
        return arena_printf(arena, "'%s' cannot %s '%s' on %s: it is not in it on that day", code,
                            actions[item->action], id, effective);
    case PROGRAMME_GOES_ON:
        return arena_printf(arena, "'%s' cannot leave '%s' on %s: a later step says that it is in it until %s", code,
                            id, effective, other);
    case PROGRAMME_FULL:
        return arena_printf(arena, "'%s' has %d steps of '%s' already, the most there can be", code,
                            PROGRAMME_STEPS_MAX, id);
    case PROGRAMME_GOOD:
        break;
    }
    return NULL;
}

enum programme_fault engine_add_programme(struct engine *engine, uint32_t org, const struct programme_item *item,
                                          struct text source, uint64_t seq, ov_day *ret_on) {
    struct arena *arena = arena_create();
    struct programme_record step = {.action = item->action,
                                    .effective = item->effective,
                                    .review_by = item->review_by,
                                    .limit = item->limit,
                                    .decided_by = arena_copy(arena, item->decided_by.s, item->decided_by.len),
                                    .reason = arena_copy(arena, item->reason.s, item->reason.len),
                                    .exit_criteria = arena_copy(arena, item->exit_criteria.s, item->exit_criteria.len)};
    enum programme_fault fault;

    step.cause.seq = seq;
    step.cause.period = OV_DAY_NONE;
    text_copy(step.cause.source, sizeof step.cause.source, source);
    fault = programme_book_add(engine->programmes, org, item->programme, &step, ret_on);
    arena_destroy(arena);
    return fault;
}

const char *intake_programme(struct engine *engine, uint32_t org, const struct item *item, const char *source,
                             struct changes *changes) {
    const struct programme_item *step = &item->programme;
    const char *code = registry_at(engine->registry, org)->code, *wrong;
    enum programme_fault fault;
    ov_day on;
    char shown[64];

    if (!is_named(engine, step->programme))
        return arena_printf(changes->arena, "programme '%s' is in no framework",
                            text_escape(shown, sizeof shown, step->programme));
    wrong = check_dates(step, changes->arena);
    if (wrong)
        return wrong;
    fault = engine_add_programme(engine, org, step, text_of(source), item->seq, &on);
    if (fault)
        return explain(fault, code, step, on, changes->arena);
    for (size_t f = 0; f < engine->framework_count; f++)
        if (framework_programme(engine->frameworks[f], step->programme) != INDEX_NONE)
            turn_mark(&engine->turns[f], org, REASON_PROGRAMME);
    ARENA_GROW(changes->arena, changes->programmes, changes->programme_count);
    changes->programmes[changes->programme_count++] =
        (struct programme_change){org, programme_book_find(engine->programmes, org, step->programme)->id};
    return NULL;
}
