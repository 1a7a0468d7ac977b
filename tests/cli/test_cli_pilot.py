"""process.pilot: the same efficiencies from fewer events, the same bits everywhere, and no mixing with other weights."""

import unittest

import h5py
import numpy

from zpscan_program import QUICK, ProgramTest

PILOT = ("--set", "process.pilot.events=128")
EVENTS = 20000


class Pilot(ProgramTest):
    def run_job(self, name, *options, env=None):
        self.ok("run", QUICK, "--events", EVENTS, "-o", name, "--quiet", *options, env=env)
        return self.json("info", name)

    def test_same_bits(self):
        """For engines, instruction sets, threads, tiles, and masses run apart."""
        want = self.run_job("p.h5", *PILOT)
        self.assertTrue(want["piloted"])
        self.assertIn("drawn with a pilot", self.ok("info", "p.h5"))
        for i, (options, isa) in enumerate([(("--engine", "check"), "base"), (("--threads", 1), "v2"),
                                            (("--set", "run.tile_events=333"), "v3"), ((), "v4")]):
            if self.run_program("run", QUICK, "--events", 1, "-o", f"try{i}.h5", env={"ZPS_ISA": isa})[0] != 0:
                continue
            got = self.run_job(f"{i}.h5", *PILOT, *options, env={"ZPS_ISA": isa})
            for key in ("tally_hash", "table_hash", "masses"):
                self.assertEqual(got[key], want[key], (key, options, isa))
        self.run_job("a.h5", *PILOT, "--masses", "0:2")
        self.run_job("b.h5", *PILOT, "--masses", "2:6")
        self.ok("merge", "a.h5", "b.h5", "-o", "m.h5", "--quiet")
        self.assertEqual(self.json("info", "m.h5")["content_hash"], want["content_hash"])

    def test_default_is_without(self):
        self.assertFalse(self.run_job("r.h5")["piloted"])
        self.assertNotIn("pilot", self.ok("info", "r.h5"))
        self.assertNotIn("pilot", self.ok("check", QUICK, "--print"))
        with h5py.File(self.folder / "r.h5") as file:
            self.assertNotIn("emission", file)
            self.assertNotIn("pilot", file["job"][()].decode())

    def test_file(self):
        """Weights per mass and column, and the error by the formula that efficiency_lo describes (rounding: 1e-12)."""
        self.run_job("p.h5", *PILOT)
        with h5py.File(self.folder / "p.h5") as file:
            weight = file["emission/column_weight"]
            self.assertEqual(weight.shape, (6, 32))
            self.assertIn("factor of k", weight.attrs["description"].decode())
            numpy.testing.assert_allclose(weight[()].min(axis=1), 4, rtol=1e-15)
            self.assertGreater(weight[0].max(), 20)
            self.assertLessEqual(weight[()].max(), 4 * 1.2 * 130**0.5)
            self.assertIn("pilot:", file["job"][()].decode())
            mean_k, vertex = file["emission/mean_k"][()], file["cross_section/vertex_factor"][()]
            generated, n = file["trigger/smu152/generated"][()], file["run/events"][()]
            numpy.testing.assert_allclose(vertex, generated / (n * mean_k), rtol=1e-15)
            # Four standard errors of a sum of k over n events, and the 1 % that sigma falls on the way to the vertex.
            error = numpy.sqrt(file["trigger/smu152/generated_k2"][()] / generated**2.0 - 1 / n)
            numpy.testing.assert_array_less(abs(vertex - 1), 0.01 + 4 * error)
            for trigger in file["trigger"].values():
                n, n2, a, a2 = (trigger[key][()].astype(float)
                                for key in ("generated", "generated_k2", "accepted", "accepted_k2"))
                p = a / n
                known = p * p * (1 - p) * n**2 / (a2 * (1 - p) ** 2 + (n2 - a2) * p**2)
                numpy.testing.assert_allclose(trigger["relative_error"][()], numpy.sqrt((1 - p) / known) + 0.5 / known,
                                              rtol=1e-12)
                self.assertIn("accepted_k2 (1 - p)^2", trigger["efficiency_lo"].attrs["description"].decode())

    def test_events(self):
        """Single events carry their weights: their sums are those of the run."""
        facts = self.run_job("p.h5", *PILOT)
        self.ok("events", QUICK, "--mass-gev", 0.01, "--events", EVENTS, *PILOT, "-o", "e.h5")
        with h5py.File(self.folder / "e.h5") as file:
            k = file["k"][()]
            low = file["emission_x"][()] < 0.5
            self.assertEqual(int(k.sum()), facts["masses"][0]["triggers"][0]["generated"])
            self.assertGreater(k[low & (k > 0)].mean(), 2 * k[~low & (k > 0)].mean())

    def test_fewer_events_for_a_precision(self):
        """At 10 MeV, where one event in fifty is accepted, half the events or fewer; both find the same efficiency."""
        options = ("--masses", "0:1", "--target-error", "2%", "--events", 1 << 20, "-o")
        self.ok("run", QUICK, *options, "plain.h5", "--quiet")
        self.ok("run", QUICK, *options, "pilot.h5", "--quiet", *PILOT)
        plain, pilot = (self.json("info", name)["masses"][0] for name in ("plain.h5", "pilot.h5"))
        self.assertLessEqual(2 * pilot["events"], plain["events"])
        for a, b in zip(plain["triggers"], pilot["triggers"]):
            self.assertLessEqual(max(a["relative_error"], b["relative_error"]), 0.02)
            self.assertLess(abs(b["efficiency"] / a["efficiency"] - 1), 4.5 * 0.02 * 2**0.5)

    def test_no_mixing(self):
        """Other weights make another job."""
        self.run_job("p.h5", *PILOT, "--masses", "0:2")
        for i, options in enumerate([(), ("--set", "process.pilot.events=129")]):
            more = ("run", QUICK, "--events", 2 * EVENTS, "--masses", "0:2", "-o", "p.h5", "--extend", *options)
            status, _, err = self.run_program(*more)
            self.assertEqual((status, err.count("\n")), (1, 1), err)
            self.run_job(f"{i}.h5", "--masses", "2:6", *options)
            status, _, err = self.run_program("merge", "p.h5", f"{i}.h5", "-o", "m.h5")
            self.assertEqual((status, err.count("\n")), (1, 1), err)
            self.assertIn("another job", err)

    def test_optimize_refuses(self):
        status, out, err = self.run_program("optimize", QUICK, *PILOT, "--events", 1000, "-o", "o")
        self.assertEqual((status, out, err.count("\n")), (1, "", 1), err)
        self.assertIn("process.pilot: expected no counter positions (placement, optimize) beside it", err)
        self.assertEqual(self.names(), [])


if __name__ == "__main__":
    unittest.main()
