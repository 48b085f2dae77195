"""Metrics: what they say follows what happens, each stands in the manual, and promtool finds nothing to say."""
import os
import re
import shutil
import subprocess

import zmq

from harness import SOURCE, Submitter, example_steps, run_test, send_example, wait_for
from web import Events, WebDaemon, exchange, get


class Metrics:
    """A scrape: values by their name with labels, types by name."""

    def __init__(self, daemon):
        reply = get(daemon, "/metrics")
        self.type_header, self.text, self.values, self.types = reply.headers["Content-Type"], reply.text(), {}, {}
        for line in self.text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.types[name] = kind
            elif not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                self.values[name] = float(value)

    def __getitem__(self, name):
        return self.values["oversightd_" + name]


def manual(checks, metrics):
    """Every metric stands in the manual with its type and labels, and none that does not exist."""
    with open(os.path.join(SOURCE, "man", "oversight-metrics.7")) as file:
        items = re.findall(r"^\.It Ic (\S+)(?: Bro (.*) Brc)? Pq (\w+)$", file.read(), re.M)
    checks.equal(sorted((name, kind) for name, _, kind in items), sorted(metrics.types.items()), "metrics and manual")
    checks.true(len(items) >= 90, "metrics in the manual: %d" % len(items))
    described = {name: set(labels.split(" , ")) if labels else set() for name, labels, _ in items}
    for name in metrics.values:
        base = re.sub(r"\{.*", "", name)
        labels = set(re.findall(r'[{,](\w+)="', name)) - {"le"}
        family = base if base in described else re.sub(r"_(bucket|sum|count)$", "", base)
        checks.true(described.get(family) == labels, "labels of %s: the manual has %s" % (name, described.get(family)))


def promtool(checks, metrics):
    if not shutil.which("promtool"):
        print("SKIPPED: promtool is not installed (Debian: prometheus)", flush=True)
        return
    found = subprocess.run(["promtool", "check", "metrics"], input=metrics.text, capture_output=True, text=True,
                           timeout=60)
    checks.equal((found.returncode, found.stdout + found.stderr), (0, ""), "promtool check metrics")


def updates(checks, daemon, submitter):
    before = Metrics(daemon)
    checks.equal(before.type_header, "text/plain; version=0.0.4; charset=utf-8", "type of /metrics")
    for step in example_steps():
        send_example(submitter, [step])
    first = {"org": "X05", "measure": "ae-4h", "period": "2030-01", "value": 1}
    submitter.submit([dict(first, org="NOBODY"), dict(first, measure="nothing"), dict(first, value="x")])
    after = Metrics(daemon)
    grown = {name: after.values[name] - before.values.get(name, 0) for name in after.values}
    checks.equal(grown['oversightd_updates_total{outcome="refused"}'], 3, "updates refused")
    checks.equal(grown['oversightd_refusals_total{code="unknown-organisation"}'], 1, "of nobody")
    checks.equal(grown['oversightd_refusals_total{code="unknown-measure"}'], 1, "of no measure")
    checks.true(grown['oversightd_updates_total{outcome="accepted"}'] > 100, "updates accepted")
    alerts = sum(value for name, value in grown.items() if name.startswith("oversightd_alerts_total"))
    checks.true(alerts >= 5 and grown["oversightd_events_published_total"] == alerts, "alerts: %g" % alerts)
    checks.true(grown["oversightd_store_steps_confirmed_total"] >= 5, "steps")
    checks.equal(after["store_step_seconds_count"], after["store_steps_confirmed_total"], "steps timed")
    checks.equal(after['store_state{state="ready"}'], 1, "the store is ready")
    checks.equal(after['store_durability{level="fsync"}'], 1, "durability")
    checks.equal(after["leader"], 1, "leader")
    board = get(daemon, "/api/v1/organisations").json()["organisations"]
    for segment in range(1, 6):
        expected = sum(1 for row in board if row["indicative"] == segment and "closed" not in row)
        checks.equal(after['segment_organisations{framework="example",segment="%d"}' % segment], expected,
                     "organisations in segment %d" % segment)


def limits(checks, daemon):
    before = Metrics(daemon)
    exchange(daemon, b"junk\r\n\r\n")
    exchange(daemon, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20000 + b"\r\n\r\n")
    get(daemon, "/-/healthy", headers={"Host": "evil.example"})
    get(daemon, "/-/healthy", "POST")
    with Events(daemon), Events(daemon):
        checks.equal(get(daemon, "/api/v1/stream").status, 503, "one stream too many")
        after = Metrics(daemon)
        checks.equal(after["http_streams"], 2, "streams open")
    for limit, count in (("malformed", 2), ("host", 1), ("method", 1), ("streams", 1)):
        name = 'http_limited_total{limit="%s"}' % limit
        checks.equal(after[name] - before[name], count, name)


def feeds(checks, daemon, source):
    """Not ready before the feed is heard; then it shows where the feed stands."""
    checks.equal(get(daemon, "/-/ready").text(), "feed ward: not heard yet\n", "ready without its feed")
    checks.equal(Metrics(daemon)['feed_up{source="ward"}'], 0, "a feed that is not heard")

    def heard():
        source.send_multipart([b"heartbeat/ward/", b'{"source":"ward","last":5}'])
        return get(daemon, "/-/ready").status == 200

    wait_for(heard, "the feed to be heard")
    metrics = Metrics(daemon)
    checks.equal(metrics['feed_up{source="ward"}'], 1, "the feed is up")
    checks.true(metrics["feed_heartbeats_total"] >= 1, "heartbeats")


def reload(checks, daemon):
    before = Metrics(daemon)
    broken = os.path.join(daemon.folder, "broken.csv")
    with open(broken, "w") as file:
        file.write("nothing\n")
    daemon.options["registry"] = broken
    daemon.write_config()
    daemon.process.send_signal(1)
    wait_for(lambda: Metrics(daemon)["reload_successful"] == 0, "the refused reload")
    after = Metrics(daemon)
    checks.equal(after['reloads_total{result="refused"}'] - before['reloads_total{result="refused"}'], 1, "refused reloads")
    checks.equal(after["reload_success_timestamp_seconds"], before["reload_success_timestamp_seconds"], "rules in force")


def body(checks, folder):
    with zmq.Context.instance().socket(zmq.PUB) as source:
        source.setsockopt(zmq.LINGER, 0)
        source.bind("ipc://%s/ward" % folder)
        daemon = WebDaemon(folder, http_streams=2, feed_stale_after=3600,
                           feeds=({"source": "ward", "connect": "ipc://%s/ward" % folder},))
        with daemon, Submitter(daemon) as submitter:
            feeds(checks, daemon, source)
            updates(checks, daemon, submitter)
            limits(checks, daemon)
            reload(checks, daemon)
            metrics = Metrics(daemon)
            manual(checks, metrics)
            promtool(checks, metrics)


if __name__ == "__main__":
    run_test("metrics", body)
