#!/usr/bin/env python3
"""Keys: who is let in, who is refused, and how; reload of keys; junk on the ports."""
import ctypes
import json
import os
import signal
import socket
import subprocess
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

import harness
from harness import Daemon, Failure, Query, Requests, Submitter, ctl, run_test, wait_for

WALL = 0x40000000  # waitpid(2): threads, too
JUNK = int(os.environ.get("JUNK_CONNECTIONS", "1500"))
ROLES = {  # name: roles and sources
    "gateway": "submit,query test,other",
    "dashboard": "consume,query",
    "operator": "admin",
    "listener": "consume",
    "feeder": "feed",
}


def free_ports(count):
    """Ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Keys:
    """Pairs of keys made by oversightctl, and the file that lists the public ones."""

    def __init__(self, folder, checks):
        self.folder, self.lines = folder, {}
        self.path = os.path.join(folder, "keys")
        self.server = self.make("server", checks)

    def make(self, name, checks=None):
        done = ctl("keygen", name, "--out", self.folder)
        if done.returncode:
            raise Failure("keygen: %s" % done.stderr)
        public, secret = (os.path.join(self.folder, "%s.%s" % (name, kind)) for kind in ("public", "secret"))
        if checks:
            checks.equal(oct(os.stat(secret).st_mode & 0o777), "0o600", "mode of a secret key")
            checks.true(open(public).read().strip() in done.stdout, "keygen prints the line for the keys file")
            checks.true(open(secret).read().strip() not in done.stdout + done.stderr, "keygen prints no secret")
        return open(public).read().strip().encode(), open(secret).read().strip().encode()

    def secret_path(self, name):
        return os.path.join(self.folder, name + ".secret")

    def add(self, name, grant):
        pair = self.make(name)
        self.lines[name] = "%s %s %s" % (name, pair[0].decode(), grant)
        return pair

    def write(self):
        with open(self.path, "w") as file:
            file.write("# name key roles sources\n\n" + "".join(line + "\n" for line in self.lines.values()))


class Keyed:
    """A daemon on TCP with keys, reached under a key: what the clients of the harness take for a daemon."""

    def __init__(self, folder, keys, name="d", **options):
        self.ports = free_ports(3)
        self.keys = keys
        self.tcp = ["tcp://127.0.0.1:%d" % port for port in self.ports]
        self.daemon = Daemon(folder, name=name, keys=keys.path, server_secret=keys.secret_path("server"), **options)
        for kind, address in zip(("publish", "submit", "query"), self.tcp):
            self.daemon.options[kind] = [getattr(self.daemon, kind), address]

    def words(self, name, server=None):
        """The options that lead oversightctl to it under a key."""
        words = ["--publish", self.tcp[0], "--submit", self.tcp[1], "--query", self.tcp[2]]
        return words + ["--key", self.keys.secret_path(name), "--server-key", server or self.keys.server[0].decode()]


def dress(connection, pair, server):
    """Puts keys on a socket; pair None: no encryption."""
    if pair is not None:
        connection.setsockopt(zmq.CURVE_SERVERKEY, server)
        connection.setsockopt(zmq.CURVE_PUBLICKEY, pair[0])
        connection.setsockopt(zmq.CURVE_SECRETKEY, pair[1])


class KeyedRequests(Requests):
    """The harness' client with keys. mixin before Query and Submitter."""

    pair = server = None

    def connect(self):
        self.close()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        dress(self.socket, self.pair, self.server)
        self.socket.connect(self.endpoint)


class KeyedQuery(KeyedRequests, Query):
    def __init__(self, keyed, pair):
        self.pair, self.server = pair, keyed.keys.server[0]
        Requests.__init__(self, keyed.tcp[2])


class KeyedSubmitter(KeyedRequests, Submitter):
    def __init__(self, keyed, pair, source="test"):
        self.pair, self.server = pair, keyed.keys.server[0]
        Requests.__init__(self, keyed.tcp[1])
        self.source, self.seq = source, 0


def handshake(address, kind, pair, server, deadline=harness.DEADLINE):
    """How a connection ends: "accepted" or "refused"."""
    with zmq.Context.instance().socket(kind) as one:
        one.setsockopt(zmq.LINGER, 0)
        dress(one, pair, server)
        monitor = one.get_monitor_socket()
        one.connect(address)
        end = time.monotonic() + deadline
        try:
            while time.monotonic() < end:
                if not monitor.poll(max(1, int((end - time.monotonic()) * 1000))):
                    break
                event = recv_monitor_message(monitor)["event"]
                if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                    return "accepted"
                if event in (zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
                             zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL):
                    return "refused"
        finally:
            one.disable_monitor()
    raise Failure("%s neither accepted nor refused within %g s" % (address, deadline))


class Ear:
    """A subscriber under a key."""

    def __init__(self, keyed, pair):
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 20)
        self.socket.setsockopt(zmq.SUBSCRIBE, b"heartbeat/")
        dress(self.socket, pair, keyed.keys.server[0])
        self.socket.connect(keyed.tcp[0])

    def hear(self, what, deadline=harness.DEADLINE):
        if not self.socket.poll(int(deadline * 1000)):
            raise Failure("%s hears no heartbeat within %g s" % (what, deadline))
        return self.socket.recv_multipart()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


FIGURE = {"org": "X01", "measure": "ae-4h", "period": "2025-03", "value": 66.9}


# ---- The tests -----------------------------------------------------------------------------


def refusals(checks, keyed, pairs):
    """Which key opens which socket."""
    server = keyed.keys.server[0]
    publish, submit, query = keyed.tcp
    stranger = keyed.keys.make("stranger")
    kinds = ((publish, zmq.SUB), (submit, zmq.DEALER), (query, zmq.DEALER))
    opened = {"gateway": (submit, query), "dashboard": (publish, query), "operator": (query,), "listener": (publish,),
              "feeder": ()}
    for address, kind in kinds:
        checks.equal(handshake(address, kind, stranger, server), "refused", "an unknown key at %s" % address)
        checks.equal(handshake(address, kind, None, None), "refused", "no key at %s" % address)
        checks.equal(handshake(address, kind, pairs["gateway"], stranger[0]), "refused",
                     "a client that expects another server at %s" % address)
        for name, addresses in opened.items():
            wanted = "accepted" if address in addresses else "refused"
            checks.equal(handshake(address, kind, pairs[name], server), wanted, "%s at %s" % (name, address))
    with Query(keyed.daemon) as local:
        counters = local.get("status")["counters"]
    checks.true(counters["auth_unknown_key"] >= 3, "unknown keys are counted: %s" % counters)
    checks.true(counters["auth_wrong_role"] >= 8, "wrong roles are counted: %s" % counters)
    checks.true(counters["auth_handshakes_failed"] >= 6, "failed handshakes are counted: %s" % counters)
    checks.equal(counters["auth_refused"], counters["auth_unknown_key"] + counters["auth_wrong_role"],
                 "all refusals have their reason")
    keyed.daemon.logged("connections refused")
    checks.true(keyed.daemon.log_text().count("connections refused") < 5, "but few lines of refusals in the log")


def sources_and_actions(checks, keyed, pairs):
    """What a key may do once it is in."""
    for source, wanted in (("test", None), ("other", None), ("third", "not-allowed"), ("tes", "not-allowed"),
                           ("test,other", "undecodable"), ("*", "undecodable")):
        with KeyedSubmitter(keyed, pairs["gateway"], source=source) as submitter:
            reply = submitter.submit([FIGURE])
            checks.equal(reply.get("error", {}).get("code"), wanted, "submission as source %s" % source)
    with Submitter(keyed.daemon, source="third") as local:
        checks.true("error" not in local.submit([FIGURE]), "ipc needs no key, and may speak for any source")
    action = {"do": "reset-source", "source": "third", "last": 1}
    for name, wanted in (("gateway", "not-allowed"), ("dashboard", "not-allowed"), ("operator", None)):
        with KeyedQuery(keyed, pairs[name]) as query:
            checks.true("organisations" in query.get("snapshot"), "%s may ask" % name)
            checks.equal(query.ask(action).get("error", {}).get("code"), wanted, "an action by %s" % name)
    with Query(keyed.daemon) as local:
        checks.equal(local.ask(action), {"done": True}, "an action over ipc")


def listeners(checks, keyed, pairs):
    """Subscribers are recorded by their key."""
    with Ear(keyed, pairs["listener"]) as ear:
        topic, _ = ear.hear("listener")
        checks.equal(topic, b"heartbeat/", "topic heard")
        with Query(keyed.daemon) as local:
            topics = {one["key"]: one["topics"] for one in local.get("status")["subscribers"]}
    checks.equal(topics.get("listener"), ["heartbeat/"], "the subscriber is known by name, with its topics")


# ---- A thread that hangs ----------------------------------------------------------------------


class Held:
    """One thread of a process, stopped as by a debugger: the others go on. Taken back at the end, if it still is."""

    SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17

    def __init__(self, pid, name):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self.libc.ptrace.restype = ctypes.c_long
        self.thread, self.ended = None, False
        for thread in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/comm" % (pid, thread)) as file:
                if file.read().strip() == name:
                    self.thread = int(thread)
        if self.thread is None:
            raise Failure("process %d has no thread %s" % (pid, name))

    def stop(self):
        for request in (self.SEIZE, self.INTERRUPT):
            if self.libc.ptrace(request, self.thread, None, None):
                raise PermissionError(ctypes.get_errno(), "ptrace")
        os.waitpid(self.thread, WALL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.ended:
            self.libc.ptrace(self.DETACH, self.thread, None, None)

    def is_over(self):
        """Has the thread ended with its process? The process' own end is seen only after this was."""
        self.ended = self.ended or os.waitpid(self.thread, WALL | os.WNOHANG)[0] == self.thread
        return self.ended


def dead_handler(checks, folder, keys, pairs):
    """The thread that knows the keys hangs: nobody new gets in, known or not; who is in goes on; a reload, which
    could not take a key away, ends the daemon."""
    keyed = Keyed(folder, keys, name="z", store="none", handshake_timeout=1)
    server, stranger = keys.server[0], keys.make("nobody")
    keyed.daemon.start()
    local = Query(keyed.daemon)
    local.get("status")
    held = Held(keyed.daemon.process.pid, "keys")
    try:
        held.stop()
    except PermissionError as error:
        print("not tested here, a handler that hangs: %s" % error, flush=True)
        local.close()
        keyed.daemon.stop(checks)
        return
    with held, local:
        for address, kind in zip(keyed.tcp, (zmq.SUB, zmq.DEALER, zmq.DEALER)):
            for name, pair in (("a known key", pairs["operator"]), ("an unknown key", stranger), ("no key", None)):
                checks.equal(handshake(address, kind, pair, server), "refused",
                             "%s at %s while the handler hangs" % (name, address))
        checks.true("counters" in local.get("status"), "who is in goes on while the handler hangs")
        if "VALGRIND_LOGS" not in os.environ:  # it ends no process before the last of its threads
            keyed.daemon.process.send_signal(signal.SIGHUP)
            wait_for(lambda: held.is_over() and not keyed.daemon.alive(),
                     "the end of a daemon that cannot renew its keys")
    if keyed.daemon.alive():
        print("not tested here, the end of a daemon whose handler hangs: valgrind would wait for the handler")
        keyed.daemon.stop(checks)
        return
    checks.equal(keyed.daemon.process.returncode, -signal.SIGABRT, "how it ends")
    checks.true("the handler of keys does not answer" in keyed.daemon.log_text(), "and what it says last")


def command_line(checks, keyed):
    done = ctl(*keyed.words("dashboard"), "status", "--json")
    checks.equal(done.returncode, 0, "oversightctl status under a key: %s" % done.stderr)
    public = os.path.join(keyed.keys.folder, "server.public")
    done = ctl(*keyed.words("dashboard", server=public), "watch", "--timeout", "2")
    checks.true("caught up" in (done.stdout + done.stderr) or done.returncode in (0, 75),
                "oversightctl watch under a key: %d %s" % (done.returncode, done.stderr))
    done = ctl(*keyed.words("listener"), "status", "--timeout", "1")
    checks.true(done.returncode != 0 and "has this key the role query" in done.stderr, "a refused key is hinted at: %s" % done.stderr)
    done = ctl("--query", keyed.tcp[2], "--key", keyed.keys.secret_path("dashboard"), "status")
    checks.true(done.returncode == 64 and "--server-key" in done.stderr, "--key alone: %s" % done.stderr)
    with open(keyed.keys.secret_path("dashboard")) as file:
        loose = os.path.join(keyed.keys.folder, "loose.secret")
        with open(loose, "w") as copy:
            copy.write(file.read())
    os.chmod(loose, 0o644)
    done = ctl(*keyed.words("loose"), "status")
    checks.true(done.returncode != 0 and "0600" in done.stderr, "a secret that others can read: %s" % done.stderr)
    done = ctl("keygen", "server", "--out", keyed.keys.folder)
    checks.true(done.returncode != 0, "keygen overwrites nothing")


def reload_keys(checks, keyed, pairs):
    """SIGHUP adds and removes clients; a bad file changes nothing."""
    keys, daemon = keyed.keys, keyed.daemon
    newcomer = keys.add("newcomer", "query")
    checks.equal(handshake(keyed.tcp[2], zmq.DEALER, newcomer, keys.server[0]), "refused", "before the reload")
    with KeyedQuery(keyed, pairs["dashboard"]) as kept, Ear(keyed, pairs["listener"]) as ear, \
            Ear(keyed, pairs["dashboard"]) as stays:
        kept.get("status")
        ear.hear("listener")
        good = list(keys.lines.items())
        keys.lines["bad"] = "bad key"
        keys.write()
        with Query(daemon) as local:
            reply = local.ask({"do": "reload"})
            checks.equal(reply.get("error", {}).get("code"), "bad-rules", "reload of a bad file")
            checks.true("keys:" in reply["error"]["message"], "the file is named: %s" % reply)
        ear.hear("listener after a refused reload")
        keys.lines = dict(good)
        for name in ("dashboard", "listener"):
            del keys.lines[name]
        dashboard = keys.lines["dashboard"] = "dashboard %s consume" % pairs["dashboard"][0].decode()
        keys.write()
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: handshake(keyed.tcp[2], zmq.DEALER, newcomer, keys.server[0]) == "accepted",
                 "the new key to be accepted")
        checks.equal(kept.get("status").get("error", {}).get("code"), "not-allowed",
                     "a connection whose key has lost the role")
        checks.equal(handshake(keyed.tcp[2], zmq.DEALER, pairs["dashboard"], keys.server[0]), "refused",
                     "a new connection without the role")
        while stays.socket.poll(0):
            stays.socket.recv_multipart()
        stays.hear("a subscriber that keeps its key")
        stays.hear("a subscriber that keeps its key")
        while ear.socket.poll(0):  # from before
            ear.socket.recv_multipart()
        stays.hear("a subscriber that keeps its key")
        checks.true(not ear.socket.poll(0), "a subscriber whose key is gone hears nothing more")
        checks.true(dashboard in open(keys.path).read(), "the file is ours")


def descriptors(daemon):
    return len(os.listdir("/proc/%d/fd" % daemon.process.pid))


def junk(checks, keyed, pairs):
    """Junk on every port: silence, noise, half a greeting, a plain client; good clients go on."""
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * JUNK + 200
    if hard < wanted:
        checks.true(False, "the hard limit of open files is %d, the test needs %d" % (hard, wanted))
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    noise = (b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\xff" + b"\0" * 8 + b"\x7f\x03\x01",
             b"\xff" + b"\0" * 8 + b"\x7f\x03\x01NULL" + b"\0" * 48, bytes(range(256)) * 8)
    before = descriptors(keyed.daemon)
    with KeyedQuery(keyed, pairs["operator"]) as query, KeyedSubmitter(keyed, pairs["gateway"], "other") as submitter, \
            Ear(keyed, pairs["dashboard"]) as ear:
        query.get("status")
        ear.hear("dashboard")
        submitter.seq = query.get("source", source="other")["last"]
        connections = []
        for i in range(JUNK):
            for port in keyed.ports:
                one = socket.create_connection(("127.0.0.1", port), timeout=harness.DEADLINE)
                one.setblocking(False)
                try:
                    one.send(noise[i % len(noise)])
                except OSError:
                    pass  # closed on us already: good
                connections.append(one)
            if i % 100 == 0:
                query.get("status")
                reply = submitter.submit([dict(FIGURE, value=66 + i / 1e4, revision=i + 10)])
                if "error" in reply:
                    raise Failure("a good client among the junk: %s" % reply)
        checks.equal(len(connections), 3 * JUNK, "junk connections made")
        ear.hear("dashboard")
        ear.hear("dashboard")
        checks.equal(handshake(keyed.tcp[2], zmq.DEALER, pairs["operator"], keyed.keys.server[0]), "accepted",
                     "a new good client among the junk")
        for one in connections:
            one.close()
        counters = query.get("status")["counters"]
        checks.true(counters["auth_handshakes_failed"] > JUNK, "junk is counted: %s" % counters)
    wait_for(lambda: descriptors(keyed.daemon) <= before, "the descriptors of the junk to be closed")
    checks.equal(keyed.daemon.alive(), True, "the daemon lives")


def refused_configurations(checks, folder, keys):
    """What the daemon does not start with."""
    def check(name, expected, **options):
        daemon = Daemon(folder, name=name, store="none", **options)
        daemon.write_config()
        done = subprocess.run([harness.DAEMON, "--check", "-c", daemon.config], capture_output=True, text=True)
        checks.equal(done.returncode, 78, "%s: exit status (%s)" % (name, done.stderr.strip()))
        checks.true(expected in done.stderr, "%s: %s" % (name, done.stderr.strip()))

    secret = keys.secret_path("server")
    check("c1", "is beyond loopback and not encrypted", submit=["tcp://192.0.2.1:7711"])
    check("c2", "option 'server_secret'", keys=keys.path)
    loose = os.path.join(folder, "loose")
    with open(secret) as file, open(loose, "w") as copy:
        copy.write(file.read())
    os.chmod(loose, 0o640)
    check("c3", "0600", keys=keys.path, server_secret=loose)
    bad = os.path.join(folder, "bad-keys")
    with open(bad, "w") as file:
        file.write("a\nb %s nothing\nc %s submit\n" % (keys.server[0].decode(), keys.server[0].decode()))
    for line, expected in ((1, "columns"), (2, "role"), (3, "sources")):
        check("c%d" % (3 + line), "bad-keys:%d: %s" % (line, "got 1 columns" if line == 1 else expected), keys=bad,
              server_secret=secret)
    check("c7", "server_key of feed ed", keys=keys.path, server_secret=secret,
          feeds=({"source": "ed", "connect": "tcp://192.0.2.1:7800", "server_key": "gateway"},))
    good = Daemon(folder, name="c8", store="none", keys=keys.path, server_secret=secret,
                  submit=["tcp://192.0.2.1:7711"],
                  feeds=({"source": "ed", "connect": "tcp://192.0.2.1:7800", "server_key": "feeder"},))
    good.write_config()
    done = subprocess.run([harness.DAEMON, "--check", "-c", good.config], capture_output=True, text=True)
    checks.equal(done.returncode, 0, "TCP beyond loopback with keys: %s" % done.stderr)


def plain_tcp(checks, folder, keys):
    """A real start, with each kind of socket in turn beyond loopback and in the clear: none is opened."""
    port, = free_ports(1)
    away = "tcp://0.0.0.0:%d" % port
    keyed = {"keys": keys.path, "server_secret": keys.secret_path("server")}
    cases = (
        ("publish", away, {"publish": [away]}),
        ("submit", away, {"submit": [away]}),
        ("query", away, {"query": [away]}),
        ("http", "0.0.0.0:%d" % port, {"http": ["0.0.0.0:%d" % port]}),
        ("http with keys", "0.0.0.0:%d" % port, dict(keyed, http=["0.0.0.0:%d" % port])),
        ("store", "192.0.2.1", {"store": "tcp://192.0.2.1:6379"}),
        ("feed", "192.0.2.1", {"feeds": ({"source": "ed", "connect": "tcp://192.0.2.1:7800"},)}),
        ("replay", "192.0.2.2", {"feeds": ({"source": "ed", "connect": "tcp://127.0.0.1:7800",
                                            "replay": "tcp://192.0.2.2:7801"},)}),
        ("feed with keys", "192.0.2.1", dict(keyed, feeds=({"source": "ed", "connect": "tcp://192.0.2.1:7800"},))),
    )
    for name, address, options in cases:
        daemon = Daemon(folder, name="p", **dict({"store": "none"}, **options))
        daemon.write_config()
        done = subprocess.run([harness.DAEMON, "--foreground", "-c", daemon.config], capture_output=True, text=True,
                              timeout=harness.DEADLINE)
        checks.equal(done.returncode, 78, "%s beyond loopback: exit status (%s)" % (name, done.stderr.strip()))
        checks.true(address in done.stderr and ("loopback" in done.stderr),
                    "%s beyond loopback: %s" % (name, done.stderr.strip()))


def encrypted_feed(checks, folder, keys, pairs):
    """The daemon subscribes to a feed under the feed's key and its own."""
    context = zmq.Context.instance()
    port, = free_ports(1)
    address = "tcp://127.0.0.1:%d" % port
    with context.socket(zmq.PUB) as feed:
        feed.setsockopt(zmq.LINGER, 0)
        feed.setsockopt(zmq.CURVE_SERVER, 1)
        feed.setsockopt(zmq.CURVE_SECRETKEY, pairs["feeder"][1])
        feed.bind(address)
        daemon = Daemon(folder, name="f", store="none", keys=keys.path, server_secret=keys.secret_path("server"),
                        feeds=({"source": "ed", "connect": address, "server_key": "feeder"},))
        with daemon, Query(daemon) as query:
            beat = json.dumps({"source": "ed", "last": 0}).encode()

            def live():
                feed.send_multipart([b"heartbeat/ed/", beat])
                feed.send_multipart([b"update/ed/", json.dumps([dict(FIGURE, source="ed", seq=1)]).encode()])
                return query.get("source", source="ed")["last"] == 1

            wait_for(live, "an update of an encrypted feed")
            checks.equal(query.get("source", source="ed")["last"], 1, "last of the encrypted feed")


def credentials(checks, folder, keys):
    """The secret as a credential of the service manager: its folder is guarded, so the mode does not matter."""
    place = os.path.join(folder, "credentials")
    os.mkdir(place, mode=0o700)
    with open(keys.secret_path("server")) as file, open(os.path.join(place, "server.secret"), "w") as copy:
        copy.write(file.read())
    os.chmod(os.path.join(place, "server.secret"), 0o444)

    def check(value, **environment):
        daemon = Daemon(folder, name="cr", store="none", keys=keys.path, server_secret=value)
        daemon.write_config()
        done = subprocess.run([harness.DAEMON, "--check", "-c", daemon.config], capture_output=True, text=True,
                              env=dict(os.environ, **environment))
        return done.returncode, done.stderr

    checks.equal(check("credential:server.secret", CREDENTIALS_DIRECTORY=place), (0, ""), "a credential")
    for value, environment, expected in (
            ("credential:server.secret", {}, "expected CREDENTIALS_DIRECTORY"),
            ("credential:absent", {"CREDENTIALS_DIRECTORY": place}, "cannot be read"),
            ("credential:../keys", {"CREDENTIALS_DIRECTORY": place}, "expected the name of a credential"),
            (os.path.join(place, "server.secret"), {}, "0600")):
        status, said = check(value, **environment)
        checks.true(status == 78 and expected in said, "%s: %d %s" % (value, status, said))


def insecure_endpoint(checks, folder, keys):
    """insecure = true keeps one endpoint plain beside others that are not."""
    plain, locked = free_ports(2)
    daemon = Daemon(folder, name="i", store="none", keys=keys.path, server_secret=keys.secret_path("server"))
    daemon.options["query"] = ({"endpoint": "tcp://127.0.0.1:%d" % plain, "insecure": True},
                               "tcp://127.0.0.1:%d" % locked, daemon.query)
    with daemon:
        with Requests("tcp://127.0.0.1:%d" % plain) as client:
            frames = client.receive(client.send(b'{"get":"source","source":"x"}'))
            checks.true(frames is not None, "an endpoint with insecure = true answers without a key")
        checks.equal(handshake("tcp://127.0.0.1:%d" % locked, zmq.DEALER, None, None), "refused",
                     "the endpoint beside it")


def body(checks, folder):
    keys = Keys(folder, checks)
    pairs = {name: keys.add(name, grant) for name, grant in ROLES.items()}
    keys.write()
    refused_configurations(checks, folder, keys)
    keyed = Keyed(folder, keys)
    with keyed.daemon:
        refusals(checks, keyed, pairs)
        sources_and_actions(checks, keyed, pairs)
        listeners(checks, keyed, pairs)
        command_line(checks, keyed)
        junk(checks, keyed, pairs)
        reload_keys(checks, keyed, pairs)
        keyed.daemon.stop(checks)
    credentials(checks, folder, keys)
    plain_tcp(checks, folder, keys)
    dead_handler(checks, folder, keys, pairs)
    encrypted_feed(checks, folder, keys, pairs)
    insecure_endpoint(checks, folder, keys)


if __name__ == "__main__":
    run_test("security", body)
