/*
 * A subcommand of oversightctl and what all of them share.
 */
#ifndef OV_CTL_COMMAND_H
#define OV_CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "clients/lib/oversight_client.h"
#include "common/problems.h"

#define ENDPOINTS_MAX 8

/* Endpoints of one role, NULL-terminated. */
struct endpoints {
    char *list[ENDPOINTS_MAX + 1];
    size_t count;
};

/* Global options, after the configuration file and the defaults were consulted. */
struct context {
    struct endpoints submit, query, publish;
    const struct oversight_keys *keys; /* NULL: no encryption */
    bool json;                         /* JSON Lines instead of text */
    bool colour;                       /* escape sequences may be used on standard output */
    int width;                         /* columns of the terminal, or 80 */
    int timeout_ms;                    /* how long to wait for the daemon; 0: as each command thinks fit */
};

struct command {
    const char *name;
    const char *usage;   /* arguments, one line */
    const char *help;    /* what it does, one line */
    const char *options; /* one line each, or NULL */
    /* argv[0] is the subcommand's name. Returns an exit status of sysexits.h. */
    int (*run)(const struct context *context, int argc, char **argv);
};

extern const struct command command_send, command_watch, command_alerts, command_status, command_show, command_board,
    command_league, command_mismatches, command_decide, command_programme, command_check, command_test,
    command_backtest, command_verify, command_what_if, command_keygen;

extern const struct command command_source, command_freeze, command_failover, command_feed, command_audit;
extern const struct command command_why_not, command_systems, command_reload, command_deliveries;

/* Prints "oversightctl: ..." on standard error and returns status. */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same and how the command is used; EX_USAGE. */
int complain_usage(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What getopt_long() did not like: result is '?' or ':', as with a leading ':' in its short options. */
int complain_option(const struct command *command, int result, char **argv);
/* Prints what was collected on standard error. */
void print_problems(const struct problems *problems);

/* Asks the daemon; deletes request. EX_OK with the reply, which the caller
 * deletes, or another status after a complaint. */
int ask_daemon(const struct context *context, cJSON *request, cJSON **ret_reply);
/* The same, through a query already open. */
int ask_open(const struct context *context, struct oversight_query *query, cJSON *request, cJSON **ret_reply);
/* Asks, prints the reply as it is with --json and through print otherwise, and
 * returns the status. */
int ask_and_print(const struct context *context, cJSON *request,
                  void (*print)(const struct context *context, const cJSON *reply));
struct oversight_query *open_query(const struct context *context); /* NULL after a complaint */

/* One line of JSON on standard output, flushed. */
void print_json(const cJSON *json);

/* Whole numbers given as options; false when text is not one from min to max. */
bool parse_count(const char *text, long min, long max, long *ret_count);

#endif
