"""A store behind Redis Sentinel: the master dies, a replica takes its place, and the daemon finds it and goes on; then
the sentinels are asked to change back."""
import os
import shutil
import subprocess
import sys

import redis

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fault"))

from harness import (DAEMON, DEADLINE, SKIPPED, Daemon, Failure, Query, Submitter, example_steps, read_tidy, run_test,
                     wait_for)
from servers import REDIS
from test_security import free_ports

SENTINEL = "redis-sentinel"
NAME = "oversight-test"
# The time until a master counts as down is long enough for a machine that stands still: the one just put in its
# place, to which the sentinel has to connect anew, must not count as down, too.
CONF = """port %d
bind 127.0.0.1
dir %s
sentinel monitor %s 127.0.0.1 %d 1
sentinel down-after-milliseconds %s 6000
sentinel failover-timeout %s 2000
"""


FOLLOWS = "slave connected"


class Server:
    """A Redis or a sentinel on a port of loopback."""

    def __init__(self, folder, name, words, port):
        self.port, self.words, self.log, self.process = port, words, os.path.join(folder, name + ".log"), None
        self.dir = os.path.join(folder, name)
        os.makedirs(self.dir, exist_ok=True)

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(self.words, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self.answers, "port %d" % self.port)
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise Failure("%s ended with %d" % (self.words[0], self.process.returncode))
        try:
            return self.client().ping()
        except redis.exceptions.RedisError:
            return False

    def client(self):
        return redis.Redis(host="127.0.0.1", port=self.port, socket_timeout=5, decode_responses=True)

    def role(self):
        """With the state of the link of a replica; None: it has ended, or just its connections, as who becomes one."""
        try:
            told = self.client().execute_command("ROLE") if self.process.poll() is None else [None]
        except redis.exceptions.ConnectionError:
            return None
        return "%s %s" % (told[0], told[3]) if told[0] == "slave" else told[0]

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait(DEADLINE)


def start_all(folder, ports):
    data = []
    for name, port in zip(("one", "two"), ports):
        words = [REDIS, "--port", str(port), "--bind", "127.0.0.1", "--appendonly", "yes", "--save", ""]
        if data:
            words += ["--replicaof", "127.0.0.1 %d" % ports[0]]
        data.append(Server(folder, name, words, port).start())
    wait_for(lambda: data[1].role() == FOLLOWS, "the replica")
    conf = os.path.join(folder, "sentinel.conf")
    with open(conf, "w") as file:
        file.write(CONF % (ports[2], folder, NAME, ports[0], NAME, NAME))
    sentinel = Server(folder, "sentinel", [SENTINEL, conf], ports[2]).start()

    def knows():
        return sentinel.client().sentinel_master(NAME)["num-slaves"] == 1

    wait_for(knows, "the sentinel to know of the replica")
    return data, sentinel


def settled(daemon, server):
    """The daemon leads, on this server, and everything is written. The server is asked first: a daemon that has not yet
    seen that another took its place still says that it is ready."""
    if server.role() != "master" or not any(one["name"] == "oversightd" for one in server.client().client_list()):
        return False
    with Query(daemon) as query:
        return query.get("status")["store"] == "ready"


def segments(daemon):
    with Query(daemon) as query:
        return {code: row["indicative"] for code, row in query.board().items()}


def fail_over(checks, daemon, data, sentinel, steps):
    one, two = data
    with Submitter(daemon) as submitter:
        submitter.submit(read_tidy(steps[0]), baseline=True)
        before = segments(daemon)
        one.kill()
        wait_for(lambda: settled(daemon, two), "the daemon on the new master")
        reply = submitter.submit(read_tidy(steps[1]))
        checks.true("error" not in reply and not reply["refused"], "a submission after the fail-over: %s" % reply)
        after = segments(daemon)
        checks.equal(set(after), set(before), "organisations")
        checks.true(two.client().exists("{oversight}:sources"), "written to the new master")
        # The old one comes back as a replica, and becomes the master again when it is asked to.
        one.start()
        wait_for(lambda: one.role() == FOLLOWS, "the old master as a replica")

        def asked():
            try:
                return sentinel.client().sentinel_failover(NAME)
            except redis.exceptions.ResponseError:
                return False  # not yet ready for the next one

        wait_for(asked, "the sentinel to begin")
        wait_for(lambda: one.role() == "master", "the change back")
        reply = submitter.submit(read_tidy(steps[2]))
        checks.true("error" not in reply and not reply["refused"], "a submission after the change: %s" % reply)
        wait_for(lambda: settled(daemon, one), "the daemon on the old master")
    return segments(daemon)


def stranger(checks, folder, store):
    """A name that no sentinel knows is told, and asked for again."""
    daemon = Daemon(folder, name="stranger", store=store)
    daemon.write_config()
    with open(daemon.log, "a") as log:
        daemon.process = subprocess.Popen([DAEMON, "--foreground", "-c", daemon.config], stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(lambda: 'knows no master of the name "nobody"' in daemon.log_text(), "words about the name")
    finally:
        checks.equal(daemon.stop(), 0, "exit status of one without a store")


def body(checks, folder):
    ports = free_ports(4)
    steps = example_steps()
    data, sentinel = [], None
    try:
        data, sentinel = start_all(folder, ports)
        # The first of the list is not there: the next one is asked.
        store = "sentinel:%s@127.0.0.1:%d,127.0.0.1:%d" % (NAME, ports[3], ports[2])
        with Daemon(folder, store=store, store_deadline=2) as daemon:
            board = fail_over(checks, daemon, data, sentinel, steps)
            daemon.stop(checks)
        with Daemon(folder, name="again", store=store) as daemon:
            checks.equal(segments(daemon), board, "board of the next daemon")
            daemon.stop(checks)
        stranger(checks, folder, store.replace(NAME, "nobody"))
    finally:
        for server in [*data, sentinel]:
            if server:
                server.kill()


if __name__ == "__main__":
    if not shutil.which(SENTINEL):
        print("redis-sentinel is not installed: nothing is shown about fail-overs")
        sys.exit(SKIPPED)
    run_test("sentinel", body)
