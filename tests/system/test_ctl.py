"""oversightctl against the real daemon: sending, interruption and resumption, refusals with their lines, watching with
filters, questions, decisions, exit codes."""
import csv
import json
import os
import signal
import subprocess

import zmq

from harness import CTL, DEADLINE, EXAMPLE, Daemon, Failure, Query, ctl, ctl_words, run_test


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def environment(folder):
    """Nothing of the user who runs the test is read or written."""
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
    return dict(kept, XDG_STATE_HOME=os.path.join(folder, "state"), HOME=folder)


def run(daemon, folder, *words, status=0, checks=None):
    done = ctl(*ctl_words(daemon), *words, env=environment(folder))
    if checks:
        checks.equal(done.returncode, status, "exit status of %s (%s)" % (" ".join(words), done.stderr.strip()[:500]))
    return done


def load_example(checks, daemon, folder):
    """All steps of the example through `send`, the first as baseline."""
    for number, name in enumerate(sorted(os.listdir(EXAMPLE))):
        if name.endswith(".csv") and name[0].isdigit():
            words = ["--baseline"] if name.startswith("01") else []
            if number % 2:
                words.append("--msgpack")
            run(daemon, folder, "send", "--source", "example", *words, os.path.join(EXAMPLE, name), checks=checks)


def refusals(checks, daemon, folder):
    path = write(folder, "refused.csv",
                 "org,measure,period,value\nX01,ae-4h,2025-07,80\nX99,ae-4h,2025-07,80\nX02,no-such,2025-07,1\n"
                 "X03,ae-4h,2025-07-02,70\nX04,ae-4h,2025-07,good\nX05,ae-4h,2025-07,\nX06,ae-4h,2025-07,71\n")
    done = run(daemon, folder, "send", "--source", "refusals", "--batch", "2", path, status=65, checks=checks)
    found = [line[len(path) + 1:].split(": ")[:2] for line in done.stderr.splitlines()]
    checks.equal(found, [["3", "unknown-organisation"], ["4", "unknown-measure"], ["5", "bad-period"],
                         ["6", "bad-value"]], "refusals with their lines")
    checks.true("2 accepted" in done.stdout and "4 refused" in done.stdout, "summary: %s" % done.stdout)
    with Query(daemon) as query:
        checks.equal(query.get("source", source="refusals")["last"], 6, "updates numbered, the empty cell not")
    done = run(daemon, folder, "--json", "send", "--source", "refusals", path, status=65, checks=checks)
    summary = json.loads(done.stdout)
    checks.equal((summary["first"], summary["through"], summary["accepted"], summary["refused"]), (7, 12, 2, 4),
                 "summary in JSON")


def unreadable(checks, daemon, folder):
    path = write(folder, "unreadable.csv", "org,measure,period,value\nX01,ae-4h,2025-07,80\nx1,ae-4h,2025-07,80\n"
                 "X01,ae-4h,July,80\nX01,ae-4h\n")
    done = run(daemon, folder, "send", "--source", "unreadable", path, status=65, checks=checks)
    checks.equal([line.split(":")[1] for line in done.stderr.splitlines() if line.startswith(path)], ["3", "4", "5"],
                 "lines that cannot be read")
    with Query(daemon) as query:
        checks.equal(query.get("source", source="unreadable")["last"], 0, "nothing was sent")
        run(daemon, folder, "send", "--source", "unreadable", "--keep-going", path, status=65, checks=checks)
        checks.equal(query.get("source", source="unreadable")["last"], 1, "the rest was sent")
    lines = ('{"org":"X01","measure":"ae-4h","period":"2025-07","value":80.5,"source":"other","seq":99}\n\n'
             '{"org":"X01","measure":"ae-4h","period":"2025-07","value":81,"revision":1}\n')
    path = write(folder, "lines.jsonl", lines)
    done = run(daemon, folder, "send", "--source", "lines", path, checks=checks)
    checks.true("2 accepted" in done.stdout, "JSON Lines: %s" % done.stdout)
    path = write(folder, "bad.jsonl", lines + '{"org":"X01","measure":7,"period":"2025-07","value":1}\n[]\n')
    done = run(daemon, folder, "send", "--source", "lines", path, status=65, checks=checks)
    checks.equal([line.split(":")[1] for line in done.stderr.splitlines() if line.startswith(path)], ["4", "5"],
                 "lines of JSON that cannot be read")


def withdrawal(checks, daemon, folder):
    path = write(folder, "empty.csv", "org,measure,period,value\nX01,ae-4h,2025-07,\n")
    with Query(daemon) as query:
        def newest():
            return query.get("series", code="X01", measure="ae-4h")["points"][-1]["period"]
        checks.equal(newest(), "2025-07-01", "a figure for July is there")
        run(daemon, folder, "send", "--source", "empty", path, checks=checks)
        checks.equal(newest(), "2025-07-01", "an empty cell says nothing")
        # The figure in the way has revision 1.
        path = write(folder, "empty.csv", "org,measure,period,value,revision\nX01,ae-4h,2025-07,,1\n")
        run(daemon, folder, "send", "--source", "empty", "--empty", "null", path, checks=checks)
        checks.equal(newest(), "2025-06-01", "an empty cell withdraws when asked to")


def pass_on(folder, daemon, words, count):
    """Runs a command that submits, lets so many of its messages through to the daemon and back, then kills it."""
    place, context = "ipc://%s/middle" % folder, zmq.Context.instance()
    with context.socket(zmq.ROUTER) as front, context.socket(zmq.DEALER) as back:
        for one in (front, back):
            one.setsockopt(zmq.LINGER, 0)
        front.bind(place)
        back.connect(daemon.submit)
        process = subprocess.Popen([CTL, "--query", daemon.query, "--submit", place, *words], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=environment(folder))
        try:
            for _ in range(count):
                for one in (front, back):
                    if not one.poll(int(1000 * DEADLINE)):
                        raise Failure("no message within %g s" % DEADLINE)
                    if one is front:
                        sender, *frames = front.recv_multipart()
                        back.send_multipart(frames)
                front.send_multipart([sender, *back.recv_multipart()])
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def resume(checks, daemon, folder):
    """A daemon that stops acknowledging in the middle: the run is killed, and goes on where it was."""
    rows = ["X%02d,sickness,20%02d-%02d,%d.5" % (n % 16 + 1, 16 + n // 192, n // 16 % 12 + 1, n % 7) for n in range(1920)]
    path = write(folder, "long.csv", "org,measure,period,value\n" + "\n".join(rows) + "\n")
    words = ["send", "--source", "long", "--batch", "10", path]
    with Query(daemon) as query:
        pass_on(folder, daemon, words, 12)
        stopped = query.get("source", source="long")["last"]
        other = write(folder, "other.csv", "org,measure,period,value\n" + "\n".join(rows[1:]) + "\n")
        run(daemon, folder, *words[:-1], "--resume", other, status=65, checks=checks)
        done = run(daemon, folder, "--json", *words, "--resume", checks=checks)
        summary = json.loads(done.stdout)
        checks.equal((summary["first"], summary["through"]), (1, len(rows)), "the numbers of the first time")
        checks.equal((stopped, summary["skipped"]), (120, 120), "rows not sent again: %s" % summary)
        checks.equal(summary["skipped"] + summary["accepted"] + summary["duplicate"], len(rows), "every row once")
        checks.equal(query.get("source", source="long")["last"], len(rows), "position of the source")
        checks.equal(os.listdir(os.path.join(folder, "state", "oversightctl")), [], "nothing is left to resume")


def watching(checks, daemon, folder):
    stored = [json.loads(line) for line in run(daemon, folder, "--json", "alerts", checks=checks).stdout.splitlines()]
    with Query(daemon) as query:
        checks.equal(stored, query.alerts(), "alerts of the store")
    checks.true(len(stored) > 5, "there are alerts")
    ids = [event["id"] for event in stored]

    def watched(*words):
        done = run(daemon, folder, "--json", "watch", "--after", "0-0", *words, checks=checks)
        return [json.loads(line)["id"] for line in done.stdout.splitlines()]

    checks.equal(watched("--count", str(len(ids))), ids, "watch from the beginning")
    checks.equal(watched("--count", "2"), ids[:2], "watch --count")
    for words, wanted in (
            (["--severity", "critical"], lambda event: event["data"]["severity"] == "critical"),
            (["--kind", "performance"], lambda event: event["data"]["kind"].startswith("performance.")),
            (["--kind", "performance.drop"], lambda event: event["data"]["kind"] == "performance.drop"),
            (["--org", "X16"], lambda event: event["subject"] == "X16"),
            (["--org", "X09", "--org", "X16", "--kind", "segment"],
             lambda event: event["subject"] in ("X09", "X16") and event["data"]["kind"].startswith("segment."))):
        expected = [event["id"] for event in stored if wanted(event)]
        checks.true(0 < len(expected) < len(ids), "%s chooses some" % words)
        checks.equal(watched("--count", str(len(expected)), *words), expected, "watch %s" % " ".join(words))
    done = run(daemon, folder, "--json", "alerts", "--after", ids[2], "--limit", "3", checks=checks)
    checks.equal([json.loads(line)["id"] for line in done.stdout.splitlines()], ids[3:6], "alerts --after --limit")
    run(daemon, folder, "--timeout", "0.5", "watch", "--count", "1000", status=69, checks=checks)


def questions(checks, daemon, folder):
    board = run(daemon, folder, "board", checks=checks).stdout
    with Query(daemon) as query:
        rows = query.board()
        for code, row in rows.items():
            if row["indicative"] >= 3:
                checks.true("    %s " % code in board, "%s stands on the board" % code)
        reply = query.get("measure", id="ae-4h")
    checks.true("Segment 4: " in board and "catastrophic failure" in board, "the board gives reasons")
    lines = run(daemon, folder, "--json", "board", checks=checks).stdout.splitlines()
    checks.equal({row["code"]: row for row in map(json.loads, lines)}, rows, "the board in JSON")
    lines = run(daemon, folder, "--json", "board", "--segment", "4", checks=checks).stdout.splitlines()
    checks.equal({json.loads(line)["code"] for line in lines},
                 {code for code, row in rows.items() if row["indicative"] == 4}, "board --segment")
    done = run(daemon, folder, "--json", "league", "ae-4h", checks=checks)
    checks.equal(json.loads(done.stdout), reply, "league in JSON")
    text = run(daemon, folder, "league", "ae-4h", checks=checks).stdout
    for row in reply["rows"]:
        checks.true(" %s " % row["code"] in text, "%s stands in the league" % row["code"])
    text = run(daemon, folder, "show", "X05", checks=checks).stdout
    checks.true("Eastlyn" in text and "ae-4h" in text and "segment:" in text, "show: %s" % text)
    status = json.loads(run(daemon, folder, "--json", "status", checks=checks).stdout)
    checks.equal((status["role"], status["durability"]), ("leader", "fsync"), "status in JSON")
    checks.true("\033[" not in board, "no colour into a pipe")
    coloured = run(daemon, folder, "--color=always", "board", checks=checks).stdout
    checks.true("\033[" in coloured, "colour when asked for")


def deciding(checks, daemon, folder):
    words = ["decide", "X01", "3", "--by", "Region", "--reason", "judgement", "--source", "decisions"]
    for number in (1, 2):
        run(daemon, folder, *words, "--effective", "2025-07-0%d" % number, checks=checks)
    with Query(daemon) as query:
        checks.equal(query.board()["X01"]["official"], 3, "the decision holds")
        checks.equal(query.get("source", source="decisions")["last"], 2, "decisions are numbered on")
        decided = [event for event in query.alerts() if event["data"]["kind"] == "decision.recorded"]
    checks.equal([event["subject"] for event in decided].count("X01") > 0, True, "a decision is announced")
    run(daemon, folder, "decide", "X99", "3", "--by", "Region", "--reason", "x", status=65, checks=checks)
    run(daemon, folder, "decide", "X01", "3", status=64, checks=checks)


def statuses(checks, daemon, folder):
    for words, status in ((["no-such"], 64), ([], 64), (["send", "x.csv"], 64), (["send", "--source", "a b", "x"], 64),
                          (["send", "--source", "a", "--bogus", "x"], 64), (["watch", "--after", "7"], 64),
                          (["watch", "--severity", "loud"], 64), (["show"], 64), (["show", "X99"], 65),
                          (["league", "no-such"], 65), (["--help"], 0), (["--version"], 0), (["send", "--help"], 0),
                          (["send", "--source", "a", "--map", "/nonexistent", "x.csv"], 78),
                          (["send", "--source", "a", "/nonexistent.csv"], 66), (["check", "/nonexistent"], 78)):
        run(daemon, folder, *words, status=status, checks=checks)
    nobody = "ipc://%s/nobody" % folder
    done = ctl("--query", nobody, "--timeout", "0.3", "status", env=environment(folder))
    checks.equal(done.returncode, 69, "nobody answers")
    checks.true(done.stderr.startswith("oversightctl: no answer from %s" % nobody), done.stderr)
    # A daemon that answers questions but never acknowledges: sent again, then given up.
    router = zmq.Context.instance().socket(zmq.ROUTER)
    router.bind("ipc://%s/silent" % folder)
    try:
        done = ctl("--query", daemon.query, "--submit", "ipc://%s/silent" % folder, "--timeout", "3", "send",
                   "--source", "silent", example_file("02"), env=environment(folder))
        checks.equal(done.returncode, 75, "no acknowledgement")
        checks.true(router.poll(0) != 0, "the update had arrived")
    finally:
        router.close(0)


def example_file(number):
    return [os.path.join(EXAMPLE, name) for name in os.listdir(EXAMPLE) if name.startswith(number)][0]


def two_endpoints(checks, daemon, folder):
    """The first endpoint is dead: the next one answers."""
    dead = "ipc://%s/dead" % folder
    done = ctl("--query", dead, "--query", daemon.query, "--timeout", "40", "--json", "status",
               env=environment(folder))
    checks.equal(done.returncode, 0, "an answer of the second endpoint")
    done = ctl("--query", daemon.query, "--submit", dead, "--submit", daemon.submit, "send", "--source", "second",
               example_file("02"), env=environment(folder))
    checks.equal(done.returncode, 0, "an acknowledgement of the second endpoint (%s)" % done.stderr)


def quiet_pipe(checks, daemon, folder):
    process = subprocess.Popen([CTL, *ctl_words(daemon), "--json", "alerts"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment(folder))
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    checks.equal((process.wait(), said), (-signal.SIGPIPE, b""), "a reader that is gone")


def figure(row):
    try:
        value = float(row["value"])
    except ValueError:
        value = row["value"]
    return row["org"], row["measure"], row["period"][:7], value


def dry_run(checks, daemon, folder):
    for step in sorted(os.listdir(EXAMPLE)):
        if step.endswith(".csv") and step[0].isdigit():
            done = run(daemon, folder, "send", "--dry-run", os.path.join(EXAMPLE, step), checks=checks)
            with open(os.path.join(EXAMPLE, step), newline="") as file:
                given = [figure(row) for row in csv.DictReader(file)]
            found = [figure(row) for row in csv.DictReader(done.stdout.splitlines())]
            checks.equal(found, given, "dry run of %s" % step)


def body(checks, folder):
    with Daemon(folder) as daemon:
        dry_run(checks, daemon, folder)
        load_example(checks, daemon, folder)
        watching(checks, daemon, folder)
        questions(checks, daemon, folder)
        refusals(checks, daemon, folder)
        unreadable(checks, daemon, folder)
        withdrawal(checks, daemon, folder)
        resume(checks, daemon, folder)
        deciding(checks, daemon, folder)
        statuses(checks, daemon, folder)
        two_endpoints(checks, daemon, folder)
        quiet_pipe(checks, daemon, folder)
        daemon.stop(checks)


run_test("ctl", body)
