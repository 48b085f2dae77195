"""The command line: --check names every mistake, --test, --dry-run, SIGHUP, one process in a folder; the position."""
import json
import os
import re
import signal
import subprocess

import fakes
import harness
from harness import SOURCE, run_test, wait_for

SAMPLE = os.path.join(SOURCE, "conf", "oversight-oncall.conf")
BAD = """
statsu_page = "x";
timezone = "Europe/Nowhere";
quiet = ( { from = "22:00"; to = "7"; } );
targets = (
    { name = "am"; url = "http://127.0.0.1:9/"; template = "alertmanager.template"; },
    { name = "hook"; url = "ftp://x"; template = "webhook.template"; secret_file = "open.secret"; },
    { name = "run"; exec = [ "true" ]; },
    { name = "two"; syslog = "daemon"; email = [ "a@b" ]; },
    { name = "mail"; email = [ "-oQ/tmp@x" ]; },
    { name = "own"; url = "http://127.0.0.1:9/"; template = "bad.template"; }
);
routes = (
    { name = "r"; targets = [ "am", "nobody" ]; limit = { alerts = 1; }; severty = "critical"; }
);
"""
WRONG = [
    r'2: unknown key statsu_page; did you mean status_page\?',
    r'3: timezone: got "Europe/Nowhere", expected a time zone',
    r'4: quiet 1: to: got "7", expected a time of day, HH:MM',
    r'7: target "hook": secret_file: .*open.secret: cannot be used: others may read or write it, expected mode 0600',
    r'7: target "hook": url: expected an address',
    r'8: target "run": exec: got an array of 1, expected the absolute path of a program first',
    r'9: target "two": syslog: a target is one of',
    r'10: target "mail": email: got "-oQ/tmp@x", expected an address name@host',
    r'14: route "r": unknown key severty; did you mean severity\?',
    r'14: route "r": limit: target am is told states',
    r'14: route "r": targets: got "nobody", expected the name of a target',
    r'bad.template:1: unknown key mod; did you mean mode\?',
    r'bad.template:4: unknown value "evnt", expected event',
]


def check(checks, folder):
    config = os.path.join(folder, "bad.conf")
    with open(config, "w") as file:
        file.write(BAD + 'templates = "%s/t";\n' % folder)
    os.mkdir(folder + "/t")
    for name in os.listdir(fakes.TEMPLATES):
        os.symlink(os.path.join(fakes.TEMPLATES, name), os.path.join(folder, "t", name))
    with open(folder + "/t/bad.template", "w") as file:
        file.write("mod: states\nbatch: 2\n---\n{{evnt.id}}\n")
    fakes.secret(folder, "open.secret", "seen by all", 0o644)
    done = subprocess.run([fakes.ONCALL, "--check", "-c", config], capture_output=True, text=True,
                          timeout=fakes.DEADLINE)
    checks.equal(done.returncode, 78, "exit status of --check")
    lines = done.stderr.splitlines()
    for pattern in WRONG:
        checks.true(any(re.search(pattern, line) for line in lines), "named: %s" % pattern)
    checks.equal(len(lines), len(WRONG), "mistakes named: %s" % done.stderr)
    sample = subprocess.run([fakes.ONCALL, "--check", "-c", SAMPLE], capture_output=True, text=True,
                            timeout=fakes.DEADLINE)
    checks.equal((sample.returncode, sample.stderr), (0, ""), "the sample is good")


def options(checks, folder):
    for words, status, pattern in ((["--version"], 0, r"^oversight-oncall [0-9.]+$"), (["--help"], 0, "^Usage: "),
                                   (["--nonsense"], 64, "nonsense"), (["left"], 64, "got 'left', expected options"),
                                   (["--after", "1-1"], 64, "goes with --dry-run"),
                                   (["--reload", "1", "-c", SAMPLE], 64, "got '1', expected the number of a process"),
                                   (["--reload", "2147483647", "-c", SAMPLE], 69, "2147483647 cannot be told: No such"),
                                   (["-c", folder + "/absent.conf"], 78, "absent.conf: cannot be read")):
        done = subprocess.run([fakes.ONCALL, *words], capture_output=True, text=True, timeout=fakes.DEADLINE)
        checks.true(done.returncode == status and re.search(pattern, done.stdout + done.stderr),
                    "%s: %d, %s" % (words, done.returncode, done.stdout + done.stderr))


def trials(checks, folder):
    """--test is marked as one; --dry-run shows and sends nothing."""
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        targets = [{"name": "hook", "url": service.url("/hook"), "template": "cloudevents.template"},
                   {"name": "bad", "url": service.url("/bad"), "template": "slack.template"}]
        service.answers["/bad"] = [(400, {}, b"no")]
        oncall = fakes.OnCall(folder, daemon, targets, [{"name": "all", "targets": ["hook", "bad"]}], name="trial")
        oncall.write_config()
        done = oncall.run("--test", "all")
        checks.equal(done.returncode, 69, "exit status when a target refuses the test")
        checks.equal(sorted(done.stdout.splitlines()), ["bad: NOT delivered: HTTP 400: no", "hook: delivered: HTTP 200"],
                     "what --test says")
        request = service.at("/hook")[0]
        checks.equal((request.headers["X-Oversight-Test"], request.json()["data"]["test"]), ("true", True), "marked")
        checks.true(service.at("/bad")[0].json()["text"].startswith("TEST: TEST of route all"), "marked in the chat")
        checks.equal(oncall.run("--test", "none").returncode, 64, "a route that is not there")
        daemon.send(2, live=False, summary="cleared\x1b[2J\x9b2J")
        process = subprocess.Popen([fakes.ONCALL, "-c", oncall.config, "--dry-run", "--after", "0-0"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder)
        text = "".join(process.stdout.readline() for _ in range(5))
        process.terminate()
        process.wait(fakes.DEADLINE)
        process.stdout.close()
        checks.true("1-1 segment.worsened X01" in text and "to hook by all:" in text, "the dry run: %s" % text)
        checks.true("\x1b" not in text and "\x9b" not in text, "nothing for the terminal to obey: %r" % text)
        checks.equal((len(service.at("/hook")), os.listdir(oncall.state)), (1, []), "nothing sent, nothing kept")


def reload(checks, folder):
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        targets = [{"name": name, "url": service.url("/" + name), "template": "cloudevents.template"}
                   for name in ("old", "new")]
        service.answers["/old"] = [(503, {}, b"")]
        oncall = fakes.OnCall(folder, daemon, targets[:1], [{"name": "all", "targets": ["old"]}], name="reload")
        with oncall:
            oncall.live(daemon)
            checks.equal(oncall.run("-f").returncode, 69, "a second one in the same folder")
            daemon.send()
            service.wait("/old", 1)
            oncall.routes = [{"name": "all", "targets": ["nobody"]}]
            oncall.write_config()
            oncall.process.send_signal(signal.SIGHUP)
            oncall.logged("is not taken over, nothing has changed")
            oncall.logged("expected the name of a target")
            oncall.routes = [{"name": "all", "targets": ["old"]}]
            for key, value in (("timezone", "UTC"), ("log_facility", "local1")):
                oncall.options[key] = value
                oncall.write_config()
                oncall.process.send_signal(signal.SIGHUP)
                oncall.logged("%s cannot be changed by a reload" % key)
                del oncall.options[key]
            oncall.targets, oncall.routes = [dict(targets[1])], [{"name": "all", "targets": ["old"]}]
            oncall.write_config()
            pid = str(oncall.process.pid)
            checks.equal(oncall.run("--reload", pid).returncode, 78, "--reload of a bad configuration")
            oncall.routes = [{"name": "all", "targets": ["new"]}]
            oncall.write_config()
            checks.equal(oncall.run("--reload", pid).returncode, 0, "--reload")
            oncall.logged("is in force")
            daemon.send()
            checks.equal(service.wait("/new", 1)[0].id(), "1-2", "by the new routes")
            dead = wait_for(lambda: oncall.lines("dead-letters.log"), "the dead letter of the old target")
            checks.equal((dead[0]["alert"], dead[0]["reason"]), ("1-1", "the target is no longer configured"), "why")
            oncall.stop(checks)


def position(checks, folder):
    """What is published while nobody listens is delivered later; a position that cannot be read is an error."""
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        targets = [{"name": "hook", "url": service.url("/later"), "template": "cloudevents.template"}]
        oncall = fakes.OnCall(folder, daemon, targets, [{"name": "warnings", "severity": "warning",
                                                        "targets": ["hook"]}], name="position")
        with oncall:
            oncall.live(daemon)
        daemon.send(3, severity=lambda i: "info" if i == 1 else "warning")
        with oncall:
            got = [request.id() for request in service.wait("/later", 2)]
            checks.equal(got, ["1-1", "1-3"], "delivered later")
            wait_for(lambda: oncall.position() == "1-3", "the position")
            checks.equal([line["reason"] for line in oncall.deeds(result="not routed")], ["none of 1 routes fits"],
                         "the reason of what was not delivered")
        done = harness.ctl("deliveries", "--state-dir", oncall.state, "--alert", "1-2")
        checks.true(done.returncode == 0 and "not routed" in done.stdout and "none of 1 routes" in done.stdout,
                    "oversightctl deliveries: %s" % done)
        done = harness.ctl("deliveries", "--json", "--state-dir", oncall.state, "--result", "delivered")
        checks.equal([json.loads(line)["alert"] for line in done.stdout.splitlines()], ["1-1", "1-3"], "as JSON Lines")
        done = harness.ctl("deliveries", "a\x1b[2J b\x9b2J")
        checks.true('"a?[2J b?2J"' in done.stderr, "nor in what is complained of: %r" % done.stderr)
        done = harness.ctl("deliveries", "--state-dir", oncall.state, "--alert", "9-9")
        checks.equal(done.returncode, 1, "exit status when there is nothing")
        os.mkdir(folder + "/oversight")
        with open(folder + "/oversight/client.conf", "w") as file:
            file.write("nonsense\n")
        done = harness.ctl("deliveries", "--state-dir", oncall.state, env=dict(os.environ, XDG_CONFIG_HOME=folder))
        checks.equal((done.returncode, done.stderr), (0, ""), "it asks no daemon, so it wants to know of none")
        checks.equal(harness.ctl("deliveries", "--state-dir", folder + "/absent").returncode, 66, "no such folder")
        with open(os.path.join(oncall.state, "deliveries.log"), "a") as file:
            file.write(json.dumps({"alert": "7-7", "reason": "a\x1b[2J b\x9b2J \u00e9"}) + "\n")
        done = harness.ctl("deliveries", "--state-dir", oncall.state, "--alert", "7-7")
        checks.true("a?[2J b?2J \u00e9" in done.stdout, "nothing for the terminal to obey: %r" % done.stdout)
        for name in ("position", "spool", "deliveries.log"):
            checks.equal(os.stat(os.path.join(oncall.state, name)).st_mode & 0o777, 0o600, "mode of " + name)
        with open(os.path.join(oncall.state, "position"), "w") as file:
            file.write("nonsense\n")
        done = oncall.run("-f")
        checks.true(done.returncode == 69 and 'got "nonsense' in done.stderr, "a bad position: %s" % done.stderr)


def body(checks, folder):
    options(checks, folder)
    check(checks, folder)
    trials(checks, folder)
    reload(checks, folder)
    position(checks, folder)


run_test("oncall_command", body)
