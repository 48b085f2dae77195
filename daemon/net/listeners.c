#include "daemon/net/listeners.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

struct listeners {
    struct listener *all;
    size_t count;
};

struct listeners *listeners_create(void) {
    return alloc_zero(1, sizeof(struct listeners));
}

void listeners_destroy(struct listeners *listeners) {
    if (listeners == NULL)
        return;
    for (size_t i = 0; i < listeners->count; i++)
        for (size_t k = 0; k < listeners->all[i].topic_count; k++)
            free(listeners->all[i].topics[k]);
    free(listeners->all);
    free(listeners);
}

/* NULL when there is no room for one more. */
static struct listener *find_or_add(struct listeners *listeners, const char *user) {
    for (size_t i = 0; i < listeners->count; i++)
        if (strcmp(listeners->all[i].user, user) == 0)
            return &listeners->all[i];
    if (listeners->count == LISTENERS_MAX)
        return NULL;
    listeners->all = alloc_resize(listeners->all, listeners->count + 1, sizeof *listeners->all);
    struct listener *listener = &listeners->all[listeners->count++];
    *listener = (struct listener){.subscriptions = 0};
    text_copy(listener->user, sizeof listener->user, text_of(user));
    return listener;
}

/* The newest stands last; the oldest makes room. */
static void note_topic(struct listener *listener, struct text topic) {
    char shown[LISTENER_TOPIC_SIZE];
    size_t i = 0, last = LISTENER_TOPICS_MAX - 1;
    text_escape(shown, sizeof shown, topic);
    while (i < listener->topic_count && strcmp(listener->topics[i], shown) != 0)
        i++;
    if (i == listener->topic_count && i <= last) {
        listener->topics[listener->topic_count++] = alloc_copy(shown);
        return;
    }
    char *moved = i <= last ? listener->topics[i] : NULL;
    if (moved == NULL) {
        free(listener->topics[0]);
        moved = alloc_copy(shown);
        i = 0;
    }
    for (; i + 1 < listener->topic_count; i++)
        listener->topics[i] = listener->topics[i + 1];
    listener->topics[listener->topic_count - 1] = moved;
}

enum subscription listeners_take(struct listeners *listeners, struct text frame, const char *user, int64_t now) {
    if (frame.len == 0 || (frame.s[0] != 0 && frame.s[0] != 1))
        return SUBSCRIPTION_MALFORMED;
    if (frame.s[0] == 0)
        return SUBSCRIPTION_ENDS;
    struct listener *listener = user[0] != '\0' ? find_or_add(listeners, user) : NULL;
    if (listener != NULL) {
        listener->subscriptions++;
        listener->last = now;
        note_topic(listener, (struct text){frame.s + 1, frame.len - 1});
    }
    return SUBSCRIPTION_BEGINS;
}

size_t listeners_count(const struct listeners *listeners) {
    return listeners->count;
}

const struct listener *listeners_at(const struct listeners *listeners, size_t index) {
    return &listeners->all[index];
}
