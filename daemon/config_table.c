#include <config.h> /* REDIS_SERVER_PATH */

#include "daemon/config.h"
#include "daemon/config_option.h"

#define FIELD(field) offsetof(struct config, field), sizeof(((struct config *)NULL)->field)
#define OPTION(field, type, fallback, min, max, reloadable, help)                                                      \
    { #field, &option_##type, FIELD(field), fallback, min, max, reloadable, help }

#define BILLION 1000000000
#define FIXED false
#define RELOAD true

/* One line per option; tests/check-options reads the names from here. */
const struct option config_options[] = {
    /* clang-format off */
    OPTION(instance, source, "\"main\"", 0, 0, FIXED, "name of this daemon in events and in the store"),
    OPTION(frameworks, paths, "[ ]", 1, 64, RELOAD, "framework files; the first is the default one"),
    OPTION(registry, path, "\"organisations.csv\"", 0, 0, RELOAD, "the organisations, as CSV"),
    OPTION(state_dir, path, "\"/var/lib/oversightd\"", 0, 0, FIXED, "folder of the private store"),
    OPTION(store, store, "\"private\"", 0, 0, FIXED, "\"private\", \"none\", \"unix:PATH\", \"tcp:HOST:PORT\", \"sentinel:NAME@...\""),
    OPTION(store_insecure, bool, "false", 0, 0, FIXED, "allow a store beyond loopback, unencrypted"),
    OPTION(store_user, text, "\"\"", 0, 0, FIXED, "user of the store; empty: its default user"),
    OPTION(store_password_file, secret, "\"\"", 0, 0, FIXED, "file with the password of the store"),
    OPTION(redis_server, program, "\"" REDIS_SERVER_PATH "\"", 0, 0, FIXED, "program of the private store"),
    OPTION(store_deadline, seconds, "10", 1, 3600, FIXED, "seconds for the store to answer a command"),
    OPTION(lease, seconds, "3", 1, 3600, FIXED, "seconds after which a silent daemon has lost the store to a standby"),
    OPTION(standby, bool, "true", 0, 0, FIXED, "another daemon may take over a store that is not private"),
    OPTION(steps_in_flight, number, "8", 1, 1000, FIXED, "atomic steps sent and not yet confirmed"),
    OPTION(step_updates, number, "20000", 1, 10000000, RELOAD, "updates in one atomic step"),
    OPTION(memory_bound, number, "268435456", 1048576, 1000L * BILLION, FIXED, "bytes held unstored at most"),
    OPTION(alerts_keep_days, number, "400", 1, 100000, FIXED, "days for which alerts can be replayed"),
    OPTION(alerts_keep_count, number, "100000", 1, BILLION, FIXED, "alerts that can be replayed"),
    OPTION(keys, path, "\"\"", 0, 0, FIXED, "file with the keys of clients; TCP is encrypted when it is set"),
    OPTION(server_secret, secret, "\"\"", 0, 0, FIXED, "file with the secret key of this daemon"),
    OPTION(publish, endpoints, "[ \"tcp://127.0.0.1:7710\" ]", 1, 16, FIXED, "where alerts are published"),
    OPTION(submit, endpoints, "[ \"tcp://127.0.0.1:7711\" ]", 0, 16, FIXED, "where updates are submitted"),
    OPTION(query, endpoints, "[ \"tcp://127.0.0.1:7712\" ]", 1, 16, FIXED, "where queries are answered"),
    OPTION(feeds, feeds, "( )", 0, 1000, FIXED, "feeds to subscribe to"),
    OPTION(http, addresses, "[ \"127.0.0.1:7780\" ]", 0, 16, FIXED, "where status page, metrics and API are served"),
    OPTION(http_names, hosts, "[ ]", 0, 64, FIXED, "names by which the page is asked for, beside localhost"),
    OPTION(http_connections, number, "256", 8, 10000, FIXED, "HTTP connections at once"),
    OPTION(http_header_bytes, number, "8192", 1024, 65536, FIXED, "bytes of an HTTP request"),
    OPTION(http_reply_bytes, number, "67108864", 1048576, 1000L * BILLION, FIXED, "bytes of HTTP replies under way"),
    OPTION(http_streams, number, "64", 0, 10000, FIXED, "HTTP event streams at once"),
    OPTION(http_stream_bytes, number, "1048576", 65536, BILLION, FIXED, "bytes unread in an event stream"),
    OPTION(http_timeout, seconds, "10", 1, 60, FIXED, "seconds to send an HTTP request or to read the reply"),
    OPTION(max_message_bytes, number, "16777216", 1024, BILLION, FIXED, "bytes of a message of updates"),
    OPTION(max_batch, number, "10000", 1, 10000, FIXED, "updates in a message"),
    OPTION(max_more, number, "1000000", 1, 10000000, RELOAD, "updates in a message of several parts"),
    OPTION(more_timeout, seconds, "60", 1, 86400, RELOAD, "seconds without the next part, then all parts are refused"),
    OPTION(gap_timeout, seconds, "30", 1, 86400, FIXED, "seconds without progress, then the gap of a feed is given up"),
    OPTION(gap_hold, number, "10000", 1, 10000000, FIXED, "messages held back behind a gap"),
    OPTION(feed_stale_after, seconds, "10", 1, 86400, FIXED, "seconds of silence, then a feed counts as stale"),
    OPTION(publish_hwm, number, "10000", 1, 10000000, FIXED, "alerts queued for a slow subscriber"),
    OPTION(handshake_timeout, seconds, "5", 1, 60, FIXED, "seconds for a client to show who it is"),
    OPTION(max_connections, number, "10000", 1, 1000000, FIXED, "connections with a key per socket"),
    OPTION(reply_bytes, number, "268435456", 1048576, 1000L * BILLION, FIXED, "bytes of replies not yet read, per socket"),
    OPTION(client_reply_bytes, number, "33554432", 65536, 1000L * BILLION, FIXED, "the same of one client"),
    OPTION(query_rate, number, "1000", 0, 1000000, FIXED, "queries a second of one client; 0: no limit"),
    OPTION(query_waiting, number, "10000", 1, 1000000, FIXED, "queries that wait for their answer"),
    OPTION(query_limit, number, "1000", 1, 100000, RELOAD, "alerts in the reply to one query"),
    OPTION(audit_interval, seconds, "3600", 0, 31536000, FIXED, "seconds between audits of the verdicts; 0: none"),
    OPTION(log_facility, facility, "\"daemon\"", 0, 0, RELOAD, "facility of syslog"),
    OPTION(log_level, level, "\"info\"", 0, 0, RELOAD, "\"error\", \"warning\", \"notice\", \"info\" or \"debug\""),
    OPTION(log_levels, levels, "{ }", 0, 0, RELOAD, "levels of subsystems: { store = \"debug\"; }"),
    OPTION(log_queue, number, "1000", 10, 1000000, FIXED, "lines that wait for a slow logger at most"),
    /* clang-format on */
};

const size_t config_options_count = sizeof config_options / sizeof config_options[0];
