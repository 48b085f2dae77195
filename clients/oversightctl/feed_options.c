#include "clients/oversightctl/feed_options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oversightctl/command.h"
#include "common/wire.h"

#define BATCH 100
#define KEEP 10000
#define KEEP_MAX 10000000
#define RATE_MAX 100000000
#define SEQ_MAX 9007199254740992 /* heartbeats are exact up to here */

enum {
    BIND = 256,
    REPLAY,
    SOURCE,
    INSECURE,
    RATE,
    BATCH_SIZE,
    KEEP_MESSAGES,
    MAP,
    PERIOD,
    EMPTY,
    MSGPACK,
    BASELINE,
    FROM,
    POSITION,
    KEEP_GOING,
    WAIT,
    EXIT_WHEN_IDLE
};

static const struct option options[] = {
    {"bind", required_argument, NULL, BIND},
    {"replay", required_argument, NULL, REPLAY},
    {"source", required_argument, NULL, SOURCE},
    {"insecure", no_argument, NULL, INSECURE},
    {"rate", required_argument, NULL, RATE},
    {"batch", required_argument, NULL, BATCH_SIZE},
    {"keep", required_argument, NULL, KEEP_MESSAGES},
    {"map", required_argument, NULL, MAP},
    {"period", required_argument, NULL, PERIOD},
    {"empty", required_argument, NULL, EMPTY},
    {"msgpack", no_argument, NULL, MSGPACK},
    {"baseline", no_argument, NULL, BASELINE},
    {"from", required_argument, NULL, FROM},
    {"position", required_argument, NULL, POSITION},
    {"keep-going", no_argument, NULL, KEEP_GOING},
    {"wait", no_argument, NULL, WAIT},
    {"exit-when-idle", required_argument, NULL, EXIT_WHEN_IDLE},
    {"quiet", no_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

/* ---- Options ------------------------------------------------------------------- */

static int take_count(const char *name, const char *value, long min, long max, long *ret_count) {
    if (parse_count(value, min, max, ret_count))
        return EX_OK;
    return complain_usage(&command_feed, "--%s \"%s\" is not a whole number from %ld to %ld", name, value, min, max);
}

static int take_number(struct feed_options *feed, int option, const char *value) {
    double seconds;
    long count = 0;
    int status = EX_OK;

    switch (option) {
    case RATE:
        return take_count("rate", value, 1, RATE_MAX, &feed->rate);
    case BATCH_SIZE:
        status = take_count("batch", value, 1, WIRE_BATCH_MAX, &count);
        feed->batch = (size_t)count;
        break;
    case KEEP_MESSAGES:
        status = take_count("keep", value, 1, KEEP_MAX, &count);
        feed->server.keep = (size_t)count;
        break;
    case FROM:
        status = take_count("from", value, 1, SEQ_MAX, &count);
        feed->from = (uint64_t)count;
        break;
    default:
        if (!text_to_double(text_of(value), &seconds) || seconds < 0 || seconds > 86400)
            return complain_usage(&command_feed, "--exit-when-idle \"%s\" is not a number of seconds from 0 to 86400",
                                  value);
        feed->idle_ms = (int64_t)(seconds * 1000);
    }
    return status;
}

static int take_value(struct feed_options *feed, int option, const char *value) {
    switch (option) {
    case BIND:
        feed->server.live.address = value;
        break;
    case REPLAY:
        feed->server.replay.address = value;
        break;
    case SOURCE:
        if (!text_is_source(text_of(value)))
            return complain_usage(&command_feed, "--source \"%s\" is not 1 to %d of A-Z a-z 0-9 . _ -", value,
                                  SOURCE_MAX);
        feed->server.source = value;
        break;
    case MAP:
        feed->map = value;
        break;
    case PERIOD:
        if (!date_parse_period(value, strlen(value), &feed->input.mapping_options.period))
            return complain_usage(&command_feed, "--period \"%s\" is not a date YYYY-MM-DD or YYYY-MM", value);
        break;
    case EMPTY:
        if (strcmp(value, "null") != 0 && strcmp(value, "skip") != 0)
            return complain_usage(&command_feed, "--empty \"%s\" is not one of skip, null", value);
        feed->input.mapping_options.empty_withdraws = value[0] == 'n';
        break;
    case POSITION:
        feed->position = value;
        break;
    default:
        return take_number(feed, option, value);
    }
    return EX_OK;
}

static bool take_flag(struct feed_options *feed, int option) {
    switch (option) {
    case INSECURE:
        feed->server.live.insecure = feed->server.replay.insecure = true;
        return true;
    case MSGPACK:
        feed->msgpack = true;
        return true;
    case BASELINE:
        feed->baseline = true;
        return true;
    case KEEP_GOING:
        feed->keep_going = true;
        return true;
    case WAIT:
        feed->wait = true;
        return true;
    case 'q':
        feed->quiet = true;
        return true;
    default:
        return false;
    }
}

int feed_options_parse(struct feed_options *feed, int argc, char **argv) {
    int option, status = EX_OK;

    *feed = (struct feed_options){.server = {.keep = KEEP}, .batch = BATCH, .idle_ms = -1};
    feed->input.mapping_options.period = OV_DAY_NONE;
    optind = 0;
    while (status == EX_OK && (option = getopt_long(argc, argv, ":q", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return complain_option(&command_feed, option, argv);
        if (!take_flag(feed, option))
            status = take_value(feed, option, optarg);
    }
    if (status != EX_OK)
        return status;
    if (argc - optind != 1)
        return complain_usage(&command_feed, "feed: expected one file (\"-\" is standard input)");
    feed->path = argv[optind];
    if (feed->server.source == NULL || feed->server.live.address == NULL)
        return complain_usage(&command_feed, "feed: --source and --bind are required");
    if (strcmp(feed->path, "-") != 0 && access(feed->path, R_OK) != 0)
        return complain(EX_NOINPUT, "%s: %s", feed->path, strerror(errno));
    return EX_OK;
}
