#!/usr/bin/python3
"""A complete consumer of oversightd's alerts: subscribe, snapshot, live alerts, repair of gaps, several daemons, keys.

    consumer.py [--publish ENDPOINT]... [--query ENDPOINT]... [--after EPOCH-SEQ] [--key FILE --server-key KEY]

Prints each alert once, in order, as one line of JSON. Without --after it starts from the snapshot;
with the id of the last alert it has dealt with, a consumer goes on where it stopped. Needs pyzmq (Debian: python3-zmq).
"""
import argparse
import json
import os
import sys
import time

import zmq

ANSWER_MS = 3000  # a query unanswered for so long goes to the next endpoint, on a fresh socket
STANDBY_S = 0.2  # between questions while no daemon leads
SILENCE_MS = 5000  # no alert and no heartbeat for so long: the connection may be dead, a new one is made
BACKWARDS = 5  # heartbeats in a row whose newest is below our last id: the store came back older, its ids start lower


def id_of(text):
    """Ids are "<epoch>-<seq>" and compare by epoch, then seq."""
    epoch, seq = text.split("-")
    return int(epoch), int(seq)


def say(text):
    print("consumer: %s" % text, file=sys.stderr, flush=True)


class Consumer:
    def __init__(self, publish, query, deliver, keys=None):
        self.publish, self.query, self.deliver, self.keys = publish, query, deliver, keys
        self.live = self.asker = None
        self.requests = 0
        self.last = None  # id of the last alert delivered, or that of the snapshot
        self.told = None  # the newest id a heartbeat has named: asked for once

    def connect(self, kind, endpoints):
        sock = zmq.Context.instance().socket(kind)
        sock.setsockopt(zmq.LINGER, 0)
        sock.setsockopt(zmq.RCVHWM, 100000)
        if kind == zmq.SUB:
            sock.setsockopt(zmq.SUBSCRIBE, b"alert/")
            sock.setsockopt(zmq.SUBSCRIBE, b"heartbeat/")
        for endpoint in endpoints:
            if self.keys and endpoint.startswith("tcp:"):
                sock.curve_secretkey, sock.curve_serverkey = self.keys
                sock.curve_publickey = zmq.curve_public(self.keys[0])
            sock.connect(endpoint)
        return sock

    def receive(self):
        """The next live message: topic and content. All daemons are listened to; the one that leads speaks."""
        while True:
            if self.live is None:
                self.live = self.connect(zmq.SUB, self.publish)
            if self.live.poll(SILENCE_MS):
                topic, payload = self.live.recv_multipart()[:2]
                return topic, json.loads(payload)
            say("nothing heard from %s for 5 s; still trying" % ", ".join(self.publish))
            self.live.close()
            self.live = None

    def ask(self, request):
        """One query; the parts of its reply. Asks again, the next daemon too, until it is answered: always safe."""
        while True:
            if self.asker is None:
                self.asker = self.connect(zmq.DEALER, self.query[:1])
            self.requests += 1
            number, frames = b"%d" % self.requests, []
            self.asker.send_multipart([number, json.dumps(request).encode()])
            while frames[:1] != [number] and self.asker.poll(ANSWER_MS):
                frames = self.asker.recv_multipart()
            parts = [json.loads(part) for part in frames[1:-1]]
            errors = [part["error"] for part in parts if "error" in part]
            if parts and not errors:
                return parts
            if not parts:
                say("%s does not answer; still trying" % self.query[0])
            code = errors[0].get("code") if errors else None
            if code in ("standby", "taking-over"):  # no trouble: the next daemon leads, or this one in a moment
                time.sleep(STANDBY_S)
                if code == "taking-over":
                    continue
            elif errors:
                say("%s answers: %s" % (self.query[0], errors[0].get("message")))
                time.sleep(1)
            self.asker.close()
            self.asker, self.query = None, self.query[1:] + self.query[:1]

    def snapshot(self):
        """The id the state of all organisations stands at, and the newest raised, which is ahead while the store is away.
        A consumer that keeps such a state takes it over here."""
        head = self.ask({"get": "snapshot"})[0]
        return id_of(head["last"]), id_of(head["newest"])

    def catch_up(self):
        """Deliver every stored alert after the last one."""
        more = True
        while more:
            before = self.last
            parts = self.ask({"get": "alerts", "after": "%d-%d" % before, "limit": 1000})
            if any(part.get("truncated") for part in parts):
                self.last = max(self.last, self.snapshot()[0])
                say("not all alerts after %d-%d are kept; going on after %d-%d" % (before + self.last))
                return
            for part in parts:
                for event in part.get("events", []):
                    self.pass_on(event)
            more = any(part.get("more") for part in parts) and self.last > before

    def pass_on(self, event):
        if id_of(event["id"]) > self.last:
            self.last = id_of(event["id"])
            self.deliver(event)

    def run(self, after=None):
        # Subscribed first: the first heartbeat shows that live alerts reach us, so nothing falls between.
        while self.receive()[0] != b"heartbeat/":
            pass
        self.last = id_of(after) if after else self.snapshot()[0]
        if after:
            self.catch_up()
        below = 0
        while True:
            topic, message = self.receive()
            beat = topic == b"heartbeat/"
            found = id_of(message["last" if beat else "id"])
            if beat:
                below = below + 1 if id_of(message["newest"]) < self.last else 0
            if below == BACKWARDS:
                below, (stored, newest) = 0, self.snapshot()
                if newest < self.last:
                    say("the daemon knows nothing after %d-%d; going on from there" % stored)
                    self.last = stored
            elif beat and found > self.last and found != self.told:
                self.catch_up()
                self.told = found
            elif not beat and found == (self.last[0], self.last[1] + 1):
                self.pass_on(message)
            elif not beat and found > self.last:
                self.catch_up()


def first_line(key):
    """A key, or the first line of the file that holds it."""
    if os.path.exists(key):
        with open(key) as file:
            key = file.readline()
    return key.strip().encode()


def main():
    parser = argparse.ArgumentParser(description="Print the alerts of oversightd as lines of JSON.")
    parser.add_argument("--publish", action="append", help="live alerts, of each daemon (tcp://127.0.0.1:7710)")
    parser.add_argument("--query", action="append", help="snapshot and replay, likewise (tcp://127.0.0.1:7712)")
    parser.add_argument("--after", help="id of the last alert already dealt with; 0-0 = from the beginning")
    parser.add_argument("--key", help="file with our secret key, where the daemon wants one")
    parser.add_argument("--server-key", help="the daemon's public key, or the file that holds it")
    options = parser.parse_args()
    if (options.key is None) != (options.server_key is None):
        parser.error("--key and --server-key go together")
    consumer = Consumer(options.publish or ["tcp://127.0.0.1:7710"], options.query or ["tcp://127.0.0.1:7712"],
                        lambda event: print(json.dumps(event), flush=True),
                        options.key and (first_line(options.key), first_line(options.server_key)))
    try:
        consumer.run(options.after)
    except (KeyboardInterrupt, BrokenPipeError):
        pass


if __name__ == "__main__":
    main()
