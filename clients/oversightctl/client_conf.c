#include "clients/oversightctl/client_conf.h"

#include <errno.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/oversightctl/file.h"
#include "clients/oversightctl/mapping_settings.h"
#include "common/alloc.h"
#include "common/zsock.h"

#define FILE_MAX (64U << 10)

char *client_conf_path(void) {
    const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (folder != NULL && folder[0] == '/')
        return alloc_printf("%s/oversight/client.conf", folder);
    if (home != NULL && home[0] == '/')
        return alloc_printf("%s/.config/oversight/client.conf", home);
    return NULL;
}

/* A name without a slash at its start stands beside the file. */
static char *beside(const char *path, char *name) {
    const char *slash = strrchr(path, '/');
    char *whole;

    if (name == NULL || name[0] == '/' || slash == NULL)
        return name;
    whole = alloc_printf("%.*s/%s", (int)(slash - path), path, name);
    free(name);
    return whole;
}

static struct string_list endpoints(const struct entry_reader *reader, const config_setting_t *root, const char *name) {
    struct string_list list = entry_strings(reader, root, name);

    for (size_t i = 0; i < list.count; i++) {
        struct zendpoint endpoint = {list.strings[i], true};
        char error[ZERROR_SIZE];

        if (!zsock_check(&endpoint, error, sizeof(error)))
            entry_wrong(reader, entry_member(root, name), "%s: %s", name, error);
    }
    return list;
}

static void read_settings(struct client_conf *conf, const struct entry_reader *reader, const config_setting_t *root) {
    const config_setting_t *key = entry_member(root, "key"), *server_key = entry_member(root, "server_key");

    entry_known(reader, root, "publish submit query key server_key");
    conf->publish = endpoints(reader, root, "publish");
    conf->submit = endpoints(reader, root, "submit");
    conf->query = endpoints(reader, root, "query");
    conf->key = beside(reader->name, entry_string(reader, root, "key"));
    conf->server_key = entry_string(reader, root, "server_key");
    if ((key == NULL) != (server_key == NULL))
        entry_wrong(reader, key != NULL ? key : server_key, "key and server_key go together");
}

bool client_conf_load(struct client_conf *conf, const char *path, struct problems *problems) {
    size_t before = problems_count(problems), len;
    struct entry_reader reader = {path, problems};
    config_t parsed;
    char *text;

    *conf = (struct client_conf){0};
    if (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return true;
    text = file_read(path, FILE_MAX, &len, problems);
    if (text == NULL)
        return false;
    config_init(&parsed);
    if (config_read_string(&parsed, text) == CONFIG_TRUE)
        read_settings(conf, &reader, config_root_setting(&parsed));
    else
        problems_add(problems, path, (unsigned)config_error_line(&parsed), "%s", config_error_text(&parsed));
    config_destroy(&parsed);
    free(text);
    return problems_count(problems) == before;
}

static void free_list(struct string_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->strings[i]);
    free(list->strings);
}

void client_conf_finish(struct client_conf *conf) {
    free_list(&conf->publish);
    free_list(&conf->submit);
    free_list(&conf->query);
    free(conf->key);
    free(conf->server_key);
}
