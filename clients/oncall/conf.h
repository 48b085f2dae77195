/*
 * oversight-oncall.conf(5), read whole: every mistake of the file, of the
 * templates and of the secrets it names is reported at once with its line, and
 * a file with a mistake gives no configuration at all.
 *
 * Shared by count: what is under way keeps the configuration it began with.
 */
#ifndef OV_ONCALL_CONF_H
#define OV_ONCALL_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/oncall/route.h"
#include "clients/oncall/template.h"
#include "common/problems.h"
#include "common/zcurve.h"

#define TARGETS_MAX 64
#define ROUTES_MAX 256

enum target_kind { TARGET_HTTP, TARGET_EMAIL, TARGET_EXEC, TARGET_SYSLOG };

struct target {
    char *name;
    enum target_kind kind;
    struct template *template; /* http and email */
    char *url;                 /* http */
    bool url_secret;           /* it came from a file: not to be shown */
    char *secret;              /* from secret_file, or NULL */
    char *ca_file;             /* or NULL: the system's */
    int redirects;             /* followed at most */
    bool private_redirects;    /* also to private addresses */
    struct words email;        /* recipients */
    char *from;
    struct words exec; /* program and arguments */
    int facility;      /* syslog */
    char *socket;
    int64_t timeout; /* ms for one attempt */
    int queue;       /* alerts that may wait */
    struct retry retry;
    int64_t resend, hold, once; /* ms: states are told again; are good for; last when nothing ends them */
};

struct conf {
    unsigned refs;
    struct words subscribe, query;
    bool insecure;
    struct zkeys keys;
    char server_key[ZKEY_SIZE]; /* "": no encryption */
    char *state_dir, *status_page, *timezone, *sendmail;
    char *templates;         /* folder */
    struct words drop_hosts; /* never spoken to: names, "*.suffix", addresses */
    struct quiet quiet;
    int history_bytes;
    char *log_level, *log_facility;
    struct target *targets;
    size_t target_count;
    struct route *routes;
    size_t route_count;
};

/* NULL after a problem. The caller holds one reference. checking: the result is
 * not for use, and credentials that the service manager hides are let be. */
struct conf *conf_load(const char *path, bool checking, struct problems *problems);
struct conf *conf_ref(struct conf *conf);
void conf_unref(struct conf *conf);

const struct target *conf_target(const struct conf *conf, const char *name);
const struct route *conf_route(const struct conf *conf, const char *name);

/* True when url leads to a host on the list; host names are compared without case. */
bool conf_host_dropped(const struct conf *conf, const char *host);

#endif
