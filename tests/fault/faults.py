"""The faults a round can inject. Each is a method of Faults named after its kind; what lasts is healed by a timer."""
import concurrent.futures
import contextlib
import os
import signal
import subprocess
import threading
import time

import redis

from harness import processes_of, wait_for

DISK_BYTES = 24 << 20


class SmallDisk:
    """A small file system of its own for a state folder; usable is False where this user may not mount one."""

    def __init__(self, path):
        self.path, self.filler = path, os.path.join(path, "filler")
        os.makedirs(path, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d,mode=0700" % DISK_BYTES, "none", path],
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.usable = done.returncode == 0

    def fill(self):
        with contextlib.suppress(OSError), open(self.filler, "wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)

    def free(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.filler)

    def close(self):
        if self.usable:
            subprocess.run(["umount", "-l", self.path], check=True)


class Faults:
    """Of a round: which kinds fit it, how each begins and how it is healed."""

    def __init__(self, run):
        self.run, self.random = run, run.random
        self.heals = []  # (when, what)
        # Redis may be frozen when it is told something: what it is told waits its turn beside the round.
        self.commands = concurrent.futures.ThreadPoolExecutor(max_workers=1)
        self.told = []

    def kinds(self):
        run = self.run
        found = ["daemon_kill", "daemon_freeze", "daemon_stop", "kill_degraded"]
        if run.redis:
            found += ["redis_kill", "redis_freeze", "redis_slow", "cut_reply", "cut_command", "refuse", "readonly",
                      "oom", "misconf", "busy", "noauth", "loading", "error_reply"]
        else:
            found += ["private_kill", "private_freeze"]
        if run.disk:
            found += ["disk_full"]
        if run.feed:
            found += ["feed_gap", "feed_duplicate", "feed_reorder"]
        else:
            found += ["impatient"]
        # An emptied store keeps no alerts to replay: the consumer must have them before.
        return found + (["redis_flush", "redis_older"] if run.flushing else ["consumer_kill", "consumer_stall"])

    def inject(self, kind):
        """False: it could not be done just now."""
        return getattr(self, kind)() is not False

    def later(self, seconds, what):
        self.heals.append((time.monotonic() + seconds, what))

    def due(self):
        now = time.monotonic()
        ready = [what for when, what in self.heals if when <= now]
        self.heals = [(when, what) for when, what in self.heals if when > now]
        for what in ready:
            what()

    def heal_all(self):
        heals, self.heals = self.heals, []
        for _, what in heals:
            what()
        concurrent.futures.wait(self.told)

    def quiet(self):
        """Nothing is wrong just now."""
        return not self.heals and all(one.done() for one in self.told)

    # ---- The daemon ----

    def daemon_kill(self):
        if not self.run.kill_daemon():
            return False
        if self.run.redis and self.random.random() < 0.6:  # its holder is dead: no need to wait until it runs out
            self.command("DEL", "{oversight}:lease")
        return True

    def kill_degraded(self):
        """kill -9 while the store is away: what was said to be stored meanwhile is not."""
        if self.run.starting or (self.redis_freeze() if self.run.redis else self.private_freeze()) is False:
            return False
        self.later(self.random.uniform(0.02, 0.15), self.run.kill_daemon)
        return True

    def daemon_stop(self):
        return self.run.kill_daemon(gently=True)

    def daemon_freeze(self):
        daemon = self.run.daemon
        if self.run.starting or not daemon.alive():
            return False
        process = daemon.process
        process.send_signal(signal.SIGSTOP)
        self.later(self.random.choice([0.05, 0.3, 1.0, 1.0, 5.0]), lambda: process.send_signal(signal.SIGCONT))
        return True

    # ---- Redis of our own, behind the proxy ----

    def say(self, *words):
        with contextlib.suppress(redis.exceptions.RedisError):
            self.run.redis.client().execute_command(*words)

    def say_once(self, *words):
        """Also while noauth() is at work. False: it was not done."""
        for password in (None, "secret"):
            with contextlib.suppress(redis.exceptions.RedisError):
                redis.Redis(unix_socket_path=self.run.redis.socket, password=password,
                            socket_timeout=5).execute_command(*words)
                return True
        return False

    def say_until(self, *words):
        """What heals may meet another fault: said again until it is done."""
        end = time.monotonic() + 60
        while time.monotonic() < end and not self.say_once(*words):
            time.sleep(0.05)

    def heal(self, *words):
        self.told.append(self.commands.submit(self.say_until, *words))

    def command(self, *words):
        self.told.append(self.commands.submit(self.say, *words))

    def redis_kill(self):
        self.run.redis.kill()
        self.later(self.random.uniform(0.0, 0.6), self.run.redis.start)

    def redis_freeze(self):
        self.run.redis.signal(signal.SIGSTOP)
        self.later(self.random.choice([0.1, 0.5, 1.8]), lambda: self.run.redis.signal(signal.SIGCONT))

    def redis_slow(self):
        proxy = self.run.proxy
        proxy.delay = self.random.choice([0.002, 0.01, 0.05])
        self.later(0.7, proxy.heal)

    def cut_reply(self):
        self.run.proxy.cut_reply = True

    def cut_command(self):
        self.run.proxy.cut_command = True

    def refuse(self):
        proxy = self.run.proxy
        proxy.refuse = True
        proxy.drop_all()
        self.later(self.random.uniform(0.0, 0.8), proxy.heal)

    def readonly(self):
        self.command("REPLICAOF", "127.0.0.1", "1")
        self.later(0.4, lambda: self.heal("REPLICAOF", "NO", "ONE"))

    def oom(self):
        self.command("CONFIG", "SET", "maxmemory", "1mb")
        self.later(0.5, lambda: self.heal("CONFIG", "SET", "maxmemory", "0"))

    def misconf(self):
        self.command("CONFIG", "SET", "save", "3600 1000000")
        self.command("BGSAVE")
        self.later(0.6, lambda: self.heal("CONFIG", "SET", "save", ""))

    def busy(self):
        """A script of somebody else runs for a while."""
        def spin():
            self.say("EVAL", "while true do end", "0")

        def end():
            while thread.is_alive():
                self.say_once("SCRIPT", "KILL")
                time.sleep(0.02)

        thread = threading.Thread(target=spin, daemon=True)
        thread.start()
        # Not behind what is told to Redis otherwise: that may be waiting for the script to end.
        self.later(0.4, lambda: threading.Thread(target=end, daemon=True).start())

    def noauth(self):
        self.command("CONFIG", "SET", "requirepass", "secret")
        self.later(0.1, self.run.proxy.drop_all)
        self.later(0.5, lambda: self.heal("CONFIG", "SET", "requirepass", ""))

    def loading(self):
        """Killed, and slow to load what it has."""
        self.run.redis.kill()
        self.run.redis.start()
        self.command("CONFIG", "SET", "key-load-delay", "100")
        self.command("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH")
        self.later(0.5, lambda: self.heal("CONFIG", "SET", "key-load-delay", "0"))

    def error_reply(self):
        """A command is answered with an error although it was executed: its outcome is unknown all the same."""
        self.run.proxy.error_reply = self.random.choice([
            b"MOVED 1 127.0.0.1:1", b"ASK 1 127.0.0.1:1", b"CLUSTERDOWN down", b"TRYAGAIN later", b"MASTERDOWN no link",
            b"NOREPLICAS too few", b"NOSCRIPT none", b"NOPERM not allowed", b"UNKILLABLE script", b"ERR strange"])

    def loaded(self):
        with contextlib.suppress(redis.exceptions.RedisError):
            return self.run.redis.client().ping()
        return False

    def place(self):
        """Epoch and step: an older copy may be of an epoch before, which got further."""
        return tuple(int(number or 0) for number in self.run.redis.client().hmget("{oversight}:meta", "epoch", "step"))

    def redis_flush(self):
        """Emptied, now and then of our functions too."""
        with self.run.may_lose() as last:
            if not last:
                return False
            place = self.place()
            self.run.redis.client().flushall()
            if self.random.random() < 0.3:
                self.run.redis.client().execute_command("FUNCTION", "FLUSH")
        self.run.after_loss(last, place)
        return True

    def redis_older(self):
        """Killed, and back with the end of its file cut off."""
        with self.run.may_lose() as last:
            if not last:
                return False
            place = self.place()
            self.run.redis.kill()
            self.run.redis.cut(self.random.uniform(0.0, 0.6))
            self.run.redis.start()
            wait_for(self.loaded, "Redis")
            self.run.redis.client().hdel("{oversight}:meta", "refilling")
        self.run.after_loss(last, place)
        return True

    # ---- The private Redis ----

    def private_pids(self):
        return [pid for pid, words in processes_of(self.run.daemon.state) if "redis-server" in words]

    def private_kill(self):
        pids = self.private_pids()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(pids)

    def private_freeze(self):
        pids = self.private_pids()

        def send(number):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

        send(signal.SIGSTOP)
        self.later(self.random.choice([0.1, 0.5, 1.8]), lambda: send(signal.SIGCONT))
        return bool(pids)

    def disk_full(self):
        self.run.disk.fill()
        self.later(self.random.uniform(0.2, 1.2), self.run.disk.free)

    # ---- Those who send and receive ----

    def impatient(self):
        self.run.resend()

    def feed_gap(self):
        self.run.feed_trouble.append("gap")

    def feed_duplicate(self):
        self.run.feed_trouble.append("duplicate")

    def feed_reorder(self):
        self.run.feed_trouble.append("reorder")

    def consumer_kill(self):
        self.run.consumer.kill()
        self.later(self.random.uniform(0.0, 0.5), self.run.consumer.start)

    def consumer_stall(self):
        process = self.run.consumer.process
        if process.poll() is not None:
            return False
        process.send_signal(signal.SIGSTOP)
        self.later(self.random.uniform(0.2, 1.5), lambda: process.send_signal(signal.SIGCONT))
        return True
