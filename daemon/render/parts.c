#include "daemon/render/parts.h"

static void open_part(struct parts *parts) {
    buf_clear(&parts->buf);
    json_init(&parts->json, &parts->buf);
    json_object(&parts->json, NULL);
    if (parts->head)
        parts->head(&parts->json, parts->context);
    json_array(&parts->json, parts->list);
    parts->open = true;
    parts->elements = 0;
}

static void close_part(struct parts *parts) {
    json_array_end(&parts->json);
    if (parts->tail)
        parts->tail(&parts->json, parts->context);
    json_object_end(&parts->json);
    parts->emit(parts->emit_context, parts->buf.data, parts->buf.len);
    parts->open = false;
}

void parts_begin(struct parts *parts) {
    buf_init(&parts->buf);
    open_part(parts);
}

struct json_writer *parts_next(struct parts *parts) {
    if (parts->part_bytes > 0 && parts->elements > 0 && parts->buf.len >= parts->part_bytes)
        close_part(parts);
    if (!parts->open)
        open_part(parts);
    parts->elements++;
    return &parts->json;
}

void parts_end(struct parts *parts) {
    close_part(parts);
    buf_finish(&parts->buf);
}
