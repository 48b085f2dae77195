"""The faults in short, for make check: some rounds, some positions, a take-over; the same ones each time unless SEED
says otherwise ("random": others). No time is asserted. An emptied Redis is left to make fault: what its consumer has not read by then is gone by design, so a round
with it depends on how fast the machine is."""
import os
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run(script, *words):
    print("---- %s %s" % (script, " ".join(words)), flush=True)
    return subprocess.run([sys.executable, os.path.join(HERE, script), *words], check=False).returncode


seed = os.environ.get("SEED", "20260101")
seed = str(random.SystemRandom().randint(1, 10**9)) if seed == "random" else seed
os.environ["SEED"] = seed
failed = [run("fault.py", "--rounds", "1", "--seed", "8", "--no-flush"),
          run("fault.py", "--rounds", "2", "--seed", seed, "--no-flush"),
          run("positions.py", "--side", "command", "--from", "4", "--step", "9", "--limit", "3"),
          run("positions.py", "--side", "reply", "--from", "5", "--step", "9", "--limit", "3"),
          run("emptied.py", "--limit", "2"),
          run("gaps.py", "--kills", "1", "--freezes", "1", "--failovers", "1", "--seed", seed, "--untimed"),
          run("takeover.py", "--kills", "1", "--freezes", "0", "--seed", seed, "--untimed")]
sys.exit(1 if any(failed) else 0)
