"""A real Chromium, driven over W3C WebDriver by chromedriver: HTTP and JSON, nothing but the standard library."""
import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from harness import DEADLINE, Failure, skip, wait_for  # noqa: E402
from web import free_port  # noqa: E402

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how the standard names a reference to an element
KEYS = {"tab": "\ue004", "enter": "\ue007"}
QUIET = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
         "--disable-default-apps", "--no-default-browser-check", "--metrics-recording-only", "--hide-scrollbars",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--window-size=1400,1000"]


def programs():
    """Chromium and its driver; ends the test as skipped where they are not installed."""
    driver, browser = shutil.which("chromedriver"), shutil.which("chromium")
    if not driver or not browser:
        skip("no chromium with chromedriver (Debian: chromium-driver)")
    return driver, browser


class Browser:
    def __init__(self, script=True):
        self.driver, self.binary = programs()
        self.port, self.folder = free_port(), tempfile.mkdtemp(prefix="ovb-", dir="/tmp")
        self.script_on, self.process, self.session = script, None, None

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.driver, "--port=%d" % self.port, "--silent"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=self.folder, TMPDIR=self.folder), start_new_session=True)
        try:
            wait_for(self.listens, "chromedriver")
            options = {"binary": self.binary, "args": QUIET + ["--user-data-dir=" + os.path.join(self.folder, "profile")]}
            if not self.script_on:
                options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
            made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
            self.session = made["sessionId"]
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.session:
            with contextlib.suppress(Failure, OSError):
                self.call("DELETE", "/session/" + self.session)
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(DEADLINE)
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(DEADLINE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def listens(self):
        if self.process.poll() is not None:
            raise Failure("chromedriver ended with %d" % self.process.returncode)
        with contextlib.suppress(OSError):
            return self.call("GET", "/status")["ready"]
        return False

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3 * DEADLINE)  # it may have to start Chromium
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Content-Type": "application/json"})
            reply = connection.getresponse()
            value = json.loads(reply.read())["value"]
        finally:
            connection.close()
        if reply.status != 200:
            raise Failure("browser: %s %s: %s" % (method, path, value.get("message", value)))
        return value

    def do(self, method, path, body=None):
        return self.call(method, "/session/%s%s" % (self.session, path), body)

    def go(self, address):
        self.do("POST", "/url", {"url": address})

    def address(self):
        return self.do("GET", "/url")

    def run(self, script, *arguments):
        return self.do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def until(self, script, what, *arguments):
        """Waits until a script returns something true; that."""
        return wait_for(lambda: self.run(script, *arguments), what)

    def element(self, css):
        return self.do("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def elements(self, css):
        return [found[ELEMENT] for found in self.do("POST", "/elements", {"using": "css selector", "value": css})]

    def text(self, css):
        return self.do("GET", "/element/%s/text" % self.element(css))

    def click(self, css):
        self.do("POST", "/element/%s/click" % self.element(css), {})

    def type(self, css, text):
        self.do("POST", "/element/%s/value" % self.element(css), {"text": text})

    def press(self, *keys):
        """On whatever has the focus."""
        steps = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self.do("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": steps}]})

    def protocol(self, command, **parameters):
        return self.do("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def theme(self, name):
        self.protocol("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def media(self, name):
        """"print", or "" for the screen."""
        self.protocol("Emulation.setEmulatedMedia", media=name)

    def width(self, pixels, height=900):
        self.protocol("Emulation.setDeviceMetricsOverride", width=pixels, height=height, deviceScaleFactor=1,
                      mobile=pixels < 600)

    def complaints(self):
        """What the console has said since it was last asked: errors and warnings."""
        return [entry["message"] for entry in self.do("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]

    def screenshot(self, path):
        import base64
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.do("GET", "/screenshot")))
