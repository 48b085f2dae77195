/* A list that is too long for one reply, split over parts: each part is an
 * object of its own with the same head and tail and its share of the list. */
#ifndef OV_RENDER_PARTS_H
#define OV_RENDER_PARTS_H

#include "common/json_write.h"
#include "daemon/render/request.h"

typedef void (*parts_frame)(struct json_writer *json, const void *context);

struct parts {
    const char *list;       /* key of the list */
    parts_frame head, tail; /* fields before and after it; NULL = none */
    const void *context;    /* of both */
    size_t part_bytes;      /* 0 = no bound */
    request_emit emit;
    void *emit_context;
    /* set by parts_begin() */
    struct buf buf;
    struct json_writer json;
    bool open;
    size_t elements; /* in this part: one at least, whatever their size */
};

void parts_begin(struct parts *parts);
/* The writer for one more element; the part before is emitted when it is full. */
struct json_writer *parts_next(struct parts *parts);
/* Emits the last part, also when the list is empty. */
void parts_end(struct parts *parts);

#endif
