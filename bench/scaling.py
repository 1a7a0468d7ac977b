#!/usr/bin/env python3
"""What several ranks cost on this machine, how large files get, and a model of many ranks made of both: docs/scaling.md.

    bench/scaling.py [measure|sizes|model] [--build DIR]

Work of runs is measured in processor time, the least of some repetitions, as other programs on the machine only add; waits
are by the wall. Needs Open MPI's mpirun for more than one rank. tests/cli/test_cli_scaling.py holds the page against what a test can
know: sizes of files and of rows."""

import argparse
import heapq
import json
import os
import pathlib
import re
import resource
import signal
import struct
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
QUICK = ROOT / "grids" / "quick.yaml"
EVENTS = 400000  # per mass, of which the quick job has N_MASS
REPEATS = 5
N_MASS = 6
TCP = ("--mca", "btl", "tcp,self", "--mca", "osc", "^sm")
PERMISSIONS = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_plm": "isolated",
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
}
# Of host/run/run_loop.c and handout.c.
SHARE_S = 8 * 0.25  # a share, at least
SHARE_PART = 32  # of what a rank has done is its next share
LEAST_S = 0.25 / 25  # but at least
LEAST_PER_THREAD = 64  # events


def processor_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Machine:
    def __init__(self, build, folder=None):
        self.program = build / "zpscan"
        self.bench = build / "zps_bench_ranks"
        self.folder = folder or pathlib.Path(tempfile.mkdtemp(prefix="zpscan-scaling-"))

    def call(self, command, env=None):
        """Processor time of a command and its children [s], its stdout and stderr."""
        before = processor_s()
        done = subprocess.run([str(c) for c in command], cwd=self.folder, env={**os.environ, **PERMISSIONS, **(env or {})},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True)
        return processor_s() - before, done.stdout, done.stderr

    def run(self, n_ranks, events):
        """As call(), of the repetition that took least."""
        output = self.folder / "run.h5"
        launcher = ["mpirun", "-np", str(n_ranks)] if n_ranks > 1 else []
        return min(self.call([*launcher, self.program, "run", QUICK, "--events", events, "--threads", 1, "--force", "-o", output])
                   for _ in range(REPEATS))

    def ranks(self, n_ranks, *options):
        return json.loads(self.call(["mpirun", *options, "-np", str(n_ranks), self.bench])[1])


def events_of_run(machine, n_ranks, events):
    """What the events of a run cost beyond its tables and start, which a run of one event has too."""
    start = machine.run(n_ranks, 1)[0]
    whole, _, err = machine.run(n_ranks, events)
    told = re.search(r"handed out (\d+) times in ([0-9.]+) ms on average, the longest wait ([0-9.]+) ms; "
                     r"tallies summed in ([0-9.]+) ms", err)
    return start, whole - start, [float(x) for x in told.groups()] if told else [1, 0.0, 0.0, 0.0]


def measure(machine):
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}; grids/quick.yaml, 1 thread per rank; the least of {REPEATS}\n")
    print("| | ranks | events | start [CPU s] | events [CPU s] | us per event | takes | mean [ms] | longest [ms] | sum [ms] |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for kind in ("strong", "weak"):
        for n in (1, 2, 3, 4):
            events = EVENTS if kind == "strong" else EVENTS // 4 * n
            start, spent, (takes, mean, longest, total) = events_of_run(machine, n, events)
            print(f"| {kind} | {n} | {events * N_MASS:.3g} | {start:.2f} | {spent:.2f} | {1e6 * spent / (events * N_MASS):.2f} "
                  f"| {takes:.0f} | {mean:.2f} | {longest:.1f} | {total:.1f} |")
    print("\n| over | ranks | takes | per take of a rank [ms] | of rank 0 [CPU us] | sum of 1e3 | 1.6e4 | 2.6e5 | 4.2e6 words [CPU ms] |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, options in (("memory", ()), ("TCP", TCP)):
        for n in (2, 4, 8, 16, 32):
            r = machine.ranks(n, *options)
            sums = " | ".join(f"{1e3 * s['cpu_s']:.3f}" for s in r["sums"])
            print(f"| {name} | {n} | {r['takes']} | {1e3 * r['wall_s'] * (n - 1) / r['takes']:.2f} "
                  f"| {1e6 * r['cpu_s'] / r['takes']:.1f} | {sums} |")


def result_size(machine, n_mass, n_coupling, *options):
    output = machine.folder / "size.h5"
    machine.call([machine.program, "run", QUICK, "--events", 2000, "--force", "-o", output, "--quiet", "--set",
                  f"scan.mass_gev={{from: 0.01, to: 1, points: {n_mass}, spacing: log}}", "--set",
                  f"scan.coupling={{from: 1e-5, to: 1e-2, points: {n_coupling}, spacing: log}}", *options])
    return output.stat().st_size


def size_law(bytes_of):
    """kB of any result, kB per mass, bytes per mass and coupling: through three of the sizes, keys (masses, couplings)."""
    per_both = (bytes_of[102, 102] - bytes_of[102, 2]) / (102 * 100)
    per_mass = (bytes_of[102, 2] - bytes_of[2, 2]) / 100 - 2 * per_both
    return 1e-3 * (bytes_of[2, 2] - 2 * per_mass - 4 * per_both), 1e-3 * per_mass, per_both


def records_of(journal):
    """Row size, and the records of a journal: mass, events, bytes."""
    content = journal.read_bytes()
    row_size = struct.unpack_from("<I", content, 28)[0]
    records = []
    at = content.find(b"ZREC")
    while 0 <= at <= len(content) - 40:
        length, i_mass, _, first, n = struct.unpack_from("<IIIQQ", content, at + 4)
        records.append((i_mass, n, length + 40))
        at += length + 40
    return row_size, records


def journal_of(machine, *options, seconds=8):
    """The journal of a run that was stopped so long after its journal had a record: row size, records, and the share of a
    core that the run had."""
    before_cpu_s, before_s = processor_s(), time.monotonic()
    output = machine.folder / "stopped.h5"
    process = subprocess.Popen([str(machine.program), "run", str(QUICK), "--events", "100000000", "--threads", "1", "--quiet", "-o",
                                str(output), *options], env={**os.environ, "ZPS_FLUSH_S": "1"}, stderr=subprocess.DEVNULL)
    journal = pathlib.Path(f"{output}.journal.0")
    while process.poll() is None and not (journal.exists() and b"ZREC" in journal.read_bytes()):
        time.sleep(0.05)
    time.sleep(seconds)
    process.send_signal(signal.SIGUSR1)
    process.wait()
    share = (processor_s() - before_cpu_s) / (time.monotonic() - before_s)
    found = records_of(journal)
    journal.unlink()
    return *found, share


PLACED = ("--set", "triggers.smu152.Smu.edge_x_mm=-140", "--set", "triggers.smu117.Smu.edge_x_mm=-120", "--set",
          "triggers.smu152.S4.edge_x_mm=-60", "--set", "triggers.smu117.S4.edge_x_mm=-60", "--set",
          "placement.first_mm=[-500,100]", "--set", "placement.last_mm=[-800,100]")


def sizes(machine):
    print("Results, bytes (2000 events per mass):\n\n| masses | couplings | lattice [mm] | bytes |\n|---|---|---|---|")
    bytes_of = {}
    for n_mass, n_coupling in ((2, 2), (12, 2), (102, 2), (2, 102), (102, 102)):
        bytes_of[n_mass, n_coupling] = result_size(machine, n_mass, n_coupling)
        print(f"| {n_mass} | {n_coupling} | | {bytes_of[n_mass, n_coupling]} |")
    for step in (20, 10, 5):
        print(f"| 12 | 2 | {step} | {result_size(machine, 12, 2, *PLACED, '--set', f'placement.step_mm={step}')} |")
    print("\n{:.3g} kB + {:.3g} kB per mass + {:.3g} B per mass and coupling".format(*size_law(bytes_of)))
    print("\nJournals:\n\n| lattice [mm] | u64 in a row | records | events in one | of a core | bytes in one |\n|---|---|---|---|---|---|")
    for name, options in (("", ()), ("20", (*PLACED, "--set", "placement.step_mm=20")),
                          ("10", (*PLACED, "--set", "placement.step_mm=10"))):
        row_size, records, share = journal_of(machine, *options)
        n = len(records)
        print(f"| {name} | {row_size} | {n} | {sum(r[1] for r in records) / n:.3g} | {100 * share:.0f} % "
              f"| {sum(r[2] for r in records) / n:.0f} |")


def simulate(n_ranks, n_threads, n_events, rate, answer_s, trip_s):
    """Ranks of one speed take shares from one clerk, who needs answer_s for each and has trip_s in both ways; returns the time
    when all is done over the ideal one, that, the longest wait and the number of takes."""
    speed = n_threads * rate
    done = [0.0] * n_ranks
    least = max(LEAST_S * speed, LEAST_PER_THREAD * n_threads)
    rest = float(n_events)
    clerk_s = 0.0  # when the clerk is free
    longest_s = 0.0
    n_takes = 0
    asks = [(0.0, i) for i in range(n_ranks)]
    end_s = 0.0
    while asks:
        asked_s, i = heapq.heappop(asks)
        clerk_s = max(clerk_s, asked_s + 0.5 * trip_s) + answer_s
        n = min(max(rest / (2 * n_ranks), least), max(SHARE_S * speed, done[i] / SHARE_PART), rest)
        rest -= n
        done[i] += n
        got_s = clerk_s + 0.5 * trip_s
        n_takes += 1
        longest_s = max(longest_s, got_s - asked_s)
        if n > 0:
            heapq.heappush(asks, (got_s + n / speed, i))
        end_s = max(end_s, got_s)
    ideal_s = n_events / (n_ranks * speed)
    return end_s / ideal_s, ideal_s, longest_s, n_takes


def model(rate, answer_us, trip_ms):
    print(f"{rate:.3g} events per s and thread, {answer_us} us per answer, {trip_ms} ms there and back\n")
    print("| ranks | threads each | events | ideal [s] | over it [%] | longest wait [ms] | takes per rank |\n|---|---|---|---|---|---|---|")
    for n_ranks, n_threads, n_events in ((100, 32, 1e11), (1000, 32, 1e12), (10000, 32, 1e13), (10000, 1, 1e11),
                                         (10000, 32, 1e12), (10000, 32, 1e11), (1000, 32, 1e13), (100000, 32, 1e13)):
        over, ideal_s, longest_s, n_takes = simulate(n_ranks, n_threads, n_events, rate, 1e-6 * answer_us, 1e-3 * trip_ms)
        print(f"| {n_ranks} | {n_threads} | {n_events:.0e} | {ideal_s:.1f} | {100 * (over - 1):.2f} | {1e3 * longest_s:.1f} "
              f"| {n_takes / n_ranks:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("measure", "sizes", "model"))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--rate", type=float, default=1e5, help="model: events per second of a thread")
    parser.add_argument("--answer-us", type=float, default=10.0, help="model: time of rank 0 for one answer")
    parser.add_argument("--trip-ms", type=float, default=1.5, help="model: time of a question and its answer")
    options = parser.parse_args()
    if options.what == "model":
        model(options.rate, options.answer_us, options.trip_ms)
    else:
        {"measure": measure, "sizes": sizes}[options.what](Machine(options.build.resolve()))


if __name__ == "__main__":
    main()
