/*
 * The rules of a case: a framework file with a few changes to its text, and a
 * registry. Kept as text, so that the same engine can be made again and again.
 */
#ifndef OV_CASES_RULES_H
#define OV_CASES_RULES_H

#include "clients/cases/case_file.h"
#include "daemon/engine/engine.h"

struct rules {
    const struct case_file *file;
    struct framework_text {
        char *name, *text;
    } * frameworks;
    size_t framework_count;
    struct {
        char code[ORG_CODE_MAX + 1];
        const struct line *line;
        size_t word; /* of the line that names the code */
    } * organisations;
    size_t organisation_count;
};

void rules_init(struct rules *rules, const struct case_file *file);
void rules_finish(struct rules *rules);

/* True when the line is one of the rules (and has been taken in). */
bool rules_take(struct rules *rules, const struct line *line);

/* A fresh engine under these rules. */
struct engine *rules_engine(const struct rules *rules);

#endif
