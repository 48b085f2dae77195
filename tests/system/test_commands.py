"""Every subcommand of oversightctl, from one table: --json gives lines of JSON with the same keys, a reader that has gone
ends it quietly, text keeps to COLUMNS where it is a table. Then the user's own client.conf, and a feed with keys."""
import json
import os
import select
import signal
import subprocess

import zmq

from harness import (CTL, DEADLINE, EXAMPLE, SOURCE, Daemon, Query, Submitter, ctl, ctl_words, run_test,
                     send_example, wait_for)
from test_security import handshake

FRAMEWORK = os.path.join(EXAMPLE, "example.conf")
CASE = os.path.join(SOURCE, "tests", "cases", "bands.case")
FIGURES = os.path.join(EXAMPLE, "01-baseline.csv")
REGISTRY = os.path.join(EXAMPLE, "organisations.csv")


class Row:
    """A subcommand as it is tried. keys: those that each line has; status: how it ends."""

    def __init__(self, words, keys, status=0, once=False, table=False, lines=1, quiet=False):
        self.words, self.keys, self.status = words.split(), set(keys.split()), status
        self.once = once  # changes something, so is not done twice
        self.table = table  # text in columns, to be shortened
        self.lines = lines  # at least
        self.quiet = quiet  # may print nothing

    def name(self):
        return " ".join(self.words)


def table(folder):
    one = os.path.join(folder, "one.csv")
    with open(one, "w") as file:
        file.write("org,measure,period,value\nX01,ae-4h,2026-01,80\n")
    with open(os.path.join(folder, "deliveries.log"), "w") as file:
        file.write(json.dumps({"time": "2026-11-22T03:00:00.000Z", "alert": "1-1", "target": "team", "route": "all",
                               "result": "delivered", "reason": "202"}) + "\n")
    bad = os.path.join(folder, "bad.conf")
    with open(bad, "w") as file:
        file.write("typo = 1;\nframeworks = [ \"%s\" ];\n" % FRAMEWORK)
    return [
        Row("send --source table --position %s/p %s" % (folder, one), "source first through accepted refused", once=True),
        Row("send --dry-run %s" % one, "source seq org measure period value"),
        Row("watch --after 0-0 --count 3", "specversion id source type subject time data", lines=3),
        Row("alerts", "specversion id source type subject time data", lines=5),
        Row("status", "role epoch durability counters"),
        Row("show X05", "code name indicative official signals triggers history"),
        Row("show X05 --explain", "code steps indicative official"),
        Row("show X05 --chart ae-4h", "points trial"),
        Row("board", "code name type region system indicative official alerts", lines=18),
        Row("board --by region", "region members segments organisations", lines=2),
        Row("league ae-4h", "n effective quantiles rows", table=True),
        Row("mismatches", "", quiet=True, lines=0),
        Row("why-not X05 1", "code"),
        Row("systems", "system name members segments organisations", lines=2),
        Row("decide --by Region --reason test X01 3", "source seq durability", once=True),
        Row("programme --by Region --reason test X01 recovery-support enter", "", status=65, lines=0),
        Row("freeze 2025-01", "", status=65, lines=0),
        Row("source show table", "last"),
        Row("source reset table 7", "done", once=True),
        Row("reload --wait", "done", once=True),
        Row("audit", "", quiet=True, lines=0),
        Row("failover", "", status=65, lines=0),  # nobody stands by
        Row("deliveries --state-dir %s" % folder, "time alert target route result reason"),
        Row("check %s %s" % (FRAMEWORK, REGISTRY), "file sound", lines=2),
        Row("check %s" % bad, "file sound line text", status=78),
        Row("test %s" % CASE, "", lines=2),
        Row("backtest --framework %s %s --registry %s" % (FRAMEWORK, FIGURES, REGISTRY), "", quiet=True, lines=0),
        Row("verify --framework %s %s/events" % (FRAMEWORK, folder), "", lines=5),
        Row("what-if --framework %s" % FRAMEWORK, "", quiet=True, lines=0),
        Row("keygen --out %s pair" % folder, "name public_key public_file secret_file", once=True),
        Row("feed --source ctl --bind ipc://%s/feed --position %s/f --exit-when-idle 0 %s" % (folder, folder, one),
            "source first last updates messages requests replayed refused", once=True),
    ]


def commands_of_help():
    lines = ctl("--help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    return [line.split()[0] for line in lines]


def environment(folder, **more):
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "XDG_CONFIG_HOME")}
    return dict(kept, HOME=folder, XDG_STATE_HOME=os.path.join(folder, "state"), **more)


def as_json(checks, row, words, folder):
    """Only lines of JSON on standard output, each an object with the keys."""
    done = ctl(*words, "--json", *row.words, env=environment(folder))
    checks.equal(done.returncode, row.status, "exit status of --json %s (%s)" % (row.name(), done.stderr[-300:]))
    try:
        lines = [json.loads(line) for line in done.stdout.splitlines()]
    except ValueError:
        checks.true(False, "--json %s prints only JSON: %s" % (row.name(), done.stdout[:300]))
        return
    checks.true(len(lines) >= row.lines, "--json %s prints %d lines" % (row.name(), len(lines)))
    lines = [line for line in lines if "snapshot" not in line]
    for line in lines:
        missing = row.keys - set(line) if isinstance(line, dict) else "no object"
        if missing:
            checks.true(False, "--json %s lacks %s: %s" % (row.name(), missing, str(line)[:300]))
            return
    checks.true(row.quiet or row.status or done.stdout, "--json %s says something" % row.name())


def quiet_pipe(checks, row, words, folder):
    """Nobody reads: ended by SIGPIPE, or by itself when it had nothing to say; no word about it."""
    for options in ([], ["--json"]):
        reader, writer = os.pipe()
        os.close(reader)
        try:
            done = subprocess.run([CTL, *words, *options, *row.words], stdin=subprocess.DEVNULL, stdout=writer,
                                  stderr=subprocess.PIPE, text=True, timeout=DEADLINE, env=environment(folder))
        finally:
            os.close(writer)
        fine = (-signal.SIGPIPE,) if not row.quiet and not row.status else (-signal.SIGPIPE, row.status)
        checks.true(done.returncode in fine, "%s into a closed pipe ends with %d" % (row.name(), done.returncode))
        checks.true("roken pipe" not in done.stderr and "could not be written" not in done.stderr,
                    "%s says nothing of it: %s" % (row.name(), done.stderr[-200:]))


def columns(checks, row, words, folder):
    wide = ctl(*words, *row.words, env=environment(folder, COLUMNS="200")).stdout
    narrow = ctl(*words, *row.words, env=environment(folder, COLUMNS="70")).stdout
    longest = max(len(line) for line in narrow.splitlines()[2:])
    checks.true(longest <= 70, "%s with COLUMNS=70 is %d wide" % (row.name(), longest))
    checks.true(max(len(line) for line in wide.splitlines()[2:]) > 70, "%s with COLUMNS=200 is wider" % row.name())


def own_settings(checks, daemon, folder):
    """client.conf in place of endpoint options."""
    home = os.path.join(folder, "home")
    place = os.path.join(home, ".config", "oversight")
    os.makedirs(place)
    path = os.path.join(place, "client.conf")

    def write(text):
        with open(path, "w") as file:
            file.write(text)

    def status(*words, **env):
        return ctl(*words, "--json", "status", env=dict(environment(home), **env))

    write('publish = "%s";\nquery = [ "ipc://%s/nobody", "%s" ];\nsubmit = [ "%s" ];\n' % (
        daemon.publish, folder, daemon.query, daemon.submit))
    done = status()
    checks.equal(done.returncode, 0, "endpoints of client.conf: %s" % done.stderr)
    done = status(XDG_CONFIG_HOME=os.path.join(home, ".config"), HOME="/nonexistent")
    checks.equal(done.returncode, 0, "XDG_CONFIG_HOME: %s" % done.stderr)
    done = ctl("--timeout", "0.2", "--query", "ipc://%s/nobody" % folder, "status", env=environment(home))
    checks.equal(done.returncode, 69, "an endpoint option stands in place of the file")
    for text, wanted in (('query = [ "%s" ];\nqeury = 1;\n' % daemon.query, ":2: unknown setting \"qeury\""),
                         ('query = "elsewhere";\n', ":1: query: "), ("query = \n", ":2: syntax error"),
                         ('key = "x";\n', ":1: key and server_key go together")):
        write(text)
        done = status()
        checks.true(done.returncode == 78 and path + wanted in done.stderr,
                    "%r: status %d, %s" % (text, done.returncode, done.stderr))
    ctl("keygen", "--out", place, "me")
    with open(os.path.join(place, "me.public")) as file:
        public = file.read().strip()
    write('query = [ "%s" ];\nkey = "me.secret";\nserver_key = "%s";\n' % (daemon.query, public))
    done = status()
    checks.equal(done.returncode, 0, "keys of client.conf, beside the file: %s" % done.stderr)
    write('key = "absent";\nserver_key = "%s";\n' % public)
    done = status()
    checks.true(done.returncode == 66 and os.path.join(place, "absent") in done.stderr, "a key that is not there")


def feed_with_keys(checks, folder):
    """oversightctl feed over encrypted TCP lets in the daemon and nobody else."""
    place = os.path.join(folder, "k")
    os.makedirs(place)
    keys = {}
    for name in ("daemon", "press", "stranger"):
        ctl("keygen", "--out", place, name)
        with open(os.path.join(place, name + ".public")) as file:
            keys[name] = file.read().strip()
    with open(os.path.join(place, "keys"), "w") as file:
        file.write("press %s feed\n" % keys["press"])
    ports = []
    for _ in range(2):
        with zmq.Context.instance().socket(zmq.DEALER) as one:
            ports.append(one.bind_to_random_port("tcp://127.0.0.1"))
    live, replay = ("tcp://127.0.0.1:%d" % port for port in ports)
    daemon = Daemon(place, keys=os.path.join(place, "keys"), server_secret=os.path.join(place, "daemon.secret"),
                    feeds=({"source": "press", "connect": live, "replay": replay, "server_key": "press"},))
    figures = os.path.join(place, "figures.csv")
    with open(figures, "w") as file:
        file.write("org,measure,period,value\n" + "".join("X%02d,ae-4h,2026-01,80\n" % number for number in range(1, 17)))
    words = [CTL, "--json", "--key", os.path.join(place, "press.secret"), "--server-key"]
    rest = ["feed", "--source", "press", "--bind", live, "--replay", replay, "--position", os.path.join(place, "p"),
            "--wait", "--batch", "1", figures]

    def serve(key, *more):
        return subprocess.Popen([*words, key, *rest[:-1], *more, rest[-1]], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(place))

    done = ctl("--key", os.path.join(place, "press.secret"), "--server-key", keys["daemon"], *rest[:-1], "--insecure",
               figures, env=environment(place))
    checks.equal(done.returncode, 64, "keys and --insecure")
    with daemon, Query(daemon) as query:
        # The feed wants another daemon: this one stays outside, and so does who has no key.
        stranger = serve(keys["stranger"])
        wait_for(lambda: select.select([stranger.stderr], [], [], 0)[0], "a word on who was refused")
        checks.equal(stranger.stderr.readline().rstrip(),
                     "oversightctl: press: somebody whose key is not --server-key was refused", "a word on the daemon")
        checks.equal(handshake(live, zmq.SUB, None, None), "refused", "who has no key")
        stranger.send_signal(signal.SIGTERM)
        out, err = stranger.communicate(timeout=DEADLINE)
        checks.true(json.loads(out)["refused"] > 0 and json.loads(out)["updates"] == 0, "a stranger: %s %s" % (out, err))
        checks.equal(query.get("source", source="press")["last"], 0, "nothing came in")

        good = serve(keys["daemon"])
        wait_for(lambda: query.get("source", source="press")["last"] == 16 or good.poll() is not None,
                 "the figures of the feed")
        good.send_signal(signal.SIGTERM)
        out, err = good.communicate(timeout=DEADLINE)
        checks.equal(query.get("source", source="press")["last"], 16, "the daemon heard all: %s %s" % (out, err))
        daemon.stop(checks)


def body(checks, folder):
    with Daemon(folder) as daemon, Submitter(daemon) as submitter:
        send_example(submitter)
        words = ["--timeout", "50", *ctl_words(daemon)]
        with open(os.path.join(folder, "events"), "w") as file:
            file.write(ctl(*words, "--json", "alerts", env=environment(folder)).stdout)
        rows = table(folder)
        checks.equal(sorted(set(row.words[0] for row in rows)), sorted(commands_of_help()), "the table has all commands")
        for row in rows:
            as_json(checks, row, words, folder)
            if not row.once:
                quiet_pipe(checks, row, words, folder)
            if row.table:
                columns(checks, row, words, folder)
        own_settings(checks, daemon, folder)
        daemon.stop(checks)
    feed_with_keys(checks, folder)


run_test("commands", body)
