"""Bad input is refused with its reason and counted, the rest applied, the daemon unharmed."""
import json
import os
import random

import msgpack

from harness import (CTL, DAEMON, DEADLINE, EXAMPLE, Daemon, Failure, Query, Submitter, ctl, example_steps, read_tidy,
                     run_test, send_example)
import subprocess

SEED = os.environ.get("SEED", "20260101")
STRINGS, WINDOW = 10000, 500


def counters(query):
    return query.get("status")["counters"]


def good(org="X01", **more):
    return dict({"org": org, "measure": "ae-4h", "period": "2025-02", "value": 70.25, "revision": 5}, **more)


def refused_updates(checks, submitter, query):
    """One message of good and bad updates: the good ones stand."""
    bad = [
        (good(org="ZZZ"), "unknown-organisation"),
        (good(measure="no-such-measure"), "unknown-measure"),
        (good(period="2025-02-02"), "bad-period"),
        (good(period="2025-13"), "bad-period"),
        (good(value="seventy"), "bad-value"),
        (good(value=[1]), "bad-value"),
        (good(value=True), "bad-value"),
        (good(revision=-1), "bad-revision"),
        (good(period="1999-01"), "closed-organisation"),
        (good(org="XNM"), "not-applicable"),
        (good(org=7), "bad-field"),
        (good(org="X" * 300), "bad-field"),
    ]
    for packed in (False, True):
        before = counters(query)
        updates, codes = [good(org="X01", revision=10 + packed)], []
        for update, code in bad:
            updates.append(update)
            codes.append((len(updates) - 1, code))
            updates.append(good(org="X02", revision=10 + packed, value=60.5 + packed + len(updates) / 100))
        if packed:
            for number in (float("nan"), float("inf"), float("-inf")):
                updates.append(good(value=number))
                codes.append((len(updates) - 1, "bad-value"))
        start = submitter.seq
        reply = submitter.submit(updates, packed=packed)
        word = "MessagePack" if packed else "JSON"
        found = [(refusal["index"], refusal["code"]) for refusal in reply.get("refused", [])]
        checks.equal(found, codes, "refusals in %s" % word)
        for refusal in reply.get("refused", []):
            checks.equal(refusal["seq"], start + 1 + refusal["index"], "seq of a refusal")
            checks.true(len(refusal["message"]) > 10, "a reason: %s" % refusal["message"])
        checks.equal(reply.get("accepted"), len(updates) - len(codes), "accepted beside the refused in %s" % word)
        checks.equal(reply.get("through"), submitter.seq, "refused updates use up their seq")
        checks.equal(counters(query)["refused"] - before["refused"], len(codes), "refused counted")
        rows = {row["code"]: row["value"] for row in query.get("measure", id="ae-4h", period="2025-02")["rows"]}
        last = [update for update in updates if update["org"] == "X02"][-1]
        checks.equal((rows["X01"], rows["X02"]), (70.25, last["value"]), "the good updates stand")
    for text in ("NaN", "Infinity", "-Infinity", "1e999"):
        update = json.dumps(good()).replace("70.25", text)
        reply = submitter.raw(b'{"source":"test","seq":%d,%s' % (submitter.seq + 1, update[1:].encode()))
        if "error" in reply:
            checks.equal(reply["error"]["code"], "undecodable", "a message with %s, which is no JSON" % text)
        else:
            submitter.seq += 1
            checks.equal([refusal["code"] for refusal in reply["refused"]], ["bad-value"], "value %s" % text)


def refused_messages(checks, submitter, query):
    """Whole messages: nothing of them is applied and no seq is used up."""
    seq = submitter.seq + 1
    head = '"source":"test","seq":%d' % seq
    figure = '"org":"X01","measure":"ae-4h","period":"2025-02","value":1,"revision":99'
    whole = {
        "truncated": "{%s,%s" % (head, figure),
        "trailing bytes": "{%s,%s} x" % (head, figure),
        "duplicate key": "{%s,%s,\"value\":2}" % (head, figure),
        "version 2": "{\"v\":2,%s,%s}" % (head, figure),
        "no source": "{\"seq\":%d,%s}" % (seq, figure),
        "no seq": "{\"source\":\"test\",%s}" % figure,
        "bad source": "{\"source\":\"a b\",\"seq\":%d,%s}" % (seq, figure),
        "seq 0": "{\"source\":\"test\",\"seq\":0,%s}" % figure,
        "no map": "[1,2,3]",
        "empty array": "[]",
        "empty": "",
        "word": "hello",
        "not UTF-8": "{%s,%s}" % (head, figure.replace("X01", "\udcff")),
        "deep": "[" * 100000,
    }
    before = counters(query)
    for name, text in whole.items():
        reply = submitter.raw(text.encode("utf-8", "surrogateescape"))
        checks.equal(reply.get("error", {}).get("code"), "undecodable", "a message with %s" % name)
        checks.true(reply.get("error", {}).get("message"), "a reason for %s" % name)
    checks.equal(counters(query)["undecodable"] - before["undecodable"], len(whole), "undecodable counted")
    reply = submitter.raw(("{\"source\":\"test\",\"seq\":%d,%s}" % (seq + 5, figure)).encode())
    checks.equal((reply.get("error", {}).get("code"), reply.get("error", {}).get("expected")), ("gap", seq), "a gap")
    checks.equal(query.get("source", source="test")["last"], submitter.seq, "position after refused messages")
    over = [good()] * 10001
    reply = submitter.raw(submitter.encode(over))
    checks.true(reply.get("error", {}).get("code") in ("undecodable", "too-large"), "10,001 updates: %s" % str(reply)[:200])


def random_strings(checks, daemon, query):
    """Every one gets its answer, and none is taken for an update."""
    seed = random.SystemRandom().randint(1, 10**9) if SEED == "random" else int(SEED)
    print("seed %d" % seed)
    chance = random.Random(seed)
    before = counters(query)
    refused, sent, waiting = 0, 0, set()
    with Submitter(daemon, "random") as client:
        while refused < STRINGS:
            while sent < STRINGS and len(waiting) < WINDOW:
                text = bytearray(chance.randbytes(chance.randrange(0, 200)))
                if text and sent % 2:  # a first byte that leads deeper into the decoders
                    text[0] = chance.choice(b"{[\x81\x8f\x91\x9f\xdc\xdd\xde\xdf")
                waiting.add(client.send(bytes(text)))
                sent += 1
            if not client.socket.poll(int(DEADLINE * 1000)):
                raise Failure("%d random strings unanswered" % len(waiting))
            number, text = client.socket.recv_multipart()
            waiting.remove(number)
            code = json.loads(text).get("error", {}).get("code")
            if code != "undecodable":
                checks.true(False, "answer to random bytes: %s" % text[:200])
            refused += 1
    checks.equal(refused, STRINGS, "random byte strings refused")
    checks.equal(counters(query)["undecodable"] - before["undecodable"], STRINGS, "random byte strings counted")


def oversize(checks, daemon, submitter, query):
    """20 MB: refused, or the connection ended by ZeroMQ."""
    with Submitter(daemon, "big") as client:
        frames = client.receive(client.send(b'{"source":"big","seq":1,"x":"' + b"a" * 20000000 + b'"}'), 5)
    if frames is None:
        print("a message of 20 MB: disconnected")
    else:
        reply = json.loads(frames[0])
        print("a message of 20 MB: %s" % reply)
        checks.true("error" in reply, "a message of 20 MB is refused")
    checks.equal(query.get("source", source="big")["last"], 0, "position after a message of 20 MB")
    reply = submitter.submit([good(revision=7)])
    checks.equal(reply.get("accepted"), 1, "another client's update after a message of 20 MB")


def wrong_frames(checks, daemon, submitter, query):
    before = counters(query)
    wrong = [[b"id"], [b"id", b"{}", b"more"], [b""], [b"", b"{}"], [b"i" * 65, b"{}"], [b"i" * 300, b"{}"]]
    with Submitter(daemon, "frames") as client:
        for frames in wrong:
            client.socket.send_multipart(frames)
        reply = client.submit([good(revision=6)])  # behind them on the same connection
        checks.equal(reply.get("accepted"), 1, "an update behind messages with wrong frames")
    checks.equal(counters(query)["submit_malformed"] - before["submit_malformed"], len(wrong), "wrong frames counted")
    for frames in ([b"id"], [b"id", b"{}", b""], [b"", b"{}"]):
        query.socket.send_multipart(frames)
    for text in (b"", b"nonsense", b"{}", b"[]", b'{"get":"nothing"}', b'{"get":"organisation"}',
                 b'{"get":"organisation","code":"ZZZ"}', b'{"get":"measure","id":"none"}',
                 b'{"get":"measure","id":"ae-4h","period":"2025-02-02"}', b'{"get":"alerts","after":"x"}',
                 b'{"get":"alerts","after":"0-0","limit":-1}', b"[" * 10000):
        frames = query.receive(query.send(text))
        if checks.true(frames is not None, "an answer to the query %s" % text[:60]):
            reply = json.loads(frames[0])
            checks.true("error" in reply and reply["error"].get("code") and reply["error"].get("message"),
                        "an error for the query %s: %s" % (text[:60], str(reply)[:200]))


# What is broken in the framework, one mistake each: (a text of one line, what takes its place).
MISTAKES = [
    ('theme = "quality"', 'theme = "qualty"'),
    ('direction = "lower"', 'direction = "sideways"'),
    ("minimum_peers = 8", "minimum_peers = -8"),
    ("coverage = 0.8", "covrage = 0.8"),
    ('"leadership-failure"]', '"leadership-failing"]'),
]


def broken_framework(checks, folder):
    """Five mistakes, five messages with file and line, from the daemon and from oversightctl."""
    with open(os.path.join(EXAMPLE, "example.conf")) as file:
        lines = file.read().split("\n")
    broken = []
    for found, instead in MISTAKES:
        number = next(index for index, line in enumerate(lines) if found in line and index + 1 not in broken)
        lines[number] = lines[number].replace(found, instead, 1)
        broken.append(number + 1)
    path = os.path.join(folder, "broken.conf")
    with open(path, "w") as file:
        file.write("\n".join(lines))
    daemon = Daemon(folder, "checked", frameworks=[path])
    daemon.write_config()
    for words in ([CTL, "check", path], [CTL, "check", daemon.config], [DAEMON, "--check", "-c", daemon.config],
                  [DAEMON, "--foreground", "-c", daemon.config]):
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE)
        said = done.stdout + done.stderr
        name = " ".join([os.path.basename(words[0])] + words[1:])
        checks.equal(done.returncode, 78, "exit status of %s" % name)
        for number in broken:
            checks.true("%s:%d:" % (path, number) in said, "%s names line %d: %s" % (name, number, said))
        named = {line for line in said.split("\n") if line.find("broken.conf:") >= 0}
        checks.equal(len(named), len(MISTAKES), "problems named by %s" % name)
    print(said, end="")
    done = ctl("check", os.path.join(EXAMPLE, "example.conf"), os.path.join(EXAMPLE, "organisations.csv"))
    checks.equal((done.returncode, done.stderr), (0, ""), "oversightctl check of the example set")


def body(checks, folder):
    broken_framework(checks, folder)
    with Daemon(folder) as daemon, Submitter(daemon) as submitter, Query(daemon) as query:
        send_example(submitter, example_steps()[:1])
        board = query.board()
        refused_messages(checks, submitter, query)
        random_strings(checks, daemon, query)
        wrong_frames(checks, daemon, submitter, query)
        oversize(checks, daemon, submitter, query)
        refused_updates(checks, submitter, query)
        checks.true(daemon.alive(), "the daemon is still there")
        checks.equal(len(query.board()), len(board), "organisations on the board")
        reply = submitter.submit(read_tidy(example_steps()[1]))
        checks.equal(reply.get("refused"), [], "refusals of a good month at the end")
        daemon.stop(checks)


run_test("bad_input", body)
