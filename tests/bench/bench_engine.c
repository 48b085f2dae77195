/*
 * The engine alone, or with the decoder before it, without sockets or store:
 * what an update costs in processor time, memory and operations.
 *
 *   bench_engine [--framework F] [--organisations N] [--measures N] [--periods N] [--pattern P]
 *                [--message N] [--updates N] [--rounds N] [--decode json|msgpack] [--seed N]
 *
 * Prints one JSON object in a line. See README.md beside this file.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/wire.h"
#include "tests/bench/bench_tally.h"
#include "tests/bench/bench_world.h"

#define NOW 1620000000000
#define BLOCK 1000 /* updates made at a time, so that making them leaves the caches of a real run */

enum decode { DECODE_NONE, DECODE_JSON, DECODE_MSGPACK };

struct settings {
    const char *framework;
    uint32_t organisations;
    uint16_t measures;
    int periods;
    enum pattern pattern;
    size_t message, updates, rounds;
    enum decode decode;
    uint64_t seed;
};

struct run {
    const struct settings *settings;
    struct world world;
    struct changes changes;
    struct wire_decoder *decoder;
    struct buf payload;
    size_t *ends; /* of the payloads of a block */
    struct item *items;
    char (*codes)[CODE_SIZE];
    size_t block;
    uint64_t refused, alerts, verdicts;
};

static void fail(const char *what) {
    fprintf(stderr, "bench_engine: %s\n", what);
    exit(1);
}

/* ---- One block ---- */

static struct message message_at(const struct run *run, size_t at) {
    return (struct message){.source = TEXT_OF("bench"), .count = run->settings->message, .items = run->items + at};
}

static void encode_block(struct run *run) {
    size_t count = 0;

    buf_clear(&run->payload);
    for (size_t at = 0; at < run->block; at += run->settings->message) {
        struct message message = message_at(run, at);
        bool done = run->settings->decode == DECODE_JSON ? wire_encode_json(&message, &run->payload)
                                                         : wire_encode_msgpack(&message, &run->payload);

        if (!done)
            fail("a message cannot be encoded");
        run->ends[count++] = run->payload.len;
    }
}

static void apply(struct run *run, const struct message *message) {
    engine_apply(run->world.engine, message, NOW, &run->changes);
    run->refused += run->changes.refused + (run->changes.whole != REFUSAL_NONE);
    run->alerts += run->changes.alert_count;
    run->verdicts += run->changes.verdict_count;
}

/* Not inlined, so that a profile can tell it from the rest. */
__attribute__((noinline)) static void apply_block(struct run *run) {
    size_t start = 0;

    for (size_t at = 0, i = 0; at < run->block; at += run->settings->message, i++) {
        struct message message = message_at(run, at);
        const char *error;

        if (run->settings->decode != DECODE_NONE) {
            if (wire_decode(run->decoder, run->payload.data + start, run->ends[i] - start, &message, &error))
                fail(error);
            start = run->ends[i];
        }
        apply(run, &message);
    }
}

/* Nanoseconds of processor for an update of a round; making them is not counted. */
static double play_round(struct run *run) {
    double spent = 0;
    size_t done;

    for (done = 0; done < run->settings->updates; done += run->block) {
        double start;

        world_updates(&run->world, run->items, run->codes, run->block);
        if (run->settings->decode != DECODE_NONE)
            encode_block(run);
        start = bench_processor_seconds();
        apply_block(run);
        spent += bench_processor_seconds() - start;
    }
    return spent * 1e9 / (double)done;
}

/* ---- A run ---- */

static void print(const struct run *run, const struct tally *tally, const struct engine_counters *before,
                  uint64_t resident, double loading) {
    const struct settings *settings = run->settings;
    struct tally_summary ns = tally_summary(tally);
    struct engine_counters after;
    double updates;
    static const char *const decodes[] = {"none", "json", "msgpack"};

    engine_counters(run->world.engine, &after);
    updates = (double)(after.updates - before->updates);
    printf("{\"bench\":\"engine\",\"framework\":\"%s\",\"organisations\":%" PRIu32 ",\"measures\":%u,\"periods\":%d,"
           "\"pattern\":\"%s\",\"message\":%zu,\"decode\":\"%s\",\"rounds\":%zu,\"updates\":%.0f,",
           settings->framework, settings->organisations, run->world.measures, settings->periods,
           pattern_name(settings->pattern), settings->message, decodes[settings->decode], tally->count, updates);
    printf("\"ns_per_update\":{\"median\":%.1f,\"min\":%.1f,\"max\":%.1f},", ns.median, ns.min, ns.max);
    printf("\"per_update\":{\"comparisons\":%.2f,\"nodes\":%.2f,\"flips\":%.3f,\"judged\":%.3f,\"verdicts\":%.4f,"
           "\"alerts\":%.4f},",
           (double)(after.ranking.comparisons - before->ranking.comparisons) / updates,
           (double)(after.ranking.nodes - before->ranking.nodes) / updates,
           (double)(after.flips - before->flips) / updates, (double)(after.evaluations - before->evaluations) / updates,
           (double)run->verdicts / updates, (double)run->alerts / updates);
    printf("\"refused\":%" PRIu64 ",\"load_seconds\":%.3f,\"figures\":%" PRIu64 ",\"bytes_per_figure\":"
           "{\"accounted\":%.2f,\"resident\":%.2f}}\n",
           run->refused, loading, after.figures, (double)after.memory_bytes / (double)after.figures,
           (double)resident / (double)after.figures);
}

static void *need(void *memory) {
    if (!memory)
        fail("out of memory");
    return memory;
}

static void run_start(struct run *run, const struct settings *settings) {
    *run = (struct run){.settings = settings};
    run->block = (BLOCK + settings->message - 1) / settings->message * settings->message;
    run->items = need(calloc(run->block, sizeof *run->items));
    run->codes = need(calloc(run->block, sizeof *run->codes));
    run->ends = need(calloc(run->block, sizeof *run->ends));
    /* Touched now, so that what they take is not counted as the engine's. */
    memset(run->items, 0xff, run->block * sizeof *run->items);
    memset(run->codes, 0xff, run->block * sizeof *run->codes);
    run->decoder = wire_decoder_create(NULL);
    buf_init(&run->payload);
    changes_init(&run->changes);
}

static void run_finish(struct run *run) {
    world_finish(&run->world);
    changes_finish(&run->changes);
    wire_decoder_destroy(run->decoder);
    buf_finish(&run->payload);
    free(run->ends);
    free(run->codes);
    free(run->items);
}

static void measure(const struct settings *settings) {
    struct run run;
    struct tally tally = {.count = 0};
    struct engine_counters before;
    uint64_t empty, resident;
    double start;

    run_start(&run, settings);
    empty = bench_resident_bytes();
    start = bench_processor_seconds();
    world_init(&run.world, settings->framework, settings->organisations, settings->measures, settings->periods,
               settings->pattern, settings->seed);
    world_load(&run.world);
    start = bench_processor_seconds() - start;
    play_round(&run); /* warms up */
    run.alerts = run.verdicts = 0;
    engine_counters(run.world.engine, &before);
    for (size_t i = 0; i < settings->rounds; i++)
        tally_add(&tally, play_round(&run));
    resident = bench_resident_bytes() - empty;
    print(&run, &tally, &before, resident, start);
    if (run.refused)
        fail("updates were refused");
    run_finish(&run);
}

/* ---- Options ---- */

static uint64_t number(const char *text, uint64_t least, uint64_t most) {
    char *end;
    uint64_t value = strtoull(text, &end, 10);

    if (*end || end == text || value < least || value > most) {
        fprintf(stderr, "bench_engine: '%s': expected a number from %" PRIu64 " to %" PRIu64 "\n", text, least, most);
        exit(64);
    }
    return value;
}

static void set(struct settings *settings, int option, const char *value) {
    switch (option) {
    case 'f':
        settings->framework = value;
        return;
    case 'o':
        settings->organisations = (uint32_t)number(value, 1, 1600000);
        return;
    case 'm':
        settings->measures = (uint16_t)number(value, 1, MEASURES_MAX);
        return;
    case 'p':
        settings->periods = (int)number(value, 1, 500);
        return;
    case 'b':
        settings->message = number(value, 1, WIRE_BATCH_MAX);
        return;
    case 'u':
        settings->updates = number(value, 1, UINT32_MAX);
        return;
    case 'r':
        settings->rounds = number(value, 1, TALLY_ROUNDS_MAX);
        return;
    case 's':
        settings->seed = number(value, 0, UINT64_MAX);
        return;
    case 'd':
        if (strcmp(value, "json") != 0 && strcmp(value, "msgpack") != 0)
            exit(64);
        settings->decode = !strcmp(value, "json") ? DECODE_JSON : DECODE_MSGPACK;
        return;
    default:
        if (option == 'P' && pattern_of(value, &settings->pattern))
            return;
        fprintf(stderr, "bench_engine: unknown option or value; see the top of bench_engine.c\n");
        exit(64);
    }
}

int main(int argc, char **argv) {
    static const struct option options[] = {{"framework", required_argument, NULL, 'f'},
                                            {"organisations", required_argument, NULL, 'o'},
                                            {"measures", required_argument, NULL, 'm'},
                                            {"periods", required_argument, NULL, 'p'},
                                            {"pattern", required_argument, NULL, 'P'},
                                            {"message", required_argument, NULL, 'b'},
                                            {"updates", required_argument, NULL, 'u'},
                                            {"rounds", required_argument, NULL, 'r'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"decode", required_argument, NULL, 'd'},
                                            {NULL, 0, NULL, 0}};
    struct settings settings = {.framework = "quartile",
                                .organisations = 250,
                                .measures = 50,
                                .periods = 1,
                                .message = 100,
                                .updates = 200000,
                                .rounds = 7,
                                .seed = 1};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        set(&settings, option, optarg);
    measure(&settings);
    return 0;
}
