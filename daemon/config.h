/*
 * oversightd.conf(5): one table of options (config_table.c) that parses,
 * checks, defaults and prints them. Every mistake of a file is reported at
 * once, with its line; a file with a mistake gives no configuration at all.
 *
 * Paths are made absolute here, times are milliseconds.
 */
#ifndef OV_DAEMON_CONFIG_H
#define OV_DAEMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/problems.h"
#include "common/zsock.h"

struct config_paths {
    char **items;
    size_t count;
};

struct config_endpoints {
    struct zendpoint *items;
    size_t count;
};

struct config_feed {
    char *source;
    struct zendpoint connect;
    struct zendpoint replay; /* address NULL: none */
    char *server_key;        /* of both: a public key or a name in keys; NULL: no encryption */
};

struct config_feeds {
    struct config_feed *items;
    size_t count;
};

struct config_levels {
    struct config_level {
        char *subsystem, *level;
    } * items;
    size_t count;
};

/* Strings are never NULL; "" where the option may be absent. */
struct config {
    char *instance;
    struct config_paths frameworks; /* at least one */
    char *registry;

    char *state_dir;
    char *store; /* "private", "none", "unix:/path", "tcp:host:port" */
    bool store_insecure;
    char *store_user;
    char *store_password_file;
    char *redis_server;     /* a path, or a name to be found in PATH */
    int64_t store_deadline; /* ms */
    int64_t lease;          /* ms */
    bool standby;           /* another daemon may take over */
    int64_t steps_in_flight;
    int64_t step_updates;
    int64_t memory_bound; /* bytes */
    int64_t alerts_keep_days;
    int64_t alerts_keep_count;

    char *keys;          /* of clients; "": TCP is not encrypted */
    char *server_secret; /* our own key */
    struct config_endpoints publish, submit, query;
    struct config_feeds feeds;

    struct config_endpoints http; /* addresses with tcp:// before them */
    struct config_paths http_names;
    int64_t http_connections;
    int64_t http_header_bytes;
    int64_t http_reply_bytes; /* of all replies under way */
    int64_t http_streams;
    int64_t http_stream_bytes;
    int64_t http_timeout; /* ms */

    int64_t max_message_bytes;
    int64_t max_batch;         /* updates per message */
    int64_t max_more;          /* updates per message in parts */
    int64_t more_timeout;      /* ms */
    int64_t gap_timeout;       /* ms */
    int64_t gap_hold;          /* messages */
    int64_t feed_stale_after;  /* ms */
    int64_t handshake_timeout; /* ms */
    int64_t max_connections;   /* per socket */
    int64_t publish_hwm;
    int64_t reply_bytes, client_reply_bytes; /* unread, of all and of each client */
    int64_t query_rate;                      /* per second and client; 0: no limit */
    int64_t query_waiting;
    int64_t query_limit;
    int64_t audit_interval; /* ms; 0: none */

    char *log_facility;
    char *log_level;
    struct config_levels log_levels; /* of subsystems that have one of their own */
    int64_t log_queue;               /* lines */

    unsigned *lines; /* of each option of the table in its file; 0: a default, or of an included file */
};

/* NULL after at least one problem was added. */
struct config *config_load(const char *path, struct problems *problems);

/* The same from memory. name stands in the problems in place of the path, and
 * relative paths are relative to folder. */
struct config *config_parse(const char *name, const char *folder, const char *text, struct problems *problems);
void config_unload(struct config *config); /* NULL is accepted; libconfig owns the name config_destroy */

/* Every option with its value, in the syntax of the file. */
void config_print(const struct config *config, FILE *stream);

/* Adds a problem for each option that differs and that a reload cannot change;
 * name is the file of next. True when there is none. */
bool config_check_fixed(const struct config *now, const struct config *next, const char *name,
                        struct problems *problems);
/* Puts the options of next that a reload can change in place of those of now,
 * and the other way round. Pointers to fixed options stay good. */
void config_take_reloadable(struct config *now, struct config *next);

#endif
