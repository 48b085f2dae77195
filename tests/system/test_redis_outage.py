"""The private Redis is killed while figures are sent: everything acknowledged is there at the end."""
import json
import os
import signal

from harness import DEADLINE, Daemon, Failure, Query, Submitter, example_steps, id_of, read_tidy, run_test, send_example

MESSAGES, WINDOW, KILLS = 300, 20, (40, 120, 200)  # redis dies when so many are acknowledged
MONTHS = ["2024-%02d" % month for month in range(1, 13)]


def restated(number, base):
    """Every figure of a month again, a little changed; later messages have higher revisions."""
    month = MONTHS[number % len(MONTHS)]
    shift = (number * 37 % 11) / 10
    return [dict(update, value=round(update["value"] + shift, 2), revision=number + 1)
            for update in base if update["period"] == month]


def send_all(checks, daemon, submitter, base):
    """Keeps a window of messages under way, kills redis now and then; the figures acknowledged."""
    waiting, acknowledged, sent, kills = {}, {}, 0, list(KILLS)
    answered = 0
    while answered < MESSAGES:
        while sent < MESSAGES and len(waiting) < WINDOW:
            updates = restated(sent, base)
            payload = submitter.encode(updates)
            submitter.seq += len(updates)
            waiting[submitter.send(payload)] = updates
            sent += 1
        if not submitter.socket.poll(int(DEADLINE * 1000)):
            raise Failure("no acknowledgement within %g s, %d of %d" % (DEADLINE, answered, MESSAGES))
        number, text = submitter.socket.recv_multipart()
        updates, reply = waiting.pop(number), json.loads(text)
        if reply.get("accepted", 0) != len(updates) or reply.get("durability") != "fsync":
            checks.true(False, "reply %s: %s" % (number, reply))
        for update in updates:
            acknowledged[update["org"], update["measure"], update["period"]] = update["value"]
        answered += 1
        if kills and answered == kills[0]:
            kills.pop(0)
            pids = daemon.redis_pids()
            checks.equal(len(pids), 1, "redis servers before the kill")
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
    checks.equal(kills, [], "kills left undone")
    return acknowledged


def differences(daemon, acknowledged):
    """What the daemon shows otherwise than it acknowledged."""
    wrong = []
    with Query(daemon) as query:
        for measure, period in sorted({key[1:] for key in acknowledged}):
            reply = query.get("measure", id=measure, period=period)
            shown = {row["code"]: row["value"] for row in reply["rows"]}
            wrong += [(key, value, shown.get(key[0])) for key, value in acknowledged.items()
                      if key[1:] == (measure, period) and shown.get(key[0]) != value]
    return wrong


def body(checks, folder):
    base = [update for update in read_tidy(example_steps()[0]) if update["period"] in MONTHS]
    daemon = Daemon(folder)
    with daemon, Submitter(daemon) as submitter:
        send_example(submitter, example_steps()[:1])
        acknowledged = send_all(checks, daemon, submitter, base)
        print("%d messages, %d figures, redis killed %d times" % (MESSAGES, len(acknowledged), len(KILLS)))
        checks.equal(differences(daemon, acknowledged), [], "figures acknowledged and not shown")
        with Query(daemon) as query:
            board, alerts = query.board(), query.alerts()
            last = query.get("source", source=submitter.source)["last"]
        checks.equal(last, submitter.seq, "position of the source")
        ids = [id_of(event["id"]) for event in alerts]
        checks.equal(ids, sorted(set(ids)), "ids in order, each once")
        daemon.stop(checks)

        # What redis holds is the same.
        daemon.start()
        checks.equal(differences(daemon, acknowledged), [], "figures acknowledged and not stored")
        with Query(daemon) as query:
            checks.equal(query.board(), board, "board after the restart")
            checks.equal(query.alerts(), alerts, "alerts after the restart")
        daemon.stop(checks)


run_test("redis_outage", body)
