/*
 * The keys of clients: who may open which socket, and speak for which sources.
 * One key a line,
 *
 *   NAME  PUBLIC-KEY  ROLE[,ROLE...]  [SOURCE[,SOURCE...]]
 *
 * with lines that start with '#' as comments. Read once into a value that does
 * not change; a reload makes a new one. oversightd.conf(5), "Keys".
 */
#ifndef OV_NET_KEYS_H
#define OV_NET_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/problems.h"
#include "common/zcurve.h"

#define KEY_NAME_MAX (ZKEY_LEN - 1) /* so that no name looks like a key */
#define KEYS_MAX 10000

enum key_role {
    KEY_FEED = 1,    /* a feed that the daemon subscribes to */
    KEY_SUBMIT = 2,  /* the submit socket, for the sources named */
    KEY_CONSUME = 4, /* the publish socket */
    KEY_QUERY = 8,   /* the query socket, to ask */
    KEY_ADMIN = 16   /* the query socket, to ask and to act */
};

struct key {
    char name[KEY_NAME_MAX + 1];
    char public_key[ZKEY_SIZE];
    unsigned roles;
    char *sources; /* "a,b,c", "*" for all, NULL for none */
    unsigned line;
};

struct keys; /* in order of public key */

/* NULL after at least one problem was added. */
struct keys *keys_load(const char *path, struct problems *problems);
struct keys *keys_parse(const char *path, char *text, struct problems *problems); /* spoils text */
void keys_destroy(struct keys *keys);

size_t keys_count(const struct keys *keys);
const struct key *keys_at(const struct keys *keys, size_t index);
const struct key *keys_find(const struct keys *keys, const char *public_key); /* or NULL */
const struct key *keys_named(const struct keys *keys, const char *name);      /* or NULL */

bool key_may_speak_for(const struct key *key, struct text source);

#endif
