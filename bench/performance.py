#!/usr/bin/env python3
"""Measures the tables of docs/performance.md again and puts them in their places (`make performance`).

  performance.py [--program build/zpscan] [--only rates|statistics|growth]

The places are what lies between `<!-- NAME ... -->` and `<!-- end NAME -->`. Takes a few minutes; on an idle machine, if
there is one. growth also draws docs/growth.png.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"


def about(facts):
    machine = facts["machine"]
    return (f"{machine['cpu']}, {machine['cores']} cores, load {machine['load_1min']:.1f} before; {facts['compiler']}, "
            f"{facts['engine']}, {facts['threads']} threads\n`{facts['flags']} {facts['engine_flags']}`\n\n")


def bench(program, *options):
    done = subprocess.run([program, "bench", "--json", *options], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def rates(program):
    facts = bench(program)
    rows = ["| key | median | quartiles | what |\n|---|---|---|---|\n"]
    for key, s in facts["results"].items():
        rows.append(f"| `{key}` | {s['median']:.3g} | {s['quartile_lo']:.3g} .. {s['quartile_hi']:.3g} | {s['what']} |\n")
    return about(facts) + "".join(rows)


def statistics(program):
    """The program's own Markdown."""
    out = subprocess.run([program, "bench", "--statistics"], check=True, capture_output=True, text=True).stdout
    return out[out.index("CPU seconds"):]


def growth(program):
    with tempfile.TemporaryDirectory(prefix="zpscan-growth-") as folder:
        done = subprocess.run([sys.executable, str(ROOT / "bench" / "growth.py"), "--program", program, "--out", folder])
        if done.returncode not in (0, 1):  # 1: something is not as it must be; the table says what
            sys.exit(done.returncode)
        picture = pathlib.Path(folder) / "growth.png"
        if picture.exists():
            (ROOT / "docs" / "growth.png").write_bytes(picture.read_bytes())
        return (pathlib.Path(folder) / "growth.md").read_text()


TABLES = {"rates": rates, "statistics": statistics, "growth": growth}


def put(name, text):
    page = PAGE.read_text()
    pattern = re.compile(rf"(<!-- {name}\b[^>]*-->\n).*?(<!-- end {name} -->)", re.DOTALL)
    page, n = pattern.subn(lambda match: match.group(1) + text + match.group(2), page)
    if n != 1:
        sys.exit(f"performance.py: {PAGE.name}: expected one place for {name}, found {n}")
    PAGE.write_text(page)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build" / "zpscan"))
    parser.add_argument("--only", choices=TABLES)
    options = parser.parse_args()
    for name, make in TABLES.items():
        if options.only in (None, name):
            put(name, make(options.program))


if __name__ == "__main__":
    main()
