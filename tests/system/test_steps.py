#!/usr/bin/env python3
"""While one step is under way to the store what comes gathers in the next: a frozen Redis holds up one step and gets
the rest in one, and everybody is answered. So does what comes by a feed for a while, when nobody waits for it."""
import json
import os
import signal
import time

import zmq

from harness import DEADLINE, Daemon, Failure, Query, Submitter, run_test, wait_for

MESSAGES = 100  # of one figure each: together less than a step that would be sent behind one under way


def answers(submitter, count):
    for _ in range(count):
        if not submitter.socket.poll(int(DEADLINE * 1000)):
            raise Failure("no acknowledgement within %g s" % DEADLINE)
        yield json.loads(submitter.socket.recv_multipart()[1])


def figure(number):
    return {"org": "X02", "measure": "ae-4h", "period": "2025-03", "value": 60 + number, "revision": number}


def applied(query, number):
    """As soon as it is: without the pause of wait_for()."""
    end = time.monotonic() + DEADLINE
    while query.get("source", source="fed")["last"] != number:
        if time.monotonic() > end:
            raise Failure("update %d was not applied within %g s" % (number, DEADLINE))


def fed(checks, folder):
    """Figures of a feed that come one by one, each when the one before is applied: a step takes those of two
    milliseconds (of one at least, as the clock of the loop is whole), however fast the store and the questions are.
    Where these take longer the bound holds by itself."""
    endpoint = "ipc://%s/feed" % folder
    with zmq.Context.instance().socket(zmq.XPUB) as feed:
        feed.setsockopt(zmq.LINGER, 0)
        feed.setsockopt(zmq.RCVTIMEO, int(DEADLINE * 1000))
        feed.bind(endpoint)
        daemon = Daemon(folder, name="fed", feeds=({"source": "fed", "connect": endpoint},))
        with daemon, Query(daemon) as query:
            while feed.recv() != b"\1update/fed/":
                pass
            wait_for(lambda: query.get("status")["counters"]["steps_queued"] == 0, "the steps of the start")
            begun, before = time.monotonic(), query.get("status")["counters"]["steps_confirmed"]
            for number in range(1, MESSAGES + 1):
                feed.send_multipart([b"update/fed/", json.dumps([dict(figure(number), source="fed", seq=number)]).encode()])
                applied(query, number)
            took = time.monotonic() - begun
            wait_for(lambda: query.get("status")["counters"]["steps_queued"] == 0, "everything to be stored")
            steps = query.get("status")["counters"]["steps_confirmed"] - before
            print("%d steps for %d updates in %.0f ms" % (steps, MESSAGES, took * 1000))
            checks.true(1 <= steps <= took * 1000 + 2, "%d steps in %.1f ms" % (steps, took * 1000))
            daemon.kill()
            daemon.start()
            checks.equal(query.get("source", source="fed")["last"], MESSAGES, "position after a kill")
            daemon.stop(checks)


def held_up(checks, folder):
    daemon = Daemon(folder, store_deadline=int(4 * DEADLINE))
    with daemon, Query(daemon) as query, Submitter(daemon) as submitter:
        def counters():
            return query.get("status")["counters"]

        submitter.submit([{"org": "X01", "measure": "ae-4h", "period": "2025-03", "value": 60}])
        wait_for(lambda: counters()["steps_queued"] == 0, "everything to be stored")
        before = counters()
        redis, = daemon.redis_pids()
        os.kill(redis, signal.SIGSTOP)
        try:
            for number in range(MESSAGES):
                if number == 1:
                    wait_for(lambda: counters()["steps_queued"] == 1, "the first to be under way")
                submitter.send(submitter.encode([figure(number)]))
                submitter.seq += 1
            wait_for(lambda: counters()["messages"] == before["messages"] + MESSAGES, "all to be applied")
            checks.equal(counters()["steps_queued"], 2, "steps, the one under construction included")
            checks.equal(query.get("status")["store"], "ready", "the store is slow, not away")
        finally:
            os.kill(redis, signal.SIGCONT)
        replies = list(answers(submitter, MESSAGES))
        checks.equal([reply["accepted"] for reply in replies], [1] * MESSAGES, "figures accepted")
        checks.equal({reply["durability"] for reply in replies}, {"fsync"}, "durability")
        checks.equal(counters()["steps_confirmed"], before["steps_confirmed"] + 2, "steps stored")
        daemon.stop(checks)


def body(checks, folder):
    held_up(checks, folder)
    fed(checks, folder)


if __name__ == "__main__":
    run_test("steps", body)
