#include "daemon/app_access.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "daemon/net/keys.h"
#include "daemon/net/zap_test.h"

#define LOG_INTERVAL_MS 10000 /* between two lines about refusals */

struct access {
    struct keys *keys; /* NULL: everybody may */
    struct zkeys own;
    struct zcurve_server servers[ACCESS_DOMAINS];
    struct zap *zap;
    struct loop_timer *quiet; /* runs while no further line may be written */
    bool is_quiet;
    uint32_t max_connections, handshake_s;
    struct zap_report own_attempts; /* of the test at start, to be left out */
    struct zap_report report, logged;
};

/* ---- Loading --------------------------------------------------------------------------- */

/* A feed names a key of the file, or brings it along. */
static void check_feed(const struct config *config, const struct config_feed *feed, const struct keys *keys,
                       struct problems *problems) {
    if (feed->server_key == NULL || zkey_is_valid(text_of(feed->server_key)))
        return;
    const struct key *key = keys != NULL ? keys_named(keys, feed->server_key) : NULL;
    char shown[128];
    if (key == NULL || (key->roles & KEY_FEED) == 0)
        problems_add(problems, keys != NULL ? config->keys : "feeds", 0,
                     "server_key of feed %s: got \"%s\", expected a key or the name of one with the role feed",
                     feed->source, text_escape(shown, sizeof shown, text_of(feed->server_key)));
}

struct access *access_load(const struct config *config, struct problems *problems) {
    size_t before = problems_count(problems);
    struct access *access = alloc_zero(1, sizeof *access);
    char error[ZERROR_SIZE];
    access->max_connections = (uint32_t)config->max_connections;
    access->handshake_s = (uint32_t)((config->handshake_timeout + 999) / 1000);
    if (config->keys[0] != '\0')
        access->keys = keys_load(config->keys, problems);
    if (config->server_secret[0] != '\0' && !zkeys_read(config->server_secret, &access->own, error, sizeof error))
        problems_add(problems, "server_secret", 0, "%s", error);
    if (config->keys[0] == '\0' || access->keys != NULL)
        for (size_t i = 0; i < config->feeds.count; i++)
            check_feed(config, &config->feeds.items[i], access->keys, problems);
    static const char *const domains[] = {
        [ACCESS_SUBMIT] = ZAP_DOMAIN_SUBMIT, [ACCESS_QUERY] = ZAP_DOMAIN_QUERY, [ACCESS_PUBLISH] = ZAP_DOMAIN_PUBLISH};
    for (size_t i = 0; i < ACCESS_DOMAINS; i++)
        access->servers[i] = (struct zcurve_server){access->own.secret_key, domains[i]};
    if (problems_count(problems) == before)
        return access;
    access_destroy(access);
    return NULL;
}

void access_destroy(struct access *access) {
    if (access == NULL)
        return;
    access_stop(access);
    keys_destroy(access->keys);
    explicit_bzero(&access->own, sizeof access->own);
    free(access);
}

/* ---- Refusals in the log ------------------------------------------------------------------- */

static uint64_t refused(const struct zap_report *report) {
    uint64_t total = 0;
    for (size_t i = ZAP_ACCEPTED + 1; i < ZAP_RESULT_COUNT; i++)
        total += report->results[i];
    return total;
}

static void write_refusals(struct access *access) {
    const struct zap_report *now = &access->report, *before = &access->logged;
    uint64_t count = refused(now) - refused(before), handshakes = now->handshakes - before->handshakes;
    if (count > 0) {
        const struct zap_refusal *last = &now->last;
        const struct key *key = keys_find(access->keys, last->public_key);
        log_warning("access", "connections refused: %" PRIu64 ", the last from %s on %s: %s, key %s", count,
                    last->address, last->domain, zap_result_name(last->result),
                    key != NULL ? key->name : last->public_key);
    }
    if (handshakes > 0)
        log_warning("access", "connections without encryption, or that ended before they showed a key: %" PRIu64,
                    handshakes);
    access->logged = *now;
    access->is_quiet = count > 0 || handshakes > 0;
    if (access->is_quiet)
        loop_timer_start(access->quiet, LOG_INTERVAL_MS);
}

static void on_quiet_over(void *context) {
    write_refusals(context);
}

static void on_report(void *context, const struct zap_report *report) {
    struct access *access = context;
    access->report = *report;
    for (size_t i = 0; i < ZAP_RESULT_COUNT; i++)
        access->report.results[i] -= access->own_attempts.results[i];
    access->report.handshakes -= access->own_attempts.handshakes;
    if (!access->is_quiet)
        write_refusals(access);
}

/* ---- Running ----------------------------------------------------------------------------------- */

bool access_start(struct access *access, struct loop *loop, void *zmq, uint64_t *missed_edges, char *error,
                  size_t size) {
    if (access->keys == NULL)
        return true;
    const struct zap_settings settings = {.loop = loop,
                                          .zmq = zmq,
                                          .keys = access->keys,
                                          .on_report = on_report,
                                          .context = access,
                                          .missed_edges = missed_edges,
                                          .max_connections = access->max_connections,
                                          .handshake_s = access->handshake_s};
    struct zkeys probe;
    access->quiet = loop_timer_create(loop, LOOP_LATER, on_quiet_over, access);
    access->zap = zap_create(&settings, error, size);
    if (access->quiet == NULL || access->zap == NULL)
        return false;
    snprintf(error, size, "the handler of keys does not answer");
    if (!zkeys_generate(&probe) || !zap_set_keys(access->zap, access->keys, probe.public_key) ||
        !zap_test(zmq, &access->own, &probe, error, size) || !zap_set_keys(access->zap, access->keys, NULL))
        return false;
    access->own_attempts = *zap_report(access->zap);
    log_info("access", "%zu keys; unknown keys are refused", keys_count(access->keys));
    return true;
}

void access_stop(struct access *access) {
    if (access == NULL)
        return;
    zap_destroy(access->zap);
    loop_timer_destroy(access->quiet);
    access->zap = NULL;
    access->quiet = NULL;
}

/* True when some key may no longer read what is published. */
static bool loses_consumer(const struct keys *before, const struct keys *after) {
    for (size_t i = 0; i < keys_count(before); i++) {
        const struct key *key = keys_at(before, i), *now = keys_find(after, key->public_key);
        if ((key->roles & KEY_CONSUME) != 0 && (now == NULL || (now->roles & KEY_CONSUME) == 0))
            return true;
    }
    return false;
}

void access_renew(struct access *access, struct access *next, struct publish *publish) {
    if (access->keys != NULL && next->keys != NULL) {
        struct keys *before = access->keys;
        access->keys = next->keys;
        next->keys = before;
        if (access->zap != NULL && !zap_set_keys(access->zap, access->keys, NULL)) {
            log_error("access", "the handler of keys does not answer");
            log_stop_queue();
            abort(); /* it would go on with keys that were taken away */
        }
        if (publish != NULL && loses_consumer(before, access->keys))
            publish_renew(publish);
        log_notice("access", "%zu keys read again", keys_count(access->keys));
    }
    access_destroy(next);
}

/* ---- Questions ------------------------------------------------------------------------------------ */

const struct zcurve_server *access_server(const struct access *access, enum access_domain domain) {
    return access->keys != NULL ? &access->servers[domain] : NULL;
}

struct zap *access_zap(const struct access *access) {
    return access->zap;
}

const struct zkeys *access_own(const struct access *access) {
    return &access->own;
}

const char *access_feed_key(const struct access *access, const struct config_feed *feed) {
    if (feed->server_key == NULL || zkey_is_valid(text_of(feed->server_key)))
        return feed->server_key;
    return keys_named(access->keys, feed->server_key)->public_key;
}

static bool is_plain(const char *user) {
    return strcmp(user, ZAP_USER_PLAIN) == 0;
}

bool access_may_submit(const struct access *access, const char *user, struct text source) {
    if (access->keys == NULL || is_plain(user))
        return true;
    const struct key *key = keys_find(access->keys, user);
    return key != NULL && key_may_speak_for(key, source);
}

bool access_may_ask(const struct access *access, const char *user, bool action) {
    if (access->keys == NULL || is_plain(user))
        return true;
    const struct key *key = keys_find(access->keys, user);
    return key != NULL && (key->roles & (action ? KEY_ADMIN : KEY_QUERY | KEY_ADMIN)) != 0;
}

const char *access_name(const struct access *access, const char *user) {
    if (access->keys == NULL || is_plain(user))
        return "local";
    const struct key *key = keys_find(access->keys, user);
    return key != NULL ? key->name : "unknown";
}

const struct zap_report *access_report(const struct access *access) {
    return access->zap != NULL ? &access->report : NULL;
}
