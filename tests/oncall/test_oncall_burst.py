"""10,000 alerts at once: what goes out one by one, what is folded, and what never is."""
import os

import fakes
from harness import run_test, wait_for

COUNT = int(os.environ.get("ONCALL_BURST", "10000"))
CRITICAL = 20  # one of so many is critical
LIMIT = 5


def burst(checks, folder):
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        targets = [{"name": name, "url": service.url("/" + name), "template": "cloudevents.template"}
                   for name in ("one", "two")]
        # A window that does not end while the burst goes on: one digest for each target.
        routes = [{"name": "north", "regions": ["North"], "targets": ["one", "two"],
                   "limit": {"alerts": LIMIT, "seconds": 3600.0}}]
        oncall = fakes.OnCall(folder, daemon, targets, routes, name="burst", log_level="info")
        with oncall:
            oncall.live(daemon)
            sent = daemon.send(COUNT, org=lambda i: "X%05d" % i,
                               after=lambda i: 4 if i % CRITICAL == 0 else 3 if i % 2 else 2,
                               severity=lambda i: "critical" if i % CRITICAL == 0 else "warning",
                               kind=lambda i: "segment.worsened" if i % 2 or i % CRITICAL == 0 else "segment.improved")
            critical = [alert["id"] for alert in sent if alert["data"]["severity"] == "critical"]
            for alert, result in ((sent[-1]["id"], "held"), (critical[-1], "delivered")):
                wait_for(lambda: len(oncall.deeds(alert=alert, result=result)) == 2, "alert %s %s twice" % (alert, result))
            oncall.stop(checks)
        routes[0]["limit"]["seconds"] = 0.1
        with oncall:
            for path in ("/one", "/two"):
                wait_for(lambda: [r for r in service.at(path) if r.id().startswith("digest-")], "a digest at " + path)
                requests = service.at(path)
                digests = [r.json()["data"] for r in requests if r.id().startswith("digest-")]
                alone = [r.id() for r in requests if not r.id().startswith("digest-")]
                checks.equal(len(digests), 1, "digests at " + path)
                checks.equal([i for i in alone if i in set(critical)], critical, "every critical one by itself, in order")
                checks.equal(len(alone) - len(critical), LIMIT, "others that went out by themselves")
                checks.equal(digests[0]["count"], COUNT - len(alone), "alerts in the digest")
                checks.equal(len(set(alone)), len(alone), "each once")
                print(path, digests[0]["summary"])
                checks.true(digests[0]["summary"].startswith("%d organisations moved, " % (COUNT - len(alone))),
                            "its words: " + digests[0]["summary"])
                checks.true(len(digests[0]["summary"]) < 120, "their length")
            folded = oncall.deeds(result="folded", target="one")
            checks.equal(len(folded), COUNT - len(critical) - LIMIT, "a reason for each that was folded")
            oncall.stop(checks)


def quiet(checks, folder):
    """Quiet hours hold what is not critical. A zone in which it is always in the middle of the day or of the night."""
    spans = ({"from": "00:00", "to": "00:00"},)
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        targets = [{"name": "one", "url": service.url("/quiet"), "template": "cloudevents.template"}]
        routes = [{"name": "all", "targets": ["one"], "quiet": True, "limit": {"alerts": 100, "seconds": 0.1}}]
        oncall = fakes.OnCall(folder, daemon, targets, routes, name="quiet", quiet=spans, timezone="Pacific/Auckland")
        with oncall:
            oncall.live(daemon)
            daemon.send(6, org=lambda i: "X0%d" % i, severity=lambda i: "critical" if i == 5 else "warning")
            service.wait("/quiet", 1)
            checks.equal([r.id() for r in service.at("/quiet")], ["1-6"], "only the critical one in quiet hours")
            checks.equal([line["reason"] for line in oncall.deeds(result="held")], ["quiet hours"] * 5, "the reason")
            wait_for(lambda: oncall.deeds(result="delivered"), "the note of it: without, it would be delivered again")
            oncall.kill()  # what is held is not forgotten
        del oncall.options["quiet"]
        with oncall:
            digest = service.wait("/quiet", 2)[1].json()
            checks.equal((digest["data"]["kind"], digest["data"]["count"]), ("oncall.digest", 5), "after quiet hours")
            checks.equal([line["id"] for line in digest["data"]["alerts"]], ["1-%d" % i for i in range(1, 6)], "whose")
            oncall.stop(checks)


def body(checks, folder):
    burst(checks, folder)
    quiet(checks, folder)


run_test("oncall_burst", body)
