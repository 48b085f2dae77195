/*
 * Which alerts a consumer wants, decided at its own end so that ids stay
 * gap-free.
 */
#ifndef OV_CLIENTS_FILTER_H
#define OV_CLIENTS_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/lib/oversight_client.h"

struct filter;

/* NULL with the reason in error for an unknown severity. */
struct filter *filter_create(const char *const *kinds, const char *const *organisations, const char *severity,
                             char *error, size_t size);
void filter_destroy(struct filter *filter);
bool filter_passes(const struct filter *filter, const struct oversight_event *event);

#endif
