/*
 * What the network side counts, for status and metrics. Plain numbers: the
 * owner zeroes one struct net_counters and lends it to every module of net.
 */
#ifndef OV_NET_COUNTERS_H
#define OV_NET_COUNTERS_H

#include <stdint.h>

struct net_counters {
    struct ingest_counters {
        uint64_t messages, bytes; /* live updates read */
        uint64_t heartbeats;
        uint64_t malformed;   /* wrong topic or frame count, unreadable heartbeat */
        uint64_t undecodable; /* payloads refused whole by the application */
        uint64_t gaps;        /* incidents */
        uint64_t lost;        /* seqs given up */
        uint64_t replay_requests, replay_messages, replay_failures; /* failures: no end in time */
        uint64_t held_overflow;    /* messages not held for want of room; replay must bring them again */
        uint64_t stale, restarted; /* incidents */
        uint64_t discarded;        /* messages of a restarted source */
        uint64_t reconnects;       /* forced on a silent feed */
    } ingest;
    struct submit_counters {
        uint64_t requests, bytes;
        uint64_t malformed; /* wrong frame count or request id length */
        uint64_t replies, rejections;
        uint64_t undeliverable; /* replies whose client was gone or did not read */
        uint64_t outstanding;   /* now */
        uint64_t pauses;        /* times reading stopped: bound reached or told to */
        uint64_t unread, throttled;
    } submit;
    struct publish_counters {
        uint64_t events, bytes, heartbeats;
        uint64_t overruns; /* times a subscriber's queue was found full: from then on it loses events until it reads */
        uint64_t failures; /* events not sent at all */
        uint64_t subscriptions; /* now, of all subscribers */
        uint64_t malformed;     /* messages from subscribers that are no subscription */
    } publish;
    struct query_counters {
        uint64_t requests;
        uint64_t malformed;
        uint64_t refused; /* too many outstanding */
        uint64_t replies, reply_bytes;
        uint64_t undeliverable;
        uint64_t outstanding; /* now */
        uint64_t unread, throttled;
    } query;
    uint64_t missed_edges; /* messages found by the safety timer: should stay 0 */
};

#endif
