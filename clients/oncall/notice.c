#include "clients/oncall/notice.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "common/alloc.h"
#include "common/date.h"
#include "common/text.h"

static const char *const levels[] = {"info", "notice", "warning", "critical"};

const char *level_name(enum level level) {
    return levels[level];
}

bool level_parse(const char *name, enum level *ret_level) {
    for (int i = 0; i < 4; i++)
        if (strcmp(levels[i], name) == 0) {
            *ret_level = (enum level)i;
            return true;
        }
    return false;
}

const char *notice_status_name(enum notice_status status) {
    return status == NOTICE_RESOLVED ? "resolved" : "firing";
}

static const char *string_of(const cJSON *object, const char *name) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(member) ? member->valuestring : "";
}

static bool starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The n-th part, from 0, of a key whose parts stand between slashes. */
static struct text part_of(const char *key, int n) {
    while (n-- > 0) {
        key = strchr(key, '/');
        if (!key)
            return text_of("");
        key++;
    }
    return (struct text){key, strcspn(key, "/")};
}

static const struct {
    const char *kind;
    enum notice_status status;
    const char *what; /* of the incident */
    int part;         /* of the key that names it further; -1: none */
} kinds[] = {
    {"performance.drop", NOTICE_FIRING, "drop", 3},
    {"performance.recovered", NOTICE_RESOLVED, "drop", 3},
    {"programme.overdue", NOTICE_FIRING, "programme", 3},
    {"programme.left", NOTICE_RESOLVED, "programme", 3},
    {"feed.gap", NOTICE_FIRING, "feed", -1},
    {"feed.stale", NOTICE_FIRING, "feed", -1},
    {"feed.restarted", NOTICE_FIRING, "feed", -1},
    {"feed.recovered", NOTICE_RESOLVED, "feed", -1},
};

static void name_incident(struct notice *notice, const char *what, struct text more) {
    notice->incident = alloc_printf("%s%s%s/%s%s%.*s", notice->framework, notice->framework[0] ? "/" : "",
                                    notice->subject, what, more.len ? "/" : "", (int)more.len, more.s);
}

/* Which incident, and what became of it. */
static void find_incident(struct notice *notice, const char *key) {
    /* Before the segments, which every alert of an organisation names. */
    if (strcmp(notice->kind, "alert.withdrawn") == 0 && starts(key, "alert.withdrawn/performance.drop/")) {
        notice->status = NOTICE_RESOLVED;
        name_incident(notice, "drop", part_of(key, 4));
        return;
    }
    if (notice->segment > 0 && (starts(notice->kind, "segment.") || starts(notice->kind, "alert."))) {
        notice->status = notice->segment >= 3 ? NOTICE_FIRING : NOTICE_RESOLVED;
        notice->urgency = notice->segment >= 4 ? LEVEL_CRITICAL : notice->segment == 3 ? LEVEL_WARNING : LEVEL_INFO;
        name_incident(notice, "segment", text_of(""));
        return;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(notice->kind, kinds[i].kind) == 0) {
            notice->status = kinds[i].status;
            name_incident(notice, kinds[i].what, kinds[i].part < 0 ? text_of("") : part_of(key, kinds[i].part));
            return;
        }
    notice->status = NOTICE_ONCE;
    name_incident(notice, notice->kind, text_of(notice->id));
}

/* Ids of alerts, and of what this program says itself, stand in headers and file names. */
static bool is_id(const char *id) {
    return id[0] && strlen(id) <= NOTICE_ID_MAX &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._") == strlen(id);
}

static void take_fields(struct notice *notice, const cJSON *event) {
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");
    const cJSON *organisation = cJSON_GetObjectItemCaseSensitive(data, "organisation");
    const cJSON *after = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(data, "segment"), "after");
    const char *source = string_of(event, "source"), *slash = strrchr(source, '/'), *time = string_of(event, "time");
    const char *instance = slash ? slash + 1 : source;

    notice->instance = alloc_copy(is_id(instance) ? instance : "");
    notice->kind = alloc_copy(string_of(data, "kind"));
    notice->subject = alloc_copy(string_of(event, "subject"));
    notice->type = alloc_copy(string_of(organisation, "type"));
    notice->region = alloc_copy(string_of(organisation, "region"));
    notice->system = alloc_copy(string_of(organisation, "system"));
    notice->framework = alloc_copy(string_of(cJSON_GetObjectItemCaseSensitive(data, "framework"), "id"));
    notice->summary = alloc_copy(string_of(data, "summary"));
    if (!level_parse(string_of(data, "severity"), &notice->level))
        notice->level = LEVEL_WARNING; /* one that is not understood is not taken lightly */
    notice->urgency = notice->level;
    if (cJSON_IsNumber(after) && after->valueint >= 1 && after->valueint <= 9)
        notice->segment = after->valueint;
    if (!date_parse_time(time, strlen(time), &notice->time))
        notice->time = 0;
    find_incident(notice, string_of(data, "key"));
}

static char *one_line(const char *json, size_t len) {
    char *line = alloc_copy_bytes(json, len);
    for (size_t i = 0; i < len; i++)
        if (line[i] == '\n' || line[i] == '\r')
            line[i] = ' ';
    return line;
}

/* FNV-1a: a comparison that mostly spares the strings. */
static uint32_t hash(const char *text) {
    uint32_t value = 2166136261u;
    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * 16777619u;
    return value;
}

struct notice *notice_parse(const char *json, size_t len) {
    cJSON *event = len <= NOTICE_BYTES_MAX ? cJSON_ParseWithLength(json, len) : NULL;
    struct notice *notice = NULL;

    if (cJSON_IsObject(event) && is_id(string_of(event, "id"))) {
        notice = alloc_zero(1, sizeof *notice);
        notice->refs = 1;
        notice->json = one_line(json, len);
        notice->len = len;
        notice->id = alloc_copy(string_of(event, "id"));
        take_fields(notice, event);
        notice->incident_hash = hash(notice->incident);
    }
    cJSON_Delete(event);
    return notice;
}

bool notice_same_incident(const struct notice *a, const struct notice *b) {
    return a->incident_hash == b->incident_hash && strcmp(a->incident, b->incident) == 0 &&
           strcmp(a->instance, b->instance) == 0;
}

struct notice *notice_ref(struct notice *notice) {
    if (notice)
        notice->refs++;
    return notice;
}

void notice_unref(struct notice *notice) {
    if (!notice || --notice->refs > 0)
        return;
    free(notice->json);
    free(notice->id);
    free(notice->instance);
    free(notice->kind);
    free(notice->subject);
    free(notice->type);
    free(notice->region);
    free(notice->system);
    free(notice->framework);
    free(notice->summary);
    free(notice->incident);
    free(notice);
}
