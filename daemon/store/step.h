/*
 * One atomic step while it is built and while it waits: what is written to
 * each key, packed the way it travels when it is sealed.
 */
#ifndef OV_STORE_STEP_H
#define OV_STORE_STEP_H

#include "daemon/store/bytes.h"
#include "daemon/store/fields.h"
#include "daemon/store/store.h"

#define KEY_SIZE 256

struct step_part {
    char *key;
    struct fields fields; /* of a hash, until the step is sealed; figures go into content at once */
    uint32_t count;       /* texts in content */
    struct bytes content;
};

struct store_step {
    struct store_step *next; /* in the queue */
    struct store *store;
    void *tag;
    bool has_tag; /* false: the store's own, nobody is told */
    bool refill;
    uint64_t number; /* given when it is first sent, 0 before */
    int64_t committed;
    size_t size; /* bytes it holds, near enough; grows while it is built */
    char last_alert[42];

    /* One kind letter per part; see library.h. */
    struct bytes kinds;
    struct step_part *parts;
    size_t part_count, part_size;
    uint32_t *index; /* hash table of parts + 1, 0 = free */
    size_t index_size;
};

struct store_step *step_create(struct store *store, bool refill);
void step_destroy(struct store_step *step); /* accepts NULL */

/* No more additions: fills in the counts and gives back what building needed. */
void step_seal(struct store_step *step);

/* As store_step_decision(), with an id that grows over the life of the store. */
void step_decision(struct store_step *step, const char *org, const char *id, const struct store_field *fields,
                   size_t count);

#endif
