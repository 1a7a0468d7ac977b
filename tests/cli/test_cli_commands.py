"""What each subcommand prints and writes, read back the way a user would."""

import csv
import io
import json
import math
import random
import re
import resource
import shlex
import shutil
import subprocess
import unittest

import h5py
import numpy

from zpscan_program import PROGRAM, QUICK, ROOT, ProgramTest

MUON = 0.1056583755
LEAD = 0.93149 * 207.2
HEADER = ("x,theta_rad,psi_rad,t_gev2,weight,zp_px,zp_py,zp_pz,zp_e,"
          "mu_px,mu_py,mu_pz,mu_e,n_px,n_py,n_pz,n_ekin")
EMISSION = ("--energy-gev", "160", "--material", "Pb", "--model")


class Run(ProgramTest):
    def test_quick_job(self):
        began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        out = self.ok("run", QUICK)
        # Of the processor, not of the clock: other programs may run beside.
        taken = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began
        flags = self.json("info")["flags"]
        if "-O0" not in flags and "-O1" not in flags:
            self.assertLess(taken, 5.0)
        self.assertEqual(self.names(), ["quick.h5"])
        self.assertIn("smu152", out)
        self.assertIn("g = 0.0001", out)
        self.assertIn("quick.h5: written", out)
        with h5py.File(self.folder / "quick.h5") as f:
            generated = f["trigger/smu152/generated"][:]
            accepted = f["trigger/smu152/accepted"][:]
            share = f["trigger/smu152/x_fraction"][:]
            numpy.testing.assert_allclose(f["trigger/smu152/efficiency"][:], 0.87 * share * accepted / generated,
                                          rtol=1e-12)
            self.assertEqual(len(f["grid/mass"]), 6)
        facts = self.json("info", "quick.h5")
        for key in ("tally_hash", "table_hash", "events_from_journal", "compiler", "flags", "host", "command",
                    "start_utc", "wall_s", "engine", "engine_detail", "n_threads"):
            self.assertIn(key, facts)
        self.assertEqual(facts["events_from_journal"], 0)
        self.assertEqual(facts["command"], f"zpscan run {QUICK}")
        self.assertGreater(facts["wall_s"], facts["setup_s"])
        self.assertEqual([t["name"] for t in facts["masses"][0]["triggers"]], ["smu152", "smu117"])
        self.assertEqual(facts["masses"][0]["triggers"][0]["accepted"], int(accepted[0]))
        self.assertIn(facts["tally_hash"], self.ok("info", "quick.h5"))

    def test_threads(self):
        """--threads, else OMP_NUM_THREADS, and the result tells the number that ran."""
        for environment, options, n in (("3", (), 3), ("3", ("--threads", 2), 2), ("3", ("--threads", 0), 3)):
            self.ok("run", QUICK, "--events", 100, "--quiet", "--force", "-o", "r.h5", *options,
                    env={"OMP_NUM_THREADS": environment})
            facts = self.json("info", "r.h5")
            self.assertEqual(facts["n_threads"], n)
            self.assertIn(f"{n} threads", facts["engine_detail"])

    def test_quiet_and_json_log(self):
        status, out, err = self.run_program("run", QUICK, "--events", "500", "--quiet", "--json-log", "log", "-o", "r.h5")
        self.assertEqual((status, out, err), (0, "", ""))
        events = [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]
        self.assertEqual(events[0]["event"], "start")
        self.assertEqual(events[-1]["event"], "done")
        self.assertEqual(events[-1]["events_done"], 6 * 500)

    def test_files_of_the_folder_do_not_matter(self):
        """Result files are made in memory first; HDF5 looks whether a file of their name there is in the way."""
        for name in ("zpscan", "draft"):
            (self.folder / name).write_bytes(b"not HDF5")
        self.ok("run", str(QUICK), "--events", "100", "--quiet", "-o", "quick.h5")

    def test_force_replaces(self):
        (self.folder / "r.h5").write_text("old")
        self.ok("run", QUICK, "--events", "100", "--force", "-o", "r.h5")
        self.assertEqual(self.json("info", "r.h5")["masses"][0]["events"], 100)
        self.assertEqual(self.names(), ["r.h5"])

    def test_set_and_seed_change_the_counts(self):
        """Each of them is part of the job; events of one seed are not those of another."""
        seen = set()
        for i, options in enumerate([[], ["--seed", "2"], ["--set", "triggers.smu152.S4.edge_x_mm=-90"]]):
            self.ok("run", QUICK, "--events", "2000", "--quiet", "-o", f"{i}.h5", *options)
            seen.add(self.json("info", f"{i}.h5")["tally_hash"])
        self.assertEqual(len(seen), 3)


class Check(ProgramTest):
    def test_one_line(self):
        out = self.ok("check", QUICK)
        self.assertEqual(out.count("\n"), 1)
        for words in ("ok: 6 masses", "2 triggers", "7 elements", "20000 events per mass"):
            self.assertIn(words, out)

    def test_one_of_each(self):
        out = self.ok("check", QUICK, "--set", "scan={mass_gev: [0.1], coupling: [1e-4]}", "--set", "events_per_mass=1")
        self.assertIn("ok: 1 mass (0.1 GeV), 1 coupling, 2 triggers, 7 elements, 1 event per mass\n", out)
        out = self.ok("run", QUICK, "--set", "scan.mass_gev=[0.1]", "--events", "10", "-o", "r.h5")
        self.assertIn("1 mass, 10 events; sigma", out)

    def test_examples_of_the_page(self):
        """The settings that docs/job-file.md shows, each by itself: no fault, no warning."""
        page = (ROOT / "docs" / "job-file.md").read_text()
        examples = re.findall(r"^    (--set .*)$", page, re.M)
        self.assertGreaterEqual(len(examples), 4)
        for example in (*examples, re.search(r"Example: zpscan check \S+ (.*)", self.ok("check", "--help")).group(1)):
            status, _, err = self.run_program("check", QUICK, *shlex.split(example))
            self.assertEqual((status, err), (0, ""), example)

    def test_printed_job_is_the_same_job(self):
        printed = self.ok("check", QUICK, "--print", "--set", "beam.p_gev=100")
        (self.folder / "again.yaml").write_text(printed)
        self.assertEqual(self.ok("check", "again.yaml", "--print"), printed)
        self.assertIn("p_gev: 100\n", printed)


class BeamFile(ProgramTest):
    def write(self, name, lines):
        (self.folder / name).write_text("".join(lines))
        return "--set", f"beam.file={name}"

    def gaussian(self, n):
        """Lines of the beam of the quick job."""
        draw = random.Random(5).gauss
        return [f"{draw(0, 9):.4f} {draw(0, 19):.4f} {draw(0, 0.3):.4f} {draw(0, 0.3):.4f} {draw(160, 4.8):.4f}\n"
                for _ in range(n)]

    def test_sorted_file_is_sampled_evenly(self):
        """A run over a fifth of the file: its efficiency does not depend on the order of the lines, by four errors of the
        difference of two. Read from the top, the file sorted by x gives a fifth more."""
        lines = self.gaussian(200000)
        found = []
        for name, ordered in (("s.txt", sorted(lines, key=lambda line: float(line.split()[0]))), ("u.txt", lines)):
            self.ok("run", QUICK, *self.write(name, ordered), "--set", "scan.mass_gev=[0.5]", "--events", 40000, "-o",
                    name + ".h5", "--quiet")
            found.append(self.json("info", name + ".h5")["masses"][0]["triggers"][0])
        a, b = (t["efficiency"] for t in found)
        self.assertLess(abs(a / b - 1), 4 * math.hypot(*(t["relative_error"] for t in found)))

    def test_runs_of_two_orders_are_not_added_up(self):
        lines = self.gaussian(1000)
        file = self.write("b.txt", lines)
        self.ok("run", QUICK, *file, "--events", 1000, "-o", "b.h5", "--quiet")
        self.write("b.txt", lines[::-1])
        status, _, err = self.run_program("run", QUICK, *file, "--events", 2000, "-o", "b.h5", "--extend", "--quiet")
        self.assertEqual((status, err.count("\n")), (1, 1), err)
        self.assertIn("other tables: table_hash", err)

    def test_much_used_file_is_told(self):
        file = self.write("b.txt", self.gaussian(200))
        told = "200 particles for 2001 events per mass, each used about 10 times"
        for events, n_lines in ((2000, 0), (2001, 1)):
            for command in (("check", "--set", f"events_per_mass={events}"),
                            ("run", "--events", events, "-o", f"{events}.h5", "--quiet")):
                status, _, err = self.run_program(command[0], QUICK, *file, *command[1:])
                self.assertEqual((status, err.count("\n")), (0, n_lines), err)
                self.assertEqual(err.startswith(f"zpscan {command[0]}: ") and told in err, n_lines == 1, err)

    def test_bad_file_is_no_job(self):
        status, out, err = self.run_program("check", QUICK, *self.write("b.txt", ["1 2 3\n"]))
        self.assertEqual((status, out), (1, ""))
        self.assertIn("b.txt:1: 3 columns: expected 5", err)


class CrossSection(ProgramTest):
    def test_json(self):
        facts = self.json("xsec", "--mass-gev", "0.1", *EMISSION, "etl", "--coupling", "1e-4")
        # 103.4 pb is the ETL value of an independent calculation at 100 MeV, to be met within 0.2 %.
        self.assertAlmostEqual(facts["sigma_pb"], 103.4, delta=0.2)
        self.assertLess(facts["sigma_error_pb"], 1e-3 * facts["sigma_pb"])
        wanted = {"model": "etl", "mass_gev": 0.1, "energy_gev": 160, "material": "Pb", "coupling": 1e-4, "x_min": 0}
        self.assertEqual({key: facts[key] for key in wanted}, wanted)

    def test_coupling_squared_and_x_min(self):
        base = self.json("xsec", "--mass-gev", "0.1", *EMISSION, "ww")["sigma_pb"]
        double = self.json("xsec", "--mass-gev", "0.1", *EMISSION, "ww", "--coupling", "2e-4")["sigma_pb"]
        part = self.json("xsec", "--mass-gev", "0.1", *EMISSION, "ww", "--x-min", "0.5")["sigma_pb"]
        self.assertAlmostEqual(double / base, 4.0, delta=1e-12)
        self.assertTrue(0 < part < base)
        self.assertIn("pb", self.ok("xsec", "--mass-gev", "0.1", *EMISSION, "iww"))


class Sample(ProgramTest):
    def rows(self, *arguments):
        text = self.ok("sample", *arguments, "-o", "-")
        self.assertEqual(text.splitlines()[0], HEADER)
        return {k: numpy.array(v, dtype=float) for k, v in
                zip(HEADER.split(","), zip(*list(csv.reader(io.StringIO(text)))[1:]))}

    def check_closure(self, r, mass, energy):
        """Energy and momentum before = after, 1e-9 of the beam energy; masses of all particles on their shells.

        Energies are computed apart from momenta, so that closing them is no identity. On the shell, E^2 - p^2 loses
        the digits of E^2: 1e-16 E^2 for the Z', and for the nucleus the 1e-16 E of each momentum times |q|."""
        p = math.sqrt((energy - MUON) * (energy + MUON))
        total = r["zp_e"] + r["mu_e"] + r["n_ekin"]
        numpy.testing.assert_allclose(total, energy, rtol=1e-9)
        for axis, before in (("px", 0.0), ("py", 0.0), ("pz", p)):
            numpy.testing.assert_allclose(r["zp_" + axis] + r["mu_" + axis] + r["n_" + axis], before,
                                          rtol=0, atol=1e-9 * p)
        square = {name: r[name + "_px"] ** 2 + r[name + "_py"] ** 2 + r[name + "_pz"] ** 2 for name in ("zp", "mu", "n")}
        numpy.testing.assert_allclose(r["zp_e"] ** 2 - square["zp"], mass**2, rtol=1e-9, atol=1e-14 * energy**2)
        numpy.testing.assert_allclose(r["mu_e"] ** 2 - square["mu"], MUON**2, rtol=1e-9, atol=1e-14 * energy**2)
        q2 = 2 * LEAD * r["n_ekin"] + r["n_ekin"] ** 2
        self.assertTrue(numpy.all(numpy.abs(square["n"] - q2) <= 1e-8 * q2 + 1e-12 * energy * numpy.sqrt(q2)))
        numpy.testing.assert_allclose(r["t_gev2"], 2 * LEAD * r["n_ekin"], rtol=1e-12)
        numpy.testing.assert_allclose(r["x"], r["zp_e"] / energy, rtol=1e-12)
        numpy.testing.assert_allclose(numpy.hypot(r["zp_px"], r["zp_py"]),
                                      numpy.sqrt(square["zp"]) * numpy.sin(r["theta_rad"]), rtol=1e-9, atol=1e-14)
        numpy.testing.assert_allclose(numpy.hypot(r["mu_px"], r["mu_py"]),
                                      numpy.sqrt(square["mu"]) * numpy.sin(r["psi_rad"]), rtol=1e-7, atol=1e-12)
        self.assertTrue(numpy.all(r["weight"] >= 1))
        self.assertTrue(numpy.all(r["weight"] == numpy.floor(r["weight"])))

    def test_closure(self):
        for model in ("etl", "ww"):
            for mass in (0.001, 0.01, 0.1, 1.0, 3.0):
                with self.subTest(model=model, mass=mass):
                    r = self.rows("--mass-gev", mass, *EMISSION, model, "--events", 5000, "--seed", 1)
                    self.check_closure(r, mass, 160.0)
                    # The mean weight is 1 at the nominal energy; its spread is below 1: 5 standard errors.
                    self.assertAlmostEqual(r["weight"].sum() / 5000, 1.0, delta=5 / math.sqrt(5000))

    def test_azimuth_is_uniform(self):
        """The means of cos and sin of a uniform angle vanish: 5 standard errors of sqrt(1/2N)."""
        r = self.rows("--mass-gev", 0.1, *EMISSION, "etl", "--events", 20000, "--seed", 3)
        for name in ("zp", "mu"):
            angle = numpy.arctan2(r[name + "_py"], r[name + "_px"])
            bound = 5 * math.sqrt(0.5 / len(angle))
            self.assertLess(abs(numpy.cos(angle).mean()), bound)
            self.assertLess(abs(numpy.sin(angle).mean()), bound)

    def test_files(self):
        arguments = ("--mass-gev", 0.1, *EMISSION, "etl", "--events", 300, "--seed", 1)
        text = self.ok("sample", *arguments, "-o", "-")
        self.ok("sample", *arguments, "-o", "s.csv")
        self.ok("sample", *arguments, "--format", "h5", "-o", "s.h5")
        self.assertEqual((self.folder / "s.csv").read_text(), text)
        self.assertEqual(self.names(), ["s.csv", "s.h5"])
        r = self.rows(*arguments)
        with h5py.File(self.folder / "s.h5") as f:
            for name, values in r.items():
                numpy.testing.assert_array_equal(f[name][:], values)
                self.assertIn("units", f[name].attrs)
            self.assertEqual((f.attrs["events"], f.attrs["charge"]), (300, 1))
        self.ok("sample", *arguments, "--format", "csv", "-o", "s.table")
        self.assertEqual((self.folder / "s.table").read_text(), text)
        self.ok("sample", *arguments, "--seed", "2", "--force", "-o", "s.csv")
        self.assertNotEqual((self.folder / "s.csv").read_text(), text)


class Events(ProgramTest):
    def test_rows_add_up_to_the_run(self):
        """Event i is the same in both commands, so the sums of k are the counts, exactly."""
        self.ok("run", QUICK, "--masses", "3:4", "--events", "6000", "--quiet", "-o", "r.h5")
        self.ok("events", QUICK, "--mass-gev", "0.2", "--events", "4000", "-o", "a.h5")
        self.ok("events", QUICK, "--mass-gev", "0.2", "--events", "2000", "--first", "4000", "-o", "b.h5")
        mass = self.json("info", "r.h5")["masses"][0]
        with h5py.File(self.folder / "a.h5") as a, h5py.File(self.folder / "b.h5") as b:
            column = {name: numpy.concatenate([a[name][:], b[name][:]]) for name in ("event", "k", "fate", "hits", "p_in")}
            names = dict(n.split(" ") for n in a["fate"].attrs["names"].decode().split(", "))
            x = numpy.concatenate([a["plane/S4/x"][:], b["plane/S4/x"][:]])
            self.assertEqual(a["plane/S4"].attrs["z_mm"], 8374.0)
            self.assertEqual(a["plane/Smu/p"].attrs["units"], b"GeV")
        numpy.testing.assert_array_equal(column["event"], numpy.arange(6000))
        for number, name in names.items():
            total = int(column["k"][column["fate"] == int(number)].sum())
            self.assertEqual(total, mass["fates"][name], name)
        # smu152 is trigger 0: bits 0 (S4) and 1 (Smu); S4 covers -265 <= x < -65 there.
        both = (column["hits"] & 3) == 3
        self.assertEqual(int(column["k"][both].sum()), mass["triggers"][0]["in_coincidence"])
        self.assertTrue(numpy.all((x[both] >= -265) & (x[both] < -65)))
        self.assertTrue(numpy.all(numpy.isnan(x[column["fate"] == 3])))

    def test_every_engine_makes_the_same_file(self):
        for engine in ("cpu", "check"):
            self.ok("events", QUICK, "--mass-gev", "0.2", "--events", "3000", "--engine", engine, "-o", f"{engine}.h5")
        self.assertEqual((self.folder / "cpu.h5").read_bytes(), (self.folder / "check.h5").read_bytes())


class Track(ProgramTest):
    def test_published_offset(self):
        """<dx> = -12.0 mm at S4 for 160 GeV: 0.3 * 1.4 T m / 160 GeV over 4574 mm from the centre of the magnet."""
        facts = self.json("track", ROOT / "grids" / "na64mu-2022.yaml", "--p-gev", "160", "--no-matter")
        self.assertEqual([p["name"] for p in facts["planes"]], ["S4", "Smu"])
        self.assertEqual(facts["fate"], "arrived")
        s4 = facts["planes"][0]
        self.assertAlmostEqual(s4["x_mm"], -12.0, delta=0.1)
        self.assertEqual((s4["z_mm"], s4["y_mm"], s4["p_gev"]), (8374.0, 0.0, 160.0))

    def test_circle_in_a_uniform_field(self):
        """A uniform field of 1.4 T m over 2.2 m turns a 20 GeV muon on a circle of radius p/(0.29979 B).

        The map is float32: B is good to 6e-8, and so is the offset."""
        job = self.job(("generate: dipole", "generate: uniform"))
        facts = self.json("track", job, "--p-gev", "20", "--no-matter")
        radius = 20 / (0.299792458e-3 * (1.4 / 2.2))
        sine = 2200 / radius
        slope = -sine / math.sqrt(1 - sine**2)
        x = -radius * (1 - math.sqrt(1 - sine**2)) + slope * (8374 - 4900)
        self.assertAlmostEqual(facts["planes"][0]["x_mm"], x, delta=3e-7 * abs(x))
        self.assertAlmostEqual(facts["planes"][0]["tx_mrad"], 1e3 * slope, delta=3e-4 * abs(slope))

    def test_matter_and_fates(self):
        with_matter = self.json("track", QUICK, "--p-gev", "100", "--x-mm", "100")["planes"]
        in_hole = self.json("track", QUICK, "--p-gev", "100")["planes"]
        self.assertLess(with_matter[0]["p_gev"], in_hole[0]["p_gev"])
        self.assertLess(in_hole[1]["p_gev"], in_hole[0]["p_gev"] - 2)
        lost = self.json("track", QUICK, "--p-gev", "160", "--ty-mrad", "60")
        self.assertEqual((lost["planes"], lost["fate"]), ([], "lost_gap"))
        self.assertIn("fate: lost_gap", self.ok("track", QUICK, "--p-gev", "160", "--ty-mrad", "60"))


class Info(ProgramTest):
    def test_build(self):
        facts = self.json("info")
        engines = {e["name"]: e for e in facts["engines"]}
        self.assertTrue(engines["cpu"]["available"])
        self.assertIn("x86-64" if "x86" in engines["cpu"]["detail"] else "threads", engines["cpu"]["detail"])
        self.assertTrue(engines["cuda"]["available"] or engines["cuda"]["reason"])
        self.assertIn("-ffp-contract=off", facts["flags"])
        self.assertIn("engine cpu", self.ok("info"))

    def test_materials(self):
        """All that a layer may be made of, each as `--material` tells it."""
        listed = self.json("info")["materials"]
        self.assertTrue({"Pb", "Fe", "Cu", "polystyrene", "air", "paper"} <= {m["name"] for m in listed})
        text = self.ok("info")
        for m in listed:
            facts = self.json("info", "--material", m["name"])
            self.assertEqual(m, {key: facts[key] for key in m})
            self.assertIn(f"material {m['name']} ", text)
            self.assertEqual(self.ok("check", QUICK, "--set", f"layout.VETO.layers.polystyrene.material={m['name']}")
                             .count("ok"), 1)

    def test_material(self):
        """Lead: 11.35 g/cm^3, X0 = 5.612 mm, minimum 1.122 MeV cm^2/g, muon critical energy 141 GeV (PDG; 10 %)."""
        facts = self.json("info", "--material", "Pb")
        self.assertEqual(facts["density_g_cm3"], 11.35)
        self.assertAlmostEqual(facts["radiation_length_mm"], 5.612, delta=0.01)
        self.assertAlmostEqual(facts["min_dedx_mev_cm2_g"], 1.122, delta=0.01)
        self.assertAlmostEqual(facts["critical_energy_gev"], 141, delta=14)
        self.assertIn("lead", self.ok("info", "--material", "Pb"))


@unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
class Plot(ProgramTest):
    def test_pictures(self):
        self.ok("run", QUICK, "--events", "500", "--quiet", "-o", "r.h5")
        for _ in range(2):  # made, then there
            self.ok("plot", "r.h5", "-o", "pictures")
        names = sorted(p.name for p in (self.folder / "pictures").iterdir())
        self.assertEqual([n for n in names if n.startswith(("e_cal", "efficiency", "yield"))],
                         [f"{name}.{kind}" for name in ("e_cal", "efficiency", "yield") for kind in ("csv", "pdf", "png")])
        self.assertEqual((self.folder / "pictures" / "efficiency.png").read_bytes()[:4], b"\x89PNG")
        self.ok("plot", "r.h5")
        self.assertIn("efficiency.png", self.names())

    @unittest.skipUnless(shutil.which("git"), "git is not installed")
    def test_demo_leaves_a_clean_tree(self):
        """What `make demo` writes at the top of the tree is ignored there."""
        shutil.copy(ROOT / ".gitignore", self.folder)
        git = ("git", "-c", "core.excludesFile=/dev/null")
        subprocess.run([*git, "init", "-q", "."], cwd=self.folder, check=True)
        self.ok("run", ROOT / "grids" / "na64mu-2022.yaml", "--events", "100", "--quiet", "-o", "na64mu-2022.h5")
        self.ok("plot", "na64mu-2022.h5", "-o", ".")
        for name in ("na64mu-2022.h5", "e_cal.png", "efficiency.pdf", "layout.csv"):
            self.assertIn(name, self.names())
        left = subprocess.run([*git, "status", "--porcelain"], cwd=self.folder, check=True, capture_output=True, text=True)
        self.assertEqual(left.stdout, "?? .gitignore\n")

    def test_beam_muons_have_no_yield(self):
        self.ok("run", QUICK, "--events", "500", "--set", "process.kind=none", "--quiet", "-o", "r.h5")
        drawn = self.ok("plot", "r.h5").split()
        self.assertIn("./efficiency.png", drawn)
        self.assertNotIn("./yield.png", drawn)

    def test_folder_that_cannot_be(self):
        self.ok("run", QUICK, "--events", "10", "--quiet", "-o", "r.h5")
        for folder, words in [("none/pictures", "none/pictures: cannot make the folder: No such file"),
                              ("r.h5", "r.h5: expected a folder")]:
            status, out, err = self.run_program("plot", "r.h5", "-o", folder)
            self.assertEqual((status, out, err.count("\n")), (1, "", 1), err)
            self.assertIn(words, err)

    def test_picture_cut_short(self):
        """A limit on the size of files holds for gnuplot too, which does not mind: no half picture takes the old one's place."""
        self.ok("run", QUICK, "--events", "10", "--quiet", "-o", "r.h5")
        (self.folder / "efficiency.png").write_bytes(b"old")
        for blocks in (4, 20):
            limited = f"ulimit -f {blocks}; trap '' XFSZ; exec \"$@\""
            done = subprocess.run(["bash", "-c", limited, "bash", PROGRAM, "plot", "r.h5"], cwd=self.folder,
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
            self.assertIn("gnuplot: ", done.stderr)
            self.assertEqual((self.folder / "efficiency.png").read_bytes(), b"old")
            self.assertEqual(self.names(), ["efficiency.png", "r.h5"])


if __name__ == "__main__":
    unittest.main()
