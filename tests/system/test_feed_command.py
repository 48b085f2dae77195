"""oversightctl feed: standard input as a real feed. What a daemon missed comes by replay, a late one catches up, numbers
go on over a restart, and a feed that starts them again waits for an operator."""
import json
import os
import signal
import subprocess

from harness import CTL, DEADLINE, Daemon, Failure, Query, ctl, ctl_words, example_steps, read_tidy, run_test, wait_for

SOURCE, START = "acme", 1001


class Feed:
    """oversightctl feed, fed through a pipe."""

    def __init__(self, folder, *words):
        self.live, self.replay = ("ipc://%s/acme.%s" % (folder, word) for word in ("live", "replay"))
        self.position = os.path.join(folder, "acme.position")
        self.process = subprocess.Popen(
            [CTL, "--json", "feed", "--source", SOURCE, "--bind", self.live, "--replay", self.replay,
             "--position", self.position, "--batch", "20", *words, "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, text=True)

    def say(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def published(self):
        """The last number, as it is kept."""
        with open(self.position) as file:
            return int(file.read().split()[1])  # first NUMBER

    def end(self, how=signal.SIGTERM):
        """Its last word, its complaints and its status."""
        if how:
            self.process.send_signal(how)
        try:
            out, err = self.process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure("oversightctl feed did not end") from None
        return json.loads(out) if out else None, err, self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def lines_of(path):
    with open(path) as file:
        return file.read().splitlines()


def position(daemon):
    with Query(daemon) as query:
        return query.get("source", source=SOURCE)["last"]


def reaches(daemon, last):
    wait_for(lambda: position(daemon) == last, "update %d at the daemon" % last)


def kinds(daemon):
    with Query(daemon) as query:
        return [event["data"]["kind"] for event in query.alerts() if event["data"]["kind"].startswith("feed.")]


def segments(daemon):
    with Query(daemon) as query:
        return {code: row["indicative"] for code, row in query.board().items()}


def missed(checks, feed, daemon, count, lines):
    """What was published while the daemon was away."""
    daemon.stop(checks)
    feed.say(*lines)
    # Published by then, or the daemon would miss nothing.
    wait_for(lambda: feed.published() == START - 1 + count + len(lines), "what is said to be published")
    daemon.start()
    reaches(daemon, START - 1 + count + len(lines))
    wait_for(lambda: kinds(daemon)[-1:] == ["feed.recovered"], "feed.recovered")
    checks.equal(kinds(daemon).count("feed.gap"), 1, "feed.gap alerts after an absence")
    with Query(daemon) as query:
        gap = [event["data"] for event in query.alerts() if event["data"]["kind"] == "feed.recovered"][-1]
    checks.true("lost" not in gap["summary"], "nothing was lost: %s" % gap["summary"])


def late(checks, folder, feeds, daemon, last):
    """A daemon that comes late takes the next update as the start, unless it is told where to begin."""
    with Daemon(folder, "late", feeds=feeds) as joiner:
        checks.equal(position(joiner), 0, "position of a late daemon")
        done = ctl(*ctl_words(joiner), "source", "show", SOURCE)
        checks.true(done.returncode == 0 and "nothing is known" in done.stdout, "source show: %s" % done.stdout)
        done = ctl(*ctl_words(joiner), "source", "reset", SOURCE, str(START - 1))
        checks.true(done.returncode == 0 and "its next update is %d" % START in done.stdout, done.stdout + done.stderr)
        reaches(joiner, last)
        checks.equal(segments(joiner), segments(daemon), "segments of the late one beside those of the other")
        joiner.stop(checks)


def bad_lines(checks, folder):
    """Lines that cannot be read are named, as they come, and the rest goes out."""
    with Feed(folder, "--from", "1", "--exit-when-idle", "0", "--position", os.path.join(folder, "other")) as feed:
        feed.say("", "org,measure,period,value", "nonsense", "XC,ae-4h,2020-01,50", "XC,ae-4h,2020-13,50", "")
        feed.process.stdin.close()
        feed.process.stdin = None
        said, err, status = feed.end(how=None)
    checks.equal(status, 65, "status after lines that could not be read")
    checks.equal(err.splitlines(), ["standard input:3: 1 cells; the header has 4",
                                    'standard input:5: period "2020-13" is not a date YYYY-MM-DD or YYYY-MM'], "complaints")
    checks.equal((said["first"], said["last"], said["messages"]), (1, 1, 1), "what went out")


def again(checks, folder, daemon, last, update):
    """A feed that starts its numbers again is not heard until an operator says so."""
    with Feed(folder, "--from", "1") as feed:
        feed.say(json.dumps(update))
        wait_for(lambda: "feed.restarted" in kinds(daemon), "feed.restarted")
        checks.equal(position(daemon), last, "position after the numbers started again")
        done = ctl(*ctl_words(daemon), "source", "show", SOURCE)
        checks.equal(done.stdout, "%s: applied to %d\n" % (SOURCE, last), "source show")
        done = ctl(*ctl_words(daemon), "source", "reset", SOURCE)
        checks.true(done.returncode == 0 and "whatever its number" in done.stdout, done.stdout + done.stderr)
        wait_for(lambda: kinds(daemon)[-1] == "feed.recovered", "feed.recovered after the reset")
        feed.say(json.dumps(dict(update, revision=7)))
        reaches(daemon, 2)
        checks.equal(kinds(daemon).count("feed.restarted"), 1, "feed.restarted alerts")
        said, err, status = feed.end()
    checks.equal((said["first"], said["last"], err, status), (1, 2, "", 0), "the end of the feed")


def usage(checks, folder):
    done = ctl("feed", "--source", SOURCE, "-")
    checks.true(done.returncode == 64 and "--bind" in done.stderr, done.stderr)
    done = ctl("feed", "--source", SOURCE, "--bind", "tcp://0.0.0.0:0", "--from", "1", "--position", folder + "/x", "-")
    checks.true(done.returncode == 69 and "0.0.0.0" in done.stderr, "beyond loopback: %s" % done.stderr)
    done = ctl("feed", "--source", SOURCE, "--bind", "ipc://%s/x" % folder, "--from", "1", folder + "/absent.csv")
    checks.true(done.returncode == 66 and "absent.csv" in done.stderr, done.stderr)
    for words in (("source",), ("source", "reset"), ("source", "reset", "a/b"), ("source", "reset", "a", "-1"),
                  ("source", "show", "a", "1")):
        checks.equal(ctl(*words).returncode, 64, "status of %s" % (words,))


def body(checks, folder):
    steps = example_steps()
    history, news = lines_of(steps[0]), lines_of(steps[1])[1:]
    usage(checks, folder)
    with Feed(folder, "--from", str(START), "--wait") as feed:
        feeds = ({"source": SOURCE, "connect": feed.live, "replay": feed.replay},)
        feed.say(*history)
        count = len(history) - 1
        with Daemon(folder, feeds=feeds) as daemon:
            reaches(daemon, START - 1 + count)
            checks.equal(kinds(daemon), [], "feed alerts when nothing is wrong")
            missed(checks, feed, daemon, count, news)
            last = START - 1 + count + len(news)
            late(checks, folder, feeds, daemon, last)
            said, err, status = feed.end()
            checks.equal((said["first"], said["last"], err, status), (START, last, "", 0), "the end of the feed")
            checks.true(said["requests"] >= 2 and said["replayed"] >= said["messages"], "replays: %s" % said)

            with Feed(folder, "--msgpack") as feed:  # the numbers go on
                update = read_tidy(steps[2])[0]
                feed.say(json.dumps(update))
                last += 1
                reaches(daemon, last)
                said, err, status = feed.end(signal.SIGINT)
                checks.equal((said["first"], said["last"], err, status), (last, last, "", 0), "numbers go on")
            checks.true("feed.restarted" not in kinds(daemon), "no restart of the numbers was seen")
            again(checks, folder, daemon, last, update)
            daemon.stop(checks)
    bad_lines(checks, folder)


run_test("feed_command", body)
