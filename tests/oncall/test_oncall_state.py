"""What is on the disk: cut short, spoiled, full, written anew; and alerts that the daemon no longer holds."""
import os
import resource
import signal
import subprocess

import fakes
from harness import run_test, wait_for


def hook(service, path="/hook"):
    return [{"name": "hook", "url": service.url(path), "template": "cloudevents.template"}]


ALL = [{"name": "all", "targets": ["hook"]}]


def spoiled(checks, folder):
    """The end of the spool as a crash of the machine may leave it, and a line that is no record."""
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        service.answers["/hook"] = [(503, {}, b"")]
        oncall = fakes.OnCall(folder, daemon, hook(service), ALL, name="spoiled")
        with oncall:
            oncall.live(daemon)
            daemon.send(3)
            wait_for(lambda: oncall.deeds(result="failed"), "a failed attempt")
            oncall.kill()
        path = os.path.join(oncall.state, "spool")
        with open(path) as file:
            lines = file.readlines()
        with open(path, "w") as file:
            file.writelines([lines[0], "nonsense\n", '{"strange":1}\n', *lines[1:], '{"add":"1-9","ti'])
        service.answers["/hook"] = [(200, {}, b"")]
        with oncall:
            wait_for(lambda: len(oncall.deeds(result="delivered")) == 3, "the three alerts all the same")
            daemon.send()
            wait_for(lambda: len(oncall.deeds(result="delivered")) == 4, "one more")
            for words in ("spool:2: not a record, left out", "a record of an unknown kind, left out", "is cut short"):
                oncall.logged(words)
            oncall.stop(checks)
        with open(path) as file:
            checks.true('{"add":"1-9"' not in file.read(), "what was cut short is gone")


def rewritten(checks, folder):
    """A spool about what is done is written anew, with what is not."""
    count = 500
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        service.answers["/held"] = [(503, {}, b"")]
        targets = hook(service) + [{"name": "held", "url": service.url("/held"), "template": "cloudevents.template",
                                    "retry": {"first": 0.5, "most": 1.0}}]
        routes = [{"name": "critical", "severity": "critical", "targets": ["held"]}, *ALL]
        oncall = fakes.OnCall(folder, daemon, targets, routes, name="rewritten", log_level="info")
        with oncall:
            oncall.live(daemon)
            daemon.send(count, severity=lambda i: "critical" if i % 200 == 0 else "warning", detail="x" * 6000)
            service.wait("/hook", count - 3)
            daemon.send(count, detail="x" * 6000)
            service.wait("/hook", 2 * count - 3)
            wait_for(lambda: len(oncall.deeds(result="delivered")) == 2 * count - 3, "all deliveries")
            size = os.path.getsize(os.path.join(oncall.state, "spool"))
            checks.true(size < 4 * 1024 * 1024, "bytes of the spool after %d alerts: %d" % (2 * count, size))
            oncall.kill()
        service.answers["/held"] = [(200, {}, b"")]
        with oncall:
            wait_for(lambda: len(oncall.deeds(result="delivered", target="held")) == 3, "what was left")
            checks.equal({line["alert"] for line in oncall.deeds(result="delivered", target="held")},
                         {"1-1", "1-201", "1-401"}, "which")
            oncall.stop(checks)
        checks.equal(len(service.at("/hook")), 2 * count - 3, "nothing twice")


def full(checks, folder):
    """No room for the spool: it ends, says so, and delivers everything once there is room."""
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        oncall = fakes.OnCall(folder, daemon, hook(service), ALL, name="full", log_level="warning")
        with oncall:
            oncall.live(daemon)
        daemon.send(100)

        def narrow():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

        done = subprocess.run([fakes.ONCALL, "-f", "-c", oncall.config], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=fakes.DEADLINE, preexec_fn=narrow,
                              restore_signals=False, check=False)
        checks.equal(done.returncode, 74, "exit status when the spool cannot be written")
        checks.true("spool: " in done.stderr and "File too large" in done.stderr, "why: %s" % done.stderr[-500:])
        checks.equal(oncall.position(), "1-0", "the position has not moved")
        with oncall:
            got = {request.id() for request in service.wait("/hook", 100)}
            checks.equal(got, {alert["id"] for alert in daemon.events}, "everything, now that there is room")
            oncall.stop(checks)


def lost(checks, folder):
    """Alerts that the daemon no longer holds: somebody is told, and it goes on."""
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        oncall = fakes.OnCall(folder, daemon, hook(service, "/lost"), ALL, name="lost")
        with oncall:
            oncall.live(daemon)
        daemon.send(5)
        daemon.forgotten = 3
        with oncall:
            first = service.wait("/lost", 1)[0].json()
            checks.equal((first["data"]["kind"], first["data"]["severity"]), ("oncall.lost", "critical"), "told")
            wait_for(lambda: oncall.position() == "1-5", "the position")
            daemon.send()
            wait_for(lambda: "1-6" in [request.id() for request in service.at("/lost")], "the next alert")
            oncall.stop(checks)


def emptied(checks, folder):
    """A daemon that has lost its store counts from the beginning: its alerts are not taken for old ones."""
    with fakes.Service() as service:
        with fakes.Daemon(folder, epoch=5) as daemon:
            oncall = fakes.OnCall(folder, daemon, hook(service, "/emptied"), ALL, name="emptied")
            oncall.__enter__().live(daemon)
            daemon.send(3)
            wait_for(lambda: oncall.position() == "5-3", "the position")
        with fakes.Daemon(folder, epoch=1) as daemon:
            wait_for(lambda: (oncall.position() or "").startswith("1-"), "a position of the new daemon")
            daemon.send(2)
            wait_for(lambda: [r.id() for r in service.at("/emptied")][-2:] == ["1-1", "1-2"], "its alerts")
            kinds = [request.json()["data"]["kind"] for request in service.at("/emptied")]
            checks.equal(kinds.count("oncall.lost"), 1, "told that alerts may be lost")
            oncall.kill()  # the spool says so, too
            daemon.send(1)
            oncall.start()
            wait_for(lambda: service.at("/emptied")[-1].id() == "1-3", "the next one after a start")
            oncall.stop(checks)


def ticks(process):
    """Of processor time."""
    with open("/proc/%d/stat" % process.pid) as file:
        words = file.read().rsplit(")", 1)[1].split()
    return int(words[11]) + int(words[12])


def orphaned(checks, folder):
    """Alerts held for a target that a reload takes away: dead letters, and nothing that is waited for without end."""
    with fakes.Daemon(folder) as daemon, fakes.Service() as service:
        targets = hook(service, "/kept") + [dict(hook(service, "/gone")[0], name="gone")]
        routes = [{"name": "all", "targets": ["hook", "gone"], "limit": {"alerts": 1, "seconds": 3600.0}}]
        oncall = fakes.OnCall(folder, daemon, targets, routes, name="orphaned")
        with oncall:
            oncall.live(daemon)
            daemon.send(4)
            wait_for(lambda: len(oncall.deeds(result="held")) == 6, "what is held")
            wait_for(lambda: len(oncall.deeds(result="delivered")) == 2, "what is not")
            oncall.targets.pop()
            oncall.routes = [dict(routes[0], targets=["hook"], limit={"alerts": 1, "seconds": 1.0})]
            oncall.write_config()
            oncall.process.send_signal(signal.SIGHUP)
            wait_for(lambda: len(oncall.deeds(target="gone", result="dead letter")) == 3, "the dead letters")
            wait_for(lambda: len(oncall.deeds(target="hook", result="folded")) == 3, "the digest of the other")
            spent, beats = ticks(oncall.process), daemon.beats
            wait_for(lambda: daemon.beats >= beats + 20, "twenty heartbeats")
            spent = ticks(oncall.process) - spent
            checks.true(spent <= 20, "hundredths of a second of work over twenty heartbeats: %d" % spent)
            oncall.stop(checks)


def body(checks, folder):
    orphaned(checks, folder)
    spoiled(checks, folder)
    rewritten(checks, folder)
    full(checks, folder)
    lost(checks, folder)
    emptied(checks, folder)


run_test("oncall_state", body)
