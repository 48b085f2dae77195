#include "clients/oversightctl/position.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/alloc.h"

char *position_path(const char *given, const char *source) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (given != NULL)
        return alloc_copy(given);
    if (state != NULL && state[0] == '/')
        return alloc_printf("%s/oversightctl/%s.position", state, source);
    if (home != NULL && home[0] == '/')
        return alloc_printf("%s/.local/state/oversightctl/%s.position", home, source);
    return NULL;
}

bool position_load(const char *path, struct position *ret_position) {
    FILE *file = fopen(path, "re");
    struct position position;
    bool good;

    if (file == NULL)
        return false;
    good = fscanf(file, "first %" SCNu64 " fingerprint %" SCNx64, &position.first, &position.fingerprint) == 2;
    fclose(file);
    if (good)
        *ret_position = position;
    return good;
}

static void make_folders(const char *path) {
    char *copy = alloc_copy(path);

    for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0700); /* one that exists is fine; any other failure shows at the open */
        *slash = '/';
    }
    free(copy);
}

bool position_store(const char *path, const struct position *position) {
    char *temporary = alloc_printf("%s.%ld", path, (long)getpid());
    FILE *file;
    bool good;

    make_folders(path);
    file = fopen(temporary, "we");
    good = file != NULL;
    if (good) {
        good =
            fprintf(file, "first %" PRIu64 " fingerprint %016" PRIx64 "\n", position->first, position->fingerprint) > 0;
        good = fflush(file) == 0 && fsync(fileno(file)) == 0 && good;
        good = fclose(file) == 0 && good;
        good = good && rename(temporary, path) == 0;
        if (!good) {
            int saved = errno;

            unlink(temporary);
            errno = saved;
        }
    }
    free(temporary);
    return good;
}

void position_remove(const char *path) {
    unlink(path);
}
