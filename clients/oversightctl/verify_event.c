#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clients/oversightctl/style.h"
#include "clients/oversightctl/verify.h"
#include "daemon/engine/alert.h"
#include "daemon/render/check.h"

#define SUMMARY_WHOLE 112 /* a summary of this length may have lost its end */

void contradict(struct verify *verify, const char *format, ...) {
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_append_string(verify->out, verify->where.data);
    buf_append_string(verify->out, text);
    buf_append_char(verify->out, '\n');
    verify->contradictions++;
}

bool verify_same(double a, double b) {
    return fabs(a - b) <= 1e-9 * fmax(1, fmax(fabs(a), fabs(b)));
}

bool verify_number(struct verify *verify, const cJSON *object, const char *name, double *ret_number) {
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!cJSON_IsNumber(number)) {
        contradict(verify, "\"%s\" is no number", name);
        return false;
    }
    *ret_number = number->valuedouble;
    return true;
}

bool verify_count(struct verify *verify, const cJSON *object, const char *name, double min, double *ret_count) {
    double count;

    if (!verify_number(verify, object, name, &count))
        return false;
    if (count < min || floor(count) < count || count > 1e15) {
        contradict(verify, "\"%s\" is %.17g, expected a whole number from %.0f", name, count, min);
        return false;
    }
    *ret_count = count;
    return true;
}

bool verify_date(struct verify *verify, const cJSON *object, const char *name, ov_day *ret_day) {
    const char *text = json_string_of(object, name, "");

    if (date_parse(text, strlen(text), ret_day))
        return true;
    contradict(verify, "\"%s\" is no date", name);
    return false;
}

/* ---- The frame ------------------------------------------------------------------------ */

static void expect_text(struct verify *verify, const cJSON *object, const char *name, const char *expected) {
    const char *found = json_string_of(object, name, "");

    if (strcmp(found, expected) != 0)
        contradict(verify, "%s is \"%s\", expected \"%s\"", name, found, expected);
}

static void check_frame(struct verify *verify, const char *kind) {
    const char *id = json_string_of(verify->event, "id", ""), *time = json_string_of(verify->event, "time", "");
    const cJSON *organisation = cJSON_GetObjectItemCaseSensitive(verify->data, "organisation");
    struct alert_id parsed;
    char type[160];
    int64_t ms;

    expect_text(verify, verify->event, "specversion", "1.0");
    expect_text(verify, verify->event, "datacontenttype", "application/json");
    snprintf(type, sizeof(type), "org.oversightd.%s.v1", kind);
    expect_text(verify, verify->event, "type", type);
    if (organisation != NULL)
        expect_text(verify, verify->event, "subject", json_string_of(organisation, "code", "?"));
    if (!alert_id_parse(text_of(id), &parsed) || parsed.seq == 0)
        contradict(verify, "id \"%s\" is not EPOCH-SEQ", id);
    if (!date_parse_time(time, strlen(time), &ms))
        contradict(verify, "time \"%s\" is none", time);
    if (strncmp(json_string_of(verify->event, "source", ""), "/oversightd/", 12) != 0)
        contradict(verify, "source is none of a daemon");
}

static void check_digest(struct verify *verify) {
    const char *given = json_string_of(verify->data, "check", "");
    char found[RENDER_CHECK_SIZE];

    if (strcmp(render_check(verify->event, found), given) != 0)
        contradict(verify, "check is \"%s\", but what the event says gives %s: something was altered", given, found);
}

/* ---- Segments --------------------------------------------------------------------------- */

struct segments {
    double before, after, official;
    bool present;
};

static bool is_segment_kind(const char *kind) {
    return strcmp(kind, "segment.worsened") == 0 || strcmp(kind, "segment.improved") == 0;
}

static void check_segments(struct verify *verify, const char *kind, struct segments *segments) {
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(verify->data, "segment");

    if (object == NULL) {
        if (is_segment_kind(kind))
            contradict(verify, "no segments");
        return;
    }
    segments->present = verify_count(verify, object, "before", 1, &segments->before) &&
                        verify_count(verify, object, "after", 1, &segments->after) &&
                        verify_count(verify, object, "official", 1, &segments->official);
    if (!segments->present)
        return;
    if (segments->before > SEGMENTS_MAX || segments->after > SEGMENTS_MAX || segments->official > SEGMENTS_MAX)
        contradict(verify, "segments run from 1 to %d", SEGMENTS_MAX);
    if (strcmp(kind, "segment.worsened") == 0 && !(segments->after > segments->before && segments->after >= 3))
        contradict(verify, "worsened, but segment %.0f to %.0f is no move into 3, 4 or 5", segments->before,
                   segments->after);
    if (strcmp(kind, "segment.improved") == 0 && !(segments->after < segments->before && segments->before >= 3))
        contradict(verify, "improved, but segment %.0f to %.0f is no move out of 3, 4 or 5", segments->before,
                   segments->after);
}

/* The verdict itself: the worst ground decides, or the score does. */
static void check_verdict(struct verify *verify, const struct segments *segments, int worst, int scored) {
    const struct framework *framework = verify->framework;
    int after = (int)segments->after;

    if (!segments->present)
        return;
    if (scored > 0 && after != scored)
        contradict(verify, "segment %d, but the score makes it %d", after, scored);
    if (scored == 0 && worst > 0 && after != worst)
        contradict(verify, "segment %d, but the grounds make it %d", after, worst);
    if (scored == 0 && worst == 0 && after >= 3)
        contradict(verify, "segment %d without a ground", after);
    if (framework == NULL || scored > 0 || worst > 0)
        return;
    if (after != framework->default_segment && !(after == 1 && framework->promotion_count > 0))
        contradict(verify, "segment %d without a ground; the rules' default is %d", after, framework->default_segment);
}

static void check_consequence(struct verify *verify, const struct segments *segments) {
    const char *given = json_string_of(verify->data, "consequence", ""), *expected;

    if (verify->framework == NULL || !segments->present)
        return;
    expected = verify->framework->segments[(int)segments->after].consequence;
    if (strcmp(given, expected != NULL ? expected : "") != 0)
        contradict(verify, "the consequence is not that of segment %.0f in the rules", segments->after);
}

/* ---- Key, severity, summary ---------------------------------------------------------------- */

/* Reads "text/" from the key; false, after a contradiction, when something else stands there. */
static bool take_part(struct verify *verify, const char **at, const char *text) {
    size_t len = strlen(text);

    if (strncmp(*at, text, len) == 0 && ((*at)[len] == '/' || (*at)[len] == '\0')) {
        *at += len + ((*at)[len] == '/');
        return true;
    }
    contradict(verify, "key: \"%s\", expected \"%s\" there", *at, text);
    return false;
}

static bool take_prefix(const char **at, const char *prefix) {
    size_t len = strlen(prefix);

    if (strncmp(*at, prefix, len) != 0)
        return false;
    *at += len;
    return true;
}

/* What the key names besides kind, framework and organisation. */
static void check_key_rest(struct verify *verify, const char *kind, const char *named, const char *rest,
                           const struct segments *segments) {
    const cJSON *evidence = cJSON_GetObjectItemCaseSensitive(verify->data, "evidence");
    const cJSON *cause = cJSON_GetObjectItemCaseSensitive(verify->data, "cause");
    char move[32], seq[32];

    if (is_segment_kind(kind)) {
        snprintf(move, sizeof(move), "%.0f-%.0f", segments->before, segments->after);
        take_part(verify, &rest, move);
    } else if (is_segment_kind(named) && segments->present) {
        snprintf(move, sizeof(move), "%.0f-", segments->before);
        if (strncmp(rest, move, strlen(move)) != 0)
            contradict(verify, "key: \"%s\", expected segment %s there", rest, move);
    } else if (strcmp(kind, "performance.drop") == 0 || strcmp(kind, "data.missing") == 0) {
        if (take_part(verify, &rest, json_string_of(evidence, "measure", "?")))
            take_part(verify, &rest, json_string_of(evidence, "period", "?"));
    } else if (strcmp(kind, "performance.recovered") == 0) {
        take_part(verify, &rest, json_string_of(evidence, "measure", "?"));
    } else if (strcmp(kind, "decision.recorded") == 0 && cause != NULL) {
        rest += strcspn(rest, "/");
        rest += *rest == '/';
        snprintf(seq, sizeof(seq), "%.0f", json_number_of(cause, "seq", 0));
        if (take_part(verify, &rest, json_string_of(cause, "source", "?")))
            take_part(verify, &rest, seq);
    }
}

/* Returns the kind that the alert is about: its own, or that of the alert amended or withdrawn. */
static void check_key(struct verify *verify, const char *kind, const struct segments *segments, char named[80]) {
    static const char *const kinds[] = {"segment.worsened", "segment.improved", "performance.drop"};
    const char *at = json_string_of(verify->data, "key", "");
    const cJSON *framework = cJSON_GetObjectItemCaseSensitive(verify->data, "framework");

    snprintf(named, 80, "%s", kind);
    if (!take_part(verify, &at, kind))
        return;
    if (strcmp(kind, "alert.amended") == 0 || strcmp(kind, "alert.withdrawn") == 0)
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
            if (strncmp(at, kinds[i], strlen(kinds[i])) == 0) {
                snprintf(named, 80, "%s", kinds[i]);
                take_prefix(&at, kinds[i]);
                take_prefix(&at, "/");
            }
    if (take_part(verify, &at, json_string_of(framework, "id", "?")) &&
        take_part(verify, &at, json_string_of(verify->event, "subject", "?")))
        check_key_rest(verify, kind, named, at, segments);
}

/* The last segment of the move that the alert, or the one it names, is about. */
static int worst_of(const struct verify *verify, const char *kind, const struct segments *segments) {
    const char *key = json_string_of(verify->data, "key", ""), *code = json_string_of(verify->event, "subject", "?");
    const char *at = strstr(key, code);

    if (strcmp(kind, "segment.worsened") == 0)
        return (int)segments->after;
    if (at == NULL)
        return 0;
    at += strlen(code);
    return at[0] == '/' && at[1] != '\0' && at[2] == '-' ? at[3] - '0' : 0;
}

static void check_severity(struct verify *verify, const char *kind, const char *named,
                           const struct segments *segments) {
    const char *given = json_string_of(verify->data, "severity", ""), *expected = NULL;

    if (strcmp(named, "segment.worsened") == 0)
        expected = worst_of(verify, kind, segments) >= 4 ? "critical" : "warning";
    else if (strcmp(named, "segment.improved") == 0 || strcmp(named, "performance.recovered") == 0)
        expected = "info";
    else if (strcmp(named, "performance.drop") == 0 || strcmp(named, "programme.overdue") == 0)
        expected = "warning";
    else if (strcmp(named, "data.missing") == 0)
        expected = "notice";
    else if (strcmp(named, "decision.recorded") == 0)
        expected = strcmp(given, "critical") == 0 && segments->official >= 4 ? "critical" : "notice";
    if (expected != NULL && strcmp(given, expected) != 0)
        contradict(verify, "severity is %s, expected %s", given, expected);
}

static void expect_words(struct verify *verify, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void expect_words(struct verify *verify, const char *format, ...) {
    const char *summary = json_string_of(verify->data, "summary", "");
    char words[160];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    if (strlen(summary) < SUMMARY_WHOLE && strstr(summary, words) == NULL)
        contradict(verify, "summary \"%s\" does not say \"%s\"", summary, words);
}

static void check_drop_words(struct verify *verify, const char *kind, const cJSON *evidence) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(evidence, "value");
    const cJSON *before = cJSON_GetObjectItemCaseSensitive(evidence, "before");
    const char *measure = json_string_of(evidence, "measure", "?");
    const char *unit = strcmp(json_string_of(evidence, "unit", ""), "%") == 0 ? "%" : "";
    char was[NUMBER_SIZE], is[NUMBER_SIZE];

    if (!cJSON_IsNumber(value))
        return;
    text_from_double(value->valuedouble, is);
    if (strcmp(kind, "performance.recovered") == 0)
        expect_words(verify, "%s has recovered from its drop, now %s%s", measure, is, unit);
    else if (cJSON_IsNumber(before))
        expect_words(verify, "drop in %s, %s%s to %s%s", measure, text_from_double(before->valuedouble, was), unit, is,
                     unit);
    else
        expect_words(verify, "drop in %s to %s%s", measure, is, unit);
}

static void check_summary(struct verify *verify, const char *kind, const struct segments *segments) {
    const cJSON *evidence = cJSON_GetObjectItemCaseSensitive(verify->data, "evidence");
    const cJSON *score = cJSON_GetObjectItemCaseSensitive(verify->data, "score");

    if (strlen(json_string_of(verify->data, "summary", "")) >= ALERT_SUMMARY_SIZE)
        contradict(verify, "the summary has more than %d bytes", ALERT_SUMMARY_SIZE - 1);
    if (is_segment_kind(kind))
        expect_words(verify, "segment %.0f to %.0f", segments->before, segments->after);
    if (is_segment_kind(kind) && cJSON_HasObjectItem(score, "n"))
        expect_words(verify, "place %d of %d", json_int_of(score, "rank", 0), json_int_of(score, "n", 0));
    if (strcmp(kind, "performance.drop") == 0 || strcmp(kind, "performance.recovered") == 0)
        check_drop_words(verify, kind, evidence);
    if (strcmp(kind, "data.missing") == 0)
        expect_words(verify, "has not reported %s since %s", json_string_of(evidence, "measure", "?"),
                     json_string_of(evidence, "period", "?"));
    if (strcmp(kind, "decision.recorded") == 0)
        expect_words(verify, "official segment now %.0f", segments->official);
    if (strcmp(kind, "alert.amended") == 0 || strcmp(kind, "alert.withdrawn") == 0)
        expect_words(verify, "%s", kind + strlen("alert."));
}

/* ---- The whole -------------------------------------------------------------------------------- */

static void check_rules(struct verify *verify) {
    const cJSON *rules = cJSON_GetObjectItemCaseSensitive(verify->data, "framework");

    if (verify->framework == NULL)
        return;
    expect_text(verify, rules, "id", verify->framework->id);
    if (strcmp(json_string_of(rules, "digest", ""), verify->framework->digest) != 0)
        contradict(verify, "it was raised under other rules: digest %s, the framework given has %s",
                   json_string_of(rules, "digest", "?"), verify->framework->digest);
}

static void check_grounds(struct verify *verify, const char *kind, const char *named, const struct segments *segments) {
    const cJSON *triggers = cJSON_GetObjectItemCaseSensitive(verify->data, "triggers");
    const cJSON *evidence = cJSON_GetObjectItemCaseSensitive(verify->data, "evidence");
    const cJSON *score = cJSON_GetObjectItemCaseSensitive(verify->data, "score");
    bool about_segments = is_segment_kind(named);
    int worst = 0, scored = 0;

    verify_triggers(verify, triggers, &worst);
    if (score != NULL)
        verify_score(verify, score, about_segments, &scored);
    if (evidence != NULL)
        verify_top_evidence(verify, kind, evidence);
    else if (strncmp(kind, "performance.", 12) == 0)
        contradict(verify, "no evidence");
    buf_clear(&verify->where);
    if (!about_segments)
        return;
    check_verdict(verify, segments, worst, scored);
    check_consequence(verify, segments);
}

bool verify_event(const cJSON *event, const struct framework *framework, bool no_check, struct buf *out) {
    struct verify verify = {.event = event, .framework = framework, .out = out};
    struct segments segments = {0};
    const char *kind;
    char named[80] = "";

    verify.data = cJSON_GetObjectItemCaseSensitive(event, "data");
    kind = json_string_of(verify.data, "kind", "");
    buf_init(&verify.where);
    if (!cJSON_IsObject(verify.data)) {
        contradict(&verify, "it is no event of a daemon: no \"data\"");
        buf_finish(&verify.where);
        return false;
    }
    check_frame(&verify, kind);
    if (!no_check)
        check_digest(&verify);
    if (cJSON_HasObjectItem(verify.data, "organisation")) { /* not one about a feed or the daemon */
        check_rules(&verify);
        check_segments(&verify, kind, &segments);
        check_key(&verify, kind, &segments, named);
        check_severity(&verify, kind, named, &segments);
        check_summary(&verify, kind, &segments);
        check_grounds(&verify, kind, named, &segments);
    }
    buf_finish(&verify.where);
    return verify.contradictions == 0;
}
