#include "clients/oncall/fold.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/date.h"
#include "common/json_write.h"

#define LISTED_MAX 1000 /* alerts named in a digest; all are counted */

/* A clock that was put back must not keep anything waiting. */
static void follow_clock(struct fold *fold, int64_t now) {
    if (fold->window > now)
        fold->window = now;
}

static void open_window(struct fold *fold, const struct route *route, int64_t now) {
    follow_clock(fold, now);
    if (fold->held == 0 && (fold->window == 0 || now - fold->window >= route->window)) {
        fold->window = now;
        fold->passed = 0;
    }
}

bool fold_passes(struct fold *fold, const struct route *route, enum level level, bool quiet, int64_t now) {
    if (level == LEVEL_CRITICAL)
        return true;
    open_window(fold, route, now);
    if (!(quiet && route->quiet) && (route->limit == 0 || (fold->held == 0 && fold->passed < route->limit))) {
        fold->passed++;
        return true;
    }
    fold->held++;
    return false;
}

void fold_restore(struct fold *fold, int64_t now) {
    if (fold->held++ == 0)
        fold->window = now;
}

int64_t fold_wait(const struct fold *fold, const struct route *route, int64_t now) {
    if (fold->held == 0)
        return -1;
    int64_t wait = fold->window + route->window - now;
    if (wait > route->window)
        wait = route->window;
    return wait > 0 ? wait : 0;
}

bool fold_release(struct fold *fold, const struct route *route, bool quiet, int64_t now) {
    follow_clock(fold, now);
    if (fold->held == 0 || fold_wait(fold, route, now) > 0 || (quiet && route->quiet))
        return false;
    *fold = (struct fold){0};
    return true;
}

/* ---- The digest ---------------------------------------------------------------- */

struct tally {
    size_t moved, into[10], improved, drops, recovered, feeds, programmes, decisions, missing, others;
};

static bool family(const struct notice *notice, const char *name) {
    size_t len = strlen(name);
    return strncmp(notice->kind, name, len) == 0 && (notice->kind[len] == '.' || notice->kind[len] == '\0');
}

static bool moves(const struct notice *notice) {
    return family(notice, "segment") && notice->segment > 0;
}

static void count(struct tally *tally, const struct notice *notice) {
    if (moves(notice)) {
        tally->moved++;
        tally->into[notice->segment]++;
    } else if (family(notice, "performance.drop")) {
        tally->drops++;
    } else if (family(notice, "performance.recovered")) {
        tally->recovered++;
    } else if (family(notice, "feed")) {
        tally->feeds++;
    } else if (family(notice, "programme")) {
        tally->programmes++;
    } else if (family(notice, "decision")) {
        tally->decisions++;
    } else if (family(notice, "data")) {
        tally->missing++;
    } else {
        tally->others++;
    }
}

static struct tally tally_of(const struct notice *const *notices, size_t n) {
    struct tally tally = {0};
    for (size_t i = 0; i < n; i++)
        count(&tally, notices[i]);
    return tally;
}

static void put_count(struct buf *buf, size_t n, const char *one, const char *many) {
    if (n > 0)
        buf_printf(buf, "%s%zu %s", buf->len > 0 ? "; " : "", n, n == 1 ? one : many);
}

static void put_tally(struct buf *buf, const struct tally *tally) {
    put_count(buf, tally->moved, "organisation moved", "organisations moved");
    for (int s = 9; s > 0; s--)
        if (tally->into[s] > 0)
            buf_printf(buf, ", %zu into segment %d", tally->into[s], s);
    put_count(buf, tally->drops, "drop", "drops");
    put_count(buf, tally->recovered, "recovery", "recoveries");
    put_count(buf, tally->feeds, "feed alert", "feed alerts");
    put_count(buf, tally->programmes, "programme alert", "programme alerts");
    put_count(buf, tally->decisions, "decision", "decisions");
    put_count(buf, tally->missing, "report missing", "reports missing");
    put_count(buf, tally->others, "other alert", "other alerts");
}

/* The codes of those that went into the worst segment reached, as far as they fit. */
static void put_worst(struct buf *buf, const struct notice *const *notices, size_t n, const struct tally *tally) {
    int worst = 9;
    while (worst > 2 && tally->into[worst] == 0)
        worst--;
    if (worst < 3)
        return;
    const char *before = ": ";
    for (size_t i = 0; i < n; i++) {
        if (!moves(notices[i]) || notices[i]->segment != worst)
            continue;
        if (buf->len + strlen(notices[i]->subject) + 6 >= DIGEST_SUMMARY_MAX) {
            buf_append_string(buf, " ...");
            return;
        }
        buf_printf(buf, "%s%s", before, notices[i]->subject);
        before = ", ";
    }
}

void digest_summary(const struct notice *const *notices, size_t n, char summary[DIGEST_SUMMARY_MAX]) {
    struct tally tally = tally_of(notices, n);
    struct buf buf;
    buf_init(&buf);
    put_tally(&buf, &tally);
    bool only_moves = tally.moved == n;
    if (only_moves)
        put_worst(&buf, notices, n, &tally);
    text_copy(summary, DIGEST_SUMMARY_MAX, (struct text){buf.data, buf.len});
    buf_finish(&buf);
}

static void put_listed(struct json_writer *json, const struct notice *const *notices, size_t n) {
    json_array(json, "alerts");
    for (size_t i = 0; i < n && i < LISTED_MAX; i++) {
        json_object(json, NULL);
        json_string(json, "id", notices[i]->id);
        json_string(json, "kind", notices[i]->kind);
        json_string(json, "severity", level_name(notices[i]->level));
        json_string(json, "subject", notices[i]->subject);
        json_string(json, "summary", notices[i]->summary);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_digest(struct json_writer *json, const struct notice *const *notices, size_t n, const char *id,
                       const char *route) {
    char summary[DIGEST_SUMMARY_MAX];
    struct buf detail;
    enum level worst = LEVEL_INFO;
    for (size_t i = 0; i < n; i++)
        worst = notices[i]->level > worst ? notices[i]->level : worst;
    digest_summary(notices, n, summary);
    buf_init(&detail);
    for (size_t i = 0; i < n && i < 20; i++)
        buf_printf(&detail, "%s%s", i > 0 ? "\n" : "", notices[i]->summary);
    if (n > 20)
        buf_printf(&detail, "\nand %zu more", n - 20);
    json_object(json, "data");
    json_string(json, "key", id);
    json_string(json, "kind", "oncall.digest");
    json_string(json, "severity", level_name(worst));
    json_string(json, "summary", summary);
    json_string(json, "detail", detail.data);
    json_string(json, "route", route);
    json_uint(json, "count", n);
    put_listed(json, notices, n);
    json_object_end(json);
    buf_finish(&detail);
}

void digest_event(const struct notice *const *notices, size_t n, const char *route, const char *target, int64_t from,
                  int64_t now, struct buf *buf) {
    struct json_writer json;
    char time[OV_TIME_SIZE];
    /* The first alert in it makes it one of a kind. */
    char *id = alloc_printf("digest-%" PRId64 "-%s", from / 1000, notices[0]->id);
    char *source = alloc_printf("/oversight-oncall/%s", notices[0]->instance);
    char *subject = alloc_printf("%s.%s", route, target);

    json_init(&json, buf);
    json_object(&json, NULL);
    json_string(&json, "specversion", "1.0");
    json_string(&json, "id", id);
    json_string(&json, "source", source);
    json_string(&json, "type", "org.oversightd.oncall.digest.v1");
    json_string(&json, "subject", subject);
    json_string(&json, "time", date_format_time(now, time));
    json_string(&json, "datacontenttype", "application/json");
    put_digest(&json, notices, n, id, route);
    json_object_end(&json);
    free(subject);
    free(source);
    free(id);
}
