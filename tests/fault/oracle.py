"""What must be true in the end: a daemon that keeps nothing and meets no fault gets the same messages in the same
order. Its board, its alerts and its answers are what the faulty run is held against."""
import json
import re

from harness import Daemon, Failure, Query, Requests, Subscriber

# Parts of an event that belong to the run, not to its cause.
OF_THE_RUN = ("durability", "refers", "check")  # check: over the ids too


def judged(kind):
    """Alerts about feeds and the daemon itself tell of faults: the oracle has none."""
    return not kind.startswith(("feed.", "operational"))


def normal(events, key_of):
    """Events without what belongs to the run; ids of others as keys."""
    found = []
    for event in events:
        data = event["data"]
        if not judged(data["kind"]):
            continue
        plain = {name: value for name, value in data.items() if name not in OF_THE_RUN}
        refers = data.get("refers", [])
        plain["refers"] = [key_of.get(name, "unknown") for name in refers]
        for name in refers:  # a summary that names one has less room for the organisation when the id is longer
            plain["summary"] = re.sub(r"(?<![\d-])%s(?![\d-])" % re.escape(name), "", plain["summary"])
            plain["summary"] = plain["summary"][plain["summary"].find(" (%s)" % event["subject"]):]
        found.append((event["subject"], plain))
    return found


def rows(board, key_of):
    return {code: dict(row, alerts=sorted(key_of.get(name, "unknown") for name in row.get("alerts", [])))
            for code, row in board.items()}


def difference(found, expected, path=""):
    """Where two records differ first, as text; None when they are equal."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for name in sorted(set(found) | set(expected)):
            if found.get(name) != expected.get(name):
                return difference(found.get(name), expected.get(name), "%s/%s" % (path, name))
    if isinstance(found, (list, tuple)) and isinstance(expected, (list, tuple)) and len(found) == len(expected):
        for number, (mine, theirs) in enumerate(zip(found, expected)):
            if mine != theirs:
                return difference(mine, theirs, "%s/%d" % (path, number))
    return None if found == expected else "%s: found %r, expected %r" % (path, found, expected)


class Oracle:
    def __init__(self, folder, messages):
        self.answers, self.events = [], []
        with Daemon(folder, "oracle", store="none") as daemon, Subscriber(daemon) as live, Query(daemon) as query, \
                Requests(daemon.submit) as requests:
            numbers = [requests.send(message.payload) for message in messages]
            answers = {}
            while len(answers) < len(numbers):
                if not requests.socket.poll(60000):
                    raise Failure("the oracle does not answer")
                number, text = requests.socket.recv_multipart()
                answers[number] = json.loads(text)
            self.answers = [answers[number] for number in numbers]
            live.settle()
            self.events = [event for _, event in live.events]
            self.key_of = {event["id"]: event["data"]["key"] for event in self.events}
            self.board = rows(query.board(), self.key_of)
            self.alerts = normal(self.events, self.key_of)
            self.keys = [data["key"] for _, data in self.alerts]
