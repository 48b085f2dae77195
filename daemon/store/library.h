/*
 * The functions that run inside Redis: each is one atomic look or change.
 * They are loaded at every connect as one library whose name carries its
 * version, so that daemons of different versions do not replace each other's.
 */
#ifndef OV_STORE_LIBRARY_H
#define OV_STORE_LIBRARY_H

#define KEY_PREFIX "{oversight}:"
#define KEY_META KEY_PREFIX "meta"
#define KEY_LEASE KEY_PREFIX "lease"
#define KEY_ALERTS KEY_PREFIX "alerts"
#define KEY_SOURCES KEY_PREFIX "sources"
#define KEY_STANDBY KEY_PREFIX "standby"
#define KEY_CHANGES KEY_PREFIX "changes"

/* Of the layout, in meta. A new one comes with a step from the one before it in
 * the table of migrations, which taking the lease runs. */
#define STORE_FORMAT "1"

/*
 * take    keys meta lease alerts; args holder ttl force instance format known
 *         now (s) -> {1, epoch, 1 when the store was emptied or is an older
 *         copy, the last epochs}: ours; {0, holder of the live lease, ms left}
 * claim   keys meta lease; args holder ttl epoch step alert instance format
 *         losses epochs -> {1, step}: as we left it, or ahead; {0, what was
 *         found}: behind, epoch, step and epochs have been set to ours
 * renew   keys meta lease standby; args holder ttl epoch -> {name of a standby, or ""}
 * release keys meta lease; args holder -> OK
 * follow  keys meta lease standby changes; args name ttl place count format
 *         -> {holder of the lease or "", ms left, next place, 1,
 *         {{{key, kind, content}...}...}}: the steps after the place; with 0 in
 *         place of 1 the place was "" or is gone: read everything, then go on
 *         from the one given
 * step    keys meta standby changes ...; args epoch step kinds blob... (a kind
 *         and a blob for each further key: h = hash, array of field and value; s = stream,
 *         array of id, count, count texts; r = stream, replaced;
 *         n = hash, replaced) -> OK
 * trim    keys meta alerts; args epoch keep before budget -> entries removed
 * alerts  keys meta alerts; args after limit
 *         -> {trimmed, gap, first, last, {id, event, ...}}; gap is after the id
 *         asked for where its epoch was never one of this store
 */
/* The kinds of parts of a step. */
#define PART_HASH 'h'
#define PART_STREAM 's'
#define PART_REPLACED 'r' /* a stream */
#define PART_ANEW 'n'     /* a hash */

#define FUNCTION_TAKE "oversight_1_take"
#define FUNCTION_CLAIM "oversight_1_claim"
#define FUNCTION_RENEW "oversight_1_renew"
#define FUNCTION_RELEASE "oversight_1_release"
#define FUNCTION_FOLLOW "oversight_1_follow"
#define FUNCTION_STEP "oversight_1_step"
#define FUNCTION_TRIM "oversight_1_trim"
#define FUNCTION_ALERTS "oversight_1_alerts"

/* The source, for FUNCTION LOAD REPLACE. */
const char *library_source(void);

#endif
