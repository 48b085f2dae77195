#!/usr/bin/python3
"""The whole daemon against raw limits measured in the same run: `make bench`.

Every figure is the median of several rounds, and a ratio to what a bare counterpart of a page of C reaches on the
same machine a moment before. A run whose raw limits scatter by more than a third of their median is called invalid.

environment: BENCH (folder of the built programs), DAEMON, CTL, REDIS_SERVER, ROUNDS (5), SCALE (1: full length),
ONLY (names of workloads), OUT (a JSON file).
"""
import contextlib
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import country  # noqa: E402  (beside this file)

BENCH = os.environ["BENCH"]
DAEMON = os.environ["DAEMON"]
REDIS = os.environ.get("REDIS_SERVER") or "redis-server"
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SCALE = float(os.environ.get("SCALE", "1"))
ONLY = os.environ.get("ONLY", "").split()
CORES = sorted(os.sched_getaffinity(0))
SCATTER = 1 / 3


def scaled(count, least):
    return max(int(count * SCALE), least)


def pinned():
    """Who loads, and the store, keep to the first processor. Who is measured, daemon or bare counterpart, has them
    all, as in service: both have a thread for their sockets beside the one that works."""
    return ["taskset", "-c", str(CORES[0])] if len(CORES) > 1 and shutil.which("taskset") else []


def tool(name, *arguments, measured=False):
    done = subprocess.run(([] if measured else pinned()) + [os.path.join(BENCH, name)] + [str(a) for a in arguments],
                          check=True, stdout=subprocess.PIPE, text=True, timeout=600)
    return json.loads(done.stdout)


@contextlib.contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="bench-")
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextlib.contextmanager
def daemon(config, ready=120):
    """A running daemon; gives the seconds it took to be ready."""
    path = config + ".notify"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(config + ".log", "w") as log:
        notify.bind(path)
        notify.settimeout(ready)
        start = time.monotonic()
        process = subprocess.Popen([DAEMON, "-f", "-c", config], stdout=log, stderr=log,
                                   env=dict(os.environ, NOTIFY_SOCKET=path))
        try:
            while b"READY=1" not in notify.recv(4096):
                if process.poll() is not None:
                    raise SystemExit("oversightd ended: see %s.log" % config)
            process.ready_after = time.monotonic() - start
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextlib.contextmanager
def redis(path):
    """A server with an append-only file that is synced at every write, set up as the private one."""
    address = os.path.join(path, "redis.socket")
    process = subprocess.Popen(pinned() + [REDIS, "--port", "0", "--unixsocket", address, "--dir", path, "--appendonly",
                                            "yes", "--appendfsync", "always", "--hash-max-listpack-entries", "64",
                                            "--save", "", "--daemonize", "no"], stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while True:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(address) == 0:
                    break
            if time.monotonic() > end or process.poll() is not None:
                raise SystemExit("redis-server does not start")
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


# ---- Figures ---------------------------------------------------------------------------


class Report:
    def __init__(self):
        self.rows, self.valid = [], True

    def add(self, name, unit, raw, ours, goal, higher=True):
        """raw and ours: rounds of the bare counterpart and of the daemon; goal: the ratio wanted."""
        raw_mid, mid = statistics.median(raw), statistics.median(ours)
        scatter = (max(raw) - min(raw)) / raw_mid if raw_mid else 0
        steady = scatter <= SCATTER
        self.valid = self.valid and steady
        ratio = mid / raw_mid if raw_mid else float("nan")
        row = {"name": name, "unit": unit, "raw": {"median": raw_mid, "min": min(raw), "max": max(raw)},
               "daemon": {"median": mid, "min": min(ours), "max": max(ours)}, "ratio": ratio, "goal": goal,
               "reached": ratio >= goal if higher else ratio <= goal, "raw_steady": steady}
        self.rows.append(row)
        print("%-44s %11.6g %11.6g %11.6g | %11.6g %11.6g %11.6g | %7.3f %s %-5g %s%s" % (
            name + ", " + unit, raw_mid, min(raw), max(raw), mid, min(ours), max(ours), ratio, ">=" if higher else "<=",
            goal, "reached" if row["reached"] else "missed", "" if steady else ", raw limit scatters"), flush=True)


def versions():
    def first(*command):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n")[0]
        return "unknown"
    made = "make"
    with contextlib.suppress(OSError):  # what was built after it is plain
        made = "make pgo" if os.stat(DAEMON).st_mtime <= os.stat("pgo-notes/made").st_mtime else made
    return {"daemon": "%s (%s)" % (first(DAEMON, "--version"), made), "redis": first(REDIS, "--version"),
            "kernel": platform.release(), "cores": len(CORES), "load": os.getloadavg()}


# ---- Workloads ---------------------------------------------------------------------------


def receive(report, name, encoding, per_message, messages, goal, orgs=250, measures=50):
    raw, ours = [], []
    for number in range(ROUNDS + 1):  # the first warms up
        with folder() as path:
            feed = "ipc://%s/feed" % path
            shape = [feed, messages, per_message, encoding, orgs, measures, number]
            receiver = subprocess.Popen([os.path.join(BENCH, "bare_receiver"), feed, str(messages)],
                                        stdout=subprocess.PIPE, text=True)
            tool("feed_sender", *shape)
            bare = json.loads(receiver.communicate(timeout=600)[0])
            config, (_, _, query) = country.write(path, orgs, measures, feed=feed)
            with daemon(config):
                done = tool("feed_sender", *shape, query)
            if number:
                raw.append(bare["messages"] * per_message / bare["seconds"])
                ours.append(done["updates"] / done["seconds"])
    report.add(name, "updates/s", raw, ours, goal)


def stored(report, name, messages, per_message, goal):
    in_flight, raw, ours = 64, [], []
    for number in range(ROUNDS + 1):
        with folder() as path, redis(path) as address:
            shape = [messages, per_message, in_flight, 250, 50, number]
            bare = tool("bare_writer", address, *shape, measured=True)
            config, (_, submit, _) = country.write(path, store="unix:" + address)
            with daemon(config):
                done = tool("submitter", submit, *shape)
            if number:
                raw.append(bare["updates"] / bare["seconds"])
                ours.append(done["updates"] / done["seconds"])
    report.add(name, "updates/s", raw, ours, goal)


def delays(report, rate, seconds):
    """From when an update was due until its alert is at a subscriber: of a feed, and of submissions."""
    shares = ("p50", "p99")
    raw, ours = {share: [] for share in shares}, {(way, share): [] for way in ("fed", "submitted") for share in shares}
    for number in range(ROUNDS + 1):
        with folder() as path, redis(path) as address:
            echo = tool("latency", "echo", rate, seconds, measured=True)
            written = tool("latency", "redis", rate, seconds, address, measured=True)
            for share in shares if number else ():
                raw[share].append(echo[share] + written[share])
        for way in ("fed", "submitted"):
            with folder() as path, redis(path) as address:
                feed = "ipc://%s/feed" % path if way == "fed" else None
                config, (publish, submit, query) = country.write(path, count=16, feed=feed, store="unix:" + address)
                with daemon(config):
                    done = tool("latency", way, rate, seconds, feed or submit, publish, 250, 50, number,
                                *([query] if feed else []))
            for share in shares if number else ():
                ours[way, share].append(done[share])
    for (way, share), values in ours.items():
        report.add("update to alert at %d/s, %s, %s" % (rate, way, share), "s", raw[share], values, 2, higher=False)


def publication(report):
    ours, twice = [], 0
    for number in range(ROUNDS + 1):
        with folder() as path, redis(path) as address:
            config, (publish, submit, _) = country.write(path, count=16, store="unix:" + address)
            with daemon(config):
                before = tool("latency", "publication", submit, publish, 250, 50, number, "2025-02-01", 10 ** 12)
                done = tool("latency", "publication", submit, publish, 250, 50, number + 1000, "2025-03-01",
                            before["next"])
            twice += done["twice"]
            if number:
                ours.append(done["seconds"])
    report.add("publication day, last byte to last verdict", "s of 0.15", [0.15] * len(ours), ours, 1, higher=False)
    report.add("publication day, announced twice", "organisations, +1", [1], [1 + twice], 1, higher=False)


def start(report, orgs, periods):
    """From a store to READY, against reading the same keys back."""
    raw, ours = [], []
    with folder() as path, redis(path) as address:
        config, (_, submit, _) = country.write(path, orgs, store="unix:" + address)
        with daemon(config):
            seq = 10 ** 12
            for month in range(periods):
                done = tool("submitter", submit, orgs * 50 // 10000, 10000, 4, orgs, 50, month,
                            "2025-%02d-01" % (month + 1), seq)
                seq += done["updates"]
        for number in range(ROUNDS + 1):
            bare = tool("bare_reader", address, measured=True)
            with daemon(config) as process:
                if number:
                    raw.append(bare["seconds"])
                    ours.append(process.ready_after)
    report.add("start from %.1f million figures" % (orgs * 50 * periods / 1e6), "s", raw, ours, 2, higher=False)


def workloads():
    return {
        "msgpack-100": lambda r: receive(r, "MessagePack, 100 in a message", "msgpack", 100, scaled(40000, 2000), 0.25),
        "msgpack-1": lambda r: receive(r, "MessagePack, one in a message", "msgpack", 1, scaled(2000000, 50000), 0.5),
        "json-1": lambda r: receive(r, "JSON, one in a message", "json", 1, scaled(1000000, 50000), 0.2),
        "regional": lambda r: receive(r, "25,000 organisations, 100 in a message", "msgpack", 100, scaled(20000, 2000),
                                      0.25, orgs=25000),
        "stored": lambda r: stored(r, "stored with fsync and acknowledged", scaled(5000, 200), 100, 0.6),
        "delays": lambda r: delays(r, 10000, scaled(5, 2)),
        "publication": publication,
        "start": lambda r: start(r, scaled(25000, 1000), 4),
    }


def main():
    report, about = Report(), versions()
    print(" ".join("%s: %s" % item for item in about.items()))
    print("%-44s %35s | %35s | ratio" % ("", "raw limit: median, min, max", "daemon: median, min, max"))
    for name, workload in workloads().items():
        if not ONLY or name in ONLY:
            workload(report)
    about["load_after"] = os.getloadavg()
    if not report.valid:
        print("INVALID: raw limits scatter by more than a third; the machine is not quiet (load %.1f)" % os.getloadavg()[0])
    if os.environ.get("OUT"):
        with open(os.environ["OUT"], "w") as file:
            json.dump({"about": about, "valid": report.valid, "rounds": ROUNDS, "scale": SCALE, "rows": report.rows}, file,
                      indent=2)
            file.write("\n")
    return 0 if report.valid else 1


if __name__ == "__main__":
    sys.exit(main())
