/*
 * Everything the engine holds, written once more to a store that came back
 * without it: in slices, so that neither the loop nor memory has to hold all of
 * it at once. Updates go on meanwhile; their steps go among the slices.
 */
#ifndef OV_DAEMON_APP_REFILL_H
#define OV_DAEMON_APP_REFILL_H

struct app;
struct refill;

struct refill *refill_create(struct app *app);
void refill_destroy(struct refill *refill);

void refill_begin(struct refill *refill); /* from the start */
void refill_slice(struct refill *refill); /* commits the next slice; the last one ends the refill */
void refill_again(struct refill *refill); /* the engine was replaced: from the start, if one is under way */

#endif
