"""HTTP: health, the queries of the protocol page with the replies of the query socket, and alerts as events."""
import contextlib
import http.client
import json
import os
import signal

from harness import SOURCE, Query, Submitter, example_steps, id_of, run_test, send_example
from web import Events, WebDaemon, exchange, get

RULES = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def health(checks, daemon):
    for path, text in (("/-/healthy", "healthy\n"), ("/-/ready", "ready\n")):
        reply = get(daemon, path)
        checks.equal((reply.status, reply.text()), (200, text), path)
        for name, value in RULES.items():
            checks.equal(reply.headers[name], value, "%s of %s" % (name, path))
        checks.true(reply.headers["Content-Security-Policy"].startswith("default-src 'self';"), "policy of %s" % path)


def waiting_for_the_store(checks, folder):
    """Nothing is loaded before the store is there: alive, and not ready."""
    daemon = WebDaemon(folder, "waiting", store="unix:%s/nobody" % folder)
    daemon.start_unready()
    try:
        checks.equal(get(daemon, "/-/healthy").status, 200, "health without a store")
        for path in ("/-/ready", "/api/v1/organisations", "/api/v1/alerts", "/api/v1/stream"):
            reply = get(daemon, path)
            checks.equal(reply.status, 503, "%s without a store" % path)
            checks.true("the store is connecting" in reply.text(), "the reason of %s: %s" % (path, reply.text()))
    finally:
        daemon.stop()


def same(checks, daemon, query, path, question):
    reply = get(daemon, path)
    checks.equal(reply.headers["Content-Type"], "application/json", "type of %s" % path)
    asked = query.ask(question)
    if "time" in asked:  # the status: what stands still
        keep = ("versions", "instance", "role", "epoch", "durability", "frameworks", "registry", "date")
        checks.equal({key: reply.json()[key] for key in keep}, {key: asked[key] for key in keep}, path)
    else:
        checks.equal(reply.json(), asked, path)
    return reply.status


def queries(checks, daemon, query):
    good = {
        "/api/v1/organisations": {"get": "snapshot"},
        "/api/v1/organisations?framework=example": {"get": "snapshot", "framework": "example"},
        "/api/v1/organisations/X05": {"get": "organisation", "code": "X05"},
        "/api/v1/organisations/%58%30%35": {"get": "organisation", "code": "X05"},
        "/api/v1/organisations/X05/explain": {"get": "explain", "code": "X05"},
        "/api/v1/measures/ae-4h": {"get": "measure", "id": "ae-4h"},
        "/api/v1/measures/ae-4h?period=2025-01": {"get": "measure", "id": "ae-4h", "period": "2025-01"},
        "/api/v1/series/X05/ae-4h": {"get": "series", "code": "X05", "measure": "ae-4h"},
        "/api/v1/mismatches": {"get": "mismatches"},
        "/api/v1/systems?by=region": {"get": "systems", "by": "region"},
        "/api/v1/status": {"get": "status"},
        "/api/v1/alerts": {"get": "alerts"},
        "/api/v1/alerts?after=1-2&limit=2": {"get": "alerts", "after": "1-2", "limit": 2},
    }
    for path, question in good.items():
        checks.equal(same(checks, daemon, query, path, question), 200, "status of %s" % path)
    absent = {
        "/api/v1/organisations/XXXX": {"get": "organisation", "code": "XXXX"},
        "/api/v1/measures/nothing": {"get": "measure", "id": "nothing"},
        "/api/v1/organisations?framework=none": {"get": "snapshot", "framework": "none"},
    }
    for path, question in absent.items():
        checks.equal(same(checks, daemon, query, path, question), 404, "status of %s" % path)
    wrong = {
        "/api/v1/organisations/x05": {"get": "organisation", "code": "x05"},
        "/api/v1/organisations/X05%22%7D": {"get": "organisation", "code": "X05\"}"},
        "/api/v1/alerts?after=1": {"get": "alerts", "after": "1"},
        "/api/v1/alerts?limit=0": {"get": "alerts", "limit": 0},
        "/api/v1/alerts?limit=many": {"get": "alerts", "limit": "many"},
        "/api/v1/measures/ae-4h?period=soon": {"get": "measure", "id": "ae-4h", "period": "soon"},
    }
    for path, question in wrong.items():
        checks.equal(same(checks, daemon, query, path, question), 400, "status of %s" % path)


def too_many(checks, folder):
    """A list that is longer than replies may be is refused, and not as if it were not there."""
    registry = os.path.join(folder, "many.csv")
    with open(registry, "w") as file:
        file.write("code,name,type,subtype,region,system,group,opened,closed,successor,predecessors\n")
        file.writelines("Y%04d,Place %d (invented),acute,,North,,,,,,\n" % (n, n) for n in range(1025))
    framework = os.path.join(SOURCE, "conf", "frameworks", "sof-2016.conf")
    with WebDaemon(folder, "many", store="none", frameworks=[framework], registry=registry,
                   http_reply_bytes=1048576) as daemon:
        for path in ("/api/v1/organisations", "/api/v1/systems", "/api/v1/mismatches"):
            reply = get(daemon, path)
            checks.equal((reply.status, reply.json()["error"]["code"]), (413, "too-large"), "status of %s" % path)
        checks.equal(get(daemon, "/api/v1/organisations/Y0000").status, 200, "one of them")
        daemon.stop(checks)


def refusals(checks, daemon):
    for path in ("/nothing", "/api/v1/organisations/", "/api/v1/organisations/X05/", "/api/v2/status", "/-/"):
        checks.equal(get(daemon, path).status, 404, path)
    checks.equal(get(daemon, "/api/v1/organisations/X%00").status, 400, "a NUL in the path")
    checks.equal(get(daemon, "/api/v1/organisations/%FF").status, 400, "no text in the path")
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        reply = get(daemon, "/-/healthy", method, body=b"x" if method == "POST" else None)
        checks.equal((reply.status, reply.headers["Allow"]), (405, "GET, HEAD"), method)
    checks.equal(get(daemon, "/-/healthy", headers={"Host": "evil.example"}).status, 421, "another host")
    checks.equal(get(daemon, "/-/healthy", headers={"Host": "oversight.example:8443"}).status, 200, "a configured host")
    checks.equal(get(daemon, "/-/healthy", headers={"Host": "localhost"}).status, 200, "localhost")
    two = b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    checks.true(exchange(daemon, two).startswith(b"HTTP/1.1 421 "), "two hosts")
    none = b"GET /-/healthy HTTP/1.1\r\nConnection: close\r\n\r\n"
    checks.true(exchange(daemon, none).startswith(b"HTTP/1.1 421 "), "no host")


def heads(checks, daemon):
    for path in ("/-/healthy", "/api/v1/organisations", "/api/v1/stream", "/nothing"):
        whole = get(daemon, path) if path != "/api/v1/stream" else None
        head = get(daemon, path, "HEAD")
        checks.equal(head.body, b"", "body of HEAD %s" % path)
        if whole:
            checks.equal((head.status, head.headers["Content-Length"]), (whole.status, str(len(whole.body))),
                         "HEAD %s" % path)


def as_stored(events):
    """Without the word of how safe each was when it went out: on a slow disk an alert does not wait for the store."""
    return [(name, kind, dict(event, data=dict(event["data"], durability=None))) for name, kind, event in events]


def live(checks, daemon, submitter, steps, query):
    """A stream that was open all the time, and ones that come back: the same events as in the store."""
    with Events(daemon) as events:
        checks.equal(events.status, 200, "status of the stream")
        name, kind, data = events.next()
        checks.equal((kind, data), ("position", {"last": name}), "the first event")
        before = query.alerts()
        checks.equal(name, before[-1]["id"], "where a new stream starts")
        send_example(submitter, steps)
        stored = query.alerts()
        fresh = [(event["id"], "alert", event) for event in stored[len(before):]]
        checks.true(len(fresh) >= 3, "alerts while the stream is open: %d" % len(fresh))
        checks.equal(as_stored(events.until(stored[-1]["id"])), as_stored(fresh), "live events")
    everything = [(event["id"], "alert", event) for event in stored]
    for last, query_text, expected in ((stored[1]["id"], "", everything[2:]), ("0-0", "", everything),
                                       (None, "?after=" + stored[1]["id"], everything[2:])):
        with Events(daemon, last, query_text) as events:
            checks.equal(events.until(stored[-1]["id"]), expected, "events after %s%s" % (last, query_text))
    epoch, seq = id_of(stored[-1]["id"])
    for ahead in ("%d-%d" % (epoch, seq + 9), "%d-1" % (epoch + 1)):  # of a store that was put back since
        with Events(daemon, ahead) as events:
            checks.equal(events.next()[:2], (stored[-1]["id"], "position"), "position of a client that was at %s" % ahead)
            checks.equal(events.next()[1], "truncated", "what follows")
    checks.equal(get(daemon, "/api/v1/stream", headers={"Last-Event-ID": "x"}).status, 400, "a position that is none")


def fail(submitter, *orgs):
    """Alerts for these; the answer comes when they are stored."""
    updates = [{"org": org, "measure": "leadership-failure", "period": "2025-03", "value": True, "revision": 9}
               for org in orgs]
    payload = submitter.encode(updates)
    submitter.seq += len(updates)
    return submitter.send(payload)


def unconfirmed(checks, daemon, submitter, query):
    """Alerts that are out while the store stands still: who connects only then gets them too, each once."""
    last = query.alerts()[-1]["id"]
    server = daemon.redis_pids()[0]
    with Events(daemon) as before, contextlib.ExitStack() as others:
        before.next()
        os.kill(server, signal.SIGSTOP)
        try:
            number = fail(submitter, "X01", "X02", "X03")
            early = [before.next() for _ in range(3)]
            checks.equal([event[2]["data"]["durability"] for event in early], ["memory"] * 3, "not stored: %s" % early)
            streams = {"0 new": Events(daemon), "0 after the stored": Events(daemon, last),
                       "1 after the first of them": Events(daemon, early[0][0])}
            for name, stream in streams.items():
                others.enter_context(stream)
                checks.equal(stream.next()[1], "position", "first event, " + name)
                checks.equal([stream.next() for _ in early[int(name[0]):]], early[int(name[0]):], "events, " + name)
        finally:
            os.kill(server, signal.SIGCONT)
        checks.true(submitter.receive(number) is not None, "the answer once it is stored")
        submitter.receive(fail(submitter, "X04"))
        stored = query.alerts(after=last)
        checks.equal([event["id"] for event in stored[:3]], [event[0] for event in early], "the same in the store")
        for name, stream in {"before": before, **streams}.items():
            following = stream.until(stored[-1]["id"])
            checks.equal(as_stored(following), as_stored([(event["id"], "alert", event) for event in stored[3:]]),
                         "what follows, " + name)
        again = others.enter_context(Events(daemon, last)).until(stored[-1]["id"])
        checks.equal(again, [(event["id"], "alert", event) for event in stored], "all of them from the store")


def too_much_unconfirmed(checks, folder):
    """More than a client may leave unread is out and not stored: who connects then is sent away until it is stored."""
    orgs = ["X%02d" % number for number in range(2, 6)]
    with WebDaemon(folder, name="much", http_stream_bytes=65536) as daemon, Submitter(daemon) as submitter, \
            Query(daemon) as query:
        submitter.receive(fail(submitter, "X01"))
        last = query.alerts()[-1]["id"]
        server = daemon.redis_pids()[0]
        with Events(daemon) as before:
            before.next()
            os.kill(server, signal.SIGSTOP)
            try:
                numbers, size, turn = [], 0, 0
                while size < 100000:
                    turn += 1
                    numbers.append(submitter.send(submitter.encode(
                        [{"org": org, "decision": 3 + turn % 2,
                          "effective": "2025-%02d-%02d" % (1 + turn // 28, 1 + turn % 28), "decided_by": "board",
                          "reason": "x" * 900} for org in orgs])))
                    submitter.seq += len(orgs)
                    size += sum(len(json.dumps(before.next()[2])) for _ in orgs)
                try:
                    with Events(daemon, last) as late:
                        seen = [event[1] for event in iter(late.next, None)]
                except http.client.RemoteDisconnected:
                    seen = []
                checks.true("alert" not in seen, "sent away without alerts: %s" % seen)
            finally:
                os.kill(server, signal.SIGCONT)
            for number in numbers:
                checks.true(submitter.receive(number) is not None, "the answer once it is stored")
            stored = query.alerts(after=last)
            with Events(daemon, last) as late:
                checks.equal([event[0] for event in late.until(stored[-1]["id"])], [event["id"] for event in stored],
                             "all of them once they are stored")


def body(checks, folder):
    too_much_unconfirmed(checks, folder)
    waiting_for_the_store(checks, folder)
    too_many(checks, folder)
    steps = example_steps()
    daemon = WebDaemon(folder, http_names=["oversight.example"])
    with daemon, Submitter(daemon) as submitter, Query(daemon) as query:
        health(checks, daemon)
        send_example(submitter, steps[:4], checks)
        queries(checks, daemon, query)
        refusals(checks, daemon)
        heads(checks, daemon)
        live(checks, daemon, submitter, steps[4:], query)
        unconfirmed(checks, daemon, submitter, query)
        last = query.alerts()[-1]["id"]
        # Over a restart: a stream ends, and goes on where it was.
        with Events(daemon) as events:
            events.next()
            daemon.stop(checks)
            checks.equal(events.next(), None, "the stream of a daemon that stops")
        daemon.start()
        with Events(daemon, last) as events:
            checks.equal(events.next()[:2], (last, "position"), "position after a restart")
            checks.true(json.loads(get(daemon, "/api/v1/alerts?after=" + last).body)["events"] == [], "nothing missed")


if __name__ == "__main__":
    run_test("http", body)
