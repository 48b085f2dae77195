#include "clients/cases/programmes.h"

#include <stdlib.h>
#include <string.h>

static enum programme_action action_of(const struct play *play, const struct line *line, const char *word) {
    if (!strcmp(word, "enter"))
        return PROGRAMME_ENTER;
    if (!strcmp(word, "review"))
        return PROGRAMME_REVIEW;
    if (strcmp(word, "leave") != 0)
        case_error(play->file, line->number, "'%s': expected enter, review or leave", word);
    return PROGRAMME_LEAVE;
}

void programmes_take(const struct play *play, const struct line *line, struct item *item) {
    struct programme_item *step = &item->programme;

    if (line->count < 6 || line->count % 2 || strcmp(line->words[4], "from") != 0)
        case_error(play->file, line->number,
                   "expected: programme ORG ID enter|review|leave from DATE "
                   "[review-by DATE] [limit DATE] [exit-criteria TEXT]");
    item->org = text_of(line->words[1]);
    *step = (struct programme_item){.programme = text_of(line->words[2]),
                                    .action = action_of(play, line, line->words[3]),
                                    .effective = play_period(play, line, line->words[5]),
                                    .decided_by = TEXT_OF("National team"),
                                    .reason = TEXT_OF("reviewed"),
                                    .review_by = OV_DAY_NONE,
                                    .limit = OV_DAY_NONE};
    for (size_t i = 6; i < line->count; i += 2) {
        if (!strcmp(line->words[i], "review-by"))
            step->review_by = play_period(play, line, line->words[i + 1]);
        else if (!strcmp(line->words[i], "limit"))
            step->limit = play_period(play, line, line->words[i + 1]);
        else if (!strcmp(line->words[i], "exit-criteria"))
            step->exit_criteria = text_of(line->words[i + 1]);
        else
            case_error(play->file, line->number, "a step of a programme has no '%s'", line->words[i]);
    }
}

void programmes_put(const struct play *play, struct buf *out, uint16_t framework, uint32_t org) {
    struct programme_row row;
    size_t i;

    for (i = 0; engine_programme_at(play->engine, framework, org, i, &row); i++) {
        const ov_day days[] = {row.entered, row.review_by, row.limit, row.left};

        buf_printf(out, "%s%s", i ? "," : "", row.programme->id);
        for (size_t d = 0; d < sizeof(days) / sizeof(days[0]); d++) {
            char date[OV_DATE_SIZE];

            buf_printf(out, "/%s", days[d] == OV_DAY_NONE ? "-" : date_format(days[d], date));
        }
    }
    if (i == 0)
        buf_append_char(out, '-');
}

struct loading {
    struct engine *to;
    const char *code;
};

static void load_step(void *context, const struct programme_step *step) {
    const struct loading *loading = context;

    if (!engine_load_programme(loading->to, text_of(loading->code), &step->item, text_of(step->source), step->seq))
        abort();
}

void programmes_load(const struct engine *from, struct engine *to, uint32_t org) {
    struct loading loading = {to, registry_at(engine_registry(from), org)->code};
    const char *programme;

    for (size_t i = 0; (programme = engine_programme_name(from, org, i)) != NULL; i++)
        engine_programme_steps(from, org, programme, load_step, &loading);
}
