#!/usr/bin/env python3
"""What the tails of scattering and energy loss do to the 2022 job, in numbers.

    tests/physics/matter_in_numbers.py build/zpscan [--events 400000] [--write docs/validation.md]

Runs grids/na64mu-2022.yaml at a few masses with both models of matter, without emission, and with p_out by the sagitta,
and prints a Markdown section; --write puts it between the marks in the file. Nothing is fitted. Published numbers:
docs/physics.md, sections 4 and 8. Needs python3-h5py.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy

import marked_section

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOB = ROOT / "grids" / "na64mu-2022.yaml"
MARKS = ("<!-- matter: begin -->", "<!-- matter: end -->")
MASSES = [0.01, 0.04, 0.12, 0.2, 0.5, 1]
INDEPENDENT_MODEL = [1.5, 3.6, 8.9, 13, 16, 12.5]  # physics.md, section 8: WW, Highland, mean losses, smu152
PUBLISHED_RATE = {"smu152": 0.04, "smu117": 0.07}
SIMPLE = ("--set=matter.scattering=highland", "--set=matter.loss=mean")
X_BELOW = [0.3, 0.4, 0.45, 0.5, 0.55]
E_CAL_EDGES = [0, 5, 6, 7, 8, 10, 12, 15, 20, 30, 60]

TRACKER = {"T1": 1100, "T2": 2650, "T3": 8300}
BEAM_MOMENTA = [40, 80, 160]
HIT_MM = 0.1


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done.stdout


def masses_run(program, folder, name, events, *settings):
    """The job at MASSES; its summary and its file."""
    path = folder / f"{name}.h5"
    run(program, "run", JOB, f"--set=scan.mass_gev={MASSES}", *settings, "--events", events, "--quiet", "-o", path)
    return json.loads(run(program, "info", path, "--json")), path


def trigger(summary, i_mass, name):
    return next(t for t in summary["masses"][i_mass]["triggers"] if t["name"] == name)


def row(title, values):
    return f"| {title} | " + " | ".join(values) + " |"


def head(first, columns):
    yield row(first, columns)
    yield "|---" * (len(columns) + 1) + "|"


def mass_head(first):
    return head(first, [f"{1e3 * m:g} MeV" for m in MASSES])


def efficiency_lines(full, simple, events):
    def percent(summary, name):
        return [f"{100 * trigger(summary, i, name)['efficiency']:.3g}" for i in range(len(MASSES))]

    yield f"Signal efficiency in percent, accidentals included, {events} events per mass:"
    yield ""
    yield from mass_head("")
    yield row("independent model, good to 5 % (physics.md, 8), smu152", [f"{v:g}" for v in INDEPENDENT_MODEL])
    for name in ("smu152", "smu117"):
        yield row(f"Highland, mean loss, {name}", percent(simple, name))
        yield row(f"Moliere, fluctuating loss, {name}", percent(full, name))
    yield row("smu117 / smu152", [f"{trigger(full, i, 'smu117')['efficiency'] / trigger(full, i, 'smu152')['efficiency']:.2f}"
                                  for i in range(len(MASSES))])


def e_cal_lines(full, path):
    yield ("E_CAL of muons that fire a trigger (in percent; `zpscan plot` draws it), and the share of the muons below the "
           "p_out cut that its cut leaves, a stage of the cut-flow (`accepted` over `soft`):")
    yield ""
    yield from mass_head("E_CAL")
    with h5py.File(path) as f:
        counts = f["histogram/in_coincidence/e_cal"][:].astype(float)
    edges = numpy.linspace(0, 60, counts.shape[1] + 1)
    for low, high in zip(E_CAL_EDGES[:-1], E_CAL_EDGES[1:]):
        inside = (edges[:-1] >= low) & (edges[1:] <= high)
        name = f"{low} to {high} GeV" if high < 60 else f"above {low} GeV"
        yield row(name, [f"{100 * c[inside].sum() / c.sum():.2f}" for c in counts])
    for name in ("smu152", "smu117"):
        yield row(f"cut at 12 GeV keeps, {name}",
                  [f"{100 * t['accepted'] / t['soft']:.2f}"
                   for t in (trigger(full, i, name) for i in range(len(MASSES)))])


def x_lines(program, folder, events):
    """Emission at small x among the accepted."""
    columns = []
    for mass in MASSES:
        path = folder / "events.h5"
        run(program, "events", JOB, f"--set=scan.mass_gev=[{mass}]", "--mass-gev", mass, "--events", events, "--force",
            "-o", path)
        with h5py.File(path) as f:
            k, hits, x = f["k"][:].astype(float), f["hits"][:], f["emission_x"][:]
            with numpy.errstate(invalid="ignore"):
                box = (f["fate"][:] == 0) & (f["p_out"][:] <= 80) & (f["e_cal"][:] < 12) & (k > 0)
            box &= ((hits & 3) == 3) | (((hits >> 4) & 3) == 3)
        columns.append((k[box], x[box]))
    yield (f"Share of the accepted events (either trigger) with emission at small x, {events} events per mass; below the "
           "first event seen, the upper limit at 90 % of none:")
    yield ""
    yield from mass_head("x below")
    for cut in X_BELOW:
        yield row(f"{cut}", [f"{k[x < cut].sum() / k.sum():.1e}" if (x < cut).any() else f"< {2.3 / len(k):.0e}"
                             for k, x in columns])
    yield row("smallest x", [f"{x.min():.3f}" for _, x in columns])


def beam_lines(program, folder, events):
    path = folder / "beam.h5"
    run(program, "run", JOB, "--set=process.kind=none", "--set=scan.mass_gev=[0.1]", "--events", 10 * events, "--quiet",
        "-o", path)
    mass = json.loads(run(program, "info", path, "--json"))
    yield (f"The beam without emission (`process.kind: none`), {10 * events} muons for the rates, {events} for the spot, which "
           "is that of muons that have not stopped, in mm:")
    yield ""
    yield from head("", ["smu152", "smu117"])
    triggers = [trigger(mass, 0, n) for n in PUBLISHED_RATE]
    yield row("trigger rate per beam muon", [f"{100 * t['in_coincidence'] / t['generated']:.4f}"
                                             f"({round(1e4 * 100 * t['in_coincidence']**0.5 / t['generated'])}) %"
                                             for t in triggers])
    yield row("measured [P]", [f"{v} %" for v in PUBLISHED_RATE.values()])
    yield row("in the signal box, of so many muons", [f"{t['accepted']}" for t in triggers])
    yield ""
    yield from head("unscattered spot", ["mean x", "rms x", "rms of the inner 99 % in x", "mean y", "rms y"])
    path = folder / "spot.h5"
    # A counter as wide as the plane: no muon is given up at S4.
    run(program, "events", JOB, "--set=process.kind=none", "--set=scan.mass_gev=[0.1]", "--mass-gev", 0.1, "--events",
        events, "--set=triggers.smu152.S4.edge_x_mm=4000", "--set=triggers.smu152.S4.width_mm=8000",
        "--set=triggers.smu152.S4.height_mm=8000", "-o", path)
    with h5py.File(path) as f:
        for plane in ("S4", "Smu"):
            x, y = f["plane"][plane]["x"][:], f["plane"][plane]["y"][:]
            x, y = x[~numpy.isnan(x)], y[~numpy.isnan(y)]
            inner = x[numpy.abs(x - numpy.median(x)) <= numpy.quantile(numpy.abs(x - numpy.median(x)), 0.99)]
            yield row(plane, [f"{v:.2f}" for v in (x.mean(), x.std(), inner.std(), y.mean(), y.std())])


def sagitta_job(folder):
    planes = {name: f"  - {{name: {name}, kind: plane, start_mm: {z}}}\n" for name, z in TRACKER.items()}
    text = JOB.read_text()
    text = text.replace("  # Integral [P]; everything else [A].", planes["T1"] + planes["T2"] + "  # Integral [P]; everything else [A].")
    text = text.replace("  # 4574 mm after the centre of MS2", planes["T3"] + "  # 4574 mm after the centre of MS2")
    text = text.replace("  e_cal_max_gev: 12\n",
                        f"  e_cal_max_gev: 12\n  sagitta: {{first: T1, middle: T2, last: T3, hit_mm: {HIT_MM}}}\n")
    path = folder / "sagitta.yaml"
    path.write_text(text)
    return path


def sagitta_lines(program, folder, events):
    job = sagitta_job(folder)
    yield (f"p_out by the sagitta of hits with {HIT_MM} mm at z = " +
           ", ".join(f"{z}" for z in TRACKER.values()) + " mm (positions of ours): p/p_out of a beam without emission")
    yield ""
    yield from head("beam", ["mean p/p_out", "width", "p_out cut of 80 GeV passed"])
    for p in BEAM_MOMENTA:
        path = folder / "sagitta.h5"
        run(program, "events", job, "--set=process.kind=none", "--set=scan.mass_gev=[0.1]", "--mass-gev", 0.1,
            f"--set=beam.p_gev={p}", "--set=beam.p_spread=0", "--set=selection.p_in_min_gev=1", "--events", events // 4,
            "--force", "-o", path)
        with h5py.File(path) as f:
            p_out, true = f["p_out"][:], f["plane"]["T1"]["p"][:]
        seen = ~numpy.isnan(p_out)
        ratio = true[seen] / p_out[seen]
        yield row(f"{p} GeV", [f"{ratio.mean():.4f}", f"{ratio.std():.4f}", f"{100 * (p_out[seen] <= 80).mean():.2f} %"])


def statistics_lines(path, events):
    yield "Effective sample size of the integer multiplicities, (sum k)^2/(N sum k^2):"
    yield ""
    yield from mass_head("")
    with h5py.File(path) as f:
        k, k2 = f["trigger/smu152/generated"][:].astype(float), f["trigger/smu152/generated_k2"][:].astype(float)
    yield row("", [f"{v:.3f}" for v in k * k / k2 / events])


def section(program, events):
    with tempfile.TemporaryDirectory(prefix="zpscan-matter-") as name:
        folder = pathlib.Path(name)
        full, full_path = masses_run(program, folder, "full", events)
        simple, _ = masses_run(program, folder, "simple", events, *SIMPLE)
        yield MARKS[0]
        yield ("Written by tests/physics/matter_in_numbers.py from runs of grids/na64mu-2022.yaml, seed "
               f"{full['seed']}, physics version {full['physics_version']}.")
        for lines in (efficiency_lines(full, simple, events), e_cal_lines(full, full_path),
                      beam_lines(program, folder, events), x_lines(program, folder, events),
                      sagitta_lines(program, folder, events), statistics_lines(full_path, events)):
            print("...", file=sys.stderr, flush=True)
            yield ""
            yield from lines
        yield MARKS[1]


if __name__ == "__main__":
    marked_section.main(__doc__, 400000, MARKS, section)
