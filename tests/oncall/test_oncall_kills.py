"""kill -9 of oversight-oncall at random moments under load.

Every alert is delivered at least once to every target; one that was delivered again was the one in flight at a kill,
and carries the same idempotency key. ONCALL_ROUNDS says how many kills (make oncall-kills ROUNDS=200), ONCALL_SEED
which moments (0: others each time).
"""
import collections
import os
import random
import time

import fakes
from harness import run_test, wait_for

ROUNDS = int(os.environ.get("ONCALL_ROUNDS", "12"))
SEED = int(os.environ.get("ONCALL_SEED", "20260101")) or random.SystemRandom().randrange(1, 1 << 31)
PER_ROUND = 40


def targets_of(service):
    targets = [{"name": name, "url": service.url("/" + name), "template": "cloudevents.template"}
               for name in ("one", "two")]
    # A tenth of what it is asked fails, so that attempts are under way at the kill.
    targets.append({"name": "flaky", "url": service.url("/flaky"), "template": "cloudevents.template"})
    return targets


def body(checks, folder):
    print("seed %d, %d kills" % (SEED, ROUNDS), flush=True)
    chance = random.Random(SEED)
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        routes = [{"name": "all", "targets": ["one", "two", "flaky"]}]
        oncall = fakes.OnCall(folder, daemon, targets_of(service), routes, log_level="warning")
        service.answers["/flaky"] = [(200, {}, b"") if chance.random() < 0.9 else (503, {}, b"")
                                     for _ in range(ROUNDS * PER_ROUND)] + [(200, {}, b"")]
        oncall.write_config()
        oncall.start().live(daemon)
        for _ in range(ROUNDS):
            sent = daemon.send(PER_ROUND, live=chance.random() < 0.8, org=lambda i: "X%02d" % i)
            # A moment by what has happened, and then a little: from the first alert on its way to all of them done.
            some = sent[chance.randrange(len(sent))]["id"]
            if chance.random() < 0.7:
                wait_for(lambda: any(r.id() == some for r in reversed(service.at("/one"))), "alert %s" % some)
            time.sleep(chance.random() * 0.03)
            oncall.kill()
            oncall.start()
        wanted = [alert["id"] for alert in daemon.events]
        for path in ("/one", "/two", "/flaky"):
            wait_for(lambda: set(r.id() for r in service.at(path)) >= set(wanted), "every alert at " + path)
        wait_for(lambda: not fakes_open(oncall), "nothing left to deliver")
        oncall.stop(checks)
        judge(checks, service, wanted)
        checks.equal(oncall.position(), wanted[-1], "the position")
        checks.equal(oncall.lines("dead-letters.log"), [], "dead letters")


def fakes_open(oncall):
    """Jobs of the spool that are not done."""
    left = set()
    for line in oncall.lines("spool"):
        if "add" in line:
            left |= {(line["add"], job["target"]) for job in line["jobs"]}
        elif "done" in line:
            left.discard((line["done"], line["target"]))
    return left


def judge(checks, service, wanted):
    tally = collections.Counter()
    for path in ("/one", "/two", "/flaky"):
        requests = service.at(path)
        seen = collections.Counter(r.id() for r in requests)
        checks.equal(sorted(set(wanted) - set(seen)), [], "alerts lost at " + path)
        checks.equal(sorted(set(seen) - set(wanted)), [], "alerts nobody sent at " + path)
        for request in requests:
            tally["wrong keys"] += request.headers["Idempotency-Key"] != "test/%s/%s" % (request.id(), path[1:])
        if path != "/flaky":
            tally["twice"] += sum(count - 1 for count in seen.values())
            tally["most of one"] = max(tally["most of one"], max(seen.values()))
        tally["requests"] += len(requests)
    # One attempt can be under way at each kill, at each of the two targets that answer everything.
    checks.true(tally["twice"] <= 2 * ROUNDS, "repeated: %d after %d kills" % (tally["twice"], ROUNDS))
    checks.equal(tally["wrong keys"], 0, "requests with another key than their alert's")
    print("%d kills, %d alerts, %d requests: lost 0, in flight at a kill and repeated %d, the most of one alert %d"
          % (ROUNDS, len(wanted), tally["requests"], tally["twice"], tally["most of one"]), flush=True)


run_test("oncall_kills", body)
