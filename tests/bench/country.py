"""The invented country of the benchmarks: a framework, a registry and a configuration, written into a folder."""
import os


def framework(measures, count):
    """Ranked monthly measures; segment 3 for who is in the bottom quartile in `count` of them, in two themes."""
    lines = ['id = "bench";', 'name = "Benchmark (invented)";', 'method = "triggers";', 'default_segment = 2;',
             'minimum_peers = 8;', 'coverage = 0.5;', 'stale_after = 12;', 'baseline_min = 12;', 'baseline_max = 24;',
             'types = ["acute"];', 'themes = ["one", "two", "three", "four", "five"];', 'segments = (']
    lines.append(",\n".join('    { number = %d; name = "segment %d"; consequence = "none"; }' % (n, n) for n in range(1, 5)))
    lines += [');', 'measures = (']
    themes = ["one", "two", "three", "four", "five"]
    lines.append(",\n".join(
        '    { id = "m%02d"; name = "measure %d"; unit = "%%"; theme = "%s"; kind = "number"; direction = "%s"; '
        'frequency = "month"; applies_to = ["acute"]; key = true; drop = false; }'
        % (n, n, themes[n % 5], "higher" if n % 2 else "lower") for n in range(measures)))
    lines += [');', 'triggers = (',
              '    { id = "key-bottom-quartile"; title = "key measures in the bottom quartile"; segment = 3;',
              '      signal = "bottom_quartile"; key = true; count = %d; themes = 2; }' % count, ');', '']
    return "\n".join(lines)


def registry(orgs):
    rows = ["code,name,type,region,system"]
    rows += ["X%05d,Organisation %d,acute,Region %d," % (n, n, n % 7) for n in range(orgs)]
    return "\n".join(rows) + "\n"


def write(folder, orgs=250, measures=50, count=2, feed=None, store="none", options=""):
    """Writes a country; returns the configuration's path and the endpoints (publish, submit, query)."""
    endpoints = ["ipc://%s/%s" % (folder, name) for name in ("publish", "submit", "query")]
    with open(os.path.join(folder, "framework.conf"), "w") as file:
        file.write(framework(measures, count))
    with open(os.path.join(folder, "organisations.csv"), "w") as file:
        file.write(registry(orgs))
    path = os.path.join(folder, "oversightd.conf")
    with open(path, "w") as file:
        file.write('frameworks = [ "framework.conf" ];\nregistry = "organisations.csv";\nstate_dir = "state";\n'
                   'store = "%s";\npublish = [ "%s" ];\nsubmit = [ "%s" ];\nquery = [ "%s" ];\nhttp = [ ];\n'
                   % (store, *endpoints))
        if feed:
            file.write('feeds = ( { source = "bench"; connect = "%s"; } );\n' % feed)
        file.write(options)
    return path, endpoints
