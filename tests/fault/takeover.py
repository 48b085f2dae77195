"""Two daemons on one store: the leader is killed or frozen under load, the other takes over.

    takeover.py [--kills N] [--freezes N] [--seed S]

The client tries the two in turn. Measured is the longest silence between two acknowledgements around each fault.
In the end every alert is there once, and a leader that wakes late has written and published nothing.
"""
import argparse
import collections
import contextlib
import json
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

import zmq

from harness import Checks, Daemon, Failure, Query, Requests, id_of, shorten, workspace
from oracle import Oracle, difference, judged, normal, rows
from servers import Redis
from stream import Stream

TAKE_OVER_KILL, TAKE_OVER_FREEZE = 5.0, 15.0  # seconds at most
ASK_S = 0.5  # a question unanswered for so long goes to the other daemon
GIVE_UP = 60.0


class Pair:
    def __init__(self, checks, folder, seed):
        self.checks, self.random = checks, random.Random(seed)
        self.redis = Redis(folder).start()
        self.folder = folder
        self.daemons = [Daemon(folder, name, store="unix:" + self.redis.socket, store_deadline=1) for name in "ab"]
        self.leader, self.published, self.answers = 0, [], {}
        self.live = zmq.Context.instance().socket(zmq.SUB)
        self.live.setsockopt(zmq.RCVHWM, 0)
        self.live.setsockopt(zmq.RECONNECT_IVL, 10)
        self.live.setsockopt(zmq.SUBSCRIBE, b"alert/")
        self.requests = None

    def start(self):
        for daemon in self.daemons:
            daemon.start()
            self.live.connect(daemon.publish)
        self.requests = Requests(self.daemons[0].submit)

    def launch(self, index):
        """A standby: ready only when it takes over."""
        daemon = self.daemons[index]

        def run():
            with contextlib.suppress(Failure, ValueError):
                daemon.start()

        daemon.process = None
        threading.Thread(target=run, daemon=True).start()
        while daemon.process is None:
            time.sleep(0.01)

    def watch(self):
        while self.live.poll(0):
            self.published.append(json.loads(self.live.recv_multipart()[1]))

    @staticmethod
    def leads(daemon):
        with Query(daemon) as query, contextlib.suppress(Failure):
            return query.ask({"get": "status"}, ASK_S)["role"] == "leader"
        return False

    def send(self, messages):
        """Sends the messages in order until all are acknowledged; the longest silence meanwhile."""
        unanswered = collections.OrderedDict(((message.source, message.first), message) for message in messages)
        longest, heard = 0.0, time.monotonic()
        asked, waiting, other = 0.0, {}, False
        while unanswered:
            if time.monotonic() - asked > ASK_S:  # nothing heard: the other one
                if waiting or other:
                    self.leader = 1 - self.leader
                    self.requests.endpoint = self.daemons[self.leader].submit
                    self.requests.connect()
                # A standby that turns leader half-way would take what comes later and not what came before.
                leads = self.leads(self.daemons[self.leader])
                waiting = {self.requests.send(message.payload): message for message in unanswered.values() if leads}
                asked, other = time.monotonic(), not leads
            self.watch()
            if not self.requests.socket.poll(20):
                if time.monotonic() - heard > GIVE_UP:
                    raise Failure("nobody acknowledges for %g s" % GIVE_UP)
                continue
            number, text = self.requests.socket.recv_multipart()
            reply = json.loads(text)
            if "error" in reply:
                raise Failure("reply: %s" % shorten(reply))
            unanswered.pop((waiting[number].source, waiting[number].first))
            asked = time.monotonic()
            longest, heard = max(longest, asked - heard), asked
        return longest

    def kill(self, messages):
        old = self.leader
        self.daemons[old].process.kill()
        longest = self.send(messages)
        self.daemons[old].process.wait()
        self.launch(old)
        return longest

    def freeze(self, messages):
        old = self.leader
        process = self.daemons[old].process
        half = whole(messages, len(messages) // 2)
        # Something under way when it stops, so that the late leader has something it wants to say.
        with Requests(self.daemons[old].submit) as late:
            process.send_signal(signal.SIGSTOP)
            for message in messages[:half]:
                late.send(message.payload)
            longest = self.send(messages[:half])
            process.send_signal(signal.SIGCONT)
            if late.socket.poll(1500):
                reply = json.loads(late.socket.recv_multipart()[1])
                self.checks.true("error" in reply, "the late leader answers: %s" % shorten(reply))
        self.send(messages[half:])
        try:
            status = process.wait(GIVE_UP)
            self.checks.true(status != 0, "the late leader ends with %d" % status)
        except Exception:
            self.checks.true(False, "the late leader does not end")
            process.kill()
        self.launch(old)
        return longest

    def verify(self, messages):
        self.watch()
        oracle = Oracle(self.folder, messages)
        with Query(self.daemons[self.leader]) as query:
            board, stored = query.board(), query.alerts()
        key_of = {event["id"]: event["data"]["key"] for event in stored}
        found = normal(stored, key_of)
        self.checks.equal([data["key"] for _, data in found], oracle.keys, "keys of the stored alerts")
        self.checks.true(not difference(found, oracle.alerts), "alerts: %s" % difference(found, oracle.alerts))
        self.checks.true(not difference(rows(board, key_of), oracle.board), "board: %s" % difference(
            rows(board, key_of), oracle.board))
        lost = [event["id"] for event in self.published if event["id"] not in key_of]
        self.checks.equal(lost, [], "published and not stored")
        live = collections.Counter(event["id"] for event in self.published if judged(event["data"]["kind"]))
        self.checks.true(all(id_of(name) for name in live), "ids")

    def close(self):
        for daemon in self.daemons:
            if daemon.process and daemon.alive():
                daemon.process.send_signal(signal.SIGCONT)
                daemon.kill()
        if self.requests:
            self.requests.close()
        self.redis.stop()


def whole(messages, at):
    """The first place from `at` on that does not fall into a message in parts."""
    open_parts, end = set(), 0
    for end, message in enumerate(messages):
        if end >= at and not open_parts:
            return end
        (open_parts.add if message.more else open_parts.discard)(message.source)
    return len(messages)


def main():
    parser = argparse.ArgumentParser(description="Take-over between two daemons on one store.")
    parser.add_argument("--kills", type=int, default=int(os.environ.get("KILLS") or 3))
    parser.add_argument("--freezes", type=int, default=int(os.environ.get("FREEZES") or 1))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.SystemRandom().randint(1, 10**9)))
    parser.add_argument("--untimed", action="store_true", help="print the silences, but hold them to no limit")
    options = parser.parse_args()
    print("takeover: seed %d" % options.seed, flush=True)
    checks = Checks("takeover")
    waits = {"kill": [], "freeze": []}
    with workspace(checks) as folder:
        pair = Pair(checks, folder, options.seed)
        try:
            messages = Stream(pair.random, ("s1", "s2")).messages(20 + 16 * (options.kills + options.freezes))
            pair.start()
            at = whole(messages, 20)
            pair.send(messages[:at])
            kinds = ["kill"] * options.kills + ["freeze"] * options.freezes
            pair.random.shuffle(kinds)
            for kind in kinds:
                end = whole(messages, at + 12)
                waits[kind].append(getattr(pair, kind)(messages[at:end]))
                at = end
            pair.send(messages[at:])
            pair.verify(messages)
        except Failure as failure:
            checks.true(False, str(failure))
        finally:
            pair.close()
    for kind, limit in (("kill", TAKE_OVER_KILL), ("freeze", TAKE_OVER_FREEZE)):
        if waits[kind]:
            print("%d of kind %s: longest silence %.2f s, median %.2f s" % (
                len(waits[kind]), kind, max(waits[kind]), sorted(waits[kind])[len(waits[kind]) // 2]))
            checks.true(options.untimed or max(waits[kind]) <= limit + ASK_S, "silence of %.2f s after a %s" % (max(waits[kind]), kind))
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
