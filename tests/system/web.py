"""HTTP for the tests: a daemon that serves it, requests by http.client, event streams by a socket."""
import contextlib
import http.client
import json
import os
import socket
import subprocess
import time

from harness import DAEMON, DEADLINE, Daemon, Failure, wait_for


def free_port():
    """A port of loopback that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class WebDaemon(Daemon):
    def __init__(self, folder, name="d", **options):
        super().__init__(folder, name, **options)
        self.port = free_port()
        self.options["http"] = ["127.0.0.1:%d" % self.port]

    def start_unready(self):
        """Returns when it listens for HTTP, which may be long before it is ready."""
        self.write_config()
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([DAEMON, "--foreground", "-c", self.config], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, cwd=self.folder, start_new_session=True)
        wait_for(lambda: self.listens() or not self.alive(), "the HTTP port")
        return self

    def listens(self):
        with contextlib.suppress(OSError):
            open_raw(self).close()
            return True
        return False


class Reply:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode()


def get(daemon, path, method="GET", headers=None, body=None, deadline=DEADLINE):
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=deadline)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        return Reply(connection.getresponse())
    except (OSError, http.client.HTTPException) as error:
        raise Failure("%s %s: %r" % (method, path, error)) from None
    finally:
        connection.close()


def open_raw(daemon, payload=b"", buffer=None):
    raw = socket.socket()
    if buffer:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    raw.settimeout(DEADLINE)
    raw.connect(("127.0.0.1", daemon.port))
    if payload:
        raw.sendall(payload)
    return raw


def read_all(raw):
    """Everything until the other side closes; what came when it was reset."""
    data = b""
    try:
        while True:
            some = raw.recv(65536)
            if not some:
                return data
            data += some
    except ConnectionError:
        return data
    except TimeoutError:
        raise Failure("a connection was not closed within %g s; it sent %r" % (DEADLINE, data[:200])) from None


def exchange(daemon, payload):
    """Sends bytes as they are; all that comes back until the connection is closed."""
    with open_raw(daemon, payload) as raw:
        return read_all(raw)


class Events:
    """Server-sent events: (id, event, data) one after another."""

    def __init__(self, daemon, last=None, query=""):
        self.connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=DEADLINE)
        self.connection.request("GET", "/api/v1/stream" + query, headers={"Last-Event-ID": last} if last else {})
        self.response = self.connection.getresponse()
        self.status = self.response.status

    def next(self):
        """The next event that is not a comment; None at the end of the stream."""
        fields = {}
        while True:
            try:
                line = self.response.readline().decode().rstrip("\n")
            except http.client.IncompleteRead:
                return None
            except TimeoutError:
                raise Failure("no event within %g s" % DEADLINE) from None
            if not line:
                if fields:
                    return fields.get("id"), fields.get("event"), json.loads(fields["data"])
                if self.response.isclosed():
                    return None
            elif not line.startswith(":"):
                key, _, value = line.partition(": ")
                if key in ("id", "event", "data"):
                    fields[key] = value

    def until(self, last):
        """The events up to the one with this id."""
        found = []
        while not found or found[-1][0] != last:
            event = self.next()
            if event is None:
                raise Failure("the stream ended before %s" % last)
            if event[1] == "alert":
                found.append(event)
        return found

    def close(self):
        self.response.close()
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def descriptors(daemon):
    return len(os.listdir("/proc/%d/fd" % daemon.process.pid))


def instrumented():
    """Built with the sanitizers, which keep freed memory for a while?"""
    with open(DAEMON, "rb") as file:
        return b"__asan_init" in file.read()


def memory(daemon):
    """Resident bytes."""
    with open("/proc/%d/statm" % daemon.process.pid) as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def wait_quiet(daemon, count):
    """Until the daemon has closed what it had open beyond so many descriptors."""
    end = time.monotonic() + DEADLINE
    while descriptors(daemon) > count:
        if time.monotonic() > end:
            raise Failure("%d descriptors open, expected %d" % (descriptors(daemon), count))
        time.sleep(0.05)
