#include "clients/lib/oversight_client.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

int oversight_id_compare(struct oversight_id a, struct oversight_id b) {
    if (a.epoch != b.epoch)
        return a.epoch < b.epoch ? -1 : 1;
    if (a.seq != b.seq)
        return a.seq < b.seq ? -1 : 1;
    return 0;
}

bool oversight_id_parse(const char *text, size_t len, struct oversight_id *ret_id) {
    const char *dash = len > 0 ? memchr(text, '-', len) : NULL;
    struct oversight_id id;

    if (dash == NULL)
        return false;
    if (!text_to_uint64((struct text){text, (size_t)(dash - text)}, &id.epoch) ||
        !text_to_uint64((struct text){dash + 1, len - (size_t)(dash - text) - 1}, &id.seq))
        return false;
    *ret_id = id;
    return true;
}

const char *oversight_id_format(struct oversight_id id, char buf[OVERSIGHT_ID_SIZE]) {
    snprintf(buf, OVERSIGHT_ID_SIZE, "%" PRIu64 "-%" PRIu64, id.epoch, id.seq);
    return buf;
}
