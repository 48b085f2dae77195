/*
 * Queries: a request parsed, and the replies that the engine alone can give,
 * oversight-protocol(7), "Queries and replay". The alerts are the store's and
 * the actions the daemon's: their fields are parsed here, the caller answers.
 */
#ifndef OV_RENDER_QUERY_H
#define OV_RENDER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "daemon/engine/alert.h"
#include "daemon/engine/engine.h"
#include "daemon/render/status.h"

enum query_kind {
    QUERY_SNAPSHOT,
    QUERY_ORGANISATION,
    QUERY_MEASURE,
    QUERY_SERIES,
    QUERY_SOURCE,
    QUERY_STATUS,
    QUERY_ALERTS, /* answered by the caller, from here on */
    QUERY_FREEZE,
    QUERY_RESET_SOURCE,
    QUERY_RELOAD,
    QUERY_FAILOVER,
    QUERY_KIND_COUNT
};

#define QUERY_LIMIT_DEFAULT 1000
#define QUERY_LIMIT_MAX 10000
#define QUERY_BYTES_MAX 4096          /* of a request */
#define QUERY_PART_BYTES (256 * 1024) /* about the size at which a list goes on in a next part */

/* Fields are empty, OV_DAY_NONE or 0 when the request does not have them. */
struct query {
    enum query_kind kind;
    char framework[NAME_MAX_LEN + 1]; /* empty: the first configured; alerts: all */
    char code[ORG_CODE_MAX + 1];
    char measure[NAME_MAX_LEN + 1];
    char peers[NAME_MAX_LEN + 1]; /* an organisation type */
    char source[SOURCE_MAX + 1];
    ov_day period;
    struct alert_id after; /* 0-0: from the beginning */
    uint32_t limit;        /* alerts: 1 to QUERY_LIMIT_MAX */
    uint64_t last;         /* reset-source */
    bool dry_run;          /* reload */
};

/* "bad-request", "unknown-request", "unknown-organisation", "unknown-measure",
 * "unknown-framework", "unknown-peers", "unknown-period", ... */
struct query_error {
    const char *code;
    char message[300];
};

/* True for the requests that change something ("do"): they need the role admin. */
bool query_is_action(enum query_kind kind);
const char *query_kind_name(enum query_kind kind); /* "snapshot", "reset-source", ... */

bool query_parse(const void *payload, size_t len, struct query *ret_query, struct query_error *ret_error);

/* Called once per part of a reply, one JSON text each; json is NUL-terminated. */
typedef void (*query_emit)(void *context, const char *json, size_t len);

/* Answers everything before QUERY_ALERTS; errors are emitted as a reply, too.
 * part_bytes 0: the whole reply in one part. facts may be NULL except for
 * QUERY_STATUS. */
void query_answer(const struct engine *engine, const struct query *query, const struct status_facts *facts,
                  size_t part_bytes, query_emit emit, void *context);

/* {"error":{"code":...,"message":...}} */
void query_emit_error(const char *code, const char *message, query_emit emit, void *context);

/* The reply to QUERY_ALERTS from events already rendered, in order. */
void query_emit_events(const struct text *events, size_t count, bool truncated, bool more, size_t part_bytes,
                       query_emit emit, void *context);

#endif
