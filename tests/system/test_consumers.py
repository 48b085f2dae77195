"""Consumers that miss nothing and repeat nothing: the library as installed, consumer.py and oversightctl watch.

Through the death of the leader and the take-over by another daemon while they stand still, a restart of the consumer
itself, and a store that comes back empty, with newer ids and with lower ones. Then with keys.
"""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fault"))

from harness import (BUILD, CTL, DEADLINE, SOURCE, Daemon, Failure, Query, Submitter, ctl, example_steps, id_of,
                     read_tidy, run_test, wait_for)
from servers import Redis

PAUSE = float(os.environ.get("PAUSE", "0"))  # seconds that the consumers stand still, at least
AHEAD = 7000000000  # of the clock: an epoch after this one follows from it alone
CONSUMER = os.path.join(SOURCE, "clients", "python", "consumer.py")
EXAMPLE = os.path.join(SOURCE, "clients", "examples", "watch_alerts.c")
ORGS = ["X%02d" % number for number in range(1, 17)]


class Library:
    """liboversight as others find it: installed, and asked for by pkg-config."""

    def __init__(self, folder):
        self.root = os.path.join(folder, "root")
        env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        self.run(["make", "-s", "-C", BUILD, "DESTDIR=" + self.root, "install-libLTLIBRARIES",
                  "install-includeHEADERS", "install-nodist_pkgconfigDATA"], env)
        self.library = self.find("liboversight.so")
        self.env = dict(env, PKG_CONFIG_SYSROOT_DIR=self.root,
                        PKG_CONFIG_PATH=os.path.dirname(self.find("oversight-client.pc")),
                        LD_LIBRARY_PATH=os.path.dirname(self.library))

    def find(self, name):
        for place, _, files in os.walk(self.root):
            if name in files:
                return os.path.join(place, name)
        raise Failure("%s was not installed" % name)

    @staticmethod
    def run(words, env):
        done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=DEADLINE)
        if done.returncode:
            raise Failure("%s: %s" % (" ".join(words), done.stdout + done.stderr))
        return done.stdout

    def compile(self, source, program):
        flags = self.run([os.environ.get("PKG_CONFIG", "pkg-config"), "--cflags", "--libs", "oversight-client"],
                         self.env)
        self.run([*os.environ.get("CC", "cc").split(), "-std=gnu11", "-Wall", "-Wextra", "-Werror",
                  *os.environ.get("INSTRUMENT_CFLAGS", "").split(), source, "-o", program, *flags.split()], self.env)
        return program


def manual_example(folder):
    """The program in oversight-client(3), as a file."""
    with open(os.path.join(SOURCE, "man", "oversight-client.3")) as file:
        page = file.read()
    begin = page.index("#include <stdio.h>")
    path = os.path.join(folder, "manual.c")
    with open(path, "w") as file:
        file.write(page[begin:page.index(".Ed", begin)].replace("\\e", "\\"))
    return path


class Follower:
    """A consumer as a process; what it prints goes to a file."""

    def __init__(self, folder, name, words, parse, env=None):
        self.words, self.parse, self.env, self.folder, self.process = words, parse, env, folder, None
        self.path, self.log = (os.path.join(folder, name + kind) for kind in (".out", ".log"))
        self.start()

    def start(self):
        with open(self.path, "a") as out, open(self.log, "a") as log:
            self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=out, stderr=log,
                                            cwd=self.folder, env=self.env)

    def ids(self):
        with open(self.path) as file:
            found = [self.parse(line) for line in file.read().split("\n")[:-1]]
        return [one for one in found if one]

    def texts(self):
        with open(self.log) as log, open(self.path) as out:
            return out.read(), log.read()

    def text(self):
        return "".join(self.texts())

    def length(self):
        return tuple(len(text) for text in self.texts())

    def said(self, text, told):
        return any(text in found[length:] for found, length in zip(self.texts(), told))

    def wait(self, last, told=0):
        """told: so many came before, perhaps under the same ids."""
        wait_for(lambda: last in self.ids()[told:] or self.process.poll() is not None, "%s in %s" % (last, self.path))

    def wait_text(self, text, told=(0, 0)):
        """told: the lengths of what was said before."""
        wait_for(lambda: self.said(text, told) or self.process.poll() is not None, "%s in %s" % (text, self.path))

    def kill(self):
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait()


def json_id(line):
    return json.loads(line).get("id")


def text_id(line):
    """watch_alerts prints: 1-2 warning X01: ..."""
    return None if line.startswith("state of all") else line.split(" ")[0]


class Pair:
    """Two daemons on one store; the one that leads answers."""

    def __init__(self, folder):
        self.redis = Redis(folder).start()
        self.daemons = [Daemon(folder, name, store="unix:" + self.redis.socket, store_deadline=1) for name in "ab"]
        self.revision, self.seq, self.threads = 0, 0, []
        self.launch(self.daemons[0])
        wait_for(lambda: self.leader(), "the first daemon")
        self.launch(self.daemons[1])

    def launch(self, daemon):
        """Ready perhaps only when it takes over, so not waited for."""
        def run():
            with contextlib.suppress(Failure, ValueError):
                daemon.start()

        daemon.process = None
        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()
        wait_for(lambda: daemon.process, "the start of a daemon")

    def leader(self):
        for daemon in self.daemons:
            if daemon.process and daemon.alive():
                with Query(daemon) as query, contextlib.suppress(Failure):
                    if query.ask({"get": "status"}, 0.5).get("role") == "leader":
                        return daemon
        return None

    def send(self, updates, **how):
        """Submits to the leader, whoever that is."""
        daemon = wait_for(self.leader, "a leader")
        with Submitter(daemon, seq=self.seq) as submitter:
            reply = submitter.submit(updates, **how)
            self.seq = submitter.seq
        if "error" in reply or reply["refused"]:
            raise Failure("submission: %s" % reply)

    def move(self):
        """An alert for every organisation; the id of the last."""
        self.revision += 1
        self.send([{"org": org, "measure": "leadership-failure", "period": "2025-01", "value": bool(self.revision % 2),
                    "revision": self.revision} for org in ORGS])
        return self.stored()[-1]

    def stored(self):
        with Query(wait_for(self.leader, "a leader")) as query:
            return [event["id"] for event in query.alerts()]

    def begin(self):
        self.revision, self.seq = 0, 0
        self.send(read_tidy(example_steps()[0]), baseline=True)

    def close(self):
        for daemon in self.daemons:
            if daemon.process and daemon.alive():
                daemon.kill()
        for thread in self.threads:
            thread.join(DEADLINE)
        self.redis.stop()


def followers_of(folder, program, library, pair, endpoints):
    publish, query = (",".join(getattr(daemon, kind) for daemon in pair.daemons) for kind in ("publish", "query"))
    return {
        "library": Follower(folder, "library", [program, os.path.join(folder, "position"), publish, query], text_id,
                            library.env),
        "python": Follower(folder, "python", [sys.executable, CONSUMER, *endpoints, "--after", "0-0"], json_id),
        "watch": Follower(folder, "watch", [CTL, *endpoints, "--json", "watch", "--after", "0-0"], json_id),
    }


def emptied(checks, pair, followers, how, words):
    """The store comes back empty under the other daemon; what it says from then on is told."""
    length = {name: follower.length() for name, follower in followers.items()}
    newest = pair.stored()[-1]
    pair.leader().kill()
    other = next(daemon for daemon in pair.daemons if not daemon.alive())
    pair.redis.client().flushall()
    pair.launch(other)
    pair.begin()
    before = pair.move()
    checks.equal(id_of(before) > id_of(newest), how == "with newer ids", "%s: %s after %s" % (how, before, newest))
    told = {name: len(follower.ids()) for name, follower in followers.items()}
    for name, follower in followers.items():
        follower.wait_text(words[name], length[name])
    last = pair.move()
    expected = [one for one in pair.stored() if id_of(one) > id_of(before)]
    for name, follower in followers.items():
        follower.wait(last, told[name])
        news = [one for one in follower.ids()[told[name]:] if id_of(one) > id_of(before)]
        checks.equal(news, expected, "alerts of %s after the new start %s" % (name, how))


def through_faults(checks, folder, library, program):
    pair = Pair(folder)
    followers = {}
    try:
        pair.begin()
        with open(os.path.join(folder, "position"), "w") as file:
            file.write("0-0\n")
        endpoints = [word for daemon in pair.daemons for word in ("--publish", daemon.publish, "--query", daemon.query)]
        followers = followers_of(folder, program, library, pair, endpoints)
        last = pair.move()
        for follower in followers.values():
            follower.wait(last)

        # The leader dies while they stand still; the other takes over and goes on.
        for follower in followers.values():
            follower.process.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        pair.leader().kill()
        pair.move()
        while time.monotonic() < begun + PAUSE:
            pair.move()
            time.sleep(0.1)
        for follower in followers.values():
            follower.process.send_signal(signal.SIGCONT)
        last = pair.move()
        for follower in followers.values():
            follower.wait(last)

        # The example knows where it was; what comes while it is not there is told after.
        followers["library"].kill()
        last = pair.move()
        followers["library"].start()
        for name, follower in followers.items():
            follower.wait(last)
            checks.equal(follower.ids(), pair.stored(), "alerts of %s" % name)
            checks.true(follower.process.poll() is None, "%s runs" % name)
        print("%d alerts in epochs %s" % (len(pair.stored()), sorted({id.split("-")[0] for id in pair.stored()})))

        for daemon in pair.daemons:
            with open(os.path.join(daemon.options["state_dir"], "epoch"), "w") as file:
                file.write("%d\n" % AHEAD)
        emptied(checks, pair, followers, "with newer ids", {"library": "alerts before it were lost",
                                                            "python": "are kept; going on after",
                                                            "watch": '"lost":true'})
        # Nor does a daemon remember what there was: its epochs were ahead of the clock, and now they are not.
        for daemon in pair.daemons:
            shutil.rmtree(daemon.options["state_dir"])
        emptied(checks, pair, followers, "with lower ids", {"library": "alerts before it were lost",
                                                            "python": "going on from there", "watch": '"lost":true'})
    finally:
        for follower in followers.values():
            follower.kill()
        pair.close()


class Refuser:
    """A daemon that beats and answers every question with an error."""

    def __init__(self, folder):
        context = zmq.Context.instance()
        self.publish, self.query = ("ipc://%s/refuser.%s" % (folder, word) for word in ("pub", "qry"))
        self.ended = threading.Event()
        self.asked = 0
        self.router = context.socket(zmq.ROUTER)
        self.router.bind(self.query)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while not self.ended.is_set():
            if self.router.poll(100):
                who, number, _ = self.router.recv_multipart()
                self.asked += 1
                self.router.send_multipart([who, number, b'{"error":{"code":"busy","message":"not now"}}', b""])
        self.router.close()

    def end(self):
        self.ended.set()
        self.thread.join(DEADLINE)


def refused(checks, folder, library, program):
    """The first endpoint answers with errors only: the second is asked, nobody falls over."""
    refuser = Refuser(folder)
    place = os.path.join(folder, "r")
    os.makedirs(place)
    with open(os.path.join(place, "spoiled"), "w"):
        pass
    done = subprocess.run([program, os.path.join(place, "spoiled"), refuser.query, refuser.query], env=library.env,
                          capture_output=True, text=True, timeout=DEADLINE, check=False)
    checks.true(done.returncode == 1 and "no position can be read" in done.stderr,
                "a position that is spoiled is no first start: %s" % done)
    with Daemon(place) as daemon, Submitter(daemon) as submitter:
        submitter.submit(read_tidy(example_steps()[0]), baseline=True)
        submitter.submit([{"org": "X01", "measure": "leadership-failure", "period": "2025-01", "value": True}])
        endpoints = ["--publish", daemon.publish, "--query", refuser.query, "--query", daemon.query]
        with open(os.path.join(place, "position"), "w") as file:
            file.write("0-0\n")
        followers = {
            "library": Follower(place, "library", [program, os.path.join(place, "position"), daemon.publish,
                                                   refuser.query + "," + daemon.query], text_id, library.env),
            "python": Follower(place, "python", [sys.executable, CONSUMER, *endpoints, "--after", "0-0"], json_id)}
        try:
            with Query(daemon) as query:
                stored = [event["id"] for event in query.alerts()]
            for name, follower in followers.items():
                follower.wait(stored[-1])
                checks.equal(follower.ids(), stored, "alerts of %s behind one that refuses" % name)
                checks.true("not now" in follower.text(), "%s says what was refused" % name)
        finally:
            for follower in followers.values():
                follower.kill()
            refuser.end()
        checks.true(refuser.asked >= 2, "the one that refuses was asked")
        daemon.stop(checks)


def emptied_at_once(checks, folder, library, program):
    """A store that is emptied and comes back with the same epoch, as one could whose epochs are no times: its ids are
    other alerts."""
    place = os.path.join(folder, "e")
    os.makedirs(place)
    with open(os.path.join(place, "position"), "w") as file:
        file.write("0-0\n")
    redis = Redis(place).start()
    daemon = Daemon(place, store="unix:" + redis.socket)
    endpoints = ["--publish", daemon.publish, "--query", daemon.query]
    followers = {}

    def empty():
        shutil.rmtree(daemon.state, ignore_errors=True)
        redis.client().flushall()
        redis.client().hset("{oversight}:meta", mapping={"epoch": AHEAD, "format": 1})

    def move(*values):
        with Submitter(daemon) as submitter:
            submitter.submit(read_tidy(example_steps()[0]), baseline=True)
            for revision, value in enumerate(values):
                submitter.submit([{"org": org, "measure": "leadership-failure", "period": "2025-01", "value": value,
                                   "revision": revision} for org in ORGS])
        with Query(daemon) as query:
            return [event["id"] for event in query.alerts()]

    empty()
    try:
        with daemon:
            followers = {
                "library": Follower(place, "library", [program, os.path.join(place, "position"), daemon.publish,
                                                       daemon.query], text_id, library.env),
                "python": Follower(place, "python", [sys.executable, CONSUMER, *endpoints, "--after", "0-0"], json_id),
                "watch": Follower(place, "watch", [CTL, *endpoints, "--json", "watch", "--after", "0-0"], json_id)}
            before = move(True, False, True)
            for follower in followers.values():
                follower.wait(before[-1])
            daemon.stop(checks)
            empty()
            daemon.start()
            followers["library"].wait_text("alerts before it were lost")
            followers["python"].wait_text("going on from there")
            followers["watch"].wait_text('"lost":true')
            news = move(True)
            for name, follower in followers.items():
                follower.wait(news[-1], len(before))
                checks.equal(follower.ids(), before + news, "alerts of %s of both stores" % name)
    finally:
        for follower in followers.values():
            follower.kill()
        redis.stop()


def with_keys(checks, folder, library, program):
    place = os.path.join(folder, "k")
    os.makedirs(place)
    lines = []
    for name, roles in (("server", None), ("wall", "consume,query"), ("stranger", None)):
        done = ctl("keygen", name, "--out", place)
        checks.equal(done.returncode, 0, "keygen %s" % done.stderr)
        with open(os.path.join(place, name + ".public")) as file:
            if roles:
                lines.append("%s %s %s\n" % (name, file.read().strip(), roles))
    with open(os.path.join(place, "keys"), "w") as file:
        file.writelines(lines)
    daemon = Daemon(place, keys=os.path.join(place, "keys"), server_secret=os.path.join(place, "server.secret"))
    with zmq.Context.instance().socket(zmq.DEALER) as one, zmq.Context.instance().socket(zmq.DEALER) as other:
        ports = [each.bind_to_random_port("tcp://127.0.0.1") for each in (one, other)]
    publish, query = ("tcp://127.0.0.1:%d" % port for port in ports)
    daemon.options.update(publish=[daemon.publish, publish], query=[daemon.query, query])
    public = os.path.join(place, "server.public")
    with daemon, Submitter(daemon) as submitter:
        submitter.submit(read_tidy(example_steps()[0]), baseline=True)
        submitter.submit([{"org": "X01", "measure": "leadership-failure", "period": "2025-01", "value": True}])
        with open(os.path.join(place, "position"), "w") as file:
            file.write("0-0\n")
        key = os.path.join(place, "wall.secret")
        words = ["--publish", publish, "--query", query, "--server-key", public, "--after", "0-0"]
        followers = {
            "library": Follower(place, "library", [program, os.path.join(place, "position"), publish, query, key,
                                                   public], text_id, library.env),
            "python": Follower(place, "python", [sys.executable, CONSUMER, *words, "--key", key], json_id)}
        strange = Follower(place, "stranger", [sys.executable, CONSUMER, *words, "--key",
                                               os.path.join(place, "stranger.secret")], json_id)
        try:
            with Query(daemon) as query:
                stored = [event["id"] for event in query.alerts()]
                for name, follower in followers.items():
                    follower.wait(stored[-1])
                    checks.equal(follower.ids(), stored, "alerts of %s with keys" % name)
                wait_for(lambda: query.get("status")["counters"]["auth_refused"] > 0, "the refusal of a key")
            checks.equal(strange.ids(), [], "alerts of a stranger")
        finally:
            for follower in [*followers.values(), strange]:
                follower.kill()
        daemon.stop(checks)


def body(checks, folder):
    library = Library(folder)
    library.compile(manual_example(folder), os.path.join(folder, "manual"))
    program = library.compile(EXAMPLE, os.path.join(folder, "watch_alerts"))
    through_faults(checks, folder, library, program)
    refused(checks, folder, library, program)
    emptied_at_once(checks, folder, library, program)
    with_keys(checks, folder, library, program)


run_test("consumers", body)
