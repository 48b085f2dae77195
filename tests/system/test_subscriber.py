"""A subscriber written from the protocol page alone sees what oversightctl watch --json sees, also after a gap."""
import json
import os
import signal
import subprocess
import sys

from harness import (CTL, SOURCE, Daemon, Query, Submitter, ctl_words, example_steps, run_test, send_example, wait_for)


class Follower:
    """A program that prints events as lines of JSON into a file."""

    def __init__(self, folder, name, words):
        self.path = os.path.join(folder, name + ".out")
        with open(self.path, "w") as out, open(os.path.join(folder, name + ".log"), "w") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=log, cwd=folder)

    def lines(self):
        """The whole lines so far."""
        with open(self.path) as file:
            return [json.loads(line) for line in file.read().split("\n")[:-1]]

    def events(self):
        return [line for line in self.lines() if "specversion" in line]

    def wait_for_event(self, last):
        wait_for(lambda: any(event["id"] == last for event in self.events()) or self.process.poll() is not None,
                 "event %s in %s" % (last, self.path))

    def end(self):
        self.process.kill()
        self.process.wait()


def differing(one, other, path=""):
    """Where two events differ: [(path, in the one, in the other)]."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [found for key in sorted(set(one) | set(other))
                for found in differing(one.get(key), other.get(key), "%s.%s" % (path, key))]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [found for index, pair in enumerate(zip(one, other))
                for found in differing(*pair, "%s[%d]" % (path, index))]
    return [] if one == other else [(path, one, other)]


def body(checks, folder):
    steps = example_steps()
    consumer_path = os.path.join(SOURCE, "clients", "python", "consumer.py")
    followers = []
    with Daemon(folder) as daemon, Submitter(daemon) as submitter:
        try:
            watch = Follower(folder, "watch", [CTL, *ctl_words(daemon), "--json", "watch"])
            followers.append(watch)
            wait_for(lambda: watch.lines() or watch.process.poll() is not None, "the snapshot of oversightctl watch")
            consumer = Follower(folder, "consumer", [
                sys.executable, consumer_path, "--publish", daemon.publish, "--query", daemon.query, "--after", "0-0"])
            followers.append(consumer)

            send_example(submitter, steps[:5])
            with Query(daemon) as query:
                last = query.alerts()[-1]["id"]
            for follower in followers:
                follower.wait_for_event(last)

            # Both stand still while the daemon restarts and goes on: what they missed must be replayed to them.
            for follower in followers:
                follower.process.send_signal(signal.SIGSTOP)
            daemon.stop(checks)
            daemon.start()
            submitter.connect()
            send_example(submitter, steps[5:7])
            for follower in followers:
                follower.process.send_signal(signal.SIGCONT)
            send_example(submitter, steps[7:])
            with Query(daemon) as query:
                stored = query.alerts()
            for follower in followers:
                follower.wait_for_event(stored[-1]["id"])
                checks.true(follower.process.poll() is None, "%s still runs" % os.path.basename(follower.path))
        finally:
            for follower in followers:
                follower.end()
        ours, theirs = consumer.events(), watch.events()
        print("%d events in %d epochs" % (len(stored), len({event["id"].split("-")[0] for event in stored})))
        checks.equal([event["id"] for event in ours], [event["id"] for event in stored], "ids of the consumer")
        checks.equal([event["id"] for event in theirs], [event["id"] for event in stored], "ids of watch --json")
        for mine, other, kept in zip(ours, theirs, stored):
            checks.equal(differing(mine, other), [], "event %s of the consumer and of watch --json" % mine["id"])
            # On a slow disk an alert goes out before it is stored, and says so.
            others = [difference for difference in differing(mine, kept) if difference[0] != ".data.durability"]
            checks.equal(others, [], "event %s of the consumer and of the store" % mine["id"])
        daemon.stop(checks)


run_test("subscriber", body)
