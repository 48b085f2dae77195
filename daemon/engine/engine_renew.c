/* A new engine under new rules that goes on where an old one stands. */
#include "daemon/engine/engine_state.h"
#include "daemon/engine/mem.h"

struct renewal {
    const struct engine *from;
    struct engine *to;
    size_t lost;
};

static void renew_figure(void *context, const struct figure_change *figure) {
    struct renewal *renewal = context;
    const struct organisation *organisation = registry_at(renewal->from->registry, figure->org);

    if (!engine_load_figure(renewal->to, text_of(figure->measure), figure->period, text_of(organisation->code),
                            &figure->value, figure->revision))
        renewal->lost++;
}

static void renew_decision(void *context, const struct decision_change *decision) {
    struct renewal *renewal = context;
    const char *code = registry_at(renewal->from->registry, decision->org)->code;

    if (!engine_load_decision(renewal->to, text_of(code), decision->item, text_of(decision->source), decision->seq))
        renewal->lost++;
}

struct stepping {
    struct renewal *renewal;
    const char *code;
};

static void renew_step(void *context, const struct programme_step *step) {
    struct stepping *stepping = context;

    if (!engine_load_programme(stepping->renewal->to, text_of(stepping->code), &step->item, text_of(step->source),
                               step->seq))
        stepping->renewal->lost++;
}

static void renew_programmes(struct renewal *renewal, uint32_t org) {
    struct stepping stepping = {renewal, registry_at(renewal->from->registry, org)->code};
    const char *programme;

    for (size_t i = 0; (programme = engine_programme_name(renewal->from, org, i)); i++)
        engine_programme_steps(renewal->from, org, programme, renew_step, &stepping);
}

static void renew_verdicts(struct renewal *renewal, struct changes *scratch) {
    for (uint16_t f = 0; f < renewal->from->framework_count; f++) {
        uint16_t to = engine_find_framework(renewal->to, text_of(renewal->from->frameworks[f]->id));

        for (uint32_t org = 0; to != INDEX_NONE && org < registry_count(renewal->from->registry); org++) {
            uint32_t there =
                registry_find(renewal->to->registry, text_of(registry_at(renewal->from->registry, org)->code));

            if (there == ORG_NONE)
                continue;
            changes_reset(scratch);
            engine_load_verdict(renewal->to, to, there, engine_verdict_state(renewal->from, f, org, scratch));
        }
    }
}

size_t engine_renew(const struct engine *from, struct engine *to) {
    struct renewal renewal = {.from = from, .to = to};
    struct changes scratch;

    changes_init(&scratch);
    to->last_id = from->last_id;
    engine_load_date(to, from->date);
    for (size_t i = 0; i < engine_source_count(from); i++) {
        uint64_t last;
        const char *source = engine_source_at(from, i, &last);

        engine_load_source(to, text_of(source), last);
    }
    engine_figures(from, renew_figure, &renewal);
    renew_verdicts(&renewal, &scratch);
    for (uint32_t org = 0; org < registry_count(from->registry); org++) {
        engine_decisions(from, org, renew_decision, &renewal);
        renew_programmes(&renewal, org);
    }
    changes_finish(&scratch);
    return renewal.lost;
}
