"""oversightctl board --watch on a terminal of its own: what it shows, narrow and wide, its keys, and that it leaves
the terminal as it was however it ends."""
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios

from harness import (CTL, Daemon, Failure, Submitter, ctl, ctl_words, example_steps, read_tidy, run_test,
                     wait_for)

CODES = re.compile(rb"\x1b\[([?0-9;]*)([A-Za-z])")


class Terminal:
    """A pseudo terminal that understands what the board sends, with the program on it."""

    def __init__(self, words, rows, columns, **environment):
        self.rows, self.columns = rows, columns
        self.raw, self.cells, self.row, self.column = b"", [], 0, 0
        self.other_screen = self.hidden_cursor = self.coloured = self.overflowed = False
        self.clear()
        self.master, self.slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
        env.update(TERM="xterm", **environment)

        def become_leader():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(words, stdin=self.slave, stdout=self.slave, stderr=self.slave, env=env,
                                        preexec_fn=become_leader)

    def clear(self):
        self.cells = [[" "] * self.columns for _ in range(self.rows)]

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.clear()
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def control(self, parameters, letter):
        if letter == "H":
            self.row = self.column = 0
        elif letter == "J":
            for line in self.cells[self.row + (1 if parameters != "2" else 0):]:
                line[:] = [" "] * self.columns
        elif letter == "K":
            if self.column < self.columns:
                self.cells[self.row][self.column:] = [" "] * (self.columns - self.column)
        elif letter == "m":
            self.coloured = True
        elif parameters == "?1049":
            self.other_screen = letter == "h"
        elif parameters == "?25":
            self.hidden_cursor = letter == "l"
        else:
            raise Failure("unknown sequence %s%s" % (parameters, letter))

    def show(self, text):
        for char in text:
            if char == "\r":
                self.column = 0
            elif char == "\n":
                self.row += 1
            elif self.row < self.rows and self.column < self.columns:
                self.cells[self.row][self.column] = char
                self.column += 1
            else:
                self.overflowed = True

    def feed(self, data):
        self.raw += data
        while self.raw:
            found = CODES.search(self.raw)
            if found is None:
                cut = self.raw.rfind(b"\x1b")
                cut = len(self.raw) if cut < 0 else cut
                self.show(self.raw[:cut].decode("utf-8", "replace"))
                self.raw = self.raw[cut:]
                return
            self.show(self.raw[:found.start()].decode("utf-8", "replace"))
            self.control(found[1].decode(), found[2].decode())
            self.raw = self.raw[found.end():]

    def read(self):
        with contextlib.suppress(OSError):
            while select.select([self.master], [], [], 0)[0]:
                self.feed(os.read(self.master, 65536))

    def text(self):
        self.read()
        return "\n".join("".join(line).rstrip() for line in self.cells)

    def until(self, condition, what):
        try:
            return wait_for(lambda: condition(self.text()), what)
        except Failure as failure:
            raise Failure("%s; the screen:\n%s" % (failure, self.text())) from None

    def has(self, text):
        return self.until(lambda screen: text in screen, "%r on the screen" % text)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """Waits for the end; the exit status."""
        wait_for(lambda: (self.read(), self.process.poll() is not None)[1], "the end of the board")
        self.read()
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def check_left(checks, terminal, how):
    checks.true(not terminal.other_screen and not terminal.hidden_cursor, "the screen is given back after %s" % how)
    checks.equal(termios.tcgetattr(terminal.slave)[:4], terminal.before[:4], "modes of the terminal after %s" % how)


def wide(checks, daemon, words, submitter):
    terminal = Terminal(words, 24, 120)
    try:
        terminal.has("live, updated")
        terminal.has("X16")
        screen = terminal.text()
        checks.true(terminal.coloured, "colour on a terminal")
        checks.true("In segment" in screen and "q quit" in screen and "No alert since" in screen, "head and foot")

        # An alert changes the row, the counts and the alert line.
        submitter.submit([{"org": "X05", "measure": "leadership-failure", "period": "2025-01", "value": True}])
        terminal.has("segment 2 to 4")
        terminal.until(lambda text: re.search(r"^4 X05 .*since \d{4}-\d\d-\d\d.*leadership-failure", text, re.M),
                       "the row of X05 in segment 4")
        checks.true(terminal.text().splitlines()[2].startswith("4 X05"), "the worst is first: %s" % terminal.text())

        # Keys: one segment, all, search, scrolling on fewer rows, Escape.
        terminal.press("4")
        terminal.until(lambda text: "only segment 4" in text and "X16" not in text, "segment 4 only")
        terminal.press("0")
        terminal.has("X16")
        terminal.press("/pennyf")
        terminal.has("/pennyf_")
        terminal.until(lambda text: "X16" in text and "X05 " not in text, "the search")
        terminal.press("\r")
        terminal.until(lambda text: "pennyf_" not in text, "the end of typing")
        terminal.press("\x1b")
        terminal.has("4 X05")
        terminal.resize(10, 120)
        terminal.until(lambda text: re.search(r"\[1-6 of \d+\]", text), "fewer rows")
        terminal.press("j")
        terminal.until(lambda text: re.search(r"\[2-7 of \d+\]", text), "a line down")
        terminal.press("\x1b[6~")
        terminal.until(lambda text: re.search(r"\[7-12 of \d+\]", text), "a page down")
        terminal.press("\x1b[H")
        terminal.has("[1-6 of ")

        # Stopped and continued.
        terminal.press("\x1a")
        state = "/proc/%d/stat" % terminal.process.pid
        wait_for(lambda: (terminal.read(), open(state).read().rpartition(")")[2].split()[0] == "T")[1], "the stop")
        terminal.read()
        check_left(checks, terminal, "Ctrl-Z")
        terminal.process.send_signal(signal.SIGCONT)
        wait_for(lambda: (terminal.read(), terminal.other_screen)[1], "the return")
        terminal.has("4 X05")

        terminal.press("q")
        checks.equal(terminal.end(), 0, "exit status after q")
        check_left(checks, terminal, "q")
        checks.true(not terminal.overflowed, "nothing is written beyond the screen")
    finally:
        terminal.close()


def narrow(checks, daemon, words):
    terminal = Terminal(words + ["--segment", "4"], 12, 40, NO_COLOR="1")
    try:
        terminal.until(lambda text: re.search(r"^4 X05 ", text, re.M), "the row in 40 columns")
        checks.true(not terminal.coloured, "no colour with NO_COLOR")
        checks.true(not terminal.overflowed, "40 columns are enough")
        terminal.resize(5, 20)
        terminal.until(lambda text: re.search(r"^4 X05 ", text, re.M), "the row in 20 columns")
        terminal.resize(2, 10)
        terminal.until(lambda text: text.startswith("live"), "two rows")
        terminal.resize(12, 40)
        terminal.has("4 X05")
        # The daemon goes away and comes back: the head says so.
        daemon.kill()
        terminal.until(lambda text: text.startswith("stale"), "stale")
        terminal.has("4 X05")
        daemon.start()
        terminal.until(lambda text: text.startswith("live"), "live again")
        terminal.press("\x03")
        checks.equal(terminal.end(), -signal.SIGINT, "ended by SIGINT")
        check_left(checks, terminal, "SIGINT")
    finally:
        terminal.close()


def ends(checks, words):
    for number in (signal.SIGTERM, signal.SIGHUP):
        terminal = Terminal(words, 24, 80)
        try:
            terminal.has("X05")
            terminal.process.send_signal(number)
            checks.equal(terminal.end(), -number, "ended by %s" % number.name)
            check_left(checks, terminal, number.name)
        finally:
            terminal.close()
    for environment, reason in (({"TERM": "dumb"}, "TERM=dumb"), ({"TERM": ""}, "TERM is not set")):
        terminal = Terminal(words, 24, 80, **environment) if "TERM" not in environment else None
        if terminal is None:
            terminal = Terminal(["env", "TERM=" + environment["TERM"], *words], 24, 80)
        try:
            checks.equal(terminal.end(), 69, "exit status with %s" % environment)
            checks.true(reason in terminal.text().replace("\n", ""), "the reason: %s" % terminal.text())
            checks.true(not terminal.coloured, "no sequences for %s" % reason)
        finally:
            terminal.close()
    done = ctl(*words[1:])
    checks.equal(done.returncode, 69, "exit status without a terminal")
    checks.true("not a terminal" in done.stderr, "the reason: %s" % done.stderr)
    done = ctl("--json", *words[1:])
    checks.equal(done.returncode, 64, "exit status with --json")


def body(checks, folder):
    with Daemon(folder) as daemon, Submitter(daemon) as submitter:
        submitter.submit(read_tidy(example_steps()[0]), baseline=True)
        words = [CTL, *ctl_words(daemon), "board", "--watch"]
        wide(checks, daemon, words, submitter)
        narrow(checks, daemon, words)
        ends(checks, words)
        daemon.stop(checks)


run_test("board", body)
