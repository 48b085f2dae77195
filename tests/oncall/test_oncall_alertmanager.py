"""A real Alertmanager (Debian: prometheus-alertmanager) is told the alerts of the demonstration's figures by a real
daemon through oversight-oncall: it groups them, shows them resolved, and misses nothing after it was away."""
import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request

import fakes
import harness
from harness import Daemon, Failure, Submitter, example_steps, read_tidy, run_test, skip, wait_for

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
CONFIG = """
route: {receiver: hook, group_by: [organisation, system], group_wait: 200ms, group_interval: 300ms, repeat_interval: 1h}
receivers:
- name: hook
  webhook_configs: [{url: "%s", send_resolved: true}]
"""


def free_port():
    with socket.socket() as item:
        item.bind(("127.0.0.1", 0))
        return item.getsockname()[1]


class Alertmanager:
    def __init__(self, folder, receiver):
        self.folder, self.port, self.process = folder, free_port(), None
        self.config = os.path.join(folder, "alertmanager.yml")
        with open(self.config, "w") as file:
            file.write(CONFIG % receiver)

    def url(self, path):
        return "http://127.0.0.1:%d/api/v2%s" % (self.port, path)

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url(path), timeout=harness.DEADLINE) as reply:
                return json.load(reply)
        except (OSError, urllib.error.URLError):
            return None

    def start(self):
        with open(os.path.join(self.folder, "alertmanager.log"), "a") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--config.file=" + self.config, "--storage.path=" + os.path.join(self.folder, "am"),
                 "--web.listen-address=127.0.0.1:%d" % self.port, "--cluster.listen-address="],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
        wait_for(lambda: self.get("/status"), "an answer of Alertmanager")
        return self

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(harness.DEADLINE)

    def firing(self):
        """(alertname, organisation, severity) of what fires."""
        return {(a["labels"]["alertname"], a["labels"]["organisation"], a["labels"]["severity"])
                for a in self.get("/alerts") or []}

    def groups(self):
        return {tuple(sorted(group["labels"].items())): len(group["alerts"])
                for group in self.get("/alerts/groups") or []}

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()


def notified(service):
    """What the receiver behind Alertmanager was told: {(alertname, organisation, status)}."""
    return {(alert["labels"]["alertname"], alert["labels"]["organisation"], alert["status"])
            for request in service.at("/am") for alert in request.json()["alerts"]}


def step(submitter, name):
    path = next(path for path in example_steps() if name in path)
    reply = submitter.submit(read_tidy(path), baseline="baseline" in path)
    if "error" in reply:
        raise Failure("%s: %s" % (name, reply))


def story(checks, folder, daemon, manager, service, oncall):
    with Submitter(daemon, "example") as submitter:
        for name in ("01-baseline", "02-quiet", "03-peers", "04-leadership", "05-drop"):
            step(submitter, name)
        segment, drop = ("OversightSegment", "X09", "critical"), ("OversightDrop", "X14", "warning")
        wait_for(lambda: {segment, drop} <= manager.firing(), "the alerts at Alertmanager")
        alert = next(a for a in manager.get("/alerts") if a["labels"]["organisation"] == "X09")
        checks.equal(alert["generatorURL"], "http://status.test/organisations/X09", "the way to the status page")
        checks.true(alert["annotations"]["summary"].startswith("Inglebrook"), "the words: %s" % alert["annotations"])
        groups = manager.groups()
        checks.true(len(groups) == len({key for key in groups}) and
                    any(dict(key).get("organisation") == "X09" for key in groups), "groups: %s" % groups)
        checks.true(all(set(dict(key)) == {"organisation", "system"} or set(dict(key)) == {"organisation"}
                        for key in groups), "grouped by organisation and system: %s" % groups)
        # Only what it has announced does it announce as resolved.
        wait_for(lambda: ("OversightDrop", "X14", "firing") in notified(service), "the drop at the receiver")
        step(submitter, "06-correction")
        wait_for(lambda: ("OversightDrop", "X14", "resolved") in notified(service), "the drop shown as resolved")
        checks.true(drop not in manager.firing(), "the corrected drop fires no more")
        # Away: a drop comes, and the leadership failure stands on.
        manager.kill()
        step(submitter, "07-second")
        wait_for(lambda: oncall.deeds(result="failed"), "a failed attempt")
        manager.start()
        wait_for(lambda: {segment, ("OversightDrop", "X16", "warning")} <= manager.firing(),
                 "what fired before and what came meanwhile")
        wait_for(lambda: ("OversightDrop", "X16", "firing") in notified(service), "the second drop at the receiver")
        step(submitter, "08-recovery")
        wait_for(lambda: ("OversightDrop", "X16", "resolved") in notified(service), "its recovery")
        checks.true(segment in manager.firing(), "the segment stands")


def everything_told(checks, daemon, oncall):
    with harness.Query(daemon) as query:
        wanted = [alert["id"] for alert in query.alerts()]
    wait_for(lambda: {line["alert"] for line in oncall.deeds(result="delivered")} >= set(wanted),
             "all %d alerts delivered" % len(wanted))
    checks.true(len(wanted) >= 8, "alerts of the demonstration: %s" % wanted)
    checks.equal(oncall.lines("dead-letters.log"), [], "dead letters")


def body(checks, folder):
    if not PROGRAM:
        skip("no Alertmanager here (Debian: prometheus-alertmanager)")
    with Daemon(folder) as daemon, fakes.Service() as service:
        with Alertmanager(folder, service.url("/am")) as manager:
            # A minute of real life is a fifth of a second here.
            targets = [{"name": "am", "url": manager.url("/alerts"), "template": "alertmanager.template",
                        "resend": 0.2, "hold": 3600.0, "once": 3600.0, "retry": {"first": 0.05, "most": 0.2}}]
            oncall = fakes.OnCall(folder, daemon, targets, [{"name": "all", "targets": ["am"]}],
                                  status_page="http://status.test/")
            with oncall:
                oncall.live(daemon)
                story(checks, folder, daemon, manager, service, oncall)
                everything_told(checks, daemon, oncall)
                oncall.stop(checks)


run_test("oncall_alertmanager", body)
