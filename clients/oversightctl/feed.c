/* oversightctl feed: a file or standard input as a feed that daemons subscribe to. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/feed_input.h"
#include "clients/oversightctl/feed_options.h"
#include "clients/oversightctl/position.h"
#include "common/alloc.h"
#include "common/wire.h"

/* ---- Serving ---------------------------------------------------------------------- */

struct feeding {
    const struct feed_options *arguments;
    struct feed_server *server;
    struct feed_input *input;
    struct problems *problems;
    size_t told; /* problems already printed */
    char *position;
    uint64_t first, last;
    int64_t due;  /* when the next message may go out */
    int64_t busy; /* when something was last done */
    int signals;  /* descriptor */
    bool refused; /* somebody was, and that was said */
};

static void tell_problems(struct feeding *feeding) {
    for (; feeding->told < problems_kept(feeding->problems); feeding->told++) {
        const struct problem *problem = problems_at(feeding->problems, feeding->told);

        fprintf(stderr, "%s:%u: %s\n", problem->file, problem->line, problem->text);
    }
}

/* Once: who serves a daemon of another key would otherwise only see that nothing happens. */
static void tell_refused(struct feeding *feeding) {
    if (feeding->refused || feed_server_counts(feeding->server)->refused == 0)
        return;
    feeding->refused = true;
    complain(0, "%s: somebody whose key is not --server-key was refused", feeding->arguments->server.source);
}

static bool encode(struct feeding *feeding, size_t count, struct buf *payload) {
    const struct feed_options *arguments = feeding->arguments;
    struct message message = {.source = text_of(arguments->server.source),
                              .baseline = arguments->baseline,
                              .count = count,
                              .items = alloc_zero(count, sizeof(*message.items))};
    bool good;

    for (size_t i = 0; i < count; i++) {
        message.items[i] = *feed_input_at(feeding->input, i);
        message.items[i].seq = feeding->last + 1 + i;
    }
    good = arguments->msgpack ? wire_encode_msgpack(&message, payload) : wire_encode_json(&message, payload);
    free(message.items);
    return good;
}

/* The number is on the disk before the message is on its way: no number is ever used for two things. */
static int publish(struct feeding *feeding) {
    const struct feed_options *arguments = feeding->arguments;
    size_t left = feed_input_left(feeding->input), count = left < arguments->batch ? left : arguments->batch;
    struct position position = {feeding->last + count, 0};
    int64_t now = feed_server_now();
    struct buf payload;
    size_t len;

    buf_init(&payload);
    if (!encode(feeding, count, &payload)) {
        buf_finish(&payload);
        return complain(EX_SOFTWARE, "updates from %" PRIu64 " cannot be encoded", feeding->last + 1);
    }
    if (feeding->position != NULL && !position_store(feeding->position, &position)) {
        buf_finish(&payload);
        return complain(EX_IOERR, "%s: %s: numbers could be used again", feeding->position, strerror(errno));
    }
    len = payload.len;
    feed_server_publish(feeding->server, feeding->last + 1, feeding->last + count, buf_take(&payload), len);
    feeding->last += count;
    feed_input_take(feeding->input, count);
    feeding->busy = now;
    if (arguments->rate > 0)
        feeding->due = (feeding->due > now - 1000 ? feeding->due : now) + (int64_t)count * 1000 / arguments->rate;
    return EX_OK;
}

static bool may_publish(const struct feeding *feeding) {
    return feed_input_left(feeding->input) > 0 && feed_server_now() >= feeding->due &&
           (!feeding->arguments->wait || feeding->first <= feeding->last ||
            feed_server_counts(feeding->server)->subscriptions > 0);
}

/* True when it is time to end by itself. */
static bool is_over(const struct feeding *feeding) {
    return feeding->arguments->idle_ms >= 0 && feed_input_ended(feeding->input) &&
           feed_server_now() - feeding->busy >= feeding->arguments->idle_ms;
}

static int timeout_of(const struct feeding *feeding) {
    int64_t now = feed_server_now(), until = now + 1000;

    if (may_publish(feeding))
        return 0;
    if (feed_input_left(feeding->input) > 0 && feeding->due > now && feeding->due < until)
        until = feeding->due;
    if (feeding->arguments->idle_ms >= 0 && feeding->busy + feeding->arguments->idle_ms < until)
        until = feeding->busy + feeding->arguments->idle_ms;
    return until > now ? (int)(until - now) : 0;
}

static int serve(struct feeding *feeding) {
    int status = EX_OK;

    while (status == EX_OK && !is_over(feeding)) {
        const int fds[FEED_SERVER_FDS] = {feeding->signals, feed_input_fd(feeding->input)};
        unsigned ready = feed_server_wait(feeding->server, fds, timeout_of(feeding));

        tell_refused(feeding);
        if (ready & 1)
            break;
        if (ready & 2) {
            feed_input_read(feeding->input);
            feeding->busy = feed_server_now();
        }
        if (!feed_server_idle(feeding->server))
            feeding->busy = feed_server_now();
        tell_problems(feeding);
        if (may_publish(feeding))
            status = publish(feeding);
    }
    return status;
}

/* ---- Start and end --------------------------------------------------------------------- */

/* The seq before the first. */
static int find_last(struct feeding *feeding) {
    const struct feed_options *arguments = feeding->arguments;
    char *name = alloc_printf("%s.feed", arguments->server.source);
    struct position position = {0, 0};

    feeding->position = position_path(arguments->position, name);
    free(name);
    if (feeding->position == NULL && arguments->from == 0)
        return complain(EX_USAGE, "no folder to keep the numbers in: give --position FILE, or --from SEQ");
    if (arguments->from > 0)
        feeding->last = arguments->from - 1;
    else if (position_load(feeding->position, &position))
        feeding->last = position.first;
    else if (access(feeding->position, F_OK) == 0)
        return complain(EX_DATAERR, "%s: not understood: say with --from SEQ where to go on", feeding->position);
    feeding->first = feeding->last + 1;
    return EX_OK;
}

static void say_start(const struct context *context, const struct feeding *feeding) {
    const struct feed_options *arguments = feeding->arguments;

    if (arguments->quiet || context->json)
        return;
    printf("%s: from %" PRIu64 " at %s%s%s\n", arguments->server.source, feeding->first, arguments->server.live.address,
           arguments->server.replay.address != NULL ? ", replay at " : "",
           arguments->server.replay.address != NULL ? arguments->server.replay.address : "");
    fflush(stdout);
}

static void say_end(const struct context *context, const struct feeding *feeding) {
    const struct feed_server_counts *counts = feed_server_counts(feeding->server);
    const char *source = feeding->arguments->server.source;
    uint64_t updates = feeding->last + 1 - feeding->first;

    if (context->json)
        printf("{\"source\":\"%s\",\"first\":%" PRIu64 ",\"last\":%" PRIu64 ",\"updates\":%" PRIu64
               ",\"messages\":%" PRIu64 ",\"requests\":%" PRIu64 ",\"replayed\":%" PRIu64 ",\"refused\":%" PRIu64 "}\n",
               source, feeding->first, feeding->last, updates, counts->messages, counts->requests, counts->replayed,
               counts->refused);
    else if (!feeding->arguments->quiet)
        printf("%s: %" PRIu64 " updates in %" PRIu64 " messages, through %" PRIu64 "; %" PRIu64
               " messages sent again for %" PRIu64 " requests\n",
               source, updates, counts->messages, feeding->last, counts->replayed, counts->requests);
}

static int open_and_serve(const struct context *context, struct feeding *feeding) {
    struct feed_server_settings settings = feeding->arguments->server;
    char error[ZERROR_SIZE];
    sigset_t signals;
    int status;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    feeding->signals = signalfd(-1, &signals, SFD_CLOEXEC);
    if (feeding->signals < 0)
        return complain(EX_OSERR, "signals: %s", strerror(errno));
    settings.last = feeding->last;
    if (context->keys != NULL) {
        settings.secret_key = context->keys->secret_key;
        settings.client_key = context->keys->server_key;
    }
    feeding->server = feed_server_create(&settings, error, sizeof(error));
    if (feeding->server == NULL) {
        close(feeding->signals);
        return complain(EX_UNAVAILABLE, "%s", error);
    }
    say_start(context, feeding);
    feeding->busy = feed_server_now();
    status = serve(feeding);
    say_end(context, feeding);
    feed_server_destroy(feeding->server);
    close(feeding->signals);
    return status;
}

static int feed(const struct context *context, struct feeding *feeding) {
    const struct feed_options *arguments = feeding->arguments;
    int status;

    feeding->input = feed_input_create(arguments->path, &arguments->input, feeding->problems);
    tell_problems(feeding);
    if (problems_count(feeding->problems) > 0 && !arguments->keep_going)
        return complain(EX_DATAERR, "nothing was sent: %zu problems; --keep-going sends the rest",
                        problems_count(feeding->problems));
    status = find_last(feeding);
    if (status == EX_OK)
        status = open_and_serve(context, feeding);
    return status == EX_OK && problems_count(feeding->problems) > 0 ? EX_DATAERR : status;
}

static int run(const struct context *context, int argc, char **argv) {
    struct feed_options arguments;
    struct feeding feeding = {.arguments = &arguments};
    struct mapping *mapping = NULL;
    int status;

    status = feed_options_parse(&arguments, argc, argv);
    if (status == EX_OK && context->keys != NULL && arguments.server.live.insecure)
        status = complain_usage(&command_feed, "feed: --insecure and keys do not go together");
    if (status != EX_OK)
        return status;
    feeding.problems = problems_create();
    if (arguments.map != NULL && (mapping = mapping_load(arguments.map, feeding.problems)) == NULL) {
        tell_problems(&feeding);
        status = EX_CONFIG;
    }
    arguments.input.mapping = mapping;
    if (status == EX_OK)
        status = feed(context, &feeding);
    feed_input_destroy(feeding.input);
    free(feeding.position);
    problems_destroy(feeding.problems);
    mapping_destroy(mapping);
    return status;
}

const struct command command_feed = {
    .name = "feed",
    .usage = "--source NAME --bind ENDPOINT [OPTION...] FILE|-",
    .help = "Serve a file or standard input as a feed",
    .options = "      --source NAME      the source the updates are numbered for; required\n"
               "      --bind ENDPOINT    where daemons subscribe; required\n"
               "      --replay ENDPOINT  where they ask for what they missed\n"
               "      --insecure         allow TCP beyond loopback, unencrypted\n"
               "      --rate N           updates a second at most\n"
               "      --batch N          updates in a message at most, 1 to 10000 [100]\n"
               "      --keep N           messages kept for replay [10000]\n"
               "      --map FILE         read a published file through a mapping, oversight-import(5)\n"
               "      --period DATE      period of every row, for published files that do not say it\n"
               "      --empty WHAT       an empty cell: skip it, or null to withdraw the figure [skip]\n"
               "      --msgpack          MessagePack on the wire in place of JSON\n"
               "      --baseline         figures to be taken over without announcing anything\n"
               "      --from SEQ         number of the first update [one more than the last time]\n"
               "      --position FILE    where the number of the last update is kept\n"
               "      --wait             send nothing before a daemon has subscribed\n"
               "      --keep-going       serve what can be read even if some lines cannot\n"
               "      --exit-when-idle SECONDS\n"
               "                         end when the input has ended and nobody has asked for so long\n"
               "  -q, --quiet            say nothing\n"
               "\nWith --key and --server-key TCP is encrypted, and only the daemon with that public\n"
               "key is let in.\n",
    .run = run,
};
