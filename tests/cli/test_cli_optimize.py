"""zpscan optimize: counts read off a surface are those of runs at these positions; files, tables, JSON and refusals."""

import csv
import json
import math
import unittest

import h5py
import numpy

from zpscan_program import QUICK, ProgramTest

SMALL = (QUICK, "--events", "4000", "--set", "scan.mass_gev=[0.04, 0.5]", "--quiet")
# A beam wide enough that some of its muons reach the counters.
WIDE = ("--set", "beam.sigma_tx_mrad=4")
FILES = ["o-beam.h5", "o-front.csv", "o-front.png", "o-placement.csv", "o-placement.h5", "o-placement.png", "o.h5"]


def triggers(facts):
    """Accepted counts by mass and trigger."""
    return [{t["name"]: t["accepted"] for t in m["triggers"]} for m in facts["masses"]]


class Optimize(ProgramTest):
    def optimize(self, *options, beam_events=20000):
        return self.json("optimize", *SMALL, *WIDE, "--beam-events", beam_events, "-o", "o", *options)

    def refuses(self, status, words, *arguments):
        before = self.names()
        got, out, err = self.run_program("optimize", *arguments)
        self.assertEqual((got, out), (status, ""), err)
        self.assertEqual(err.count("\n"), 1, err)
        for word in words:
            self.assertIn(word, err)
        self.assertEqual(self.names(), before)

    def test_counts_are_those_of_runs_at_the_position(self):
        self.optimize()
        for x4, xm in [(-65, -152), (-300, 100), (3, -211)]:
            facts = self.json("optimize", "o.h5", "--at", f"{x4},{xm}")
            moved = ("--set", f"triggers.smu152.S4.edge_x_mm={x4}", "--set", f"triggers.smu152.Smu.edge_x_mm={xm}")
            self.ok("run", *SMALL, *WIDE, *moved, "-o", "run.h5", "--force")
            run = self.json("info", "run.h5")
            self.assertEqual([m["accepted"] for m in facts["masses"]], [m["smu152"] for m in triggers(run)])
            self.assertEqual([m["generated"] for m in facts["masses"]],
                             [m["triggers"][0]["generated"] for m in run["masses"]])
            self.assertEqual([m["mass_gev"] for m in facts["masses"]], [0.04, 0.5])
            beam = ("--set", "process.kind=none", "--set", "scan.mass_gev=[0.04]")
            self.ok("run", *SMALL, *WIDE, *moved, *beam, "--events", "20000", "-o", "beam.h5", "--force")
            counts = self.json("info", "beam.h5")["masses"][0]["triggers"][0]
            self.assertEqual(facts["coincidences"], counts["in_coincidence"])
            self.assertEqual(facts["rate"], counts["in_coincidence"] / counts["generated"])
            self.assertTrue(facts["rate_lo"] <= facts["rate"] <= facts["rate_hi"])

    def test_g90_is_that_of_limit(self):
        """Same muons, one trigger, the N_up of limit: the same coupling, whatever couplings the grid has and although
        Br(invisible) of dark matter falls with it. Both solve the same equation: 1e-12."""
        masses = ("--set", "scan.mass_gev=[1, 2, 3]", "--set", "scan.coupling=[1e-4]")
        alone = ("--set", "triggers.smu152.n_mot=1.98e10", "--set", "triggers.smu117.n_mot=0")
        for kind in ("none", "scalar"):
            self.optimize(*masses, "--set", f"process.dark_matter.kind={kind}", "--at", "-65,-152", "--force")
            limits = self.json("limit", "o.h5", *alone)["masses"]
            for i, limit in enumerate(limits):
                told = self.json("optimize", "o.h5", "--at", "-65,-152", "--n-up", repr(limit["n_up"]))["masses"][i]
                self.assertEqual(told["mass_gev"], limit["mass_gev"])
                self.assertAlmostEqual(told["g90"] / limit["g90_observed"], 1, delta=1e-12)

    def test_json_of_a_study(self):
        facts = self.optimize()
        self.assertEqual(self.names(), FILES)
        run = self.json("info", "o.h5")
        names = [p["name"] for p in facts["positions"]]
        self.assertEqual(names, ["smu152", "smu117", "best"])
        for i, name in enumerate(names[:2]):
            self.assertEqual([m["accepted"] for m in facts["positions"][i]["masses"]],
                             [m[name] for m in triggers(run)])
            for m, r in zip(facts["positions"][i]["masses"], run["masses"]):
                self.assertAlmostEqual(m["efficiency"], r["triggers"][i]["efficiency"], delta=1e-14)
        # g90: n_up events, all muons on target, both masses with half the weight; Br depends on no coupling here.
        best = facts["positions"][2]
        with h5py.File(self.folder / "o.h5") as f:
            sigma = f["cross_section/sigma_pb"][:] * f["cross_section/vertex_factor"][:]
            signal = 1.98e10 * run["nuclei_per_pb"] * sigma * f["branching/invisible"][:, 0]
        logs = [0.5 * math.log(facts["n_up"] / (s * m["efficiency"])) for s, m in zip(signal, best["masses"])]
        self.assertEqual([m["weight"] for m in best["masses"]], [0.5, 0.5])
        self.assertAlmostEqual(best["g90"] / math.exp(sum(logs) / 2), 1, delta=1e-9)
        self.assertEqual((best["x4_mm"], best["xm_mm"]), (facts["best"]["x4_mm"], facts["best"]["xm_mm"]))
        self.assertLessEqual(best["rate"], facts["rate_max"])
        self.assertEqual(facts["rate_max"], max(p["rate"] for p in facts["positions"][:2]))
        self.assertLessEqual(best["g90"], min(p["g90"] for p in facts["positions"][:2]))
        self.assertGreaterEqual(facts["best"]["flat_region"]["positions"], 1)
        front = facts["front"]
        self.assertTrue(all(a["rate"] < b["rate"] and a["g90"] > b["g90"] for a, b in zip(front, front[1:])))
        # Alignment: the change is that of the counts at the displaced position.
        moved = self.json("optimize", "o.h5", "--at", "-60,-152")["masses"][1]["accepted"]
        base = facts["positions"][0]["masses"][1]
        self.assertAlmostEqual(base["changes"][1]["x4_up"][0], moved / base["accepted"] - 1, delta=1e-12)

    def test_files_of_a_study(self):
        facts = self.optimize()
        with h5py.File(self.folder / "o-placement.h5") as f:
            g90, rate = f["g90"][:], f["rate"][:]
            x4, xm = f["x4_mm"][:], f["xm_mm"][:]
            for name in ("g90", "rate", "coincidences", "x4_mm", "xm_mm", "mass_gev", "weight"):
                self.assertIn("units", f[name].attrs)
                self.assertIn("description", f[name].attrs)
            self.assertEqual(f["g90"].dims[0][0].name, "/x4_mm")
            self.assertEqual(f["g90"].dims[1][0].name, "/xm_mm")
        self.assertEqual((x4[0], x4[-1], xm[0], xm[-1]), (-300, 100, -500, 100))
        allowed = numpy.where(rate <= facts["rate_max"], g90, numpy.inf)
        self.assertAlmostEqual(allowed.min(), facts["best"]["g90"], delta=1e-12)
        rows = list(csv.DictReader((self.folder / "o-placement.csv").read_text().splitlines()))
        self.assertEqual(len(rows), 3 * 2)
        self.assertEqual({r["position"] for r in rows}, {"smu152", "smu117", "best"})
        front = list(csv.DictReader((self.folder / "o-front.csv").read_text().splitlines()))
        self.assertEqual(len(front), len(facts["front"]))
        for name in ("o-front.png", "o-placement.png"):
            self.assertEqual((self.folder / name).read_bytes()[:4], b"\x89PNG")

    def test_table(self):
        self.optimize()
        out = self.ok("optimize", "o.h5", "--masses-gev", "0.1:1", "--shift", "2", "-o", "t.h5")
        for words in ("geometric mean over 0.5 .. 0.5 GeV", "smu117", "best position: x4 = ", "100 replicas",
                      "by    2 mm", "rate per muon"):
            self.assertIn(words, out)
        self.assertIn("t-placement.csv", self.names())

    def test_counters_off_the_lattice(self):
        """With charge -1 the job's counters stand at +x, where the default lattice ends; one that reaches them has a best that
        is no worse than they are."""
        moved = ["--set", "beam.charge=-1"]
        for trigger, xm in (("smu152", 452), ("smu117", 417)):
            moved += ["--set", f"triggers.{trigger}.S4.edge_x_mm=265", "--set", f"triggers.{trigger}.Smu.edge_x_mm={xm}"]
        facts = self.optimize(*moved, "--replicas", "0")
        self.assertEqual(facts["off_lattice"], ["smu152", "smu117"])
        self.assertIn("smu117", facts["better_than_best"])
        self.assertGreater(facts["best"]["g90"], facts["positions"][1]["g90"])
        out = self.ok("optimize", "o.h5", "--replicas", "0", "-o", "t.h5")
        self.assertRegex(out, r"\n  warning: not on the lattice: smu152, smu117; x4 -300 \.\. 100, xm -500 \.\. 100 mm every 1 mm "
                              r"are compared \(placement.first_mm, last_mm\); none of them is as good as .*smu117\n")
        wide = ("--set", "placement={first_mm: [-100, 500], last_mm: [-100, 800]}")
        facts = self.optimize(*moved, *wide, "--replicas", "0", "--force")
        self.assertEqual((facts["off_lattice"], facts["better_than_best"]), ([], []))
        self.assertLessEqual(facts["best"]["g90"], min(p["g90"] for p in facts["positions"][:2]))
        self.assertNotIn("not on the lattice", self.ok("optimize", "o.h5", "--replicas", "0", "-o", "t.h5"))

    def test_resume_and_force(self):
        first = self.optimize()
        status, _, err = self.run_program("optimize", *SMALL, *WIDE, "--beam-events", "20000", "-o", "o")
        self.assertEqual(status, 1)
        self.assertIn("o.h5: exists: `zpscan optimize o.h5` studies it, --resume goes on", err)
        self.assertEqual(self.optimize("--resume"), first)
        (self.folder / "o-beam.h5").unlink()
        self.assertEqual(self.optimize("--resume"), first)
        self.assertEqual(self.optimize("--force"), first)

    def test_a_result_without_surfaces_is_in_the_way(self):
        self.ok("run", *SMALL, "-o", "quick.h5")
        self.refuses(1, ["quick.h5: exists and holds no placement surfaces", "-o", "--force"], *SMALL)

    def test_rim_and_spread(self):
        """Edges up to -60 mm where the best lie beyond: said in table and JSON, not where the best lies inside."""
        narrow = ("--set", "placement={first_mm: [-500, -120]}")
        facts = self.json("optimize", *SMALL, *WIDE, *narrow, "--beam-events", "0", "-o", "o")
        out = self.ok("optimize", "o.h5")
        best = facts["best"]
        rims = [name for name in ("x4", "xm")
                if best[f"{name}_mm"] in (facts["lattice"][name]["lowest_edge_mm"], facts["lattice"][name]["to_mm"])]
        self.assertIn("x4", rims)
        self.assertEqual(best["on_rim"], rims)
        self.assertIn(f"warning: {' and '.join(rims)} on the rim of the lattice", out)
        # Mean and interval have no more decimals than two digits of the deviation.
        spread = best["spread"]
        digits = 0 if spread["xm_sd_mm"] >= 10 else 1 if spread["xm_sd_mm"] >= 1 else 2
        self.assertIn(f"xm {spread['xm_mean_mm']:.{digits}f} +- {spread['xm_sd_mm']:.{digits}f} "
                      f"[{spread['xm_lo_mm']:.{digits}f},", out)

    def test_extend(self):
        want = self.json("optimize", *SMALL, *WIDE, "--beam-events", 20000, "-o", "w")
        self.json("optimize", *SMALL, *WIDE, "--events", 3000, "--beam-events", 20000, "-o", "o")
        facts = self.optimize("--extend")
        for path in ("o.h5", "o-beam.h5"):
            self.assertEqual(self.hashes(path), self.hashes(path.replace("o", "w", 1)))
        self.assertEqual(facts["positions"], want["positions"])
        more = self.optimize("--extend", beam_events=30000)
        self.assertEqual(more["beam_generated"], 30000)
        self.assertEqual(more["positions"][0]["masses"], want["positions"][0]["masses"])

    def test_ceiling_of_few_counts(self):
        """The narrow beam hardly fires a trigger: the ceiling is 10 of its muons, compared with upper limits."""
        facts = self.json("optimize", *SMALL, "--beam-events", "20000", "-o", "n")
        self.assertLess(max(p["coincidences"] for p in facts["positions"][:2]), 10)
        self.assertTrue(facts["rate_max_is_of_few"])
        self.assertAlmostEqual(facts["rate_max"], 10 / 20000, delta=1e-15)
        best = facts["positions"][2]
        self.assertLessEqual(best["rate_hi"], facts["rate_max"])
        self.assertEqual(facts["coincidences_max"], 6)
        self.assertLessEqual(best["coincidences"], 6)
        self.assertTrue(facts["best"]["is_constrained"])
        self.assertIn("is fired by fewer", self.ok("optimize", "n.h5"))
        # 21 counts as a ceiling, though 21e-4 * 20000 is below 42 in binary.
        facts = self.json("optimize", "n.h5", "--rate-max", "21e-4")
        self.assertFalse(facts["rate_max_is_of_few"])
        self.assertLessEqual(facts["positions"][2]["rate_hi"], 21e-4)
        self.refuses(2, ["rate ceiling of 9e-05", "upper limit", "2e+04 beam muons"], "n.h5", "--rate-max", "9e-5")

    def test_one_position(self):
        """A lattice with one position of S4: no map can be drawn, everything else comes."""
        one = ("--set", "placement={first_mm: [-265, -65]}")
        facts = self.json("optimize", *SMALL, *WIDE, *one, "--beam-events", "20000", "-o", "o")
        self.assertEqual(facts["best"]["x4_mm"], -65)
        self.assertEqual(facts["best"]["flat_region"]["at_best_xm"], [-65, -65])
        self.assertNotIn("o-placement.png", self.names())
        self.assertIn("o-front.png", self.names())
        # A beam that fires nothing at all: a front of one position, with an upper limit for a rate.
        quiet = ("--set", "placement={first_mm: [-265, -65], last_mm: [-500, -200]}")
        facts = self.json("optimize", *SMALL, *quiet, "--beam-events", "200", "-o", "q")
        self.assertEqual([f["rate"] for f in facts["front"]], [0])
        self.assertIn("q-front.png", self.names())

    def test_heights_of_each_counter(self):
        """Counts of every pair of heights are those of the single events, each counter 20 mm to 80 mm up."""
        heights = ("--set", "placement={y_offset_mm: [0, 80], y_last_offset_mm: [0, 20]}")
        self.ok("run", *SMALL, *heights, "-o", "y.h5")
        self.ok("events", QUICK, "--set", "scan.mass_gev=[0.04, 0.5]", *heights, "--mass-gev", "0.5", "--events", "4000",
                "-o", "e.h5")
        with h5py.File(self.folder / "e.h5") as f:
            k, p_in, p_out, e_cal = (f[n][:] for n in ("k", "p_in", "p_out", "e_cal"))
            x4, y4, xm, ym = (f[f"plane/{p}/{c}"][:] for p in ("S4", "Smu") for c in "xy")
        box = (p_in >= 140) & (p_in <= 180) & (p_out <= 80) & (e_cal < 12)
        box &= (-265 <= x4) & (x4 < -65) & (-417 <= xm) & (xm < -117)
        seen = set()
        for first, last in [(0, 0), (0, 20), (80, 0), (80, 20)]:
            facts = self.json("optimize", "y.h5", "--at", "-65,-117", "--y-mm", f"{first},{last}")
            in_y = (first - 100 <= y4) & (y4 < first + 100) & (last - 150 <= ym) & (ym < last + 150)
            self.assertEqual(facts["masses"][1]["accepted"], int(k[box & in_y].sum()))
            self.assertEqual((facts["y_mm"], facts["y_last_mm"]), (first, last))
            seen.add(facts["masses"][1]["accepted"])
        self.assertEqual(len(seen), 4)

    def test_shifts(self):
        """Default displacements follow the lattice; those asked for do not."""
        coarse = ("--set", "placement.step_mm=4")
        facts = self.json("optimize", *SMALL, *coarse, "--beam-events", "0", "-o", "c")
        self.assertTrue(facts["shifts_are_rounded"])
        self.assertEqual([a["shift_mm"] for a in facts["positions"][-1]["alignment"]], [4])
        self.assertIn("rounded to multiples of the step, 4 mm", self.ok("optimize", "c.h5"))
        self.refuses(2, ["shift of 5 mm", "multiple"], "c.h5", "--shift", "5")
        self.refuses(2, ["shift of 700 mm", "at most 600 mm"], *SMALL, "--shift", "700")
        rows = list(csv.DictReader((self.folder / "c-placement.csv").read_text().splitlines()))
        best = [r for r in rows if r["position"] == "best"][0]
        change = facts["positions"][-1]["masses"][0]["changes"][0]["xm_up"]
        for column, value in zip(("xm_up_4", "xm_up_4_error"), change):
            self.assertAlmostEqual(float(best[column]) / value, 1, delta=1e-5)

    def test_mean_change(self):
        facts = self.optimize("--masses-gev", "0.01:1")
        for p in facts["positions"]:
            for d, row in enumerate(p["alignment"]):
                means = {}
                for which in ("x4_down", "x4_up", "xm_down", "xm_up"):
                    means[which] = sum(m["weight"] * m["changes"][d][which][0] for m in p["masses"])
                self.assertAlmostEqual(means[row["mean_displacement"]], row["mean_change"], delta=1e-12)
                self.assertLessEqual(max(map(abs, means.values())), abs(row["mean_change"]) + 1e-12)
                self.assertLessEqual(abs(row["mean_change"]), abs(row["change"]) + 1e-12)

    def test_nothing_is_run_before_all_is_checked(self):
        for words, options in [
            (["x4 = -65.5"], ["--at", "-65.5,-152"]),
            (["none of the 2 masses"], ["--masses-gev", "2:3"]),
            (["shift of 0.5 mm"], ["--shift", "0.5"]),
            (["y = 5,5 mm"], ["--y-mm", "5"]),
            (["upper limit"], ["--rate-max", "1e-7", "--beam-events", "1000"]),
            (["needs beam events"], ["--rate-max", "1e-3", "--beam-events", "0"]),
        ]:
            self.refuses(2, words, *SMALL, *options)
        self.refuses(1, ["process.kind = z_prime"], *SMALL, "--set", "process.kind=none")
        self.refuses(1, ["distance = -9000"], *SMALL, "--set", "placement={scan: distance, scan_values: [-9000, 0]}")
        (self.folder / "quick-2-beam.h5").touch()
        scan = ("--set", "placement={scan: magnet, scan_values: [1, 1.4]}")
        self.refuses(1, ["quick-2-beam.h5: exists"], *SMALL, *scan)

    def test_scan_at_a_position(self):
        scan = ("--set", "placement={scan: magnet, scan_values: [1, 1.4]}")
        out = self.ok("optimize", *SMALL, "--beam-events", "1000", *scan, "-o", "s", "--at", "-65,-152")
        self.assertNotIn("no position", out)
        self.assertEqual(len([line for line in out.splitlines() if "-65" in line and "-152" in line]), 4, out)
        self.assertNotIn("s-1-placement.csv", self.names())

    def test_damage(self):
        self.optimize()
        for name in ("o.h5", "o-beam.h5"):
            data = (self.folder / name).read_bytes()
            with h5py.File(self.folder / name, "r+") as f:
                f["placement/coincidence"][0, 0, 0, 0] += 1
            for options in ([], ["--at", "-65,-152"]):
                self.refuses(1, [f"{name}: /placement: the surfaces hash to"], "o.h5", *options)
            (self.folder / name).write_bytes(data)
        with h5py.File(self.folder / "o.h5", "r+") as f:
            f["placement/coincidence"][0, 0, 0, 0] += 1
        status, _, err = self.run_program("run", *SMALL, *WIDE, "--set", "placement={}", "--events", "5000", "-o",
                                          "o.h5", "--extend")
        self.assertEqual(status, 1)
        self.assertIn("o.h5: /placement: the surfaces hash to", err)

    def test_without_a_beam(self):
        facts = self.optimize(beam_events=0)
        self.assertFalse(facts["best"]["is_constrained"])
        self.assertEqual(self.names(), ["o-placement.csv", "o-placement.h5", "o-placement.png", "o.h5"])
        self.assertIsNone(facts["rate_max"])
        self.assertNotIn("rate", facts["positions"][0])
        out = self.ok("optimize", "o.h5")
        self.assertIn("no run of the beam", out)
        self.assertIn("best position, whatever its rate", out)
        self.refuses(2, ["needs the beam"], "o.h5", "--rate-max", "1e-3")
        # The command it names, with the options of the job, makes a beam that is taken.
        self.assertIn("`zpscan optimize JOB.yaml --resume --beam-events N -o o`", out)
        self.ok("optimize", *SMALL, *WIDE, "--resume", "--beam-events", "1000", "-o", "o")
        self.assertEqual(self.json("optimize", "o.h5")["beam_generated"], 1000)
        self.ok("run", *SMALL, *WIDE, "--set", "placement={}", "--set", "process.kind=none", "--events", "1000", "-o",
                "two.h5")
        self.refuses(1, ["two.h5: holds 2 masses: expected one"], "o.h5", "--beam", "two.h5")

    def test_scan(self):
        self.ok("optimize", *SMALL, "--beam-events", "1000", "--set",
                "placement={scan: magnet, scan_values: [1, 1.4]}", "-o", "s")
        self.assertIn("s-2-beam.h5", self.names())
        facts = self.json("optimize", *SMALL, "--beam-events", "1000", "--set",
                          "placement={scan: magnet, scan_values: [1, 1.4]}", "-o", "s", "--resume")
        self.assertEqual((facts["scan"], facts["unit"]), ("magnet", "T m"))
        self.assertEqual([v["value"] for v in facts["values"]], [1, 1.4])
        self.ok("run", *SMALL, "-o", "plain.h5")
        self.assertEqual([m["accepted"] for m in facts["values"][1]["study"]["positions"][0]["masses"]],
                         [m["smu152"] for m in triggers(self.json("info", "plain.h5"))])

    def test_output_folder(self):
        (self.folder / "d").mkdir()
        self.ok("optimize", *SMALL, "--beam-events", "0", "-o", "d")
        self.assertEqual(self.names(), ["d"])
        self.assertTrue((self.folder / "d" / "quick.h5").exists())

    def test_refusals(self):
        self.optimize()
        self.ok("run", *SMALL, "-o", "plain.h5")
        self.ok("run", *SMALL, "--set", "process.kind=none", "--set", "placement={}", "--set", "scan.mass_gev=[0.04]",
                "-o", "narrow.h5")
        self.refuses(1, ["plain.h5"], "plain.h5")
        self.refuses(1, ["narrow.h5: `sigma_tx_mrad: 0.3` where o.h5 has `sigma_tx_mrad: 4`"], "o.h5", "--beam",
                     "narrow.h5")
        self.refuses(1, ["missing.h5"], "missing.h5")
        self.refuses(1, ["missing.yaml"], "missing.yaml")
        for words, options in [
            (["x4 = -65.5", "neighbours are -66 and -65"], ["--at", "-65.5,-152"]),
            (["x4 = -301", "from -300 to 100 mm"], ["--at", "-301,-152"]),
            (["xm = 101", "from -500 to 100 mm"], ["--at", "-65,101"]),
            (["--at = -65", "X4,XM"], ["--at", "-65"]),
            (["--at = 1,2,3", "X4,XM"], ["--at", "1,2,3"]),
            (["--at = nan,1", "X4,XM"], ["--at", "nan,1"]),
            (["--masses-gev = 1", "LO:HI"], ["--masses-gev", "1"]),
            (["--masses-gev = 2:1", "LO <= HI"], ["--masses-gev", "2:1"]),
            (["none of the 2 masses"], ["--masses-gev", "2:3"]),
            (["--shift = 0", "> 0"], ["--shift", "0"]),
            (["--shift = ", "> 0"], ["--shift", ""]),
            (["shift of 0.5 mm", "multiple"], ["--shift", "0.5"]),
            (["--rate-max = 0", "> 0"], ["--rate-max", "0"]),
            (["--rate-max = 2", "<= 1"], ["--rate-max", "2"]),
            (["--n-up = -1", "> 0"], ["--n-up", "-1"]),
            (["--weights = mass", "log, equal"], ["--weights", "mass"]),
            (["--replicas = 1e3", "whole number"], ["--replicas", "1e3"]),
            (["y = 5,5 mm", "first 0,0 mm"], ["--y-mm", "5"]),
            (["y = 0,5 mm"], ["--y-mm", "0,5"]),
            (["--y-mm = a", "Y,YM"], ["--y-mm", "a"]),
            (["--events: only with a job"], ["--events", "5"]),
            (["--resume: only with a job"], ["--resume"]),
            (["--output"], ["-o", ""]),
        ]:
            self.refuses(2, words, "o.h5", *options)
        self.refuses(2, ["--beam: only with a result"], QUICK, "--beam", "o-beam.h5")
        self.refuses(2, ["--set beam.p_gev=-3"], QUICK, "--set", "beam.p_gev=-3")
        self.refuses(2, ["--engine none"], QUICK, "--engine", "none")
        self.refuses(2, ["expected FILE.h5|JOB.yaml"])


if __name__ == "__main__":
    unittest.main()
