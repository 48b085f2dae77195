"""Why an organisation is where it is, and what keeps it from another segment: explain, why-not, headroom, systems."""
import json

from harness import Daemon, Query, Submitter, ctl, ctl_words, example_steps, run_test, send_example


def grounds_of(reply):
    return {ground["id"]: ground for step in reply["steps"] for ground in step.get("grounds", [])}


def same_as_ctl(checks, daemon, reply, *words):
    done = ctl(*ctl_words(daemon), "--json", *words)
    checks.equal(done.returncode, 0, "%s: %s" % (words, done.stderr))
    checks.equal(json.loads(done.stdout), reply, "oversightctl --json %s beside the query" % (words,))


def text_of(checks, daemon, *words):
    done = ctl(*ctl_words(daemon), "--color=never", *words)
    checks.equal(done.returncode, 0, "%s: %s" % (words, done.stderr))
    return done.stdout


def check_explain(checks, daemon, query, board):
    """The numbered steps, for everybody: the step that decides and the grounds agree with the board."""
    for code, row in board.items():
        reply = query.get("explain", code=code)
        checks.equal([step["step"] for step in reply["steps"]], [1, 2, 3, 4, 5], "steps of %s" % code)
        grounds = grounds_of(reply)
        on = sorted(name for name, ground in grounds.items() if ground.get("on"))
        checks.equal(on, sorted(row["on"]), "grounds on of %s" % code)
        step = 2 if row["indicative"] == 4 else 3 if row["indicative"] == 3 else 5
        checks.equal((reply["decided"], reply["indicative"]), (step, row["indicative"]), "deciding step of %s" % code)
        for name, ground in grounds.items():
            showing = [look for look in ground["measures"] if look["holds"]]
            checks.equal(ground["shows"]["measures"], len(showing), "measures that show %s of %s" % (name, code))
            checks.equal(ground["on"], len(showing) >= ground["asks"]["measures"]
                         and ground["shows"]["themes"] >= ground["asks"]["themes"], "%s of %s" % (name, code))
    same_as_ctl(checks, daemon, query.get("explain", code="X09"), "show", "X09", "--explain")
    text = text_of(checks, daemon, "show", "X09", "--explain")
    for expected in ("2. Any trigger for segment 4 on: 4: yes  <- decides", "[on]  catastrophic failure of leadership",
                     "[off] key measures in the bottom quartile", "at the earliest after 2 more periods"):
        checks.true(expected in text, "show --explain says: %s" % expected)


def check_why_not(checks, daemon, query):
    reply = query.get("why-not", code="X09", segment=2)
    checks.equal([ground["id"] for ground in reply["must_end"]], ["leadership-failure"], "what keeps X09 from 2")
    reply = query.get("why-not", code="X03", segment=3)
    checks.equal(reply["must_end"], [], "nothing must end to make X03 worse")
    checks.equal(sorted(ground["id"] for ground in reply["one_must_begin"]),
                 ["cqc-quality", "dramatic-drop", "key-bottom-quartile", "sustained-bottom-decile"], "grounds for 3")
    same_as_ctl(checks, daemon, reply, "why-not", "X03", "3")
    checks.true(query.get("why-not", code="X03", segment=2)["there"], "X03 is in 2")
    checks.equal(query.get("why-not", code="X03", segment=5)["error"]["code"], "not-applicable", "no segment 5 here")
    checks.true("All of these must end" in text_of(checks, daemon, "why-not", "X09", "2"), "why-not in words")
    checks.equal(ctl(*ctl_words(daemon), "why-not", "X03", "six").returncode, 64, "a segment that is none")


def move(query, submitter, code, measure, figure):
    """Restates the newest figure of a measure."""
    signals = query.get("organisation", code=code)["signals"]
    period = next(signal["period"] for signal in signals if signal["measure"] == measure)
    submitter.submit([{"org": code, "measure": measure, "period": period, "value": figure, "revision": 9}])


def check_headroom(checks, query, submitter, code):
    """Moved by a hair less than the headroom it stays, by a hair more it goes."""
    row = query.board()[code]
    headroom = row["headroom"]
    checks.equal(headroom.get("measures", 1), 1, "one measure is enough for %s" % code)
    signals = query.get("organisation", code=code)["signals"]
    value = next(signal["value"] for signal in signals if signal["measure"] == headroom["measure"])
    checks.true(abs(abs(value - headroom["figure"]) - headroom["distance"]) < 1e-9, "distance of %s" % code)
    hair = 1e-6 if value < headroom["figure"] else -1e-6
    move(query, submitter, code, headroom["measure"], headroom["figure"] - hair)
    checks.equal(query.board()[code]["indicative"], row["indicative"], "%s a hair before the bound" % code)
    move(query, submitter, code, headroom["measure"], headroom["figure"] + hair)
    checks.equal(query.board()[code]["indicative"], headroom["segment"], "%s a hair beyond the bound" % code)
    move(query, submitter, code, headroom["measure"], value)
    checks.equal(query.board()[code]["indicative"], row["indicative"], "%s back at its figure" % code)


def check_systems(checks, daemon, query, board):
    for by in ("system", "region", "group"):
        for unit in query.get("systems", by=by)["systems"]:
            members = [row for row in board.values() if row.get(by) == unit[by]]
            counts = {str(n): sum(row["indicative"] == n for row in members) for n in (1, 2, 3, 4)}
            checks.equal(unit["segments"], counts, "segments in %s %s" % (by, unit[by]))
            checks.equal(unit["worst"], sorted(row["code"] for row in members if row["indicative"] == 4),
                         "segment 4 in %s %s" % (by, unit[by]))
            if by == "system":
                checks.equal(unit["own"]["indicative"], board[unit["system"]]["indicative"], "%s itself" % unit["system"])
    text = text_of(checks, daemon, "systems")
    checks.true("XNM" in text and "X09" in text, "systems in words: %s" % text)
    checks.equal(text_of(checks, daemon, "board", "--by", "system"), text, "board --by system")
    checks.true("Upland" in text_of(checks, daemon, "systems", "--by", "region"), "by region in words")
    checks.equal(ctl(*ctl_words(daemon), "systems", "--by", "colour").returncode, 64, "by nothing we know")


def check_variation(checks, daemon, query):
    rows = query.get("measure", id="ae-4h")["rows"]
    words = {row["variation"] for row in rows}
    checks.true("common-cause" in words and "improvement-high" in words, "variation in the league: %s" % words)
    text = text_of(checks, daemon, "league", "ae-4h")
    checks.true("special cause improvement (H)" in text and "common cause" in text, "variation in words")
    code = next(row["code"] for row in rows if row["variation"] == "improvement-high")
    checks.true("  improvement (H)  " in text_of(checks, daemon, "show", code), "variation in show %s" % code)


def body(checks, folder):
    with Daemon(folder) as daemon, Submitter(daemon) as submitter, Query(daemon) as query:
        send_example(submitter, example_steps()[:4])
        board = query.board()
        checks.equal((board["X05"]["indicative"], board["X09"]["indicative"]), (3, 4), "X05 in 3, X09 in 4")
        check_explain(checks, daemon, query, board)
        check_why_not(checks, daemon, query)
        check_systems(checks, daemon, query, board)
        check_variation(checks, daemon, query)
        for code in ("X05", "X06", "X02"):
            check_headroom(checks, query, submitter, code)


run_test("why", body)
