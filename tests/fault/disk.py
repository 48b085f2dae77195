"""A full disk under the private Redis: the daemon says so, acknowledges nothing it cannot keep, goes on alerting, and
recovers by itself when there is room. Needs a file system of its own; skips where this user may not mount one.
"""
import contextlib
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

from faults import SmallDisk
from harness import (SKIPPED, Checks, Daemon, Query, Submitter, Subscriber, example_steps, read_tidy, wait_for, workspace)

FULL_S = 5.0  # how long the disk is full


def flag(on, revision):
    return [{"org": "X09", "measure": "leadership-failure", "period": "2025-01", "value": on, "revision": revision}]


def main():
    checks = Checks("disk")
    with workspace(checks) as folder:
        daemon = Daemon(folder, store_deadline=1)
        disk = SmallDisk(daemon.state)
        if not disk.usable:
            print("SKIPPED: a full disk needs the right to mount a small file system")
            return SKIPPED
        try:
            with daemon, Submitter(daemon) as submitter, Subscriber(daemon) as live, Query(daemon) as query:
                submitter.submit(read_tidy(example_steps()[0]), baseline=True)
                disk.fill()
                # Enough that what room is left in the last page does not take it.
                payloads = []
                for number in range(40):
                    updates = read_tidy(example_steps()[0])[:300]
                    payloads.append(submitter.encode([dict(update, revision=number + 1) for update in updates]))
                    submitter.seq += len(updates)
                payloads.append(submitter.encode(flag(True, 1)))
                submitter.seq += 1
                numbers = [submitter.send(payload) for payload in payloads]
                event = live.until(lambda one: one["data"]["kind"] == "segment.worsened", "alert while the disk is full")
                checks.equal(event["data"]["durability"], "memory", "durability of an alert that cannot be stored")
                wait_for(lambda: query.get("status")["store"] == "degraded", "the status to say that the store is away")
                print("status: %s" % query.get("status")["store"])
                answered = []
                end = time.monotonic() + FULL_S
                while time.monotonic() < end:
                    if submitter.socket.poll(100):
                        number, text = submitter.socket.recv_multipart()
                        answered.append(number)
                        checks.true("error" not in json.loads(text), "reply %s" % text)
                checks.true(len(answered) < len(numbers), "acknowledged %d of %d while the disk is full" % (
                    len(answered), len(numbers)))
                checks.true("degraded" in daemon.log_text(), "the log says that the store is away")
                live.until(lambda one: one["data"]["kind"] == "operational" and "away" in one["data"]["key"],
                           "operational alert")
                disk.free()
                while len(answered) < len(numbers):
                    number, text = submitter.socket.recv_multipart()
                    answered.append(number)
                    checks.equal(json.loads(text)["durability"], "fsync", "durability of an acknowledgement")
                checks.equal(query.get("status")["store"], "ready", "store in the status once there is room")
                live.until(lambda one: one["data"]["kind"] == "operational" and "back" in one["data"]["key"],
                           "end of the operational alert")
                board, alerts = query.board(), query.alerts()
                daemon.stop(checks)
                daemon.start()
                with Query(daemon) as again:
                    checks.equal(again.board(), board, "board after a restart")
                    checks.equal(again.alerts(), alerts, "alerts after a restart")
                daemon.stop(checks)
        finally:
            with contextlib.suppress(OSError):
                wait_for(lambda: not daemon.redis_pids(), "the end of the private server")
            disk.close()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
