"""Two daemons on one store under load, and a consumer that uses the library: the leader is killed, frozen or asked to
hand over, again and again.

    gaps.py [--kills N] [--freezes N] [--failovers N] [--seed S] [--untimed]

Every message turns all the organisations over, so each acknowledged one means one move of each of them. In the end
the consumer (oversightctl watch with both endpoints) has had every alert once and in order, a leader that woke late
has written and published nothing, and the longest silence at the consumer around each kind of fault is printed.
"""
import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

import zmq

from harness import CTL, Checks, Daemon, Failure, Query, Requests, ctl, id_of, shorten, wait_for, workspace
from servers import Redis

ORGS = ["X%02d" % number for number in range(1, 17)]
LIMITS = {"kill": 5.0, "freeze": 15.0, "failover": 5.0}  # seconds of silence at most
PATIENCE_S = 0.3  # a submission unanswered for so long goes to the other daemon
BETWEEN = 4  # messages acknowledged between two faults


class Sender(threading.Thread):
    """Sends message after message, each until it is acknowledged, to the two daemons in turn."""

    def __init__(self, endpoints):
        super().__init__(daemon=True)
        self.endpoints, self.acknowledged, self.ending, self.failure = endpoints, 0, False, None

    def run(self):
        try:
            with Requests(self.endpoints[0]) as requests:
                while not self.ending:
                    self.send(requests, self.acknowledged + 1)
                    self.acknowledged += 1
        except Failure as failure:
            self.failure = str(failure)

    def send(self, requests, number):
        maps = [{"org": org, "measure": "leadership-failure", "period": "2025-01", "value": bool(number % 2),
                 "revision": number} for org in ORGS]
        maps[0].update(source="load", seq=(number - 1) * len(ORGS) + 1)
        payload = json.dumps(maps).encode()
        while not self.ending:
            frames = requests.receive(requests.send(payload), PATIENCE_S)
            reply = json.loads(frames[0]) if frames else {"error": {"code": "standby"}}
            if "error" not in reply:
                if reply["refused"]:
                    raise Failure("refused: %s" % shorten(reply))
                return
            if reply["error"]["code"] == "standby":
                requests.endpoint = self.endpoints[self.endpoints.index(requests.endpoint) - 1]
                requests.connect()
            elif reply["error"]["code"] != "taking-over":
                raise Failure("reply: %s" % shorten(reply))
            time.sleep(0.02)  # what a client does before it asks again
        raise Failure("ended")


class Watch(threading.Thread):
    """oversightctl watch as a process; each alert with the time at which it came."""

    def __init__(self, daemons, log):
        super().__init__(daemon=True)
        self.events = []  # (time, id, kind, subject)
        words = [word for daemon in daemons for word in ("--publish", daemon.publish, "--query", daemon.query)]
        self.log = open(log, "a")
        self.process = subprocess.Popen([CTL, "watch", "--json", "--after", "0-0", *words], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)

    def run(self):
        for line in self.process.stdout:
            event = json.loads(line)
            if "id" in event:
                self.events.append((time.monotonic(), event["id"], event["data"]["kind"], event["subject"]))

    def longest(self, since):
        """The longest silence that ended after a time."""
        times = [event[0] for event in self.events]
        return max((after - before for before, after in zip(times, times[1:]) if after > since), default=0.0)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.join()
        self.process.stdout.close()
        self.log.close()


class Bench:
    def __init__(self, checks, folder):
        self.checks, self.folder = checks, folder
        self.redis = Redis(folder).start()
        self.daemons = [Daemon(folder, name, store="unix:" + self.redis.socket, alerts_keep_count=10**8) for name in "ab"]
        self.leader, self.sender, self.watch = 0, None, None

    def start(self):
        for daemon in self.daemons:
            daemon.start()  # the second is ready when it stands by
        self.checks.equal([self.role(daemon) for daemon in self.daemons], ["leader", "standby"], "roles")
        self.watch = Watch(self.daemons, os.path.join(self.folder, "watch.log"))
        self.watch.start()
        self.sender = Sender([daemon.submit for daemon in self.daemons])
        self.sender.start()

    @staticmethod
    def role(daemon):
        with Query(daemon) as query:
            return query.get("status")["role"]

    def progress(self):
        """A few more messages, acknowledged and seen."""
        count, seen = self.sender.acknowledged + BETWEEN, len(self.watch.events)

        def done():
            if self.sender.failure:
                raise Failure("sender: %s" % self.sender.failure)
            return self.sender.acknowledged >= count and len(self.watch.events) > seen

        wait_for(done, "messages acknowledged")

    def epoch(self):
        return id_of(self.watch.events[-1][1])[0] if self.watch.events else 0

    def taken_over(self, epoch):
        wait_for(lambda: self.epoch() > epoch, "an alert of the next leader")
        self.leader = 1 - self.leader

    def kill(self):
        old, epoch, begun = self.daemons[self.leader], self.epoch(), time.monotonic()
        old.kill()
        self.taken_over(epoch)
        longest = self.watch.longest(begun)
        old.start()
        return longest

    def freeze(self):
        old, epoch, begun = self.daemons[self.leader], self.epoch(), time.monotonic()
        old.process.send_signal(signal.SIGSTOP)
        self.taken_over(epoch)
        longest = self.watch.longest(begun)
        with contextlib.closing(zmq.Context.instance().socket(zmq.SUB)) as late:
            late.setsockopt(zmq.SUBSCRIBE, b"")
            late.connect(old.publish)
            old.process.send_signal(signal.SIGCONT)
            self.checks.equal(old.process.wait(60), os.EX_TEMPFAIL, "exit status of the late leader")
            self.checks.equal(late.poll(0), 0, "what the late leader published")
        old.start()
        return longest

    def failover(self):
        old, epoch, begun = self.daemons[self.leader], self.epoch(), time.monotonic()
        with Query(old) as query:
            wait_for(lambda: query.ask({"do": "failover"}).get("done"), "the standby to be known to the leader")
        self.taken_over(epoch)
        wait_for(lambda: self.stands_by(old), "the old leader to stand by")
        return self.watch.longest(begun)

    def stands_by(self, daemon):
        with Query(daemon) as query:
            with contextlib.suppress(Failure):
                status = query.ask({"get": "status"}, 1)
                return status["role"] == "standby" and status["store"] == "waiting"

    def verify(self):
        self.sender.ending = True
        self.sender.join()
        with Query(self.daemons[self.leader]) as query:
            stored = query.alerts()
        wait_for(lambda: self.watch.events and id_of(self.watch.events[-1][1]) >= id_of(stored[-1]["id"]),
                 "the last alert at the consumer")
        self.checks.equal([event[1] for event in self.watch.events], [event["id"] for event in stored],
                          "alerts at the consumer, in order")
        messages, counts = self.sender.acknowledged, dict.fromkeys(ORGS, 0)
        for _, name, kind, subject in self.watch.events:
            if subject in counts and kind.startswith("segment."):
                counts[subject] += 1
                self.checks.equal(kind, "segment.worsened" if counts[subject] % 2 else "segment.improved",
                                  "alert %s" % name)
        # The last message may have been stored and not acknowledged.
        self.checks.true(all(messages <= count <= messages + 1 for count in counts.values()),
                         "moves by %d messages: %s" % (messages, shorten(counts)))
        return messages, len(stored)

    def close(self):
        if self.sender:
            self.sender.ending = True
            self.sender.join()
        if self.watch:
            self.watch.close()
        for daemon in self.daemons:
            if daemon.process and daemon.alive():
                daemon.process.send_signal(signal.SIGCONT)
                daemon.kill()
        self.redis.stop()


def main():
    parser = argparse.ArgumentParser(description="Silences at a consumer while leaders come and go.")
    for kind, count in (("kill", 3), ("freeze", 1), ("failover", 1)):
        parser.add_argument("--%ss" % kind, type=int, default=int(os.environ.get("%sS" % kind.upper()) or count))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.SystemRandom().randint(1, 10**9)))
    parser.add_argument("--untimed", action="store_true", help="print the silences, but hold them to no limit")
    options = parser.parse_args()
    print("gaps: seed %d, load %s" % (options.seed, os.getloadavg()), flush=True)
    checks, silences = Checks("gaps"), {"kill": [], "freeze": [], "failover": []}
    kinds = [kind for kind in silences for _ in range(getattr(options, kind + "s"))]
    random.Random(options.seed).shuffle(kinds)
    with workspace(checks) as folder:
        bench = Bench(checks, folder)
        try:
            bench.start()
            for kind in kinds:
                bench.progress()
                silences[kind].append(getattr(bench, kind)())
            bench.progress()
            print("%d messages, %d alerts" % bench.verify())
        except Failure as failure:
            checks.true(False, str(failure))
        finally:
            bench.close()
    for kind, found in silences.items():
        if found:
            print("%d of kind %s: longest silence %.2f s, median %.2f s" % (
                len(found), kind, max(found), sorted(found)[len(found) // 2]))
            checks.true(options.untimed or max(found) <= LIMITS[kind], "silence of %.2f s after a %s" % (max(found), kind))
    print("load at the end: %s" % (os.getloadavg(),))
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
