/* Where what people decided, what the figures say and how the inspectors rate an organisation disagree. */
#include "daemon/engine/engine.h"
#include "daemon/engine/engine_state.h"
#include "daemon/engine/signal.h"

enum { OUTSTANDING, GOOD, REQUIRES_IMPROVEMENT, INADEQUATE, RATING_WORDS };

static const char *const words[RATING_WORDS] = {"outstanding", "good", "requires improvement", "inadequate"};

static int rating_word(const struct measure *measure, size_t index) {
    for (int i = 0; i < RATING_WORDS; i++)
        if (text_equal(text_of(measure->words[index]), words[i]))
            return i;
    return -1;
}

static bool has_words(const struct measure *measure) {
    unsigned seen = 0;

    for (size_t i = 0; i < measure->word_count; i++) {
        int word = rating_word(measure, i);

        seen |= word < 0 ? 0 : 1U << word;
    }
    return seen == (1U << RATING_WORDS) - 1;
}

/* The first of the framework's ratings in the inspectors' four words that applies to the organisation. */
static uint16_t rating_measure(const struct assessment *assessment, uint32_t org) {
    const struct framework *framework = assessment->framework;

    for (uint16_t m = 0; m < framework->measure_count; m++) {
        const struct measure *measure = &framework->measures[m];

        if (measure->kind == MEASURE_RATING && has_words(measure) &&
            assessment_applies(assessment, org, measure->applies_to))
            return m;
    }
    return INDEX_NONE;
}

/* Its rating, when it is fresh: as long as the framework lets it speak. */
static bool fresh_rating(const struct assessment *assessment, uint32_t org, struct mismatch *mismatch,
                         size_t *ret_word) {
    uint16_t m = rating_measure(assessment, org);
    const struct measure *measure;
    const struct column *newest;

    if (m == INDEX_NONE || !(newest = figures_newest(assessment->figures[m], org, UNTIL_NOW)))
        return false;
    measure = &assessment->framework->measures[m];
    if (signal_expired(assessment, measure, newest, UNTIL_NOW))
        return false;
    mismatch->measure = m;
    mismatch->period = newest->period;
    *ret_word = (size_t)newest->values[org];
    mismatch->word = measure->words[*ret_word];
    return true;
}

static bool sits_oddly(int segment, int word) {
    return segment >= 3 ? word == OUTSTANDING || word == GOOD : word == REQUIRES_IMPROVEMENT || word == INADEQUATE;
}

bool engine_mismatch(const struct engine *engine, uint16_t framework, uint32_t org, struct mismatch *ret_mismatch) {
    const struct assessment *assessment = engine->assessments[framework];
    const struct verdict *verdict = &assessment->verdicts[org];
    struct mismatch found = {.measure = INDEX_NONE, .period = OV_DAY_NONE};
    size_t index;

    if (assessment->types[org] >= TYPES_MAX || assessment_closed(assessment, org))
        return false;
    found.differ = verdict->segment != verdict->official;
    if (fresh_rating(assessment, org, &found, &index)) {
        int word = rating_word(&assessment->framework->measures[found.measure], index);

        found.official_odd = sits_oddly(verdict->official, word);
        found.indicative_odd = sits_oddly(verdict->segment, word);
    }
    *ret_mismatch = found;
    return found.differ || found.official_odd;
}
