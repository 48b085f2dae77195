"""A subscribed feed: gaps repaired by replay or given up, silence, a restart of the source, duplicates."""
import json
import time

import zmq

from harness import DEADLINE, Daemon, Failure, Query, example_steps, read_tidy, run_test

BEAT = 0.2  # seconds between heartbeats: more often than a feed must


class Feed:
    """A source that publishes updates, keeps its messages and replays them when asked. Single-threaded: it
    works while it is pumped."""

    def __init__(self, folder, source):
        context = zmq.Context.instance()
        self.source, self.seq = source, 0
        self.endpoint, self.replay = ("ipc://%s/feed.%s" % (folder, word) for word in ("pub", "replay"))
        self.live, self.router = context.socket(zmq.XPUB), context.socket(zmq.ROUTER)
        for one, endpoint in ((self.live, self.endpoint), (self.router, self.replay)):
            one.setsockopt(zmq.LINGER, 0)
            one.bind(endpoint)
        self.kept = []  # (first, last, payload)
        self.asked = []  # replay requests
        self.beating, self.last_said, self.next_beat = True, None, 0.0
        self.subscriptions = []

    def message(self, updates, **first):
        head = {"source": self.source, "seq": self.seq + 1, **first}
        payload = json.dumps([dict(head, **updates[0])] + updates[1:]).encode()
        self.kept.append((self.seq + 1, self.seq + len(updates), payload))
        self.seq += len(updates)
        return payload

    def publish(self, payload):
        self.live.send_multipart([b"update/%s/" % self.source.encode(), payload])

    def answer(self, frames):
        identity, word, source, first, last = frames
        first, last = int(first), int(last)
        self.asked.append((word.decode(), source.decode(), first, last))
        for start, end, payload in self.kept:
            if start <= last and end >= first:
                self.router.send_multipart([identity, b"update", payload])
        low, high = (self.kept[0][0], self.kept[-1][1]) if self.kept else (0, 0)
        self.router.send_multipart([identity, b"end", b"%d" % low, b"%d" % high])

    def turn(self):
        if self.beating and time.monotonic() >= self.next_beat:
            said = self.seq if self.last_said is None else self.last_said
            self.live.send_multipart([b"heartbeat/%s/" % self.source.encode(),
                                      json.dumps({"source": self.source, "last": said}).encode()])
            self.next_beat = time.monotonic() + BEAT
        if self.router.poll(20):
            self.answer(self.router.recv_multipart())
        if self.live.poll(0):
            self.subscriptions.append(self.live.recv())

    def pump(self, condition, what):
        end = time.monotonic() + DEADLINE
        while True:
            self.turn()
            found = condition()
            if found:
                return found
            if time.monotonic() > end:
                raise Failure("waited %g s in vain for %s" % (DEADLINE, what))

    def close(self):
        self.live.close()
        self.router.close()


def kinds(query):
    """Feed alerts so far, oldest first: [(kind, subject, summary)]."""
    return [(event["data"]["kind"], event["subject"], event["data"]["summary"])
            for event in query.alerts() if event["data"]["kind"].startswith("feed.")]


def count(query, kind):
    return sum(1 for found, _, _ in kinds(query) if found == kind)


def position(query, source):
    return query.get("source", source=source)["last"]


def value_of(query, org, period):
    rows = query.get("measure", id="ae-4h", period=period)["rows"]
    return {row["code"]: row["value"] for row in rows}.get(org)


def gap_repaired(checks, feed, query, month):
    """A message that got lost on the way comes by replay, and in its order."""
    lost = feed.message([dict(update, revision=1) for update in month[:5]])
    feed.publish(feed.message([dict(update, value=update["value"] - 1, revision=1) for update in month[:1]]))
    feed.pump(lambda: position(query, feed.source) == feed.seq, "the replayed message")
    checks.true(lost and feed.asked, "a replay was asked for")
    word, source, first, last = feed.asked[-1]
    checks.equal((word, source, first), ("replay", feed.source, feed.kept[-2][0]), "the replay request")
    checks.true(last >= feed.kept[-2][1], "the request covers the gap: to %d" % last)
    feed.pump(lambda: count(query, "feed.recovered") == 1, "feed.recovered after the gap")
    checks.equal(count(query, "feed.gap"), 1, "feed.gap alerts after one gap")
    checks.equal(value_of(query, month[0]["org"], month[0]["period"]), month[0]["value"] - 1,
                 "the later message stands, though the earlier came after it")


def tail_lost(checks, feed, query, month):
    """A heartbeat shows that the newest message is missing."""
    feed.message([dict(update, revision=2) for update in month[:2]])
    feed.pump(lambda: position(query, feed.source) == feed.seq, "the message that only a heartbeat told of")
    checks.equal(value_of(query, month[0]["org"], month[0]["period"]), month[0]["value"], "the newest figure")
    feed.pump(lambda: count(query, "feed.recovered") == count(query, "feed.gap"), "the end of the gap")


def gap_lost(checks, feed, query, month):
    """Nobody has the missing message: after gap_timeout the rest is applied and the loss reported."""
    before = count(query, "feed.gap"), count(query, "feed.recovered")
    feed.message([dict(update, revision=3) for update in month[:3]])
    feed.kept.pop()
    feed.publish(feed.message([dict(month[0], value=month[0]["value"] - 2, revision=3)]))
    feed.pump(lambda: position(query, feed.source) == feed.seq, "the end of gap_timeout")
    checks.equal(value_of(query, month[0]["org"], month[0]["period"]), month[0]["value"] - 2,
                 "what came behind the gap is applied")
    feed.pump(lambda: count(query, "feed.recovered") == before[1] + 1, "feed.recovered after a loss")
    gaps = [summary for kind, _, summary in kinds(query) if kind == "feed.gap"][before[0]:]
    checks.equal(len(gaps), 2, "feed.gap alerts of a gap that stayed: that it is there, that it is lost")
    checks.true("3" in gaps[-1] and "lost" in gaps[-1], "the loss of 3 is reported: %s" % gaps[-1])


def gap_lost_before_parts(checks, feed, query, month):
    """The gap before a message in parts is given up: the parts are applied, as one."""
    feed.message([dict(update, revision=4) for update in month[:2]])
    feed.kept.pop()
    parts = [feed.message([dict(month[0], value=month[0]["value"] - 3, revision=4)], more=True),
             feed.message([dict(month[1], value=month[1]["value"] - 3, revision=4)])]
    for part in parts:
        feed.publish(part)
    feed.pump(lambda: position(query, feed.source) == feed.seq, "the parts behind a gap")
    for update in month[:2]:
        checks.equal(value_of(query, update["org"], update["period"]), update["value"] - 3, "a figure of the parts")


def duplicates(checks, feed, query):
    before = query.get("status")["counters"]["duplicate"], query.board()
    first, last, payload = feed.kept[-1]
    feed.publish(payload)
    feed.pump(lambda: query.get("status")["counters"]["duplicate"] > before[0], "the duplicates to be counted")
    checks.equal(query.get("status")["counters"]["duplicate"] - before[0], last - first + 1, "duplicates counted")
    checks.equal(query.board(), before[1], "board after a duplicate")


def silence(checks, feed, query):
    before = count(query, "feed.stale"), count(query, "feed.recovered")
    feed.beating = False
    feed.pump(lambda: count(query, "feed.stale") == before[0] + 1, "feed.stale")
    checks.equal(count(query, "feed.recovered"), before[1], "feed.recovered while silent")
    feed.beating = True
    feed.pump(lambda: count(query, "feed.recovered") == before[1] + 1, "feed.recovered after silence")
    checks.equal(count(query, "feed.stale"), before[0] + 1, "feed.stale alerts after one silence")


def restarted(checks, feed, query, month):
    """The source starts its numbering again: said once, and what it sends changes nothing."""
    board, last = query.board(), position(query, feed.source)
    feed.last_said = 1
    feed.pump(lambda: count(query, "feed.restarted") == 1, "feed.restarted")
    payload = json.dumps({"source": feed.source, "seq": 1, **dict(month[0], value=1.0, revision=9)}).encode()
    feed.publish(payload)
    beat = feed.next_beat
    feed.pump(lambda: feed.next_beat > beat + 2 * BEAT, "two more heartbeats")
    checks.equal(position(query, feed.source), last, "position after the source restarted")
    checks.equal(query.board(), board, "board after the source restarted")
    checks.equal(count(query, "feed.restarted"), 1, "feed.restarted alerts")


def body(checks, folder):
    steps = example_steps()
    feed = Feed(folder, "acme")
    month = read_tidy(steps[1])
    try:
        with Daemon(folder, feeds=({"source": feed.source, "connect": feed.endpoint, "replay": feed.replay},),
                    feed_stale_after=5, gap_timeout=5) as daemon, Query(daemon) as query:
            feed.pump(lambda: feed.subscriptions, "the daemon's subscription")
            checks.true(all(one[:1] == b"\x01" for one in feed.subscriptions), "subscriptions: %s" % feed.subscriptions)
            feed.publish(feed.message(read_tidy(steps[0]), baseline=True))
            feed.publish(feed.message(month))
            feed.pump(lambda: position(query, feed.source) == feed.seq, "the first messages")
            checks.equal(kinds(query), [], "feed alerts when nothing is wrong")
            checks.equal(value_of(query, month[0]["org"], month[0]["period"]), month[0]["value"], "a figure of the feed")

            gap_repaired(checks, feed, query, month)
            tail_lost(checks, feed, query, month)
            duplicates(checks, feed, query)
            gap_lost(checks, feed, query, month)
            gap_lost_before_parts(checks, feed, query, month)
            silence(checks, feed, query)
            restarted(checks, feed, query, month)
            checks.equal({subject for _, subject, _ in kinds(query)}, {feed.source}, "subjects of feed alerts")
            for kind, _, summary in kinds(query):
                print("%-15s %s" % (kind, summary))
            daemon.stop(checks)
    finally:
        feed.close()


run_test("feed", body)
