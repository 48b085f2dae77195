"""HTTP under bad clients: junk, silence, clients that do not read. Good ones are served, and nothing stays behind."""
import contextlib
import datetime
import os
import resource
import signal
import threading
import time

from harness import DEADLINE, Failure, Query, Submitter, run_test, wait_for
from test_metrics import Metrics
from web import Events, WebDaemon, descriptors, exchange, get, instrumented, memory, open_raw, read_all, wait_quiet

CONNECTIONS = 64
JUNK = 1500
HALF_OPEN = 600
SLOW = 100
READS, MORE = CONNECTIONS // 4, 16  # questions to the store at once, and beyond that
DECISIONS = 1200
MEMORY = 64 << 20  # bytes that any of it may add

MALFORMED = {
    "junk": b"\x00\x01\x02\x16\x03\x01\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "a version that is none": b"GET / HTTP/x\r\nHost: localhost\r\n\r\n",
    "an unknown method": b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost: localhost\r\nnothing\r\n\r\n",
    "a long line": b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "long headers": b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    "a long body": b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 9999,
    "a body of chunks": b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\nx",
    "a length that is none": b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    "two lengths": b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
}


def raise_limit():
    """Descriptors for this process: the junk is open at the same time."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 4096), hard))


def get_patiently(daemon, path):
    """A connection closed before its request was read is worth another: under a flood many may be, one after the other."""
    end = time.monotonic() + DEADLINE
    while True:
        try:
            return get(daemon, path)
        except Failure:
            if time.monotonic() > end:
                raise


def good_clients(checks, daemon, what, count=20):
    """Requests one after another, and all within the time one may take."""
    for _ in range(count):
        reply = get_patiently(daemon, "/-/ready")
        if reply.status != 200:
            return checks.true(False, "a good client %s: status %d" % (what, reply.status))
    return checks.true(True, "good clients %s" % what)


def malformed(checks, daemon):
    for name, payload in MALFORMED.items():
        try:
            found = exchange(daemon, payload)
        except OSError:  # reset while it was sent
            found = b""
        checks.true(not found or found.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5", b"HTTP/1.0 4")),
                    "%s is refused: %r" % (name, found[:60]))
        checks.true(daemon.alive(), "the daemon lives after %s" % name)
    # A request hidden in the body of another is not answered.
    hidden = b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for header in (b"Content-Length: %d" % len(hidden), b"Transfer-Encoding: chunked"):
        found = exchange(daemon, b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n\r\n" + hidden)
        checks.true(found.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 ")) and b"healthy" not in found, "a body of GET: %r" % found)
    good_clients(checks, daemon, "after malformed requests", 3)


def junk(checks, daemon, quiet):
    """Each connects, says something that is no request, and some of them stay."""
    before, held = Metrics(daemon), []

    def flood():
        for index in range(JUNK):
            try:
                raw = open_raw(daemon, b"\x16\x03\x01junk" + b"x" * (index % 50))
            except OSError:
                continue
            if index % 3:
                held.append(raw)
            else:
                raw.close()

    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
        good_clients(checks, daemon, "among junk", 100)
    finally:
        flooding.join()
    good_clients(checks, daemon, "beside junk that stays")
    after = Metrics(daemon)
    checks.true(after["http_connections"] <= CONNECTIONS, "connections open: %g" % after["http_connections"])
    accepted = after["http_connections_accepted_total"] - before["http_connections_accepted_total"]
    checks.true(accepted >= JUNK, "connections accepted: %g" % accepted)
    for raw in held:
        raw.close()
    wait_quiet(daemon, quiet)


def half_open(checks, daemon, quiet):
    """Silence, and headers that never end: closed in time, and room is made for others before that."""
    before = Metrics(daemon)
    silent = [open_raw(daemon, b"GET / HTTP/1.1\r\nX: " if index % 2 else b"") for index in range(HALF_OPEN)]
    good_clients(checks, daemon, "beside half-open connections")
    for raw in silent:
        read_all(raw)  # fails when it is not closed
        raw.close()
    after = Metrics(daemon)
    for limit in ("connections", "timeout"):
        name = 'http_limited_total{limit="%s"}' % limit
        checks.true(after[name] > before[name], "closed for %s" % limit)
    wait_quiet(daemon, quiet)


def slow_readers(checks, daemon, quiet):
    """Ask for much, many times, and read nothing of it."""
    before = Metrics(daemon)
    request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 60
    slow = []
    for _ in range(SLOW):
        slow.append(open_raw(daemon, request, buffer=4096))
        if len(slow) % 10 == 0:
            good_clients(checks, daemon, "beside %d slow readers" % len(slow), 2)
    good_clients(checks, daemon, "beside slow readers")
    for raw in slow:
        raw.setblocking(False)

    def cut_off():
        name = 'http_limited_total{limit="%s"}'
        after = Metrics(daemon)
        return sum(after[name % limit] - before[name % limit] for limit in ("timeout", "connections")) >= SLOW

    wait_for(cut_off, "the end of slow readers")
    for raw in slow:
        raw.close()
    wait_quiet(daemon, quiet)


def slow_streams(checks, daemon, submitter, query, quiet):
    """One that reads gets everything, those that do not are closed; who comes back gets it all."""
    before = Metrics(daemon)
    request = b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
    slow = [open_raw(daemon, request, buffer=4096) for _ in range(3)]
    with Events(daemon) as events:
        wait_for(lambda: Metrics(daemon)["http_streams"] == 4, "four streams")
        first, epoch = events.next(), query.get("status")["epoch"]
        day = datetime.date(2024, 1, 1)
        found = []
        for message in range(DECISIONS // 10):  # each moves ten organisations from segment 3 to 4 or back
            effective = (day + datetime.timedelta(message)).isoformat()
            submitter.submit([{"decision": 3 + message % 2, "effective": effective, "org": "X%02d" % (index + 1),
                               "decided_by": "test", "reason": "to make many alerts"} for index in range(10)])
            # Read as they come: who falls behind for want of a processor is closed as well.
            found += events.until("%d-%d" % (epoch, 10 * message + 10))
        stored = query.alerts(first[0])
        checks.equal(stored[-1]["id"], "%d-%d" % (epoch, DECISIONS), "the last alert")
        checks.equal([event[0] for event in found], [event["id"] for event in stored],
                     "events of a stream that is read")
        wait_for(lambda: Metrics(daemon)["http_streams"] == 1, "the end of streams that are not read")
    name = 'http_limited_total{limit="stream_bytes"}'
    checks.equal(Metrics(daemon)[name] - before[name], 3, "streams closed for not being read")
    for raw in slow:
        raw.close()
    with Events(daemon, first[0]) as events:
        checks.equal([event[0] for event in events.until(stored[-1]["id"])], [event["id"] for event in stored],
                     "events of a stream that came back")
    # One that catches up and stops reading in the middle.
    with open_raw(daemon, request.replace(b"stream", b"stream?after=0-0"), buffer=4096):
        wait_for(lambda: Metrics(daemon)[name] - before[name] == 4, "the end of a stream that stopped reading")
    wait_quiet(daemon, quiet)


def frozen_store(checks, daemon, quiet):
    """Replies that wait for the store: who asked is let go in time, whoever leaves before that is forgotten."""
    before = Metrics(daemon)
    request = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
    server = daemon.redis_pids()[0]
    os.kill(server, signal.SIGSTOP)
    try:
        asking = [open_raw(daemon, request % b"/api/v1/alerts?limit=5") for _ in range(4)]
        stream = open_raw(daemon, request % b"/api/v1/stream?after=0-0")
        checks.true(stream.recv(100).startswith(b"HTTP/1.1 200 "), "a stream without its store")
        stream.close()
        asking[0].close()
        wait_for(lambda: Metrics(daemon)["http_streams"] == 0, "the end of a stream that was left")
        for raw in asking[1:]:
            checks.equal(read_all(raw), b"", "what a frozen store has to say")
            raw.close()
        good_clients(checks, daemon, "beside a frozen store", 3)
    finally:
        os.kill(server, signal.SIGCONT)
    checks.equal(len(get(daemon, "/api/v1/alerts?limit=5").json()["events"]), 5, "alerts of a store that is back")
    name = 'http_limited_total{limit="timeout"}'
    checks.true(Metrics(daemon)[name] - before[name] >= 3, "requests let go")
    wait_quiet(daemon, quiet)


def abandoned_reads(checks, daemon, quiet):
    """Who asks and leaves, again and again, while the store is frozen: so many wait, and no more."""
    before = Metrics(daemon)
    server = daemon.redis_pids()[0]
    os.kill(server, signal.SIGSTOP)
    try:
        refused = [0, 0]
        for i in range(READS + MORE):
            path = (b"/alerts", b"/api/v1/alerts", b"/alerts/1-1")[i % 3]
            with open_raw(daemon, b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path) as raw:
                get_patiently(daemon, "/-/healthy")  # it has been read by then
                raw.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    refused[i >= READS] += raw.recv(100).startswith(b"HTTP/1.1 503 ")
        checks.equal(refused, [0, MORE], "questions refused while a frozen store has as many as it may")
        events = Events(daemon, "0-0")
        checks.equal((events.status, events.next()[1]), (200, "position"), "a stream that waits for its turn")
    finally:
        os.kill(server, signal.SIGCONT)
    with events:
        checks.equal(events.next()[1], "alert", "a stream that had its turn")
    wait_for(lambda: get(daemon, "/api/v1/alerts?limit=5").status == 200, "answers of the store that is back")
    name = 'http_limited_total{limit="store_reads"}'
    checks.true(Metrics(daemon)[name] - before[name] > MORE, "the metric of what was refused")
    wait_quiet(daemon, quiet)


def body(checks, folder):
    raise_limit()
    # The store counts as away late: what a frozen one is asked must wait, however slow the machine is.
    daemon = WebDaemon(folder, http_connections=CONNECTIONS, http_timeout=2, http_streams=8, http_stream_bytes=65536,
                       store_deadline=60)
    with daemon, Submitter(daemon) as submitter, Query(daemon) as query:
        query.alerts()
        get(daemon, "/metrics")
        wait_for(lambda: Metrics(daemon)["http_connections"] == 1, "the end of other connections")
        quiet, resident = descriptors(daemon), memory(daemon)
        malformed(checks, daemon)
        junk(checks, daemon, quiet)
        half_open(checks, daemon, quiet)
        slow_readers(checks, daemon, quiet)
        slow_streams(checks, daemon, submitter, query, quiet)
        frozen_store(checks, daemon, quiet)
        abandoned_reads(checks, daemon, quiet)
        added = memory(daemon) - resident
        if not instrumented():
            checks.true(added < MEMORY, "memory added: %d MiB" % (added >> 20))
        daemon.stop(checks)


if __name__ == "__main__":
    run_test("http limits", body)
