/*
 * Plays a case on an engine and compares what comes with what is expected.
 */
#ifndef OV_CASES_PLAY_H
#define OV_CASES_PLAY_H

#include "clients/cases/cases.h"
#include "clients/cases/rules.h"
#include "common/buf.h"

struct play {
    const struct case_file *file;
    const struct test_case *test;
    /* Set by the caller: */
    bool restarting;       /* the engine is written, ended and loaded back before every paragraph */
    cases_observe observe; /* NULL, or sees every alert */
    void *observe_context;
    /* The rest is the play's. */
    struct rules rules;
    struct engine *engine;
    struct changes changes;
    char source[SOURCE_MAX + 1];
    struct label {
        char *name;
        struct alert_id id;
    } * labels;
    size_t label_count;
    struct buf differences; /* "" while all is as expected */
    struct buf transcript;  /* id, kind and key of every alert: the same whenever the case is played */
};

/* Plays the whole case. */
void play_case(struct play *play, const struct case_file *file, const struct test_case *test);
void play_finish(struct play *play);

/* step.c: does what the paragraph says; true when it was a step, false for opening rules. */
bool step_do(struct play *play, const struct paragraph *paragraph);
void step_restart(struct play *play, unsigned number);

/* compare.c: holds the alerts of the step and the lines that expect something against the engine. */
void compare_step(struct play *play, const struct paragraph *paragraph);
bool compare_is_expectation(const struct line *line);

/* The step as reached so far differs from what the line says. */
void play_differs(struct play *play, unsigned number, const char *expected, const char *actual);

ov_day play_period(const struct play *play, const struct line *line, const char *text);
uint32_t play_org(const struct play *play, const struct line *line, const char *code);
/* In the framework given, or in the first that has it (ret_framework not NULL). */
uint16_t play_measure(const struct play *play, const struct line *line, const char *id, uint16_t *ret_framework);

#endif
