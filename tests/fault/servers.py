"""The programs a round runs beside the daemon: a Redis of the round's own, a consumer, a feed."""
import contextlib
import json
import os
import signal
import subprocess
import time

import redis
import zmq

from harness import DEADLINE, SOURCE, Failure, id_of, wait_for

CONSUMER = os.path.join(SOURCE, "clients", "python", "consumer.py")
PYTHON = os.environ.get("PYTHON3") or "/usr/bin/python3"
REDIS = os.environ.get("REDIS_SERVER") or "redis-server"
BEAT = 0.2  # seconds between the heartbeats of a feed


class Redis:
    """A redis-server of ours, durable as the daemon asks of it."""

    def __init__(self, folder, name="redis"):
        self.dir = os.path.join(folder, name)
        self.socket = os.path.join(self.dir, "s")
        self.log = os.path.join(folder, name + ".log")
        self.process = None
        # A folder where the snapshot belongs: a snapshot fails, which is how MISCONF is made.
        os.makedirs(os.path.join(self.dir, "dump.rdb", "x"))

    def start(self):
        if self.process and self.process.poll() is None:
            return self
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [REDIS, "--port", "0", "--unixsocket", self.socket, "--dir", self.dir, "--appendonly", "yes",
                 "--appendfsync", "always", "--save", "", "--busy-reply-threshold", "20", "--enable-debug-command",
                 "local", "--loading-process-events-interval-bytes", "1024"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        wait_for(self.answers, "redis-server")
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise Failure("redis-server ended with %d" % self.process.returncode)
        try:
            return self.client().ping()
        except redis.exceptions.BusyLoadingError:
            return True
        except redis.exceptions.RedisError:
            return False

    def client(self):
        return redis.Redis(unix_socket_path=self.socket, socket_timeout=5)

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)

    def cut(self, share):
        """Takes the last share of the file away, as an older copy: while it does not run."""
        folder = os.path.join(self.dir, "appendonlydir")
        for name in os.listdir(folder):
            if name.endswith(".incr.aof"):
                path = os.path.join(folder, name)
                os.truncate(path, int(os.path.getsize(path) * (1 - share)))

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.kill()


class Consumer:
    """clients/python/consumer.py as a process; it goes on after the last alert it has written."""

    def __init__(self, folder, daemon):
        self.daemon, self.process = daemon, None
        self.path, self.log = os.path.join(folder, "consumer.out"), os.path.join(folder, "consumer.log")
        open(self.path, "w").close()

    def events(self):
        with open(self.path) as file:
            lines = file.read().split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def start(self):
        if self.process and self.process.poll() is None:
            return self
        with open(self.path, "rb+") as file:  # a line broken off by kill -9 was not dealt with
            data = file.read()
            file.truncate(data.rfind(b"\n") + 1)
        events = self.events()
        with open(self.path, "a") as out, open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [PYTHON, CONSUMER, "--publish", self.daemon.publish, "--query", self.daemon.query, "--after",
                 events[-1]["id"] if events else "0-0"], stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        return self

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def reached(self, last):
        events = self.events()
        return bool(events) and id_of(events[-1]["id"]) >= id_of(last)


class Feed:
    """A source that publishes messages, keeps them all and replays them; it works while turn() is called."""

    def __init__(self, folder, source):
        context = zmq.Context.instance()
        self.source, self.kept, self.last, self.next_beat = source, [], 0, 0.0
        self.connect, self.replay = ("ipc://%s/feed.%s" % (folder, word) for word in ("pub", "replay"))
        self.live, self.router = context.socket(zmq.XPUB), context.socket(zmq.ROUTER)
        self.heard = False  # by a subscriber: what is published before is nobody's loss
        for one, endpoint in ((self.live, self.connect), (self.router, self.replay)):
            one.setsockopt(zmq.LINGER, 0)
            one.bind(endpoint)

    def keep(self, message):
        self.kept.append(message)
        self.last = message.last

    def publish(self, message):
        self.live.send_multipart([b"update/%s/" % self.source.encode(), message.payload])

    def answer(self, identity, first, last):
        for message in self.kept:
            if message.first <= last and message.last >= first:
                self.router.send_multipart([identity, b"update", message.payload])
        low = self.kept[0].first if self.kept else 0
        self.router.send_multipart([identity, b"end", b"%d" % low, b"%d" % self.last])

    def turn(self):
        if time.monotonic() >= self.next_beat:
            beat = {"source": self.source, "last": self.last}
            self.live.send_multipart([b"heartbeat/%s/" % self.source.encode(), json.dumps(beat).encode()])
            self.next_beat = time.monotonic() + BEAT
        with contextlib.suppress(zmq.Again):
            while True:
                self.heard = self.live.recv(zmq.NOBLOCK).startswith(b"\1update/") or self.heard
        with contextlib.suppress(zmq.Again):
            while True:
                identity, _, _, first, last = self.router.recv_multipart(zmq.NOBLOCK)
                self.answer(identity, int(first), int(last))

    def close(self):
        self.live.close()
        self.router.close()
