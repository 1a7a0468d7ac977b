#!/usr/bin/env python3
"""test_stage_counts.py STAGE_COUNTS ZPSCAN: stages run as often as the events of a run tell, and a warp pays for a stage
when one of its muons takes it."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import h5py

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOB = str(ROOT / "grids" / "na64mu-2022.yaml")
MASS = "0.1"
N = 3000  # 93 warps and a part of one
DROPPED = [1, 2, 3]  # fates of a muon that is not carried: no weight, out of the window, too fast


class StageCounts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        one_mass = f"scan.mass_gev=[{MASS}]"
        line = subprocess.run([STAGE_COUNTS, JOB, str(N), one_mass], check=True, capture_output=True, text=True).stdout
        cls.counts = json.loads(line)
        cls.stages = cls.counts["stages"]
        with tempfile.TemporaryDirectory() as folder:
            out = str(pathlib.Path(folder) / "events.h5")
            subprocess.run([ZPSCAN, "events", JOB, "--mass-gev", MASS, "--events", str(N), "--set", one_mass, "-o", out],
                           check=True, capture_output=True)
            with h5py.File(out) as file:
                cls.fate, cls.p_out = file["fate"][:], file["p_out"][:]
                cls.planes = sum((plane["x"][:] == plane["x"][:]).sum() for plane in file["plane"].values())

    def lanes(self, stage):
        return round(self.stages[stage]["lanes"] * N)

    def warps(self, stage):
        return round(self.stages[stage]["warps"] * N / 32)

    def test_lanes_are_those_of_the_events(self):
        carried = N - sum((self.fate == fate).sum() for fate in DROPPED)
        self.assertEqual(self.lanes("exit"), carried)
        self.assertEqual(self.lanes("measure"), (self.p_out == self.p_out).sum())
        self.assertEqual(self.lanes("plane"), self.planes)

    def test_every_muon_begins_and_ends_once(self):
        self.assertEqual([self.lanes(stage) for stage in ["beam", "vertex", "emission", "tally"]], [N] * 4)
        self.assertEqual(self.lanes("pop"), self.lanes("exit") + self.lanes("field"))
        self.assertEqual(self.lanes("step"), self.counts["steps"] * self.lanes("field"))

    def test_warps_are_full_where_muons_have_waited(self):
        for stage in ["beam", "exit", "field"]:
            self.assertEqual(self.warps(stage), -(-self.lanes(stage) // 32), stage)

    def test_warps_pay_for_one_lane(self):
        vhcal = self.counts["matter"]["VHCAL"]
        self.assertGreater(vhcal["warps"], 2 * vhcal["lanes"])
        self.assertLessEqual(vhcal["warps"], self.stages["exit"]["warps"])

    def test_a_job_of_other_models_is_refused(self):
        done = subprocess.run([STAGE_COUNTS, JOB, "10", "process.kind=none"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("expected a job with the models of", done.stderr)


if __name__ == "__main__":
    STAGE_COUNTS, ZPSCAN = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
