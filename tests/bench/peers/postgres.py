"""PostgreSQL as a peer: a server of its own in a temporary folder, synced at each commit; psycopg2 for the client.

environment: POSTGRES_BIN, the folder of initdb and postgres (the newest under /usr/lib/postgresql).
"""
import contextlib
import glob
import os
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# What one would set on a machine of the size; fsync and synchronous_commit as they come: on.
SETTINGS = {"listen_addresses": "", "shared_buffers": "1GB", "work_mem": "256MB", "maintenance_work_mem": "256MB",
            "max_wal_size": "8GB", "checkpoint_timeout": "30min", "wal_buffers": "64MB", "random_page_cost": "1.1",
            "effective_cache_size": "4GB", "jit": "off", "fsync": "on", "synchronous_commit": "on"}


def binaries():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: float(path.split("/")[4]))
    return os.environ.get("POSTGRES_BIN") or (os.path.dirname(found[-1]) if found else None)


def absent():
    """Why this peer cannot be asked, or None."""
    try:
        import psycopg2  # noqa: F401
    except ImportError:
        return "python3-psycopg2 is not installed"
    if not binaries():
        return "postgresql is not installed"
    if os.geteuid() == 0 and not shutil.which("runuser"):
        return "postgres does not run as root, and there is no runuser"
    return None


def version():
    return subprocess.run([os.path.join(binaries(), "postgres"), "--version"], check=True, stdout=subprocess.PIPE,
                          text=True).stdout.strip()


@contextlib.contextmanager
def server():
    """A running server; gives the folder of its socket."""
    root = os.geteuid() == 0
    user = ["runuser", "-u", "nobody", "--"] if root else []
    path = tempfile.mkdtemp(prefix="bench-postgres-")
    if root:
        shutil.chown(path, "nobody")
    data, log = os.path.join(path, "data"), os.path.join(path, "log")
    try:
        subprocess.run(user + [os.path.join(binaries(), "initdb"), "-D", data, "-U", "bench", "-A", "trust",
                               "-E", "UTF8", "--locale=C"], check=True,
                       stdout=subprocess.DEVNULL, cwd=path, timeout=300)
        options = [part for item in SETTINGS.items() for part in ("-c", "%s=%s" % item)]
        with open(log, "w") as output:
            process = subprocess.Popen(user + [os.path.join(binaries(), "postgres"), "-D", data, "-k", path] + options,
                                       stdout=output, stderr=output, cwd=path)
        try:
            connect(path, "postgres").close()
            yield path
        finally:
            # Through its own tool: what was started may be runuser, which stands between.
            subprocess.run(user + [os.path.join(binaries(), "pg_ctl"), "-D", data, "-m", "fast", "-w", "stop"],
                           stdout=subprocess.DEVNULL, check=False, cwd=path, timeout=120)
            process.wait(timeout=60)
    finally:
        shutil.rmtree(path)


def connect(path, database):
    import psycopg2
    end = time.monotonic() + 60
    while True:
        try:
            connection = psycopg2.connect(host=path, user="bench", dbname=database)
            connection.autocommit = True
            return connection
        except psycopg2.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


class Peer:
    """One way of the job in a database of its own; way: windows, row triggers or statement triggers."""

    def __init__(self, path, way, orgs, measures, count):
        self.way, database = way, "bench_%s_%d_%d" % (way.replace(" ", "_"), orgs, count)
        with contextlib.closing(connect(path, "postgres")) as admin:
            admin.cursor().execute("create database " + database)
        self.connection = connect(path, database)
        self.cursor = self.connection.cursor()
        self.values = {":count": count, ":orgs": orgs, ":measures": measures}
        self.run("tables.sql")
        self.run("apply.sql")

    def run(self, name):
        with open(os.path.join(HERE, name)) as file:
            text = file.read()
        for word, value in self.values.items():
            text = text.replace(word, str(value))
        self.cursor.execute(text)

    def load(self, figures):
        """All figures at once, then what judges them from now on, warm and analysed."""
        for from_ in range(0, len(figures), 100000):
            self.cursor.execute(self.group(figures[from_:from_ + 100000], judge=False))
        self.run("full.sql")
        self.cursor.execute("vacuum analyze")
        self.cursor.execute("execute judge")
        self.cursor.execute("create trigger note after update on verdict for each row "
                            "when (old.segment <> new.segment) execute function note_transition()")
        if self.way != "windows":
            self.run(self.way.replace(" ", "_") + ".sql")
        self.cursor.execute("vacuum analyze")
        self.cursor.execute("checkpoint")

    def group(self, figures, judge=True):
        """The statements of a group, made before the clock starts; one round trip, one commit."""
        orgs, measures, values = ("{%s}" % ",".join(str(figure[n]) for figure in figures) for n in range(3))
        text = "execute apply('%s', '%s', '%s')" % (measures, orgs, values)
        return text + ("; execute judge" if judge and self.way == "windows" else "")

    def submit(self, group):
        self.cursor.execute(group)

    def verdicts(self):
        self.cursor.execute("select org, segment, t0 + t1 + t2 + t3 + t4 from verdict")
        return {org: (segment, bottom) for org, segment, bottom in self.cursor.fetchall()}

    def close(self):
        self.connection.close()
