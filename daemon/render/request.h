/*
 * Queries: a request parsed, and the replies that the engine alone can give,
 * oversight-protocol(7), "Queries and replay". The alerts are the store's and
 * the actions the daemon's: their fields are parsed here, the caller answers.
 */
#ifndef OV_RENDER_REQUEST_H
#define OV_RENDER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "daemon/engine/alert.h"
#include "daemon/engine/engine.h"
#include "daemon/render/status.h"

enum request_kind {
    REQUEST_SNAPSHOT,
    REQUEST_ORGANISATION,
    REQUEST_MEASURE,
    REQUEST_SERIES,
    REQUEST_SOURCE,
    REQUEST_STATUS,
    REQUEST_MISMATCHES,
    REQUEST_EXPLAIN,
    REQUEST_WHY_NOT,
    REQUEST_SYSTEMS,
    REQUEST_REGISTRY,
    REQUEST_FIGURES,
    REQUEST_DECISIONS,
    REQUEST_VERDICTS,
    REQUEST_ALERTS, /* answered by the caller, from here on */
    REQUEST_FREEZE,
    REQUEST_RESET_SOURCE,
    REQUEST_RELOAD,
    REQUEST_FAILOVER,
    REQUEST_AUDIT,
    REQUEST_KIND_COUNT
};

#define REQUEST_LIMIT_DEFAULT 1000
#define REQUEST_LIMIT_MAX 10000
#define REQUEST_BYTES_MAX 4096          /* of a request */
#define REQUEST_PART_BYTES (256 * 1024) /* about the size at which a list goes on in a next part */

/* Fields are empty, OV_DAY_NONE or 0 when the request does not have them. */
struct request {
    enum request_kind kind;
    char framework[NAME_MAX_LEN + 1]; /* empty: the first configured; alerts: all */
    char code[ORG_CODE_MAX + 1];
    char measure[NAME_MAX_LEN + 1];
    char peers[NAME_MAX_LEN + 1]; /* an organisation type */
    char source[SOURCE_MAX + 1];
    char by[16]; /* systems: "system" (also when empty), "region" or "group" */
    int segment; /* why-not: 1 to 5 */
    ov_day period;
    struct alert_id after; /* 0-0: from the beginning */
    uint32_t limit;        /* alerts: 1 to REQUEST_LIMIT_MAX */
    uint64_t last;         /* reset-source */
    bool dry_run;          /* reload */
};

/* Codes: "bad-request", "unknown-request", "unknown-framework",
 * "unknown-organisation", "unknown-measure", "unknown-peers",
 * "unknown-ranking", "not-applicable". */
struct request_error {
    const char *code;
    char message[300];
};

/* True for the requests that change something ("do"): they need the role admin. */
bool request_is_action(enum request_kind kind);
const char *request_kind_name(enum request_kind kind); /* "snapshot", "reset-source", ... */

bool request_parse(const void *payload, size_t len, struct request *ret_request, struct request_error *ret_error);

/* Called once per part of a reply, one JSON text each; json is NUL-terminated
 * and valid during the call. */
typedef void (*request_emit)(void *context, const char *json, size_t len);

/* Answers everything before REQUEST_ALERTS; an error is emitted as a reply,
 * too. part_bytes 0: the whole reply in one part. facts may be NULL except for
 * REQUEST_STATUS. */
void request_answer(const struct engine *engine, const struct request *request, const struct status_facts *facts,
                    size_t part_bytes, request_emit emit, void *context);

/* {"error":{"code":...,"message":...}} */
void request_emit_error(const char *code, const char *message, request_emit emit, void *context);

/* The reply to REQUEST_ALERTS from events already rendered, in order. */
void request_emit_events(const struct text *events, size_t count, bool truncated, bool more, size_t part_bytes,
                         request_emit emit, void *context);

#endif
