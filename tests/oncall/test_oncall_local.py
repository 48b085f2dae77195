"""Targets on this machine: commands, e-mail through sendmail(1), syslog."""
import asyncore  # noqa: F401  (smtpd needs it; both are of Python 3.11)
import email
import email.policy
import json
import os
import smtpd
import socket
import sys
import threading
import warnings

import fakes
from harness import processes_of, run_test, wait_for

warnings.simplefilter("ignore", DeprecationWarning)


def script(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o700)
    return path


def route(*names):
    return {"name": "all", "targets": list(names)}


def commands(checks, folder):
    """The event on standard input, no shell; statuses that are repeated and others; the time limit kills the group."""
    keep = script(folder, "keep", "#!/bin/sh\ncat >\"$1.event\"\nenv >\"$1.env\"\nprintf '%s' \"$2\" >\"$1.argument\"\n")
    busy = script(folder, "busy", "#!/bin/sh\n[ -e \"$1\" ] && exit 0\n: >\"$1\"\necho 'not now' >&2\nexit 75\n")
    never = script(folder, "never", "#!/bin/sh\nexit 65\n")
    # Its child would live on if only the leader of the group were killed.
    slow = script(folder, "slow", "#!/bin/sh\n[ -e \"$1\" ] && exit 0\n: >\"$1\"\nsleep 600 &\nwait\n")
    targets = [{"name": "keep", "exec": [keep, folder + "/kept", "$(touch x); a b"]},
               {"name": "busy", "exec": [busy, folder + "/busy.mark"]},
               {"name": "never", "exec": [never]},
               {"name": "absent", "exec": ["/nonexistent/program"], "retry": {"first": 0.02, "give_up": 0.1}},
               {"name": "slow", "exec": [slow, folder + "/slow.mark"], "timeout": 0.3}]
    with fakes.Daemon(folder) as daemon:
        with fakes.OnCall(folder, daemon, targets, [route("keep", "busy", "never", "absent", "slow")],
                          name="commands") as oncall:
            oncall.live(daemon)
            sent = daemon.send()[0]
            wait_for(lambda: len(oncall.deeds(result="delivered")) == 3, "three deliveries")
            wait_for(lambda: len(oncall.deeds(result="dead letter")) == 2, "two dead letters")
            with open(folder + "/kept.event") as file:
                checks.equal(json.load(file), sent, "the event on standard input")
            with open(folder + "/kept.argument") as file:
                checks.equal(file.read(), "$(touch x); a b", "an argument no shell has seen")
            with open(folder + "/kept.env") as file:
                names = dict(line.split("=", 1) for line in file.read().splitlines() if "=" in line)
            checks.equal(names.get("OVERSIGHT_KEY"), "test/1-1/keep", "the key in the environment")
            checks.true("HOME" not in names and "NOTIFY_SOCKET" not in names, "nothing else of ours: %s" % names)
            checks.equal([line["reason"] for line in oncall.deeds(target="busy")],
                         ["exit status 75: not now", "exit status 0"], "the command that was busy")
            checks.equal(oncall.deeds(target="never")[0]["reason"], "exit status 65", "the command that refuses")
            # Under valgrind posix_spawn() makes a copy of the process, which cannot say why it ended.
            reason = "exit status 127" if "VALGRIND_LOGS" in os.environ else "No such file"
            checks.true(reason in oncall.deeds(target="absent")[0]["reason"], "the command that is absent")
            # A shell that is slow to begin is killed, too.
            *killed, last = [line["reason"] for line in oncall.deeds(target="slow")]
            checks.equal((set(killed), last), ({"killed at its time limit"}, "exit status 0"),
                         "the command that takes too long")
            wait_for(lambda: not [words for _, words in processes_of(folder) if "sleep" in words],
                     "the end of what the command left")
            oncall.stop(checks)


class Sink(smtpd.SMTPServer):
    """A real SMTP server that keeps what it gets."""

    def __init__(self):
        self.got, self.map = [], {}
        super().__init__(("127.0.0.1", 0), None, decode_data=False, map=self.map)
        self.port = self.socket.getsockname()[1]
        self.ended = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ended:
            asyncore.loop(timeout=0.05, map=self.map, count=1)

    def process_message(self, peer, sender, recipients, data, **_):
        self.got.append((sender, recipients, data))

    def end(self):
        self.ended = True
        self.thread.join()
        asyncore.close_all(self.map)


# What sendmail(1) of Exim does with what it is given: it ends when it has the message, and delivers then.
SENDMAIL = """#!%s
import os, smtplib, sys
if os.fork():
    os._exit(0)
words = sys.argv[1:]
assert words[:2] == ["-i", "-f"] and words[3] == "--", words
with smtplib.SMTP("127.0.0.1", %d) as smtp:
    smtp.sendmail(words[2], words[4:], sys.stdin.buffer.read().replace(b"\\n", b"\\r\\n"))
"""


def mail(checks, folder):
    sink = Sink()
    program = script(folder, "sendmail", SENDMAIL % (sys.executable, sink.port))
    targets = [{"name": "duty", "email": ["duty@example.org", "two@example.org"], "from": "oversight@example.org"}]
    with fakes.Daemon(folder) as daemon:
        with fakes.OnCall(folder, daemon, targets, [route("duty")], name="mail", sendmail=program) as oncall:
            oncall.live(daemon)
            daemon.send(severity="critical", after=4, summary="Trust Zoë (X01) in segment 4 — since April",
                        detail="first\n.\nsecond")
            wait_for(lambda: sink.got, "a mail")
            oncall.stop(checks)
    sink.end()
    sender, recipients, data = sink.got[0]
    checks.equal((sender, recipients), ("oversight@example.org", ["duty@example.org", "two@example.org"]), "envelope")
    message = email.message_from_bytes(data, policy=email.policy.default)
    checks.equal(message["Subject"], "[critical] Trust Zoë (X01) in segment 4 — since April", "the subject")
    checks.equal(message["Message-Id"], "<test.1-1.duty@oversight-oncall>", "the same id for every attempt")
    checks.equal(message["Auto-Submitted"], "auto-generated", "no answer is wanted")
    text = message.get_content()
    checks.true("first\n.\nsecond" in text and "Segment:      2 before, 4 now" in text, "the text: %s" % text)
    checks.equal(message.defects, [], "defects of the message")


def syslog(checks, folder):
    path = os.path.join(folder, "log.socket")
    targets = [{"name": "log", "syslog": "local3", "socket": path}]
    with fakes.Daemon(folder) as daemon, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        with fakes.OnCall(folder, daemon, targets, [route("log")], name="syslog") as oncall:
            oncall.live(daemon)
            daemon.send(severity="critical", summary="a\nb")
            wait_for(lambda: oncall.deeds(result="failed"), "an attempt without a logger")
            log.bind(path)
            log.settimeout(fakes.DEADLINE)
            line = log.recv(4096).decode()
            checks.true(line.startswith("<%d>" % (19 * 8 + 2)), "facility and priority: %s" % line)
            checks.true(line.endswith(": alert 1-1 segment.worsened X01: a\\x0ab"), "the line: %s" % line)
            oncall.stop(checks)


def body(checks, folder):
    commands(checks, folder)
    mail(checks, folder)
    syslog(checks, folder)


run_test("oncall_local", body)
