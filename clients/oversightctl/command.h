/*
 * A subcommand of oversightctl and what all of them share.
 */
#ifndef OV_CTL_COMMAND_H
#define OV_CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/lib/oversight_client.h"

#define ENDPOINTS_MAX 8

/* Endpoints of one role, NULL-terminated. */
struct endpoints {
    char *list[ENDPOINTS_MAX + 1];
    size_t count;
};

/* Global options, after the configuration file and the defaults were consulted. */
struct context {
    struct endpoints submit, query, subscribe;
    bool json;   /* JSON Lines instead of text */
    bool colour; /* escape sequences may be used on standard output */
    int width;   /* columns of the terminal, or 80 */
    int timeout_ms;
};

struct command {
    const char *name;
    const char *usage; /* arguments, one line */
    const char *help;  /* what it does, one line */
    const char *options; /* one line each, or NULL */
    /* argv[0] is the subcommand's name. Returns an exit status of sysexits.h. */
    int (*run)(const struct context *context, int argc, char **argv);
};

extern const struct command command_send, command_watch, command_alerts, command_status, command_show, command_board,
    command_league, command_decide, command_check;

/* Prints "oversightctl: ..." on standard error and returns status. */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same with the usage line; EX_USAGE. */
int complain_usage(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
int print_command_help(const struct command *command);

#endif
