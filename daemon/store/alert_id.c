/* Apart from the rest of alerts.h, for who only reads. */
#include <string.h>

#include "daemon/store/alerts.h"

bool alerts_id_read(struct text id, uint64_t *ret_epoch, uint64_t *ret_seq) {
    uint64_t epoch = 0, seq = 0;
    if (id.len > 0) {
        const char *dash = memchr(id.s, '-', id.len);
        if (!dash || !text_to_uint64((struct text){id.s, (size_t)(dash - id.s)}, &epoch) ||
            !text_to_uint64((struct text){dash + 1, id.len - (size_t)(dash - id.s) - 1}, &seq))
            return false;
    }
    *ret_epoch = epoch;
    *ret_seq = seq;
    return true;
}
