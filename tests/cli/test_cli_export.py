"""What `zpscan limit --export`, `sample --format hepmc` and `plot` write: the formats as their descriptions have them,
the numbers those of `limit --json`."""

import csv
import hashlib
import importlib.util
import json
import math
import os
import re
import shutil
import unittest

import hepdata_format
import yaml
from zpscan_program import QUICK, ProgramTest

FILES = ["hepdata/coupling_limits.yaml", "hepdata/efficiencies.yaml", "hepdata/event_limits.yaml",
         "hepdata/submission.yaml", "hepdata/yields.yaml", "limits.csv", "limits.lmt", "pyhf/patchset.json",
         "pyhf/workspace.json"]


class Export(ProgramTest):
    NO_BACKGROUND = [f"--set=triggers.{t}.{k}=0" for t in ("smu152", "smu117") for k in ("background", "background_error")]
    HEPDATA_CASES = [[], ["--method", "asymptotic"], ["--set", "process.dark_matter.kind=dirac"], NO_BACKGROUND]

    def setUp(self):
        super().setUp()
        self.ok("run", QUICK, "--events", "5000", "--quiet", "-o", "r.h5")

    def export(self, *options):
        """Writes out/, returns what --json tells."""
        self.ok("limit", "r.h5", "--export", "out", *options)
        return self.json("limit", "r.h5", *[o for o in options if o != "--force"])

    def text(self, name):
        return (self.folder / "out" / name).read_text()

    def yaml(self, name):
        return list(yaml.safe_load_all(self.text("hepdata/" + name)))

    def test_files(self):
        self.export()
        names = sorted(str(p.relative_to(self.folder / "out")) for p in (self.folder / "out").rglob("*") if p.is_file())
        self.assertEqual(names, FILES)
        status, _, err = self.run_program("limit", "r.h5", "--export", "out")
        self.assertEqual(status, 1)
        self.assertIn("limits.csv", err)
        self.export("--force")

    def test_csv_and_darkcast(self):
        facts = self.export("--set", "process.dark_matter.kind=dirac")
        rows = list(csv.DictReader(self.text("limits.csv").splitlines()))
        self.assertEqual(len(rows), len(facts["masses"]))
        lines = self.text("limits.lmt").splitlines()
        self.assertEqual(lines[0].split(), ["#", "mass", "lower"])
        for row, line, mass in zip(rows, lines[1:], facts["masses"]):
            g = mass["g90_observed"]
            for text, want in [(row["mass_gev"], mass["mass_gev"]), (row["g_lo"], g), (row["n_up"], mass["n_up"]),
                               (row["g_expected_median"], mass["g90_expected"]),
                               (row["y_lo"], mass["y90_observed"]), (row["m_chi_gev"], mass["m_chi_gev"]),
                               (line.split()[0], mass["mass_gev"]), (line.split()[1], g)]:
                self.assertAlmostEqual(float(text) / want, 1, delta=1e-8)  # ten digits
            self.assertEqual((row["interval"], row["g_hi"]), ("1", ""))

    def test_darkcast_reader(self):
        """As darkcast's README and its example user_limit.py have it: words behind `#` in the first line name the
        columns, everything behind `#` elsewhere is comment, every line has as many numbers, masses make an axis."""
        self.export()
        head, *lines = self.text("limits.lmt").splitlines()
        names = head.replace("#", "").split()
        self.assertEqual(names[:2], ["mass", "lower"])
        rows = [[float(word) for word in line.split("#")[0].split()] for line in lines]
        self.assertEqual({len(row) for row in rows}, {len(names)})
        masses = [row[0] for row in rows]
        self.assertEqual(masses, sorted(set(masses)))
        self.assertTrue(all(0 < row[1] < 1e5 for row in rows))  # its gmax: nothing excluded

    def check_hepdata(self):
        head, *tables = self.yaml("submission.yaml")
        hepdata_format.check_head(head)
        for table in tables:
            hepdata_format.check_table_entry(table)
            (data,) = self.yaml(table["data_file"])
            hepdata_format.check_data(data, table["data_file"])
        return tables

    @unittest.skipUnless(importlib.util.find_spec("hepdata_validator"), "hepdata-validator is not installed")
    def test_hepdata_schemas(self):
        """Their own validator, where it is installed; its schemas come with it."""
        from hepdata_validator.full_submission_validator import FullSubmissionValidator
        for options in self.HEPDATA_CASES:
            self.export("--force", *options)
            validator = FullSubmissionValidator(schema_version="1.1.1")
            valid = validator.validate(directory=str(self.folder / "out" / "hepdata"))
            self.assertTrue(valid, [m.message for ms in validator.get_messages().values() for m in ms])

    def test_hepdata_of_every_kind(self):
        """With the exact method bands may have no width; without a background none has."""
        for options in self.HEPDATA_CASES:
            with self.subTest(options=options):
                facts = self.export("--force", *options)
                self.check_hepdata()
                (table,) = self.yaml("event_limits.yaml")
                for entry, mass in zip(table["dependent_variables"][1]["values"], facts["masses"]):
                    band = mass["n_up_expected"]
                    wide = band["plus_2_sigma"] > band["median"] * (1 + 1e-6)
                    self.assertEqual([e["label"] for e in entry.get("errors", [])], ["1 sigma", "2 sigma"] if wide else [])

    def test_hepdata(self):
        facts = self.export("--method", "asymptotic")
        tables = self.check_hepdata()
        self.assertEqual(sorted(t["data_file"] for t in tables), sorted(n[8:] for n in FILES if "hepdata" in n
                                                                        and "submission" not in n))
        (limits,) = self.yaml("coupling_limits.yaml")
        observed, expected = limits["dependent_variables"]
        self.assertIn({"name": "CLs", "value": "asymptotic"}, observed["qualifiers"])
        for entry, band, mass in zip(observed["values"], expected["values"], facts["masses"]):
            self.assertAlmostEqual(entry["value"] / mass["g90_observed"], 1, delta=1e-5)  # six digits
            want = mass["g90_expected_band"]
            for error, sigma in zip(band["errors"], ("1", "2")):
                self.assertEqual(error["label"], f"{sigma} sigma")
                for side in ("minus", "plus"):
                    end = band["value"] + error["asymerror"][side]
                    self.assertAlmostEqual(end / want[f"{side}_{sigma}_sigma"], 1, delta=1e-4)

    def qualifiers(self, name, i=0):
        """Those of one dependent variable by name; units joined to the value."""
        (table,) = self.yaml(name)
        return {q["name"]: (q["value"], q["units"]) if "units" in q else q["value"]
                for q in table["dependent_variables"][i]["qualifiers"]}

    def test_hepdata_says_what_was_assumed(self):
        """Emission everywhere, muons and dark matter where Br matters, counters of each trigger."""
        emission = {"RE": "MU+ NUCLEUS --> MU+ NUCLEUS ZPRIME", "Beam momentum": (160, "GEV"), "Nucleus": "Pb",
                    "Emission": "exact tree level", "Form factor": "elastic, 1/(1 + t/d)", "Inelastic term": "none"}
        method = {"Confidence level": 0.9, "CLs": "exact"}
        self.export()
        self.assertEqual(self.qualifiers("event_limits.yaml"), emission | method)
        self.assertEqual(self.qualifiers("coupling_limits.yaml"),
                         emission | method | {"Muons on target": 19.8e9, "Dark matter": "none"})
        self.assertEqual(self.qualifiers("efficiencies.yaml", 1),
                         emission | {"Trigger": "smu117", "Counter S4, x from": (-265, "MM"), "Counter S4, x to": (-65, "MM"),
                                     "Counter Smu, x from": (-417, "MM"), "Counter Smu, x to": (-117, "MM")})
        dark = {"Muons on target": 2e10, "Dark matter": "complex scalar", "g_chi": 0.1, "m_chi/m": 0.25}
        self.export("--force", *[f"--set=process.dark_matter.{s}" for s in ("kind=scalar", "g_chi=0.1", "mass_ratio=0.25")],
                    "--set=triggers.smu152.n_mot=11.9e9")
        for i in range(4):  # g and y, observed and expected
            self.assertEqual(self.qualifiers("coupling_limits.yaml", i), emission | method | dark)
        self.assertEqual(self.qualifiers("yields.yaml"), emission | dark)
        (table,) = self.yaml("coupling_limits.yaml")
        self.assertEqual([v["header"]["name"].startswith("y = ") for v in table["dependent_variables"]],
                         [False, False, True, True])
        self.check_hepdata()

    def test_hepdata_of_another_emission(self):
        """mu- in the field turned round."""
        minus = ["--set=beam.charge=-1", "--set=layout.MS2.integral_tm=-1.4"]
        for model, form, inelastic, options in [
            ("improved Weizsaecker-Williams", "elastic, 1/(1 + t/d)", "none", ["--set=process.model=iww"]),
            ("exact tree level", "elastic, Helm", "squared", ["--set=process.form_factor=helm", "--set=process.inelastic=squared"]),
        ]:
            self.ok("run", QUICK, "--events", "2000", "--quiet", *minus, *options, "-o", "r.h5", "--force")
            self.export("--force")
            for table in self.check_hepdata():
                self.assertEqual(table["keywords"][0]["values"], ["MU- NUCLEUS --> MU- NUCLEUS ZPRIME"])
                told = self.qualifiers(table["data_file"])
                self.assertEqual([told[k] for k in ("RE", "Emission", "Form factor", "Inelastic term")],
                                 ["MU- NUCLEUS --> MU- NUCLEUS ZPRIME", model, form, inelastic])

    def test_one_experiment_with_other_factors(self):
        """What --set says of a trigger holds in every file: halved factors halve efficiencies, yields are those of the
        efficiencies beside them (six digits: 1e-5), and so are the shares of the signal in pyhf."""
        self.export()
        stored = self.yaml("efficiencies.yaml")[0]["dependent_variables"]
        options = ["--set", "triggers.smu152.live_factor=0.435", "--set", "triggers.smu117.tracking_factor=0.5", "--set",
                   "triggers.smu152.n_mot=1e12"]
        self.export("--force", *options)
        facts = self.json("limit", "r.h5", "--map", *options)
        efficiency = self.yaml("efficiencies.yaml")[0]["dependent_variables"]
        for before, now in zip(stored, efficiency):
            for a, b in zip(before["values"], now["values"]):
                self.assertAlmostEqual(b["value"] / (0.5 * a["value"]), 1, delta=1e-5)
                for side in ("minus", "plus"):
                    ends = [e["errors"][0]["asymerror"][side] for e in (a, b)]
                    self.assertAlmostEqual(ends[1] / (0.5 * ends[0]), 1, delta=1e-5)
        info = self.json("info", "r.h5")
        produced = [info["nuclei_per_pb"] * m["sigma_pb"] * m["vertex_factor"] for m in info["masses"]]
        seen = [[n_mot * v["value"] for n_mot, v in zip((1e12, 8.1e9), values)]
                for values in zip(*(e["values"] for e in efficiency))]
        (table,) = self.yaml("yields.yaml")
        mass, g = ([v["value"] for v in axis["values"]] for axis in table["independent_variables"])
        told = [v for m in facts["masses"] for v in m["yield"]]
        for i, (value, want) in enumerate(zip(table["dependent_variables"][0]["values"], told)):
            i_mass = i // len(facts["coupling"])
            # No dark matter: below 2 m_mu nothing is visible.
            if mass[i] < 0.2:
                self.assertAlmostEqual(value["value"] / (produced[i_mass] * g[i] ** 2 * sum(seen[i_mass])), 1, delta=2e-5)
            self.assertAlmostEqual(value["value"] / want, 1, delta=1e-5)
        for patch, each in zip(json.loads(self.text("pyhf/patchset.json"))["patches"], seen):
            signal = [operation["value"]["data"][0] for operation in patch["patch"]]
            self.assertAlmostEqual(signal[0] / signal[1] / (each[0] / each[1]), 1, delta=1e-5)

    def test_nothing_accepted_is_a_dash(self):
        """Four events: some masses without any accepted. No muon comes below 1 GeV: then no mass has one."""
        self.ok("run", QUICK, "--events", "4", "--quiet", "-o", "few.h5")
        masses = self.json("limit", "few.h5")["masses"]
        missing = [m["g90_observed"] is None for m in masses]
        self.assertEqual({True, False}, set(missing))
        self.ok("limit", "few.h5", "--export", "out")
        (table,) = self.yaml("coupling_limits.yaml")
        hepdata_format.check_data(table, "coupling_limits.yaml")
        self.assertEqual([e["value"] == "-" for e in table["dependent_variables"][0]["values"]], missing)
        self.assertEqual(len(self.text("limits.lmt").splitlines()), 1 + missing.count(False))
        patches = json.loads(self.text("pyhf/patchset.json"))["patches"]
        self.assertEqual([p["metadata"]["name"] for p in patches],
                         [f"mass_{i}" for i, m in enumerate(missing) if not m])
        job = self.job(("p_out_max_gev: 80", "p_out_max_gev: 1"))
        self.ok("run", job, "--events", "10", "--quiet", "-o", "none.h5")
        status, _, err = self.run_program("limit", "none.h5", "--export", "none")
        self.assertEqual(status, 1)
        self.assertIn("no mass has a limit", err)
        self.assertFalse((self.folder / "none").exists())

    def test_pyhf(self):
        """The digest is that of the workspace as Python writes it; the signal of each patch adds up to N_up, as mu = 1
        is the limit."""
        facts = self.export("--method", "asymptotic")
        workspace, patches = (json.loads(self.text(f"pyhf/{n}.json")) for n in ("workspace", "patchset"))
        canonical = json.dumps(workspace, sort_keys=True, ensure_ascii=False).encode()
        self.assertEqual(patches["metadata"]["digests"]["sha256"], hashlib.sha256(canonical).hexdigest())
        self.assertEqual(set(workspace), {"channels", "observations", "measurements", "version"})
        self.assertEqual(workspace["version"], "1.0.0")
        self.assertEqual([c["name"] for c in workspace["channels"]], ["smu152", "smu117"])
        self.assertEqual([o["data"] for o in workspace["observations"]], [[0.0], [0.0]])
        self.assertEqual(len(patches["patches"]), len(facts["masses"]))
        for i, (patch, mass) in enumerate(zip(patches["patches"], facts["masses"])):
            self.assertEqual(patch["metadata"]["name"], f"mass_{i}")
            self.assertEqual(patch["metadata"]["values"], [mass["mass_gev"], mass["g90_observed"]])
            signal = 0.0
            for channel, operation in enumerate(patch["patch"]):
                self.assertEqual(operation["op"], "add")
                self.assertEqual(operation["path"], f"/channels/{channel}/samples/0")
                signal += operation["value"]["data"][0]
                factor, *errors = operation["value"]["modifiers"]
                self.assertEqual(factor, {"name": "mu", "type": "normfactor", "data": None})
                self.assertAlmostEqual(math.log(errors[0]["data"]["hi"]), facts["signal_error"], delta=1e-12)
                for error in errors:
                    self.assertAlmostEqual(error["data"]["hi"] * error["data"]["lo"], 1, delta=1e-12)
            self.assertAlmostEqual(signal / mass["n_up"], 1, delta=1e-8)

    def test_backgrounds_apart(self):
        self.export("--set", "limit.backgrounds_together=false")
        names = [c["samples"][0]["modifiers"][0]["name"] for c in json.loads(self.text("pyhf/workspace.json"))["channels"]]
        self.assertEqual(len(set(names)), 2)

    def test_refuses(self):
        for words, status, arguments in [
            (["--export", "FILE.h5"], 2, ["--counting", "0,1,0,0", "--export", "out"]),
            (["--force", "--export"], 2, ["r.h5", "--force"]),
            (["no/such", "cannot make"], 1, ["r.h5", "--export", "no/such"]),
        ]:
            with self.subTest(arguments=arguments):
                got, _, err = self.run_program("limit", *arguments)
                self.assertEqual(got, status, err)
                self.assertEqual(err.count("\n"), 1, err)
                for word in words:
                    self.assertIn(word, err)


class HepMC(ProgramTest):
    ARGUMENTS = ["sample", "--mass-gev", "0.1", "--energy-gev", "160", "--material", "Pb", "--events", "400"]

    def read(self, text):
        """Events as dicts of lists of fields by the letter of the line."""
        lines = text.splitlines()
        self.assertRegex(lines[0], r"^HepMC::Version 3\.\d\d\.\d\d$")
        self.assertEqual(lines[1], "HepMC::Asciiv3-START_EVENT_LISTING")
        self.assertEqual(lines[-2], "HepMC::Asciiv3-END_EVENT_LISTING")
        events = []
        for line in lines[2:-2]:
            letter, *fields = line.split()
            if letter == "E":
                events.append({})
            if events:
                events[-1].setdefault(letter, []).append(fields)
        return lines, events

    def test_format(self):
        """Energy and momentum close to 16 digits of 160 + 193 GeV: a few 1e-13; weights and momenta are those of csv."""
        self.ok(*self.ARGUMENTS, "-o", "s.hepmc")
        lines, events = self.read((self.folder / "s.hepmc").read_text())
        rows = list(csv.DictReader(self.ok(*self.ARGUMENTS, "--format", "csv", "-o", "-").splitlines()))
        self.assertIn("W k", lines)
        self.assertIn("A events_drawn 400", lines)
        self.assertEqual(len(events), len(rows))
        sigma = self.json("xsec", "--mass-gev", "0.1", "--energy-gev", "160", "--material", "Pb", "--coupling", "1",
                          "--model", "etl")["sigma_pb"]
        for i, (event, row) in enumerate(zip(events, rows)):
            self.assertEqual(event["E"], [[str(i), "1", "5"]])
            self.assertEqual(event["U"], [["GEV", "MM"]])
            self.assertEqual([float(w[0]) for w in event["W"]], [float(row["weight"])])
            self.assertEqual(event["V"], [["-1", "0", "[1,2]"]])
            self.assertAlmostEqual(float(event["A"][0][2]) / sigma, 1, delta=1e-8)
            particles = event["P"]
            self.assertEqual([p[0] for p in particles], ["1", "2", "3", "4", "5"])
            self.assertEqual([p[1] for p in particles], ["0", "0", "-1", "-1", "-1"])
            self.assertEqual([p[2] for p in particles], ["-13", "1000822070", "32", "-13", "1000822070"])
            self.assertEqual([p[8] for p in particles], ["4", "4", "1", "1", "1"])
            for c in range(3, 7):
                sums = [sum(float(p[c]) for p in particles if p[8] == status) for status in "41"]
                self.assertAlmostEqual(*sums, delta=1e-12)
            self.assertEqual(float(particles[2][5]), float(row["zp_pz"]))
            self.assertEqual(float(particles[3][3]), float(row["mu_px"]))
            for p in particles:
                e, m = float(p[6]), float(p[7])
                momentum2 = sum(float(x) ** 2 for x in p[3:6])
                self.assertAlmostEqual(e * e - momentum2, m * m, delta=1e-9)  # 16 digits of 193^2

    def test_charge(self):
        """PDG numbers: 13 is the mu-, -13 its antiparticle. Nothing else differs."""
        texts = {charge: self.ok(*self.ARGUMENTS, *options, "--format", "hepmc", "-o", "-")
                 for charge, options in ((0, []), (1, ["--charge", "+1"]), (-1, ["--charge", "-1"]))}
        self.assertEqual(texts[0], texts[1])
        for charge, code in ((1, "-13"), (-1, "13")):
            for event in self.read(texts[charge])[1]:
                self.assertEqual([p[2] for p in event["P"] if p[2] in ("13", "-13")], [code, code])
        self.assertEqual(re.sub(r"^(P \d \S+) 13 ", r"\1 -13 ", texts[-1], flags=re.M), texts[1])
        status, _, err = self.run_program(*self.ARGUMENTS, "--charge", "0", "-o", "-")
        self.assertEqual((status, err), (2, "zpscan sample: --charge = 0: expected one of +1, -1\n"))

    def test_to_stdout(self):
        self.assertEqual(self.ok(*self.ARGUMENTS, "--format", "hepmc", "-o", "-").count("\nE "),
                         len(self.ok(*self.ARGUMENTS, "-o", "-").splitlines()) - 1)
        status, _, err = self.run_program(*self.ARGUMENTS, "--format", "h5", "-o", "-")
        self.assertEqual(status, 2)
        self.assertIn("only csv and hepmc", err)


@unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
class Pictures(ProgramTest):
    NAMES = ["e_cal", "efficiency", "exclusion", "expected", "layout", "yield"]

    def setUp(self):
        super().setUp()
        self.ok("run", QUICK, "--events", "3000", "--quiet", "-o", "r.h5")
        (self.folder / "p").mkdir()

    def rows(self, name):
        return list(csv.DictReader((self.folder / "p" / f"{name}.csv").read_text().splitlines()))

    def test_all(self):
        (self.folder / "o.csv").write_text('mass,limit,label\n0.01,1e-3,A\n# no more of A\n\n0.2,2e-3,"`B`, 1_2"\n')
        self.ok("plot", "r.h5", "-o", "p", "--overlay", "o.csv", "--method", "asymptotic")
        names = sorted(p.name for p in (self.folder / "p").iterdir())
        self.assertEqual(names, sorted(f"{n}.{e}" for n in self.NAMES for e in ("csv", "pdf", "png")))
        for name in self.NAMES:
            self.assertEqual((self.folder / "p" / f"{name}.png").read_bytes()[:4], b"\x89PNG")
            self.assertEqual((self.folder / "p" / f"{name}.pdf").read_bytes()[:5], b"%PDF-")

    def test_numbers(self):
        """The csv files hold what `limit --json` tells."""
        self.ok("plot", "r.h5", "-o", "p")
        masses = self.json("limit", "r.h5")["masses"]
        for row, band, mass in zip(self.rows("exclusion"), self.rows("expected"), masses):
            pairs = [(row["g_lo"], mass["g90_observed"]), (row["g2_lo"], mass["g2_band_2_sigma"][0]),
                     (row["g2_hi"], mass["g2_band_2_sigma"][1]), (band["g_observed"], mass["g90_observed"]),
                     (band["g_expected"], mass["g90_expected"]),
                     (band["g_minus_2_sigma"], mass["g90_expected_band"]["minus_2_sigma"]),
                     (band["g_plus_1_sigma"], mass["g90_expected_band"]["plus_1_sigma"])]
            for text, want in pairs:
                self.assertAlmostEqual(float(text) / want, 1, delta=1e-8)
        total = [float(r["total"]) for r in self.rows("yield")]
        parts = [float(r["smu152"]) + float(r["smu117"]) for r in self.rows("yield")]
        self.assertEqual(len(total), 42)
        for t, p in zip(total, parts):
            self.assertAlmostEqual(t, p, delta=1e-8 * t)

    def test_yield_and_exclusion_are_of_one_experiment(self):
        """With --set, the yields drawn are those the limits beside them are made of, and of the efficiencies drawn."""
        options = ["--set", "process.dark_matter.kind=scalar", "--set", "process.dark_matter.g_chi=1e-3", "--set",
                   "triggers.smu152.n_mot=1e12", "--set", "triggers.smu117.live_factor=0.1"]
        self.ok("plot", "r.h5", "-o", "p", *options)
        told = [n for m in self.json("limit", "r.h5", "--map", *options)["masses"] for n in m["yield"]]
        rows = self.rows("yield")
        self.assertEqual(len(rows), len(told))
        for row, want in zip(rows, told):
            self.assertAlmostEqual(float(row["total"]) / want, 1, delta=1e-8)
        stored = self.json("info", "r.h5")["masses"]
        for row, mass in zip(self.rows("efficiency"), stored):
            for name, factor, trigger in zip(("smu152", "smu117"), (1, 0.1 / 0.87), mass["triggers"]):
                self.assertAlmostEqual(float(row[name]) / (factor * trigger["efficiency"]), 1, delta=1e-8)
        n_mot = {"smu152": 1e12, "smu117": 8.1e9}
        for row, each in zip(rows[::7], self.rows("efficiency")):
            ratio = float(row["smu152"]) / float(row["smu117"])
            want = n_mot["smu152"] * float(each["smu152"]) / (n_mot["smu117"] * float(each["smu117"]))
            self.assertAlmostEqual(ratio / want, 1, delta=1e-8)

    def test_layout_tracks_are_those_of_track(self):
        """At S4 the picture's 80 GeV track is where `track` has it: both carry the muon by the same stages, the
        picture with planes between them, where double precision rounds anew."""
        self.ok("plot", "r.h5", "-o", "p")
        told = {p["name"]: p for p in self.json("track", QUICK, "--p-gev", "80")["planes"]}
        drawn = {float(r["z_lo_mm"]): float(r["x_lo_mm"]) for r in self.rows("layout")
                 if r["what"] == "track" and r["name"] == "80 GeV"}
        for plane in told.values():
            self.assertAlmostEqual(drawn[plane["z_mm"]], plane["x_mm"], delta=1e-6)
        elements = {r["name"]: (r["x_lo_mm"], r["x_hi_mm"]) for r in self.rows("layout") if r["what"] == "element"}
        self.assertEqual((elements["ECAL"], elements["VHCAL"]), (("", ""), ("-250", "250")))

    def test_open_exclusion_has_no_end(self):
        """So few muons that the axis reaches beyond 10, the largest coupling that is a limit: the area ends above it."""
        largest = max(m["g90_observed"] for m in self.json("limit", "r.h5")["masses"])
        few = [f"--set=triggers.{name}.n_mot={n_mot * (largest / 8) ** 2}"
               for name, n_mot in (("smu152", 11.7e9), ("smu117", 8.1e9))]
        (self.folder / "bin").mkdir()
        spy = self.folder / "bin" / "gnuplot"
        spy.write_text(f'#!/bin/sh\ntee -a {self.folder}/scripts | {shutil.which("gnuplot")} "$@"\n')
        spy.chmod(0o755)
        self.ok("plot", "r.h5", "-o", "p", *few, env={"PATH": f"{spy.parent}:{os.environ['PATH']}"})
        script = (self.folder / "scripts").read_text().partition("$excluded0 << EOD")
        top = float(re.findall(r"set yrange \[\S+:(\S+)\]", script[0])[-1])
        self.assertGreater(top, 10)
        rows = [line.split() for line in script[2].partition("EOD")[0].split("\n") if line]
        self.assertEqual(len(rows), 6)
        for row in rows:
            self.assertGreater(float(row[2]), top)
        self.assertEqual({r["g_hi"] for r in self.rows("exclusion")}, {""})

    def test_lone_masses(self):
        """One mass in all, and masses between others without any event: no line, but a picture."""
        for name, options in [("one", ["--set", "scan.mass_gev=[0.1]"]), ("few", [])]:
            self.ok("run", QUICK, "--events", "4" if name == "few" else "1000", *options, "--quiet", "-o", f"{name}.h5")
            out = self.ok("plot", f"{name}.h5", "-o", "p")
            self.assertIn("exclusion.png", out)
        self.assertIn("", [r["g_lo"] for r in self.rows("exclusion")])

    def test_refuses(self):
        for content, words in [("0.01;1e-3;A\n", ["bad.csv:1", "mass,limit,label"]),
                               ("mass,limit,label\n0.01,-1,A\n", ["bad.csv:2", "> 0"]),
                               ("0.01,nan,A\n", ["> 0"]), ("0.01,1e-3,\n", ["label"]), ("", ["no points"]),
                               ("\0\n", ["NUL"])]:
            with self.subTest(content=content):
                (self.folder / "bad.csv").write_text(content)
                status, out, err = self.run_program("plot", "r.h5", "-o", "p", "--overlay", "bad.csv")
                self.assertEqual((status, out), (1, ""), err)
                for word in words:
                    self.assertIn(word, err)
        closed = ["--thermal", "--set", "process.dark_matter.kind=dirac", "--set", "process.dark_matter.mass_ratio=0.6"]
        for arguments, words, want in [(["--thermal"], ["dark_matter"], 1), (closed, ["mass_ratio = 0.6", "< 0.5"], 1), (["--overlay-dark", "o.csv"], ["--thermal"], 2),
                                       (["--overlay", "none.csv"], ["none.csv"], 1),
                                       (["--set", "beam.p_gev=3"], ["changes events"], 2)]:
            status, _, err = self.run_program("plot", "r.h5", "-o", "p", *arguments)
            self.assertEqual(status, want, err)
            for word in words:
                self.assertIn(word, err)


if __name__ == "__main__":
    unittest.main()
