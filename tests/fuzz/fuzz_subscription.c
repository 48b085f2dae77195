/* Frames of subscribers, as libzmq hands them up: a byte of length and a byte that chooses the key go before each. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/net/listeners.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct listener *listener) {
    if (listener->topic_count == 0 || listener->topic_count > LISTENER_TOPICS_MAX)
        abort();
    for (size_t i = 0; i < listener->topic_count; i++) {
        size_t len = strlen(listener->topics[i]);
        if (len >= LISTENER_TOPIC_SIZE)
            abort();
        for (size_t k = 0; k < len; k++)
            if (listener->topics[i][k] < ' ' || listener->topics[i][k] > '~')
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const users[] = {"", "alice", "bob", "0123456789012345678901234567890123456789"};
    struct listeners *listeners = listeners_create();
    uint64_t begun = 0, noted = 0;
    while (size >= 2) {
        size_t len = data[0] < size - 2 ? data[0] : size - 2;
        const char *user = users[data[1] % 4];
        char *frame = alloc_copy_bytes((const char *)data + 2, len);
        if (listeners_take(listeners, (struct text){frame, len}, user, 0) == SUBSCRIPTION_BEGINS)
            begun += user[0] != '\0';
        free(frame);
        data += 2 + len;
        size -= 2 + len;
    }
    for (size_t i = 0; i < listeners_count(listeners); i++) {
        check(listeners_at(listeners, i));
        noted += listeners_at(listeners, i)->subscriptions;
    }
    if (noted != begun || listeners_count(listeners) > 3)
        abort();
    listeners_destroy(listeners);
    return 0;
}
