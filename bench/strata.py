#!/usr/bin/env python3
"""What strata in the variables of an event would save: variance of the efficiency, from events of a run.

  strata.py [--program build/zpscan] [--job grids/na64mu-2022.yaml] [--events N] [MASS_GEV ...]

For each mass `zpscan events` gives N events with weight k, the x of the emission and the depth of the vertex. Cut into strata of equal
probability, an event is accepted with p_s in stratum s. Plain sampling has the variance p (1 - p)/N; strata with as many
events as their probability the mean of p_s (1 - p_s)/N; strata with the best number of events each (Neyman) the square of the mean of
sqrt(p_s (1 - p_s))/N. Printed: how many times fewer events the same error would take. Needs python3-h5py and python3-yaml.
"""

import argparse
import pathlib
import subprocess
import tempfile

import h5py
import numpy
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
N_STRATA = 32


def accepted_of(file, job):
    """1.0 where an event passes all of the first trigger and the signal box."""
    cuts, trigger = job["selection"], job["triggers"][0]
    good = (file["k"][:] > 0) & (file["p_in"][:] >= cuts["p_in_min_gev"]) & (file["p_in"][:] <= cuts["p_in_max_gev"])
    good &= (file["p_out"][:] <= cuts["p_out_max_gev"]) & (file["e_cal"][:] < cuts["e_cal_max_gev"])
    for counter in trigger["planes"]:
        plane = file["plane"][counter["plane"]]
        x, y = plane["x"][:], plane["y"][:]
        edge = counter["edge_x_mm"]
        good &= (x < edge) & (x >= edge - counter["width_mm"]) & (abs(y) < 0.5 * counter["height_mm"])
    return good


def gains(value, weight, accepted):
    """Ratios of variances, plain over strata in `value`: proportional, and with the best numbers."""
    order = numpy.argsort(value)
    probability = numpy.cumsum(weight[order]) / weight.sum()
    stratum = numpy.minimum((probability * N_STRATA).astype(int), N_STRATA - 1)
    total = numpy.bincount(stratum, weight[order], N_STRATA)
    p = numpy.bincount(stratum, (weight * accepted)[order], N_STRATA) / numpy.maximum(total, 1)
    share = total / total.sum()
    plain = (share * p).sum() * (1 - (share * p).sum())
    spread = numpy.sqrt(p * (1 - p))
    return plain / (share * spread**2).sum(), plain / (share * spread).sum() ** 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build" / "zpscan"))
    parser.add_argument("--job", default=str(ROOT / "grids" / "na64mu-2022.yaml"))
    parser.add_argument("--events", type=int, default=400000)
    parser.add_argument("masses", nargs="*", default=["0.003", "0.04", "0.2", "1"])
    arguments = parser.parse_args()
    job = yaml.safe_load(pathlib.Path(arguments.job).read_text())
    print("| mass [GeV] | accepted | x, as many as likely | x, best | depth, as many as likely | depth, best |\n|---|---|---|---|---|---|")
    for mass in arguments.masses:
        with tempfile.TemporaryDirectory(prefix="zpscan-strata-") as folder:
            out = pathlib.Path(folder) / "events.h5"
            subprocess.run([arguments.program, "events", arguments.job, "--mass-gev", mass, "--events", str(arguments.events),
                            "--set", f"scan.mass_gev=[{mass}]", "-o", str(out)], check=True, stdout=subprocess.DEVNULL)
            with h5py.File(out) as file:
                weight = file["k"][:].astype(float)
                accepted = accepted_of(file, job).astype(float)
                ratios = [*gains(file["emission_x"][:], weight, accepted), *gains(file["depth"][:], weight, accepted)]
        share = (weight * accepted).sum() / weight.sum()
        print(f"| {mass} | {100 * share:.2f} % | " + " | ".join(f"{r:.2f}" for r in ratios) + " |")


if __name__ == "__main__":
    main()
