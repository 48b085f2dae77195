/*
 * One random history of the engine test: the engine, the oracle, and what must
 * have been announced so far.
 */
#ifndef OV_TESTS_UNIT_ENGINE_RANDOM_H
#define OV_TESTS_UNIT_ENGINE_RANDOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/engine/engine.h"
#include "tests/unit/engine_oracle.h"
#include "tests/unit/seed.h"

#define ITEMS_MAX (ORACLE_MEASURES * ORACLE_PERIODS * ORACLE_ORGS + ORACLE_DECISIONS)
#define KEYS_MAX 4096

enum drop_state { DROP_NONE, DROP_OPEN, DROP_RECOVERED };

/* What one history has come to. */
struct history {
    struct dice dice;
    uint64_t rules; /* number of the random rules */
    ov_day from;
    unsigned step;
    struct engine *engine;
    struct changes changes;
    struct framework *framework; /* of the oracle */
    struct registry *registry;
    struct oracle oracle;
    struct item items[ITEMS_MAX];
    uint64_t seq;
    bool baseline;

    /* As the rules say it stands; besides the figures. */
    struct body {
        int segment, official;
        uint64_t on, met, latched;
        bool missing[ORACLE_MEASURES];
        enum drop_state drops[ORACLE_MEASURES][ORACLE_PERIODS];
        bool announced[ORACLE_MEASURES][ORACLE_PERIODS]; /* drops */
        struct alert_id alert;                           /* the newest segment alert */
        /* Of the message: */
        bool own[ORACLE_MEASURES], correction[ORACLE_MEASURES]; /* figures that changed */
        bool decided;
    } bodies[ORACLE_ORGS];
    bool applied[ORACLE_DECISIONS];
    bool ticked;                            /* the step was a date */
    bool moved[ORACLE_MEASURES][TYPES_MAX]; /* the effective periods, in this step */
    char keys[KEYS_MAX][ALERT_KEY_SIZE];
    size_t key_count;
};

#define CHECK(history, condition, ...)                                                                                 \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            print_error("rules %llu, step %u: ", (unsigned long long)(history)->rules, (history)->step);               \
            print_error(__VA_ARGS__);                                                                                  \
            fail_msg("%s", #condition);                                                                                \
        }                                                                                                              \
    } while (0)

const char *code_of(const struct history *h, uint32_t org);

/* Puts the figures of the message, which the engine has taken, into the oracle; compares what became of each. */
void take_message(struct history *h, const struct message *message);

/* Decisions that have come into force, by date and order of acceptance. */
void take_decisions(struct history *h);

/* Alerts of one organisation that the rules ask for. */
struct expected {
    bool moved;
    int before, after;
    bool decision;
    size_t missing, drops, recovered, ended, withdrawn;
};

/* Brings the organisation up to date; returns what must have been announced. */
struct expected expect(struct history *h, uint32_t org, struct oracle_verdict *ret_verdict);

/* Holds everything against the oracle after a step: rankings, signals, triggers, segments, alerts. */
void compare_step(struct history *h);

void compare_rankings(struct history *h, const struct engine *engine);
void compare_standing(struct history *h, const struct engine *engine, uint32_t org,
                      const struct oracle_verdict *verdict);

#endif
