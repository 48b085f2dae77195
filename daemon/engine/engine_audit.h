/*
 * The engine held against itself: everything that is kept up to date from
 * message to message is computed again from the figures alone, and compared.
 *
 * An audit is a walk in slices, each bounded and complete in itself, so that
 * messages may be applied between them:
 *
 *   1. Measure by measure: rankings, bands and effective periods from the figures.
 *   2. Where scores decide: every score, cut and place from these.
 *   3. Organisation by organisation: decisions in force, missing data, drops,
 *      triggers, segment from all of these.
 *
 * What each slice stands on has been checked by the ones before. The engine
 * must outlive the audit; one that has been renewed needs a new audit.
 */
#ifndef OV_ENGINE_ENGINE_AUDIT_H
#define OV_ENGINE_ENGINE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/engine/engine.h"

struct engine_audit;

/* One difference. subject: framework and organisation, or framework and
 * measure, with a slash between; text says what is kept and what it should be. */
typedef void (*audit_report)(void *context, const char *subject, const char *text);

struct engine_audit *engine_audit_create(const struct engine *engine, audit_report report, void *context);
void engine_audit_destroy(struct engine_audit *audit); /* NULL is accepted */

/* One slice; false when there was none left. */
bool engine_audit_step(struct engine_audit *audit);

/* Organisations whose verdict has been compared, counted once per framework. */
size_t engine_audit_organisations(const struct engine_audit *audit);

#endif
