#!/usr/bin/env python3
"""What strata in the variables of an event, or weights by x, save: variance of the efficiency, from events of a run.

  strata.py [--program build/zpscan] [--job grids/na64mu-2022.yaml] [--events N] [MASS_GEV ...]

For each mass `zpscan events` gives N events with weight k, the x of the emission and the depth of the vertex. Cut into strata of equal
probability, an event is accepted with p_s in stratum s. Plain sampling has the variance p (1 - p)/N; strata with as many
events as their probability the mean of p_s (1 - p_s)/N; strata with the best number of events each (Neyman) the square of the mean of
sqrt(p_s (1 - p_s))/N. Printed: how many times fewer events the same error would take.

The second table is about weights: events of columns of logit x drawn with other odds and k changed to make up for it
(docs/adr/0010-pilot.md). With shares f_i and efficiencies p_i, drawn with odds q_i, the variance of accepted/generated is
the sum of f_i^2/q_i [p_i (1 - p)^2 + (1 - p_i) p^2]/N. Needs python3-h5py and python3-yaml.
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
N_PILOT = 512  # events in every column, the default of process.pilot.events
N_PILOTS = 200  # of which the mean gain is taken


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


def columns_of(x, weight, accepted):
    """Share and efficiency of columns equal in logit x, and the lower end of each in x."""
    live = (weight > 0) & (x > 0) & (x < 1)
    logit = numpy.log(x[live] / (1 - x[live]))
    edges = numpy.linspace(logit.min(), logit.max(), N_STRATA + 1)
    i = numpy.clip(numpy.searchsorted(edges, logit, side="right") - 1, 0, N_STRATA - 1)
    total = numpy.bincount(i, weight[live], N_STRATA)
    p = numpy.bincount(i, (weight * accepted)[live], N_STRATA) / numpy.maximum(total, 1)
    return total / total.sum(), p, 1 / (1 + numpy.exp(-edges[:-1]))


def spread2(share, p):
    """What the variance of accepted/generated has of an event of each column."""
    mean = (share * p).sum()
    return p * (1 - mean) ** 2 + (1 - p) * mean**2


def weighted_gain(share, p, w):
    """Ratio of variances, plain over events whose odds are divided by w."""
    q = (share / w) / (share / w).sum()
    s2 = spread2(share, p)
    return (share * s2).sum() / (share**2 * s2 / numpy.maximum(q, 1e-300)).sum()


def two_levels(share, p, high):
    """Below the split as many events as above."""
    return weighted_gain(share, p, numpy.where(high, 1.0, max(1, round(1 / max(share[high].sum(), 1e-9)))))


def weighted_gains(share, p, lower, x_split):
    """Two levels at x_split, and at the best split; a pilot of N_PILOT events in every column; the best weights."""
    splits = [two_levels(share, p, lower >= edge) for edge in lower]
    rng = numpy.random.default_rng(1)
    piloted = []
    for _ in range(N_PILOTS):
        seen = (rng.binomial(N_PILOT, p) + 1) / (N_PILOT + 2)
        piloted.append(weighted_gain(share, p, 1 / numpy.sqrt(spread2(share, seen))))
    best = weighted_gain(share, p, 1 / numpy.sqrt(spread2(share, p)))
    return two_levels(share, p, lower >= x_split), max(splits), numpy.mean(piloted), best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build" / "zpscan"))
    parser.add_argument("--job", default=str(ROOT / "grids" / "na64mu-2022.yaml"))
    parser.add_argument("--events", type=int, default=400000)
    parser.add_argument("masses", nargs="*", default=["0.003", "0.04", "0.2", "1"])
    arguments = parser.parse_args()
    job = yaml.safe_load(pathlib.Path(arguments.job).read_text())
    rows = []
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
                rows.append([mass, *weighted_gains(*columns_of(file["emission_x"][:], weight, accepted),
                                                   1 - job["selection"]["p_out_max_gev"] / job["beam"]["p_gev"])])
        share = (weight * accepted).sum() / weight.sum()
        print(f"| {mass} | {100 * share:.2f} % | " + " | ".join(f"{r:.2f}" for r in ratios) + " |")
    print("\n| mass [GeV] | two levels, split where the p_out cut is | two levels, best split | "
          f"pilot of {N_PILOT} | best weights |\n|---|---|---|---|---|")
    for mass, *row in rows:
        print(f"| {mass} | " + " | ".join(f"{r:.2f}" for r in row) + " |")


if __name__ == "__main__":
    main()
