#include <string.h>

#include "daemon/frameworks/framework_file.h"

static bool same_words(const struct measure *a, const struct measure *b) {
    bool same = a->word_count == b->word_count;
    for (size_t i = 0; same && i < a->word_count; i++)
        same = strcmp(a->words[i], b->words[i]) == 0;
    return same;
}

static void compare(const struct framework *first, const struct framework *second, struct problems *problems) {
    for (size_t i = 0; i < second->measure_count; i++) {
        const struct measure *here = &second->measures[i];
        uint16_t index = framework_measure(first, text_of(here->id));
        if (index == INDEX_NONE)
            continue;
        const struct measure *there = &first->measures[index];
        const char *differs = here->kind != there->kind             ? "kind"
                              : here->frequency != there->frequency ? "frequency"
                              : !same_words(here, there)            ? "words"
                                                                    : NULL;
        if (differs)
            problems_add(problems, second->id, 0,
                         "measure \"%s\": %s: got another than framework \"%s\", expected the same", here->id, differs,
                         first->id);
    }
}

void frameworks_check_together(struct framework *const *frameworks, size_t count, struct problems *problems) {
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(frameworks[i]->id, frameworks[k]->id) == 0)
                problems_add(problems, frameworks[i]->id, 0, "got this id twice, expected each framework only once");
            else
                compare(frameworks[k], frameworks[i], problems);
        }
    }
}
