/* A client of the library, as the configuration has it. */
#ifndef OV_ONCALL_FOLLOW_CONF_H
#define OV_ONCALL_FOLLOW_CONF_H

#include "clients/lib/oversight_client.h"
#include "clients/oncall/conf.h"

/* after NULL: from now on. NULL after a log line. */
struct oversight_client *follow_conf(const struct conf *conf, const struct oversight_id *after,
                                     const struct oversight_handlers *handlers, void *arg);

/* True when both lead to the same daemons with the same keys. */
bool follow_conf_same(const struct conf *a, const struct conf *b);

#endif
