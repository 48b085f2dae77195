"""The status page in a real Chromium: no complaint on the console, live update, filter, keyboard, charts, both
themes, telephone width, names that try to be markup, a daemon that comes back, and no script at all.

OVERSIGHT_SCREENSHOTS names a folder for pictures of every page.
"""
import csv
import datetime
import http.server
import os
import threading

from browser import Browser, programs
from harness import EXAMPLE, Query, Submitter, Subscriber, example_steps, read_tidy, run_test, send_example, wait_for
from web import WebDaemon

EVIL = "Eastlyn <img src=x onerror=\"window.bad=1\"> & <b>Sons</b>"
PAGES = ["/", "/organisations/X05", "/organisations/X05/ae-4h", "/systems", "/alerts", "/alerts/%s", "/health"]
WIDTHS = [320, 390, 800, 1400]


def write_registry(folder):
    path = os.path.join(folder, "organisations.csv")
    with open(os.path.join(EXAMPLE, "organisations.csv"), newline="") as file:
        rows = list(csv.reader(file))
    for row in rows:
        if row[0] == "X05":
            row[1] = EVIL
    with open(path, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def at(daemon, path):
    return "http://127.0.0.1:%d%s" % (daemon.port, path)


def go_live(browser, daemon, path):
    browser.go(at(daemon, path))
    browser.until("return document.getElementById('live').dataset.state === 'on'", "a live page")


def quiet(checks, browser, what):
    checks.equal(browser.complaints(), [], "the console, %s" % what)


# ---- Live ----


# Notes when the page shows the alert, and when its board shows the move.
WATCH = """
window.sameDocument = true; window.seen = {};
new MutationObserver(() => {
    const news = document.getElementById("news"), now = performance.timeOrigin + performance.now();
    if (news.dataset.alert) window.seen[news.dataset.alert] ??= now;
    if (document.querySelector('[data-segment="3"] [data-code="X05"]')) window.seen.board ??= now;
}).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
"""


def check_live(checks, browser, daemon, submitter):
    """The board shows an alert; the delay is printed, not judged."""
    go_live(browser, daemon, "/")
    browser.run(WATCH)
    checks.equal(browser.run("return document.querySelector('[data-code=X05]').closest('section').dataset.segment"), "2",
                 "segment of X05 before")
    subscriber = Subscriber(daemon)
    submitter.submit(read_tidy(example_steps()[2]))
    event = subscriber.until(lambda event: event["subject"] == "X05", "the alert of X05")
    made = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp() * 1000
    seen = browser.until("return window.seen['%s'] && window.seen.board ? window.seen : null" % event["id"],
                         "the alert on the page")
    print("from the time of the alert, before it is stored, to its words on the page: %.0f ms; to the new board: %.0f ms"
          % (seen[event["id"]] - made, seen["board"] - made), flush=True)
    checks.true(event["data"]["summary"] in browser.text("#news"), "the alert is said: %s" % browser.text("#news"))
    checks.equal(browser.run("const news = document.getElementById('news'); return [news.role, news.ariaLive]"),
                 ["status", "polite"], "it is read out politely")
    checks.true(browser.run("return window.sameDocument"), "without loading the page anew")
    checks.equal(browser.run("return [window.bad ?? null, document.querySelectorAll('#main img, #main b, #news b').length]"),
                 [None, 0], "markup in a name")
    checks.true("<img src=x" in browser.text("[data-code=X05]"), "the name as it is: %s" % browser.text("[data-code=X05]"))
    quiet(checks, browser, "live")
    return event["id"]


def check_feed(checks, browser, daemon, submitter, query):
    """The list of alerts grows while one looks."""
    go_live(browser, daemon, "/alerts")
    browser.run("window.sameDocument = true")
    before = len(browser.elements("[data-alert]"))
    submitter.submit(read_tidy(example_steps()[3]))
    last = query.alerts()[-1]["id"]
    browser.until("return document.querySelector(`#alerts [data-alert=\"${arguments[0]}\"].fresh`) !== null",
                  "the new alert in the list", last)
    checks.true(len(browser.elements("#alerts [data-alert]")) > before, "more alerts than before")
    checks.true(browser.run("return window.sameDocument"), "the list, without loading the page anew")
    quiet(checks, browser, "alerts")


class Refusing(http.server.ThreadingHTTPServer):
    """Stands where the daemon stood and answers 503."""

    allow_reuse_address = daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(503)
            self.server.asked.append(self.path.partition("?")[0])

        def log_message(self, *_):
            pass

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), self.Handler)
        self.asked = []
        self.thread = threading.Thread(target=self.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()


def check_return(checks, browser, daemon):
    """The daemon goes, refuses for a while as one that starts does, and comes back: the page follows again."""
    go_live(browser, daemon, "/")
    daemon.stop(checks)
    browser.until("return document.getElementById('live').dataset.state === 'lost'", "the page to notice")
    checks.true("Not live" in browser.text("#live"), "the page says that it is not live")
    with Refusing(daemon.port) as refusing:
        wait_for(lambda: "/api/v1/stream" in refusing.asked, "the page to be refused its stream")
    daemon.start()
    browser.until("return document.getElementById('live').dataset.state === 'on'", "the page to come back")
    browser.complaints()  # a connection was refused meanwhile


# ---- By hand ----


def shown(browser):
    return browser.run("return [...document.querySelectorAll('[data-code]')].filter(e => e.offsetParent).map(e => e.dataset.code)")


def check_filter(checks, browser, daemon, board):
    go_live(browser, daemon, "/")
    browser.run("window.sameDocument = true")
    checks.equal(sorted(shown(browser)), sorted(board), "all")
    browser.type("#filter-name", "birch")
    wanted = [code for code, row in board.items() if "birch" in row["name"].lower()]
    checks.equal(shown(browser), wanted, "by name")
    checks.equal(browser.address().rpartition("/")[2], "?name=birch", "the address says it")
    checks.equal(browser.text("#shown"), "%d of %d organisations" % (len(wanted), len(board)), "the count")
    browser.run("document.getElementById('filter-name').value = ''")
    for field, key, value in (("region", "region", "Lowland (invented)"), ("type", "type", "icb"), ("system", "system", "XSF")):
        browser.run("for (const f of document.querySelectorAll('#filter select')) f.value = '';")
        browser.run("const field = document.getElementById('filter-' + arguments[0]); field.value = arguments[1];"
                    "field.dispatchEvent(new Event('input', {bubbles: true}))", field, value)
        checks.equal(sorted(shown(browser)), sorted(code for code, row in board.items() if row[key] == value), "by " + field)
    checks.true(browser.run("return window.sameDocument"), "filters, without loading the page anew")
    browser.go(browser.address())
    checks.equal(sorted(shown(browser)), sorted(code for code, row in board.items() if row["system"] == "XSF"),
                 "the address alone")
    browser.run("document.getElementById('filter-system').value = '';"
                "document.getElementById('filter').dispatchEvent(new Event('input'))")
    wait_for(lambda: len(shown(browser)) == len(board), "all of them again from a page that had a part")
    quiet(checks, browser, "filter")


def focused(browser):
    return browser.run("const a = document.activeElement; return a.id || a.getAttribute('href') || a.tagName")


def check_keyboard(checks, browser, daemon):
    """From the address bar to an organisation's grounds with two keys."""
    go_live(browser, daemon, "/")
    browser.press("tab")
    checks.equal(focused(browser), "#main", "the skip link is first")
    checks.true(browser.run("const box = document.activeElement.getBoundingClientRect(); return box.left >= 0 && box.height > 0"),
                "it shows when it has the focus")
    browser.press("enter")
    checks.equal(focused(browser), "main", "it leads to the content")
    path = []
    for _ in range(60):
        browser.press("tab")
        path.append(focused(browser))
        outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
        checks.true(outline != "none", "the focus shows on %s" % path[-1])
        if path[-1].startswith("/organisations/"):
            break
    checks.equal(path[:4], ["filter-name", "filter-type", "filter-region", "filter-system"], "the filter comes first")
    wanted = path[-1]
    browser.press("enter")
    wait_for(lambda: browser.address().endswith(wanted), "the organisation's page")
    checks.true(browser.elements("#why"), "its grounds")
    quiet(checks, browser, "keyboard")


def check_organisation(checks, browser, daemon):
    go_live(browser, daemon, "/organisations/X05")
    sizes = browser.run("return [...document.querySelectorAll('.control-chart, .strip')].map(e => "
                        "{ const b = e.getBoundingClientRect(); return b.width > 200 && b.height > 60 })")
    checks.equal(sizes, [True] * 6, "charts and strips that can be seen")
    tree = browser.protocol("Accessibility.getFullAXTree")["nodes"]
    images = [node for node in tree if node.get("role", {}).get("value") in ("image", "img") and not node.get("ignored")]
    checks.true(len(images) >= 6 and all(node["name"]["value"] and node.get("description", {}).get("value")
                                         for node in images), "each has a name and a description for a screen reader")
    fill = ("return ['.common', '.line', 'text'].map(c => "
            "getComputedStyle(document.querySelector('.control-chart ' + c))[c === '.line' ? 'stroke' : 'fill'])")
    light = browser.run(fill)
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    browser.theme("dark")
    checks.true(all(a != b for a, b in zip(light, browser.run(fill))), "charts follow the theme")
    checks.true(browser.run("return getComputedStyle(document.body).backgroundColor") != ground, "so does the page")
    browser.theme("light")
    checks.equal(browser.run("const s = document.createElement('script'); s.textContent = 'window.inline = 1';"
                             "document.body.append(s); return window.inline ?? null"), None, "a script inside the page")
    checks.true(any("Content Security Policy" in text for text in browser.complaints()), "and the policy is what forbids it")


def check_looks(checks, browser, daemon, alert):
    """Every page at every width: nothing to scroll to the side; pictures where they are wanted."""
    folder = os.environ.get("OVERSIGHT_SCREENSHOTS")
    for path in PAGES:
        path = path % alert if "%s" in path else path
        for width in WIDTHS:
            browser.width(width)
            browser.go(at(daemon, path))
            over = browser.run("const d = document.documentElement; return d.scrollWidth - d.clientWidth")
            checks.equal(over, 0, "%s at %d: pixels beyond the width" % (path, width))
            for theme in ("light", "dark") if folder else ():
                browser.theme(theme)
                name = path.strip("/").replace("/", "-") or "board"
                browser.screenshot(os.path.join(folder, "%s-%d-%s.png" % (name, width, theme)))
            browser.theme("light")
    browser.width(1400)
    browser.go(at(daemon, "/"))
    browser.media("print")
    checks.equal(browser.run("return ['nav', '.filter', '#board'].map(c => document.querySelector(c).offsetHeight > 0)"),
                 [False, False, True], "what goes on paper: no navigation, no filter, the board")
    browser.media("")
    quiet(checks, browser, "looks")


def check_without_script(checks, daemon, board):
    with Browser(script=False) as browser:
        browser.go(at(daemon, "/"))
        checks.equal(browser.run("return document.getElementById('live').dataset.state"), "off", "the script did not run")
        checks.equal(len(browser.elements("[data-code]")), len(board), "the board")
        browser.type("#filter-name", "x05")
        browser.click("#filter button")
        wait_for(lambda: "name=x05" in browser.address(), "the filtered board")
        checks.equal(len(browser.elements("[data-code]")), 1, "filtered by the daemon")
        browser.click("[data-code=X05] a")
        wait_for(lambda: browser.address().endswith("/organisations/X05"), "the organisation's page")
        checks.equal(len(browser.elements(".control-chart")), 3, "charts")
        quiet(checks, browser, "without a script")


def body(checks, folder):
    with WebDaemon(folder, registry=write_registry(folder)) as daemon, Browser() as browser:
        with Submitter(daemon, "example") as submitter:
            send_example(submitter, example_steps()[:2])
            alert = check_live(checks, browser, daemon, submitter)
            with Query(daemon) as query:
                check_feed(checks, browser, daemon, submitter, query)
                board = {code: row for code, row in query.board().items() if "closed" not in row}
        check_filter(checks, browser, daemon, board)
        check_keyboard(checks, browser, daemon)
        check_organisation(checks, browser, daemon)
        check_looks(checks, browser, daemon, alert)
        check_without_script(checks, daemon, board)
        check_return(checks, browser, daemon)


if __name__ == "__main__":
    programs()
    run_test("test_browser", body)
