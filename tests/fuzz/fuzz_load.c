/* Replies of Redis to the reads at start, byte by byte as they come from the connection. */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/store/hand_out.h"
#include "daemon/store/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WAITING_MAX 256

/* In place of a connection: commands wait here for their reply. */
struct redis_link {
    struct {
        redis_link_reply callback;
        void *context;
    } waiting[WAITING_MAX];
    size_t count;
    bool over;
    size_t bytes; /* looked at */
};

bool redis_link_send(struct redis_link *link, const struct text *args, size_t count, int64_t allowance_ms,
                     redis_link_reply callback, void *context) {
    (void)allowance_ms;
    for (size_t i = 0; i < count; i++)
        link->bytes += args[i].len;
    if (link->count == WAITING_MAX)
        return false;
    link->waiting[link->count].callback = callback;
    link->waiting[link->count++].context = context;
    return true;
}

static void look(void *context, struct text text) {
    struct redis_link *link = context;
    for (size_t i = 0; i < text.len; i++)
        link->bytes += (unsigned char)text.s[i];
}

static void on_pair(void *context, struct text name, struct text value) {
    look(context, name);
    look(context, value);
}

static void on_source(void *context, struct text source, uint64_t last) {
    (void)last;
    look(context, source);
}

static void on_fields(void *context, const struct store_field *fields, size_t count) {
    for (size_t i = 0; i < count; i++)
        on_pair(context, fields[i].name, fields[i].value);
}

static void on_figures(void *context, struct text measure, struct text period, const struct store_field *fields,
                       size_t count) {
    on_pair(context, measure, period);
    on_fields(context, fields, count);
}

static void on_decision(void *context, struct text org, const struct store_field *fields, size_t count) {
    look(context, org);
    on_fields(context, fields, count);
}

static void on_programme(void *context, struct text org, struct text programme, struct text value) {
    on_pair(context, org, programme);
    look(context, value);
}

static void on_verdict(void *context, struct text framework, struct text org, const struct store_field *fields,
                       size_t count) {
    on_pair(context, framework, org);
    on_fields(context, fields, count);
}

static void on_history(void *context, struct text framework, struct text org, struct text id,
                       const struct store_field *fields, size_t count) {
    on_pair(context, framework, org);
    look(context, id);
    on_fields(context, fields, count);
}

static void on_done(void *context) {
    ((struct redis_link *)context)->over = true;
}

static void on_trouble(void *context, enum trouble trouble, const char *text) {
    (void)trouble;
    look(context, text_of(text));
    ((struct redis_link *)context)->over = true;
}

/* The oldest command gets the next reply. */
static void answer(struct redis_link *link, const redisReply *reply) {
    redis_link_reply callback = link->waiting[0].callback;
    void *context = link->waiting[0].context;
    link->count--;
    for (size_t i = 0; i < link->count; i++)
        link->waiting[i] = link->waiting[i + 1];
    callback(context, reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct store_callbacks sink = {.on_load_meta = on_pair,
                                                .on_load_source = on_source,
                                                .on_load_figures = on_figures,
                                                .on_load_decision = on_decision,
                                                .on_load_programme = on_programme,
                                                .on_load_verdict = on_verdict,
                                                .on_load_history = on_history};
    static const struct load_callbacks callbacks = {on_done, on_trouble};
    struct redis_link link = {.count = 0};
    struct hand_out *out = hand_out_create(&sink, &link);
    struct load *load = load_create(&link, out, &callbacks, &link);
    redisReader *reader = redisReaderCreate();
    void *reply = NULL;
    redisReaderFeed(reader, (const char *)data, size);
    load_continue(load);
    while (!link.over && link.count > 0 && redisReaderGetReply(reader, &reply) == REDIS_OK && reply != NULL) {
        answer(&link, reply);
        freeReplyObject(reply);
    }
    while (link.count > 0) /* the connection ends */
        answer(&link, NULL);
    redisReaderFree(reader);
    load_destroy(load);
    hand_out_destroy(out);
    return 0;
}
