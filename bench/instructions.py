#!/usr/bin/env python3
"""Instructions per event and per mass of a tiny job, counted by callgrind: they do not depend on how busy a machine is.

  instructions.py                    compare with bench/instructions.txt: exit status 1 above a budget, 77 = skipped
  instructions.py --update           record what is counted now (`make instructions`)
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
RECORD = ROOT / "bench" / "instructions.txt"
JOB = ROOT / "grids" / "na64mu-2022.yaml"
MASSES = (28, 30)  # first and end: 123 and 141 MeV, in the middle of the grid
EVENTS = 1000  # per mass
# One compiler makes the same code everywhere; what is left is the C library (memset and the like) and point releases.
MARGIN = 0.03
SKIPPED = 77

# What is counted: name, the function with all it calls, the function not to count in it, divided by what.
N_MASS = MASSES[1] - MASSES[0]
COUNTS = [
    ("event", "zps_engine_run", None, N_MASS * EVENTS),
    ("mass", "zps_emission_build", None, N_MASS),
    ("set-up", "zps_plan_build", "zps_emission_build", 1),
]
HEAD = """# Instructions by callgrind, recorded by `make instructions`; a test fails more than {:.0f} % above (bench/instructions.py).
# event: one generated event; mass: emission tables of one mass; set-up: all other tables of the job.
# compiler, instruction set, {}
"""


class Skip(Exception):
    pass


def facts_of(program):
    info = json.loads(subprocess.run([program, "info", "--json"], check=True, capture_output=True, text=True).stdout)
    match = re.match(r"(gcc \d+)|.*?(clang).*?(\d+)\.", info["compiler"], re.IGNORECASE)
    compiler = "".join(filter(None, match.groups())).replace(" ", "").lower() if match else info["compiler"].split()[0]
    if "-O3" not in info["flags"] or "-fsanitize" in info["flags"]:
        raise Skip(f"budgets are for -O3, this program has: {info['flags']}")
    return compiler


def profile(program, isa, folder):
    """callgrind's profile of one run, as text; None when the machine has not that instruction set."""
    out = folder / f"callgrind.{isa}"
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program, "run", str(JOB), "--events", str(EVENTS),
         "--masses", f"{MASSES[0]}:{MASSES[1]}", "--threads", "1", "--engine", "cpu", "--quiet", "-o",
         str(folder / f"{isa}.h5")],
        env={**os.environ, "ZPS_ISA": isa, "ZPS_COMM": "serial"}, capture_output=True, text=True)
    if run.returncode != 0 and "this machine has no" in run.stderr:
        return None
    if run.returncode != 0 or not out.exists():
        raise Skip(f"valgrind cannot run the program here: {run.stderr.strip().splitlines()[-1]}")
    return subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", str(out)], check=True,
                          capture_output=True, text=True).stdout


def counted(text):
    """Instructions by name."""
    def inclusive(function):
        match = re.search(rf"^\s*([\d,]+) .*:{function} \[", text, re.MULTILINE)
        if not match:
            sys.exit(f"instructions.py: {function} is not in the profile: give COUNTS the function that replaced it")
        return int(match.group(1).replace(",", ""))
    return {name: (inclusive(f) - (inclusive(less) if less else 0)) // n for name, f, less, n in COUNTS}


def measure(program, of_all):
    """{instruction set: counts} of those the machine has, or of the best that valgrind knows."""
    counts = {}
    with tempfile.TemporaryDirectory(prefix="zpscan-instructions-") as folder:
        for isa in ("v3", "v2"):
            text = profile(program, isa, pathlib.Path(folder)) if of_all or not counts else None
            if text is not None:
                counts[isa] = counted(text)
    return counts


def recorded():
    """{(compiler, instruction set): counts}."""
    lines = RECORD.read_text().splitlines() if RECORD.exists() else []
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {(row[0], row[1]): dict(zip([name for name, *_ in COUNTS], map(int, row[2:]))) for row in rows}


def update(compiler, now):
    record = recorded()
    for isa, counts in now.items():
        record[compiler, isa] = counts
    rows = [f"{key[0]} {key[1]} {' '.join(str(n) for n in counts.values())}\n" for key, counts in sorted(record.items())]
    RECORD.write_text(HEAD.format(100 * MARGIN, ", ".join(name for name, *_ in COUNTS)) + "".join(rows))
    print(RECORD.read_text(), end="")


def compare(compiler, now):
    """1 when a count is over its budget."""
    over = False
    record = recorded()
    known = {isa: counts for isa, counts in now.items() if (compiler, isa) in record}
    if not known:
        raise Skip(f"nothing recorded for {compiler} in {RECORD.name}: make instructions")
    for isa, counts in known.items():
        for name, n in counts.items():
            budget = record[compiler, isa][name]
            change = n / budget - 1
            word = "OVER BUDGET" if change > MARGIN else "record it: make instructions" if change < -MARGIN else "ok"
            over = over or change > MARGIN
            print(f"{compiler} {isa}: instructions per {name}: {n}, recorded {budget} ({100 * change:+.1f} %): {word}")
    return 1 if over else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build" / "zpscan"), help="zpscan of a Release build")
    parser.add_argument("--update", action="store_true", help="record what is counted")
    options = parser.parse_args()
    try:
        for tool in ("valgrind", "callgrind_annotate"):
            if shutil.which(tool) is None:
                raise Skip(f"no {tool} on PATH (Debian: valgrind)")
        compiler = facts_of(options.program)
        now = measure(options.program, options.update)
        return update(compiler, now) if options.update else compare(compiler, now)
    except Skip as reason:
        print("skipped:", reason)
        return SKIPPED


if __name__ == "__main__":
    sys.exit(main())
