#!/usr/bin/python3
"""A complete consumer of oversightd's alerts: subscribe, snapshot, live alerts, repair of gaps.

    consumer.py [--publish ENDPOINT] [--query ENDPOINT] [--after EPOCH-SEQ]

Prints each alert once, in order, as one line of JSON. Without --after it starts from the snapshot;
with the id of the last alert it has dealt with, a consumer goes on where it stopped. Needs pyzmq (Debian: python3-zmq).
"""
import argparse
import json
import sys

import zmq

ANSWER_MS = 5000  # a query unanswered for so long is asked again on a fresh socket


def id_of(text):
    """Ids are "<epoch>-<seq>" and compare by epoch, then seq."""
    epoch, seq = text.split("-")
    return int(epoch), int(seq)


class Consumer:
    def __init__(self, publish, query, deliver):
        self.context = zmq.Context.instance()
        self.query_endpoint, self.deliver = query, deliver
        self.live = self.context.socket(zmq.SUB)
        self.live.setsockopt(zmq.RCVHWM, 100000)
        self.live.setsockopt(zmq.HEARTBEAT_IVL, 5000)  # a dead connection is noticed, and made anew
        self.live.setsockopt(zmq.SUBSCRIBE, b"alert/")
        self.live.setsockopt(zmq.SUBSCRIBE, b"heartbeat/")
        self.live.connect(publish)
        self.asker, self.requests = None, 0
        self.last = None  # id of the last alert delivered, or that of the snapshot
        self.told = None  # the newest id a heartbeat has named: asked for once

    def ask(self, request):
        """One query; the parts of its reply. Asks again until it is answered: always safe."""
        while True:
            if self.asker is None:
                self.asker = self.context.socket(zmq.DEALER)
                self.asker.setsockopt(zmq.LINGER, 0)
                self.asker.connect(self.query_endpoint)
            self.requests += 1
            number = str(self.requests).encode()
            self.asker.send_multipart([number, json.dumps(request).encode()])
            while self.asker.poll(ANSWER_MS):
                frames = self.asker.recv_multipart()
                if frames[0] == number and frames[-1] == b"":
                    return [json.loads(part) for part in frames[1:-1]]
            self.asker.close()
            self.asker = None

    def catch_up(self):
        """Deliver every stored alert after the last one; False when the daemon could not say."""
        more = True
        while more:
            more, before = False, self.last
            for part in self.ask({"get": "alerts", "after": "%d-%d" % self.last, "limit": 1000}):
                if "error" in part:
                    print("consumer: %s" % part["error"].get("message"), file=sys.stderr)
                    return False
                if part.get("truncated"):
                    print("consumer: alerts after %d-%d are no longer kept" % before, file=sys.stderr)
                for event in part.get("events", []):
                    self.pass_on(event)
                more = more or part.get("more", False)
            more = more and self.last > before
        return True

    def pass_on(self, event):
        if id_of(event["id"]) > self.last:
            self.last = id_of(event["id"])
            self.deliver(event)

    def run(self, after=None):
        # Subscribed first: the first heartbeat shows that live alerts reach us, so nothing falls between.
        while not self.live.recv_multipart()[0].startswith(b"heartbeat/"):
            pass
        if after is None:
            self.last = max(id_of(part["last"]) for part in self.ask({"get": "snapshot"}) if "last" in part)
        else:
            self.last = id_of(after)
            self.catch_up()
        while True:
            topic, payload = self.live.recv_multipart()[:2]
            message = json.loads(payload)
            if topic.startswith(b"heartbeat/"):
                newest = id_of(message["last"])
                if newest > self.last and newest != self.told and self.catch_up():
                    self.told = newest
                continue
            found = id_of(message["id"])
            if found[0] == self.last[0] and found[1] == self.last[1] + 1:
                self.pass_on(message)
            elif found > self.last:
                self.catch_up()


def main():
    parser = argparse.ArgumentParser(description="Print the alerts of oversightd as lines of JSON.")
    parser.add_argument("--publish", default="tcp://127.0.0.1:7710", help="live alerts (%(default)s)")
    parser.add_argument("--query", default="tcp://127.0.0.1:7712", help="snapshot and replay (%(default)s)")
    parser.add_argument("--after", help="id of the last alert already dealt with; 0-0 = from the beginning")
    options = parser.parse_args()
    consumer = Consumer(options.publish, options.query, lambda event: print(json.dumps(event), flush=True))
    try:
        consumer.run(options.after)
    except (KeyboardInterrupt, BrokenPipeError):
        pass


if __name__ == "__main__":
    main()
