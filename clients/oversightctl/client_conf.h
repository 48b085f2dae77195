/*
 * The user's own settings: where the daemons are and which keys open them, so
 * that they need not be given each time.
 */
#ifndef OV_CTL_CLIENT_CONF_H
#define OV_CTL_CLIENT_CONF_H

#include "clients/oversightctl/mapping_data.h"
#include "common/problems.h"

struct client_conf {
    struct string_list publish, submit, query;
    char *key, *server_key; /* NULL: none */
};

/* $XDG_CONFIG_HOME/oversight/client.conf, or below ~/.config; NULL when neither
 * is known. The caller frees it. */
char *client_conf_path(void);

/* A file that is not there is empty. False after problems were added. To be
 * finished in any case. */
bool client_conf_load(struct client_conf *conf, const char *path, struct problems *problems);
void client_conf_finish(struct client_conf *conf);

#endif
