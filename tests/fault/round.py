"""One round: a random stream of messages under random faults; its end is compared with a run without faults."""
import collections
import contextlib
import json
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

import redis
import zmq

from faults import Faults, SmallDisk
from harness import Daemon, Failure, Query, Requests, id_of, shorten, wait_for
from oracle import Oracle, difference, judged, normal, rows
from proxy import Proxy
from servers import Consumer, Feed, Redis
from stream import Stream

BASELINE = 2  # messages that make up the baseline
STILL = 60.0  # seconds without any progress, then the round has failed
# How often beside the others: these fit few rounds only, or not at every moment.
WEIGHTS = {"feed_gap": 2, "feed_duplicate": 2, "feed_reorder": 2, "redis_flush": 4, "redis_older": 4}


class Round:
    def __init__(self, checks, folder, seed, only=None, flush=True):
        self.checks, self.folder, self.random = checks, folder, random.Random(seed)
        self.tally = collections.Counter()
        self.only = only
        choice = self.random.random()
        self.external = choice < 0.65 or bool(only and not {"private_kill", "private_freeze", "disk_full"} & set(only))
        self.feed_source = "feed1" if self.random.random() < 0.3 else None
        self.flushing = self.external and self.random.random() < 0.35 and flush
        if only:
            self.feed_source = "feed1" if any(kind.startswith("feed_") for kind in only) else self.feed_source
            self.flushing = bool({"redis_flush", "redis_older"} & set(only))
        self.redis = self.proxy = self.disk = self.feed = self.consumer = None
        self.daemon = self.requests = self.starting = None
        self.start_error = []
        self.waiting = collections.OrderedDict()  # index of message -> request ids
        self.index_of, self.answers, self.acked = {}, {}, {}
        self.sent, self.feed_trouble, self.feed_held, self.begun = 0, [], None, False
        self.lost_to = None  # the last alert of a store that was emptied
        self.published = []  # every event any daemon has published
        self.progress = time.monotonic()

    # ---- Parts ----

    def build(self):
        options = {"store_deadline": 1, "gap_timeout": 20, "more_timeout": 30}
        if self.external:
            self.redis = Redis(self.folder).start()
            self.proxy = Proxy(os.path.join(self.folder, "proxy"), self.redis.socket)
            options["store"] = "unix:" + self.proxy.path
        if self.feed_source:
            self.feed = Feed(self.folder, self.feed_source)
            options["feeds"] = ({"source": self.feed_source, "connect": self.feed.connect,
                                 "replay": self.feed.replay},)
        if not self.flushing:
            options["publish_hwm"] = self.random.choice([1, 5, 1000])
        self.daemon = Daemon(self.folder, "d", **options)
        if not self.external:
            disk = SmallDisk(self.daemon.state)
            self.disk = disk if disk.usable else None
        self.daemon.start()
        self.live = zmq.Context.instance().socket(zmq.SUB)
        for option, value in ((zmq.RCVHWM, 0), (zmq.SUBSCRIBE, b"alert/"), (zmq.RECONNECT_IVL, 10)):
            self.live.setsockopt(option, value)
        self.live.connect(self.daemon.publish)
        self.consumer = Consumer(self.folder, self.daemon).start()
        self.requests = Requests(self.daemon.submit)

    def close(self):
        for part in (self.consumer, self.redis):
            if part:
                part.stop()
        if self.daemon and self.daemon.process and self.daemon.alive():
            self.daemon.kill()
        for part in (self.requests, self.feed, self.proxy):
            if part:
                part.close()
        if self.daemon:
            wait_for(lambda: not self.daemon.redis_pids(), "the end of the private server")
        if self.disk:
            self.disk.close()

    # ---- The daemon's deaths ----

    def kill_daemon(self, gently=False):
        """False: there is none just now."""
        if self.starting or not self.daemon.alive():
            return False
        if gently:
            self.daemon.process.terminate()
        else:
            self.daemon.kill()
        self.requests.close()
        self.starting = threading.Thread(target=self.start_again, daemon=True)
        self.starting.start()
        return True

    def start_again(self):
        try:
            self.daemon.process.wait(STILL)
            self.daemon.start()
            with Query(self.daemon) as query:  # the lease of the dead one runs out first
                wait_for(lambda: query.get("status").get("role") == "leader", "the lease", STILL)
        except Exception as error:  # told by the main thread
            self.start_error.append(error)

    def started(self):
        """True when a daemon runs; after a restart, what was acknowledged must be there."""
        if not self.starting:
            if not self.daemon.alive():
                raise Failure("oversightd ended by itself with %d" % self.daemon.process.returncode)
            return True
        if self.starting.is_alive():
            return False
        self.starting = None
        if self.start_error:
            raise self.start_error.pop()
        with Query(self.daemon) as query:
            for source, through in self.acked.items():
                last = query.get("source", source=source)["last"]
                self.checks.true(last >= through, "%s: acknowledged to %d, after the restart %d" % (source, through, last))
        self.requests.connect()
        self.resend()
        return True

    # ---- An emptied store ----

    @contextlib.contextmanager
    def may_lose(self):
        """Nothing reaches the store meanwhile. Only when nothing else is wrong: what the daemon holds is then the only
        copy, and so is what the consumer has of the alerts that were confirmed. Gives the id of the last one stored,
        None when it is not the time."""
        if self.starting or not self.faults.quiet() or not self.consumer_is_there(3):
            yield None
            return
        self.proxy.open.clear()
        try:
            stored = self.redis.client().xrevrange("{oversight}:alerts", count=1)
            yield stored[0][0].decode() if stored and self.consumer_is_there(0.3) else None
        finally:
            self.proxy.open.set()

    def consumer_is_there(self, seconds):
        """It has all that was confirmed by now."""
        with Query(self.daemon) as query, contextlib.suppress(Failure):
            confirmed = query.get("snapshot")["last"]
            return confirmed != "0-0" and wait_for(lambda: self.consumer.reached(confirmed), "the consumer", seconds)
        return False

    def after_loss(self, last, place):
        """No other fault before the store is filled again. The store was at this epoch and step before."""
        self.lost_to = max(last, self.lost_to or last, key=id_of)
        wait_for(lambda: self.refilled(place), "the refill")

    def refilled(self, place):
        """Written anew, or what was lost had not been confirmed and was sent again."""
        with contextlib.suppress(redis.exceptions.RedisError):
            refilling, epoch, step = self.redis.client().hmget("{oversight}:meta", "refilling", "epoch", "step")
            return refilling == b"0" or (refilling is None and (int(epoch or 0), int(step or 0)) >= place)
        return False

    # ---- Sending ----

    def send(self, index):
        number = self.requests.send(self.messages[index].payload)
        self.index_of[number] = index
        self.waiting[index] = number

    def resend(self):
        if self.feed or self.starting:
            return
        for index in sorted(self.waiting):
            self.send(index)

    def feed_next(self, message):
        trouble = self.feed_trouble.pop(0) if self.feed_trouble else None
        self.feed.keep(message)
        if trouble == "gap":
            return
        if trouble == "reorder" and not self.feed_held:
            self.feed_held = message
            return
        for _ in range(2 if trouble == "duplicate" else 1):
            self.feed.publish(message)
        if self.feed_held:
            self.feed.publish(self.feed_held)
            self.feed_held = None

    def feed_begun(self):
        """A subscriber hears, and the baseline is stored: a source nothing is known of starts where it is first seen."""
        if self.sent < BASELINE:
            return self.feed.heard
        if not self.begun and not self.starting:
            with Query(self.daemon) as query:
                status = query.get("status")
                self.begun = status["counters"]["steps_queued"] == 0 and query.get("source", source=self.feed_source)[
                    "last"] >= self.messages[BASELINE - 1].last
        return self.begun

    def send_more(self):
        if self.sent >= len(self.messages):
            return
        message = self.messages[self.sent]
        if self.feed:
            if not self.feed_begun():
                return
            self.feed_next(message)
        else:
            if len(self.waiting) >= self.window:
                return
            self.send(self.sent)
        self.sent += 1
        self.progress = time.monotonic()

    def receive(self):
        if self.requests.socket is None or self.feed:
            return
        while self.requests.socket.poll(0):
            number, text = self.requests.socket.recv_multipart()
            self.answered(self.index_of[number], json.loads(text))

    def answered(self, index, reply):
        message = self.messages[index]
        if index not in self.waiting:
            return
        if "error" in reply:
            if reply["error"]["code"] not in ("repeated", "gap"):
                raise Failure("message %d: %s" % (index, shorten(reply)))
            if reply["error"]["code"] == "gap":
                self.tally["gap_replies"] += 1
                self.resend()
            return
        del self.waiting[index]
        counted = reply["accepted"] + reply["duplicate"] + reply["superseded"] + reply.get("refused_total", len(
            reply["refused"]))
        self.checks.equal(counted, message.count, "message %d: updates counted in %s" % (index, shorten(reply)))
        self.checks.true(reply["durability"] == "fsync", "message %d: durability %s" % (index, reply["durability"]))
        self.answers[index] = reply
        self.acked[message.source] = max(self.acked.get(message.source, 0), message.last)
        self.progress = time.monotonic()

    def watch(self):
        """Takes what was published live."""
        while self.live.poll(0):
            self.published.append(json.loads(self.live.recv_multipart()[1]))

    # ---- The run ----

    def turn(self):
        self.faults.due()
        running = self.started()
        if self.feed:
            self.feed.turn()
        if running or self.feed:
            self.send_more()
        if running:
            self.receive()
        self.watch()
        if time.monotonic() - self.progress > STILL:
            raise Failure("no progress for %g s: %d of %d sent, %d unanswered" % (
                STILL, self.sent, len(self.messages), len(self.waiting)))
        time.sleep(self.pace)

    def play(self):
        self.faults = Faults(self)
        kinds = [kind for kind in self.faults.kinds() if not self.only or kind in self.only]
        count = len(self.messages)
        plan = collections.deque(sorted(self.random.sample(range(3, count), min(self.random.randint(4, 10), count - 3))))
        while self.sent < count or self.waiting:
            if plan and self.sent >= plan[0] and kinds:
                plan.popleft()
                kind = self.random.choices(kinds, [WEIGHTS.get(kind, 1) for kind in kinds])[0]
                happened = self.faults.inject(kind)
                self.tally[kind if happened else kind + " (not now)"] += 1
                self.history.append("%d: %s%s" % (self.sent, kind, "" if happened else " (not now)"))
                self.progress = time.monotonic()
            self.turn()
        self.faults.heal_all()
        if self.feed_held:
            self.feed.publish(self.feed_held)
        while not self.started():
            self.turn()

    def stored_all(self, query):
        """The position of every source is reached and nothing waits for the store."""
        for source in {message.source for message in self.messages}:
            last = max(message.last for message in self.messages if message.source == source)
            if query.get("source", source=source)["last"] < last:
                return False
        status = query.get("status")
        return status["counters"]["steps_queued"] == 0 and status["store"] == "ready"

    def settle(self):
        with Query(self.daemon) as query:
            end = time.monotonic() + STILL
            while not self.stored_all(query):
                if time.monotonic() > end:
                    raise Failure("not settled: %s" % shorten(query.get("status")))
                self.turn()
            self.board, self.stored = query.board(), query.alerts()
        last = self.stored[-1]["id"] if self.stored else None
        if last:
            wait_for(lambda: self.consumer.reached(last), "the consumer to reach %s, it is at %s" % (
                last, [event["id"] for event in self.consumer.events()][-1:]), STILL)
        self.consumed = self.consumer.events()

    def verify(self):
        oracle = Oracle(self.folder, self.messages)
        checks = self.checks
        key_of = {event["id"]: event["data"]["key"] for event in self.published + self.consumed + self.stored}
        found = rows(self.board, key_of)
        differing = [code for code in oracle.board if found.get(code) != oracle.board[code]]
        for code in differing[:3]:
            checks.true(False, "board of %s: %s" % (code, difference(found.get(code), oracle.board[code])))
        checks.equal(differing, [], "board beside the oracle")
        self.verify_stored(oracle, key_of)
        self.verify_consumed(oracle)
        for index, reply in self.answers.items():
            if not reply["duplicate"]:
                wanted = oracle.answers[index]
                for part in ("accepted", "superseded", "refused"):
                    checks.equal(reply[part], wanted[part], "message %d: %s" % (index, part))

    def verify_stored(self, oracle, key_of):
        checks, stored = self.checks, normal(self.stored, key_of)
        keys = [data["key"] for _, data in stored]
        wanted, wanted_keys = oracle.alerts, oracle.keys
        if self.lost_to:  # of the alerts up to the loss some may be kept
            gone = {event["data"]["key"] for event in self.consumed if id_of(event["id"]) <= id_of(self.lost_to)}
            gone -= set(keys)
            wanted = [one for one in wanted if one[1]["key"] not in gone]
            wanted_keys = [key for key in wanted_keys if key not in gone]
        if checks.equal(keys, wanted_keys, "keys of the stored alerts"):
            for mine, theirs in zip(stored, wanted):
                found = difference(mine, theirs)
                checks.true(not found, "alert %s: %s" % (theirs[1]["key"], found))
        else:
            print("missing %s\nextra %s" % ([key for key in wanted_keys if key not in keys],
                                            [key for key in keys if key not in wanted_keys]))
        ids = [id_of(event["id"]) for event in self.stored]
        checks.equal(ids, sorted(set(ids)), "ids in order, each once")
        known = {event["id"] for event in self.stored}
        if not self.lost_to:
            for event in self.published:
                if event["id"] not in known and event["data"]["durability"] != "memory":
                    checks.true(False, "published and not stored: %s" % event["id"])
        self.tally["alerts"] += len(stored)
        self.tally["alerts_memory"] += sum(event["data"]["durability"] == "memory" for event in self.published)

    def verify_consumed(self, oracle):
        """Every alert once; twice only where the first was published before it was stored and its daemon died."""
        checks = self.checks
        known = {event["id"] for event in self.stored}
        ids = [event["id"] for event in self.consumed]
        checks.equal([id_of(name) for name in ids], sorted({id_of(name) for name in ids}), "ids consumed, each once")
        checks.equal([name for name in known if name not in ids], [], "alerts stored and not consumed")
        mine = [event for event in self.consumed if judged(event["data"]["kind"])]
        keys = {event["data"]["key"] for event in mine}
        checks.equal([key for key in oracle.keys if key not in keys], [], "causes not consumed")
        checks.equal([key for key in keys if key not in oracle.keys], [], "causes that are none")
        if self.lost_to:
            return
        lost = [event for event in mine if event["id"] not in known]
        checks.equal([event["id"] for event in lost if event["data"]["durability"] != "memory"], [],
                     "alerts consumed and not stored")
        self.tally["two_ids"] += len(lost)

    def run(self):
        self.history = []
        stream = Stream(self.random, (self.feed_source,) if self.feed_source else ("s1", "s2"))
        self.messages = stream.messages(self.random.randint(60, 160))
        self.window = self.random.choice([5, 20, 100])
        self.pace = self.random.choice([0.001, 0.003, 0.01])
        try:
            self.build()
            self.play()
            self.settle()
            self.watch()
            self.daemon.stop()
            self.verify()
        finally:
            if hasattr(self, "faults"):
                with contextlib.suppress(Exception):
                    self.faults.heal_all()
            self.close()
        where = ("redis" if self.external else "private") + (", feed" if self.feed else "")
        print("  %d messages, %s: %s" % (len(self.messages), where, ", ".join(self.history)), flush=True)
