"""Two daemons on one Redis: what the one that waits answers, and a sender that lists both."""
import contextlib
import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fault"))

from harness import (Daemon, Failure, Query, Submitter, ctl, ctl_words, example_steps, read_tidy, run_test, wait_for)
from servers import Redis


def both(first, second):
    return ctl_words(first) + ctl_words(second) + ["--timeout", "60"]


def send(checks, step, *words):
    done = ctl("send", "--source", "x", *words, example_steps()[step])
    checks.equal((done.returncode, done.stderr), (0, ""), "send of step %d" % step)


def foreign(checks, folder, redis):
    """A store of a newer version ends the daemon in a way that no service manager answers with a new start."""
    redis.client().hset("{oversight}:meta", "format", 1000)
    daemon = Daemon(folder, "old", store="unix:" + redis.socket)
    try:
        daemon.start()
        checks.true(False, "a store of a newer version is refused")
        daemon.stop()
    except Failure:
        checks.equal(daemon.process.wait(), os.EX_CONFIG, "exit status")
    checks.true("newer version of oversightd" in daemon.log_text(), "words about it: %s" % daemon.log_text())


def segments(board):
    return {code: (row["indicative"], row["official"], row["alerts"]) for code, row in board.items()}


def emptied(checks, leader, standby, redis):
    """The store is emptied and its leader dies: what the standby has in memory is all that there is, and it is kept."""
    with Query(leader) as query:
        board, last = query.board(), query.get("source", source="x")["last"]
    wait_for(lambda: "in memory and followed" in standby.log_text(), "the state in the memory of the standby")
    leader.kill()
    redis.client().flushall()
    with Query(standby) as query:
        wait_for(lambda: query.get("status")["role"] == "leader", "the standby that leads")
        wait_for(lambda: redis.client().hget("{oversight}:meta", "refilling") == b"0", "the end of the refill")
        checks.equal(segments(query.board()), segments(board), "board from the memory of the standby")
        checks.equal(query.get("source", source="x")["last"], last, "position of the source")
        checks.equal(query.get("status")["counters"]["store_incomplete"], 0, "figures that are missing")
        keys = [event["data"]["key"] for event in query.alerts()]
        checks.true([key for key in keys if key.endswith("/kept")], "an alert says so: %s" % keys)
    checks.equal(redis.client().hget("{oversight}:sources", "x"), b"%d" % last, "position in the store")
    standby.stop(checks)
    with standby, Query(standby) as query:
        wait_for(lambda: query.get("status")["role"] == "leader", "the one that was started again")
        checks.equal(segments(query.board()), segments(board), "board from what was written")
        checks.equal(query.get("status")["counters"]["mismatches"], 0, "verdicts that differ")


def behind(checks, folder):
    """A leader that stood still while another took over does not say that updates are missing: they went to the other."""
    redis = Redis(folder, "behind").start()
    old, new = [Daemon(folder, name, store="unix:" + redis.socket) for name in "de"]
    figures = read_tidy(example_steps()[0])[:3]
    with contextlib.ExitStack() as end, old, new, contextlib.ExitStack() as clients:
        end.callback(redis.stop)
        wait_for(lambda: "in memory and followed" in new.log_text(), "the state in the memory of the standby")
        asked, query = (clients.enter_context(client) for client in (Submitter(old, source="y"), Query(old)))
        checks.equal(asked.submit(figures[:1]).get("accepted"), 1, "the first, to the one that leads")
        old.process.send_signal(signal.SIGSTOP)
        try:
            with Query(new) as other:
                wait_for(lambda: other.get("status")["role"] == "leader", "the standby that leads")
            with Submitter(new, source="y", seq=1) as submitter:
                checks.equal(submitter.submit(figures[1:2]).get("accepted"), 1, "the second, to the other")
            redis.process.send_signal(signal.SIGSTOP)  # so that the old one cannot notice
        finally:
            old.process.send_signal(signal.SIGCONT)
        before = query.get("status")["counters"]["messages"]
        asked.seq = 2
        number = asked.send(asked.encode(figures[2:3]))
        wait_for(lambda: query.get("status")["counters"]["messages"] > before, "the third, with the one that led")
        redis.process.send_signal(signal.SIGCONT)
        wait_for(lambda: "another daemon has taken over" in old.log_text(), "the one that led to notice")
        frames = asked.receive(number, 0.1)  # mostly none: the sender asks again, and is told who leads
        reply = json.loads(frames[0]) if frames else {"error": {"code": "standby"}}
        checks.equal(reply.get("error", {}).get("code"), "standby", "answer of the one that led: %s" % reply)
        new.stop(checks)


def body(checks, folder):
    redis = Redis(folder).start()
    leader, standby = [Daemon(folder, name, store="unix:" + redis.socket) for name in "ab"]
    try:
        with leader:
            refused = ctl("failover", *ctl_words(leader))
            checks.true(refused.returncode != 0 and "no-standby" in refused.stderr, "alone: %s" % refused.stderr)
            with standby:
                with Query(standby) as query:
                    checks.equal(query.get("status")["role"], "standby", "role")
                    checks.equal(query.get("snapshot")["error"]["code"], "standby", "a snapshot of a standby")
                with Submitter(standby, source="y") as submitter:
                    reply = submitter.submit(read_tidy(example_steps()[0])[:1])
                    checks.equal(reply["error"]["code"], "standby", "a submission to a standby")
                send(checks, 0, *both(standby, leader))
                wait_for(lambda: ctl("failover", *ctl_words(leader)).returncode == 0, "the hand-over")
                again = ctl("failover", *ctl_words(leader))
                checks.equal(again.returncode, 0, "asked again, it has been done: %s" % again.stderr)
                send(checks, 1, *both(leader, standby))
                with Query(standby) as query:
                    checks.equal(query.get("status")["role"], "leader", "role after the hand-over")
                    checks.equal(query.get("source", source="x")["last"] > 0, True, "updates")
                standby.kill()
                send(checks, 2, *both(standby, leader))
                with Query(leader) as query:
                    checks.equal(query.get("status")["role"], "leader", "role after the death")
                third = Daemon(folder, "c", store="unix:" + redis.socket)
                with third:
                    emptied(checks, leader, third, redis)
        foreign(checks, folder, redis)
    finally:
        redis.stop()
    behind(checks, folder)


if __name__ == "__main__":
    run_test("standby", body)
