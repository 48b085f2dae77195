"""Real official figures through the running daemon, held against a full recompute in SQL.

A&E 2016-19 (type 1, share within 4 hours) and RTT 2024-25 are sent with the shipped mapping files. For every measure
and period, n, ranks and the members of bottom quartile and bottom decile must equal those that window functions find
in the published files: 0 differences.
"""
import collections
import csv
import os
import sqlite3

from harness import SHARED, SOURCE, Daemon, Failure, Query, ctl, ctl_words, run_test, skip

AE = os.path.join(SHARED, "data", "ae_attendances_2016_2019.csv")
RTT = os.path.join(SHARED, "data", "rtt_trust_monthly_2024_25.csv")
MEASURES = {"ae-4h": 1, "rtt-18w": 1, "rtt-52w": -1, "rtt-65w": -1}  # 1: higher is better
PEERS = 8  # minimum_peers

FIGURES = """
CREATE TABLE figure (measure TEXT, period TEXT, org TEXT, value REAL, key REAL);
INSERT INTO figure SELECT 'ae-4h', period, org, 1.0 - breaches * 1.0 / attendances, NULL FROM ae
    WHERE type = '1' AND attendances > 0;
INSERT INTO figure SELECT 'rtt-18w', period || '-01', org, within * 1.0 / incomplete, NULL FROM rtt;
INSERT INTO figure SELECT 'rtt-52w', period || '-01', org, over52 * 1.0 / incomplete, NULL FROM rtt;
INSERT INTO figure SELECT 'rtt-65w', period || '-01', org, over65 * 1.0 / incomplete, NULL FROM rtt;
"""

# Type 7 from the worst end: h = (n-1)p, x[floor h] + (h - floor h)(x[floor h + 1] - x[floor h]).
RECOMPUTE = """
CREATE TABLE expected AS
WITH ranked AS (
    SELECT measure, period, org, value, key,
           rank() OVER better AS place, row_number() OVER worse - 1 AS position,
           count(*) OVER (PARTITION BY measure, period) AS n
    FROM figure
    WINDOW better AS (PARTITION BY measure, period ORDER BY key DESC),
           worse AS (PARTITION BY measure, period ORDER BY key)
), cut AS (
    SELECT measure, period, orders.p AS p,
           max(CASE WHEN position = CAST((n - 1) * orders.p AS INTEGER) THEN key END) AS low,
           max(CASE WHEN position = min(n - 1, CAST((n - 1) * orders.p AS INTEGER) + 1) THEN key END) AS high,
           max((n - 1) * orders.p - CAST((n - 1) * orders.p AS INTEGER)) AS part
    FROM ranked, (SELECT 0.25 AS p UNION ALL SELECT 0.1) AS orders
    GROUP BY measure, period, orders.p
)
SELECT ranked.measure, ranked.period, ranked.org, ranked.value, ranked.n, ranked.place,
       ranked.n >= :peers AND ranked.key < quarter.low + quarter.part * (quarter.high - quarter.low) AS bottom_quartile,
       ranked.n >= :peers AND ranked.key < tenth.low + tenth.part * (tenth.high - tenth.low) AS bottom_decile
FROM ranked
JOIN cut AS quarter ON quarter.measure = ranked.measure AND quarter.period = ranked.period AND quarter.p = 0.25
JOIN cut AS tenth ON tenth.measure = ranked.measure AND tenth.period = ranked.period AND tenth.p = 0.1
"""


def load(database):
    database.execute("CREATE TABLE ae (period TEXT, org TEXT, type TEXT, attendances INTEGER, breaches INTEGER)")
    with open(AE, newline="") as file:
        database.executemany("INSERT INTO ae VALUES (?, ?, ?, ?, ?)", [
            (row["period"], row["org_code"], row["type"], int(row["attendances"]), int(row["breaches"]))
            for row in csv.DictReader(file)])
    database.execute(
        "CREATE TABLE rtt (period TEXT, org TEXT, incomplete INTEGER, within INTEGER, over52 INTEGER, over65 INTEGER)")
    with open(RTT, newline="") as file:
        database.executemany("INSERT INTO rtt VALUES (?, ?, ?, ?, ?, ?)", [
            (row["period"], row["org_code"], int(row["rtt_incomplete"]), int(row["rtt_within_18w"]),
             int(row["rtt_52w_plus"]), int(row["rtt_65w_plus"])) for row in csv.DictReader(file)])
    database.executescript(FIGURES)
    for measure, sign in MEASURES.items():
        database.execute("UPDATE figure SET key = ? * value WHERE measure = ?", (sign, measure))
    database.execute(RECOMPUTE, {"peers": PEERS})


def write_registry(database, path):
    """Everybody in the files, as acute trusts: some of these codes have since closed or merged."""
    codes = [row[0] for row in database.execute("SELECT org FROM ae UNION SELECT org FROM rtt ORDER BY 1")]
    with open(path, "w") as file:
        file.write("code,name,type,subtype,region,system,group,opened,closed,successor,predecessors\n")
        for code in codes:
            file.write("%s,Provider %s,acute,,,,,,,,\n" % (code, code))
    return len(codes)


def compare(checks, query, measure, period, rows):
    """One ranking; the number of rows compared."""
    what = "%s %s" % (measure, period)
    reply = query.get("measure", id=measure, period=period)
    if not checks.true("error" not in reply, "%s: %s" % (what, reply.get("error"))):
        return 0
    checks.equal(reply["n"], rows[0]["n"], "%s: n" % what)
    found = {row["code"]: row for row in reply["rows"]}
    checks.equal({code: row["rank"] for code, row in found.items()}, {row["org"]: row["place"] for row in rows},
                 "%s: ranks" % what)
    for band in ("bottom_quartile", "bottom_decile"):
        checks.equal(sorted(code for code, row in found.items() if band in row["bands"]),
                     sorted(row["org"] for row in rows if row[band]), "%s: %s" % (what, band))
    return len(rows)


def compare_values(checks, query, measure, period, rows):
    """Figures may be scaled (a share or a percentage), but all alike."""
    found = {row["code"]: row["value"] for row in query.get("measure", id=measure, period=period)["rows"]}
    scales = {1.0, 100.0}
    for row in rows:
        scales = {scale for scale in scales
                  if abs(found[row["org"]] - scale * row["value"]) <= 1e-9 * scale}
    checks.true(len(scales) == 1, "%s %s: figures equal those published" % (measure, period))


def body(checks, folder):
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    load(database)
    registry = os.path.join(folder, "organisations.csv")
    print("%d organisations" % write_registry(database, registry))
    with Daemon(folder, frameworks=[os.path.join(SOURCE, "conf", "frameworks", "sof-2021-22.conf")],
                registry=registry) as daemon:
        for source, path, mapping in (("ae", AE, "ae-2016-19"), ("rtt", RTT, "rtt-2024-25")):
            done = ctl(*ctl_words(daemon), "send", "--source", source, "--as-one", "--map",
                       os.path.join(SOURCE, "conf", "imports", mapping + ".conf"), path)
            print(done.stdout + done.stderr, end="")
            if not checks.equal(done.returncode, 0, "exit status of oversightctl send %s" % mapping):
                raise Failure("the figures were not sent")
        expected = collections.defaultdict(list)
        for row in database.execute("SELECT * FROM expected"):
            expected[row["measure"], row["period"]].append(row)
        compared = 0
        with Query(daemon) as query:
            for (measure, period), rows in sorted(expected.items()):
                compared += compare(checks, query, measure, period, rows)
                compare_values(checks, query, measure, period, rows)
        flagged = database.execute("SELECT sum(bottom_quartile), sum(bottom_decile) FROM expected").fetchone()
        print("compared %d rankings with %d rows, %d in the bottom quartile, %d in the bottom decile: %d differences"
              % (len(expected), compared, flagged[0], flagged[1], len(checks.failures)))
        checks.equal(compared, database.execute("SELECT count(*) FROM figure").fetchone()[0], "rows compared")
        daemon.stop(checks)


if not os.path.exists(AE) or not os.path.exists(RTT):
    skip("no reference data in %s" % SHARED)
run_test("real_figures", body)
