"""What oversight-oncall talks to in these tests, all on loopback.

Daemon: a publisher that speaks as much of oversight-protocol(7) as a consumer needs: alerts with gap-free ids,
heartbeats, snapshot and replay. It holds every alert it ever published.

Service: an HTTP server that answers each path as told and records every request.

OnCall: the real oversight-oncall, started and killed.
"""
import contextlib
import http.server
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))

import zmq  # noqa: E402
from harness import BUILD, DEADLINE, SOURCE, Failure, quote, wait_for  # noqa: E402

ONCALL = os.path.join(BUILD, "oversight-oncall")
TEMPLATES = os.path.join(SOURCE, "conf", "oncall")
BEAT = 0.1  # seconds between heartbeats


def event(epoch, seq, kind="segment.worsened", severity="warning", org="X01", after=3, before=2, measure="ae-4h",
          refers=None, **more):
    """An alert as the daemon words it."""
    data = {"key": "%s/example/%s/%s/2025-04-01/1" % (kind, org, measure), "kind": kind, "severity": severity,
            "durability": "fsync", "summary": "%s: alert %d-%d" % (org, epoch, seq),
            "framework": {"id": "example", "digest": "0"}}
    if kind.startswith("feed."):
        pass
    else:
        data["organisation"] = {"code": org, "name": "Trust <%s> & \"friends\"" % org, "type": "acute",
                                "region": "North", "system": "S1"}
    if kind.startswith("segment.") or kind in ("alert.amended", "alert.withdrawn"):
        data["segment"] = {"before": before, "after": after, "official": 2}
        data["consequence"] = "mandated support"
    if refers:
        data["refers"] = refers
    data.update(more)
    return {"specversion": "1.0", "id": "%d-%d" % (epoch, seq), "source": "/oversightd/test",
            "type": "org.oversightd.%s.v1" % kind, "subject": org, "time": "2025-05-01T10:00:00.000Z",
            "datacontenttype": "application/json", "data": data}


class Daemon:
    def __init__(self, folder, epoch=1):
        self.publish, self.query = ("ipc://%s/fake.%s" % (folder, word) for word in ("pub", "qry"))
        self.epoch, self.events = epoch, []
        self.forgotten = 0  # so many of them are no longer held
        self.commands, self.ended = queue.Queue(), threading.Event()
        self.failure = None
        self.beats = 0
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join(DEADLINE)

    def send(self, count=1, live=True, **what):
        """Publishes alerts; live=False: as if they had been lost on the way. The events."""
        made = []
        for i in range(count):
            fields = {key: value(i) if callable(value) else value for key, value in what.items()}
            made.append(event(self.epoch, len(self.events) + 1 + i, **fields))
        self.events = self.events + made  # replaced whole: the thread reads it
        if live:
            self.commands.put(made)
        return made

    def reply(self, request):
        last = "%d-%d" % (self.epoch, len(self.events))
        if request.get("get") == "snapshot":
            return {"last": last, "organisations": []}
        if request.get("get") == "alerts":
            _, after = (int(word) for word in request["after"].split("-"))
            limit = request.get("limit", 1000)
            truncated, after = after < self.forgotten, max(after, self.forgotten)
            found = self.events[after:after + limit]
            return {"events": found, "truncated": truncated, "more": after + limit < len(self.events)}
        return {"error": {"code": "unknown", "message": "not here"}}

    def serve(self, router):
        frames = router.recv_multipart()
        reply = self.reply(json.loads(frames[-1]))
        router.send_multipart([frames[0], frames[1], json.dumps(reply).encode(), b""])

    def announce(self, made, publisher):
        for alert in made:
            data = alert["data"]
            topic = "alert/%s/%s/%s/" % (data["severity"], data["kind"], alert["subject"])
            publisher.send_multipart([topic.encode(), json.dumps(alert).encode()])

    def run(self):
        context = zmq.Context()
        publisher, router = context.socket(zmq.PUB), context.socket(zmq.ROUTER)
        for item in (publisher, router):
            item.setsockopt(zmq.LINGER, 0)
            item.setsockopt(zmq.SNDHWM, 0)
        publisher.bind(self.publish)
        router.bind(self.query)
        beat = 0
        while not self.ended.is_set():
            if router.poll(5):
                self.serve(router)
            with contextlib.suppress(queue.Empty):
                self.announce(self.commands.get_nowait(), publisher)
            if time.monotonic() >= beat:
                beat = time.monotonic() + BEAT
                self.beats += 1
                last = {"last": "%d-%d" % (self.epoch, len(self.events)), "time": "2025-05-01T10:00:00.000Z"}
                publisher.send_multipart([b"heartbeat/", json.dumps(last).encode()])
        context.destroy()


class Request:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body

    def json(self):
        return json.loads(self.body)

    def id(self):
        """Of the alert in it."""
        return self.json()["id"]


class Service(http.server.ThreadingHTTPServer):
    """answers[path]: what the next requests get, the last one for ever: (status, headers, body), "hang" or "drop"."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.requests, self.lock = {}, [], threading.Lock()
        self.released = threading.Event()
        self.hanging = 0
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)

    def url(self, path):
        return "http://127.0.0.1:%d%s" % (self.server_address[1], path)

    def at(self, path):
        with self.lock:
            return [request for request in self.requests if request.path == path]

    def wait(self, path, count, what=None):
        wait_for(lambda: len(self.at(path)) >= count, what or "%d requests at %s" % (count, path))
        return self.at(path)

    def handle_error(self, request, client_address):
        pass  # a client that goes away in the middle is part of the tests

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        service = self.server
        with service.lock:
            answers = service.answers.get(self.path, [(200, {}, b"")])
            answer = answers[0]
            if len(answers) > 1:
                service.answers[self.path] = answers[1:]
            service.requests.append(Request(self.path, dict(self.headers), body))
        if answer == "hang":
            service.hanging += 1
            service.released.wait()
        if answer in ("hang", "drop"):
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, text = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


QUICK = {"first": 0.02, "most": 0.1, "give_up": 60.0}


class OnCall:
    def __init__(self, folder, daemon, targets, routes, name="oncall", **options):
        self.folder, self.name, self.process = folder, name, None
        self.state = os.path.join(folder, name + ".state")
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        self.config, self.log = os.path.join(folder, name + ".conf"), os.path.join(folder, name + ".log")
        self.options = dict({"subscribe": [daemon.publish], "query": [daemon.query], "state_dir": self.state,
                             "templates": TEMPLATES, "log_level": "debug"}, **options)
        self.targets = [dict({"retry": QUICK}, **target) for target in targets]
        self.routes = routes

    def write_config(self):
        with open(self.config, "w") as file:
            for key, value in self.options.items():
                file.write("%s = %s;\n" % (key, quote(value)))
            file.write("targets = %s;\n" % quote(tuple(self.targets)))
            file.write("routes = %s;\n" % quote(tuple(self.routes)))

    def run(self, *words, **more):
        """To its end: the CompletedProcess."""
        return subprocess.run([ONCALL, "-c", self.config, *words], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=DEADLINE, cwd=self.folder, **more)

    def start(self, *words):
        """Returns when it has said that it is ready."""
        path = os.path.join(self.folder, self.name + ".notify")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(self.log, "a") as log:
            notify.bind(path)
            notify.settimeout(0.1)
            self.process = subprocess.Popen([ONCALL, "-f", "-c", self.config, *words], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, cwd=self.folder,
                                            env=dict(os.environ, NOTIFY_SOCKET=path), start_new_session=True)
            end = time.monotonic() + DEADLINE
            while True:
                with contextlib.suppress(TimeoutError):
                    if "READY=1" in notify.recv(4096).decode().split("\n"):
                        return self
                if self.process.poll() is not None:
                    raise Failure("oversight-oncall ended with %d: %s"
                                  % (self.process.returncode, self.log_text()[-2000:]))
                if time.monotonic() > end:
                    raise Failure("oversight-oncall was not ready within %g s" % DEADLINE)

    def stop(self, checks=None):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure("oversight-oncall did not end within %g s of SIGTERM" % DEADLINE) from None
        if checks:
            checks.equal(status, 0, "exit status of oversight-oncall after SIGTERM")
        return status

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE)

    def log_text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def logged(self, text):
        """Waits for words in the log, which is written behind its back."""
        return wait_for(lambda: text in self.log_text(), "%r in the log of %s" % (text, self.name))

    def lines(self, name):
        """A file of JSON lines in the state folder, what it turned over included."""
        found = []
        for path in (os.path.join(self.state, name + ".1"), os.path.join(self.state, name)):
            with contextlib.suppress(FileNotFoundError), open(path) as file:
                found += [json.loads(line) for line in file if line.endswith("\n")]
        return found

    def deeds(self, **wanted):
        return [line for line in self.lines("deliveries.log")
                if all(line.get(key) == value for key, value in wanted.items())]

    def position(self):
        with contextlib.suppress(FileNotFoundError), open(os.path.join(self.state, "position")) as file:
            return file.read().strip()
        return None

    def live(self, daemon):
        """Waits until it has taken its position: what is published from now on is for it."""
        wait_for(lambda: self.position() is not None, "the first position of oversight-oncall")
        return self

    def __enter__(self):
        self.write_config()
        return self.start()

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            if kind is None:
                self.stop()
            else:
                self.kill()


def secret(folder, name, text, mode=0o600):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text + "\n")
    os.chmod(path, mode)
    return path
