#include "common/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder(void) {
    const char *name = getenv("CREDENTIALS_DIRECTORY");
    return name && name[0] != '\0' ? name : NULL;
}

bool secret_path(const char *option, char *ret_path, char *error, size_t size) {
    const size_t prefix = sizeof SECRET_CREDENTIAL - 1;
    bool is_credential = strncmp(option, SECRET_CREDENTIAL, prefix) == 0;
    const char *name = is_credential ? option + prefix : option;
    if (is_credential && (name[0] == '\0' || name[0] == '.' || strchr(name, '/')))
        snprintf(error, size, "%s: expected the name of a credential after \"" SECRET_CREDENTIAL "\"", option);
    else if (is_credential && !folder())
        snprintf(error, size, "%s: expected CREDENTIALS_DIRECTORY in the environment, as LoadCredential= sets it",
                 option);
    else if (snprintf(ret_path, PATH_MAX, "%s%s%s", is_credential ? folder() : "", is_credential ? "/" : "", name) <
             PATH_MAX)
        return true;
    else
        snprintf(error, size, "the path of a secret is longer than %d bytes", PATH_MAX - 1);
    return false;
}

/* The service manager's folder is closed to others though its files need not be. */
static bool is_guarded(const char *path) {
    size_t len = folder() ? strlen(folder()) : 0;
    return len > 0 && strncmp(path, folder(), len) == 0 && path[len] == '/' && strchr(path + len + 1, '/') == NULL;
}

/* Why the file must not be used, or NULL. */
static const char *fault(const char *path, const struct stat *info) {
    if (!S_ISREG(info->st_mode))
        return "it is no file";
    if (is_guarded(path))
        return NULL;
    if (info->st_uid != geteuid() && info->st_uid != 0)
        return "it belongs to another user";
    return (info->st_mode & 077) != 0 ? "others may read or write it, expected mode 0600" : NULL;
}

int secret_open(const char *option, char *error, size_t size) {
    char path[PATH_MAX];
    struct stat info;
    if (!secret_path(option, path, error, size))
        return -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0) {
        snprintf(error, size, "%s: cannot be read: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    const char *reason = fault(path, &info);
    if (!reason)
        return fd;
    snprintf(error, size, "%s: cannot be used: %s", path, reason);
    close(fd);
    return -1;
}
