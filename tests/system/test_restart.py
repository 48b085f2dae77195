"""After SIGTERM and restart, and after kill -9 and restart: the same board, no alert repeated, none missing."""
from harness import Daemon, Query, Submitter, Subscriber, example_steps, id_of, read_tidy, run_test, send_example


def rows_without_ids(board):
    """The board as a run with other epochs would show it, perhaps on another day."""
    return {code: {key: value for key, value in row.items() if key not in ("alerts", "since")} for code, row in board.items()}


def never_crashed(folder):
    """What a daemon that ran through says about the same messages."""
    with Daemon(folder, "plain") as daemon, Submitter(daemon) as submitter, Query(daemon) as query:
        send_example(submitter)
        return rows_without_ids(query.board()), [event["data"]["key"] for event in query.alerts()]


def same_after(checks, what, daemon, subscriber, before, seen):
    with Query(daemon) as query:
        board, alerts = query.board(), query.alerts()
    checks.equal(board, before[0], "board after %s" % what)
    checks.equal(alerts, before[1], "stored alerts after %s" % what)
    subscriber.settle()
    fresh = [name for name in subscriber.ids() if name not in seen]
    checks.equal(fresh, [], "alerts published anew after %s" % what)


def crash_under_way(checks, daemon, submitter, step):
    """kill -9 with a message sent and unanswered; after the restart the client sends it again."""
    payload = submitter.encode(step)
    submitter.send(payload)
    daemon.kill()
    daemon.start()
    submitter.connect()
    reply = submitter.raw(payload)
    submitter.seq += len(step)
    checks.equal(reply.get("through"), submitter.seq, "position after the repeated message")
    checks.equal(reply.get("accepted", 0) + reply.get("duplicate", 0), len(step), "updates accepted or known")
    again = submitter.raw(payload)
    checks.equal(again.get("duplicate"), len(step), "duplicates when the message is sent a third time")


def body(checks, folder):
    steps = example_steps()
    expected_board, expected_keys = never_crashed(folder)
    daemon = Daemon(folder)
    with daemon, Submitter(daemon) as submitter:
        with Subscriber(daemon) as subscriber:
            send_example(submitter, steps[:4], checks)
            with Query(daemon) as query:
                before = query.board(), query.alerts()
            checks.true(len(before[1]) >= 2, "alerts before the restart: %d" % len(before[1]))
            subscriber.settle()
            seen = subscriber.ids()
            checks.equal(seen, [event["id"] for event in before[1]], "ids published and stored")

            daemon.stop(checks)
            daemon.start()
            same_after(checks, "SIGTERM", daemon, subscriber, before, seen)

            submitter.connect()
            send_example(submitter, steps[4:6], checks)
            with Query(daemon) as query:
                before = query.board(), query.alerts()
            subscriber.settle()
            seen = subscriber.ids()
            checks.true(id_of(seen[-1])[0] > id_of(seen[0])[0], "a new epoch after the restart: %s" % seen[-1])
            daemon.kill()
            daemon.start()
            checks.equal(len(daemon.redis_pids()), 1, "private redis servers after kill -9 and restart")
            same_after(checks, "kill -9", daemon, subscriber, before, seen)

        for path in steps[6:]:
            crash_under_way(checks, daemon, submitter, read_tidy(path))
        with Query(daemon) as query:
            board, alerts = query.board(), query.alerts()
        checks.equal(rows_without_ids(board), expected_board, "board beside a run that never crashed")
        keys = [event["data"]["key"] for event in alerts]
        checks.equal(keys, expected_keys, "keys of alerts beside a run that never crashed")
        checks.equal(len(set(keys)), len(keys), "alerts with keys of their own")
        ids = [id_of(event["id"]) for event in alerts]
        checks.equal(ids, sorted(set(ids)), "ids in order, each once")
        daemon.stop(checks)


run_test("restart", body)
