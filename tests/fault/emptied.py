"""Redis is emptied, and at every command from there until all is written again something else happens: the daemon is
killed with -9, finds that the store is incomplete, says so, and has every source begin anew, or everything is there;
or only the answer to the command is lost, or is an error, or Redis is emptied once more and the answer that tells it
is lost: then everything is there in the end.

    emptied.py [--limit N]
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

from harness import Checks, Daemon, Failure, Query, Submitter, example_steps, read_tidy, wait_for, workspace
from proxy import Proxy
from servers import Redis

DOWN = -1  # emptied while no daemon runs
LOST = ("cut", "error", "again")  # how an answer is lost


def messages():
    base = read_tidy(example_steps()[0])
    return [base[at:at + 100] for at in range(0, len(base), 100)]


def submit_all(daemon, baseline):
    with Submitter(daemon) as submitter:
        for updates in messages():
            submitter.submit(updates, **({"baseline": True} if baseline else {}))


def segments(board):
    return {code: (row["indicative"], row["official"]) for code, row in board.items()}


def is_incomplete(daemon):
    with Query(daemon) as query:
        return query.get("status")["counters"]["store_incomplete"]


def verify(checks, daemon, board, at):
    """True when everything was written before the daemon was killed."""
    with Query(daemon) as query:
        keys = [event["data"]["key"] for event in query.alerts()]
        told = any(key.startswith("operational/store/") and key.endswith("/incomplete") for key in keys)
        last = query.get("source", source="test")["last"]
    if not is_incomplete(daemon):
        checks.true(not told, "killed at %d: complete, and yet an alert" % at)
        with Query(daemon) as query:
            checks.equal(query.board(), board, "killed at %d: board of a store written whole" % at)
        return True
    checks.true(told, "killed at %d: incomplete, an alert says so" % at)
    checks.equal(last, 0, "killed at %d: the source begins anew" % at)
    submit_all(daemon, False)
    with Query(daemon) as query:
        checks.equal(segments(query.board()), segments(board), "killed at %d: segments once all was sent again" % at)
    return False


def one(checks, folder, at):
    redis = Redis(folder).start()
    proxy = Proxy(os.path.join(folder, "proxy"), redis.socket)
    daemon = Daemon(folder, store="unix:" + proxy.path)
    count = [0]

    def watch(side, number, frame):
        """Counts the commands after the loss; at the one asked for, the daemon dies before it is sent."""
        if side == "command" and b"FCALL" in frame:
            if count[0] == at:
                daemon.process.kill()
                count[0] += 1
                return False
            count[0] += 1
        return True

    try:
        daemon.start()
        submit_all(daemon, True)
        with Query(daemon) as query:
            board = query.board()
        if at == DOWN:
            daemon.kill()
            redis.client().flushall()
        else:
            proxy.watch = watch
            redis.client().flushall()
            proxy.drop_all()
            wait_for(lambda: not daemon.alive() or redis.client().hget("{oversight}:meta", "refilling") == b"0",
                     "the end of the daemon or of the refill")
            proxy.watch = None
            if daemon.alive():
                return True
            redis.client().delete("{oversight}:lease")
        daemon.start()
        return verify(checks, daemon, board, at)
    finally:
        daemon.kill()
        proxy.close()
        redis.stop()


class LostAnswer:
    """Lets the daemon live and keeps an answer from it, at command number `at` after the loss."""

    def __init__(self, redis, proxy, kind, at):
        self.redis, self.proxy, self.kind, self.at = redis, proxy, kind, at
        self.count, self.claim_is_next = 0, False

    def reached(self):
        return self.count > self.at and not self.claim_is_next

    def watch(self, side, number, frame):
        if side == "command" and b"FCALL" in frame:
            if self.count == self.at:
                self.lose()
            self.count += 1
            if self.claim_is_next and b"oversight_1_claim" in frame:
                self.claim_is_next, self.proxy.cut_reply = False, True
        return True

    def lose(self):
        if self.kind == "cut":
            self.proxy.cut_reply = True
        elif self.kind == "error":
            self.proxy.error_reply = b"CLUSTERDOWN down"
        else:
            self.redis.client().flushall()
            self.claim_is_next = True


def answer(checks, folder, kind, at):
    """False when everything was written before command number `at`."""
    name = "answer %d lost (%s)" % (at, kind)
    redis = Redis(folder).start()
    proxy = Proxy(os.path.join(folder, "proxy"), redis.socket)
    daemon, lost = Daemon(folder, store="unix:" + proxy.path), LostAnswer(redis, proxy, kind, at)

    def whole():
        return redis.client().hget("{oversight}:meta", "refilling") == b"0"

    try:
        daemon.start()
        submit_all(daemon, True)
        with Query(daemon) as query:
            board = query.board()
        proxy.watch = lost.watch
        redis.client().flushall()
        proxy.drop_all()
        wait_for(whole, "the end of the refill, %s" % name)
        proxy.watch = None
        wait_for(whole, "the end of the refill, %s" % name)
        daemon.kill()
        redis.client().delete("{oversight}:lease")
        daemon.start()
        checks.true(not is_incomplete(daemon), "%s: the store is complete" % name)
        with Query(daemon) as query:
            checks.equal(query.board(), board, "%s: board" % name)
        return lost.reached()
    except Failure as failure:
        checks.true(False, str(failure))
        return lost.reached()
    finally:
        daemon.kill()
        proxy.close()
        redis.stop()


def main():
    parser = argparse.ArgumentParser(description="Redis emptied, the daemon killed before all is written again.")
    parser.add_argument("--limit", type=int, default=1000, help="so many positions")
    options = parser.parse_args()
    checks, done = Checks("emptied"), 0
    for at in range(DOWN, options.limit):
        with workspace(checks) as folder:
            whole = one(checks, folder, at)
        done += 1
        if whole:
            break
    for kind in LOST:
        for at in range(options.limit):
            with workspace(checks) as folder:
                reached = answer(checks, folder, kind, at)
            done += 1
            if not reached:
                break
    print("%d positions" % done)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
