/* oversight-oncall: the command line. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "clients/oncall/app.h"
#include "common/log.h"
#include "common/text.h"
#include "config.h"

#ifndef DEFAULT_CONFIG
#define DEFAULT_CONFIG "/etc/oversightd/oversight-oncall.conf"
#endif

#define LOG_QUEUE 10000 /* lines */

struct options {
    const char *config, *test, *after, *reload;
    bool foreground, check, dry_run;
};

static const char usage[] = "Usage: oversight-oncall [OPTION...]\n"
                            "Delivers the alerts of oversightd to people and services.\n"
                            "\n"
                            "  -c, --config FILE  configuration [" DEFAULT_CONFIG "]\n"
                            "  -f, --foreground   log to standard error instead of syslog\n"
                            "      --check        check the configuration, then end\n"
                            "      --reload PID   check it, then have a running process read it again\n"
                            "      --test ROUTE   send a marked test to the targets of a route, then end\n"
                            "      --dry-run      print what would be delivered, deliver nothing\n"
                            "      --after ID     with --dry-run: begin after this alert instead of now\n"
                            "  -h, --help         print help, then end\n"
                            "  -V, --version      print the version, then end\n";

enum { CHECK = 256, RELOAD, TEST, DRY_RUN, AFTER };

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},  {"foreground", no_argument, NULL, 'f'},
    {"check", no_argument, NULL, CHECK},       {"reload", required_argument, NULL, RELOAD},
    {"test", required_argument, NULL, TEST},   {"dry-run", no_argument, NULL, DRY_RUN},
    {"after", required_argument, NULL, AFTER}, {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},       {NULL, 0, NULL, 0},
};

static int print(const char *text) {
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

/* -1: go on; otherwise the exit status. */
static int take_option(struct options *options, int option) {
    switch (option) {
    case 'c':
        options->config = optarg;
        return -1;
    case 'f':
        options->foreground = true;
        return -1;
    case CHECK:
        options->check = true;
        return -1;
    case RELOAD:
        options->reload = optarg;
        return -1;
    case TEST:
        options->test = optarg;
        return -1;
    case DRY_RUN:
        options->dry_run = true;
        return -1;
    case AFTER:
        options->after = optarg;
        return -1;
    case 'h':
        return print(usage);
    case 'V':
        return print("oversight-oncall " PACKAGE_VERSION "\n");
    default:
        fputs("Try oversight-oncall --help.\n", stderr);
        return EX_USAGE;
    }
}

static struct conf *load(const char *path, bool checking) {
    struct problems *problems = problems_create();
    struct conf *conf = conf_load(path, checking, problems);
    if (!conf) {
        char *text = problems_format(problems);
        fputs(text, stderr);
        free(text);
    }
    problems_destroy(problems);
    return conf;
}

/* The configuration is good: the process is told to read it. */
static int reload(const char *process) {
    uint64_t pid;
    if (!text_to_uint64(text_of(process), &pid) || pid < 2 || pid > INT_MAX) {
        fprintf(stderr, "oversight-oncall: --reload: got '%s', expected the number of a process\n", process);
        return EX_USAGE;
    }
    if (kill((pid_t)pid, SIGHUP) == 0)
        return EX_OK;
    fprintf(stderr, "oversight-oncall: process %s cannot be told: %s\n", process, strerror(errno));
    return EX_UNAVAILABLE;
}

static void open_log(const struct options *options, const struct conf *conf) {
    enum log_level level;
    int facility;
    if (options->foreground || options->test || options->dry_run)
        log_to_standard_error();
    else if (log_facility_parse(conf->log_facility, &facility))
        log_to_syslog("oversight-oncall", facility);
    if (log_level_parse(conf->log_level, &level))
        log_set_level(level);
}

/* With a queue: a stuck logger must not keep people from hearing of an alert. */
static int run(const char *path, struct conf *conf) {
    /* Local time is that of the configuration. Once, and before there are threads. */
    setenv("TZ", conf->timezone, 1);
    tzset();
    log_start_queue(LOG_QUEUE);
    int status = app_run(path, conf);
    log_stop_queue();
    return status;
}

int main(int argc, char **argv) {
    struct options options = {.config = DEFAULT_CONFIG};
    int option, status;
    while ((option = getopt_long(argc, argv, "c:fhV", long_options, NULL)) != -1) {
        status = take_option(&options, option);
        if (status >= 0)
            return status;
    }
    if (optind < argc) {
        fprintf(stderr, "oversight-oncall: got '%s', expected options only\n", argv[optind]);
        return EX_USAGE;
    }
    if (options.after && !options.dry_run) {
        fputs("oversight-oncall: --after goes with --dry-run\n", stderr);
        return EX_USAGE;
    }
    struct conf *conf = load(options.config, options.check || options.reload);
    if (!conf)
        return EX_CONFIG;
    open_log(&options, conf);
    if (options.reload)
        status = reload(options.reload);
    else if (options.check)
        status = EX_OK;
    else if (options.test)
        status = app_test(conf, options.test);
    else if (options.dry_run)
        status = app_dry_run(conf, options.after);
    else
        status = run(options.config, conf);
    conf_unref(conf);
    return status;
}
