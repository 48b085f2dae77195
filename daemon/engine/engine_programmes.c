/* Programmes: loading and reading. */
#include "daemon/engine/engine_state.h"
#include "daemon/engine/programme.h"

bool engine_load_programme(struct engine *engine, struct text org, const struct programme_item *item,
                           struct text source, uint64_t seq) {
    uint32_t at = registry_find(engine->registry, org);
    ov_day on;

    if (at == ORG_NONE) {
        dormant_keep_step(engine->dormant, org, item, source, seq);
        return false;
    }
    return engine_add_programme(engine, at, item, source, seq, &on) == PROGRAMME_GOOD;
}

void engine_load_programme_anew(struct engine *engine, struct text org, struct text programme) {
    uint32_t at = registry_find(engine->registry, org);

    if (at != ORG_NONE)
        programme_book_clear(engine->programmes, at, programme);
}

bool engine_programme_at(const struct engine *engine, uint16_t framework, uint32_t org, size_t index,
                         struct programme_row *ret_row) {
    const struct framework *rules = engine->frameworks[framework];
    size_t count = 0;

    for (size_t p = 0; p < rules->programme_count; p++) {
        const struct programme_log *log =
            programme_book_find(engine->programmes, org, text_of(rules->programmes[p].id));
        struct programme_stay stay;

        for (size_t at = 0; log && programme_stay_next(log, &rules->programmes[p], engine->date, &at, &stay); count++)
            if (count == index) {
                *ret_row = (struct programme_row){.programme = &rules->programmes[p],
                                                  .entered = stay.entered,
                                                  .review_by = stay.review_by,
                                                  .limit = stay.limit,
                                                  .left = stay.left,
                                                  .exit_criteria = stay.exit_criteria,
                                                  .due = programme_due(&stay, engine->date),
                                                  .overdue = programme_overdue(&stay, engine->date)};
                return true;
            }
    }
    return false;
}

const char *engine_programme_name(const struct engine *engine, uint32_t org, size_t index) {
    return index < programme_book_count(engine->programmes, org) ? programme_book_at(engine->programmes, org, index)->id
                                                                 : NULL;
}

void engine_programme_steps(const struct engine *engine, uint32_t org, const char *programme, programme_visit visit,
                            void *context) {
    const struct programme_log *log = programme_book_find(engine->programmes, org, text_of(programme));

    for (size_t i = 0; log && i < log->count; i++) {
        const struct programme_record *record = &log->steps[i];
        struct programme_step step = {.item = {.programme = text_of(log->id),
                                               .action = record->action,
                                               .effective = record->effective,
                                               .review_by = record->review_by,
                                               .limit = record->limit,
                                               .decided_by = text_of(record->decided_by),
                                               .reason = text_of(record->reason),
                                               .exit_criteria = text_of(record->exit_criteria)},
                                      .source = record->cause.source,
                                      .seq = record->cause.seq};

        visit(context, &step);
    }
}
