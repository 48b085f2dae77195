/* Replies of Redis to the reads at start, byte by byte as they come from the connection. */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/store/hand_out.h"
#include "daemon/store/load.h"
#include "tests/redis_replies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    load_continue(load);
    redis_replies(&link, (const char *)data, size);
    redis_replies_end(&link);
    load_destroy(load);
    hand_out_destroy(out);
    return 0;
}
