#include "clients/cases/play.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

void play_differs(struct play *play, unsigned number, const char *expected, const char *actual) {
    buf_printf(&play->differences, "  line %u\n", number);
    if (expected)
        buf_printf(&play->differences, "    - %s\n", expected);
    if (actual)
        buf_printf(&play->differences, "    + %s\n", actual);
}

ov_day play_period(const struct play *play, const struct line *line, const char *text) {
    ov_day day;

    if (!date_parse_period(text, strlen(text), &day))
        case_error(play->file, line->number, "'%s' is no period", text);
    return day;
}

uint32_t play_org(const struct play *play, const struct line *line, const char *code) {
    uint32_t org = registry_find(engine_registry(play->engine), text_of(code));

    if (org == ORG_NONE)
        case_error(play->file, line->number, "no organisation '%s'", code);
    return org;
}

uint16_t play_measure(const struct play *play, const struct line *line, const char *id, uint16_t *ret_framework) {
    for (uint16_t f = 0; f < engine_framework_count(play->engine); f++) {
        uint16_t measure = framework_measure(engine_framework(play->engine, f), text_of(id));

        if (measure == INDEX_NONE)
            continue;
        *ret_framework = f;
        return measure;
    }
    case_error(play->file, line->number, "no measure '%s'", id);
}

static void observe_step(const struct play *play) {
    for (size_t i = 0; play->observe && i < play->changes.alert_count; i++)
        play->observe(play->observe_context, play->changes.alerts[i]);
}

void play_case(struct play *play, const struct case_file *file, const struct test_case *test) {
    play->file = file;
    play->test = test;
    text_copy(play->source, sizeof play->source, TEXT_OF("test"));
    rules_init(&play->rules, file);
    changes_init(&play->changes);
    buf_init(&play->differences);
    buf_init(&play->transcript);
    for (size_t i = 0; i < test->count; i++) {
        const struct paragraph *paragraph = &test->paragraphs[i];

        if (play->restarting && play->engine)
            step_restart(play, paragraph->lines[0].number);
        if (!step_do(play, paragraph))
            continue;
        observe_step(play);
        compare_step(play, paragraph);
    }
}

void play_finish(struct play *play) {
    engine_destroy(play->engine);
    changes_finish(&play->changes);
    rules_finish(&play->rules);
    for (size_t i = 0; i < play->label_count; i++)
        free(play->labels[i].name);
    free(play->labels);
    buf_finish(&play->differences);
    buf_finish(&play->transcript);
}
