#!/usr/bin/env python3
"""Reload: what it would move is said beforehand and then moves; a bad file or an option that cannot change alters
nothing and is named with file and line to who asks, in the log and in an alert; the service manager is told."""
import contextlib
import json
import os
import signal
import threading

from harness import EXAMPLE, Failure, Query, ctl, ctl_words, run_test, wait_for
from notified import Notified

FRAMEWORK = os.path.join(EXAMPLE, "example.conf")
REGISTRY = os.path.join(EXAMPLE, "organisations.csv")
STEPS = sorted(os.path.join(EXAMPLE, name) for name in os.listdir(EXAMPLE) if name[:2].isdigit() and name.endswith(".csv"))
STRICTER = ('signal = "bottom_quartile"; key = true; count = 2; themes = 2;',
            'signal = "bottom_quartile"; key = true; count = 1; themes = 1;')


def copy(source, target, *pairs):
    with open(source) as file:
        text = file.read()
    for old, new in pairs:
        if text.count(old) != 1:
            raise AssertionError("%s stands %d times in %s" % (old, text.count(old), source))
        text = text.replace(old, new)
    with open(target, "w") as file:
        file.write(text)


def state(query):
    """What a refused reload must leave alone."""
    status = query.get("status")
    return ({code: row["indicative"] for code, row in query.board().items()}, status["frameworks"], status["registry"])


def refusals(query):
    return [event["data"]["summary"] for event in query.alerts() if event["data"]["kind"] == "operational"
            and event["data"]["key"].startswith("operational/reload/")]


def dry_run(checks, daemon, query):
    """Who would move and why; nothing changes. Then the reload itself: the same."""
    before, alerts = state(query), len(query.alerts())
    copy(FRAMEWORK, daemon.options["frameworks"][0], STRICTER)
    done = ctl(*ctl_words(daemon), "--json", "reload", "--dry-run")
    checks.equal(done.returncode, 0, "exit status of reload --dry-run (%s)" % done.stderr)
    told = json.loads(done.stdout)
    checks.true(len(told["moves"]) > 0 and told["moves_total"] == len(told["moves"]), "somebody would move: %s" % told)
    checks.true(all(move["why"] == "now: key measures in the bottom quartile" for move in told["moves"]),
                "the reason: %s" % told["moves"])
    checks.equal({move["code"]: move["before"] for move in told["moves"]},
                 {move["code"]: before[0][move["code"]] for move in told["moves"]}, "segments before")
    checks.equal(state(query), before, "state after a dry run")
    checks.equal(len(query.alerts()), alerts, "alerts after a dry run")
    checks.equal(query.get("status")["counters"]["reloads"], 0, "reloads counted after a dry run")
    text = ctl(*ctl_words(daemon), "reload", "-n").stdout
    checks.true("nothing has changed" in text and "segment %d to %d" % (
        told["moves"][0]["before"], told["moves"][0]["after"]) in text, "the same in words: %s" % text)

    done = ctl(*ctl_words(daemon), "--json", "reload", "--wait")
    checks.equal(done.returncode, 0, "exit status of reload --wait (%s)" % done.stderr)
    checks.equal(json.loads(done.stdout), dict(told, dry_run=False), "what the reload moved")
    reloading = daemon.hear("RELOADING=1")
    checks.true(any(line.startswith("MONOTONIC_USEC=") and line[15:].isdigit() for line in reloading),
                "the time of the reload: %s" % reloading)
    daemon.hear("READY=1")
    expected = dict(before[0], **{move["code"]: move["after"] for move in told["moves"]})
    checks.equal(state(query)[0], expected, "segments after the reload")
    checks.equal(len(query.alerts()), alerts + told["alerts"], "alerts of the reload")


def bad_files(checks, daemon, query):
    """Each with its file and line, told three ways; nothing has changed."""
    before, told = state(query), refusals(query)
    framework, registry = daemon.options["frameworks"][0], daemon.options["registry"]
    good = open(daemon.config).read()

    def refused(what, *expected):
        done = ctl(*ctl_words(daemon), "reload", "--wait")
        checks.equal(done.returncode, 78, "exit status after a mistake in %s" % what)
        for words in expected:
            checks.true(words in done.stderr, "%s to who asks: %s" % (words, done.stderr))
            daemon.logged(words)
        checks.equal(state(query), before, "state after a mistake in %s" % what)
        daemon.hear("RELOADING=1")
        daemon.hear("READY=1")
        summaries = refusals(query)
        checks.equal(len(summaries), len(told) + 1, "alerts about a mistake in %s" % what)
        name = os.path.basename(expected[0].rsplit(": ", 1)[0].rsplit(":", 1)[0])
        checks.true(name + ":" in summaries[-1], "the alert names %s: %s" % (name, summaries[-1]))
        told.append(summaries[-1])

    copy(FRAMEWORK, framework, ('method = "triggers"', 'method = "guesses"'))
    refused("a framework", framework + ":7: ")
    copy(FRAMEWORK, framework, STRICTER)
    with open(registry) as file:
        rows = file.read()
    with open(registry, "a") as file:
        file.write("not a code,,,,,,\n")
    refused("the registry", "%s:%d: " % (registry, rows.count("\n") + 1))
    with open(registry, "w") as file:
        file.write(rows)
    lines = good.count("\n")
    with open(daemon.config, "a") as file:
        file.write("gap_hold = 77;\ntypo = 1;\n")
    refused("the configuration", "%s:%d: option 'typo': is unknown" % (daemon.config, lines + 2))
    with open(daemon.config, "w") as file:
        file.write(good + "gap_hold = 77;\nstore_deadline = 5;\nlog_level = \"debug\";\n")
    refused("options that are fixed", "%s:%d: option 'gap_hold': got 77" % (daemon.config, lines + 1),
            "%s:%d: option 'store_deadline': got 5" % (daemon.config, lines + 2), "restarted")
    checks.equal(query.get("status")["counters"]["reloads_refused"], 4, "refused reloads counted")
    checks.true(" debug " not in daemon.log_text(), "nor is the level of a refused configuration taken")
    with open(daemon.config, "w") as file:
        file.write(good)


def by_signal(checks, daemon, query):
    """SIGHUP says to the log and by an alert what it cannot say to who sent it."""
    framework = daemon.options["frameworks"][0]
    told, reloads = len(refusals(query)), query.get("status")["counters"]["reloads"]
    copy(FRAMEWORK, framework, ('segment = 4;\n      signal = "flag"; measures = ["leadership-failure"]',
                                'segment = 9;\n      signal = "flag"; measures = ["leadership-failure"]'))
    daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: len(refusals(query)) == told + 1, "the alert about the refused reload")
    daemon.hear("RELOADING=1")
    daemon.hear("READY=1")
    copy(FRAMEWORK, framework)
    daemon.options.update(query_limit=2, log_level="warning", log_levels={"start": "debug"})
    daemon.write_config()
    daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: query.get("status")["counters"]["reloads"] == reloads + 1, "the reload by SIGHUP")
    checks.equal(len(query.get("alerts", after="0-0", limit=100)["events"]), 2, "alerts under the new query_limit")
    notices = []
    for number in (3, 4):  # a mistake that is told comes after whatever was told before
        checks.true("done" in query.ask({"do": "reload"}), "one more reload")
        daemon.options["query_limit"] = -number
        daemon.write_config()
        checks.true("error" in query.ask({"do": "reload"}), "a reload with a mistake")
        daemon.logged("'query_limit': got -%d" % number)
        notices.append(daemon.log_text().count("keys read again: "))
        daemon.options["query_limit"] = 2
        daemon.write_config()
    checks.equal(notices[1], notices[0], "notices in the log at level warning")


def before_it_is_ready(checks, folder):
    """A store that is not there yet does not keep a reload waiting, nor does the reload make the daemon ready."""
    registry = os.path.join(folder, "early.csv")
    copy(REGISTRY, registry)
    daemon = Notified(folder, "early", registry=registry, store="unix:%s/nobody" % folder)

    def start():
        with contextlib.suppress(Failure):  # it ends before it is ready
            daemon.start()

    starting = threading.Thread(target=start)
    starting.start()
    try:
        wait_for(lambda: os.path.exists(daemon.log) and "store connecting" in daemon.log_text().replace(":", ""),
                 "a daemon without its store")
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "keys read again" in daemon.log_text(), "a reload without the store")
        with open(registry, "a") as file:
            file.write("nonsense\n")
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "early.csv" in daemon.log_text(), "the mistake in the log")
    finally:
        daemon.process.send_signal(signal.SIGTERM)
        starting.join()
    said = [line for lines in daemon.notices for line in lines]
    checks.true(any(line.startswith("STATUS=") for line in said), "what the service manager heard: %s" % said)
    checks.equal([line for line in said if line in ("READY=1", "RELOADING=1")], [], "nothing is ready yet")


def body(checks, folder):
    before_it_is_ready(checks, folder)
    framework, registry = os.path.join(folder, "rules.conf"), os.path.join(folder, "organisations.csv")
    copy(FRAMEWORK, framework)
    copy(REGISTRY, registry)
    daemon = Notified(folder, frameworks=[framework], registry=registry)
    with daemon, Query(daemon) as query:
        for step in STEPS:
            words = ["--baseline"] if os.path.basename(step).startswith("01") else []
            done = ctl(*ctl_words(daemon), "send", "--source", "example", "--as-one", *words, step)
            checks.equal(done.returncode, 0, "exit status of send %s" % step)
        dry_run(checks, daemon, query)
        bad_files(checks, daemon, query)
        by_signal(checks, daemon, query)
        daemon.stop(checks)
        daemon.hear("STOPPING=1", ended=True)


if __name__ == "__main__":
    run_test("reload", body)
