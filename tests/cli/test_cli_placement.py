"""Placement surfaces: the same counts however a run was cut up, and read from outside."""

import os
import shutil
import subprocess
import unittest

import h5py
import numpy

from zpscan_program import QUICK, ProgramTest

EVENTS = 6000
FLUSH = {"ZPS_FLUSH_S": "0.01"}
PLACED = ("--set", "placement.step_mm=1")


def count(file, mass, stage, x4, xm, w4=200, wm=300):
    """Sum over the cells that two counters with these near edges cover."""
    group = file["placement"]
    first, last = group["first_from"][:], group["last_from"][:]
    cells = group[stage][mass, 0]
    rows = (first >= x4 - w4) & (first < x4)
    return int(cells[rows][:, (last >= xm - wm) & (last < xm)].sum())


class Placement(ProgramTest):
    def run_quick(self, name, *options, events=EVENTS, env=None):
        self.ok("run", QUICK, "--events", events, "-o", name, "--quiet", *PLACED, *options, env=env)
        return self.hashes(name) + (self.json("info", name)["surface_hash"],)

    def test_surface_holds_every_trigger_of_the_job(self):
        self.run_quick("r.h5")
        with h5py.File(self.folder / "r.h5") as file:
            for name, xm in (("smu152", -152), ("smu117", -117)):
                for mass in range(len(file["grid/mass"])):
                    trigger = file["trigger"][name]
                    self.assertEqual(count(file, mass, "coincidence", -65, xm), trigger["in_coincidence"][mass])
                    self.assertEqual(count(file, mass, "accepted", -65, xm), trigger["accepted"][mass])

    def test_every_dataset_is_described(self):
        self.run_quick("r.h5")
        with h5py.File(self.folder / "r.h5") as file:
            group = file["placement"]
            for name in ("coincidence", "accepted"):
                dataset = group[name]
                self.assertEqual(dataset.shape, (len(file["grid/mass"]), 1, 602, 902))
                self.assertEqual([len(d) for d in dataset.dims], [1, 1, 1, 1])
                self.assertIn("units", dataset.attrs)
                self.assertIn("description", dataset.attrs)
            self.assertEqual(group["first_from"][0], -numpy.inf)
            self.assertEqual(group["first_from"][1], -500)
            self.assertEqual(group["last_from"][-1], 100)

    def test_same_surface_however_cut(self):
        want = self.run_quick("a.h5")
        self.assertEqual(self.run_quick("b.h5", "--threads", 1, "--set", "run.tile_events=700"), want)
        self.assertEqual(self.run_quick("c.h5", "--engine", "check"), want)
        self.run_quick("d.h5", events=2500)
        self.ok("run", QUICK, "--events", EVENTS, "-o", "d.h5", "--quiet", "--extend", *PLACED)
        self.assertEqual(self.hashes("d.h5") + (self.json("info", "d.h5")["surface_hash"],), want)

    def test_kill_and_resume(self):
        events = 30000
        want = self.run_quick("a.h5", events=events)
        resume = []
        for _ in range(3):
            process = self.start("run", QUICK, "--events", events, "-o", "r.h5", "--quiet", "--threads", 1, *PLACED,
                                 *resume, env=FLUSH)
            journal = self.folder / "r.h5.journal.0"
            n = self.records(journal)
            while process.poll() is None and self.records(journal) <= n:
                pass
            process.kill()
            process.communicate()
            resume = ["--resume"]
        self.assertTrue(journal.exists())
        self.assertEqual(self.run_quick("r.h5", "--resume", events=events), want)
        self.assertGreater(self.json("info", "r.h5")["events_from_journal"], 0)
        self.assertEqual(self.names(), ["a.h5", "r.h5"])

    def test_full_disk(self):
        """A disk that fills up while surfaces are written ends in one line that names the file, never in a crash."""
        disk = self.folder / "disk"
        disk.mkdir()
        mount = shutil.which("mount")
        if os.geteuid() != 0 or mount is None:
            self.skipTest("needs root for a small file system")
        full = 0
        for size in ("250k", "300k", "350k", "400k", "450k", "500k"):
            if subprocess.run([mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], check=False).returncode:
                self.skipTest("no file system can be mounted here")
            try:
                status, out, err = self.run_program("run", QUICK, "--events", 20000, "-o", "disk/q.h5", "--quiet",
                                                    *PLACED)
                left = sorted(p.name for p in disk.iterdir())
            finally:
                subprocess.run(["umount", disk], check=True)
            if status != 0:
                self.assertEqual((status, out, err.count("\n")), (1, "", 1), (size, err))
                self.assertIn("disk/q.h5", err)
                self.assertEqual(left, ["q.h5.journal.0"])
                full += "disk full" in err
        self.assertGreater(full, 0)

    def test_counts_of_the_trigger_do_not_depend_on_it(self):
        want = self.json("info", "r.h5")["tally_hash"] if self.run_quick("r.h5") else ""
        self.ok("run", QUICK, "--events", EVENTS, "-o", "plain.h5", "--quiet")
        plain = self.json("info", "plain.h5")
        self.assertEqual(plain["tally_hash"], want)
        self.assertIsNone(plain["surface_hash"])

    def test_bad_sections(self):
        for setting, words in (
            ("placement.step_mm=0.3", ["placement.step_mm = 0.3", "whole"]),
            ("placement.first_mm=[0, -10]", ["placement.first_mm", "ascending"]),
            ("placement.first_mm=[-500.5, 100]", ["placement.first_mm", "multiples"]),
            ("placement.last_mm=[-9000, 100]", ["placement.last_mm", "8192"]),
            ("placement.y_offset_mm=[0,1,2,3,4]", ["placement.y_offset_mm", "4"]),
            ("placement={y_offset_mm: [0, 1, 2], y_last_offset_mm: [0, 1]}", ["y_last_offset_mm", "6 pairs", "4"]),
            ("placement.step_mm=7", ["placement.first_mm"]),
            ("placement.scan=magnet", ["scan_values"]),
            ("placement.lattice=3", ["unknown key 'lattice'"]),
        ):
            status, out, err = self.run_program("run", QUICK, "-o", "r.h5", "--set", setting)
            self.assertEqual((status, out, err.count("\n")), (2, "", 1), err)
            for word in words:
                self.assertIn(word, err)
            self.assertEqual(self.names(), [])


if __name__ == "__main__":
    unittest.main()
