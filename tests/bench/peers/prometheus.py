"""Prometheus as a peer: it scrapes the figures, and recording rules with quantile judge them at each interval.

A figure waits for the scrape, and what was scraped for the next evaluation, so the delay to a verdict is a matter of
intervals, not of updates: printed are the interval and what an evaluation takes.
"""
import contextlib
import http.server
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


def absent():
    """Why this peer cannot be asked, or None."""
    return None if shutil.which("prometheus") else "prometheus is not installed"


def version():
    done = subprocess.run(["prometheus", "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=True)
    return done.stdout.split("\n")[0]


@contextlib.contextmanager
def exporter(figures):
    """Serves the figures to be scraped; gives its port."""
    lines = ['figure{org="%d",measure="%d",theme="%d"} %s%s\n' % (
        org, measure, measure % 5, "" if measure % 2 else "-", value) for org, measure, value in figures]
    body = "".join(lines).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def server(figures, count, interval):
    """A running Prometheus that scrapes and judges every interval seconds; gives its address."""
    path = tempfile.mkdtemp(prefix="bench-prometheus-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        with exporter(figures) as source, open(os.path.join(HERE, "rules.yml")) as rules:
            with open(os.path.join(path, "rules.yml"), "w") as file:
                file.write(rules.read().replace("@COUNT@", str(count)))
            with open(os.path.join(path, "prometheus.yml"), "w") as file:
                file.write("global: {scrape_interval: %ds, scrape_timeout: %ds, evaluation_interval: %ds}\n"
                           "rule_files: [rules.yml]\n"
                           "scrape_configs: [{job_name: bench, static_configs: [{targets: ['127.0.0.1:%d']}]}]\n"
                           % (interval, interval, interval, source))
            with open(os.path.join(path, "log"), "w") as log:
                process = subprocess.Popen(
                    ["prometheus", "--config.file=" + os.path.join(path, "prometheus.yml"),
                     "--storage.tsdb.path=" + os.path.join(path, "data"), "--web.listen-address=127.0.0.1:%d" % port],
                    stdout=log, stderr=log)
            try:
                yield "http://127.0.0.1:%d" % port, process
            finally:
                process.terminate()
                process.wait(timeout=120)
    finally:
        shutil.rmtree(path)


def ask(address, query):
    url = address + "/api/v1/query?" + urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)["data"]["result"]


def evaluation(address):
    """How often the rules were evaluated, and the seconds of the last time."""
    with urllib.request.urlopen(address + "/metrics", timeout=60) as answer:
        rows = [line.rsplit(" ", 1) for line in answer.read().decode().split("\n")
                if line.startswith("prometheus_rule_group_")]
    values = {name.split("{")[0].split("group_")[1]: float(value) for name, value in rows if name.endswith("}")}
    return values.get("iterations_total", 0), values.get("last_duration_seconds", 0)


def measure(figures, orgs, count, interval, rounds, patience):
    """The seconds of each evaluation over all figures, the verdicts, and the process' memory in bytes."""
    seconds, end = [], time.monotonic() + patience
    with server(figures, count, interval) as (address, process):
        last = 0
        while len(seconds) < rounds:
            if time.monotonic() > end or process.poll() is not None:
                raise SystemExit("prometheus has no verdicts after %d seconds" % patience)
            time.sleep(0.2)
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                times, took = evaluation(address)
                whole = times != last and len(ask(address, "segment")) == orgs
                last = times
                if whole:
                    seconds.append(took)
        with open("/proc/%d/statm" % process.pid) as file:
            memory = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        bottoms = {int(row["metric"]["org"]): int(row["value"][1]) for row in ask(address, "bottoms")}
        segments = {int(row["metric"]["org"]): int(row["value"][1]) for row in ask(address, "segment")}
    return seconds, {org: (segments[org], bottoms.get(org, 0)) for org in segments}, memory
