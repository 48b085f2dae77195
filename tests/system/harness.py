"""What the system tests stand on: a real daemon in a temporary folder, and a client of its own.

The client is written from oversight-protocol(7) alone and shares no code with the project. Nothing sleeps to
synchronise: every wait is for a thing that is announced (READY=1, a reply, an alert, the end of a process) and has
a deadline after which the test fails.
"""
import contextlib
import datetime
import json
import os
import signal
import socket
import subprocess
import sys
import time

import msgpack
import zmq

from checks import DEADLINE, SKIPPED, Checks, Failure, processes_of, shorten, skip, wait_for, workspace  # noqa: F401

SOURCE = os.environ.get("srcdir") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("builddir") or os.getcwd()
SHARED = os.environ.get("OVERSIGHT_SHARED") or os.path.join(os.path.dirname(os.path.abspath(SOURCE)), "shared")
DAEMON = os.environ.get("OVERSIGHTD") or os.path.join(BUILD, "oversightd")
CTL = os.path.join(BUILD, "oversightctl")
EXAMPLE = os.path.join(SOURCE, "conf", "example")


def run_test(name, body):
    """Runs body(checks, folder) in a folder of its own and ends the process with the right status."""
    checks = Checks(name)
    try:
        for program in (DAEMON, CTL):
            if not os.path.exists(program):
                raise Failure("%s is not built" % program)
        with workspace(checks) as folder:
            body(checks, folder)
    except Failure as failure:
        checks.true(False, str(failure))
    sys.exit(checks.finish())


# ---- The daemon ------------------------------------------------------------------


def quote(value):
    """A value in the syntax of oversightd.conf."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')
    if isinstance(value, dict):
        return "{ %s }" % " ".join("%s = %s;" % (key, quote(item)) for key, item in value.items())
    if isinstance(value, tuple):
        return "( %s )" % ", ".join(quote(item) for item in value)
    return "[ %s ]" % ", ".join(quote(item) for item in value)


class Daemon:
    def __init__(self, folder, name="d", **options):
        self.folder, self.name, self.process = folder, name, None
        self.publish, self.submit, self.query = (
            "ipc://%s/%s.%s" % (folder, name, word) for word in ("pub", "sub", "qry"))
        self.state = os.path.join(folder, name + ".state")
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        self.options = {
            "instance": "test",
            "frameworks": [os.path.join(EXAMPLE, "example.conf")],
            "registry": os.path.join(EXAMPLE, "organisations.csv"),
            "state_dir": self.state,
            "store": "private",
            "publish": [self.publish],
            "submit": [self.submit],
            "query": [self.query],
            "http": [],
        }
        self.options.update(options)
        self.config = os.path.join(folder, name + ".conf")
        self.log = os.path.join(folder, name + ".log")
        self.status_lines = []

    def write_config(self):
        with open(self.config, "w") as file:
            for key, value in self.options.items():
                file.write("%s = %s;\n" % (key, quote(value)))

    def start(self):
        """Returns when the service manager would be told that the daemon is ready."""
        self.write_config()
        path = os.path.join(self.folder, self.name + ".notify")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(self.log, "a") as log:
            notify.bind(path)
            notify.settimeout(0.1)
            self.process = subprocess.Popen(
                [DAEMON, "--foreground", "-c", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env=dict(os.environ, NOTIFY_SOCKET=path), start_new_session=True)
            end = time.monotonic() + DEADLINE
            while True:
                with contextlib.suppress(TimeoutError):
                    lines = notify.recv(4096).decode().split("\n")
                    self.status_lines += lines
                    if "READY=1" in lines:
                        return self
                if self.process.poll() is not None:
                    raise Failure("oversightd ended with %d before it was ready" % self.process.returncode)
                if time.monotonic() > end:
                    raise Failure("oversightd was not ready within %g s" % DEADLINE)

    def stop(self, checks=None):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure("oversightd did not end within %g s of SIGTERM" % DEADLINE) from None
        if checks:
            checks.equal(status, 0, "exit status after SIGTERM")
            checks.equal([words for _, words in processes_of(self.state)], [], "children after SIGTERM")
        return status

    def kill(self):
        """kill -9 of the daemon alone: what its children do then is part of what is tested."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE)

    def alive(self):
        return self.process.poll() is None

    def logged(self, text):
        """Waits for words in the log, which is written behind the daemon's back."""
        return wait_for(lambda: text in self.log_text(), "%r in the log of %s" % (text, self.name))

    def redis_pids(self):
        return [pid for pid, words in processes_of(self.state) if "redis-server" in words]

    def log_text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            if kind is None:
                self.stop()
            else:
                with contextlib.suppress(OSError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(DEADLINE)


def ctl_words(daemon):
    """The options that lead oversightctl to a daemon."""
    return ["--submit", daemon.submit, "--query", daemon.query, "--publish", daemon.publish]


def ctl(*words, deadline=DEADLINE, **more):
    """Runs oversightctl to its end; the CompletedProcess. It asks for longer than a person would, unless told how long."""
    patience = [] if "watch" in words else ["--timeout", "%g" % (deadline * 0.9)]
    try:
        return subprocess.run([CTL, *patience, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=deadline, **more)
    except subprocess.TimeoutExpired as expired:
        raise Failure("oversightctl %s took more than %g s: %s" % (" ".join(words), deadline, expired.stderr)) from None


# ---- The client ------------------------------------------------------------------


def id_of(text):
    epoch, seq = text.split("-")
    return int(epoch), int(seq)


class Requests:
    """A DEALER socket that asks and waits for the reply with the same request id."""

    def __init__(self, endpoint):
        self.endpoint, self.count, self.socket = endpoint, 0, None
        self.connect()

    def connect(self):
        self.close()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.connect(self.endpoint)

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def send(self, payload):
        self.count += 1
        number = b"r%d" % self.count
        self.socket.send_multipart([number, payload])
        return number

    def receive(self, number, deadline=DEADLINE):
        """The frames after the request id, or None when nothing came. Replies to others are dropped."""
        end = time.monotonic() + deadline
        while True:
            left = end - time.monotonic()
            if left <= 0 or not self.socket.poll(max(1, int(left * 1000))):
                return None
            frames = self.socket.recv_multipart()
            if frames[0] == number:
                return frames[1:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Submitter(Requests):
    """Sends the updates of one source; keeps its seq."""

    def __init__(self, daemon, source="test", seq=0):
        super().__init__(daemon.submit)
        self.source, self.seq = source, seq

    def encode(self, updates, baseline=False, packed=False, **first):
        head = {"v": 1, "source": self.source, "seq": self.seq + 1, **first}
        if baseline:
            head["baseline"] = True
        maps = [dict(head, **updates[0])] + updates[1:]
        return msgpack.packb(maps) if packed else json.dumps(maps).encode()

    def submit(self, updates, **how):
        """One message, sent again until it is answered (always safe); the reply."""
        payload = self.encode(updates, **how)
        self.seq += len(updates)
        return self.raw(payload)

    def raw(self, payload, deadline=DEADLINE):
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            # Sent again too early it would count twice.
            frames = self.receive(self.send(payload), min(deadline / 3, end - time.monotonic()))
            if frames is not None:
                return json.loads(frames[0])
            self.connect()
        raise Failure("no reply to a submission within %g s" % deadline)


class Query(Requests):
    def __init__(self, daemon):
        super().__init__(daemon.query)

    def ask(self, request, deadline=DEADLINE):
        """The reply with the lists of its parts joined."""
        frames = self.receive(self.send(json.dumps(request).encode()), deadline)
        if frames is None:
            raise Failure("no reply to %s within %g s" % (request, deadline))
        if frames[-1] != b"":
            raise Failure("reply to %s does not end in an empty frame" % request)
        whole = {}
        for part in frames[:-1]:
            for key, value in json.loads(part).items():
                if isinstance(value, list) and key in whole:
                    whole[key] = whole[key] + value
                else:
                    whole[key] = value
        return whole

    def get(self, what, **more):
        return self.ask(dict({"get": what}, **more))

    def alerts(self, after="0-0", limit=1000):
        """Every stored alert after an id. A store that is away is asked again, as every client must."""
        events, more, end = [], True, time.monotonic() + DEADLINE
        while more:
            reply = self.get("alerts", after=events[-1]["id"] if events else after, limit=limit)
            if "error" in reply:
                if reply["error"]["code"] != "unavailable" or time.monotonic() > end:
                    raise Failure("alerts: %s" % reply["error"])
                time.sleep(0.02)
                continue
            events += reply["events"]
            more = reply["more"]
        return events

    def board(self):
        """The snapshot's rows by code."""
        return {row["code"]: row for row in self.get("snapshot")["organisations"]}


class Subscriber:
    """Live alerts. Created when a heartbeat has shown that the subscription is through."""

    def __init__(self, daemon):
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 20)
        self.socket.setsockopt(zmq.SUBSCRIBE, b"alert/")
        self.socket.setsockopt(zmq.SUBSCRIBE, b"heartbeat/")
        self.socket.connect(daemon.publish)
        self.events = []  # (topic, event)
        self.heartbeat()

    def receive(self, deadline):
        end = time.monotonic() + deadline
        left = end - time.monotonic()
        if left <= 0 or not self.socket.poll(max(1, int(left * 1000))):
            raise Failure("nothing published within %g s" % deadline)
        topic, payload = self.socket.recv_multipart()
        message = json.loads(payload)
        if topic != b"heartbeat/":
            self.events.append((topic.decode(), message))
        return topic, message

    def heartbeat(self, deadline=DEADLINE):
        """Reads to the next heartbeat; what it says."""
        end = time.monotonic() + deadline
        while True:
            topic, message = self.receive(end - time.monotonic())
            if topic == b"heartbeat/":
                return message

    def until(self, condition, what, deadline=DEADLINE):
        """Reads until an event fulfils the condition; that event."""
        for _, event in self.events:
            if condition(event):
                return event
        end = time.monotonic() + deadline
        while True:
            try:
                topic, message = self.receive(end - time.monotonic())
            except Failure:
                raise Failure("no %s published within %g s" % (what, deadline)) from None
            if topic != b"heartbeat/" and condition(message):
                return message

    def settle(self, deadline=DEADLINE):
        """Reads to a heartbeat sent after this call: what was published before it has come in."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")
        end = time.monotonic() + deadline
        while True:
            beat = self.heartbeat(end - time.monotonic())
            if beat["time"][:23] > now[:23]:
                return beat

    def ids(self):
        return [event["id"] for _, event in self.events]

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# ---- The example figures -----------------------------------------------------------


def example_steps():
    """The files of the example set in their order."""
    return [os.path.join(EXAMPLE, name) for name in sorted(os.listdir(EXAMPLE)) if name[:2].isdigit()]


def read_tidy(path):
    """A tidy CSV file as updates."""
    updates = []
    with open(path) as file:
        header = file.readline().rstrip("\n").split(",")
        for line in file:
            row = dict(zip(header, line.rstrip("\n").split(",")))
            if row["value"] in ("true", "false"):
                row["value"] = row["value"] == "true"
            else:
                row["value"] = float(row["value"])
            if "revision" in row:
                row["revision"] = int(row["revision"])
            updates.append(row)
    return updates


def send_example(submitter, steps=None, checks=None):
    """Submits the steps, the first as baseline; each is one message."""
    for path in steps if steps is not None else example_steps():
        reply = submitter.submit(read_tidy(path), baseline="baseline" in path)
        if "error" in reply or reply["refused"]:
            raise Failure("%s: %s" % (os.path.basename(path), shorten(reply)))
        if checks:
            checks.true(reply["durability"] == "fsync", "%s: durability %s" % (path, reply["durability"]))
