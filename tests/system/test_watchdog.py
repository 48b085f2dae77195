#!/usr/bin/env python3
"""The service manager's watchdog is fed while the daemon works, also while its Redis is frozen or gone, and not while
its loop stands still."""
import os
import re
import signal
import threading
import time

from harness import Query, Submitter, example_steps, run_test, send_example, wait_for
from notified import Notified

WATCHDOG_US = 2000000
SILENCE = 2 * WATCHDOG_US / 1e6  # seconds: a manager would have acted by then


class Metronome(threading.Thread):
    """Sees when the machine itself stands still: no daemon can be on time then."""

    def __init__(self):
        super().__init__(daemon=True)
        self.latest = 0.0  # seconds that a short sleep took at most
        self.start()

    def run(self):
        while True:
            begun = time.monotonic()
            time.sleep(0.05)
            self.latest = max(self.latest, time.monotonic() - begun)


def state_of(pid):
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rpartition(")")[2].split()[0]


def fed(daemon, times=3):
    daemon.drain()
    for _ in range(times):
        daemon.hear("WATCHDOG=1")


def status(checks, folder):
    """What the service manager is told of the state, beside the watchdog."""
    with Notified(folder, name="s", more_timeout=1) as daemon, Submitter(daemon) as submitter:
        said = [line for lines in daemon.notices for line in lines if line.startswith("STATUS=leader, ")]
        checks.true(said and re.fullmatch(r"STATUS=leader, store ready: \d+ organisations", said[-1]), "at start: %s" % said)
        send_example(submitter, example_steps()[:3])
        while not any(re.search(r"organisations, \d+ in segment 3", line) for line in daemon.hear("STATUS=")):
            pass
        daemon.stop(checks)


def body(checks, folder):
    status(checks, folder)
    daemon = Notified(folder, environment={"WATCHDOG_USEC": str(WATCHDOG_US)}, store_deadline=1)
    with daemon, Query(daemon) as query, Submitter(daemon) as submitter:
        fed(daemon)
        # The loop stands still: nobody speaks for it.
        os.kill(daemon.process.pid, signal.SIGSTOP)
        wait_for(lambda: state_of(daemon.process.pid) == "T", "the daemon to be stopped")
        daemon.drain()
        checks.equal(daemon.listen(SILENCE), None, "what a stopped daemon says")
        os.kill(daemon.process.pid, signal.SIGCONT)
        daemon.hear("WATCHDOG=1")
        counters = query.get("status")["counters"]
        checks.true(counters["loop_lag_ms"] > 1000 * SILENCE / 2, "the lag is seen: %s" % counters)
        checks.true(counters["stalls"] >= 1, "and counted as a stall: %s" % counters)
        daemon.logged("watchdog: ")

        # A Redis that is frozen degrades the daemon; a restart of the daemon would not mend it.
        submitter.submit([{"org": "X01", "measure": "ae-4h", "period": "2025-03", "value": 66.9}])
        stalls = query.get("status")["counters"]["stalls"]
        metronome = Metronome()
        redis, = daemon.redis_pids()
        os.kill(redis, signal.SIGSTOP)
        submitter.send(submitter.encode([{"org": "X01", "measure": "ae-4h", "period": "2025-04", "value": 66.9}]))
        while not any("store degraded" in line for line in daemon.hear("STATUS=")):
            pass
        checks.equal(query.get("status")["store"], "degraded", "the store while its Redis is frozen")
        fed(daemon, 8)
        os.kill(redis, signal.SIGKILL)
        wait_for(lambda: query.get("status")["store"] == "ready", "the store to be back")
        fed(daemon)
        more = query.get("status")["counters"]["stalls"] - stalls
        checks.true(not more or metronome.latest > WATCHDOG_US / 1e6 / 4,
                    "%d stalls counted while Redis was away, the machine stood still for %g s" % (more, metronome.latest))
        daemon.stop(checks)
        daemon.hear("STOPPING=1", ended=True)


if __name__ == "__main__":
    run_test("watchdog", body)
