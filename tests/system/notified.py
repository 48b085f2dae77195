"""A daemon whose service manager is the test: what it says to NOTIFY_SOCKET is heard for as long as it lives."""
import contextlib
import os
import socket
import subprocess
import time

import harness
from harness import DAEMON, Daemon, Failure


class Notified(Daemon):
    """notices: every notification so far, as lists of lines."""

    def __init__(self, folder, name="d", environment=None, words=("--foreground",), stderr=None, **options):
        super().__init__(folder, name=name, **options)
        self.environment, self.words, self.stderr = environment or {}, words, stderr
        self.notices, self.ear = [], None

    def start(self):
        self.write_config()
        path = os.path.join(self.folder, self.name + ".notify")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self.close()
        self.notices = []
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ear.bind(path)
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [DAEMON, *self.words, "-c", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=self.stderr or log,
                cwd=self.folder, env=dict(os.environ, NOTIFY_SOCKET=path, **self.environment), start_new_session=True)
        self.hear("READY=1")
        return self

    def listen(self, deadline=harness.DEADLINE):
        """The lines of the next notification, or None when none comes."""
        self.ear.settimeout(max(deadline, 0.001))
        with contextlib.suppress(TimeoutError):
            lines = self.ear.recv(4096).decode().split("\n")
            self.notices.append(lines)
            return lines
        return None

    def hear(self, line, deadline=harness.DEADLINE, ended=False):
        """Waits for a notification with this line, or with a variable of this name ("STATUS="); its lines. ended: the
        daemon may have ended since."""
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            for said in self.listen(0.1) or ():
                if said == line or (line.endswith("=") and said.startswith(line)):
                    return self.notices[-1]
            if self.process.poll() is not None and not ended:
                raise Failure("oversightd ended with %d while %s was awaited" % (self.process.returncode, line))
        raise Failure("the service manager was not told %s within %g s" % (line, deadline))

    def drain(self):
        """What was said so far, so that nothing waits to be heard: the queue of a socket is short."""
        while self.listen(0) is not None:
            pass

    def close(self):
        if self.ear is not None:
            self.ear.close()
            self.ear = None

    def __exit__(self, kind, value, trace):
        try:
            super().__exit__(kind, value, trace)
        finally:
            self.close()
