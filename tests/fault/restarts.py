"""The daemon is restarted after every message of a random stream: the end is that of a run that went through.

    restarts.py [--rounds N] [--seed S] [--messages N] [--every N]

Nothing fails here: what differs was not stored, or not loaded as it was.
"""
import argparse
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

from harness import Checks, Daemon, Failure, Query, Requests, workspace
from oracle import Oracle, difference, normal, rows
from servers import Redis
from stream import Stream


def run(checks, folder, seed, count, every):
    messages = Stream(random.Random(seed), ("s1", "s2")).messages(count)
    redis = Redis(folder).start()
    daemon = Daemon(folder, "d", store="unix:" + redis.socket)
    try:
        daemon.start()
        parts = set()
        requests, numbers = Requests(daemon.submit), []
        for index, message in enumerate(messages):
            numbers.append(requests.send(message.payload))
            (parts.add if message.more else parts.discard)(message.source)
            if parts:
                continue  # answered when the last part has come
            while numbers:
                requests.socket.poll(30000)
                numbers.remove(requests.socket.recv_multipart()[0])
            if index % every == every - 1:
                daemon.stop()
                daemon.start()
                requests.connect()
        requests.close()
        with Query(daemon) as query:
            board, stored = query.board(), query.alerts()
        daemon.stop()
        mismatches = daemon.log_text().count("rebuilt")
        checks.equal(mismatches, 0, "seed %d: verdicts rebuilt otherwise than stored" % seed)
        oracle = Oracle(folder, messages)
        key_of = {event["id"]: event["data"]["key"] for event in stored}
        found = normal(stored, key_of)
        keys = [data["key"] for _, data in found]
        checks.equal([key for key in oracle.keys if key not in keys], [], "seed %d: missing" % seed)
        checks.equal([key for key in keys if key not in oracle.keys], [], "seed %d: extra" % seed)
        if checks.true(keys == oracle.keys, "seed %d: the order of the alerts" % seed):
            for mine, theirs in zip(found, oracle.alerts):
                checks.true(mine == theirs, "seed %d: alert %s: %s" % (seed, mine[1]["key"], difference(mine, theirs)))
        checks.true(not difference(rows(board, key_of), oracle.board), "seed %d: board: %s" % (
            seed, difference(rows(board, key_of), oracle.board)))
    finally:
        if daemon.alive():
            daemon.kill()
        redis.stop()


def main():
    parser = argparse.ArgumentParser(description="A restart after every message.")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--messages", type=int, default=80)
    parser.add_argument("--every", type=int, default=1, help="messages between restarts")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.SystemRandom().randint(1, 10**9)))
    options = parser.parse_args()
    print("restarts: seed %d" % options.seed, flush=True)
    checks = Checks("restarts")
    for seed in range(options.seed, options.seed + options.rounds):
        try:
            with workspace(checks) as folder:
                run(checks, folder, seed, options.messages, options.every)
        except Failure as failure:
            checks.true(False, "seed %d: %s" % (seed, failure))
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
