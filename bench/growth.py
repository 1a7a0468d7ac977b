#!/usr/bin/env python3
"""How CPU time and memory of `zpscan run` grow with events, masses, couplings, triggers, positions, threads, map size.

  growth.py [--program build/zpscan] [--out FOLDER] [--repeats 3] [--redraw]      a minute of CPU time

One thing grows at a time, the rest is a small job made of grids/na64mu-2022.yaml. Times are CPU seconds of the process,
memory its largest resident set, both the least of some repetitions: other work on a machine only adds. FOLDER gets
growth.csv, growth.md (the table that is also printed) and growth.png. Exit status 1 when something that must be linear
or flat is not.
"""

import argparse
import csv
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
JOB = (ROOT / "grids" / "na64mu-2022.yaml").read_text()
MASSES = "mass_gev: {from: 1e-3, to: 3, points: 60, spacing: log}"
COUPLINGS = "coupling: {from: 1e-5, to: 1e-2, points: 61, spacing: log}"
GRID = "grid_mm: [100, 5, 25]"
EVENTS = 2000
# Measured points may lie this far from the straight line, or from each other where nothing may grow, relative to the
# largest: times move by some per cent with what else the machine does to caches, memory by a few pages.
TOLERANCE = {"time": 0.15, "memory": 0.05}


def replaced(text, *pairs):
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def job(masses=6, couplings=61, grid=None, triggers=None):
    text = replaced(JOB, (MASSES, MASSES.replace("60", str(masses))),
                    (COUPLINGS, COUPLINGS.replace("61", str(couplings))))
    if grid is not None:
        text = replaced(text, (GRID, f"grid_mm: [{grid}, 5, 25]"))
    if triggers is not None:
        head, tail = text.split("triggers:\n")
        after = tail[tail.index("\n# The signal box"):]
        blocks = "".join(
            f"  - name: t{i}\n    planes:\n"
            "      - {plane: S4, edge_x_mm: -65, width_mm: 200, height_mm: 200}\n"
            f"      - {{plane: Smu, edge_x_mm: -{117 + i}, width_mm: 300, height_mm: 300}}\n"
            "    n_mot: 1e9\n" for i in range(triggers))
        text = head + "triggers:\n" + blocks + after
    return text


def placed(step):
    """Options of a job whose positions lie every step mm, with its own counters on the lattice."""
    settings = [f"placement.step_mm={step}", "placement.first_mm=[-500,100]", "placement.last_mm=[-800,100]",
                "triggers.smu152.S4.edge_x_mm=-60", "triggers.smu117.S4.edge_x_mm=-60",
                "triggers.smu152.Smu.edge_x_mm=-150", "triggers.smu117.Smu.edge_x_mm=-120"]
    return [word for s in settings for word in ("--set", s)]


def positions(step):
    """Edges of the first counter times edges of the last (counters are 200 and 300 mm wide)."""
    return (400 // step + 1) * (600 // step + 1)


def nodes(spacing):
    return (round(800 / spacing) + 1) * 41 * 89


# Name, what grows, [(size, job text, options)], what time and memory must be.
AXES = [
    ("events", "events per mass", [(n, job(), ["--events", n]) for n in (4000, 8000, 16000, 32000, 64000)],
     "linear", "flat"),
    ("masses", "masses", [(n, job(masses=n), []) for n in (8, 16, 32, 64, 128)], "linear", "linear"),
    ("couplings", "couplings", [(n, job(couplings=n), []) for n in (2000, 10000, 20000, 40000)], "linear", "linear"),
    ("triggers", "triggers", [(n, job(triggers=n), ["--events", 20000]) for n in (1, 4, 8, 15)], "linear", "linear"),
    ("positions", "positions", [(positions(s), job(), placed(s)) for s in (10, 5, 2, 1)], "linear", "linear"),
    # A second of work, against which it does not count that OpenMP's threads spin for some ms at the end of a loop.
    ("threads", "threads", [(n, job(), ["--events", 300000, "--threads", n]) for n in (1, 2, 4, 8)], "flat", "linear"),
    ("map", "nodes of the field map", [(nodes(s), job(grid=s), []) for s in (100, 25, 10, 5, 2.5)], "linear", "linear"),
]


def run_once(program, path, options, folder):
    """CPU seconds and MB of one run."""
    words = [program, "run", str(path), "-o", str(folder / "r.h5"), "--force", "--quiet", "--engine", "cpu"]
    words += ["--events", str(EVENTS)] if "--events" not in options else []
    words += ["--threads", "1"] if "--threads" not in options else []
    process = subprocess.Popen(words + list(map(str, options)), env={**os.environ, "ZPS_COMM": "serial"})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"growth.py: {' '.join(words)}: exit status {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(program, repeats):
    """{axis: [(size, seconds, MB)]}"""
    points = {}
    with tempfile.TemporaryDirectory(prefix="zpscan-growth-") as name:
        folder = pathlib.Path(name)
        for axis, _, cases, _, _ in AXES:
            points[axis] = []
            for size, text, options in cases:
                (folder / "job.yaml").write_text(text)
                runs = [run_once(program, folder / "job.yaml", options, folder) for _ in range(repeats)]
                points[axis].append((size, min(t for t, _ in runs), min(m for _, m in runs)))
                print(f"{axis} {size}: {points[axis][-1][1]:.3f} s, {points[axis][-1][2]:.1f} MB", file=sys.stderr)
    return points


def write_csv(points, path):
    with open(path, "w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["axis", "size", "cpu_s", "memory_mb"])
        writer.writerows([axis, x, round(t, 4), round(m, 2)] for axis in points for x, t, m in points[axis])


def read_csv(path):
    points = {axis: [] for axis, *_ in AXES}
    with open(path, newline="") as f:
        for row in csv.DictReader(f):
            points[row["axis"]].append((int(row["size"]), float(row["cpu_s"]), float(row["memory_mb"])))
    return points


def line(xs, ys):
    """Intercept and slope of the least-squares line."""
    n = len(xs)
    x, y = sum(xs) / n, sum(ys) / n
    slope = sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)
    return y - slope * x, slope


def judged(xs, ys, law, tolerance):
    """(largest distance from the law over the largest value, whether that is within tolerance)"""
    intercept, slope = line(xs, ys) if law == "linear" else (min(ys), 0)
    worst = max(abs(y - intercept - slope * x) for x, y in zip(xs, ys)) / max(ys)
    return worst, worst <= tolerance


def table(points):
    """Markdown rows, and whether all is as it must be."""
    rows = ["| what grows | from, to | CPU time [s] | must be | off by | one more costs [s] | memory [MB] | must be | off by "
            "| one more costs [kB] |", "|---|---|---|---|---|---|---|---|---|---|"]
    good = True
    for axis, title, _, time_law, memory_law in AXES:
        xs, times, sizes = zip(*points[axis])
        cells = []
        for ys, law, kind, unit in ((times, time_law, "time", 1), (sizes, memory_law, "memory", 1024)):
            worst, within = judged(xs, ys, law, TOLERANCE[kind])
            good = good and within
            digits = 2 if kind == "time" else 1
            cells += [f"{ys[0]:.{digits}f} to {ys[-1]:.{digits}f}", law, f"{100 * worst:.1f} %{'' if within else ' (!)'}",
                      f"{unit * line(xs, ys)[1]:.3g}" if law == "linear" else "-"]
        rows.append(f"| {title} | {xs[0]} to {xs[-1]} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n", good


def short(x):
    """16000 as 16k, 1171329 as 1.17M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if x >= size:
            return f"{x / size:.3g}{letter}"
    return str(x)


def draw(points, folder):
    """growth.png: a panel per axis, time on the left, memory on the right, straight axes from zero."""
    script = ["set terminal pngcairo size 1500,760 font ',10'", f"set output '{folder / 'growth.png'}'",
              "set multiplot layout 2,4", "set key off", "set ytics nomirror textcolor rgb '#1f5a99'",
              "set y2tics textcolor rgb '#b3541e'", "set grid xtics ytics lc rgb '#dddddd'"]
    for axis, title, *_ in AXES:
        data = " ".join(f"{x} {t} {m}\\n" for x, t, m in points[axis]).replace("\\n", "\n")
        xs, times, sizes = zip(*points[axis])
        script += [f"${axis} << EOD", data.strip(), "EOD", f"set xlabel '{title}'", f"set xrange [0:{1.05 * max(xs)}]",
                   "set xtics ({})".format(", ".join(f"'{short(x)}' {x}" for x in xs[-3:])),
                   f"set yrange [0:{1.2 * max(times)}]", f"set y2range [0:{1.2 * max(sizes)}]",
                   "set ylabel 'CPU time [s]' textcolor rgb '#1f5a99'",
                   "set y2label 'memory [MB]' textcolor rgb '#b3541e'",
                   f"plot ${axis} using 1:2 with linespoints lw 2 pt 7 lc rgb '#1f5a99', "
                   f"${axis} using 1:3 axes x1y2 with linespoints lw 2 pt 5 dt 2 lc rgb '#b3541e'"]
    script += ["unset multiplot"]
    subprocess.run(["gnuplot"], input="\n".join(script), text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build" / "zpscan"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--redraw", action="store_true", help="table and picture of FOLDER/growth.csv, measured before")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.redraw:
        write_csv(measure(options.program, options.repeats), options.out / "growth.csv")
    points = read_csv(options.out / "growth.csv")
    text, good = table(points)
    (options.out / "growth.md").write_text(text)
    print(text, end="")
    if shutil.which("gnuplot") is None:
        print("no picture: gnuplot is not on PATH (Debian: gnuplot-nox)", file=sys.stderr)
    else:
        draw(points, options.out)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
