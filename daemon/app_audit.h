/*
 * The audit of the engine (engine_audit.h) at work: in the background every
 * audit_interval, a slice at a time, and at once for who asks for it. The first
 * difference is an operational alert; all are logged.
 */
#ifndef OV_DAEMON_APP_AUDIT_H
#define OV_DAEMON_APP_AUDIT_H

struct app;
struct auditing;
struct query_request;

struct auditing *auditing_create(struct app *app);
void auditing_destroy(struct auditing *auditing); /* NULL is accepted */

/* The daemon serves: the first audit is due after an interval. */
void auditing_start(struct auditing *auditing);

/* The engine is about to be replaced: an audit under way begins again with the new one. */
void auditing_drop(struct auditing *auditing);

/* An audit whose outcome is the answer. */
void auditing_ask(struct auditing *auditing, struct query_request *request);

#endif
