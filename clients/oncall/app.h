/*
 * oversight-oncall(8): a consumer of alerts that keeps its position, and the
 * dispatch. Wiring only.
 */
#ifndef OV_ONCALL_APP_H
#define OV_ONCALL_APP_H

#include "clients/oncall/conf.h"

/* Runs until SIGTERM or SIGINT; an exit status. path: read again at SIGHUP. */
int app_run(const char *path, struct conf *conf);

/* Sends a marked test to every target of a route, and says what came of it. */
int app_test(struct conf *conf, const char *route);

/* Prints what would be delivered, from after an alert on; delivers nothing and
 * remembers nothing. after NULL: from now on. */
int app_dry_run(struct conf *conf, const char *after);

#endif
