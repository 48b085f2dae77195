#include "clients/oncall/send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/oncall/child.h"
#include "clients/oncall/http.h"
#include "clients/oncall/mail.h"
#include "clients/oncall/sign.h"
#include "clients/oncall/syslog_line.h"
#include "common/alloc.h"

struct sender {
    struct loop *loop;
    struct http *http;
};

struct sending {
    struct sender *sender;
    struct conf *conf;
    struct http_request *request; /* one of these is under way, or the outcome waits */
    struct child *child;
    struct outcome outcome;
    send_callback callback;
    void *context;
};

struct sender *sender_create(struct loop *loop) {
    struct sender *sender = alloc_zero(1, sizeof *sender);
    sender->loop = loop;
    sender->http = http_create(loop);
    if (sender->http)
        return sender;
    free(sender);
    return NULL;
}

void sender_destroy(struct sender *sender) {
    if (!sender)
        return;
    http_destroy(sender->http);
    free(sender);
}

static void end(struct sending *sending, const struct outcome *outcome) {
    send_callback callback = sending->callback;
    void *context = sending->context;
    struct outcome copy = *outcome;
    conf_unref(sending->conf);
    free(sending);
    callback(context, &copy);
}

static void on_outcome(void *context, const struct outcome *outcome) {
    end(context, outcome);
}

static void on_waiting_outcome(void *context) {
    struct sending *sending = context;
    end(sending, &sending->outcome);
}

/* ---- HTTP ------------------------------------------------------------------------- */

static void put_body(const struct template *template, const struct item *items, size_t count, struct buf *body) {
    if (template->batch > 1)
        buf_append_char(body, '[');
    for (size_t i = 0; i < count; i++) {
        cJSON *values = values_of(&items[i]);
        if (i > 0)
            buf_append_char(body, ',');
        template_body(template, values, body);
        cJSON_Delete(values);
    }
    if (template->batch > 1)
        buf_append_char(body, ']');
}

static size_t put_headers(const struct target *target, const struct item *item, const struct buf *body,
                          struct http_header *headers) {
    const struct template *template = target->template;
    cJSON *values = values_of(item);
    size_t count = 0;
    for (; count < template->header_count; count++) {
        struct buf value;
        buf_init(&value);
        template_header(template->headers[count].value, values, &value);
        headers[count] = (struct http_header){template->headers[count].name, buf_take(&value)};
    }
    if (template->sign && target->secret) {
        const char *now = cJSON_GetObjectItemCaseSensitive(values, "now")->valuestring;
        char signature[SIGNATURE_SIZE];
        sign_request(target->secret, now, (struct text){body->data, body->len}, signature);
        headers[count++] = (struct http_header){"X-Timestamp", alloc_copy(now)};
        headers[count++] = (struct http_header){template->sign, alloc_copy(signature)};
    }
    cJSON_Delete(values);
    return count;
}

static void start_http(struct sending *sending, const struct target *target, const struct item *items, size_t count) {
    struct http_header headers[TEMPLATE_HEADERS_MAX + 2];
    struct buf body;
    buf_init(&body);
    put_body(target->template, items, count, &body);
    size_t header_count = put_headers(target, &items[0], &body, headers);
    sending->request = http_send(sending->sender->http, sending->conf, target, headers, header_count,
                                 (struct text){body.data, body.len}, on_outcome, sending);
    for (size_t i = 0; i < header_count; i++)
        free(headers[i].value);
    buf_finish(&body);
}

/* ---- Programs ----------------------------------------------------------------------- */

static void start_child(struct sending *sending, const struct target *target, char *const *argv,
                        const struct item *item, struct text input) {
    char *key = values_key(item);
    char *more[] = {alloc_printf("OVERSIGHT_KEY=%s", key),
                    alloc_printf("OVERSIGHT_ALERT=%s", item->notice->id),
                    alloc_printf("OVERSIGHT_ROUTE=%s", item->route),
                    alloc_printf("OVERSIGHT_TARGET=%s", item->target),
                    alloc_printf("OVERSIGHT_STATUS=%s", notice_status_name(item->status)),
                    alloc_printf("OVERSIGHT_TEST=%d", item->test),
                    NULL};
    struct child_spec spec = {.argv = argv,
                              .more = (const char *const *)more,
                              .input = input,
                              .timeout = target->timeout,
                              .leaves = target->kind == TARGET_EMAIL};
    sending->child = child_start(sending->sender->loop, &spec, on_outcome, sending);
    for (size_t i = 0; more[i]; i++)
        free(more[i]);
    free(key);
}

static void start_exec(struct sending *sending, const struct target *target, const struct item *item) {
    char **argv = alloc_zero(target->exec.count + 1, sizeof *argv);
    memcpy(argv, target->exec.items, target->exec.count * sizeof *argv);
    start_child(sending, target, argv, item, (struct text){item->notice->json, item->notice->len});
    free(argv);
}

static void put_mail(const struct target *target, const struct item *item, struct buf *message) {
    cJSON *values = values_of(item);
    struct buf body;
    buf_init(&body);
    template_body(target->template, values, &body);
    mail_message(item, target->from, &target->email, (struct text){body.data, body.len}, message);
    buf_finish(&body);
    cJSON_Delete(values);
}

static void start_mail(struct sending *sending, const struct target *target, const struct item *item) {
    char **argv = alloc_zero(target->email.count + 6, sizeof *argv);
    struct buf message;
    size_t n = 0;
    buf_init(&message);
    put_mail(target, item, &message);
    argv[n++] = sending->conf->sendmail;
    argv[n++] = "-i"; /* a dot alone is no end */
    argv[n++] = "-f";
    argv[n++] = target->from;
    argv[n++] = "--";
    memcpy(argv + n, target->email.items, target->email.count * sizeof *argv);
    start_child(sending, target, argv, item, (struct text){message.data, message.len});
    buf_finish(&message);
    free(argv);
}

static void start_syslog(struct sending *sending, const struct target *target, const struct item *item) {
    struct buf line;
    buf_init(&line);
    syslog_line(item, target->facility, &line);
    syslog_send(target->socket, &line, &sending->outcome);
    buf_finish(&line);
    loop_defer(sending->sender->loop, on_waiting_outcome, sending);
}

struct sending *sender_send(struct sender *sender, struct conf *conf, const struct target *target,
                            const struct item *items, size_t count, send_callback callback, void *context) {
    struct sending *sending = alloc_zero(1, sizeof *sending);
    *sending = (struct sending){.sender = sender, .conf = conf_ref(conf), .callback = callback, .context = context};
    switch (target->kind) {
    case TARGET_HTTP:
        start_http(sending, target, items, count);
        break;
    case TARGET_EMAIL:
        start_mail(sending, target, items);
        break;
    case TARGET_EXEC:
        start_exec(sending, target, items);
        break;
    case TARGET_SYSLOG:
        start_syslog(sending, target, items);
        break;
    }
    return sending;
}

void sending_cancel(struct sending *sending) {
    if (!sending)
        return;
    loop_defer_cancel(sending->sender->loop, on_waiting_outcome, sending);
    http_cancel(sending->request);
    child_cancel(sending->child);
    conf_unref(sending->conf);
    free(sending);
}

void sender_show(const struct target *target, const struct item *items, size_t count, struct buf *buf) {
    if (target->kind == TARGET_HTTP)
        put_body(target->template, items, count, buf);
    else if (target->kind == TARGET_EMAIL)
        put_mail(target, items, buf);
    else if (target->kind == TARGET_SYSLOG)
        syslog_line(items, target->facility, buf);
    else
        buf_append(buf, items->notice->json, items->notice->len);
}
