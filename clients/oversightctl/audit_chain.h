/*
 * Do history and alerts tell the same story? Every move of a segment follows on
 * the one before it, the last leads to where the organisation stands, and each
 * one that was announced has exactly one alert. Pure: fed by the audit command.
 */
#ifndef OV_CTL_AUDIT_CHAIN_H
#define OV_CTL_AUDIT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/lib/oversight_client.h"

struct audit_chain;

struct audit_chain *audit_chain_create(void);
void audit_chain_destroy(struct audit_chain *chain);

/* An organisation under a framework and its segment now; its moves follow,
 * oldest first. alert 0-0: announced to nobody. complete: the history goes back
 * to the first move. */
void audit_chain_subject(struct audit_chain *chain, const char *framework, const char *code, int segment,
                         bool complete);
void audit_chain_move(struct audit_chain *chain, int before, int after, struct oversight_id alert);

/* A segment alert, in the order of ids. worsened: by its kind. */
void audit_chain_alert(struct audit_chain *chain, const char *framework, const char *code, struct oversight_id id,
                       bool worsened, int before, int after, const char *key);

/* The newest id of a move or an alert; 0-0: none. */
struct oversight_id audit_chain_newest_move(const struct audit_chain *chain);

struct audit_counts {
    size_t subjects, moves;
    size_t announced; /* with exactly one alert */
    size_t silent;    /* announced to nobody */
    size_t not_kept;  /* with alerts that are held no more */
};

/* kept: the first alert still held, of whatever kind; 0-0: all are. known: the
 * newest alert when the histories were taken; later ones are left alone. */
typedef void (*audit_chain_report)(void *context, const char *subject, const char *text);
void audit_chain_check(struct audit_chain *chain, struct oversight_id kept, struct oversight_id known,
                       audit_chain_report report, void *context, struct audit_counts *ret_counts);

#endif
