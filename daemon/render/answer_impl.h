/* What answer.c shares with the replies, board.c and league.c. */
#ifndef OV_RENDER_ANSWER_IMPL_H
#define OV_RENDER_ANSWER_IMPL_H

#include "daemon/render/parts.h"
#include "daemon/render/request.h"

/* A request with its names looked up. */
struct answer {
    const struct engine *engine;
    const struct request *request;
    struct alert_id last; /* where the snapshot stands */
    uint16_t framework_index;
    const struct framework *framework;
    size_t part_bytes;
    request_emit emit;
    void *context;
};

/* Emits an error reply. */
void answer_error(const struct answer *answer, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The organisation or measure the request names; an error reply, and ORG_NONE
 * or INDEX_NONE, when there is none. */
uint32_t answer_organisation(const struct answer *answer);
uint16_t answer_measure(const struct answer *answer);

/* "domains":[{"theme", "score"}]: its averages over the themes; absent when it
 * has no score in the scored period. */
void answer_domains(const struct answer *answer, struct json_writer *json, uint32_t org);

/* A list reply over parts that is filled by the caller. */
struct parts answer_parts(const struct answer *answer, const char *list, parts_frame head, parts_frame tail,
                          const void *context);

void answer_snapshot(const struct answer *answer);
void answer_one_organisation(const struct answer *answer);
void answer_mismatches(const struct answer *answer);
void answer_explain(const struct answer *answer);
void answer_why_not(const struct answer *answer);
void answer_systems(const struct answer *answer);
/* export.c */
void answer_registry(const struct answer *answer);
void answer_figures(const struct answer *answer);
void answer_decisions(const struct answer *answer);
void answer_verdicts(const struct answer *answer);
void answer_league(const struct answer *answer);
void answer_series(const struct answer *answer);

#endif
