/*
 * What is said to Redis on every new connection before the store uses it:
 * authenticate, read the settings, refuse what must not be used, load the
 * functions.
 */
#ifndef OV_STORE_SESSION_H
#define OV_STORE_SESSION_H

#include <stdbool.h>

#include "daemon/store/redis_link.h"
#include "daemon/store/store.h"
#include "daemon/store/trouble.h"

struct session;

struct session_facts {
    char version[16];
    enum store_durability durability;
};

struct session_options {
    const char *user;
    const char *password_file;
};

struct session_callbacks {
    void (*on_ready)(void *context, const struct session_facts *facts);
    /* TROUBLE_WAIT, _RECONNECT or _REFUSED, with a text for people. */
    void (*on_trouble)(void *context, enum trouble trouble, const char *text);
};

/* The options' texts are not copied. */
struct session *session_create(struct redis_link *link, const struct session_options *options,
                               const struct session_callbacks *callbacks, void *context);
void session_destroy(struct session *session);

/* Call when the link is up. Silent when the link goes down on the way. */
void session_start(struct session *session);

/* The pure part: facts from the text of INFO, and the reason not to use this
 * server. Durability is at its best guess without the configuration. */
enum trouble session_read_info(struct text info, struct session_facts *ret_facts, char *ret_text, size_t size);

#endif
