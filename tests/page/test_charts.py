"""Control charts drawn by oversightctl show --chart: limits and classes of points equal the reference in three
series; names with markup are text; what cannot be drawn is said.
"""
import os

import reference
from harness import Daemon, Query, Submitter, ctl, ctl_words, run_test


def check_svg(checks, daemon, folder, series):
    for (config, org), rows in series.items():
        path = os.path.join(folder, "%s.svg" % org)
        done = ctl(*ctl_words(daemon), "show", org, "--chart", reference.MEASURES[config], "--svg", path)
        checks.equal((done.returncode, done.stdout, done.stderr), (0, "", ""), "%s: --svg" % org)
        with open(path) as file:
            svg = reference.parse(file.read())
        checks.equal(svg.tag, reference.SVG + "svg", "%s: root of the file" % org)
        reference.compare(checks, reference.points_of(svg), rows, "%s of %s in the file" % (config, org))
        title = svg.find(reference.SVG + "title").text
        checks.true("Trust <b>%s</b> & Sons" % org in title, "%s: the name in the title, as text: %s" % (org, title))
        named = svg.attrib["aria-labelledby"].split()
        checks.equal([svg.find("*[@id='%s']" % word) is not None for word in named], [True, True],
                     "%s: title and description are found by their ids" % org)
        checks.equal([left for left in os.listdir(folder) if left.endswith(".new")], [], "files half written")
    checks.equal(len([1 for rows in series.values() if len(rows) >= 20]), 3, "series long enough to tell")


def check_text(checks, daemon):
    words = ctl_words(daemon)
    plain = ctl(*words, "--color", "never", "show", "RRK", "--chart", "pct4h",
                env=dict(os.environ, COLUMNS="72", LC_ALL="C"))
    checks.equal(plain.returncode, 0, "--chart as text")
    checks.true("\033" not in plain.stdout, "no escape sequence without colour")
    checks.true(max(len(line) for line in plain.stdout.splitlines()[1:]) <= 72, "within COLUMNS")
    checks.true(plain.stdout.isascii(), "ASCII where the locale has no more")
    checks.true("C special cause, concern" in plain.stdout, "kinds of points by letter and in words")
    coloured = ctl(*words, "--color", "always", "show", "RRK", "--chart", "pct4h",
                   env=dict(os.environ, COLUMNS="72", LC_ALL="C.UTF-8"))
    checks.true("\033[" in coloured.stdout and "\u25c6" in coloured.stdout, "colour and symbols where they may be")
    for mark in "\033[33m", "\033[36m", "\033[2m", "\033[0m":
        coloured.stdout = coloured.stdout.replace(mark, "")
    checks.true("\033" not in coloured.stdout, "every escape sequence ends")


def check_refusals(checks, daemon, folder):
    words = ctl_words(daemon)
    for arguments, status, text in (
            (["show", "R0A", "--svg", "x.svg"], 64, "--svg needs --chart"),
            (["show", "R0A", "--explain", "--chart", "pct4h"], 64, "ask for different things"),
            (["show", "R0A", "--chart", "none"], 65, "no such measure"),
            (["show", "ZZZ", "--chart", "pct4h"], 65, "no such organisation"),
            (["show", "R0A", "--chart", "pct4h", "--svg", os.path.join(folder, "none", "x.svg")], 73, "No such file")):
        done = ctl(*words, *arguments)
        checks.equal(done.returncode, status, " ".join(arguments))
        checks.true(text in done.stderr, "%s: says \"%s\": %s" % (" ".join(arguments), text, done.stderr))
    empty = ctl(*words, "show", "RJ1", "--chart", "pct4h")
    checks.equal((empty.returncode, "No figures yet." in empty.stdout), (0, True), "no figures")


def body(checks, folder):
    series = reference.read()
    with Daemon(folder, **reference.write_rules(folder)) as daemon:
        with Submitter(daemon) as submitter:
            reply = submitter.submit(reference.updates(series), baseline=True)
        checks.equal(reply.get("accepted"), sum(len(rows) for rows in series.values()), "figures accepted")
        with Query(daemon) as query:
            head = query.get("series", code="R0A", measure="pct4h")
        checks.equal([head.get(key) for key in ("organisation", "type", "name", "direction", "ranked")],
                     ["Trust <b>R0A</b> & Sons", "acute", "Within 4 hours", "higher", True], "head of a series")
        check_svg(checks, daemon, folder, series)
        check_text(checks, daemon)
        check_refusals(checks, daemon, folder)


if __name__ == "__main__":
    run_test("test_charts", body)
