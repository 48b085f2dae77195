/*
 * Global options: taken out of the command line wherever they stand, then
 * completed from the daemon's configuration and the defaults.
 */
#ifndef OV_CTL_CONTEXT_H
#define OV_CTL_CONTEXT_H

#include <stdbool.h>

#include "clients/oversightctl/command.h"
#include "common/zcurve.h"

struct globals {
    struct context context;
    struct oversight_keys keys;
    char server_key[ZKEY_SIZE];
    struct zkeys own;
    bool help, version;
};

extern const char global_help[];

/* Removes global options from argv (and *argc). EX_OK or an exit status after a complaint. */
int globals_init(struct globals *globals, int *argc, char **argv);
void globals_finish(struct globals *globals);

#endif
