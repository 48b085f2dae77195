"""kill -9 of the daemon at every store operation in turn.

    positions.py [--side command|reply] [--from N] [--step N] [--limit N]

A scripted scenario runs through a proxy that counts what passes between daemon and Redis. Position n of side
"command" kills the daemon before its n-th command reaches Redis; of side "reply" after Redis has done it and before
the daemon hears of it. The daemon is started again, the client sends what was not acknowledged, and the end must be
that of a run that never crashed. Ends with the first position the scenario does not reach.
"""
import argparse
import json
import os
import random
import signal
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

from harness import Checks, Daemon, Failure, Query, Requests, id_of, shorten, wait_for, workspace
from oracle import Oracle, difference, normal, rows
from proxy import Proxy
from servers import Consumer, Redis
from stream import Stream

SCENARIO_SEED, MESSAGES, WINDOW = 7, 20, 3


class Position:
    """One run of the scenario with the daemon killed at one place."""

    def __init__(self, checks, folder, side, number):
        self.checks, self.folder, self.side, self.number = checks, folder, side, number
        self.hit = threading.Event()
        self.redis = Redis(folder).start()
        self.proxy = Proxy(os.path.join(folder, "proxy"), self.redis.socket)
        self.proxy.watch = self.watch
        self.daemon = Daemon(folder, "d", store="unix:" + self.proxy.path)

    def watch(self, side, number, _frame):
        if self.hit.is_set() or side != self.side or number != self.number:
            return not (self.hit.is_set() and side == self.side and number == self.number)
        self.hit.set()
        self.daemon.process.send_signal(signal.SIGKILL)
        return False

    def start(self):
        """Starts the daemon, again when it was killed before it was ready."""
        for _ in range(2):
            if self.hit.is_set():  # its holder is dead: no need to wait until it runs out
                self.redis.client().delete("{oversight}:lease")
            try:
                return self.daemon.start()
            except Failure:
                if not self.hit.is_set():
                    raise
        raise Failure("the daemon does not start after it was killed at %s %d" % (self.side, self.number))

    def send(self, messages):
        """Sends what is not yet acknowledged, in order; False when the daemon died."""
        with Requests(self.daemon.submit) as requests:
            left, waiting = [message for message in messages if not message.done], {}
            while left or waiting:
                while left and len(waiting) < WINDOW:
                    message = left.pop(0)
                    waiting[requests.send(message.payload)] = message
                if requests.socket.poll(50):
                    number, text = requests.socket.recv_multipart()
                    reply = json.loads(text)
                    if "error" in reply:
                        raise Failure("reply: %s" % shorten(reply))
                    waiting.pop(number).done = True
                elif not self.daemon.alive():
                    return False
        return True

    def run(self, messages, oracle):
        for message in messages:
            message.done = False
        self.start()
        consumer = Consumer(self.folder, self.daemon).start()
        try:
            while not self.send(messages):
                self.revive()
            self.compare(oracle, consumer, *self.look())
            if self.daemon.alive():
                self.daemon.stop()
        finally:
            consumer.stop()

    def revive(self):
        if not self.daemon.alive():
            self.daemon.process.wait()
            self.start()

    def look(self):
        """The board and the stored alerts; asked again when the kill hits the question."""
        while True:
            try:
                self.revive()
                with Query(self.daemon) as query:
                    return query.board(), query.ask({"get": "alerts", "after": "0-0", "limit": 1000}, 2)["events"]
            except Failure:
                if self.daemon.alive():
                    raise

    def compare(self, oracle, consumer, board, stored):
        # The kill may hit what the consumer asks.
        wait_for(lambda: self.revive() or consumer.reached(stored[-1]["id"]), "the consumer")
        key_of = {event["id"]: event["data"]["key"] for event in stored}
        found = normal(stored, key_of)
        self.checks.equal([data["key"] for _, data in found], oracle.keys, "%s %d: keys" % (self.side, self.number))
        self.checks.true(not difference(found, oracle.alerts), "%s %d: alerts: %s" % (
            self.side, self.number, difference(found, oracle.alerts)))
        self.checks.true(not difference(rows(board, key_of), oracle.board), "%s %d: board: %s" % (
            self.side, self.number, difference(rows(board, key_of), oracle.board)))
        ids = [event["id"] for event in consumer.events()]
        self.checks.equal(ids, [event["id"] for event in stored], "%s %d: consumed" % (self.side, self.number))
        self.checks.equal([id_of(name) for name in ids], sorted({id_of(name) for name in ids}), "ids, each once")

    def close(self):
        if self.daemon.process and self.daemon.alive():
            self.daemon.kill()
        self.proxy.close()
        self.redis.stop()


def main():
    parser = argparse.ArgumentParser(description="kill -9 at every store operation in turn.")
    parser.add_argument("--side", choices=("command", "reply"), help="one side only")
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--limit", type=int, default=10**6, help="positions of a side at most")
    options = parser.parse_args()
    checks, reached = Checks("positions"), {}
    messages = Stream(random.Random(SCENARIO_SEED), ("s1", "s2")).messages(MESSAGES)
    with workspace(checks) as folder:
        oracle = Oracle(folder, messages)
    for side in (options.side,) if options.side else ("command", "reply"):
        for number in range(options.first, options.first + options.limit * options.step, options.step):
            try:
                with workspace(checks) as folder:
                    position = Position(checks, folder, side, number)
                    try:
                        position.run(messages, oracle)
                    finally:
                        position.close()
            except Failure as failure:
                checks.true(False, "%s %d: %s" % (side, number, failure))
            if not position.hit.is_set():
                break
            reached[side] = reached.get(side, 0) + 1
    print("killed at %s" % ", ".join("%d positions of side %s" % (count, side) for side, count in reached.items()))
    checks.true(reached, "no position was reached")
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
