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
        struct text framework = text_of(renewal->from->frameworks[f]->id);

        for (uint32_t org = 0; org < registry_count(renewal->from->registry); org++) {
            changes_reset(scratch);
            engine_load_verdict_of(renewal->to, framework, text_of(registry_at(renewal->from->registry, org)->code),
                                   engine_verdict_state(renewal->from, f, org, scratch));
        }
    }
}

void engine_load_dormant(const struct engine *from, struct engine *to) {
    const struct dormant *dormant = from->dormant;

    for (size_t i = 0; i < dormant->verdict_count; i++) {
        const struct dormant_verdict *verdict = &dormant->verdicts[i];

        engine_load_verdict_of(to, verdict->framework, verdict->org, verdict->state);
    }
    for (size_t i = 0; i < dormant->figure_count; i++) {
        const struct dormant_figure *figure = &dormant->figures[i];

        if (!figure->replaced)
            engine_load_figure(to, figure->measure, figure->period, figure->org, &figure->value, figure->revision);
    }
    for (size_t i = 0; i < dormant->decision_count; i++) {
        const struct dormant_decision *decision = &dormant->decisions[i];

        engine_load_decision(to, decision->org, &decision->item, decision->source, decision->seq);
    }
    for (size_t i = 0; i < dormant->step_count; i++) {
        const struct dormant_step *step = &dormant->steps[i];

        engine_load_programme(to, step->org, &step->item, step->source, step->seq);
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
    engine_load_dormant(from, to);
    return renewal.lost;
}
