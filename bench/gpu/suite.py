"""The parts of gpu_suite.sh: each runs programs, and leaves one record in parts.jsonl. Standard library only."""
import argparse
import contextlib
import csv
import glob
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NO_DEVICE = 77
JOBS = ["quick", "na64mu-2022", "na64mu-2022-deep"]
# Every muon is dropped right after emission: none can come out below 1 GeV.
EMISSION_ONLY = ["process.x_min=0.2", "selection.p_out_max_gev=1"]


class Failed(Exception):
    """A part whose result is wrong."""


class Refused(Exception):
    """A part this machine does not let run."""


class Suite:
    def __init__(self, options):
        self.o = options
        self.engine = options.engine
        self.scratch = tempfile.mkdtemp(prefix="zpscan-suite-")
        os.makedirs(options.out, exist_ok=True)
        self.parts_path = os.path.join(options.out, "parts.jsonl")
        self.log = open(os.path.join(options.out, "suite.log"), "a")

    def program(self, *path):
        return os.path.join(self.o.bin, *path)

    def call(self, command, timeout=300, may_fail=False):
        """Runs a command in the root of the tree: (exit status, output, seconds)."""
        self.log.write("$ " + " ".join(command) + "\n")
        self.log.flush()
        start = time.monotonic()
        try:
            p = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
            status, output = p.returncode, p.stdout.decode(errors="replace")
        except subprocess.TimeoutExpired as e:
            status, output = 124, (e.stdout or b"").decode(errors="replace") + f"\nstopped after {timeout} s"
        except OSError as e:
            status, output = 127, str(e)
        seconds = time.monotonic() - start
        self.log.write(output + f"\n[{status}, {seconds:.2f} s]\n")
        self.log.flush()
        if status != 0 and not may_fail:
            raise Failed(f"{os.path.basename(command[0])}: exit status {status}: {last_line(output)}")
        return status, output, seconds

    def events(self, full, small):
        return small if self.o.small else full

    def run_job(self, job, engine, *arguments, name=None):
        """zpscan run on an engine: hashes and times, with the wall time of the whole program."""
        path = os.path.join(self.scratch, (name or f"{job}-{engine}") + ".h5")
        seconds = self.call([self.program("zpscan"), "run", f"grids/{job}.yaml", "--engine", engine, "--quiet",
                             "-o", path, *(arguments or ["--force"])])[2]
        info = json.loads(self.call([self.program("zpscan"), "info", path, "--json"])[1])
        keep = ["engine", "engine_detail", "tally_hash", "content_hash", "table_hash", "map_hash", "wall_s", "setup_s"]
        result = {k: info[k] for k in keep}
        result.update(program_s=seconds, events=sum(m["events"] for m in info["masses"]))
        result["events_per_s"] = result["events"] / seconds
        return result

    def rate(self, engine, job, events, repeats, *settings):
        """zps_engine_rate: events per second with the tables on the device, and of the kernel alone."""
        r = json.loads(self.call([self.program("zps_engine_rate"), engine, f"grids/{job}.yaml", str(events),
                                  str(repeats), *settings])[1].strip().splitlines()[-1])
        if r["trouble"]:
            raise Failed("the device failed: " + r["trouble"])
        total = r["events_per_mass"] * r["n_mass"]
        r["events_per_s"] = total / median([x["wall_s"] for x in r["runs"]])
        r["kernel_events_per_s"] = total / median([x["kernel_s"] for x in r["runs"]])
        return r


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else 0.5 * (values[middle - 1] + values[middle])


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no output"


def must_equal(what, a, b):
    if a != b:
        raise Failed(f"{what} differs: {a} and {b}")


# The parts. Each returns what its record holds.


def facts(s):
    query = "name,driver_version,memory.total,power.limit,clocks.max.sm,clocks.max.memory,ecc.mode.current,pci.bus_id"
    status, smi, _ = s.call(["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader,nounits"], 60, True)
    devices = [dict(zip(query.split(","), [v.strip() for v in line.split(",")])) for line in smi.strip().splitlines()]
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    nvcc, version, _ = s.call(["nvcc", "--version"], 60, True)
    return {
        "devices": devices if status == 0 else [],
        "cpu": model.group(1) if model else "unknown",
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.release()}",
        "nvcc": last_line(version) if nvcc == 0 else "none",
        "build": json.loads(s.call([s.program("zpscan"), "info", "--json"])[1]),
    }


def test_program(*path):
    def part(s):
        arguments = [s.engine] if s.engine != "cuda" and path[-1] == "test_gpu_parity" else []
        status, output, _ = s.call([s.program(*path), *arguments], 180, True)
        if status == NO_DEVICE:
            raise Refused(last_line(output))
        if status != 0:
            failed = re.findall(r"\[  FAILED  \] (\S+)", output)
            raise Failed(f"exit status {status}: " + (", ".join(failed) or last_line(output)))
        return {"passed": len(re.findall(r"\[       OK \]", output))}
    return part


def parity(job):
    def part(s):
        n = ["--force", "--events", str(s.events(20000, 300))]
        cpu = s.run_job(job, "cpu", *n)
        device = s.run_job(job, s.engine, *n)
        other = s.run_job(job, s.engine, *n, "--set", "run.tile_events=1000", name=f"{job}-small-tiles")
        for key in ["table_hash", "map_hash", "tally_hash", "content_hash"]:
            must_equal(f"{job}: {key}, cpu and {s.engine}", cpu[key], device[key])
        must_equal(f"{job}: tally_hash, two tile sizes", device["tally_hash"], other["tally_hash"])
        return {"cpu": cpu, s.engine: device}
    return part


def parity_processes(s):
    out = {}
    for setting in ["process.model=ww", "process.model=iww", "process.kind=none"]:
        n = s.events(100000, 300)
        want, got = (s.rate(e, "quick", n, 1, setting)["tallies"] for e in ["cpu", s.engine])
        must_equal(f"quick, {setting}: tallies", want, got)
        out[setting] = got
    return out


def parity_extend(s):
    """Half of a run on one engine, half on the other, in both orders."""
    n = s.events(20000, 300)
    whole = s.run_job("quick", "cpu", "--force", "--events", str(n), name="whole")
    for first, second in [("cpu", s.engine), (s.engine, "cpu")]:
        name = f"{first}-then-{second}"
        s.run_job("quick", first, "--force", "--events", str(n // 2), name=name)
        both = s.run_job("quick", second, "--extend", "--events", str(n), name=name)
        must_equal(f"tally_hash, {name}", whole["tally_hash"], both["tally_hash"])
    return {"tally_hash": whole["tally_hash"]}


@contextlib.contextmanager
def watched_clocks(samples):
    """Clock, power and load of the device every 0.2 s, while something runs."""
    command = ["nvidia-smi", "--query-gpu=clocks.sm,power.draw,utilization.gpu", "--format=csv,noheader,nounits",
               "-lms", "200"]
    watcher = None
    if shutil.which(command[0]):
        watcher = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        if watcher:
            watcher.terminate()
            for line in watcher.communicate()[0].decode().splitlines():
                samples.append([v.strip() for v in line.split(",")])


def rates(s):
    """Events per second of na64mu-2022 over sizes, tables on the device; all CPU cores beside it."""
    out = {s.engine: {}, "cpu": {}, "clocks": []}
    for n, repeats in s.events([(100000, 5), (1000000, 3)], [(200, 2), (400, 1)]):
        out[s.engine][n] = s.rate(s.engine, "na64mu-2022", n, repeats)
    for n in s.events([100000, 1000000], [200]):
        out["cpu"][n] = s.rate("cpu", "na64mu-2022", n, 1)
        must_equal(f"na64mu-2022, {n} events per mass: tallies", out["cpu"][n]["tallies"], out[s.engine][n]["tallies"])
    with watched_clocks(out["clocks"]):
        n = s.events(10000000, 600)
        out[s.engine][n] = s.rate(s.engine, "na64mu-2022", n, 2)
    return out


def end_to_end(s):
    """The same as whole runs of the program: tables, engine, journal, result file."""
    out = {s.engine: {}, "cpu": {}}
    for engine, sizes in [(s.engine, s.events([100000, 1000000, 10000000], [200, 400])),
                          ("cpu", s.events([100000, 1000000], [200]))]:
        for n in sizes:
            out[engine][n] = s.run_job("na64mu-2022", engine, "--force", "--events", str(n))
    for n in out["cpu"]:
        must_equal(f"na64mu-2022, {n} events per mass: content_hash", out["cpu"][n]["content_hash"],
                   out[s.engine][n]["content_hash"])
    return out


def operations(s):
    """Field lookups and emission samples per second, from jobs that do little else."""
    out = {}
    for engine, n in [(s.engine, s.events(10000000, 500)), ("cpu", s.events(200000, 500))]:
        field = s.rate(engine, "quick", n, 2, "process.kind=none")
        emission = s.rate(engine, "quick", n, 2, *EMISSION_ONLY)
        out[engine] = {"field": field, "emission": emission,
                       "lookups_per_s": field["kernel_events_per_s"] * field["lookups_per_muon"],
                       "samples_per_s": emission["kernel_events_per_s"]}
    return out


def tile_sizes(s):
    out = {}
    for tile in [8192, 65536, 524288]:
        out[tile] = s.rate(s.engine, "na64mu-2022", s.events(1000000, 300), 3, f"run.tile_events={tile}")
    return out


def variants(s):
    """Launch bounds beside those of the engine: threads of a block x blocks of a multiprocessor, in turns."""
    if s.engine != "cuda":
        raise Refused("runs with engine cuda only")
    with open(os.path.join(ROOT, "CMakePresets.json")) as f:
        presets = {p["name"]: p for p in json.load(f)["configurePresets"]}
    names = ["cuda", *("cuda-" + v for v in presets["static"]["cacheVariables"]["ZPS_CUDA_VARIANTS"].split(";"))]
    out = {name: {"turns": []} for name in names}
    for name in [*names, *names]:  # twice: a difference smaller than that between the turns is noise
        out[name]["turns"].append(s.rate(name, "na64mu-2022", s.events(1000000, 300), 3))
        must_equal(f"{name}: tallies", out[name]["turns"][-1]["tallies"], out["cuda"]["turns"][0]["tallies"])
    return out


def toolkit_program(name):
    """The path of a program of the toolkit, also where that is not on PATH; None without."""
    patterns = ["/usr/local/cuda*/bin", "/usr/local/cuda*/compute-sanitizer", "/opt/nvidia/nsight-compute/*"]
    folders = [folder for pattern in patterns for folder in sorted(glob.glob(pattern), reverse=True)]
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *folders]))


def profile(s):
    """What the counters of the chip say of one launch of the kernel: every metric of every section of the profiler."""
    program = toolkit_program("ncu")
    if not program:
        raise Refused("ncu is not installed")
    if s.engine != "cuda":
        raise Refused("runs with engine cuda only")
    status, output, _ = s.call([program, "--clock-control", "none", "--set", "full", "--kernel-name", "zps_cuda_items",
                                "--launch-count", "1", "--csv", "--page", "details", s.program("zps_engine_rate"),
                                "cuda", "grids/na64mu-2022.yaml", "100000", "1"], 90, True)
    metrics = metrics_of(output)
    if status != 0 or not metrics:
        raise Refused(last_line(output))
    return metrics


def metrics_of(output):
    """{section: {metric: "value unit"}} of the profiler's table, which follows what it and the program print."""
    lines = output.splitlines()
    start = next((i for i, line in enumerate(lines) if "Metric Name" in line), len(lines))
    out = {}
    for row in csv.DictReader(lines[start:]):
        if row.get("Metric Name") and row.get("Metric Value"):
            value = f"{row['Metric Value']} {row.get('Metric Unit') or ''}".strip()
            out.setdefault(row.get("Section Name") or "", {})[row["Metric Name"]] = value
    return out


def dense(s):
    """1000 masses x 1000 couplings; the check by few events of every mass."""
    small = s.events(2000, 100)
    masses = s.events([], ["scan.mass_gev.points=20"])
    want, got = (s.rate(e, "dense", small, 1, *masses)["tallies"] for e in ["cpu", s.engine])
    must_equal(f"dense, {small} events per mass: tallies", want, got)
    settings = [x for m in masses for x in ("--set", m)]
    n = s.events(1000000, 100)
    return {s.engine: s.run_job("dense", s.engine, "--force", "--events", str(n), *settings)}


def sanitizer(tool):
    def part(s):
        program = toolkit_program("compute-sanitizer")
        if not program:
            raise Refused("compute-sanitizer is not installed")
        if s.engine != "cuda":
            raise Refused("runs with engine cuda only")
        path = os.path.join(s.scratch, "sanitizer.h5")
        status, output, _ = s.call([program, "--tool", tool, s.program("zpscan"), "run", "grids/quick.yaml",
                                    "--engine", "cuda", "--masses", "1:2", "--events", "1000", "--set",
                                    "run.tile_events=300", "--force", "--quiet", "-o", path], 60, True)
        summary = re.search(r"(ERROR|RACECHECK) SUMMARY: (\d+) .*", output)
        if not summary or status == 124:
            raise Refused(last_line(output))
        if summary.group(2) != "0" or status != 0:
            raise Failed(summary.group(0))
        return {"summary": summary.group(0)}
    return part


def cpu_bench(s):
    return json.loads(s.call([s.program("zpscan"), "bench", "--quick", "--json", *s.events([], ["grids/quick.yaml"])], 120)[1])


# Name, seconds it may need, what it does; the most wanted first.
PARTS = [
    ("facts", 5, facts),
    ("test_gpu_parity", 60, test_program("tests", "gpu", "test_gpu_parity")),
    ("test_device_engine", 60, test_program("tests", "parity", "test_device_engine")),
    *[(f"parity_{job}", 20, parity(job)) for job in JOBS],
    ("parity_processes", 20, parity_processes),
    ("parity_extend", 15, parity_extend),
    ("rates", 80, rates),
    ("operations", 30, operations),
    ("end_to_end", 60, end_to_end),
    ("dense", 60, dense),
    ("variants", 40, variants),
    ("profile", 90, profile),
    ("tile_sizes", 20, tile_sizes),
    *[(f"sanitizer_{tool}", 60, sanitizer(tool)) for tool in ["memcheck", "racecheck", "initcheck"]],
    ("cpu_bench", 40, cpu_bench),
]


def read_records(path):
    """The last record of each part."""
    records = {}
    if os.path.exists(path):
        with open(path) as f:
            for line in f:
                with contextlib.suppress(ValueError):
                    record = json.loads(line)
                    records[record["part"]] = record
    return records


def do_part(suite, name, function):
    start = time.monotonic()
    record = {"part": name, "status": "done", "engine": suite.engine, "small": suite.o.small}
    try:
        record["data"] = function(suite)
    except Refused as e:
        record.update(status="refused", reason=str(e))
    except Failed as e:
        record.update(status="failed", reason=str(e))
    except Exception as e:  # a part must not take the others with it
        record.update(status="failed", reason=f"{type(e).__name__}: {e}")
    record["seconds"] = round(time.monotonic() - start, 2)
    with open(suite.parts_path, "a") as f:
        f.write(json.dumps(record) + "\n")
    print(f"{name:26} {record['status']:8} {record['seconds']:7.1f} s  {record.get('reason', '')}", flush=True)


def engine_reason(suite):
    """"" when the engine opens here, or why not."""
    info = json.loads(suite.call([suite.program("zpscan"), "info", "--json"])[1])
    for engine in info["engines"]:
        if engine["name"] == suite.engine:
            return "" if engine["available"] else engine["reason"]
    return f"engine {suite.engine} is unknown"


# The table.


def rows_of_rates(data, engine):
    for name in [engine, "cpu"]:
        for n, r in data[name].items():
            yield (f"{name}, {int(n):g} events per mass", f"{r['kernel_events_per_s']:.4g}", f"{r['events_per_s']:.4g}",
                   f"{r['plan_s'] + r['open_s']:.2f}")


def ratio(data, engine, key):
    """Of the engine to all CPU cores, at the largest size both ran."""
    common = [n for n in data["cpu"] if n in data[engine]]
    return data[engine][common[-1]][key] / data["cpu"][common[-1]][key] if common else None


def table(records, engine):
    lines = []
    data = {name: r["data"] for name, r in records.items() if r["status"] == "done"}
    if "facts" in data:
        f = data["facts"]
        device = f["devices"][0] if f["devices"] else {}
        lines.append(f"{len(f['devices'])} x {device.get('name', 'no GPU')}, driver {device.get('driver_version', '-')}, "
                     f"{f['cpu']}, {f['cores']} cores")
    lines += ["", f"{'part':26} {'status':8} {'s':>7}"]
    for name, _, _ in PARTS:
        r = records.get(name, {"status": "missing", "seconds": 0.0})
        lines.append(f"{name:26} {r['status']:8} {r['seconds']:7.1f}  {r.get('reason', '')}".rstrip())
    if "rates" in data:
        lines += ["", f"{'na64mu-2022, events/s':38} {'kernel':>10} {'engine':>10} {'tables/s':>9}"]
        lines += [f"{a:38} {b:>10} {c:>10} {d:>9}" for a, b, c, d in rows_of_rates(data["rates"], engine)]
        lines.append(f"{engine} / all CPU cores: {ratio(data['rates'], engine, 'events_per_s'):.3g}")
    if "end_to_end" in data:
        lines += ["", f"{'na64mu-2022, whole program':38} {'events/s':>10} {'seconds':>10} {'tables/s':>9}"]
        for name in [engine, "cpu"]:
            for n, r in data["end_to_end"][name].items():
                lines.append(f"{name + f', {int(n):g} events per mass':38} {r['events_per_s']:>10.4g} "
                             f"{r['program_s']:>10.2f} {r['setup_s']:>9.2f}")
    if "operations" in data:
        lines += ["", f"{'':38} {'lookups/s':>10} {'samples/s':>10}"]
        for name, r in data["operations"].items():
            lines.append(f"{name:38} {r['lookups_per_s']:>10.4g} {r['samples_per_s']:>10.4g}")
    if "tile_sizes" in data:
        lines += ["", f"{'events in a tile':38} {'kernel':>10} {'engine':>10}"]
        for tile, r in data["tile_sizes"].items():
            lines.append(f"{tile:38} {r['kernel_events_per_s']:>10.4g} {r['events_per_s']:>10.4g}")
    if "variants" in data:
        lines += ["", f"{'threads x blocks':38} {'kernel':>10} {'engine':>10}"]
        for name, v in data["variants"].items():
            lines += [f"{name:38} {r['kernel_events_per_s']:>10.4g} {r['events_per_s']:>10.4g}" for r in v["turns"]]
    if "dense" in data:
        r = data["dense"][engine]
        lines += ["", f"dense: {r['events']:.4g} events in {r['program_s']:.2f} s, of which tables {r['setup_s']:.2f} s"]
    return "\n".join(lines) + "\n"


def device_name(records, engine):
    devices = records.get("facts", {}).get("data", {}).get("devices", [])
    name = devices[0]["name"] if engine == "cuda" and devices else engine
    count = f"-x{len(devices)}" if engine == "cuda" and len(devices) > 1 else ""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + count


def report(suite):
    # Through JSON, so that keys are the same whether a part ran just now or in an earlier call.
    records = read_records(suite.parts_path)
    text = table(records, suite.engine)
    with open(os.path.join(suite.o.out, "table.txt"), "w") as f:
        f.write(text)
    path = os.path.join(suite.o.out, device_name(records, suite.engine) + ".json")
    with open(path, "w") as f:
        json.dump({"engine": suite.engine, "small": suite.o.small, "parts": records}, f, indent=1)
        f.write("\n")
    print("\n" + text + f"\nwritten: {path}")
    return records


def build(options):
    for command in [["cmake", "--preset", "static"], ["cmake", "--build", "--preset", "static"]]:
        subprocess.run(command, cwd=ROOT, check=True)


def parse():
    p = argparse.ArgumentParser(prog="gpu_suite.sh", description="Tests, parity and benchmarks of the CUDA engine.")
    p.add_argument("--bin", default=os.path.join(ROOT, "out-static"), help="where the programs are (out-static)")
    p.add_argument("--out", default=os.path.join(ROOT, "out-gpu-suite"), help="where results go (out-gpu-suite)")
    p.add_argument("--engine", default="cuda", choices=["cuda", "check"])
    p.add_argument("--small", action="store_true", help="few events: to try the suite")
    p.add_argument("--seconds", type=float, default=450, help="start no part that may end after this (450)")
    p.add_argument("--only", default="", help="parts whose names start with this")
    p.add_argument("--again", action="store_true", help="forget the parts done in earlier calls")
    p.add_argument("--build", action="store_true", help="build the programs here first")
    p.add_argument("--report", action="store_true", help="run nothing, write table and JSON from parts.jsonl")
    o = p.parse_args()
    o.bin, o.out = os.path.abspath(o.bin), os.path.abspath(o.out)
    return o


def run_parts(suite):
    start = time.monotonic()
    if suite.o.again and os.path.exists(suite.parts_path):
        os.remove(suite.parts_path)
    earlier = read_records(suite.parts_path)
    left = 0
    for name, need, function in PARTS:
        fresh = earlier.get(name, {}).get("small") != suite.o.small or earlier[name]["engine"] != suite.engine
        if not name.startswith(suite.o.only) or not (fresh or earlier[name]["status"] == "failed"):
            continue
        if time.monotonic() - start + need > suite.o.seconds:
            print(f"{name:26} left for the next call")
            left += 1
            continue
        do_part(suite, name, function)
    return left


def main():
    options = parse()
    if options.build:
        build(options)
    if not options.report and not os.path.exists(os.path.join(options.bin, "zpscan")):
        sys.exit(f"gpu_suite.sh: {options.bin} holds no zpscan: build it there first (see the head of gpu_suite.sh), "
                 "or name its folder with --bin")
    suite = Suite(options)
    try:
        if not options.report:
            reason = engine_reason(suite)
            if reason:
                print(f"gpu_suite.sh: nothing to run: engine {options.engine}: {reason}")
                return NO_DEVICE
            run_parts(suite)
        records = report(suite)
    finally:
        suite.log.close()
        shutil.rmtree(suite.scratch)
    return 1 if any(r["status"] == "failed" for r in records.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
