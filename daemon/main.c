#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/log.h"
#include "daemon/app.h"

static const char help[] = "Usage: oversightd [-fv] [-c FILE]\n"
                           "       oversightd --check | --print-config [-c FILE]\n"
                           "\n"
                           "Decides support segments of organisations from their figures, and announces\n"
                           "what crossed. oversightd(8) and oversightd.conf(5) describe it.\n"
                           "\n"
                           "  -c, --config FILE    configuration [" DEFAULT_CONFIG "]\n"
                           "  -f, --foreground     log to standard error instead of syslog\n"
                           "  -v, --verbose        log at level debug\n"
                           "      --check          check the configuration and all it names, then end\n"
                           "      --print-config   print the effective configuration, then end\n"
                           "  -h, --help           print this, then end\n"
                           "  -V, --version        print the version, then end\n";

enum { OPTION_CHECK = 256, OPTION_PRINT };

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"foreground", no_argument, NULL, 'f'},
    {"verbose", no_argument, NULL, 'v'},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"print-config", no_argument, NULL, OPTION_PRINT},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static int report(const struct problems *problems) {
    char *text = problems_format(problems);
    fputs(text, stderr);
    free(text);
    return problems_count(problems) > 0 ? EX_CONFIG : EX_OK;
}

/* mode: 0 (run), OPTION_CHECK or OPTION_PRINT. */
static int run(int mode, struct app_options *app) {
    struct problems *problems = problems_create();
    struct config *config = config_load(app->config_path, problems);
    if (config && mode == OPTION_CHECK)
        app_check(config, problems);
    int status = report(problems);
    problems_destroy(problems);
    if (status == EX_OK && mode == OPTION_PRINT)
        config_print(config, stdout);
    if (status == EX_OK && mode == 0) {
        app->config = config;
        app_log_open(app);
        status = app_run(app);
        log_stop_queue();
    }
    config_unload(config);
    return fflush(stdout) == 0 ? status : EX_IOERR;
}

static int print(const char *text) {
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

int main(int argc, char **argv) {
    struct app_options app = {.config_path = DEFAULT_CONFIG};
    int mode = 0, letter;
    while ((letter = getopt_long(argc, argv, "c:fvhV", options, NULL)) != -1) {
        if (letter == 'c')
            app.config_path = optarg;
        else if (letter == 'f')
            app.foreground = true;
        else if (letter == 'v')
            app.verbose = true;
        else if (letter >= OPTION_CHECK)
            mode = letter;
        else if (letter == 'h')
            return print(help);
        else if (letter == 'V')
            return print(PACKAGE_STRING "\n");
        else
            return EX_USAGE;
    }
    if (optind < argc) {
        fprintf(stderr, "oversightd: got '%s', expected options only\n", argv[optind]);
        return EX_USAGE;
    }
    return run(mode, &app);
}
