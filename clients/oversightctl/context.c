#include "clients/oversightctl/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oversightctl/client_conf.h"
#include "common/alloc.h"
#include "daemon/config.h"

#ifndef DEFAULT_CONFIG
#define DEFAULT_CONFIG "/etc/oversightd/oversightd.conf"
#endif

const char global_help[] =
    "  -c, --config FILE       take the endpoints from the daemon's configuration [" DEFAULT_CONFIG "]\n"
    "      --submit ENDPOINT   where updates are submitted [tcp://127.0.0.1:7711]\n"
    "      --query ENDPOINT    where questions are answered [tcp://127.0.0.1:7712]\n"
    "      --publish ENDPOINT  where live alerts are published [tcp://127.0.0.1:7710]\n"
    "      --key FILE          our secret key, for daemons that ask for one\n"
    "      --server-key KEY    the daemon's public key, or the file that holds it\n"
    "      --timeout SECONDS   how long to wait for the daemon [5; send: 60]\n"
    "      --json              JSON Lines: one object per line\n"
    "      --color WHEN        always, never or auto [auto]; --no-color is never\n"
    "  -h, --help              print help, then end\n"
    "  -V, --version           print the version, then end\n"
    "\n"
    "Endpoint options may be repeated: the daemons are tried in turn. Without any, and\n"
    "without --config, they come from $XDG_CONFIG_HOME/oversight/client.conf if it is there.\n";

enum option {
    CONFIG,
    SUBMIT,
    QUERY,
    PUBLISH,
    KEY,
    SERVER_KEY,
    TIMEOUT,
    JSON,
    COLOR,
    NO_COLOR,
    HELP,
    VERSION,
    OPTION_COUNT
};

static const struct {
    const char *name, *other; /* other: a second name, or the short form */
    bool value;
} options[OPTION_COUNT] = {
    [CONFIG] = {"--config", "-c", true},     [SUBMIT] = {"--submit", NULL, true},
    [QUERY] = {"--query", NULL, true},       [PUBLISH] = {"--publish", "--subscribe", true},
    [KEY] = {"--key", NULL, true},           [SERVER_KEY] = {"--server-key", NULL, true},
    [TIMEOUT] = {"--timeout", NULL, true},   [JSON] = {"--json", NULL, false},
    [COLOR] = {"--color", "--colour", true}, [NO_COLOR] = {"--no-color", "--no-colour", false},
    [HELP] = {"--help", "-h", false},        [VERSION] = {"--version", "-V", false},
};

struct given {
    const char *config, *color, *key, *server_key;
    bool timeout;
};

/* The option that word is, with its value after "=" if it has one there. */
static int find_option(const char *word, const char **ret_value) {
    size_t len = strcspn(word, "=");

    *ret_value = word[len] == '=' ? word + len + 1 : NULL;
    for (int i = 0; i < OPTION_COUNT; i++) {
        const char *names[] = {options[i].name, options[i].other};

        for (int k = 0; k < 2; k++)
            if (names[k] != NULL && strlen(names[k]) == len && strncmp(names[k], word, len) == 0)
                return i;
    }
    return -1;
}

static int add_endpoint(struct endpoints *endpoints, const char *address) {
    if (endpoints->count == ENDPOINTS_MAX)
        return complain(EX_USAGE, "more than %d endpoints of one kind", ENDPOINTS_MAX);
    endpoints->list[endpoints->count++] = alloc_copy(address);
    return EX_OK;
}

static int take_option(struct globals *globals, struct given *given, int option, const char *value) {
    struct context *context = &globals->context;
    double seconds;

    switch (option) {
    case CONFIG:
        given->config = value;
        break;
    case SUBMIT:
        return add_endpoint(&context->submit, value);
    case QUERY:
        return add_endpoint(&context->query, value);
    case PUBLISH:
        return add_endpoint(&context->publish, value);
    case KEY:
        given->key = value;
        break;
    case SERVER_KEY:
        given->server_key = value;
        break;
    case TIMEOUT:
        if (!text_to_double(text_of(value), &seconds) || seconds < 0.001 || seconds > 86400)
            return complain(EX_USAGE, "--timeout \"%s\" is not a number of seconds from 0.001 to 86400", value);
        context->timeout_ms = (int)(seconds * 1000);
        break;
    case JSON:
        context->json = true;
        break;
    case COLOR:
        if (strcmp(value, "always") != 0 && strcmp(value, "never") != 0 && strcmp(value, "auto") != 0)
            return complain(EX_USAGE, "--color \"%s\" is not one of always, never, auto", value);
        given->color = value;
        break;
    case NO_COLOR:
        given->color = "never";
        break;
    case HELP:
        globals->help = true;
        break;
    default:
        globals->version = true;
        break;
    }
    return EX_OK;
}

static int take_options(struct globals *globals, struct given *given, int *argc, char **argv) {
    int kept = 1;

    for (int i = 1; i < *argc; i++) {
        const char *value;
        int option = find_option(argv[i], &value), status;

        if (strcmp(argv[i], "--") == 0) {
            while (i < *argc)
                argv[kept++] = argv[i++];
            break;
        }
        if (option < 0) {
            argv[kept++] = argv[i];
            continue;
        }
        if (options[option].value && value == NULL) {
            if (i + 1 == *argc)
                return complain(EX_USAGE, "option %s needs a value", argv[i]);
            value = argv[++i];
        } else if (!options[option].value && value != NULL) {
            return complain(EX_USAGE, "option %s takes no value", options[option].name);
        }
        status = take_option(globals, given, option, value);
        if (status != EX_OK)
            return status;
    }
    argv[kept] = NULL;
    *argc = kept;
    return EX_OK;
}

static void fill(struct endpoints *endpoints, const struct config_endpoints *configured, const char *fallback) {
    if (endpoints->count > 0)
        return;
    for (size_t i = 0; configured != NULL && i < configured->count && i < ENDPOINTS_MAX; i++)
        endpoints->list[endpoints->count++] = alloc_copy(configured->items[i].address);
    if (endpoints->count == 0)
        endpoints->list[endpoints->count++] = alloc_copy(fallback);
}

/* The daemon's own configuration says where it listens. One that was not asked
 * for may be absent or unreadable to this user. */
static int read_config(struct context *context, const char *path) {
    const char *file = path != NULL ? path : DEFAULT_CONFIG;
    struct config *config = NULL;
    struct problems *problems;
    int status = EX_OK;

    if (context->submit.count == 0 || context->query.count == 0 || context->publish.count == 0) {
        if (path != NULL || access(file, R_OK) == 0) {
            problems = problems_create();
            config = config_load(file, problems);
            if (config == NULL) {
                print_problems(problems);
                status = complain(EX_CONFIG, "%s cannot be used", file);
            }
            problems_destroy(problems);
        }
    }
    if (status == EX_OK) {
        fill(&context->submit, config != NULL ? &config->submit : NULL, "tcp://127.0.0.1:7711");
        fill(&context->query, config != NULL ? &config->query : NULL, "tcp://127.0.0.1:7712");
        fill(&context->publish, config != NULL ? &config->publish : NULL, "tcp://127.0.0.1:7710");
    }
    config_unload(config);
    return status;
}

static bool want_colour(const char *given) {
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

    if (given != NULL && strcmp(given, "auto") != 0)
        return strcmp(given, "always") == 0;
    return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static int find_width(void) {
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    long width;

    if (columns != NULL && parse_count(columns, 20, 1000, &width))
        return (int)width;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    return 80;
}

/* These work on files alone, check perhaps on the very file that is wrong. */
static bool needs_no_daemon(const char *command) {
    return strcmp(command, "check") == 0 || strcmp(command, "feed") == 0 || strcmp(command, "test") == 0 ||
           strcmp(command, "backtest") == 0 || strcmp(command, "verify") == 0 || strcmp(command, "keygen") == 0 ||
           strcmp(command, "deliveries") == 0;
}

static int take_keys(struct globals *globals, const struct given *given) {
    char error[ZERROR_SIZE];

    if (given->key == NULL && given->server_key == NULL)
        return EX_OK;
    if (given->server_key == NULL)
        return complain(EX_USAGE, "--key needs --server-key, the public key of the daemon");
    if (given->key == NULL)
        return complain(EX_USAGE, "--server-key needs --key, our own secret key");
    if (!zkeys_read(given->key, &globals->own, error, sizeof(error)) ||
        !zkey_read_public(given->server_key, globals->server_key, error, sizeof(error)))
        return complain(EX_NOINPUT, "%s", error);
    globals->keys = (struct oversight_keys){globals->server_key, globals->own.secret_key};
    globals->context.keys = &globals->keys;
    return EX_OK;
}

static int add_endpoints(struct endpoints *endpoints, const struct string_list *list) {
    int status = EX_OK;

    for (size_t i = 0; i < list->count && status == EX_OK; i++)
        status = add_endpoint(endpoints, list->strings[i]);
    return status;
}

static int use_client_conf(struct globals *globals, const struct given *given, const struct client_conf *conf) {
    struct context *context = &globals->context;
    struct given keys = *given;
    int status = add_endpoints(&context->publish, &conf->publish);

    if (status == EX_OK)
        status = add_endpoints(&context->submit, &conf->submit);
    if (status == EX_OK)
        status = add_endpoints(&context->query, &conf->query);
    if (given->key == NULL && given->server_key == NULL) {
        keys.key = conf->key;
        keys.server_key = conf->server_key;
    }
    return status == EX_OK ? take_keys(globals, &keys) : status;
}

/* The user's own settings, as a whole: who says where a daemon is means another. */
static int read_client_conf(struct globals *globals, const struct given *given) {
    const struct context *context = &globals->context;
    char *path = client_conf_path();
    struct problems *problems;
    struct client_conf conf;
    int status;

    if (path == NULL || given->config != NULL || context->publish.count + context->submit.count > 0 ||
        context->query.count > 0) {
        free(path);
        return take_keys(globals, given);
    }
    problems = problems_create();
    if (client_conf_load(&conf, path, problems)) {
        status = use_client_conf(globals, given, &conf);
    } else {
        print_problems(problems);
        status = complain(EX_CONFIG, "%s cannot be used", path);
    }
    client_conf_finish(&conf);
    problems_destroy(problems);
    free(path);
    return status;
}

int globals_init(struct globals *globals, int *argc, char **argv) {
    struct given given = {0};
    int status;

    memset(globals, 0, sizeof(*globals));
    status = take_options(globals, &given, argc, argv);
    if (status != EX_OK || globals->help || globals->version)
        return status;
    globals->context.colour = want_colour(given.color);
    globals->context.width = find_width();
    if (*argc > 1 && needs_no_daemon(argv[1]) && given.config == NULL)
        return take_keys(globals, &given);
    status = read_client_conf(globals, &given);
    return status != EX_OK ? status : read_config(&globals->context, given.config);
}

static void free_endpoints(struct endpoints *endpoints) {
    for (size_t i = 0; i < endpoints->count; i++)
        free(endpoints->list[i]);
}

void globals_finish(struct globals *globals) {
    free_endpoints(&globals->context.submit);
    free_endpoints(&globals->context.query);
    free_endpoints(&globals->context.publish);
    explicit_bzero(&globals->own, sizeof(globals->own));
}
