"""Counting checks, a folder that leaves nothing behind and shows its logs when something fails, waiting."""
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time

DEADLINE = float(os.environ.get("TEST_DEADLINE", "60"))  # seconds for any one wait
SKIPPED = 77
SHOWN_LINES, SHOWN_TIMES = 30, 3  # of a log beside a failure; failures that have logs beside them
REPORT = re.compile(r"^==\d+==|runtime error: ")  # how that of a sanitizer or of valgrind begins


class Failure(Exception):
    pass


# ---- Counting ----------------------------------------------------------------


class Checks:
    """Counts what was checked; a test that checked nothing fails. logs: shown beside the first failures."""

    def __init__(self, name):
        self.name, self.passed, self.failures, self.logs = name, 0, [], None

    def true(self, condition, text):
        if condition:
            self.passed += 1
        else:
            self.failures.append(text)
            print("FAILED: %s" % text, flush=True)
            if self.logs and len(self.failures) <= SHOWN_TIMES:
                self.logs.show()
        return bool(condition)

    def equal(self, found, expected, text):
        return self.true(found == expected, "%s: found %s, expected %s" % (text, shorten(found), shorten(expected)))

    def finish(self):
        print("%s: %d checks passed, %d failed" % (self.name, self.passed, len(self.failures)), flush=True)
        return 1 if self.failures or not self.passed else 0


def shorten(value):
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    return text if len(text) <= 200 else text[:200] + "... (%d characters)" % len(text)


def skip(reason):
    print("SKIPPED: %s" % reason, flush=True)
    sys.exit(SKIPPED)


class Logs:
    """The logs (*.log) of a folder: show() prints the end of what came to each of them since the last time."""

    def __init__(self, folder):
        self.folder, self.seen = folder, {}

    def show(self):
        for path in sorted(os.path.join(place, name) for place, _, names in os.walk(self.folder) for name in names
                           if name.endswith(".log")):
            with contextlib.suppress(OSError), open(path, "rb") as file:
                file.seek(self.seen.get(path, 0))
                lines = file.read().decode("utf-8", "replace").splitlines()
                self.seen[path] = file.tell()
                report = next((at for at, line in enumerate(lines) if REPORT.search(line)), len(lines))
                kept = lines[report:report + 3 * SHOWN_LINES] or lines[-SHOWN_LINES:]
                if kept:
                    print("---- %s" % os.path.relpath(path, self.folder))
                    print("\n".join("  " + line[:300] for line in kept), flush=True)


# ---- A folder that leaves nothing behind ---------------------------------------


def processes_of(folder):
    """Processes whose command line or working directory names the folder: [(pid, command line)]."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open("/proc/%s/cmdline" % entry, "rb") as file:
                words = file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
            with open("/proc/%s/stat" % entry, "rb") as file:
                state = file.read().rpartition(b")")[2].split()[0]
            place = os.readlink("/proc/%s/cwd" % entry)
        except OSError:
            continue
        if state != b"Z" and (folder in words or place == folder or place.startswith(folder + "/")):
            found.append((int(entry), words))
    return found


@contextlib.contextmanager
def home(place):
    """Nothing of the user who runs the test is read or written, nor of another test that runs beside it."""
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.mkdir(place, mode=0o700)
    os.environ["HOME"] = place
    try:
        yield
    finally:
        shutil.rmtree(place)
        del os.environ["HOME"]
        os.environ.update(before)


@contextlib.contextmanager
def workspace(checks):
    """A short path (unix sockets are limited to 107 bytes), removed at the end; no process may be left in it."""
    folder = tempfile.mkdtemp(prefix="ovt-", dir="/tmp")
    checks.logs = Logs(folder)
    try:
        with home(folder + ".home"):
            yield folder
        with contextlib.suppress(Failure):  # what was told to end takes its time
            wait_for(lambda: not processes_of(folder), "the end of everything")
        checks.equal([words for _, words in processes_of(folder)], [], "processes left behind")
    except Exception:
        checks.logs.show()
        raise
    finally:
        checks.logs = None
        for pid, _ in processes_of(folder):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not processes_of(folder), "the end of what was left in %s" % folder)
        shutil.rmtree(folder)


def wait_for(condition, what, deadline=DEADLINE):
    """Polls something that announces itself nowhere (the end of another's child). Returns its truth."""
    end = time.monotonic() + deadline
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Failure("waited %g s in vain for %s" % (deadline, what))
        time.sleep(0.02)
