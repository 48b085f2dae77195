#!/usr/bin/python3
"""The same job by others, beside the daemon: `make bench-peers`. See README.md, "Peers".

environment: BENCH (folder of the built programs), DAEMON, REDIS_SERVER, ROUNDS (5), SCALE (1: full length),
ONLY (names of peers and of countries), IN_FLIGHT (4), OUT (a JSON file).
"""
import contextlib
import json
import os
import statistics
import sys
import time

import zmq

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "peers")]
import country  # noqa: E402  (beside this file)
import postgres  # noqa: E402
import prometheus  # noqa: E402
import sorted_sets  # noqa: E402
import whole  # noqa: E402

IN_FLIGHT = int(os.environ.get("IN_FLIGHT", "4"))
MEASURES, GROUP, LOAD_SEED = 50, 1000, 99
SEQ_FIRST = 10 ** 12


def figures(count, orgs, seed, *period):
    """What the load generators send: (organisation, measure, value) with numbers for names, the value as text."""
    done = whole.subprocess.run([os.path.join(whole.BENCH, "figures")] + [str(a) for a in (count, orgs, MEASURES, seed)]
                                + list(period), check=True, stdout=whole.subprocess.PIPE, text=True, timeout=600)
    rows = (line.split() for line in done.stdout.splitlines())
    return [(int(org[1:]), int(measure[1:]), value) for org, measure, value in rows]


def everything(orgs):
    return figures(orgs * MEASURES, orgs, LOAD_SEED, "2025-03-01")


# ---- The daemon ---------------------------------------------------------------------------


class Ours:
    """A running daemon that holds a figure of each measure of each organisation."""

    def __init__(self, path, orgs, count, store):
        self.orgs, self.seq = orgs, SEQ_FIRST
        config, (_, self.endpoint, self.query) = country.write(path, orgs, MEASURES, count, store=store)
        self.running = whole.daemon(config)

    def __enter__(self):
        self.running.__enter__()
        per_message = 2500  # a divisor of the sizes here
        self.take(whole.tool("submitter", self.endpoint, self.orgs * MEASURES // per_message, per_message, 4, self.orgs,
                             MEASURES, LOAD_SEED, "2025-03-01", self.seq))
        return self

    def __exit__(self, *error):
        return self.running.__exit__(*error)

    def take(self, done):
        self.seq += done["updates"]
        return done

    def submit(self, messages, per_message, in_flight, seed):
        return self.take(whole.tool("turns", "submit", self.endpoint, messages, per_message, in_flight, self.orgs,
                                    MEASURES, seed, self.seq))

    def ask(self, dealer, request):
        dealer.send_multipart([b"1", json.dumps(request).encode()])
        while True:
            part = dealer.recv_multipart()[1:]
            for text in part:
                if not text:
                    return
                answer = json.loads(text)
                if "error" in answer:
                    raise SystemExit("oversightd: %s" % answer)
                yield answer

    def verdicts(self):
        """organisation -> (segment, how many measures in the bottom quartile)"""
        with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
            dealer.linger, dealer.rcvtimeo, dealer.maxmsgsize = 0, 60000, -1
            dealer.connect(self.query)
            bottom, segment = dict.fromkeys(range(self.orgs), 0), {}
            for part in self.ask(dealer, {"get": "snapshot"}):
                for row in part.get("organisations", []):
                    segment[int(row["code"][1:])] = row["indicative"]
            for measure in range(MEASURES):
                for part in self.ask(dealer, {"get": "measure", "id": "m%02d" % measure}):
                    for row in part.get("rows", []):
                        bottom[int(row["code"][1:])] += "bottom_quartile" in row.get("bands", [])
        return {org: (segment[org], bottom[org]) for org in segment}


def hold_against_ours(report, name, world, verdicts, rounds):
    """The daemon, given what the peer was given, must come to the same; rounds: (messages, per message, seed)."""
    with whole.folder() as path, Ours(path, world.orgs, world.count, "none") as ours:
        for messages, per_message, seed in rounds:
            ours.submit(messages, per_message, IN_FLIGHT, seed)
        right = ours.verdicts()
    wrong = [org for org in range(world.orgs) if right.get(org) != verdicts.get(org, (2, 0))]
    report.verdict(name, world, wrong, right, verdicts)


# ---- Figures ---------------------------------------------------------------------------------


class Report:
    def __init__(self):
        self.rows, self.skipped, self.valid = [], [], True

    def skip(self, name, why):
        self.skipped.append({"name": name, "why": why})
        print("%-61s skipped: %s" % (name, why), flush=True)

    def verdict(self, name, world, wrong, right, verdicts):
        in_three = sum(segment == 3 for segment, _ in right.values())
        self.rows.append({"name": name + ", verdicts", "organisations": world.orgs, "segment_3": in_three,
                          "differ": len(wrong)})
        print("%-61s verdicts of %d organisations (%d in segment 3): %s" % (
            name, world.orgs, in_three, "equal" if not wrong else "%d DIFFER" % len(wrong)), flush=True)
        for org in wrong[:5]:
            print("  X%05d: daemon %s, peer %s (segment, measures in the bottom quartile)" % (
                org, right.get(org), verdicts.get(org)))
        self.valid = self.valid and not wrong

    def add(self, name, unit, peer, ours, goal=None, higher=True, beside=0.0):
        """peer and ours: rounds; goal: ours over peer, or over peer and `beside` together."""
        mid, peer_mid = statistics.median(ours), statistics.median(peer)
        ratio = mid / (peer_mid + beside)
        reached = None if goal is None else ratio >= goal if higher else ratio <= goal
        self.rows.append({"name": name, "unit": unit, "rounds": len(peer),
                          "peer": {"median": peer_mid, "min": min(peer), "max": max(peer)},
                          "daemon": {"median": mid, "min": min(ours), "max": max(ours)}, "beside": beside,
                          "ratio": ratio, "goal": goal, "reached": reached, "load": os.getloadavg()[0]})
        print("%-61s %10.5g %10.5g %10.5g | %10.5g %10.5g %10.5g | %8.4g %s (load %.1f)" % (
            name + ", " + unit, peer_mid, min(peer), max(peer), mid, min(ours), max(ours), ratio,
            "" if goal is None else "%s %g %s" % (">=" if higher else "<=", goal, "reached" if reached else "missed"),
            os.getloadavg()[0]), flush=True)


# ---- Workloads ---------------------------------------------------------------------------------


def timed_groups(peer, orgs, groups, seed):
    """Updates a second, in groups."""
    rows = figures(groups * GROUP, orgs, seed)
    ready = [peer.group(rows[i:i + GROUP]) for i in range(0, len(rows), GROUP)]
    start = time.monotonic()
    for group in ready:
        peer.submit(group)
    return groups * GROUP / (time.monotonic() - start)


def timed_turn(peer, orgs, turns, seed):
    """The median delay in milliseconds, one figure at a time."""
    delays = []
    for group in [peer.group([row]) for row in figures(turns, orgs, seed)]:
        start = time.monotonic()
        peer.submit(group)
        delays.append((time.monotonic() - start) * 1e3)
    return statistics.median(delays)


class World:
    """A country, what the daemon reaches in it, and how much of it the peers are given."""

    def __init__(self, name, orgs, count, few_groups, groups, turns, goals):
        """goals: full recompute, row triggers, one at a time; few_groups: for who reads much for each figure."""
        self.name, self.orgs, self.count, self.rounds = name, orgs, count, whole.ROUNDS
        self.few_groups, self.groups, self.turns, self.goals = few_groups, groups, turns, goals

    @contextlib.contextmanager
    def held(self):
        """The daemon with this country, beside its Redis."""
        with whole.folder() as path, whole.redis(path) as address, \
                Ours(path, self.orgs, self.count, "unix:" + address) as self.ours:
            yield self

    def groups_by_ours(self, in_flight, number):
        done = self.ours.submit(whole.scaled(200, 20), GROUP, in_flight, number)
        return done["updates"] / done["seconds"]

    def compare(self, report, name, peer, groups, turns, goal=None):
        """Round by round, the peer and the daemon in turn, so that what disturbs one disturbs the other.

        Gives the delays one at a time: of the peer, of the daemon, of a bare turn."""
        peer.load(everything(self.orgs))
        sent, rates, ours, alone, delays, our_delays, echoes = [], [], [], [], [], [], []
        for number in range(self.rounds + 1):
            rates.append(timed_groups(peer, self.orgs, groups, number))
            sent.append((groups, GROUP, number))
            ours.append(self.groups_by_ours(IN_FLIGHT, number))
            alone.append(self.groups_by_ours(1, 500 + number))
            if turns:
                delays.append(timed_turn(peer, self.orgs, turns, 1000 + number))
                sent.append((turns, 1, 1000 + number))
                our_delays.append(self.ours.submit(turns, 1, 1, 1000 + number)["p50"] * 1e3)
                echoes.append(whole.tool("turns", "echo", "ipc://@oversight-bench-turn", turns)["p50"] * 1e3)
        report.add("%s, %s" % (name, self.name), "updates/s", rates[1:], ours[1:], goal)
        report.add("  the daemon with one group in flight", "updates/s", rates[1:], alone[1:])
        if turns:
            report.add("  one at a time", "ms", delays[1:], our_delays[1:], higher=False)
        hold_against_ours(report, "  " + name, self, peer.verdicts(), sent)
        return delays[1:], our_delays[1:], echoes[1:]


def judge_turns(report, kinds, goal):
    """One at a time beside the faster kind of triggers and a bare turn; kinds: name -> what compare gives."""
    faster = min(kinds, key=lambda kind: statistics.median(kinds[kind][0]))
    delays, our_delays, echoes = kinds[faster]
    echo = statistics.median(echoes)
    report.add("  one at a time: %s, turn of %.3f ms" % (faster, echo), "ms", delays, our_delays, goal,
               higher=False, beside=echo)


def with_postgres(report, worlds):
    name = "PostgreSQL"
    if postgres.absent():
        return report.skip(name, postgres.absent())
    with postgres.server() as path:
        for world in worlds:
            full, rows, turn = world.goals

            def compare(way, *how):
                with contextlib.closing(postgres.Peer(path, way, world.orgs, MEASURES, world.count)) as peer:
                    return world.compare(report, "%s, %s" % (name, way), peer, *how)
            compare("windows", world.few_groups, 0, full)
            kinds = {}
            for way, groups, wanted in (("row triggers", world.few_groups, rows),
                                        ("statement triggers", world.groups, None)):
                kinds[way] = compare(way, groups, world.turns, wanted)
            if turn:
                judge_turns(report, kinds, turn)


def with_redis(report, worlds):
    name = "Redis function"
    if sorted_sets.absent():
        return report.skip(name, sorted_sets.absent())
    for world in worlds:
        with whole.folder() as path, whole.redis(path) as address, \
                contextlib.closing(sorted_sets.Peer(address, world.count)) as peer:
            world.compare(report, name, peer, world.groups, world.turns)


def memory_free():
    with open("/proc/meminfo") as file:
        return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in file}["MemAvailable"]


def with_prometheus(report, worlds):
    name = "Prometheus"
    if prometheus.absent():
        return report.skip(name, prometheus.absent())
    for world in worlds:
        interval, need = (1, 1e9) if world.orgs < 1000 else (60, 14e9)
        if memory_free() < need:
            report.skip("%s, %s" % (name, world.name), "it needs %.0f GB of free memory" % (need / 1e9))
            continue
        rounds = min(world.rounds, 5 if interval == 1 else 2)
        turns = [world.ours.submit(world.turns, 1, 1, 2000 + number)["p50"] * 1e3 for number in range(world.rounds)]
        seconds, verdicts, memory = prometheus.measure(everything(world.orgs), world.orgs, world.count, interval,
                                                       rounds, 900)
        print("%s, %s: evaluated every %d s, which takes %.4g s (median) and %.2f GB" % (
            name, world.name, interval, statistics.median(seconds), memory / 1e9))
        report.add("  interval and evaluation, beside one at a time", "ms",
                   [(interval + took) * 1e3 for took in seconds], turns)
        report.rows[-1].update(interval=interval, evaluation=statistics.median(seconds), memory=memory)
        hold_against_ours(report, "  " + name, world, verdicts, [])


PEERS = {"postgresql": with_postgres, "redis": with_redis, "prometheus": with_prometheus}


def countries():
    """The job is the first and the last; the second moves so many segments that alerts outweigh everything else."""
    scaled = whole.scaled
    return {
        "national": World("250 x 50", 250, 2, scaled(50, 5), scaled(50, 5), scaled(1000, 50), (15, 20, 1)),
        "restless": World("250 x 50, restless", 250, 16, scaled(50, 5), scaled(50, 5), scaled(1000, 50), (None,) * 3),
        "regional": World("25,000 x 50", 25000, 2, scaled(3, 1), scaled(20, 2), scaled(500, 20), (300, None, None)),
    }


def main():
    report, about = Report(), whole.versions()
    peers, worlds = (([known[name] for name in known if name in whole.ONLY] or list(known.values()))
                     for known in (PEERS, countries()))
    about.update({"postgresql": None if postgres.absent() else postgres.version(), "in_flight": IN_FLIGHT,
                  "prometheus": None if prometheus.absent() else prometheus.version()})
    print(" ".join("%s: %s" % item for item in about.items()))
    print("%-61s %32s | %32s | daemon over peer" % ("groups of 1,000", "peer: median, min, max",
                                                    "daemon: median, min, max"))
    with contextlib.ExitStack() as held:
        for world in worlds:
            held.enter_context(world.held())
        for ask in peers:
            ask(report, worlds)
    about["load_after"] = os.getloadavg()
    if not report.valid:
        print("INVALID: a peer does not come to the daemon's verdicts")
    if os.environ.get("OUT"):
        with open(os.environ["OUT"], "w") as file:
            json.dump({"about": about, "valid": report.valid, "rounds": whole.ROUNDS, "scale": whole.SCALE,
                       "rows": report.rows, "skipped": report.skipped}, file, indent=2)
            file.write("\n")
    return 0 if report.valid else 1


if __name__ == "__main__":
    sys.exit(main())
