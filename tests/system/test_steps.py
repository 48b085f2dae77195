#!/usr/bin/env python3
"""While one step is under way to the store what comes gathers in the next: a frozen Redis holds up one step and gets
the rest in one, and everybody is answered."""
import json
import os
import signal

from harness import DEADLINE, Daemon, Failure, Query, Submitter, run_test, wait_for

MESSAGES = 100  # of one figure each: together less than a step that would be sent behind one under way


def answers(submitter, count):
    for _ in range(count):
        if not submitter.socket.poll(int(DEADLINE * 1000)):
            raise Failure("no acknowledgement within %g s" % DEADLINE)
        yield json.loads(submitter.socket.recv_multipart()[1])


def body(checks, folder):
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
                submitter.send(submitter.encode(
                    [{"org": "X02", "measure": "ae-4h", "period": "2025-03", "value": 60 + number, "revision": number}]))
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


if __name__ == "__main__":
    run_test("steps", body)
