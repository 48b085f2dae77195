"""A store that lost everything is filled again with all that was in it, also with what fits the rules no more: the
figures, decisions and programmes of an organisation that has left the register are there when it comes back."""
import datetime
import os
import signal

import redis

from harness import SOURCE, Daemon, Query, Submitter, ctl, ctl_words, id_of, run_test, wait_for

HEAD = "code,name,type,subtype,region,system,group,opened,closed,successor,predecessors\n"
ROWS = ["X%02d,Place %d (invented),acute,,North,,,,,,\n" % (n, n) for n in range(1, 5)]
LEAVES = "X02"
TODAY = datetime.datetime.now(datetime.timezone.utc).date()


def day(offset):
    return str(TODAY + datetime.timedelta(days=offset))


def write_registry(daemon, rows):
    with open(daemon.options["registry"], "w") as file:
        file.write(HEAD + "".join(rows))


def shown(raw):
    return raw.decode("utf-8", "backslashreplace")


def contents(store, key):
    """The fields of a hash; of a stream or a list, its elements by their place."""
    kind = store.type(key).decode()
    if kind == "stream":
        return {str(i): {shown(field): shown(value) for field, value in fields.items()}
                for i, (_, fields) in enumerate(store.xrange(key))}  # written anew, an entry has another id
    if kind == "hash":
        return {shown(field): shown(value) for field, value in store.hgetall(key).items()}
    if kind == "list":
        return {str(i): shown(value) for i, value in enumerate(store.lrange(key, 0, -1))}
    return {"": shown(store.get(key))} if kind == "string" else {}


def stored(daemon):
    """Everything of figures, verdicts, decisions and programmes, as the store holds it."""
    with redis.Redis(unix_socket_path=os.path.join(daemon.state, "redis", "socket")) as store:
        try:
            found = {shown(key): contents(store, key) for key in store.keys("*")}
        except (redis.exceptions.ConnectionError, redis.exceptions.BusyLoadingError):
            return {}  # it is being started again
    return {key: value for key, value in found.items() if key.split(":")[-1] not in ("meta", "sources", "alerts")}


def about(held, code):
    """What the store has on an organisation: keys, and fields of keys. Of the verdict on one that has left, what the
    daemon itself reads is enough: the rest is computed when it comes back."""
    return sorted("%s %s" % (key, field) for key, fields in held.items() for field in fields
                  if (code in key or code in field) and (code != LEAVES or ":verdict:" not in key or field == "state"))


def record(checks, daemon):
    with Submitter(daemon) as submitter:
        figures = [{"org": "X%02d" % n, "measure": "cqc-overall", "period": day(-10), "value": "good"}
                   for n in range(1, 5)]
        decisions = [{"org": org, "decision": 3, "effective": day(0), "decided_by": "National team",
                      "reason": "tried here"} for org in ("X01", LEAVES)]
        reply = submitter.submit(figures + decisions)
        checks.equal(reply.get("accepted"), 6, "figures and decisions: %s" % reply)
    for org in ("X01", LEAVES):
        done = ctl(*ctl_words(daemon), "programme", "--by", "National team", "--reason", "tried here", "--effective",
                   day(-100), org, "special-measures-quality", "enter")
        checks.equal(done.returncode, 0, "programme: %s" % done.stderr)


def published(daemon):
    with redis.Redis(unix_socket_path=os.path.join(daemon.state, "redis", "socket")) as store:
        found = store.hget("{oversight}:meta", "published")
    return id_of(found.decode()) if found else None


def emptied(checks, daemon):
    with Submitter(daemon, source="another") as submitter:
        decision = {"org": "X03", "decision": 3, "effective": day(0), "decided_by": "Region", "reason": "tried here"}
        figure = {"org": "X03", "measure": "cqc-overall", "period": day(-10), "value": "good", "revision": 1}
        for update in (decision, figure):  # the step of the second says that the alert of the first is out
            reply = submitter.submit([update])
            checks.equal(reply.get("accepted"), 1, "%s: %s" % (update, reply))
    held, out = stored(daemon), published(daemon)
    with Query(daemon) as query:
        checks.equal(out, id_of(query.get("status")["last"]), "the newest alert is out, and the store knows it")
    checks.true(len(about(held, LEAVES)) >= 3, "what is stored of %s: %s" % (LEAVES, about(held, LEAVES)))
    with redis.Redis(unix_socket_path=os.path.join(daemon.state, "redis", "socket")) as store:
        store.flushall()
    for pid in daemon.redis_pids():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: about(stored(daemon), "X04"), "what was stored, in the store again")
    with Query(daemon) as query:
        wait_for(lambda: query.get("status")["durability"] == "fsync", "the end of the refill")
    with Query(daemon) as query:
        now, last = published(daemon), id_of(query.get("status")["last"])
    checks.true(now and out <= now <= last, "alerts that are out: before %s, now %s of %s" % (out, now, last))
    found = stored(daemon)
    checks.equal(about(found, LEAVES), about(held, LEAVES), "what the store has of %s" % LEAVES)
    checks.equal(about(found, "X01"), about(held, "X01"), "what the store has of X01")
    for key in sorted(held):
        if ":verdict:" not in key or not key.endswith(LEAVES):
            checks.equal(found.get(key), held[key], key)


def body(checks, folder):
    framework = os.path.join(SOURCE, "conf", "frameworks", "sof-2016.conf")
    daemon = Daemon(folder, frameworks=[framework], registry=os.path.join(folder, "registry.csv"))
    write_registry(daemon, ROWS)
    with daemon:
        record(checks, daemon)
        with Query(daemon) as query:
            before = query.get("organisation", code=LEAVES)
        daemon.stop(checks)
    write_registry(daemon, [row for row in ROWS if not row.startswith(LEAVES)])
    with daemon:
        with Query(daemon) as query:
            checks.true("error" in query.get("organisation", code=LEAVES), "%s has left" % LEAVES)
        emptied(checks, daemon)
        daemon.stop(checks)
    write_registry(daemon, ROWS)
    with daemon:
        with Query(daemon) as query:
            after = query.get("organisation", code=LEAVES)
        checks.true("error" not in after, "%s has come back: %s" % (LEAVES, after))
        for key in before:
            if key not in ("at", "now", "time"):
                checks.equal(after.get(key), before[key], "%s of %s" % (key, LEAVES))
        daemon.stop(checks)


run_test("refill", body)
