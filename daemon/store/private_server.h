/*
 * A redis-server of our own: a child on a unix socket inside the state folder,
 * every write synced to its append-only file. Started, watched, started again
 * when it ends, stopped last.
 *
 * The child dies with the daemon, whatever kills that, and a lock that both
 * hold keeps a new daemon from starting a second server on the same files.
 */
#ifndef OV_STORE_PRIVATE_SERVER_H
#define OV_STORE_PRIVATE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct loop;
struct private_server;

struct private_server_options {
    const char *state_dir;
    const char *program; /* a path, or a name looked up in PATH */
    int64_t stop_ms;     /* from SIGTERM to SIGKILL */
};

struct private_server_callbacks {
    /* The lock is ours and the child runs, perhaps still loading. Before this
     * the socket may belong to another daemon's server. */
    void (*on_running)(void *context);
    /* What to know about it: it waits, it ended, it cannot be started. */
    void (*on_text)(void *context, const char *text);
};
typedef void (*private_server_ended)(void *context);

/* Makes <state_dir>/redis with its configuration. NULL: ret_error says why. */
struct private_server *private_server_create(struct loop *loop, const struct private_server_options *options,
                                             const struct private_server_callbacks *callbacks, void *context,
                                             char *ret_error, size_t size);
/* Kills the child if it runs: it has synced every write it confirmed. */
void private_server_destroy(struct private_server *server);

void private_server_start(struct private_server *server);
/* ended comes from the loop when the child is gone. */
void private_server_stop(struct private_server *server, private_server_ended ended);

const char *private_server_socket(const struct private_server *server);
/* Started just now: that nobody answers yet is no news. */
bool private_server_is_young(const struct private_server *server);
uint64_t private_server_starts(const struct private_server *server);

#endif
