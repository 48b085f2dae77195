"""The audit: nothing differs after the example set, restarts and silent history; what is taken from the store is named.
A scored period is frozen, and stays so."""
import json
import os

import redis

from harness import (SOURCE, Daemon, Query, Submitter, ctl, ctl_words, example_steps, read_tidy, run_test, send_example,
                     wait_for)


def audit(checks, daemon, status, what):
    done = ctl(*ctl_words(daemon), "--json", "audit")
    checks.equal(done.returncode, status, "status of the audit %s: %s" % (what, done.stdout + done.stderr))
    return json.loads(done.stdout)


def clean(checks, daemon, what):
    found = audit(checks, daemon, 0, what)
    checks.equal(found["differences"], [], "differences " + what)
    checks.equal(found["announced"] + found["silent"], found["moves"], "moves with one alert, and without, " + what)
    with Query(daemon) as query:
        alerts = [event for event in query.alerts() if event["data"]["kind"].startswith("segment.")]
        checks.equal(found["announced"], len(alerts), "announced moves and segment alerts " + what)
        checks.equal(found["organisations"], len(query.board()), "organisations " + what)
    return found


def store_of(daemon):
    return redis.Redis(unix_socket_path=os.path.join(daemon.state, "redis", "socket"))


def missing_alert(checks, daemon):
    """An alert that somebody took out of the store, and one that somebody put in."""
    store, key = store_of(daemon), "{oversight}:alerts"
    entries = store.xrange(key)
    name, fields = next((name, fields) for name, fields in reversed(entries) if b"segment.worsened" in fields[b"event"])
    event = json.loads(fields[b"event"])
    segment, subject = event["data"]["segment"], "%s/%s" % (event["data"]["framework"]["id"], event["subject"])
    store.xdel(key, name)
    found = audit(checks, daemon, 1, "without one alert")
    checks.equal(found["differences"], [{"subject": subject, "text": "the move from %d to %d has no alert: %s is not there" % (
        segment["before"], segment["after"], name.decode())}], "differences without one alert")
    last = entries[-1][0].decode().split("-")
    twin = "%s-%d" % (last[0], int(last[1]) + 1)
    store.xadd(key, {"event": json.dumps(dict(event, id=twin))}, id=twin)
    with Submitter(daemon, "late") as submitter, Query(daemon) as query:  # so that the daemon's own ids pass the twin
        for value in (True, False):
            submitter.submit([{"org": "X01", "decision": 3 if value else 2, "effective": query.get("status")["date"],
                               "decided_by": "tried", "reason": "here"}])
    done = ctl(*ctl_words(daemon), "audit")
    checks.equal(done.returncode, 1, "status with a strange alert: %s" % done.stderr)
    checks.true("differences: 2\n" in done.stdout and "belongs to no move" in done.stdout, done.stdout)


def silent_moves(checks, daemon):
    """History taken over moves segments and announces nothing: the chain holds all the same."""
    with Submitter(daemon, "silent") as submitter, Query(daemon) as query:
        before = query.board()
        worse = next(row for row in before.values() if row["indicative"] == 2 and row["type"] == "acute")["code"]
        submitter.submit([dict(row, org=worse) for row in read_tidy(example_steps()[3])], baseline=True)
        moved = [code for code, row in query.board().items() if row["indicative"] != before[code]["indicative"]]
        checks.true(moved, "a baseline that moves somebody")
        history = query.get("organisation", code=moved[0])["history"]
        checks.true("alert" not in history[-1] and history[-1]["after"] != history[-1]["before"], "a silent move: %s" % history)
    return len(moved)


def body(checks, folder):
    with Daemon(folder, audit_interval=1) as daemon:
        clean(checks, daemon, "with nothing yet")
        with Submitter(daemon) as submitter:
            send_example(submitter)
        first = clean(checks, daemon, "after the example set")
        checks.true(first["announced"] >= 4, "announced moves: %s" % first)
        daemon.stop(checks)
        daemon.start()
        checks.equal(clean(checks, daemon, "after a restart"), first, "the audit after a restart")
        daemon.kill()
        daemon.start()
        count = silent_moves(checks, daemon)
        checks.equal(clean(checks, daemon, "after silent moves")["silent"], first["silent"] + count, "silent moves")
        with Query(daemon) as query:
            wait_for(lambda: query.get("status")["counters"]["audits"] >= 3, "audits in the background")
            checks.equal(query.get("status")["counters"]["audit_differences"], 0, "differences in the background")
            checks.equal([event["data"]["key"] for event in query.alerts() if event["data"]["kind"] == "operational"], [],
                         "operational alerts")
        missing_alert(checks, daemon)
        checks.equal(ctl(*ctl_words(daemon), "audit", "more").returncode, 64, "status of audit more")
        daemon.stop(checks)


def damaged(checks, folder):
    """A figure changed, one taken away, one put back that was withdrawn, a verdict changed: each is named, and the
    background says so by itself."""
    with Daemon(folder, "damaged", audit_interval=3600) as daemon:
        with Submitter(daemon) as submitter:
            send_example(submitter)
            submitter.submit([{"org": "X02", "measure": "ae-4h", "period": "2025-01", "value": None, "revision": 0}])
        clean(checks, daemon, "before any damage")
        store, key = store_of(daemon), "{oversight}:figures:ae-4h:2025-01-01"
        kept = dict(store.hgetall(key))
        store.hset(key, "X01", "1.5;9")
        store.hdel(key, "X03")
        verdict = "{oversight}:verdict:example:X04"
        store.hset(verdict, "state", b"x" + store.hget(verdict, "state"))
        found = audit(checks, daemon, 1, "of a damaged store")["differences"]
        subjects = [one["subject"] for one in found]
        checks.equal(subjects, ["ae-4h/X01", "ae-4h/X03", "example/X04"], "what differs")
        checks.equal(found[0]["text"], "2025-01-01: the store has 1.5;9, memory %s" % kept[b"X01"].decode(), "a changed one")
        checks.equal(found[1]["text"], "2025-01-01: the store has nothing, memory %s" % kept[b"X03"].decode(), "a lost one")
        with Query(daemon) as query:
            wait_for(lambda: [event for event in query.alerts() if event["data"]["kind"] == "operational" and
                              "ae-4h/X01" in event["data"]["summary"]], "the operational alert")
        daemon.stop(checks)


REGISTRY = """code,name,type,subtype,region,system,group,opened,closed,successor,predecessors
A1,One (invented),acute,,North,,,,,,
A2,Two (invented),acute,,North,,,,,,
A3,Three (invented),acute,,North,,,,,,
A4,Four (invented),acute,,North,,,,,,
A5,Five (invented),acute,,North,,,,,,
I1,System (invented),icb,,North,,,,,,
"""


def themes_shown(checks, daemon):
    for words, expected in ((["show", "A2"], "themes:    quality 2.40\n"),
                            (["show", "--explain", "A2"], "     over each theme: quality 2.40\n")):
        done = ctl(*ctl_words(daemon), *words)
        checks.true(expected in done.stdout, "%s: expected %r in %s" % (" ".join(words), expected, done.stdout))
    done = ctl(*ctl_words(daemon), "show", "A5")
    checks.true(done.returncode == 0 and "themes:" not in done.stdout, "without a score: %s" % done.stdout)


def frozen(checks, folder):
    registry = os.path.join(folder, "registry.csv")
    with open(registry, "w") as file:
        file.write(REGISTRY)
    framework = os.path.join(SOURCE, "tests", "cases", "scores.conf")
    with Daemon(folder, "scores", registry=registry, frameworks=[framework]) as daemon:
        with Submitter(daemon) as submitter, Query(daemon) as query:
            done = ctl(*ctl_words(daemon), "freeze", "2025-04")
            checks.true(done.returncode == 65 and "no scored period yet" in done.stderr, "too early: %s" % done.stderr)
            submitter.submit([{"org": "A%d" % i, "measure": "survey", "period": "2025-04", "value": value}
                              for i, value in ((1, 1), (2, 2.4), (3, 2.8), (4, 4))], baseline=True)
            done = ctl(*ctl_words(daemon), "freeze", "2025-01")
            checks.true(done.returncode == 65 and "expected 2025-04-01" in done.stderr, "another period: %s" % done.stderr)
            done = ctl(*ctl_words(daemon), "freeze", "--framework", "none", "2025-04")
            checks.equal(done.returncode, 65, "an unknown framework: %s" % done.stderr)
            done = ctl(*ctl_words(daemon), "freeze", "--framework", "scores", "2025-04")
            checks.equal((done.returncode, done.stdout.split(" in the")[0]), (0, "the segments of 4 organisations"), "freeze")
            themes_shown(checks, daemon)
            official = {code: row["official"] for code, row in query.board().items()}
            checks.equal(official, {"A1": 1, "A2": 2, "A3": 3, "A4": 4, "A5": 2, "I1": 2}, "official segments")
            checks.equal([event["subject"] for event in query.alerts()], ["A1", "A3", "A4"], "decisions announced")
            checks.equal(query.get("source", source="freeze")["last"], 1, "position of the source freeze")
        for word in ("2025-13", "soon"):
            checks.equal(ctl(*ctl_words(daemon), "freeze", word).returncode, 64, "freeze " + word)
        daemon.kill()
        daemon.start()
        with Query(daemon) as query:
            checks.equal({code: row["official"] for code, row in query.board().items()}, official, "official after kill -9")
            checks.equal(len(query.alerts()), 3, "alerts after kill -9")
        clean(checks, daemon, "where scores decide")
        daemon.stop(checks)


def both(checks, folder):
    body(checks, folder)
    damaged(checks, folder)
    frozen(checks, folder)


run_test("audit", both)
