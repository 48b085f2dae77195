"""The demonstration: shows what it promises, says so in its exit status, leaves nothing behind."""
import contextlib
import glob
import os
import re
import signal
import subprocess

import redis

from harness import BUILD, DEADLINE, EXAMPLE, Failure, run_test, wait_for

DEMO = os.path.join(EXAMPLE, "demo")
SHOWN = ["a quiet start", "a crossing into 3 because peers improved", "a crossing into 4", "a dramatic drop",
         "a withdrawal", "a recovery"]


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def start(folder, build, log):
    return subprocess.Popen(["bash", DEMO, build], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                            cwd=os.path.dirname(os.path.dirname(EXAMPLE)), env=dict(os.environ, TMPDIR=folder),
                            start_new_session=True)


def wait(process):
    try:
        return process.wait(2 * DEADLINE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise Failure("the demonstration did not end within %g s" % (2 * DEADLINE)) from None


def left(folder):
    return [name for name in os.listdir(folder) if not name.endswith(".log")]


def whole(checks, folder):
    path = os.path.join(folder, "demo.log")
    with open(path, "w") as log:
        status = wait(start(folder, BUILD, log))
    with open(path, errors="replace") as file:
        text = plain(file.read())
    print(text)
    checks.equal(status, 0, "exit status")
    for words in SHOWN:
        checks.true(re.search(r"shown: +%s" % re.escape(words), text), "said to have been shown: %s" % words)
    for words in ("X05", "X09", "X14", "X16", "mandated support", "peers", "leadership"):
        checks.true(words in text, "the output names %s" % words)
    checks.equal(left(folder), [], "left in the temporary folder")


def interrupted(checks, folder):
    """SIGTERM on the way: everything is stopped, and the status says that it was not whole."""
    path = os.path.join(folder, "interrupted.log")
    with open(path, "w") as log:
        process = start(folder, BUILD, log)

    def under_way():
        with open(path, errors="replace") as file:
            return "01-baseline" in file.read() or process.poll() is not None

    wait_for(under_way, "the first step of the demonstration")
    process.send_signal(signal.SIGTERM)
    checks.true(wait(process) != 0, "exit status of an interrupted demonstration")
    checks.equal(left(folder), [], "left in the temporary folder after SIGTERM")


def slow_store(checks, folder):
    """Alerts that could not wait for the store say so when they go out: that is no difference to what is stored."""
    path = os.path.join(folder, "slow.log")
    with open(path, "w") as log:
        process = start(folder, BUILD, log)
    sockets = os.path.join(folder, "oversightd-demo.*", "state", "redis", "socket")
    wait_for(lambda: glob.glob(sockets) or process.poll() is not None, "the socket of the private Redis")
    pauses = slow_down(process, (glob.glob(sockets) or [""])[0])
    status = wait(process)
    with open(path, errors="replace") as file:
        print(plain(file.read()))
    checks.equal(status, 0, "exit status with a slow store")
    checks.true(pauses > 2, "the store was slow %d times" % pauses)
    checks.equal(left(folder), [], "left in the temporary folder by a slow store")


def slow_down(process, path):
    """Lets the store write only now and then, for longer than an alert waits, until the process ends."""
    pauses = 0
    with redis.Redis(unix_socket_path=path) as store:
        while process.poll() is None:
            try:
                store.execute_command("CLIENT", "PAUSE", "700", "WRITE")
                pauses += 1
            except redis.RedisError:
                pass  # it is not there yet, or no more
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.9)
    return pauses


def impossible(checks, folder):
    """Without a daemon it fails in words."""
    path = os.path.join(folder, "impossible.log")
    with open(path, "w") as log:
        status = wait(start(folder, folder, log))
    with open(path) as file:
        text = file.read()
    checks.true(status != 0 and "oversightd" in text, "without programs: %d, %s" % (status, text))
    checks.equal(left(folder), [], "left in the temporary folder without programs")


def body(checks, folder):
    whole(checks, folder)
    interrupted(checks, folder)
    slow_store(checks, folder)
    impossible(checks, folder)


run_test("demo", body)
