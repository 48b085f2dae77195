"""Programmes and mismatches through the daemon: recorded by oversightctl, stored, shown, never announced twice."""
import datetime
import json
import os
import signal

import redis

from harness import DEADLINE, SOURCE, Daemon, Query, Submitter, ctl, ctl_words, run_test, wait_for

REGISTRY = """code,name,type,subtype,region,system,group,opened,closed,successor,predecessors
X01,Ashcombe Vale (invented),acute,,North,,Vale Group (invented),,,,
X02,Birchford (invented),acute,,North,,Vale Group (invented),,,,
X03,Corley (invented),acute,,North,,,,,,
"""
QUALITY, FINANCE = "special-measures-quality", "special-measures-finance"


TODAY = datetime.datetime.now(datetime.timezone.utc).date()  # one day for the whole test, also around midnight


def day(offset):
    return str(TODAY + datetime.timedelta(days=offset))


def step(checks, daemon, status, *words):
    done = ctl(*ctl_words(daemon), "programme", "--by", "National team", "--reason", "tried here", *words)
    checks.equal(done.returncode, status, "status of programme %s: %s" % (" ".join(words), done.stdout + done.stderr))
    return done.stdout + done.stderr


def kinds(query):
    return [(event["data"]["kind"], event["data"]["key"].split("/")[3]) for event in query.alerts()
            if event["subject"] == "X01"]


def enter_and_refuse(checks, daemon):
    step(checks, daemon, 0, "--effective", day(-400), "--review-by", day(-30), "--limit", day(-1),
         "--exit-criteria", "three good months", "X01", FINANCE, "enter")
    step(checks, daemon, 0, "--effective", day(-100), "X01", QUALITY, "enter")
    said = step(checks, daemon, 65, "--effective", day(-50), "X01", QUALITY, "enter")
    checks.true("bad-programme" in said and "since " + day(-100) in said, "entered twice: %s" % said)
    said = step(checks, daemon, 65, "X01", "no-such", "enter")
    checks.true("no-such" in said and "no framework" in said, "unknown: %s" % said)
    step(checks, daemon, 64, "--limit", day(0), "X01", QUALITY, "leave")
    step(checks, daemon, 64, "X01", QUALITY, "begin")
    # Said today, in force some day to come.
    step(checks, daemon, 0, "--effective", day(50), "X01", QUALITY, "leave")


def look(checks, query, what):
    reply = query.get("organisation", code="X01")
    checks.equal(reply["programmes"], [
        {"programme": QUALITY, "name": "Special measures for quality", "entered": day(-100), "review_by": day(265),
         "exit_criteria": reply["programmes"][0]["exit_criteria"]},
        {"programme": FINANCE, "name": "Special measures for finance", "entered": day(-400), "review_by": day(-30),
         "limit": day(-1), "exit_criteria": "three good months", "due": True, "overdue": True}], "programmes " + what)
    checks.equal(reply["group_members"], [{"code": "X02", "name": "Birchford (invented)", "type": "acute",
                                           "indicative": 2, "official": 2}], "group " + what)
    checks.true("group_members" not in query.get("organisation", code="X03"), "no group, no members")


def restart(checks, daemon, before, how):
    if how == "SIGTERM":
        daemon.stop(checks)
    else:
        daemon.kill()
    daemon.start()
    with Query(daemon) as query:
        checks.equal(query.alerts(), before, "alerts after " + how)
        look(checks, query, "after " + how)


def store_of(daemon):
    """The private server, as another program would read it."""
    return redis.Redis(unix_socket_path=os.path.join(daemon.state, "redis", "socket"))


def programmes_in(daemon):
    """What the store holds of X01, as JSON; None while it is away."""
    try:
        held = store_of(daemon).hgetall("{oversight}:programmes:X01")
    except redis.exceptions.RedisError:
        return None
    return {name.decode(): json.loads(value) for name, value in held.items()}


def emptied(checks, daemon):
    """A store that lost everything is filled again."""
    held = programmes_in(daemon)
    checks.equal([(item["action"], item["effective"], item["seq"]) for item in held[QUALITY]],
                 [("enter", day(-100), 2), ("leave", day(50), 5)], "steps in the store")
    checks.equal(held[FINANCE][0]["exit_criteria"], "three good months", "criteria in the store")
    store_of(daemon).flushall()
    checks.equal(programmes_in(daemon), {}, "an emptied store")
    for pid in daemon.redis_pids():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: programmes_in(daemon), "programmes in the store again")
    checks.equal(programmes_in(daemon), held, "programmes after the store was emptied")


def mismatches(checks, daemon):
    with Submitter(daemon, "cqc") as submitter, Query(daemon) as query:
        reply = submitter.submit([
            {"org": "X01", "measure": "cqc-overall", "period": day(-10), "value": "good"},
            {"org": "X02", "measure": "cqc-overall", "period": day(-10), "value": "inadequate"},
            {"org": "X03", "measure": "cqc-overall", "period": day(-10), "value": "outstanding"},
            {"org": "X01", "decision": 4, "effective": day(0), "decided_by": "National team", "reason": "tried here"},
        ])
        checks.equal(reply["accepted"], 4, "figures and decision")
        rows = {row["code"]: row for row in query.get("mismatches")["mismatches"]}
        checks.equal({code: [reason["reason"] for reason in row["reasons"]] for code, row in rows.items()},
                     {"X01": ["segments-differ", "official-rating"], "X02": ["segments-differ", "official-rating"]},
                     "mismatches")
        checks.equal(rows["X01"]["rating"], {"measure": "cqc-overall", "period": day(-10), "value": "good"}, "rating")
    done = ctl(*ctl_words(daemon), "mismatches")
    checks.true(done.returncode == 0 and "    officially 4, but rated good\n" in done.stdout,
                "oversightctl mismatches: %s" % done.stdout)
    done = ctl(*ctl_words(daemon), "--json", "mismatches")
    checks.equal([json.loads(line)["code"] for line in done.stdout.splitlines()], ["X01", "X02"], "lines of JSON")
    done = ctl(*ctl_words(daemon), "show", "X01")
    checks.true("Birchford" in done.stdout and FINANCE in done.stdout and "passed" in done.stdout,
                "oversightctl show: %s" % done.stdout)


def body(checks, folder):
    registry = os.path.join(folder, "registry.csv")
    with open(registry, "w") as file:
        file.write(REGISTRY)
    framework = os.path.join(SOURCE, "conf", "frameworks", "sof-2016.conf")
    with Daemon(folder, registry=registry, frameworks=[framework]) as daemon:
        enter_and_refuse(checks, daemon)
        with Query(daemon) as query:
            before = query.alerts()
            checks.equal(kinds(query), [("programme.entered", FINANCE), ("programme.due", FINANCE),
                                        ("programme.overdue", FINANCE), ("programme.entered", QUALITY)], "alerts")
            look(checks, query, "at first")
        restart(checks, daemon, before, "SIGTERM")
        restart(checks, daemon, before, "kill -9")
        emptied(checks, daemon)
        mismatches(checks, daemon)
        step(checks, daemon, 0, "X01", FINANCE, "leave")
        with Query(daemon) as query:
            # A day that has just begun is seen within a minute.
            wait_for(lambda: FINANCE in [row["programme"] for row in query.get("organisation", code="X01")["programmes"]
                                         if "left" in row], "the end of a programme", 2 * DEADLINE)
            last = query.alerts()[-1]["data"]
        checks.equal(last["kind"], "programme.left", "the last alert")
        checks.true("where another programme goes on" in last["detail"], "detail: %s" % last["detail"])


run_test("programmes", body)
