#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/context.h"

static const struct command *const commands[] = {
    &command_send,    &command_watch,   &command_alerts,     &command_status,   &command_show,
    &command_board,   &command_league,  &command_mismatches, &command_decide,   &command_programme,
    &command_check,   &command_test,    &command_backtest,   &command_verify,   &command_what_if,
    &command_keygen,  &command_source,  &command_freeze,     &command_feed,     &command_audit,
    &command_why_not, &command_systems, &command_reload,     &command_failover, &command_deliveries,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(void) {
    printf("usage: oversightctl [OPTION...] COMMAND [ARGUMENT...]\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->help);
    printf("\nOptions, before or after the command:\n%s\noversightctl COMMAND --help explains one command; "
           "oversightctl(1) all of them.\n",
           global_help);
}

static void print_command_help(const struct command *command) {
    printf("usage: oversightctl %s %s\n\n%s.\n", command->name, command->usage, command->help);
    if (command->options != NULL)
        printf("\n%s", command->options);
    printf("\nOptions of every command:\n%s", global_help);
}

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int run(struct globals *globals, int argc, char **argv) {
    const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;

    if (globals->version) {
        printf("oversightctl %s\n", PACKAGE_VERSION);
        return EX_OK;
    }
    if (argc > 1 && command == NULL)
        return complain(EX_USAGE, "unknown command \"%s\"; oversightctl --help lists them", argv[1]);
    if (globals->help && command != NULL) {
        print_command_help(command);
        return EX_OK;
    }
    if (globals->help) {
        print_help();
        return EX_OK;
    }
    if (command == NULL)
        return complain(EX_USAGE, "no command given; oversightctl --help lists them");
    return command->run(&globals->context, argc - 1, argv + 1);
}

int main(int argc, char **argv) {
    struct globals globals;
    int status;

    /* A reader that has seen enough ("| head") ends us quietly. */
    signal(SIGPIPE, SIG_DFL);
    status = globals_init(&globals, &argc, argv);
    if (status == EX_OK)
        status = run(&globals, argc, argv);
    globals_finish(&globals);
    if (status == EX_OK && (fflush(stdout) != 0 || ferror(stdout)))
        status = complain(EX_IOERR, "standard output could not be written");
    return status;
}
