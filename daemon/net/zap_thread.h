/*
 * Inside of the ZAP handler: what its thread does, and what the two say to
 * each other over the control socket.
 *
 * To the thread: "limits" and a struct zap_limits; "keys" and the entries;
 * "watch" and the address of a monitor, a space, the domain of the socket;
 * "stop". Each but the last is answered "done" or "failed". From the thread,
 * unasked: "ready" or "failed" once at the start, "report" and a struct
 * zap_report.
 */
#ifndef OV_NET_ZAP_THREAD_H
#define OV_NET_ZAP_THREAD_H

#include <stdint.h>

#define ZAP_ADDRESS "inproc://zeromq.zap.01" /* fixed by libzmq */
#define ZAP_CONTROL "inproc://oversightd.zap.control"

#define ZAP_SAY_KEYS "keys"
#define ZAP_SAY_LIMITS "limits"
#define ZAP_SAY_WATCH "watch"
#define ZAP_SAY_STOP "stop"
#define ZAP_SAY_DONE "done"
#define ZAP_SAY_READY "ready"
#define ZAP_SAY_FAILED "failed"
#define ZAP_SAY_REPORT "report"

#define ZAP_WATCHES_MAX 16

struct zap_limits {
    uint32_t max_connections, handshake_s;
};

/* For pthread_create(); the argument is the ZeroMQ context. */
void *zap_thread(void *zmq);

#endif
