"""What an alert says to somebody woken by it: every summary under 120 bytes with its facts whole, also for the longest
names there are; and in full what moved, why, how far, since when, what follows and where to look."""
import csv
import os
import re

from harness import (EXAMPLE, SOURCE, Daemon, Query, Submitter, ctl, ctl_words, run_test, send_example)

FACTS = {  # kind: how each summary ends, whatever the name before it
    "segment.worsened": r": worsened from segment [12] to [34], [a-z &].*[a-z]$",
    "segment.improved": r": improved from segment [34] to [12]$",
    "performance.drop": r": dramatic drop in ae-4h, \d+(\.\d+)?% to \d+(\.\d+)?%$",
    "performance.recovered": r": ae-4h has recovered from its drop, now \d+(\.\d+)?%$",
    "alert.withdrawn": r": alert \d+-\d+ (of segment 2 to 3 withdrawn, now in segment 2|withdrawn, no drop in ae-4h any more)$",
    "decision.recorded": r": official segment now 3, by the figures it is [24]$",
}


def longest_names(count):
    with open(os.path.join(SOURCE, "conf", "organisations.csv"), newline="") as file:
        names = {row["name"] for row in csv.DictReader(file)}
    names = sorted(names, key=lambda name: -len(name.encode()))[:count - 1]
    return names + ["Ymddiriedolaeth Gofal Iechyd Môn, Tŷ’r Bryn a’r Fro — Gwasanaethau Ysbyty ac Iechyd Cymunedol"]


def registry(folder):
    """The register of the example with the longest names in it."""
    path = os.path.join(folder, "organisations.csv")
    with open(os.path.join(EXAMPLE, "organisations.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    for row, name in zip(rows, longest_names(len(rows))[::-1]):
        row["name"] = name
    names = {row["code"]: row["name"] for row in rows}
    # Who moves in the example has the longest of all.
    for code, name in zip(("X05", "X09", "X14", "X16"), longest_names(len(rows))):
        next(row for row in rows if row["code"] == code)["name"] = names[code] = name
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path, names


def summaries(checks, events, names):
    seen = set()
    for event in events:
        data, summary = event["data"], event["data"]["summary"]
        seen.add(data["kind"])
        checks.true(len(summary.encode()) < 120, "%d bytes: %s" % (len(summary.encode()), summary))
        checks.true(re.search(FACTS[data["kind"]], summary), "facts of %s: %s" % (data["kind"], summary))
        name, code = names[event["subject"]], " (%s)" % event["subject"]
        shown = summary[:summary.index(code)]
        checks.true(shown == name or (shown.endswith("...") and name.startswith(shown[:-3]) and len(shown) > 20),
                    "the name in: %s" % summary)
        room = 119 - len(summary.encode())
        checks.true(shown == name or room < 5, "a name is cut only for want of room: %s" % summary)
    checks.equal(sorted(seen), sorted(FACTS), "kinds")


def in_full(checks, daemon):
    text = ctl(*ctl_words(daemon), "alerts").stdout
    for pattern, what in (
            (r"who:      X05 .*acute", "who it is"),
            (r"segment:  2 to 3 by the figures; officially 2, so a decision is due", "what moved"),
            (r"why:      because others improved: its own figures did not change", "why"),
            (r"since March 2025", "since when"),
            (r"ae-4h: .* 14th of 16, .*: 3\.77 percentage points beyond the cut at 73\.47%; 2 places to climb", "how far"),
            (r"follows:  mandated support, led by the region", "what follows"),
            (r"see:      oversightctl show X05 --explain", "where to look at a move"),
            (r"see:      oversightctl show X14 --chart ae-4h", "where to look at a drop")):
        checks.true(re.search(pattern, text), "%s: %s" % (what, pattern))
    for command in re.findall(r"see:      oversightctl (.*)", text):
        done = ctl(*ctl_words(daemon), *command.split())
        checks.equal(done.returncode, 0, "what is pointed at: %s (%s)" % (command, done.stderr))


def body(checks, folder):
    path, names = registry(folder)
    with Daemon(folder, registry=path) as daemon, Submitter(daemon) as submitter:
        send_example(submitter)
        for org in ("X05", "X09"):
            submitter.submit([{"org": org, "decision": 3, "effective": "2025-07-01", "decided_by": "Region",
                               "reason": "a test"}])
        submitter.submit([{"org": "X05", "measure": "ae-4h", "period": "2025-06", "value": 99, "revision": 9}])
        with Query(daemon) as query:
            events = query.alerts()
        for event in events:
            print(event["data"]["summary"])
        # A decision of what the figures say too has less to tell.
        summaries(checks, [event for event in events if not (
            event["data"]["kind"] == "decision.recorded" and "by the figures" not in event["data"]["summary"])], names)
        in_full(checks, daemon)
        daemon.stop(checks)


run_test("words", body)
