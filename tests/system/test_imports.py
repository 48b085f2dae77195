"""Mappings against published files: what oversightctl makes of them, against a count of its own by other means."""
import collections
import csv
import os
import subprocess

from harness import CTL, DEADLINE, SHARED, SOURCE, run_test

DATA = os.path.join(SHARED, "data")
QUARTERS = {"Q1": "-04-01", "Q2": "-07-01", "Q3": "-10-01"}


def rows(name):
    with open(os.path.join(DATA, name), newline="") as file:
        return list(csv.DictReader(file))


def imported(checks, mapping, path):
    """{(org, measure, period): value} as printed by send --dry-run; mapping: a shipped one, or a path."""
    shipped = os.path.join(SOURCE, "conf", "imports", mapping)
    done = subprocess.run([CTL, "send", "--dry-run", "--map", shipped, path], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE)
    checks.equal((done.returncode, done.stderr), (0, ""), "send --dry-run --map %s" % mapping)
    lines = list(csv.reader(done.stdout.splitlines()))
    checks.equal(lines[0], ["org", "measure", "period", "value"], "header of %s" % mapping)
    found = {}
    for org, measure, period, value in lines[1:]:
        found[org, measure, period] = value
    checks.equal(len(found), len(lines) - 1, "rows of %s that are there once" % mapping)
    return found


def compare(checks, name, found, expected):
    checks.equal(len(found), len(expected), "%s: number of figures" % name)
    checks.equal(sorted(set(expected) ^ set(found))[:5], [], "%s: figures in one and not in the other" % name)
    wrong = [key for key in expected if key in found and not same(found[key], expected[key])]
    checks.equal([(key, found[key], expected[key]) for key in wrong[:5]], [], "%s: figures that differ" % name)
    numbers = [float(value) for value in found.values() if value not in ("true", "false")]
    print("%s: %d figures, sum %.6f" % (name, len(found), sum(numbers)))


def same(text, value):
    if isinstance(value, bool):
        return text == ("true" if value else "false")
    return abs(float(text) - value) <= 1e-9 * max(1.0, abs(value))


def ae_by_type(types):
    attendances, breaches = collections.Counter(), collections.Counter()
    for row in rows("ae_attendances_2016_2019.csv"):
        if row["type"] not in types:
            continue
        attendances[row["org_code"], row["period"]] += int(row["attendances"])
        breaches[row["org_code"], row["period"]] += int(row["breaches"])
    return {(org, "ae-4h", period): 100 - 100 * breaches[org, period] / count
            for (org, period), count in attendances.items() if count}


def ae_series():
    return {(row["org_code"], "ae-4h", row["period"] + "-01"): 100 - 100 * int(row["over_4h"]) / int(row["attendances"])
            for row in rows("ae_trust_series_2021_2024.csv") if row["over_4h"] and int(row["attendances"])}


def rtt():
    found = {}
    for row in rows("rtt_trust_monthly_2024_25.csv"):
        for measure, column in (("rtt-18w", "rtt_within_18w"), ("rtt-52w", "rtt_52w_plus"), ("rtt-65w", "rtt_65w_plus")):
            if int(row["rtt_incomplete"]):
                found[row["org_code"], measure, row["period"] + "-01"] = (
                    100 * int(row[column]) / int(row["rtt_incomplete"]))
    return found


def nof(names=None):
    found = {}
    for row in rows("nof_2025_26_q1_q3_metrics.csv"):
        measure = names.get(row["metric_id"]) if names else row["metric_id"].lower()
        value = float(row["value"])
        if row["metric_id"] in ("OF5004", "OF5007"):
            value = bool(value)
        if measure:
            found[row["trust_code"], measure, "2025" + QUARTERS[row["quarter"][:2]]] = value
    return found


def figures_of_nof():
    return {"OF0005": "community-52w", "OF0016": "crisis-24h", "OF0041": "cyp-access-change", "OF0057": "ucr-2h",
            "OF0061": "staff-raising-concerns", "OF0063": "inpatients-60d", "OF0079": "planned-surplus",
            "OF0081": "finance-variance", "OF0082": "sickness", "OF0084": "staff-engagement-score",
            "OF0086": "relative-cost", "OF1035": "cqc-community-survey", "OF5004": "deficit",
            "OF5007": "recovery-programme"}


def monthly(checks, folder):
    """The four monthly layouts on invented rows."""
    weeks = ["Gt %02d To %02d Weeks SUM 1" % (n, n + 1) for n in range(104)] + ["Gt 104 Weeks SUM 1"]
    bands = ["00 < 01 Week"] + ["%02d < %02d Weeks" % (n, n + 1) for n in range(1, 13)] + ["13+ Weeks"]
    parts = ["Type 1", "Type 2", "Other %sDepartment", "Booked Appointments Type 1", "Booked Appointments Type 2",
             "Booked Appointments Other Department"]
    files = {
        "ae-monthly.conf": (
            ["Period", "Org Code", "Parent Org", "Org name"] +
            ["A&E attendances " + part.replace("%s", "A&E ") for part in parts] +
            ["Attendances over 4hrs " + part.replace("%s", "") for part in parts],
            [["MSitAE-JUNE-2023", "RX1", "NORTH", "One", 60, "-", 30, 5, "", 5, 20, "-", 4, 1, "", 0],
             ["MSitAE-JUNE-2023", "RX2", "NORTH", "No department", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
             ["TOTAL", "TOTAL", "TOTAL", "TOTAL", 60, 0, 30, 5, 0, 5, 20, 0, 4, 1, 0, 0]],
            {("RX1", "ae-4h", "2023-06-01"): 75.0}),
        "rtt-monthly.conf": (
            ["Period", "Provider Org Code", "RTT Part Type", "Treatment Function Code"] + weeks + ["Total"],
            [["RTT-March-2024", "RX1", "Part_2", "C_999"] + [1] * 18 + [""] * 34 + [1] * 12 + [2] + [""] * 40 + [32],
             ["RTT-March-2024", "RX1", "Part_2", "C_999"] + [0] * 18 + [2] * 34 + [0] * 53 + [68],
             ["RTT-March-2024", "RX1", "Part_2", "C_100"] + [9] * 105 + [945],
             ["RTT-March-2024", "RX1", "Part_2A", "C_999"] + [9] * 105 + [945]],
            {("RX1", "rtt-18w", "2024-03-01"): 18.0, ("RX1", "rtt-52w", "2024-03-01"): 14.0,
             ("RX1", "rtt-65w", "2024-03-01"): 0.0}),
        "cancer-monthly.conf": (
            ["YEAR", "MONTH", "STANDARD", "ORG CODE", "TREATMENT MODALITY", "CANCER TYPE", "TOTAL TREATED",
             "WITHIN STANDARD", "BREACHES"],
            [["2025/26", "APR", "28-day FDS", "RX1", "", "Suspected skin cancer", 30, 24, 6],
             ["2025/26", "APR", "28-day FDS", "RX1", "", "Suspected lung cancer", 10, 8, 2],
             ["2025/26", "APR", "28-day FDS", "RX1", "", "ALL CANCERS", 40, 32, 8],
             ["2025/26", "FEB", "62-day Combined", "RX1", "Surgery", "Lung", 4, 1, 3]],
            {("RX1", "cancer-28d", "2025-04-01"): 80.0, ("RX1", "cancer-62d", "2026-02-01"): 25.0}),
        "diagnostics-monthly.conf": (
            ["Period", "Provider Org Code", "Diagnostic Tests"] + bands + ["Total WL"],
            [["DM01-MAY-2026", "RX1", "MRI"] + [1] * 6 + [1] * 7 + [1] + [14],
             ["DM01-MAY-2026", "RX1", "CT"] + [1] * 6 + [0] * 8 + [6],
             ["DM01-MAY-2026", "RX1", "TOTAL"] + [2] * 6 + [1] * 8 + [20]],
            {("RX1", "diagnostics-6w", "2026-05-01"): 40.0}),
    }
    for mapping, (header, lines, expected) in files.items():
        path = os.path.join(folder, mapping.replace(".conf", ".csv"))
        with open(path, "w", newline="") as file:
            csv.writer(file).writerows([header] + lines)
        compare(checks, mapping, imported(checks, mapping, path), expected)


def all_types(checks, folder):
    """The variant that the mapping's comment describes: all departments of an organisation's month added up."""
    with open(os.path.join(SOURCE, "conf", "imports", "ae-2016-19.conf")) as file:
        text = file.read()
    line = 'only = ( { column = "type"; is = "1"; } );'
    checks.equal(text.count(line), 1, "the line to drop")
    path = os.path.join(folder, "all-types.conf")
    with open(path, "w") as file:
        file.write(text.replace(line, "group = true;"))
    found = imported(checks, path, os.path.join(DATA, "ae_attendances_2016_2019.csv"))
    compare(checks, "all types", found, ae_by_type({"1", "2", "other"}))


def body(checks, folder):
    monthly(checks, folder)
    for name in sorted(os.listdir(os.path.join(SOURCE, "conf", "imports"))):
        done = subprocess.run([CTL, "check", os.path.join(SOURCE, "conf", "imports", name)], capture_output=True,
                              text=True, timeout=DEADLINE)
        checks.equal((done.returncode, done.stderr), (0, ""), "check %s" % name)
    if not os.path.isdir(DATA):
        print("no reference data in %s: only the invented files were tried" % DATA)
        return
    for mapping, name, expected in (
            ("ae-2016-19.conf", "ae_attendances_2016_2019.csv", ae_by_type({"1"})),
            ("ae-series.conf", "ae_trust_series_2021_2024.csv", ae_series()),
            ("rtt-2024-25.conf", "rtt_trust_monthly_2024_25.csv", rtt()),
            ("nof-2025-26.conf", "nof_2025_26_q1_q3_metrics.csv", nof()),
            ("nof-2025-26-measures.conf", "nof_2025_26_q1_q3_metrics.csv", nof(figures_of_nof()))):
        compare(checks, mapping, imported(checks, mapping, os.path.join(DATA, name)), expected)
    all_types(checks, folder)


run_test("imports", body)
