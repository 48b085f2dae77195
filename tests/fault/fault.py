"""Rounds of a random stream of messages under random faults; the end is compared with a run without faults.

    fault.py [--rounds N] [--seed S] [--jobs N] [--keep FOLDER] [--only KIND,...] [--no-flush]

Round r of seed S is random(S + r): a round that fails says how to repeat it alone and keeps its folder.
"""
import argparse
import collections
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

from harness import Checks, Failure, workspace
from round import Round


def one_round(seed, keep, only, flush):
    """(passed, tally)"""
    checks = Checks("round %d" % seed)
    folder, run = None, None
    try:
        with workspace(checks) as folder:
            run = Round(checks, folder, seed, only, flush)
            try:
                run.run()
            except Exception as error:  # of the harness too: the round has not shown what it should
                if not isinstance(error, Failure):
                    traceback.print_exc()
                checks.true(False, str(error))
            if checks.failures:
                print("  faults: %s" % ", ".join(getattr(run, "history", [])))
                kept = os.path.join(keep, "fault-%d" % seed)
                shutil.rmtree(kept, ignore_errors=True)
                shutil.copytree(folder, kept, ignore=lambda place, names: [
                    name for name in names if not os.path.isdir(os.path.join(place, name))
                    and not os.path.isfile(os.path.join(place, name))])
                print("  kept in %s" % kept)
    except Failure as failure:
        checks.true(False, str(failure))
    return not checks.failures and checks.passed > 0, run.tally if run else collections.Counter()


def alone(options, seed):
    """A round in a process of its own, so that several can go on at a time. (passed, tally, text)"""
    words = [sys.executable, os.path.abspath(__file__), "--rounds", "1", "--jobs", "1", "--seed", str(seed), "--keep", options.keep]
    words += ["--only", options.only] if options.only else []
    words += ["--no-flush"] if options.no_flush else []
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    lines = done.stdout.splitlines()
    tally = next((line for line in lines if line.startswith("tally: ")), "")
    counts = {name: int(count) for name, count in re.findall(r"([a-z_]+(?: \(not now\))?) (\d+)", tally[len("tally: "):])}
    said = [line for line in lines if not line.startswith(("fault: ", "tally: ", "round "))]
    return done.returncode == 0, collections.Counter(counts), "\n".join(said)


def run(options, number, seed):
    begun = time.monotonic()
    if options.jobs > 1:
        passed, tally, text = alone(options, seed)
        print(text)
    else:
        passed, tally = one_round(seed, options.keep, options.only.split(",") if options.only else None,
                                  not options.no_flush)
    print("round %d of %d (seed %d): %s in %.1f s" % (number + 1, options.rounds, seed, "ok" if passed else "FAILED",
                                                     time.monotonic() - begun), flush=True)
    if not passed:
        print("  to repeat: make fault ROUNDS=1 SEED=%d" % seed, flush=True)
    return passed, tally


def main():
    parser = argparse.ArgumentParser(description="Random faults against the daemon.")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS") or 3))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.SystemRandom().randint(1, 10**9)))
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("JOBS") or 1), help="rounds at a time")
    parser.add_argument("--keep", default=os.getcwd(), help="where folders of failed rounds are kept")
    parser.add_argument("--only", help="these kinds of faults, separated by commas")
    parser.add_argument("--no-flush", action="store_true", help="never empty Redis")
    options = parser.parse_args()
    total, failed = collections.Counter(), []
    print("fault: seed %d, %d rounds" % (options.seed, options.rounds), flush=True)
    with concurrent.futures.ThreadPoolExecutor(max_workers=options.jobs) as pool:
        numbers = range(options.rounds)
        seeds = [options.seed + number for number in numbers]
        for seed, (passed, tally) in zip(seeds, pool.map(run, [options] * options.rounds, numbers, seeds)):
            total += tally
            if not passed:
                failed.append(seed)
    print("tally: %s" % ", ".join("%s %d" % item for item in sorted(total.items())))
    print("fault: %d of %d rounds passed%s" % (options.rounds - len(failed), options.rounds,
                                              ", failed: %s" % failed if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
