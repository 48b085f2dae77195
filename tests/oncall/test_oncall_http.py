"""HTTP targets: what a request looks like, and what becomes of every kind of answer."""
import datetime
import hashlib
import hmac
import json

import fakes
from harness import run_test, wait_for


def hook(service, path, **more):
    return dict({"name": path.strip("/"), "url": service.url(path), "template": "cloudevents.template"}, **more)


def to(*names, **more):
    return dict({"name": "all-" + "-".join(names), "targets": list(names), "more": True}, **more)


def shape(checks, folder):
    """A signed webhook, PagerDuty and chat, each from its template alone."""
    key = fakes.secret(folder, "hook.secret", "a key of sixteen")
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        chat = fakes.secret(folder, "chat.secret", service.url("/chat"))
        targets = [{"name": "hook", "url": service.url("/hook"), "template": "webhook.template", "secret_file": key},
                   {"name": "pager", "url": service.url("/pager"), "template": "pagerduty.template",
                    "secret_file": fakes.secret(folder, "pager.secret", "R0UT1NG")},
                   {"name": "chat", "url_file": chat, "template": "slack.template"}]
        service.answers["/pager"] = [(202, {}, b"{}")]
        service.answers["/chat"] = [(404, {}, b"Cannot POST /chat"), (200, {}, b"")]
        with fakes.OnCall(folder, daemon, targets, [to("hook", "pager", "chat")], name="shape",
                          status_page="http://status.test") as oncall:
            oncall.live(daemon)
            sent = daemon.send(org="X09", after=4, severity="critical", detail="line one\nline \"two\"")[0]
            request = service.wait("/hook", 1)[0]
            checks.equal(request.json(), sent, "the event in the webhook")
            checks.equal(request.headers["Idempotency-Key"], "test/1-1/hook", "the idempotency key")
            checks.equal(request.headers["Content-Type"], "application/cloudevents+json; charset=utf-8", "the type")
            signed = request.headers["X-Timestamp"].encode() + b"." + request.body
            digest = hmac.new(b"a key of sixteen", signed, hashlib.sha256).hexdigest()
            checks.equal(request.headers["X-Signature-256"], "sha256=" + digest, "the signature")
            pager = service.wait("/pager", 1)[0].json()
            checks.equal((pager["routing_key"], pager["event_action"], pager["dedup_key"]),
                         ("R0UT1NG", "trigger", "test/example/X09/segment"), "what PagerDuty gets")
            checks.equal(pager["payload"]["severity"], "critical", "its severity")
            checks.equal(pager["payload"]["custom_details"]["detail"], "line one\nline \"two\"", "escaped detail")
            chat = service.wait("/chat", 1)[0].json()
            checks.equal(chat["attachments"][0]["title"], "segment.worsened: X09", "title in the chat")
            checks.equal(chat["attachments"][0]["title_link"], "http://status.test/organisations/X09", "the link in it")
            wait_for(lambda: oncall.deeds(target="chat", result="failed"), "the first answer of the chat")
            checks.equal(oncall.deeds(target="chat", result="failed")[0]["reason"], "HTTP 404", "its address untold")
            daemon.send(org="X09", kind="segment.improved", severity="info", after=2, before=4)
            pager = service.wait("/pager", 2)[1].json()
            checks.equal((pager["event_action"], pager["dedup_key"]), ("resolve", "test/example/X09/segment"),
                         "the resolution at PagerDuty")
            oncall.stop(checks)
            checks.true("R0UT1NG" not in oncall.log_text() and "/chat" not in oncall.log_text(),
                        "no secret in the log")


def answers(checks, folder):
    """200, 429 with Retry-After, 500, a dropped connection, 400; each has its own end and its reason."""
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        service.answers = {"/busy": [(429, {"Retry-After": "1"}, b"later"), (200, {}, b"")],
                           "/broken": [(500, {}, b"oops")] * 3 + [(204, {}, b"")],
                           "/drops": ["drop", "drop", (200, {}, b"")],
                           "/refuses": [(400, {}, b"bad \x01 field"), (200, {}, b"")],
                           "/never": [(503, {}, b"closed")]}
        names = ["good", "busy", "broken", "drops", "refuses", "never"]
        targets = [hook(service, "/" + name) for name in names]
        targets[5]["retry"] = dict(fakes.QUICK, give_up=3.0)
        with fakes.OnCall(folder, daemon, targets, [to(*names)], name="answers") as oncall:
            oncall.live(daemon)
            daemon.send()
            for name, count in (("good", 1), ("busy", 2), ("broken", 4), ("drops", 3), ("refuses", 1)):
                requests = service.wait("/" + name, count)
                keys = {request.headers["Idempotency-Key"] for request in requests}
                checks.equal(keys, {"test/1-1/" + name}, "one key for all attempts at %s" % name)
            wait_for(lambda: len(oncall.lines("dead-letters.log")) == 2, "two dead letters")
            wait_for(lambda: len(oncall.deeds(result="delivered")) == 4, "four deliveries in the history")
            dead = {line["target"]: line for line in oncall.lines("dead-letters.log")}
            checks.equal(dead["refuses"]["reason"], "HTTP 400: bad \\x01 field", "why it was refused")
            checks.equal(dead["refuses"]["event"]["id"], "1-1", "the event of the dead letter")
            checks.true(dead["never"]["reason"].startswith("HTTP 503") and dead["never"]["tries"] >= 2,
                        "why it was given up: %s" % dead["never"])
            failed = oncall.deeds(target="broken", result="failed")
            checks.equal([line["reason"] for line in failed], ["HTTP 500: oops"] * 3, "reasons of the failures")
            wait_busy = oncall.deeds(target="busy")
            checks.equal([line["result"] for line in wait_busy], ["failed", "delivered"], "busy")
            gap = stamp(wait_busy[1]) - stamp(wait_busy[0])
            # Far more than it waits by itself; by a clock that somebody may set meanwhile.
            checks.true(gap >= 900, "Retry-After was heard: %d ms between the attempts" % gap)
            daemon.send()
            service.wait("/refuses", 2)
            oncall.stop(checks)


def stamp(line):
    return round(datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00")).timestamp() * 1000)


def hanging(checks, folder):
    """While one target holds its first request, the others get everything: an order, not a time."""
    count = 300
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        service.answers = {"/hangs": ["hang"]}
        targets = [hook(service, "/hangs", timeout=600), hook(service, "/works")]
        with fakes.OnCall(folder, daemon, targets, [to("hangs", "works")], name="hanging") as oncall:
            oncall.live(daemon)
            sent = daemon.send(count, org=lambda i: "X%04d" % i)
            got = [request.id() for request in service.wait("/works", count)]
            checks.equal(got, [alert["id"] for alert in sent], "everything, in order, at the target that works")
            checks.equal((service.hanging, len(service.at("/hangs"))), (1, 1), "requests held by the other")
            oncall.kill()


def redirects(checks, folder):
    """Followed when allowed, never to a private address or a dropped host unless said so."""
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        for path, where in (("/plain", "/end"), ("/private", "/end"), ("/allowed", "/end")):
            service.answers[path] = [(307, {"Location": service.url(where)}, b"")]
        service.answers["/turned"] = [(302, {"Location": service.url("/end")}, b"")]
        targets = [hook(service, "/plain"), hook(service, "/private", redirects=2),
                   hook(service, "/allowed", redirects=2, private_redirects=True),
                   hook(service, "/turned", redirects=2, private_redirects=True),
                   {"name": "dropped", "url": "http://metadata.test/x", "template": "cloudevents.template"},
                   {"name": "address", "url": "http://127.0.0.9:1/x", "template": "cloudevents.template"}]
        names = [target["name"] for target in targets]
        with fakes.OnCall(folder, daemon, targets, [to(*names)], name="redirects",
                          drop_hosts=["*.test", "127.0.0.9"]) as oncall:
            oncall.live(daemon)
            daemon.send()
            wait_for(lambda: len(oncall.lines("dead-letters.log")) == 5, "five dead letters")
            dead = {line["target"]: line["reason"] for line in oncall.lines("dead-letters.log")}
            checks.equal(dead, {"plain": "HTTP 307: a redirect that is not followed",
                                "private": "it redirects to a private address",
                                "turned": "HTTP 302: a redirect that is not followed",
                                "dropped": "the host is on the drop list",
                                "address": "the host is on the drop list"}, "what is refused")
            checks.equal(len(service.wait("/end", 1)), 1, "the one that is allowed")
            oncall.stop(checks)


def silence(checks, folder):
    """A server that never answers costs an attempt its time limit, and a full queue costs the oldest alert that is
    not critical."""
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        service.answers = {"/hangs": ["hang"]}
        targets = [hook(service, "/hangs", timeout=0.2, queue=3)]
        with fakes.OnCall(folder, daemon, targets, [to("hangs")], name="silence") as oncall:
            oncall.live(daemon)
            daemon.send()
            wait_for(lambda: oncall.deeds(result="failed"), "an attempt that took too long")
            checks.true("no answer: " in oncall.deeds(result="failed")[0]["reason"], "its reason")
            daemon.send(4, severity=lambda i: "critical" if i == 0 else "warning")
            wait_for(lambda: len(oncall.lines("dead-letters.log")) == 2, "two dead letters")
            dead = oncall.lines("dead-letters.log")
            checks.true("1-2" not in [line["alert"] for line in dead], "the critical one waits on")
            checks.equal({line["reason"] for line in dead}, {"3 alerts wait for the target already"}, "the reason")
            oncall.kill()
        spool = json.dumps(oncall.lines("spool"))
        checks.true('"1-2"' in spool, "it is in the spool")


def body(checks, folder):
    shape(checks, folder)
    answers(checks, folder)
    hanging(checks, folder)
    redirects(checks, folder)
    silence(checks, folder)


run_test("oncall_http", body)
