#!/usr/bin/env python3
"""The log: a reader that is stuck stops nobody, what it does not take is counted and told; colours and the journal's
levels stand where they should."""
import os
import pty
import re
import subprocess

import harness
from harness import Daemon, Query, run_test, wait_for
from notified import Notified

ROWS = 3000


def stuck(checks, folder):
    """Standard error is a pipe that nobody reads: the daemon answers, drops lines, and says how many once it is read."""
    registry = os.path.join(folder, "organisations.csv")
    with open(os.path.join(harness.EXAMPLE, "organisations.csv")) as file:
        rows = file.read()
    with open(registry, "w") as file:
        file.write(rows)
    reader, writer = os.pipe()
    daemon = Notified(folder, name="s", store="none", registry=registry, log_queue=100, stderr=writer)
    with daemon, Query(daemon) as query:
        os.close(writer)
        with open(registry, "a") as file:
            file.write("not a code\n" * ROWS)
        asked = 0
        while query.get("status")["counters"]["log_dropped"] == 0:
            asked += 1
            daemon.drain()
            checks.equal(query.ask({"do": "reload"}).get("error", {}).get("code"), "bad-rules", "a bad reload")
            if asked > 100:
                break
        dropped = query.get("status")["counters"]["log_dropped"]
        checks.true(dropped > 0, "lines are dropped")
        checks.true(len(query.board()) > 0, "the daemon answers while its log is stuck")
        with open(registry, "w") as file:
            file.write(rows)
        os.set_blocking(reader, False)
        said = []

        def read():
            try:
                said.append(os.read(reader, 1 << 20).decode())
            except BlockingIOError:
                query.ask({"do": "reload"})  # the next line brings the count along
            # Told in parts, as some are taken between.
            return sum(int(told) for told in re.findall(r"log: (\d+) lines were dropped", "".join(said))) >= dropped

        wait_for(read, "the number of dropped lines in the log, %d" % dropped)
        os.set_blocking(reader, True)
        daemon.stop(checks)
    os.close(reader)


def first_lines(folder, terminal, **environment):
    """What a daemon with a bad configuration says to a terminal or a file."""
    daemon = Daemon(folder, name="c", store="none", registry=os.path.join(folder, "absent.csv"))
    daemon.write_config()
    words = [harness.DAEMON, "--foreground", "-c", daemon.config]
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "JOURNAL_STREAM")}
    environment = dict(kept, **{"TERM": "xterm", **environment})
    if not terminal:
        path = os.path.join(folder, "said")
        with open(path, "w") as file:
            if "JOURNAL_STREAM" in environment:
                status = os.fstat(file.fileno())
                environment["JOURNAL_STREAM"] = "%d:%d" % (status.st_dev, status.st_ino)
            subprocess.run(words, stderr=file, env=environment, timeout=harness.DEADLINE)
        with open(path) as file:
            return file.read()
    leader, follower = pty.openpty()
    subprocess.run(words, stderr=follower, env=environment, timeout=harness.DEADLINE)
    os.close(follower)
    text = os.read(leader, 65536).decode()
    os.close(leader)
    return text


def colours(checks, folder):
    red, words = "\x1b[1;31merror\x1b[0m rules: ", "absent.csv: "
    checks.true(red in first_lines(folder, True), "an error is red on a terminal")
    for what, text in (("NO_COLOR", first_lines(folder, True, NO_COLOR="1")), ("a file", first_lines(folder, False)),
                       ("a dumb terminal", first_lines(folder, True, TERM="dumb"))):
        checks.true("\x1b" not in text and "Z error rules: " in text and words in text, "no colours, %s: %r" % (what, text))
    journal = first_lines(folder, False, JOURNAL_STREAM="")
    checks.true(journal.startswith("<3>rules: "), "the journal gets the level: %r" % journal)
    other = first_lines(folder, False, LOG="", **{"NO_COLOR": ""})
    checks.true(not other.startswith("<") and words in other, "and nobody else: %r" % other)


def slow_store(checks, folder):
    """A private Redis that takes its time is told when it is late, not at every start."""
    with Daemon(folder, name="p") as daemon:
        checks.true("No such file" not in daemon.log_text(), "nothing alarming at a start: %s" % daemon.log_text())
    program = os.path.join(folder, "slow-redis")
    with open(program, "w") as file:
        file.write("#!/bin/sh\nexec sleep 3600\n")
    os.chmod(program, 0o755)
    daemon = Daemon(folder, name="late", redis_server=program)
    daemon.write_config()
    with open(daemon.log, "a") as log:
        daemon.process = subprocess.Popen([harness.DAEMON, "--foreground", "-c", daemon.config], cwd=folder,
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(lambda: "store: connecting: the private Redis server does not answer yet: " in daemon.log_text(),
                 "words about a server that is late")
    finally:
        checks.equal(daemon.stop(), 0, "exit status of one without a store")


def body(checks, folder):
    colours(checks, folder)
    stuck(checks, folder)
    slow_store(checks, folder)


if __name__ == "__main__":
    run_test("log", body)
