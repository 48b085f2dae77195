/*
 * Who may do what: the keys of clients, our own key, and the ZAP handler.
 * Without the option keys everybody who reaches a socket may use it.
 */
#ifndef OV_DAEMON_APP_ACCESS_H
#define OV_DAEMON_APP_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/problems.h"
#include "daemon/config.h"
#include "daemon/net/publish.h"
#include "daemon/net/zap.h"

struct access;

enum access_domain { ACCESS_SUBMIT, ACCESS_QUERY, ACCESS_PUBLISH, ACCESS_DOMAINS };

/* Reads what the configuration names; NULL after at least one problem. */
struct access *access_load(const struct config *config, struct problems *problems);
void access_destroy(struct access *access);

/* Starts the handler and proves that it refuses unknown keys; before any socket
 * is bound. Does nothing without keys. */
bool access_start(struct access *access, struct loop *loop, void *zmq, uint64_t *missed_edges, char *error,
                  size_t size);
/* After the last socket was closed. */
void access_stop(struct access *access);

/* Puts the keys of a new one in force; next is used up. publish NULL: nothing
 * is published yet. */
void access_renew(struct access *access, struct access *next, struct publish *publish);

/* For sockets; both NULL without keys. */
const struct zcurve_server *access_server(const struct access *access, enum access_domain domain);
struct zap *access_zap(const struct access *access);

/* For feeds: our own key, and the key of a feed, NULL if it is not encrypted. */
const struct zkeys *access_own(const struct access *access);
const char *access_feed_key(const struct access *access, const struct config_feed *feed);

/* user: as the sockets say. */
bool access_may_submit(const struct access *access, const char *user, struct text source);
bool access_may_ask(const struct access *access, const char *user, bool action);
/* What to call a user: the name of its key, "local" on endpoints without keys. */
const char *access_name(const struct access *access, const char *user);

const struct zap_report *access_report(const struct access *access); /* NULL without keys */

#endif
