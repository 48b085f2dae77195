#!/usr/bin/env python3
"""What the tests that were run have covered: the lines of each folder, and the functions that were never called.

Reads the counters that programs built with configure --enable-coverage leave beside their objects, through gcov.
usage: coverage.py [FOLDER...]   folders whose functions and files are listed (daemon); builddir and srcdir from the
environment. What is compiled for several programs counts as covered where any of them went.
"""
import collections
import json
import os
import subprocess
import sys

SOURCE = os.environ.get("srcdir") or os.getcwd()
BUILD = os.environ.get("builddir") or os.getcwd()
FOLDERS = ("common", "daemon", "clients")


def counters():
    for folder in FOLDERS:
        for place, _, names in os.walk(os.path.join(BUILD, folder)):
            yield from (os.path.join(place, name) for name in names if name.endswith(".gcno"))


def read(paths):
    """Counts by file and line, and by file and function."""
    lines, functions = collections.defaultdict(dict), collections.defaultdict(dict)
    for path in paths:
        done = subprocess.run(["gcov", "--json-format", "--stdout", path], cwd=BUILD, capture_output=True, text=True)
        for text in done.stdout.splitlines():
            for file in json.loads(text)["files"] if text.startswith("{") else ():
                name = os.path.relpath(os.path.join(BUILD, file["file"]), SOURCE)
                if name.split("/")[0] not in FOLDERS:
                    continue
                for line in file["lines"]:
                    number = line["line_number"]
                    lines[name][number] = max(line["count"], lines[name].get(number, 0))
                for function in file["functions"]:
                    key = (function["start_line"], function["name"])
                    functions[name][key] = max(function["execution_count"], functions[name].get(key, 0))
    return lines, functions


def covered(counts):
    return sum(1 for count in counts.values() if count > 0)


def table(rows):
    for name, hit, total in rows:
        print("%-40s %6d of %6d lines %6.1f %%" % (name, hit, total, 100 * hit / total))


def main(wanted):
    lines, functions = read(sorted(counters()))
    if not any(covered(counts) for counts in lines.values()):
        sys.exit("no counters in %s: configure --enable-coverage, make check, then make coverage" % BUILD)
    folders = collections.defaultdict(lambda: [0, 0])
    for name, counts in lines.items():
        parts = os.path.dirname(name).split("/")
        for folder in {parts[0] + " (with all below)", "/".join(parts)}:
            folders[folder][0] += covered(counts)
            folders[folder][1] += len(counts)
    table((name, hit, total) for name, (hit, total) in sorted(folders.items()))
    listed = [name for name in sorted(lines) if any(name == one or name.startswith(one + "/") for one in wanted)]
    print("\nFiles below 90 %:")
    table((name, covered(lines[name]), len(lines[name])) for name in listed
          if covered(lines[name]) < 0.9 * len(lines[name]))
    print("\nFunctions never called:")
    for name in listed:
        for (line, function), count in sorted(functions[name].items()):
            if count == 0:
                print("%s:%d: %s" % (name, line, function))


if __name__ == "__main__":
    main(sys.argv[1:] or ["daemon"])
