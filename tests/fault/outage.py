"""The private Redis is frozen for a while under load: live alerts go on, memory stays within the bound, nothing is
acknowledged meanwhile, and everything is stored after it returns.

    outage.py [--seconds N] [--rate UPDATES_PER_SECOND]
"""
import argparse
import json
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

import zmq

from harness import Checks, Daemon, Failure, Query, Submitter, example_steps, read_tidy, workspace

DELAY = 1.0  # seconds an alert may take
FLAG_EVERY = 0.5  # seconds between messages that must alert
MEMORY_BOUND = 256 << 20


def resident(pid):
    with open("/proc/%d/status" % pid) as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS:"))


class Load:
    def __init__(self, daemon, rate):
        self.submitter, self.rate = Submitter(daemon), rate
        self.submitter.close()  # answers come in a flood in the end: none may be dropped on our side
        self.submitter.socket = zmq.Context.instance().socket(zmq.DEALER)
        for option, value in ((zmq.LINGER, 0), (zmq.SNDHWM, 0), (zmq.RCVHWM, 0)):
            self.submitter.socket.setsockopt(option, value)
        self.submitter.socket.connect(daemon.submit)
        self.random = random.Random(1)
        self.revision, self.sent, self.answered, self.flag = 1, 0, 0, False
        self.flagged = {}  # seq of the message -> when it was sent
        self.next = time.monotonic()
        self.next_flag = self.next

    def update(self):
        self.revision += 1
        return {"org": "X%02d" % self.random.randint(1, 16), "measure": "sickness", "period": "2024-05",
                "value": round(self.random.uniform(4, 6), 2), "revision": self.revision}

    def send(self, update):
        payload = self.submitter.encode([update])
        self.submitter.seq += 1
        self.submitter.send(payload)
        self.sent += 1

    def turn(self):
        """Sends what is due, one update a message."""
        now = time.monotonic()
        if now >= self.next_flag:
            self.next_flag += FLAG_EVERY
            self.flag = not self.flag
            self.revision += 1
            self.send({"org": "X09", "measure": "leadership-failure", "period": "2025-01", "value": self.flag,
                       "revision": self.revision})
            self.flagged[self.submitter.seq] = time.monotonic()
        while self.next <= now:
            self.send(self.update())
            self.next += 1 / self.rate
        answers = 0
        while self.submitter.socket.poll(0):
            reply = json.loads(self.submitter.socket.recv_multipart()[1])
            if "error" in reply:
                raise Failure("reply: %s" % reply)
            answers += 1
        self.answered += answers
        return answers


def watch(live, load, waits):
    while live.poll(0):
        event = json.loads(live.recv_multipart()[1])
        seq = event["data"].get("cause", {}).get("seq")
        begun = load.flagged.pop(seq, None)
        if begun is not None:
            waits.append((time.monotonic() - begun, event["data"]["durability"]))


def main():
    parser = argparse.ArgumentParser(description="The store is away under load.")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("DURATION") or 60))
    parser.add_argument("--rate", type=float, default=float(os.environ.get("RATE") or 5000))
    options = parser.parse_args()
    checks = Checks("outage")
    with workspace(checks) as folder, Daemon(folder, store_deadline=2) as daemon:
        live = zmq.Context.instance().socket(zmq.SUB)
        live.setsockopt(zmq.RCVHWM, 0)
        live.setsockopt(zmq.SUBSCRIBE, b"alert/")
        live.connect(daemon.publish)
        load = Load(daemon, options.rate)
        load.submitter.submit(read_tidy(example_steps()[0]), baseline=True)
        load.next = load.next_flag = time.monotonic()
        before, waits = [], []
        while time.monotonic() < load.next_flag + 0 or len(before) < 6:
            load.turn()
            watch(live, load, before)
        memory = resident(daemon.process.pid)
        pids = daemon.redis_pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        load.turn()
        begun, acknowledged, peak = time.monotonic(), 0, memory
        while time.monotonic() < begun + options.seconds:
            answers = load.turn()
            if time.monotonic() > begun + 1:
                acknowledged += answers  # what was confirmed before may still come in at first
            watch(live, load, waits)
            peak = max(peak, resident(daemon.process.pid))
            time.sleep(0.001)
        waiting = load.sent - load.answered
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        load.rate = 1e-9
        load.next, load.next_flag = time.monotonic() + 1e9, time.monotonic() + 1e9
        end = time.monotonic()
        while load.answered < load.sent:
            load.turn()
            watch(live, load, waits)
            if time.monotonic() > end + 60:
                raise Failure("%d unanswered 60 s after the return" % (load.sent - load.answered))
        slow = [wait for wait, _ in waits]
        print("alerts before: %d, slowest %.3f s; in the outage: %d, slowest %.3f s, %d marked memory" % (
            len(before), max(wait for wait, _ in before), len(waits), max(slow, default=0),
            sum(durability == "memory" for _, durability in waits)))
        print("memory before %d MiB, at most %d MiB; %d unanswered at the end, answered %.1f s after the return" % (
            memory >> 20, peak >> 20, waiting, time.monotonic() - end))
        checks.true(len(waits) >= options.seconds / FLAG_EVERY * 0.9, "alerts in the outage: %d" % len(waits))
        # The first wait for what tells that the store is away.
        late = [wait for wait in slow if wait > DELAY]
        checks.equal(late, [], "alerts later than %g s" % DELAY)
        checks.true(peak - memory <= MEMORY_BOUND, "memory grew by %d MiB" % (peak - memory >> 20))
        checks.equal(acknowledged, 0, "acknowledged while the store was away")
        with Query(daemon) as query:
            checks.equal(query.get("source", source="test")["last"], load.submitter.seq, "position in the end")
        live.close()
        load.submitter.close()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
