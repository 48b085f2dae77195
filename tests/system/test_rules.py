"""Rules tried beside the real daemon: what-if says beforehand what a change of rules does then; every alert the daemon
raised is verified and every altered one is not; backtest comes to the segments of the daemon."""
import copy
import csv
import json
import os
import re

from harness import EXAMPLE, SHARED, SOURCE, Daemon, Query, Submitter, ctl, ctl_words, run_test

FRAMEWORK = os.path.join(EXAMPLE, "example.conf")
REGISTRY = os.path.join(EXAMPLE, "organisations.csv")
STEPS = sorted(os.path.join(EXAMPLE, name) for name in os.listdir(EXAMPLE) if re.match(r"\d.*\.csv$", name))


def lines_of(checks, *words, status=0, **more):
    done = ctl("--json", *words, **more)
    checks.equal(done.returncode, status, "exit status of %s (%s)" % (" ".join(words)[:200], done.stderr.strip()[:500]))
    return [json.loads(line) for line in done.stdout.splitlines()]


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def changed(folder, name, *pairs):
    """The example's framework with a few words changed."""
    with open(FRAMEWORK) as file:
        text = file.read()
    for old, new in pairs:
        if text.count(old) != 1:
            raise AssertionError("%s stands %d times" % (old, text.count(old)))
        text = text.replace(old, new)
    return write(folder, name, text)


def load_example(checks, daemon):
    for step in STEPS:
        words = ["--baseline"] if os.path.basename(step).startswith("01") else []
        done = ctl(*ctl_words(daemon), "send", "--source", "example", "--as-one", *words, step)
        checks.equal(done.returncode, 0, "exit status of send %s" % step)
    done = ctl(*ctl_words(daemon), "decide", "X09", "4", "--effective", "2025-04-01", "--by", "Region", "--reason", "agreed",
               "--source", "region")
    checks.equal(done.returncode, 0, "exit status of decide (%s)" % done.stderr)


def segments(query):
    return {row["code"]: row["indicative"] for row in query.get("snapshot")["organisations"]}


def numbers_in(value, path=()):
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        yield path
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from numbers_in(entry, path + (key,))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from numbers_in(entry, path + (index,))


def altered(event, path):
    copied = copy.deepcopy(event)
    at = copied
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = at[path[-1]] + 1
    return copied


def verify(checks, folder, events, framework, what):
    """All hold; each with one number altered does not."""
    checks.true(len(events) > 0, "%s: there are alerts" % what)
    path = write(folder, "events.jsonl", "".join(json.dumps(event) + "\n" for event in events))
    for words in ([], ["--framework", framework]):
        found = lines_of(checks, "verify", *words, path)
        checks.equal([line for line in found if not line["holds"]], [], "%s: alerts that do not hold" % what)
        checks.equal(len(found), len(events), "%s: alerts verified" % what)
    bad = [altered(event, path) for event in events for path in numbers_in(event)]
    path = write(folder, "altered.jsonl", "".join(json.dumps(event) + "\n" for event in bad))
    found = lines_of(checks, "verify", path, status=1)
    checks.equal(len(found), len(bad), "%s: altered alerts looked at" % what)
    checks.equal([line["id"] for line in found if line["holds"]], [], "%s: altered alerts that hold" % what)
    print("%s: %d alerts verified, %d numbers altered" % (what, len(events), len(bad)))


def same_rules(checks, daemon):
    """The running rules against themselves: nothing."""
    lines = lines_of(checks, *ctl_words(daemon), "what-if", "--framework", FRAMEWORK)
    checks.equal(len(lines), 1, "nothing differs: %s" % lines)
    count = lines[-1]["count"]
    checks.equal((count["differ"], count["alerts"], count["unfit"], count["against"]), (0, 0, 0, "example"), "counts")
    checks.true(count["figures"] > 500, "figures were taken over")


def gone_and_back(checks, daemon, folder):
    """An organisation and a measure that a start finds no rules for are back by a reload as they were: nothing is lost
    in between, and no key comes twice."""
    with Query(daemon) as query:
        before = query.board()
    with open(REGISTRY) as file:
        register = file.read()
    usual = dict(daemon.options)
    daemon.stop(checks)
    daemon.options["registry"] = write(folder, "register.csv", re.sub(r"(?m)^X09,.*\n", "", register))
    daemon.options["frameworks"] = [changed(folder, "running.conf", ("id = \"sickness\"", "id = \"absence\""))]
    daemon.start()
    with Query(daemon) as query:
        checks.true("X09" not in query.board(), "X09 is gone")
        write(folder, "running.conf", "id = 1;\n")
        reply = query.ask({"do": "reload", "dry_run": True})
        checks.equal(reply.get("error", {}).get("code"), "bad-rules", "dry run of a bad file")
        checks.equal(query.get("status")["counters"]["reloads_refused"], 0, "reloads refused after a dry run")
        write(folder, "register.csv", register)
        changed(folder, "running.conf")
        checks.equal(query.ask({"do": "reload"}).get("done"), True, "reload")
        after, events = query.board(), query.alerts()
    checks.equal({code: row["indicative"] for code, row in after.items()},
                 {code: row["indicative"] for code, row in before.items()}, "segments when all are back")
    checks.equal(after["X09"], before["X09"], "X09")
    keys = [event["data"]["key"] for event in events]
    checks.equal(len(set(keys)), len(keys), "alerts with keys of their own")
    daemon.stop(checks)
    daemon.options = usual
    daemon.start()
    with Query(daemon) as query:
        checks.equal(query.board(), after, "board after a restart")
        checks.equal(len(query.alerts()), len(events), "alerts after a restart")


def reset_of_parts(checks, daemon):
    """A source that is put back has nothing waiting; a dry run of a reload counts as none."""
    with Submitter(daemon, "parts") as submitter, Query(daemon) as query:
        figure = {"org": "X09", "measure": "ae-4h", "period": "2025-01", "value": 1, "seq": 1}
        waiting = submitter.send(submitter.encode([figure], more=True))
        checks.equal(submitter.raw(submitter.encode([dict(figure, seq=7)])).get("error", {}).get("code"), "gap",
                     "a part that does not follow")
        checks.equal(query.ask({"do": "reset-source", "source": "parts", "last": 0}), {"done": True}, "reset")
        frames = submitter.receive(waiting)
        checks.equal(json.loads(frames[0]).get("error", {}).get("code") if frames else None, "abandoned", "the part that waited")


def change_of_rules(checks, daemon, folder):
    """What it says beforehand is what comes when the daemon is given the rules."""
    candidate = changed(folder, "candidate.conf", ("count = 2; themes = 2;", "count = 1; themes = 1;"),
                        ("of leadership or governance\"; segment = 4;", "of leadership or governance\"; segment = 3;"))
    with Query(daemon) as query:
        before, last = segments(query), query.get("snapshot")["last"]
    lines = lines_of(checks, *ctl_words(daemon), "what-if", "--framework", candidate)
    count, predicted = lines[-1]["count"], {line["code"]: line for line in lines[:-1]}
    checks.true(count["moved"] >= 2 and "X09" in predicted, "it moves some: %s" % count)
    checks.equal({code: line["before"] for code, line in predicted.items()},
                 {code: before[code] for code in predicted}, "segments as they are")
    checks.equal((predicted["X09"]["before"], predicted["X09"]["after"]), (4, 3), "X09")
    for line in predicted.values():
        if line["after"] > line["before"]:
            checks.true(len(line["new"]) > 0 and line["new"][0]["evidence"], "%s: why" % line["code"])
    text = ctl(*ctl_words(daemon), "what-if", "--framework", candidate).stdout
    checks.true("segment 4 would be 3" in text and "would be announced: segment.improved" in text, "in words: %s" % text[:500])

    daemon.stop(checks)
    daemon.options["frameworks"] = [candidate]
    daemon.start()
    with Query(daemon) as query:
        after = segments(query)
        events = query.get("alerts", after=last)["events"]
    checks.equal(after, dict(before, **{code: line["after"] for code, line in predicted.items()}), "segments as foretold")
    told = [(event["data"]["key"], event["data"]["segment"]) for line in predicted.values() for event in line["alerts"]]
    came = [(event["data"]["key"], event["data"]["segment"]) for event in events]
    checks.equal(sorted(map(str, came)), sorted(map(str, told)), "alerts as foretold")
    return candidate, events


def other_framework(checks, daemon, folder):
    """A candidate with another id, other measures and a measure that the daemon does not know."""
    candidate = changed(folder, "other.conf", ("id = \"example\";", "id = \"other\";"),
                        ("id = \"sickness\"", "id = \"absence\""))
    lines = lines_of(checks, *ctl_words(daemon), "what-if", "--framework", candidate)
    count = lines[-1]["count"]
    checks.equal((count["framework"], count["against"], count["unknown_measures"]), ("other", "example", 1), "counts")
    done = ctl(*ctl_words(daemon), "what-if", "--framework", candidate, "--against", "absent")
    checks.equal(done.returncode, 65, "a framework that the daemon does not have: %s" % done.stderr)
    done = ctl(*ctl_words(daemon), "what-if", "--framework", write(folder, "bad.conf", "id = 1;\n"))
    checks.equal(done.returncode, 78, "a candidate that cannot be read")


def backtest(checks, daemon, folder):
    """The same history without a daemon."""
    lines = lines_of(checks, "backtest", "--framework", FRAMEWORK, "--registry", REGISTRY, "--baseline-until", "2025-01", *STEPS)
    events, count = lines[:-1], lines[-1]["count"]
    checks.equal((count["alerts"], count["refused"], count["until"]), (len(events), 0, "2025-07-01"), "counts")
    last = {}
    for event in events:
        if event["data"]["kind"].startswith("segment."):
            last[event["subject"]] = event["data"]["segment"]["after"]
    with Query(daemon) as query:
        board = segments(query)
    checks.equal({code: board[code] for code in last}, last, "segments of those that moved")
    checks.equal(sorted(code for code, segment in board.items() if segment > 2),
                 sorted(code for code, segment in last.items() if segment > 2), "who is in 3 and 4")
    verify(checks, folder, events, FRAMEWORK, "backtest")
    done = ctl("backtest", "--framework", FRAMEWORK, "--registry", REGISTRY,
               write(folder, "unknown.csv", "org,measure,period,value\nX99,ae-4h,2025-01,70\n"))
    checks.equal((done.returncode, "unknown.csv:2: unknown-organisation" in done.stderr), (0, True), "refusals: %s" % done.stderr)


def official_figures(checks, folder):
    """Three years of A&E figures through the 2021/22 rules."""
    data = os.path.join(SHARED, "data", "ae_attendances_2016_2019.csv")
    if not os.path.exists(data):
        print("no reference data in %s: official figures skipped" % SHARED)
        return
    with open(data, newline="") as file:
        codes = sorted({row["org_code"] for row in csv.DictReader(file)})
    registry = write(folder, "registry.csv", "code,name,type\n" + "".join("%s,Provider %s,acute\n" % (c, c) for c in codes))
    framework = os.path.join(SOURCE, "conf", "frameworks", "sof-2021-22.conf")
    lines = lines_of(checks, "backtest", "--framework", framework, "--registry", registry, "--map",
                     os.path.join(SOURCE, "conf", "imports", "ae-2016-19.conf"), "--baseline-until", "2016-12", data)
    verify(checks, folder, lines[:-1], framework, "A&E 2016-19")


def official_scores(checks, folder):
    """Three quarters of published scores: the moves for the worse that were published, and no other."""
    data = os.path.join(SHARED, "data", "nof_2025_26_q1_q3_metrics.csv")
    if not os.path.exists(data):
        print("no reference data in %s: official scores skipped" % SHARED)
        return
    framework = os.path.join(SOURCE, "conf", "frameworks", "nof-2025-26-published.conf")
    lines = lines_of(checks, "backtest", "--framework", framework, "--registry",
                     os.path.join(SOURCE, "conf", "organisations.csv"), "--map",
                     os.path.join(SOURCE, "conf", "imports", "nof-2025-26.conf"), "--baseline-until", "2025-04", data)
    moves = [(event["subject"], event["data"]["segment"]["before"], event["data"]["segment"]["after"], event["time"][:10])
             for event in lines[:-1] if event["data"]["kind"] == "segment.worsened"]
    checks.equal(sorted(moves), [("R1L", 3, 4, "2026-01-01"), ("RAT", 1, 3, "2025-10-01"), ("RGD", 2, 3, "2025-10-01"),
                                 ("RNK", 3, 4, "2025-10-01"), ("RX3", 2, 3, "2025-10-01"), ("RY5", 3, 4, "2025-10-01")],
                 "moves for the worse")
    verify(checks, folder, lines[:-1], framework, "2025/26")


def body(checks, folder):
    with Daemon(folder) as daemon:
        load_example(checks, daemon)
        backtest(checks, daemon, folder)
        with Query(daemon) as query:
            events = query.get("alerts", after="0-0")["events"]
        verify(checks, folder, events, FRAMEWORK, "daemon")
        same_rules(checks, daemon)
        reset_of_parts(checks, daemon)
        gone_and_back(checks, daemon, folder)
        candidate, events = change_of_rules(checks, daemon, folder)
        verify(checks, folder, events, candidate, "new rules")
        other_framework(checks, daemon, folder)
        daemon.stop(checks)
    official_figures(checks, folder)
    official_scores(checks, folder)


run_test("rules", body)
