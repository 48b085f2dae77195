/* keygen: a new pair of keys, as two files. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oversightctl/command.h"
#include "common/alloc.h"
#include "common/zcurve.h"

#define KEYGEN_NAME_MAX (ZKEY_LEN - 1) /* as in the keys file of the daemon */

enum { OUT = 256 };

static const struct option options[] = {
    {"out", required_argument, NULL, OUT},
    {NULL, 0, NULL, 0},
};

/* Never over a file that is there: it may be the only copy of a key in use. */
static int write_key(const char *path, mode_t mode, const char *key) {
    char line[ZKEY_SIZE + 1];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), len, status = EX_OK;

    if (fd < 0)
        return complain(EX_CANTCREAT, "%s: cannot be made: %s", path, strerror(errno));
    len = snprintf(line, sizeof(line), "%s\n", key);
    if (write(fd, line, (size_t)len) != len || fsync(fd) != 0)
        status = complain(EX_IOERR, "%s: cannot be written: %s", path, strerror(errno));
    if (close(fd) != 0 && status == EX_OK)
        status = complain(EX_IOERR, "%s: cannot be written: %s", path, strerror(errno));
    explicit_bzero(line, sizeof(line));
    if (status != EX_OK)
        unlink(path);
    return status;
}

static void say_pair(const struct context *context, const char *name, const char *public_key, const char *secret_path,
                     const char *public_path) {
    cJSON *line;

    if (!context->json) {
        fprintf(stderr, "%s holds the secret key, %s the public one. A line for the daemon's file of keys:\n",
                secret_path, public_path);
        printf("%s  %s  consume,query\n", name, public_key);
        return;
    }
    line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "name", name);
    cJSON_AddStringToObject(line, "public_key", public_key);
    cJSON_AddStringToObject(line, "public_file", public_path);
    cJSON_AddStringToObject(line, "secret_file", secret_path);
    print_json(line);
    cJSON_Delete(line);
}

static int make_pair(const struct context *context, const char *folder, const char *name) {
    char *secret_path = alloc_printf("%s/%s.secret", folder, name);
    char *public_path = alloc_printf("%s/%s.public", folder, name);
    struct zkeys keys;
    int status = EX_OK;

    if (!zkeys_generate(&keys))
        status = complain(EX_SOFTWARE, "no key could be made: this libzmq has no CURVE");
    if (status == EX_OK)
        status = write_key(secret_path, 0600, keys.secret_key);
    if (status == EX_OK) {
        status = write_key(public_path, 0644, keys.public_key);
        if (status != EX_OK)
            unlink(secret_path);
    }
    if (status == EX_OK)
        say_pair(context, name, keys.public_key, secret_path, public_path);
    explicit_bzero(&keys, sizeof(keys));
    free(secret_path);
    free(public_path);
    return status;
}

static int run(const struct context *context, int argc, char **argv) {
    const char *folder = ".";
    struct text name;
    int letter;

    optind = 0;
    while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (letter != OUT)
            return complain_option(&command_keygen, letter, argv);
        folder = optarg;
    }
    if (optind + 1 != argc)
        return complain_usage(&command_keygen, "keygen: exactly one name is needed");
    name = text_of(argv[optind]);
    if (!text_is_source(name) || name.len > KEYGEN_NAME_MAX || name.s[0] == '.' || name.s[0] == '-')
        return complain_usage(&command_keygen, "keygen: the name must be 1 to %d of A-Z a-z 0-9 . _ -",
                              KEYGEN_NAME_MAX);
    return make_pair(context, folder, argv[optind]);
}

const struct command command_keygen = {
    .name = "keygen",
    .usage = "[OPTION...] NAME",
    .help = "Make a pair of keys: NAME.secret to keep, NAME.public to hand out",
    .options = "      --out DIR        folder of both files [.]\n",
    .run = run,
};
