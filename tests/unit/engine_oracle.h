/*
 * A slow second engine for the random test, written from the rules of
 * oversight-framework(5) alone: plain tables, everything computed anew on every
 * question. It shares the records of frameworks and registries with the daemon
 * and nothing else.
 */
#ifndef OV_TESTS_UNIT_ENGINE_ORACLE_H
#define OV_TESTS_UNIT_ENGINE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/engine/framework.h"
#include "daemon/engine/registry.h"

#define ORACLE_ORGS 18
#define ORACLE_MEASURES 10
#define ORACLE_PERIODS 14
#define ORACLE_DECISIONS 64

struct oracle_table {
    uint32_t n;
    bool effective;
    double quartile, decile, top; /* cuts, in units of the measure; meaningless below minimum_peers */
};

struct oracle_verdict {
    int segment;
    uint64_t on, unknown, met;
};

enum oracle_drop { ORACLE_DROP_NONE, ORACLE_DROP_OPEN, ORACLE_DROP_RECOVERED };

struct oracle {
    const struct framework *framework;
    const struct registry *registry;
    uint32_t orgs;
    int types[ORACLE_ORGS]; /* -1: none of the framework */
    ov_day date;            /* OV_DAY_NONE before the first */
    ov_day periods[ORACLE_MEASURES][ORACLE_PERIODS];
    double values[ORACLE_MEASURES][ORACLE_PERIODS][ORACLE_ORGS]; /* NAN = none */
    uint32_t revisions[ORACLE_MEASURES][ORACLE_PERIODS][ORACLE_ORGS];
    struct {
        uint32_t org;
        int segment;
        ov_day effective;
        uint16_t trigger;
    } decisions[ORACLE_DECISIONS];
    size_t decision_count;

    struct oracle_table tables[ORACLE_MEASURES][TYPES_MAX][ORACLE_PERIODS]; /* by measure, peer set, period */
};

/* Every measure gets ORACLE_PERIODS periods of its frequency from the one that holds the day on. */
void oracle_init(struct oracle *oracle, const struct framework *framework, const struct registry *registry,
                 ov_day from);

enum oracle_outcome { ORACLE_ACCEPTED, ORACLE_SUPERSEDED, ORACLE_REFUSED };
enum oracle_outcome oracle_set(struct oracle *oracle, uint32_t org, uint16_t measure, size_t period, double value,
                               uint32_t revision);
/* Ranks everything again; before any of the questions below. */
void oracle_settle(struct oracle *oracle);

bool oracle_counts(const struct oracle *oracle, uint32_t org, ov_day day);
bool oracle_closed(const struct oracle *oracle, uint32_t org);
bool oracle_applies(const struct oracle *oracle, uint32_t org, uint32_t types);
/* The peer set, or -1. */
int oracle_set_of(const struct oracle *oracle, uint32_t org, uint16_t measure);
bool oracle_is_ranked(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period);
uint32_t oracle_rank(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period);
bool oracle_band(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period, enum signal_kind band);

/* The period in which the organisation speaks among the effective ones, or -1; how many effective ones are newer. */
int oracle_speaks(const struct oracle *oracle, uint32_t org, uint16_t measure, ov_day until, int *ret_age);
/* Its newest period with a figure, or -1. */
int oracle_newest(const struct oracle *oracle, uint32_t org, uint16_t measure, ov_day until);

int oracle_official(const struct oracle *oracle, uint32_t org);
struct oracle_verdict oracle_judge(const struct oracle *oracle, uint32_t org, uint64_t latched);

/* Is the figure of the period a dramatic drop, and has the newest one recovered from it? */
bool oracle_drop(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period);
bool oracle_recovered(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t dropped, size_t newest);

#endif
