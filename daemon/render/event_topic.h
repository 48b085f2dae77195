/*
 * The topic of an event that is only known as stored JSON.
 */
#ifndef OV_RENDER_EVENT_TOPIC_H
#define OV_RENDER_EVENT_TOPIC_H

#include <stdbool.h>

#include "common/text.h"
#include "daemon/engine/alert.h"

/* False when the JSON is no event of ours. */
bool render_event_topic(struct text event, char ret_topic[ALERT_TOPIC_SIZE]);

#endif
