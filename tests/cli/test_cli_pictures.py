"""Pictures as scripts: a stand-in for gnuplot keeps what it is told to draw, so these tests need none."""

import os
import re
import unittest

import yaml
from zpscan_program import QUICK, ProgramTest

STAND_IN = """#!/bin/sh
cat > "$SCRIPTS/$$"
printf 'IEND\\256B\\140\\202'
"""


class Plain(yaml.SafeDumper):
    """Without anchors, which jobs have not."""

    def ignore_aliases(self, data):
        return True


class Scripts(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "gnuplot").write_text(STAND_IN)
        (self.folder / "bin" / "gnuplot").chmod(0o755)
        self.env = {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "SCRIPTS": str(self.folder / "scripts")}

    def draw(self, *arguments):
        """Runs a command; returns its messages and the scripts of its PNGs in the order drawn."""
        for old in (self.folder / "scripts").glob("*"):
            old.unlink()
        (self.folder / "scripts").mkdir(exist_ok=True)
        status, _, err = self.run_program(*arguments, env=self.env)
        self.assertEqual(status, 0, err)
        scripts = sorted((self.folder / "scripts").iterdir(), key=lambda p: p.stat().st_mtime_ns)
        texts = [p.read_text() for p in scripts]
        return err.splitlines(), [t for t in texts if "set terminal pdfcairo" not in t]

    def result(self, name, *settings, events=300, job=QUICK):
        sets = [a for s in settings for a in ("--set", s)]
        self.ok("run", job, "--events", events, "--quiet", *sets, "-o", name)
        return name

    def script_with(self, scripts, text):
        found = [s for s in scripts if text in s]
        self.assertEqual(len(found), 1, text)
        return found[0]

    def names(self):
        return sorted(p.name for p in (self.folder / "p").glob("*.png"))

    def number(self, pattern, script):
        match = re.search(pattern, script)
        self.assertIsNotNone(match, pattern)
        return float(match.group(1))

    def axis(self, script, letter):
        match = re.search(rf"set {letter}range \[([^:]+):([^\]]+)\]", script)
        self.assertIsNotNone(match, letter)
        return float(match.group(1)), float(match.group(2))


class Plot(Scripts):
    def job_of(self, n, name):
        """The quick job with n triggers side by side and a plane that is required."""
        job = yaml.safe_load(QUICK.read_text())
        first = job["triggers"][0]
        far = first["planes"][1]
        job["triggers"] = [{**first, "name": name.format(i),
                            "planes": [first["planes"][0], {**far, "edge_x_mm": -180 + 10 * i}]} for i in range(n)]
        job["layout"].insert(4, {"name": "T1", "kind": "plane", "start_mm": 5000, "width_mm": 200, "height_mm": 80,
                                 "required": True})
        job["scan"]["coupling"] = [1e-4, 1e-3]
        (self.folder / "job.yaml").write_text(yaml.dump(job, Dumper=Plain, sort_keys=False))
        return "job.yaml"

    def assert_legend_below(self, script):
        """From the rim up: rows of 44 pixels, then 110 for numbers and label of the axis, then the plot."""
        height = self.number(r"size 1800,(\d+)", script)
        n = len(re.findall(r" title ", script))
        rows = re.search(r"(maxrows|maxcols) (\d+)", script)
        n_rows = int(rows.group(2)) if rows.group(1) == "maxrows" else -(-n // int(rows.group(2)))
        key = self.number(r"set key at screen 0.5, screen ([\d.]+) center bottom", script) * height
        self.assertLessEqual(key + 44 * n_rows + 110, self.number(r"set bmargin at screen ([\d.]+)", script) * height)

    def test_many_triggers(self):
        for n, name in [(7, "muon_trigger_with_a_quite_long_name_{}"), (15, "smu{}"), (15, "m" * 60 + "{}")]:
            with self.subTest(n=n, name=name):
                _, scripts = self.draw("plot", self.result(f"{n}{len(name)}.h5", job=self.job_of(n, name)), "-o", "p")
                efficiency = self.script_with(scripts, "Signal efficiency")
                layout = self.script_with(scripts, "$track0")
                self.assert_legend_below(efficiency)
                self.assert_legend_below(layout)
                curves = re.findall(r"linespoints linecolor rgb '(#\w+)' linewidth \S+ dashtype (\S+) pointtype (\d+)",
                                    efficiency)
                counters = re.findall(r"\$counter\d+ using .* linecolor rgb '(#\w+)' linewidth \S+ dashtype (\S+)", layout)
                self.assertEqual((len(curves), len(set(curves))), (n, n))
                self.assertEqual((len(counters), len(set(counters))), (n, n))

    def test_required_plane_has_a_line(self):
        _, scripts = self.draw("plot", self.result("r.h5", job=self.job_of(2, "smu{}")), "-o", "p")
        self.assertIn("set arrow from 5,-100 to 5,100 nohead", self.script_with(scripts, "$track0"))
        self.assertIn("plane,T1,5000,5000,-100,100\n", (self.folder / "p" / "layout.csv").read_text())

    def test_what_cannot_be_drawn_is_left_out(self):
        far = [f"triggers.{t}.S4.edge_x_mm=-1000" for t in ("smu152", "smu117")]
        scalar = ["process.mediator=scalar", "process.dark_matter.kind=dirac"]
        limits = "exclusion.png, expected.png: "
        for name, settings, drawn, words in [
                ("none", ["process.kind=none"], ["efficiency", "layout"],
                 ["yield.png: process.kind = none", "e_cal.png: no muon", limits + "process.kind = none"]),
                ("zero", far, ["efficiency", "layout"],
                 ["yield.png: no mass has a yield", "e_cal.png: no muon", limits + "no mass has a limit"]),
                ("scalar", scalar, ["e_cal", "efficiency", "layout", "yield"], [limits + "process.mediator"]),
                ("one", ["scan.mass_gev=[0.2]"], ["e_cal", "efficiency", "exclusion", "expected", "layout"],
                 ["yield.png: a yield map needs"])]:
            with self.subTest(name=name):
                lines, _ = self.draw("plot", self.result(f"{name}.h5", *settings), "-o", "p")
                self.assertEqual(self.names(), [f"{d}.png" for d in drawn])
                self.assertEqual(len(lines), len(words), lines)
                for line, word in zip(lines, words):
                    self.assertIn("zpscan plot: left out: " + word, line)
                for path in (self.folder / "p").iterdir():
                    path.unlink()

    def test_thermal_targets_are_for_a_vector(self):
        self.result("s.h5", "process.mediator=scalar", "process.dark_matter.kind=dirac")
        self.result("n.h5", "process.kind=none", "process.dark_matter.kind=dirac")
        for name, words in [("s.h5", "process.mediator: expected vector"), ("n.h5", "process.kind = none")]:
            status, _, err = self.run_program("plot", name, "--thermal", env=self.env)
            self.assertEqual((status, err.count("\n")), (1, 1), err)
            self.assertIn(words, err)

    def test_overlays(self):
        """Masses 0.01 to 1 GeV: curves at up to 100 GeV widen the axis, what lies beyond is named and has no entry; a
        line between points far off is drawn; one point is a mark."""
        (self.folder / "o.csv").write_text("10,2e-3,near\n100,3e-3,near\n1e3,1,far\n0.5,1e-2,point\n"
                                           "1e-6,1e-5,across\n1e6,1e-1,across\n")
        lines, scripts = self.draw("plot", self.result("r.h5", events=3000), "-o", "p", "--overlay", "o.csv")
        script = self.script_with(scripts, "$excluded0")
        self.assertEqual(lines, ["zpscan plot: left out: exclusion.png: curve far lies outside of its 0.01 .. 100 GeV"])
        self.assertEqual(self.axis(script, "x"), (0.01, 100))
        self.assertEqual(re.findall(r"title '(\w+)' noenhanced", script), ["near", "point", "across"])
        self.assertRegex(script, r"using 1:2 with points .* title 'point'")
        self.assertIn("set clip two", script)
        self.assert_legend_below(script)

    def test_without_gnuplot_nothing_is_written(self):
        self.result("r.h5")
        (self.folder / "p").mkdir()
        for folder in ("p", "new"):
            status, out, err = self.run_program("plot", "r.h5", "-o", folder, env={"PATH": "/nowhere"})
            self.assertEqual((status, out), (1, ""))
            self.assertIn("gnuplot: not found on PATH", err)
        self.assertEqual(list((self.folder / "p").iterdir()), [])
        self.assertFalse((self.folder / "new").exists())

    def test_beam_muons_in_a_thin_calorimeter(self):
        """Without emission a mass is a number and no more: one curve."""
        _, scripts = self.draw("plot", self.result("r.h5", "process.kind=none", "layout.ECAL.repeat=10",
                                                   *[f"triggers.{t}.{p}.edge_x_mm=50" for t in ("smu152", "smu117")
                                                     for p in ("S4", "Smu")]), "-o", "p")
        script = self.script_with(scripts, "{CAL}")
        self.assertEqual(re.findall(r"title (.*)", script), ["'no emission'"])


class Placement(Scripts):
    def marks(self, script):
        """x4, xm, 0, rate, g90 of every mark that is drawn."""
        blocks = dict(re.findall(r"(\$p\d+) << EOD\n([^\n]*)\nEOD", script))
        return [[float(v) for v in blocks[name].split()] for name in re.findall(r"(\$p\d+) using .*? title ", script)]

    def test_triggers_off_the_lattice(self):
        settings = ["beam.charge=-1"] + [f"triggers.{t}.{p}.edge_x_mm={x}" for t, p, x in [
            ("smu152", "S4", 265), ("smu117", "S4", 265), ("smu152", "Smu", 452), ("smu117", "Smu", 417)]]
        _, scripts = self.draw("optimize", QUICK, "--quiet", "--events", "2000", "--beam-events", "100000",
                               "--replicas", "0", "-o", "o", *[a for s in settings for a in ("--set", s)])
        script = self.script_with(scripts, "$merit")
        marks = self.marks(script)
        self.assertEqual([m[:2] for m in marks[:2]], [[265, 452], [265, 417]])
        (x_lo, x_hi), (y_lo, y_hi) = self.axis(script, "x"), self.axis(script, "y")
        for x, y in (m[:2] for m in marks):
            self.assertTrue(x_lo <= x <= x_hi and y_lo <= y <= y_hi, (x, y))
        self.assertIn("off the lattice", script)

    def test_trigger_out_of_all_proportion(self):
        """Far beyond the lattice a trigger is named and not drawn: the map would be a speck. One that accepts nothing has
        no place on the front."""
        _, scripts = self.draw("optimize", QUICK, "--quiet", "--events", "2000", "--beam-events", "100000",
                               "--replicas", "0", "-o", "o", "--set", "triggers.smu117.Smu.edge_x_mm=9000")
        script = self.script_with(scripts, "$merit")
        self.assertIn("NaN with points pointtype 5 pointsize 2.4 linecolor rgb '#009E73' title 'smu117 (-65, 9000), outside'",
                      script)
        self.assertEqual([m[:2] for m in self.marks(script)][:1], [[-65, -152]])
        self.assertLessEqual(self.axis(script, "y")[1], 100)
        self.assertIn("NaN with points pointtype 5 pointsize 2.4 linecolor rgb '#009E73' title 'smu117 (-65, 9000), accepts "
                      "none'", self.script_with(scripts, "$front"))

    def test_front_holds_the_best_position(self):
        """At a low rate the best g90 is more than ten times the lowest of the front, up to which the front is drawn."""
        _, scripts = self.draw("optimize", QUICK, "--quiet", "--events", "20000", "--beam-events", "1000000",
                               "--replicas", "0", "--rate-max", "2e-6", "-o", "o")
        script = self.script_with(scripts, "$front")
        lo, hi = self.axis(script, "y")
        couplings = [1e4 * m[4] for m in self.marks(script)]
        front = [float(line.split()[1]) for line in re.search(r"\$front << EOD\n(.*?)EOD", script, re.S).group(1).splitlines()]
        self.assertGreater(max(couplings), 10 * min(front))
        self.assertTrue(all(lo < c < hi for c in couplings), (lo, hi, couplings))


class Field(Scripts):
    def test_note_stands_above_the_curve(self):
        """Of the height of the frame the curve has 1/(1 + above + below) and ends at `above` from the top; a note of 30
        points is 35 of 567 pixels high, its middle at the height that is told."""
        self.ok("field", "make", "dipole", "--integral-tm", "1.4", "-o", "d.h5")
        _, scripts = self.draw("field", "check", "d.h5", "--plot", ".")
        script = self.script_with(scripts, "$by")
        above, below = (float(v) for v in re.search(r"offsets 0, 0, graph ([\d.]+), graph ([\d.]+)", script).groups())
        heights = [float(v) for v in re.findall(r"set label 1 .* graph ([\d.]+) front", script)]
        self.assertEqual(len(heights), 2)
        for height in heights:
            self.assertGreater(height - 0.5 * 35 / 567, 1 - above / (1 + above + below))

    def test_numbers_push_the_label_away(self):
        """A plot in two dimensions moves its label aside of its numbers; a map of three does not."""
        self.ok("field", "make", "dipole", "--integral-tm", "1.4", "-o", "d.h5")
        _, scripts = self.draw("field", "check", "d.h5", "--plot", ".")
        script = self.script_with(scripts, "$side")
        self.assertNotIn("splot", script)
        self.assertRegex(script, r"set ylabel '\{/:Italic x\}  \[mm\]'\n")


if __name__ == "__main__":
    unittest.main()
