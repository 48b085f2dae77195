/* Organisations rolled up by system, region or group. */
#ifndef OV_CTL_SYSTEMS_H
#define OV_CTL_SYSTEMS_H

#include "clients/oversightctl/command.h"

/* by: "system", "region" or "group". framework may be NULL. Returns an exit status. */
int print_systems(const struct context *context, const char *by, const char *framework);

/* False when it is none of the three. */
bool is_grouping(const char *by);

#endif
