/*
 * What an error reply of Redis, or of our functions in it, means for us.
 */
#ifndef OV_STORE_TROUBLE_H
#define OV_STORE_TROUBLE_H

#include <hiredis/hiredis.h>
#include <stddef.h>

enum trouble {
    TROUBLE_NONE,
    TROUBLE_WAIT,      /* passes by itself or by an operator: repeat on this connection */
    TROUBLE_RECONNECT, /* another connection, or a new start on one, may help */
    TROUBLE_REFUSED,   /* the server must not be used as it is */
    TROUBLE_FORMAT,    /* the layout of the store is not ours */
    TROUBLE_UNSYNCED,  /* the store is not where we left it: compare again */
    TROUBLE_FENCED     /* another daemon has a newer epoch */
};

#define TROUBLE_TEXT_SIZE 320

/* The first word of an error reply decides; ret_text gets an explanation for
 * people with the reply in it. NULL counts as TROUBLE_RECONNECT. */
enum trouble trouble_of(const redisReply *reply, char *ret_text, size_t size);

#endif
