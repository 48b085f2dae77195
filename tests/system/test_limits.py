#!/usr/bin/env python3
"""What an outsider can push has a limit, a counter that shows when it bites, and no effect on others: replies that
nobody reads, queries without end, connections, handshakes that never end, half-open connections by the thousand."""
import json
import os
import resource
import socket
import time

import zmq

import harness
from harness import Daemon, Query, Requests, Submitter, run_test, wait_for
from test_security import Ear, Keyed, KeyedQuery, KeyedSubmitter, Keys, descriptors, handshake

HALF_OPEN = int(os.environ.get("HALF_OPEN_CONNECTIONS", "1000"))
# The bound of oversightd.conf(5): for a connection that has not shown a key, and for everything else.
CONNECTION_BYTES = 64 * 1024
OTHER_BYTES = 48 * 1024 * 1024
FIGURE = {"org": "X01", "measure": "ae-4h", "period": "2025-03", "value": 66.9}


def memory(daemon):
    with open("/proc/%d/status" % daemon.process.pid) as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS:"))


def counters(query):
    return query.get("status")["counters"]


class Deaf(Requests):
    """Asks and never reads the answers."""

    def connect(self):
        self.close()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.setsockopt(zmq.RCVHWM, 1)
        self.socket.setsockopt(zmq.RCVBUF, 4096)
        self.socket.connect(self.endpoint)

    def read_all(self):
        """Everything that comes until it is answered again."""
        number = None
        while True:
            if number is None:
                number = self.send(b'{"get":"source","source":"x"}')
            if not self.socket.poll(2000):
                number = None  # dropped unread: asked again
                continue
            if self.socket.recv_multipart()[0] == number:
                return


def unread_replies(checks, folder):
    """A client that does not read its replies is not served; others are."""
    bound = 1 << 20
    daemon = Daemon(folder, name="u", store="none", client_reply_bytes=bound // 8, reply_bytes=8 * bound, query_rate=0)
    with daemon, Query(daemon) as query, Submitter(daemon) as submitter, Deaf(daemon.query) as deaf, \
            Deaf(daemon.submit) as mute:
        size = len(json.dumps(query.get("snapshot")))
        query.get("status")
        before = memory(daemon)
        for _ in range(8 * bound // size):
            deaf.send(b'{"get":"snapshot"}')
        wait_for(lambda: counters(query)["query_unread"] > 0, "queries to be dropped of a client that does not read")
        checks.equal(len(query.get("snapshot")["organisations"]), 18, "organisations another client is told of")
        checks.true("error" not in submitter.submit([FIGURE]), "a submission of another client")
        checks.true(memory(daemon) - before < 8 * bound + OTHER_BYTES, "memory: %d, before %d" % (memory(daemon), before))
        deaf.read_all()
        checks.true(True, "served again once it reads")
        for _ in range(8 * bound // 100):
            mute.send(b"{")
        wait_for(lambda: counters(query)["submit_unread"] > 0, "submissions to be dropped of a client that does not read")
        # It goes on over several looks of the watchdog, and nobody else submits: what is dropped has been read.
        end, dropped = time.monotonic() + 4, counters(query)["submit_unread"]
        while time.monotonic() < end:
            for _ in range(1000):
                mute.send(b"{")
        now = counters(query)
        checks.true(now["submit_unread"] > dropped, "submissions dropped all the time")
        checks.equal(now["stalls"], 0, "stalls seen by the watchdog")
        checks.true("error" not in submitter.submit([FIGURE]), "a submission of another client")
        daemon.stop(checks)


def query_rate(checks, folder):
    daemon = Daemon(folder, name="r", store="none", query_rate=5)
    with daemon, Query(daemon) as query, Query(daemon) as other:
        numbers = [query.send(b'{"get":"source","source":"x"}') for _ in range(200)]
        replies = [json.loads(query.receive(number)[0]) for number in numbers]
        busy = [reply for reply in replies if reply.get("error", {}).get("code") == "busy"]
        checks.true(len(busy) > 50, "queries that came too fast: %d" % len(busy))
        checks.true(len(replies) - len(busy) >= 10, "queries answered: %d" % (len(replies) - len(busy)))
        checks.equal(counters(other)["query_throttled"], len(busy), "throttled queries counted")
        daemon.stop(checks)


def connections(checks, folder, keys, pairs):
    """Beyond max_connections a known key is refused; a connection that says nothing is closed."""
    keyed = Keyed(folder, keys, name="n", store="none", max_connections=2, handshake_timeout=1)
    server = keys.server[0]
    with keyed.daemon, Query(keyed.daemon) as local:
        silent = socket.create_connection(("127.0.0.1", keyed.ports[2]), timeout=harness.DEADLINE)
        while silent.recv(4096):
            pass  # the greeting; then the daemon gives up
        silent.close()
        checks.true(True, "a silent connection is closed")
        with KeyedQuery(keyed, pairs["dashboard"]) as one, KeyedQuery(keyed, pairs["operator"]) as two:
            one.get("status")
            two.get("status")
            wait_for(lambda: handshake(keyed.tcp[2], zmq.DEALER, pairs["dashboard"], server) == "refused",
                     "a connection too many to be refused")
            checks.true(counters(local)["auth_too_many"] >= 1, "and counted")
            checks.equal(one.get("status")["role"], "leader", "those that are in go on")
            checks.equal(handshake(keyed.tcp[0], zmq.SUB, pairs["dashboard"], server), "accepted", "another socket")
        wait_for(lambda: handshake(keyed.tcp[2], zmq.DEALER, pairs["dashboard"], server) == "accepted",
                 "room when others have gone")
        keyed.daemon.stop(checks)


def half_open(checks, folder, keys, pairs):
    """Thousands of connections that never say a word; good clients go on, memory and descriptors come back."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = HALF_OPEN + 300
    if hard < wanted:
        checks.true(False, "the hard limit of open files is %d, the test needs %d" % (hard, wanted))
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    keyed = Keyed(folder, keys, name="h")
    with keyed.daemon, Query(keyed.daemon) as local, KeyedQuery(keyed, pairs["operator"]) as query, \
            KeyedSubmitter(keyed, pairs["gateway"], "other") as submitter, Ear(keyed, pairs["dashboard"]) as ear:
        submitter.submit([FIGURE])
        ear.hear("dashboard")
        query.get("status")
        before, started, most = memory(keyed.daemon), descriptors(keyed.daemon), 0
        open_before = [counters(local)[name] for name in ("publish_connections", "query_connections",
                                                            "submit_connections")]
        held = []
        for i in range(HALF_OPEN):
            held.append(socket.create_connection(("127.0.0.1", keyed.ports[i % 3]), timeout=harness.DEADLINE))
            if i % 200 == 0:
                if "error" in submitter.submit([dict(FIGURE, revision=i + 1)]):
                    raise harness.Failure("a good client among half-open connections is refused")
                query.get("snapshot")
                most = max(most, memory(keyed.daemon))
        most = max(most, memory(keyed.daemon))
        ear.hear("dashboard")
        checks.equal(handshake(keyed.tcp[2], zmq.DEALER, pairs["operator"], keys.server[0]), "accepted",
                     "a new good client among half-open connections")
        for one in held:
            one.close()
        wait_for(lambda: descriptors(keyed.daemon) <= started, "the descriptors to be closed")
        wait_for(lambda: [counters(local)[name] for name in ("publish_connections", "query_connections",
                                                             "submit_connections")] == open_before,
                 "the counters of connections to be as before")
        bound = HALF_OPEN * CONNECTION_BYTES + OTHER_BYTES
        checks.true(most - before < bound, "memory %d, before %d, bound %d more" % (most, before, bound))
        print("%d half-open connections: %.1f MiB before, at most %.1f MiB, after %.1f MiB; descriptors %d before, %d "
              "after" % (HALF_OPEN, before / 2**20, most / 2**20, memory(keyed.daemon) / 2**20, started,
                         descriptors(keyed.daemon)), flush=True)
        keyed.daemon.stop(checks)


def body(checks, folder):
    unread_replies(checks, folder)
    query_rate(checks, folder)
    keys = Keys(folder, checks)
    pairs = {name: keys.add(name, grant) for name, grant in (
        ("gateway", "submit,query test,other"), ("dashboard", "consume,query"), ("operator", "admin"))}
    keys.write()
    connections(checks, folder, keys, pairs)
    half_open(checks, folder, keys, pairs)


if __name__ == "__main__":
    run_test("limits", body)
