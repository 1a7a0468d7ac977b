"""The law: parts merged are the run over all their masses, whole file but for where it came from; else a refusal."""

import unittest

import h5py
import numpy

from zpscan_program import QUICK, ProgramTest

EVENTS = 3000
PLACED = ("--set", "placement.step_mm=10", "--set", "placement.first_mm=[-500,100]", "--set",
          "triggers.smu152.Smu.edge_x_mm=-150", "--set", "triggers.smu117.Smu.edge_x_mm=-120", "--set",
          "triggers.smu152.S4.edge_x_mm=-60", "--set", "triggers.smu117.S4.edge_x_mm=-60")
FROM_RUN = {"run"}


def content(path):
    """Every dataset and attribute outside /run, and the identity inside it."""
    found = {}

    def visit(name, item):
        if name.split("/")[0] in FROM_RUN and not name.startswith(("run/range", "run/events")):
            return
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    with h5py.File(path) as file:
        file.visititems(visit)
        for key in ("job_hash", "table_hash", "map_hash", "tally_hash", "content_hash", "seed", "i_first_mass"):
            found["run." + key] = file["run"].attrs[key]
    return found


class Merge(ProgramTest):
    def part(self, name, masses, *options, events=EVENTS):
        chosen = () if masses is None else ("--masses", masses)
        self.ok("run", QUICK, "--events", events, "-o", name, "--quiet", *chosen, *options)

    def same(self, a, b):
        left, right = content(self.folder / a), content(self.folder / b)
        self.assertEqual(left.keys(), right.keys())
        for name, value in left.items():
            numpy.testing.assert_array_equal(value, right[name], err_msg=name)

    def test_target_error(self):
        """Parts run to one error make a whole run to it; of two errors, one of none."""
        target = ("--target-error", "5%")
        self.part("whole.h5", None, *target, events=20000)
        self.part("a.h5", "0:2", *target, events=20000)
        self.part("b.h5", "2:6", *target, events=20000)
        self.ok("merge", "a.h5", "b.h5", "-o", "merged.h5")
        self.same("merged.h5", "whole.h5")
        self.assertEqual(self.json("info", "merged.h5")["target_error"], 0.05)
        self.part("c.h5", "2:6", events=4096)
        self.ok("merge", "a.h5", "c.h5", "-o", "mixed.h5")
        self.assertIsNone(self.json("info", "mixed.h5")["target_error"])

    def refused(self, words, *parts):
        before = self.names()
        status, out, err = self.run_program("merge", *parts, "-o", "no.h5")
        self.assertEqual((status, out, err.count("\n")), (1, "", 1), err)
        for word in words:
            self.assertIn(word, err)
        self.assertEqual(self.names(), before)

    def test_merged_parts_are_the_whole(self):
        self.part("whole.h5", None)
        self.part("a.h5", "0:1", "--engine", "check", "--threads", 1)
        self.part("b.h5", "1:4", "--set", "run.tile_events=500")
        self.part("c.h5", "4:6")
        out = self.ok("merge", "c.h5", "a.h5", "b.h5", "-o", "m.h5")
        self.assertIn(self.json("info", "whole.h5")["tally_hash"], out)
        self.same("m.h5", "whole.h5")
        self.assertEqual(self.json("info", "m.h5")["engine"], "mixed")
        self.assertFalse(any("journal" in name or "tmp" in name for name in self.names()))
        # In two steps, and what comes out is a result like any other.
        self.ok("merge", "a.h5", "b.h5", "-o", "ab.h5", "--quiet")
        self.ok("merge", "ab.h5", "c.h5", "-o", "m2.h5", "--quiet")
        self.same("m2.h5", "whole.h5")
        self.assertIn("finished already",
                      self.ok("run", QUICK, "--events", EVENTS, "-o", "m.h5", "--resume"))
        self.part("more.h5", None, events=EVENTS + 500)
        self.ok("run", QUICK, "--events", EVENTS + 500, "-o", "m.h5", "--extend", "--quiet")
        self.same("m.h5", "more.h5")

    def test_surfaces(self):
        self.part("whole.h5", "1:4", *PLACED)
        self.part("a.h5", "1:2", *PLACED)
        self.part("b.h5", "2:4", *PLACED)
        self.ok("merge", "a.h5", "b.h5", "-o", "m.h5", "--quiet")
        self.same("m.h5", "whole.h5")
        self.assertEqual(self.json("info", "m.h5")["surface_hash"], self.json("info", "whole.h5")["surface_hash"])

    def test_part_of_the_masses_says_so(self):
        self.part("a.h5", "1:2")
        self.part("b.h5", "2:3")
        status, _, err = self.run_program("merge", "a.h5", "b.h5", "-o", "m.h5", "--quiet")
        self.assertEqual(status, 0)
        self.assertIn("masses 1:3 of the 6", err)
        self.assertEqual(self.json("info", "m.h5")["i_first_mass"], 1)

    def test_whole_wants_every_mass(self):
        """Masses missing at either end are named; with all there the option changes nothing."""
        self.part("a.h5", "0:1")
        self.part("b.h5", "1:5")
        self.part("c.h5", "5:6")
        self.refused(["masses 0:1 of the 6", "--masses 0:1"], "b.h5", "c.h5", "--whole")
        self.refused(["masses 5:6 of the 6", "--masses 5:6"], "a.h5", "b.h5", "--whole")
        self.assertIn("written from 3 parts", self.ok("merge", "a.h5", "b.h5", "c.h5", "--whole", "-o", "m.h5"))

    def test_uneven_parts(self):
        """Events are no part of a job's identity: the fewer can be added later."""
        self.part("a.h5", "0:2", events=1000)
        self.part("b.h5", "2:6")
        self.ok("merge", "a.h5", "b.h5", "-o", "m.h5", "--quiet")
        self.assertEqual([m["events"] for m in self.json("info", "m.h5")["masses"]], [1000] * 2 + [EVENTS] * 4)
        self.part("whole.h5", None)
        self.ok("run", QUICK, "--events", EVENTS, "-o", "m.h5", "--extend", "--quiet")
        self.same("m.h5", "whole.h5")

    def test_refusals_name_the_difference(self):
        self.part("a.h5", "0:2")
        for name, options, words in (
                ("seed", ("--seed", "2"), ["seed 2", "a.h5 with 1"]),
                ("job", ("--set", "beam.p_spread=0.02"), ["another job", "p_spread: 0.02", "p_spread: 0.03", "a.h5"]),
                ("observed", ("--set", "triggers.smu117.observed=1"), ["another job", "observed: 1", "observed: 0"]),
                ("map", ("--set", "layout.MS2.grid_mm=[100, 5, 50]"), ["another job", "grid_mm"]),
                ("placed", PLACED, ["another job"])):
            self.part(name + ".h5", "2:6", *options)
            self.refused([name + ".h5"] + words, "a.h5", name + ".h5")
        self.refused(["a.h5", "mass 0", "twice"], "a.h5", "a.h5")
        self.part("b.h5", "1:3")
        self.refused(["b.h5", "mass 1", "in a.h5 too"], "a.h5", "b.h5")
        self.part("c.h5", "3:6")
        self.refused(["mass 2", "--masses 2:3"], "a.h5", "c.h5")

    def tamper(self, name, attribute, value):
        with h5py.File(self.folder / name, "r+") as file:
            file["run"].attrs.modify(attribute, value)

    def test_tables_are_compared_not_believed(self):
        for name, masses in (("a.h5", "0:2"), ("b.h5", "2:6")):
            self.part(name, masses)
        with h5py.File(self.folder / "b.h5") as file:
            wrong = {key: file["run"].attrs[key] for key in ("table_hash", "map_hash", "physics_version")}
        turned = {key: type(v)(v[::-1]) if isinstance(v, (str, bytes)) else v for key, v in wrong.items()}
        for key, value, words in (("table_hash", turned["table_hash"], ["other tables", "table_hash"]),
                                  ("map_hash", turned["map_hash"], ["another field map", "map_hash"]),
                                  ("physics_version", numpy.uint64(7), ["physics version 7"])):
            self.tamper("b.h5", key, value)
            self.refused(["b.h5"] + words, "a.h5", "b.h5")
            self.tamper("b.h5", key, wrong[key])
        self.ok("merge", "a.h5", "b.h5", "-o", "m.h5", "--quiet")

    def test_map_file(self):
        """A map is known by its content; parts may have found it elsewhere."""
        first = QUICK.read_text()
        start, end = first.index("    generate: dipole"), first.index("    step_mm: 400")
        text = first[:start] + "    map: ms2.h5\n    gap_mm: 200\n    width_mm: 800\n" + first[end:]
        for folder, integral in (("one", "1.4"), ("two", "1.4"), ("other", "1.3")):
            (self.folder / folder).mkdir()
            (self.folder / folder / "job.yaml").write_text(text)
            self.ok("field", "make", "dipole", "--integral-tm", integral, "--gap-mm", "200", "--width-mm", "800",
                    "--grid-mm", "100,5,50", "-o", folder + "/ms2.h5")
        for folder, masses in (("one", "0:2"), ("two", "2:6"), ("other", "2:6")):
            self.ok("run", folder + "/job.yaml", "--events", 500, "--masses", masses, "-o", folder + ".h5", "--quiet")
        self.ok("merge", "one.h5", "two.h5", "-o", "m.h5", "--quiet")
        self.refused(["other.h5", "another field map", "map_hash", "one.h5"], "one.h5", "other.h5")
        (self.folder / "one" / "ms2.h5").unlink()
        self.refused(["one/ms2.h5"], "one.h5", "two.h5")

    def test_usage(self):
        self.part("a.h5", "0:2")
        for arguments, words in (((), ["PART.h5"]), (("a.h5",), ["--output"]), (("a.h5", "-o", ""), ["--output"])):
            status, out, err = self.run_program("merge", *arguments)
            self.assertEqual((status, out, err.count("\n")), (2, "", 1), err)
            for word in words:
                self.assertIn(word, err)
        self.refused(["none.h5"], "a.h5", "none.h5")
        self.ok("merge", "a.h5", "-o", "m.h5", "--quiet")
        before = (self.folder / "m.h5").read_bytes()
        status, _, err = self.run_program("merge", "a.h5", "-o", "m.h5")
        self.assertEqual(status, 1)
        self.assertIn("--force", err)
        self.assertEqual((self.folder / "m.h5").read_bytes(), before)
        self.ok("merge", "a.h5", "-o", "m.h5", "--force", "--quiet")


if __name__ == "__main__":
    unittest.main()
