"""The status page as it is served, read without a browser: sound markup, complete without a script, filters as
query parameters, names with markup as text, charts equal to the reference, alerts, and what is not there.
"""
import os
import signal
import urllib.parse

import reference
from harness import EXAMPLE, Query, Submitter, example_steps, run_test, send_example, wait_for
from markup import Page, charts_of
from web import WebDaemon, get, open_raw, read_all

POLICY = "default-src 'self'"
EVIL = "\"><script>alert(1)</script>'&"


def fetch(checks, daemon, path, status=200):
    reply = get(daemon, path)
    checks.equal((reply.status, reply.headers["Content-Type"]), (status, "text/html; charset=utf-8"), path)
    checks.true(reply.headers["Content-Security-Policy"].startswith(POLICY), "policy of %s" % path)
    text = reply.text()
    page = Page(text)
    checks.equal(page.faults, [], "faults of %s" % path)
    return page, text


def listed(page):
    return sorted(names["data-code"] for names in page.found("li") if "data-code" in names)


def check_board(checks, daemon, query):
    board = query.board()
    page, _ = fetch(checks, daemon, "/")
    checks.equal(listed(page), sorted(code for code, row in board.items() if "closed" not in row), "who is on the board")
    for path, fits in (("/?region=" + urllib.parse.quote("Upland (invented)"), lambda row: "Upland" in row["region"]),
                       ("/?type=acute", lambda row: row["type"] == "acute"),
                       ("/?system=XSF", lambda row: row["system"] == "XSF"),
                       ("/?name=birch", lambda row: "Birch" in row["name"]),
                       ("/?name=x01&type=acute", lambda row: row["code"] == "X01"),
                       ("/?name=" + urllib.parse.quote(EVIL), lambda row: False)):
        page, text = fetch(checks, daemon, path)
        checks.equal(listed(page), sorted(code for code, row in board.items() if fits(row)), path)
        checks.true("<script>alert" not in text, "markup of a filter is text: %s" % path)
    checks.true(any(names.get("value") == EVIL for names in page.found("input")), "the filter is kept as it was typed")
    page, _ = fetch(checks, daemon, "/?name=x09")
    checks.true("mandated intensive support" in page.words() and "officially 2" in page.words(),
                "segments in words: %s" % page.words()[-700:])
    fetch(checks, daemon, "/?framework=example")
    fetch(checks, daemon, "/?framework=" + urllib.parse.quote(EVIL), 404)


def check_other_rules(checks, daemon):
    """Pages under rules that are not the first keep to them: every link to a page says so."""
    for path in "/", "/systems", "/organisations/X05", "/organisations/X05/ae-4h", "/alerts":
        page, _ = fetch(checks, daemon, path + "?framework=second")
        links = [names["href"] for names in page.found("a") if names["href"].startswith("/")]
        checks.equal([link for link in links if "framework=second" not in link and not
                      link.startswith(("/api/", "/metrics", "/?framework=example"))], [], "links of %s" % path)
        checks.true("Second framework" in page.words(), "the name of the rules on %s" % path)
        page, _ = fetch(checks, daemon, path)
        checks.true(page.found("a", href="/?framework=second"), "a way to the other rules on %s" % path)


def check_organisation(checks, daemon, query):
    row = query.get("organisation", code="X05")
    page, text = fetch(checks, daemon, "/organisations/X05")
    words = page.words()
    on = [trigger for trigger in row["triggers"] if trigger["on"]]
    checks.true(on, "X05 has grounds")
    for trigger in on:
        checks.true(trigger["title"] in words, "ground: %s" % trigger["title"])
    for alert in row["alerts"] + [move["alert"] for move in row["history"] if "alert" in move]:
        checks.true(page.found("a", href="/alerts/" + alert), "link to alert %s" % alert)
    checks.equal(sorted(names["data-measure"] for names in page.found("article")),
                 sorted(signal["measure"] for signal in row["signals"]), "measures")
    checks.true("places to climb to leave it" in words, "evidence in words")
    charts = charts_of(text)
    for measure, svg in charts.items():
        series = query.get("series", code="X05", measure=measure)["points"]
        points = reference.points_of(reference.parse(svg))
        checks.equal([(point["data-period"], float(point["data-y"]), float(point["data-mean"]), point["data-type"])
                      for point in points],
                     [(point["period"], point["y"], point["mean"], point["point_type"]) for point in series],
                     "chart of %s" % measure)
    checks.equal(sorted(charts), ["ae-4h", "infections", "sickness"], "charts")
    checks.equal(text.count('class="chart strip"'), 3, "strips of peers")
    page, _ = fetch(checks, daemon, "/organisations/X05/ae-4h")
    checks.true("All figures, the newest first" in page.words(), "figures as a table")
    for path in ("/organisations/ZZZ", "/organisations/%3Cb%3E", "/organisations/X05/none", "/organisations/X05/cqc-overall"):
        fetch(checks, daemon, path, 404)
    reply = get(daemon, "/charts/X05/ae-4h")
    checks.equal(reply.headers["Content-Type"], "image/svg+xml; charset=utf-8", "a chart as a file")
    reference.parse(reply.text())
    checks.equal(get(daemon, "/charts/X05/none").status, 404, "a chart that is not there")


def check_alerts(checks, daemon, query):
    alerts = query.alerts()
    page, _ = fetch(checks, daemon, "/alerts")
    checks.equal([names["data-alert"] for names in page.found("li") if "data-alert" in names],
                 [alert["id"] for alert in reversed(alerts)][:100], "alerts, the newest first")
    for alert in alerts:
        page, _ = fetch(checks, daemon, "/alerts/" + alert["id"])
        checks.true(alert["data"]["summary"] in page.words(), "summary of %s" % alert["id"])
    page, _ = fetch(checks, daemon, "/alerts/1-99999", 404)
    checks.equal(get(daemon, "/alerts/none").status, 404, "an alert without a number")


def check_rest(checks, daemon, query):
    systems = query.get("systems")["systems"]
    page, _ = fetch(checks, daemon, "/systems")
    for system in systems:
        checks.true(page.found("a", href="/?system=" + system["system"]), "system %s" % system["system"])
    for by in "region", "group", EVIL:
        fetch(checks, daemon, "/systems?by=" + urllib.parse.quote(by))
    page, _ = fetch(checks, daemon, "/health")
    checks.true("on disk before it is acknowledged" in page.words() and "leader" in page.words(), "health in words")
    for path, kind in (("page.css", "text/css"), ("chart.css", "text/css"), ("page.js", "text/javascript"),
                       ("icon.svg", "image/svg+xml")):
        reply = get(daemon, "/assets/" + path)
        checks.equal((reply.status, reply.headers["Content-Type"].split(";")[0]), (200, kind), path)
        checks.true(b"http://" not in reply.body.replace(b"http://www.w3.org/2000/svg", b"") and
                    b"https://" not in reply.body, "%s asks nobody else" % path)


def check_rules_that_go(checks, daemon):
    """The list of alerts waits for the store while a reload takes the rules away that it was asked under."""
    server = daemon.redis_pids()[0]
    os.kill(server, signal.SIGSTOP)
    try:
        with open_raw(daemon, b"GET /alerts?framework=second HTTP/1.1\r\nHost: localhost\r\n"
                              b"Connection: close\r\n\r\n") as raw:
            get(daemon, "/-/healthy")  # it has been read by then
            daemon.options["frameworks"] = daemon.options["frameworks"][:1]
            daemon.write_config()
            daemon.process.send_signal(signal.SIGHUP)
            wait_for(lambda: "keys read again" in daemon.log_text(), "the reload")
            os.kill(server, signal.SIGCONT)
            checks.true(read_all(raw).startswith(b"HTTP/1.1 404 "), "a page under rules that have gone")
    finally:
        os.kill(server, signal.SIGCONT)


def check_reference(checks, folder):
    """Charts on the page against the reference; names that try to be markup."""
    series = reference.read() if os.path.exists(reference.REFERENCE) else {}
    if not series:
        print("not compared: no reference data at %s (OVERSIGHT_SHARED names its folder)" % reference.REFERENCE)
    with WebDaemon(folder, "reference", **reference.write_rules(folder)) as daemon:
        if series:
            with Submitter(daemon) as submitter:
                submitter.submit(reference.updates(series), baseline=True)
        page, _ = fetch(checks, daemon, "/")
        checks.true("Trust <b>R0A</b> & Sons" in page.words() and not page.found("b"), "a name with markup is text")
        for (config, org), rows in series.items():
            page, text = fetch(checks, daemon, "/organisations/" + org)
            checks.true("Trust <b>%s</b> & Sons" % org in page.words(), "name of %s as text" % org)
            svg = charts_of(text)[reference.MEASURES[config]]
            reference.compare(checks, reference.points_of(reference.parse(svg)), rows, "%s of %s on the page" % (config, org))


def write_second(folder):
    """The example framework under another name, beside itself."""
    first, second = os.path.join(EXAMPLE, "example.conf"), os.path.join(folder, "second.conf")
    with open(first) as file:
        text = file.read()
    with open(second, "w") as file:
        file.write(text.replace('"example"', '"second"', 1).replace("Example framework", "Second framework"))
    return [first, second]


def body(checks, folder):
    with WebDaemon(folder, frameworks=write_second(folder)) as daemon:
        page, _ = fetch(checks, daemon, "/")
        checks.true("Nobody." in page.words(), "a board before any figure")
        fetch(checks, daemon, "/organisations/X05")
        fetch(checks, daemon, "/alerts")
        with Submitter(daemon, "example") as submitter:
            send_example(submitter, example_steps()[:6])
        with Query(daemon) as query:
            check_board(checks, daemon, query)
            check_organisation(checks, daemon, query)
            check_alerts(checks, daemon, query)
            check_rest(checks, daemon, query)
        check_other_rules(checks, daemon)
        check_rules_that_go(checks, daemon)
    check_reference(checks, folder)


if __name__ == "__main__":
    run_test("test_page", body)
