"""A seeded random stream of messages on the example organisations: figures, corrections, withdrawals, decisions,
batches, messages in parts, a baseline, and some updates that must be refused."""
import json

import msgpack

from harness import example_steps, read_tidy

NUMBERS = {"ae-4h": (60.0, 80.0), "infections": (5.0, 40.0), "sickness": (3.0, 8.0)}
WORDS = ("outstanding", "good", "requires improvement", "inadequate")
FLAGS = ("leadership-failure", "cqc-recommendation")
MONTHS = ["2025-%02d" % month for month in range(2, 9)]
ORGS = ["X%02d" % number for number in range(1, 17)]


class Message:
    def __init__(self, source, first, updates, payload, more):
        self.source, self.first, self.last = source, first, first + updates - 1
        self.payload, self.more, self.count = payload, more, updates


class Stream:
    def __init__(self, random, sources=("s1", "s2")):
        self.random, self.sources = random, sources
        self.seqs = dict.fromkeys(sources, 0)
        self.revisions = {}

    # ---- Updates ----

    def revised(self, org, measure, period, value):
        update = {"org": org, "measure": measure, "period": period, "value": value}
        key = org, measure, period
        revision = self.revisions.get(key, -1) + 1
        if revision and self.random.random() < 0.05:
            revision -= 1  # not newer: superseded, or the same again
        self.revisions[key] = max(revision, self.revisions.get(key, 0))
        if revision:
            update["revision"] = revision
        return update

    def value(self, measure):
        if measure in NUMBERS:
            low, high = NUMBERS[measure]
            return round(self.random.uniform(low, high), 1)
        return self.random.choice(WORDS) if measure == "cqc-overall" else self.random.random() < 0.5

    def figure(self, measure=None, period=None, org=None):
        measure = measure or self.random.choice([*NUMBERS, *NUMBERS, "cqc-overall", *FLAGS])
        org, period = org or self.random.choice(ORGS), period or self.random.choice(MONTHS)
        value = None if self.random.random() < 0.06 else self.value(measure)
        return self.revised(org, measure, period, value)

    def month(self):
        measure, period = self.random.choice(list(NUMBERS)), self.random.choice(MONTHS)
        return [self.figure(measure, period, org) for org in ORGS if self.random.random() < 0.95] or [self.figure()]

    def decision(self):
        return {"org": self.random.choice(ORGS), "decision": self.random.randint(2, 4),
                "effective": "2025-%02d-%02d" % (self.random.randint(1, 9), self.random.randint(1, 28)),
                "decided_by": "board", "reason": "number %d" % self.random.randint(1, 10**6)}

    def bad(self):
        return self.random.choice([
            {"org": "NOBODY", "measure": "ae-4h", "period": "2025-03", "value": 1.0},
            {"org": "X01", "measure": "no-such", "period": "2025-03", "value": 1.0},
            {"org": "X01", "measure": "ae-4h", "period": "2025-3x", "value": 1.0},
            {"org": "X01", "measure": "ae-4h", "period": "2025-03", "value": "many"}])

    def updates(self):
        kind = self.random.random()
        if kind < 0.35:
            return self.month()
        if kind < 0.65:
            return [self.figure() for _ in range(self.random.randint(1, 30))]
        if kind < 0.85:
            return [self.figure()]
        if kind < 0.95:
            return [self.decision() for _ in range(self.random.randint(1, 3))]
        return [self.figure(), self.bad(), self.figure()]

    # ---- Messages ----

    def message(self, source, updates, **head):
        first = self.seqs[source] + 1
        maps = [dict({"v": 1, "source": source, "seq": first, **head}, **updates[0])] + updates[1:]
        self.seqs[source] += len(updates)
        payload = msgpack.packb(maps) if self.random.random() < 0.5 else json.dumps(maps).encode()
        return Message(source, first, len(updates), payload, head.get("more", False))

    def parts(self, source):
        count = self.random.randint(2, 3)
        return [self.message(source, self.updates(), **({"more": True} if part < count - 1 else {}))
                for part in range(count)]

    def messages(self, count):
        base = read_tidy(example_steps()[0])
        half = len(base) // 2
        made = [self.message(self.sources[0], base[:half], more=True, baseline=True),
                self.message(self.sources[0], base[half:])]
        for update in base:
            self.revisions[update["org"], update["measure"], update["period"]] = 0
        while len(made) < count:
            source = self.random.choice(self.sources)
            if self.random.random() < 0.08:
                made += self.parts(source)
            else:
                made.append(self.message(source, self.updates()))
        return made
