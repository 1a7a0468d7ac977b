#!/usr/bin/env python3
"""How close the 2022 job comes to the published numbers, and what each uncertain parameter does to them.

    tests/physics/closure_with_letter.py build/zpscan [--events 200000] [--write docs/validation.md]

Runs grids/na64mu-2022.yaml at a few masses, once as it is and once per parameter below with that one changed, takes
limits with the letter's method (asymptotic), and prints a Markdown section; --write puts it between the marks in the
file. All runs generate all x (x_min: 0), so that cuts which move the lowest x do not change the random numbers. Nothing
is fitted. Published numbers: docs/physics.md, section 8 (PRL 132, 211803).
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import marked_section

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOB = ROOT / "grids" / "na64mu-2022.yaml"
MARKS = ("<!-- closure: begin -->", "<!-- closure: end -->")
MASSES = [0.01, 0.04, 0.1, 0.12, 0.3, 0.4, 0.5, 0.7]
MAXIMUM_AMONG = [0.3, 0.4, 0.5, 0.7]
PUBLISHED_YIELDS = {0.01: 9.67, 0.04: 3.89, 0.1: 1.52, 0.5: 0.101}
N_MOT = 1.98e10

Z_MS2, Z_S4, Z_HCAL, Z_SMU = 2700, 8374, 8474, 11788
HCAL_MODULE_MM = 1632

TRACKERS = "".join(
    f"  - {{name: MM{5 + i}, kind: plane, start_mm: {z}, width_mm: 200, height_mm: 80, required: true}}\n"
    for i, z in enumerate((5000, 5300, 5600)))
BEHIND_MAGNET = "  # 4574 mm after the centre of MS2"


def moved(ms2=0, s4=0, smu=0):
    """Each moves with all that stands behind it."""
    return {"layout.MS2.start_mm": Z_MS2 + ms2, "layout.S4.start_mm": Z_S4 + ms2 + s4,
            "layout.HCAL.start_mm": Z_HCAL + ms2 + s4, "layout.Smu.start_mm": Z_SMU + ms2 + s4 + smu}


def hcal(n_modules):
    return {"layout.HCAL.n_modules": n_modules, "layout.Smu.start_mm": Z_SMU + (n_modules - 2) * HCAL_MODULE_MM}


def both(key, value):
    return {f"triggers.{t}.{key}": value for t in ("smu152", "smu117")}


RESPONSE_1 = {"layout.VHCAL.response": 1, "layout.HCAL.response": 1}

# Name, settings, text put before the line BEHIND_MAGNET.
VARIANTS = [
    ("target to MS2: -500 mm", moved(ms2=-500), ""),
    ("target to MS2: +500 mm", moved(ms2=500), ""),
    ("MS2 to S4: -500 mm", moved(s4=-500), ""),
    ("MS2 to S4: +500 mm", moved(s4=500), ""),
    ("S4 to S_mu: +500 mm", moved(smu=500), ""),
    ("divergence 0.1 mrad", {"beam.sigma_tx_mrad": 0.1, "beam.sigma_ty_mrad": 0.1}, ""),
    ("divergence 0.6 mrad", {"beam.sigma_tx_mrad": 0.6, "beam.sigma_ty_mrad": 0.6}, ""),
    ("hole of the VHCAL: none", {"layout.VHCAL.hole_mm": 0}, ""),
    ("hole of the VHCAL: 120 mm", {"layout.VHCAL.hole_mm": 120}, ""),
    ("HCAL 1 module deep", hcal(1), ""),
    ("HCAL 4 modules deep", hcal(4), ""),
    ("HCAL 4 modules deep, response 1", {**hcal(4), **RESPONSE_1}, ""),
    ("MM5-7 required, 5.0 to 5.6 m", {}, TRACKERS),
    ("p_out below 70 GeV", {"selection.p_out_max_gev": 70}, ""),
    ("p_out below 90 GeV", {"selection.p_out_max_gev": 90}, ""),
    ("E_CAL below 9 GeV", {"selection.e_cal_max_gev": 9}, ""),
    ("E_CAL below 15 GeV", {"selection.e_cal_max_gev": 15}, ""),
    ("VHCAL and HCAL response 1", RESPONSE_1, ""),
    ("tracking factor 0.8", both("tracking_factor", 0.8), ""),
    ("scattering without tails (highland)", {"matter.scattering": "highland"}, ""),
    ("energy loss without fluctuations (mean)", {"matter.loss": "mean"}, ""),
    ("emission ww", {"process.model": "ww"}, ""),
]


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done.stdout


def write_job(folder, name, inserted):
    text = JOB.read_text()
    text = re.sub(r"mass_gev: \{.*\}", f"mass_gev: {MASSES}", text)
    assert text.count(BEHIND_MAGNET) == 1
    path = folder / f"{name}.yaml"
    path.write_text(text.replace(BEHIND_MAGNET, inserted + BEHIND_MAGNET))
    return path


def measure(program, folder, name, settings, inserted, events):
    """The numbers one variant gives."""
    job, result = write_job(folder, name, inserted), folder / f"{name}.h5"
    options = [f"--set={key}={value}" for key, value in settings.items()]
    run(program, "run", job, "--set=process.x_min=0", *options, "--events", events, "--quiet", "-o", result)
    info = json.loads(run(program, "info", result, "--json"))
    numbers = {}
    for mass in info["masses"]:
        smu152 = mass["triggers"][0]
        width = smu152["efficiency_hi"] - smu152["efficiency_lo"]
        numbers["error", mass["mass_gev"]] = 50 * width / smu152["efficiency"]
    for i, trigger in enumerate(("smu152", "smu117")):
        numbers[trigger] = max(100 * m["triggers"][i]["efficiency"] for m in info["masses"]
                               if m["mass_gev"] in MAXIMUM_AMONG)
    for method in ("asymptotic", "exact"):
        limits = json.loads(run(program, "limit", result, "--method", method, "--json"))
        for mass in limits["masses"]:
            numbers[method, mass["mass_gev"]] = mass["g90_observed"]
            numbers["g2", mass["mass_gev"]] = mass["g2_band_2_sigma"][0]
    for mass in info["masses"]:
        numbers["produced", mass["mass_gev"]] = N_MOT * info["nuclei_per_pb"] * mass["sigma_pb"] * 1e-8
    track = json.loads(run(program, "track", job, *options, "--p-gev", 160, "--no-matter", "--json"))
    numbers["x_s4"] = next(p["x_mm"] for p in track["planes"] if p["name"] == "S4")
    return numbers


def anchor_lines(n):
    yield "| published | value | here | ratio |"
    yield "|---|---|---|---|"
    for trigger in ("smu152", "smu117"):
        yield f"| largest efficiency, {trigger} | ~12 % | {n[trigger]:.1f} % | {n[trigger] / 12:.2f} |"
    yield f"| x at S4, 160 GeV | -12.0 mm | {n['x_s4']:.2f} mm | {n['x_s4'] / -12.0:.3f} |"
    for mass, value in PUBLISHED_YIELDS.items():
        here = n["produced", mass]
        yield f"| Z' produced at the nominal momentum, {1e3 * mass:g} MeV, g = 1e-4 | {value} | {here:.3g} | {here / value:.3f} |"
    for mass, value, words in ((0.04, 5.5e-4, "5-6e-4 (crosses the g-2 band near 40 MeV)"),
                               (0.12, 4.4e-4, "4.4e-4 (y < 6e-12)")):
        here, exact = n["asymptotic", mass], n["exact", mass]
        yield (f"| g, {1e3 * mass:g} MeV | {words} | {here:.2e} asymptotic, {exact:.2e} exact "
               f"| {here / value:.2f}, {exact / value:.2f} |")


def percent(now, base):
    return f"{100 * (now / base - 1):+.1f}"


def variant_lines(base, measured):
    yield "| changed alone | max. eff. smu152 | smu117 | g, 40 MeV | g, 120 MeV | x at S4 |"
    yield "|---|---|---|---|---|---|"
    yield (f"| nothing | {base['smu152']:.1f} % | {base['smu117']:.1f} % | {base['asymptotic', 0.04]:.2e} "
           f"| {base['asymptotic', 0.12]:.2e} | {base['x_s4']:.2f} mm |")
    for name, n in measured:
        changes = [percent(n[key], base[key]) for key in
                   ("smu152", "smu117", ("asymptotic", 0.04), ("asymptotic", 0.12), "x_s4")]
        yield f"| {name} | " + " | ".join(changes) + " |"


def section(program, events):
    with tempfile.TemporaryDirectory(prefix="zpscan-closure-") as name:
        folder = pathlib.Path(name)
        base = measure(program, folder, "base", {}, "", events)
        measured = []
        for i, (title, settings, inserted) in enumerate(VARIANTS):
            print(title, file=sys.stderr, flush=True)
            measured.append((title, measure(program, folder, f"variant{i}", settings, inserted, events)))
    yield MARKS[0]
    yield (f"Written by tests/physics/closure_with_letter.py from runs of grids/na64mu-2022.yaml with {events} events "
           "per mass; limits at 90 % CL.")
    yield ""
    yield from anchor_lines(base)
    yield ""
    above = [m for m in MASSES if base["asymptotic", m] > base["g2", m]]
    first = f"first at {1e3 * above[0]:g} MeV" if above else f"at none of these masses, up to {1e3 * MASSES[-1]:g} MeV"
    yield (f"At 40 MeV the lower 2-sigma edge of the g-2 band is at {base['g2', 0.04]:.2e}; the asymptotic limit lies "
           f"above that edge {first}.")
    yield ""
    errors = ", ".join(f"{base['error', m]:.1f} % at {1e3 * m:g} MeV" for m in (0.04, 0.12, 0.5))
    yield ("Changes in percent when one parameter alone is changed, with the same random numbers throughout. "
           f"Statistical errors of the efficiency itself (smu152) are {errors}, of g half of that; those of the "
           "changes are smaller.")
    yield ""
    yield from variant_lines(base, measured)
    yield MARKS[1]


if __name__ == "__main__":
    marked_section.main(__doc__, 200000, MARKS, section)
