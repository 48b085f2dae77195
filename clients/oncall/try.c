/* Nothing kept, nothing repeated: --test and --dry-run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oncall/app.h"
#include "clients/oncall/follow_conf.h"
#include "clients/oncall/send.h"
#include "common/log.h"

/* ---- A test ---------------------------------------------------------------------------- */

struct attempt {
    struct trial *trial;
    const struct target *target;
};

struct trial {
    struct loop *loop;
    size_t left, failed;
};

static void on_outcome(void *context, const struct outcome *outcome) {
    struct attempt *attempt = context;
    bool good = outcome->result == RESULT_DELIVERED;
    printf("%s: %s: %s\n", attempt->target->name, good ? "delivered" : "NOT delivered", outcome->reason);
    fflush(stdout);
    attempt->trial->failed += !good;
    if (--attempt->trial->left == 0)
        loop_stop(attempt->trial->loop);
}

static struct item test_item(const struct conf *conf, const struct target *target, const struct route *route,
                             const struct notice *notice) {
    return (struct item){.notice = notice,
                         .origin = notice,
                         .route = route->name,
                         .target = target->name,
                         .page = conf->status_page,
                         .secret = target->secret,
                         .status = NOTICE_ONCE,
                         .starts = notice->time,
                         .ends = notice->time + target->once,
                         .now = notice->time,
                         .test = true};
}

int app_test(struct conf *conf, const char *name) {
    const struct route *route = conf_route(conf, name);
    if (!route) {
        fprintf(stderr, "oversight-oncall: there is no route \"%s\"\n", name);
        return EX_USAGE;
    }
    struct trial trial = {.loop = loop_create(), .left = route->targets.count};
    struct sender *sender = trial.loop ? sender_create(trial.loop) : NULL;
    struct attempt attempts[TARGETS_MAX];
    if (!sender) {
        loop_destroy(trial.loop);
        return EX_OSERR;
    }
    char *json = values_test_event(name, loop_wall(trial.loop));
    struct notice *notice = notice_parse(json, strlen(json));
    for (size_t i = 0; i < route->targets.count; i++) {
        const struct target *target = conf_target(conf, route->targets.items[i]);
        struct item item = test_item(conf, target, route, notice);
        attempts[i] = (struct attempt){&trial, target};
        sender_send(sender, conf, target, &item, 1, on_outcome, &attempts[i]);
    }
    bool ran = loop_run(trial.loop);
    notice_unref(notice);
    free(json);
    sender_destroy(sender);
    loop_destroy(trial.loop);
    if (!ran)
        return EX_OSERR;
    return trial.failed == 0 ? EX_OK : EX_UNAVAILABLE;
}

/* ---- A dry run --------------------------------------------------------------------------- */

/* What others wrote has no say over the terminal; C1 controls are two bytes in UTF-8. */
static void print_safe(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.s[i], next = i + 1 < text.len ? (unsigned char)text.s[i + 1] : 0;
        if (c == '\n')
            fputs("\n    ", stdout);
        else if (c < ' ' || c == 0x7f)
            putchar(' ');
        else if (c == 0xc2 && next >= 0x80 && next < 0xa0)
            i++;
        else
            putchar(c);
    }
}

static void show_target(const struct conf *conf, const struct notice *notice, const struct route *route,
                        const struct target *target) {
    struct item item = test_item(conf, target, route, notice);
    struct buf text;
    item.test = false;
    item.status = notice->status;
    item.secret = target->secret ? "SECRET" : NULL;
    buf_init(&text);
    sender_show(target, &item, 1, &text);
    printf("  to %s by %s:\n    ", target->name, route->name);
    print_safe((struct text){text.data, text.len});
    putchar('\n');
    buf_finish(&text);
}

static void on_alert(void *arg, const struct oversight_event *event) {
    const struct conf *conf = arg;
    struct notice *notice = notice_parse(event->json, event->len);
    bool routed = false;
    if (!notice)
        return;
    const char *const words[] = {notice->id, " ", notice->kind, " ", notice->subject, ": ", notice->summary};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        print_safe(text_of(words[i]));
    putchar('\n');
    for (size_t i = 0; i < conf->route_count; i++) {
        const struct route *route = &conf->routes[i];
        if (!route_fits(route, notice))
            continue;
        routed = true;
        for (size_t t = 0; t < route->targets.count; t++)
            show_target(conf, notice, route, conf_target(conf, route->targets.items[t]));
        if (!route->more)
            break;
    }
    if (!routed)
        printf("  no route fits\n");
    fflush(stdout);
    notice_unref(notice);
}

static void on_problem(void *arg, const char *message) {
    (void)arg;
    log_warning("consumer", "%s", message);
}

int app_dry_run(struct conf *conf, const char *after) {
    static const struct oversight_handlers handlers = {.alert = on_alert, .problem = on_problem};
    struct oversight_id id;
    if (after && !oversight_id_parse(after, strlen(after), &id)) {
        fprintf(stderr, "oversight-oncall: --after \"%s\" is not the id of an alert, such as 3-127\n", after);
        return EX_USAGE;
    }
    struct oversight_client *client = follow_conf(conf, after ? &id : NULL, &handlers, conf);
    if (!client)
        return EX_UNAVAILABLE;
    oversight_client_run(client, -1); /* to the signal that ends it */
    oversight_client_destroy(client);
    return EX_OK;
}
