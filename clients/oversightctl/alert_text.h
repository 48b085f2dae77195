/*
 * An alert for a person woken by it: what moved, why, how far, what follows.
 */
#ifndef OV_CTL_ALERT_TEXT_H
#define OV_CTL_ALERT_TEXT_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "common/buf.h"

/* event: a CloudEvent. Appends lines, the last with a newline. */
void append_alert(struct buf *buf, bool colour, const cJSON *event);

/* "peers" to "because others improved past it", ... */
const char *attribution_in_words(const char *attribution);

#endif
