"""Consumers at full alert rate: one sleeps, one is killed and started again, one reads all the time. In the end each
has every alert exactly once.

    consumers.py [--seconds N]
"""
import argparse
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

from harness import Checks, Daemon, Query, Submitter, example_steps, read_tidy, wait_for, workspace
from servers import Consumer

ORGS = ["X%02d" % number for number in range(1, 17)]


def main():
    parser = argparse.ArgumentParser(description="Consumers that sleep, die and come back.")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("DURATION") or 60))
    options = parser.parse_args()
    checks = Checks("consumers")
    with workspace(checks) as folder:
        consumers = {}
        with Daemon(folder, publish_hwm=10) as daemon, Submitter(daemon) as submitter:
            submitter.submit(read_tidy(example_steps()[0]), baseline=True)
            for name in ("steady", "sleeper", "mortal"):
                os.makedirs(os.path.join(folder, name))
                consumers[name] = Consumer(os.path.join(folder, name), daemon).start()
            try:
                run(options, submitter, consumers)
                with Query(daemon) as query:
                    stored = [event["id"] for event in query.alerts()]
                print("%d alerts" % len(stored))
                checks.true(len(stored) > 100, "alerts: %d" % len(stored))
                for name, consumer in consumers.items():
                    wait_for(lambda one=consumer: one.reached(stored[-1]), "consumer %s" % name)
                    checks.equal([event["id"] for event in consumer.events()], stored, "alerts of %s" % name)
                checks.true(daemon.alive(), "the daemon runs")
            finally:
                for consumer in consumers.values():
                    consumer.stop()
    return checks.finish()


def run(options, submitter, consumers):
    """All the organisations change their segment with every message."""
    sleeper = consumers["sleeper"].process
    sleeper.send_signal(signal.SIGSTOP)
    begun, revision, next_death = time.monotonic(), 0, time.monotonic() + 1
    while time.monotonic() < begun + options.seconds:
        revision += 1
        submitter.submit([{"org": org, "measure": "leadership-failure", "period": "2025-01",
                           "value": bool(revision % 2), "revision": revision} for org in ORGS])
        if time.monotonic() >= next_death:
            consumers["mortal"].kill()
            consumers["mortal"].start()
            next_death += random.uniform(0.5, 3)
    sleeper.send_signal(signal.SIGCONT)


if __name__ == "__main__":
    sys.exit(main())
