"""Reference control charts, a framework that draws them, and what a drawn chart says of itself."""
import csv
import os
import re
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from harness import SHARED, skip  # noqa: E402

REFERENCE = os.path.join(SHARED, "data", "spc_reference_nhsrplotthedots.csv")
MEASURES = {"pct4h_default": "pct4h", "pct4h_fix12": "pct4h-fixed"}
SERIES = [("pct4h_default", "R0A"), ("pct4h_default", "RRK"), ("pct4h_fix12", "RJ1")]
SVG = "{http://www.w3.org/2000/svg}"

FRAMEWORK = """
id = "charts"; name = "Charts"; method = "triggers"; default_segment = 2; minimum_peers = 2;
types = ["acute"]; themes = ["access"];
segments = ( { number = 1; name = "one"; }, { number = 2; name = "two"; }, { number = 3; name = "three"; consequence = "support"; },
             { number = 4; name = "four"; consequence = "more support"; } );
measures = (
    { id = "pct4h"; name = "Within 4 hours"; unit = "share"; theme = "access"; kind = "number"; direction = "higher";
      frequency = "month"; applies_to = ["acute"]; },
    { id = "pct4h-fixed"; name = "Within 4 hours, limits fixed"; unit = "share"; theme = "access"; kind = "number";
      direction = "higher"; frequency = "month"; applies_to = ["acute"]; fix_after = 12; }
);
triggers = ( { id = "quartile"; title = "in the bottom quartile"; segment = 3; signal = "bottom_quartile";
               measures = ["pct4h"]; } );
"""


def read():
    """{(config, org): [row, ...]} of the three series."""
    if not os.path.exists(REFERENCE):
        skip("no reference data at %s (OVERSIGHT_SHARED names its folder)" % REFERENCE)
    found = {key: [] for key in SERIES}
    with open(REFERENCE, newline="") as file:
        for row in csv.DictReader(file):
            if (row["config"], row["org_code"]) in found:
                found[row["config"], row["org_code"]].append(row)
    return found


def updates(series):
    return [{"org": org, "measure": MEASURES[config], "period": row["period"], "value": float(row["y"])}
            for (config, org), rows in series.items() for row in rows]


def write_rules(folder):
    """Framework and registry; their paths as options of the daemon."""
    rules, registry = os.path.join(folder, "charts.conf"), os.path.join(folder, "charts.csv")
    with open(rules, "w") as file:
        file.write(FRAMEWORK)
    with open(registry, "w") as file:
        file.write("code,name,type,subtype,region,system,group,opened,closed,successor,predecessors\n")
        for org in sorted({org for _, org in SERIES}):
            file.write("%s,Trust <b>%s</b> & Sons,acute,,North,,,,,,\n" % (org, org))
    return {"frameworks": [rules], "registry": registry}


def points_of(svg):
    """The attributes of the points, in order, of a chart given as an element."""
    return [mark.attrib for mark in svg.iter(SVG + "path") if "data-y" in mark.attrib]


def parse(text):
    return xml.fromstring(re.sub(r"^<\?xml[^>]*\?>\s*", "", text))


def compare(checks, points, rows, what):
    """Every point: period, figure, limits, class of the point in the drawing and in its words."""
    if not checks.equal(len(points), len(rows), "%s: points" % what):
        return
    wrong = 0
    for point, row in zip(points, rows):
        good = point["data-period"][:7] == row["period"][:7] and point["data-type"] == row["point_type"]
        for name, column in (("y", "y"), ("mean", "mean"), ("lower", "lpl"), ("upper", "upl")):
            should = float(row[column])
            good = good and abs(float(point["data-" + name]) - should) <= 1e-9 * max(1, abs(should))
        words = point["class"].split()
        kind = row["point_type"].split("_")[2 if "special" in row["point_type"] else 0]
        good = good and words[:2] == ["mark", kind]
        wrong += not good
    checks.equal(wrong, 0, "%s: points that differ from the reference" % what)
