#!/usr/bin/env python3
"""Models the CUDA kernel on a GPU that nobody has: writes the part of docs/performance.md between its `gpu-model` marks.

  model.py [--program build/zps_stage_counts] [--job grids/na64mu-2022.yaml] [--events N] [--print]

Instructions: nvcc makes the kernels of single stages in stages.cu for sm_90, cuobjdump lists them, sass.py counts. How often
each stage runs per event: zps_stage_counts, on the host. Registers: tests/parity/cuda_resources.txt. What the chip does per
clock is in CHIP. Needs nvcc, cuobjdump and nvdisasm (of a CUDA toolkit, on PATH or in /usr/local/cuda*/bin); says so, with exit
status 77, where they are not.
"""

import argparse
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter

import sass

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import performance  # noqa: E402: what writes between marks

SKIPPED = 77
KERNEL = (ROOT / "kernels" / "engine_cuda_kernel.cuh").read_text()

# Per multiprocessor and clock, in lanes: CUDA C++ Programming Guide, throughput of native arithmetic instructions, compute
# capability 9.0. `lines`, of the first-level cache, and the rest are taken for an H200 and to be checked on one.
PER_CLOCK = {"f64": 64, "conversion": 16, "special": 16, "multiply": 64, "alu": 64, "all": 128, "lines": 1}
CHIP = {"multiprocessors": 132, "clock_hz": 1.98e9, "registers": 65536, "shared_kib": 227, "cache_kib": 256,
        "l2_bytes_per_s": 5.5e12}
# Clocks until a dependent instruction can follow: f64, and any other; taken.
LATENCY = {"f64": 8, "other": 5}

# Rows of the table: what zps_stage_counts calls the stages. `field` is stages.cu's `steps` outside of its loop, `step` in it.
ROWS = {
    "beam": ["beam"],
    "matter down to the vertex": ["vertex"],
    "emission, window": ["emission", "window"],
    "waiting": ["push", "pop"],
    "matter behind the vertex": ["exit"],
    "matter: {matter}": ["meets", "matter"],
    "drifts, p_out, reach of the magnet": ["drift", "measure", "reach"],
    "entry of the magnet": ["field"],
    "field steps": ["step"],
    "planes": ["plane", "decide"],
    "tally": ["tally", "passed", "tally_stage", "tally_bin"],
}
UNITS = {"f64": "f64 arithmetic", "conversion": "conversions from or to 64 bits", "special": "reciprocals, roots",
         "multiply": "integer multiplication, f32", "alu": "integers, logic, comparisons", "all": "issue"}
BOUNDS = {**UNITS, "lines": "global reads, a cache line for each lane"}


def tool(name):
    """Its path; ends the program where there is none."""
    folders = [os.environ.get("PATH", ""), *sorted(glob.glob("/usr/local/cuda*/bin"))]
    path = shutil.which(name, path=os.pathsep.join(folders))
    if not path:
        print(f"model.py: skipped: no {name} here: it comes with the CUDA toolkit")
        sys.exit(SKIPPED)
    return path


def compile_stages(nvcc, cuobjdump, nvdisasm):
    """{kernel: its instructions}, with the options of tests/parity/check_cuda_resources.sh."""
    with tempfile.TemporaryDirectory(prefix="zpscan-model-") as folder:
        cubin = os.path.join(folder, "stages.cubin")
        subprocess.run([nvcc, "-std=c++17", "-O3", "-DNDEBUG", "-fmad=false", "-arch=sm_90", f"-I{ROOT}", "-cubin", "-o",
                        cubin, str(ROOT / "bench" / "gpu" / "stages.cu")], check=True)
        path = os.pathsep.join([os.environ.get("PATH", ""), os.path.dirname(nvdisasm)])  # cuobjdump calls it
        listing = subprocess.run([cuobjdump, "-sass", cubin], check=True, capture_output=True, text=True,
                                 env={**os.environ, "PATH": path}).stdout
    return sass.kernels(listing)


def stage_costs(kernels):
    """{stage: Counter of units in one run of it}."""
    alone = {name[len("zps_alone_"):]: sass.usual_path(code) for name, code in kernels.items()
             if name.startswith("zps_alone_")}
    nothing = sass.count(alone.pop("nothing"))
    step = sass.loop(alone["steps"])
    costs = {name: sass.count(code) - nothing for name, code in alone.items()}
    costs["step"] = sass.count(step)
    costs["field"] = costs.pop("steps") - costs["step"]
    return costs


def stage_counts(options):
    done = subprocess.run([options.program, str(options.job), str(options.events)], check=True, capture_output=True,
                          text=True)
    return json.loads(done.stdout)


def per_event(costs, counts, stages, of):
    """Counter of units per event in these stages; of = lanes or warps."""
    total = Counter()
    for stage in stages:
        for unit, n in costs[stage].items():
            total[unit] += n * counts["stages"][stage][of]
    return total


def number(x):
    """Three digits, two below 1, written out."""
    return f"{float(f'{x:.{2 if x < 1 else 3}g}'):g}"


def rate(x):
    return f"{x:.1e}".replace("e+0", "e").replace("e+", "e")


def share(x):
    return f"{100 * x:.0f} %"


def occupancy():
    """Registers, blocks and warps that a multiprocessor holds, and the shared memory of a block's queues [bytes]."""
    recorded = (ROOT / "tests" / "parity" / "cuda_resources.txt").read_text()
    registers = int(re.search(r"^sm_90 zps_cuda_items (\d+) ", recorded, re.MULTILINE).group(1))
    block, queue, words = (int(re.search(p, KERNEL).group(1)) for p in
                           [r"#define ZPS_BLOCK (\d+)", r"#define ZPS_QUEUE \((\d+) \* ZPS_BLOCK\)",
                            r"#define ZPS_QUEUE_WORDS (\d+)"])
    blocks = CHIP["registers"] // (registers * block)
    return {"registers": registers, "block": block, "blocks": blocks, "warps": blocks * block // 32,
            "queues": 2 * 8 * words * queue * block}  # of two, in doubles


def table_of_stages(costs, counts):
    yield ("| per event | runs | paid | f64 | conversions | reciprocals, roots | integer products | integers, logic | "
           "global reads | all |\n|---|---|---|---|---|---|---|---|---|---|\n")
    columns = ["f64", "conversion", "special", "multiply", "alu", "global", "all"]
    sums = Counter()
    for name, stages in ROWS.items():
        units = per_event(costs, counts, stages, "warps")
        sums.update(units)
        runs = counts["stages"][stages[-1] if "{matter}" in name else stages[0]]
        cells = [name.format(matter=", ".join(counts["matter"])), number(runs["lanes"]), number(runs["warps"])]
        yield "| " + " | ".join(cells + [number(units[c]) for c in columns]) + " |\n"
    yield "| sum | | | " + " | ".join(number(sums[c]) for c in columns) + " |\n"


def bounds(units):
    """{unit: events/s at most}."""
    chip = CHIP["multiprocessors"] * CHIP["clock_hz"]
    return {bound: chip * PER_CLOCK[bound] / units["global" if bound == "lines" else bound] for bound in BOUNDS}


def table_of_bounds(paid, needed):
    yield "| bound | lanes per clock | events/s at most | were no lane to wait for another |\n|---|---|---|---|\n"
    at_most, at_best = bounds(paid), bounds(needed)
    for bound, what in BOUNDS.items():
        yield f"| {what} | {PER_CLOCK[bound]} | {rate(at_most[bound])} | {rate(at_best[bound])} |\n"


def in_turn(units, occupied):
    """Events/s when a warp waits for each instruction before the next, and memory for nobody."""
    clocks = (units["f64"] * LATENCY["f64"]) + ((units["all"] - units["f64"]) * LATENCY["other"])
    return CHIP["multiprocessors"] * occupied["warps"] * 32 * CHIP["clock_hz"] / clocks


def paragraph(*sentences):
    return textwrap.fill(" ".join(sentences), 130, break_long_words=False, break_on_hyphens=False) + "\n\n"


def how_counted(counts, version):
    return paragraph(
        f"Written by `bench/gpu/model.py`; nothing in it was timed. Instructions are those of single stages "
        f"(`bench/gpu/stages.cu`) as nvcc {version} compiles them for sm_90, less those of a kernel without a stage: "
        f"straight code counted once, branches within a stage as if both ways were taken, divisions and roots without "
        f"their slow paths, the loops of a plane over triggers and counters once. The body of the loop over field "
        f"steps counts {counts['steps']} times for a muon that enters the magnet. How often a stage runs is counted "
        f"by `zps_stage_counts` in {counts['masses']} masses x {counts['events_per_mass']} events: \"runs\" by muons, "
        f"\"paid\" by warps of 32 muons, since a warp spends the time of all as soon as one of them needs a stage (in "
        f"a row of several stages: the first, for matter the crossings).")


def life(costs, counts, paid):
    s = counts["stages"]
    met = ", ".join(f"{share(m['lanes'])} meet the {name} ({share(m['warps'])} pay for it)"
                    for name, m in counts["matter"].items())
    name, m = max(counts["matter"].items(), key=lambda pair: pair[1]["warps"] - pair[1]["lanes"])
    waste = (m["warps"] - m["lanes"]) * costs["matter"]["all"] / paid["all"]
    return paragraph(
        f"Of the generated events {share(s['exit']['lanes'])} leave the target, {met}, {share(s['field']['lanes'])} "
        f"enter the magnet: {number(s['step']['lanes'])} field steps and {number(lookups(s))} lookups per event. What "
        f"muons wait for others at the {name} is {share(waste)} of all instructions.")


def shared_kib(counts, occupied):
    return occupied["blocks"] * (occupied["queues"] + counts["row_bytes"]) / 1024


def room(counts, kernels, occupied):
    n = len(kernels["zps_cuda_items"])
    return paragraph(
        f"The kernel `zps_cuda_items` is {n} instructions, {n * 16 // 1024} KiB, most of them without a loop around "
        f"them: fetching them is not in this model. {occupied['registers']} registers leave {occupied['blocks']} "
        f"blocks of {occupied['block']}, {occupied['warps']} of 64 warps, on a multiprocessor; their shared memory is "
        f"{shared_kib(counts, occupied):.0f} of {CHIP['shared_kib']} KiB.")


def lookups(stages):
    """Per event: one on entry, two in each step."""
    return stages["field"]["lanes"] + (2 * stages["step"]["lanes"])


def limits():
    flops = 2 * CHIP["multiprocessors"] * CHIP["clock_hz"] * PER_CLOCK["f64"]
    return paragraph(
        f"Limits of an H200 SXM: 34 TFLOP/s f64 outside the tensor cores, 4.8 TB/s of HBM3e (NVIDIA H200 datasheet), "
        f"50 MB of L2. Lanes per clock and multiprocessor: CUDA C++ Programming Guide, compute capability 9.0. Taken, "
        f"and to be checked on the chip: {CHIP['multiprocessors']} multiprocessors at {CHIP['clock_hz'] / 1e9:.2f} "
        f"GHz (so {flops / 1e12:.1f} TFLOP/s, an fma being two operations; there is none here but in divisions and "
        f"roots), one cache line per clock from the first-level cache.")


def guess(needed, paid, occupied):
    at_most = bounds(paid)
    least = min(at_most, key=at_most.get)
    slow = in_turn(paid, occupied)
    return paragraph(
        f"The least bound is {BOUNDS[least]}: {rate(at_most[least])} events/s. A warp that waited for each of its "
        f"instructions, {LATENCY['f64']} clocks for f64 and {LATENCY['other']} for others (taken), with its "
        f"{occupied['warps'] - 1} neighbours to fill in, would come to {rate(slow)}. Instructions that do not need "
        f"each other make it faster; latency of memory, fetching of instructions, barriers and conflicting atomics "
        f"slower. So a guess and no more: {rate(slow)} whole events/s, uncertain by a factor of 3 ({rate(slow / 3)} "
        f"to the least bound, {rate(at_most[least])}). The aim of 2e8 is {share(2e8 / at_most[least])} of the least "
        f"bound. Lanes that wait for others are {share(1 - (needed['f64'] / paid['f64']))} of the f64 arithmetic.")


def misses(counts, paid, occupied):
    left = CHIP["cache_kib"] - shared_kib(counts, occupied)
    return paragraph(
        f"Of the {CHIP['cache_kib']} KiB that cache and shared memory have together (taken) {left:.0f} are left for "
        f"the tables. Were every read of every lane 32 bytes from L2, at {CHIP['l2_bytes_per_s'] / 1e12:.1f} TB/s "
        f"(taken), that alone would hold events at {rate(CHIP['l2_bytes_per_s'] / (32 * paid['global']))} a second. "
        f"HBM does not bind: map and tables stay in L2, and the {counts['row_bytes']} bytes of a row leave once per "
        f"item of work.")


def aim_of_lookups(costs, counts, paid, occupied):
    n = lookups(counts["stages"])
    step = {bound: 2 * x for bound, x in bounds(costs["step"]).items()}
    least = min(step, key=step.get)
    return paragraph(
        f"The aim of 3e10 lookups/s is one for a job that is all field. With {number(n)} lookups in an event it would "
        f"be {rate(3e10 / n)} events/s; the guess stands for {rate(n * in_turn(paid, occupied))} lookups/s, 2e8 "
        f"events/s for {rate(2e8 * n)}. Field steps alone (`process.kind=none` comes near: part `operations` of the "
        f"suite) are bound by {BOUNDS[least]}, {rate(step[least])} lookups/s, and by f64 arithmetic, "
        f"{rate(step['f64'])}.")


def section(options):
    nvcc, *listers = [tool(name) for name in ["nvcc", "cuobjdump", "nvdisasm"]]
    version = re.search(r"release ([\d.]+)", subprocess.run([nvcc, "--version"], capture_output=True, text=True).stdout)
    counts = stage_counts(options)
    kernels = compile_stages(nvcc, *listers)
    costs, occupied = stage_costs(kernels), occupancy()
    stages = [stage for row in ROWS.values() for stage in row]
    if sorted(stages) != sorted(counts["stages"]):
        sys.exit(f"model.py: ROWS has other stages than {options.program}")
    paid, needed = (per_event(costs, counts, stages, of) for of in ["warps", "lanes"])
    return "".join([
        how_counted(counts, version.group(1)), life(costs, counts, paid), room(counts, kernels, occupied),
        *table_of_stages(costs, counts), "\n", limits(), *table_of_bounds(paid, needed), "\n",
        guess(needed, paid, occupied), misses(counts, paid, occupied),
        aim_of_lookups(costs, counts, paid, occupied).rstrip("\n"), "\n"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build" / "zps_stage_counts"))
    parser.add_argument("--job", default=ROOT / "grids" / "na64mu-2022.yaml")
    parser.add_argument("--events", type=int, default=16384, help="of each mass (16384)")
    parser.add_argument("--print", action="store_true", help="print it, write nothing")
    options = parser.parse_args()
    text = section(options)
    if options.print:
        print(text, end="")
    else:
        performance.put("gpu-model", text)


if __name__ == "__main__":
    main()
