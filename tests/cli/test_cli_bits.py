"""One job and seed, one set of counts: for every instruction set, number of threads and tile size."""

import itertools
import unittest

from zpscan_program import QUICK, ProgramTest


class Bits(ProgramTest):
    def test_one_hash(self):
        seen = {}
        n_sets = 0
        for isa in ("base", "v2", "v3", "v4"):
            status, _, err = self.run_program("run", QUICK, "--events", 10, "--quiet", "--force", "-o", "p.h5",
                                              env={"ZPS_ISA": isa})
            if status != 0:
                self.assertIn("this machine has no", err)
                continue
            n_sets += 1
            for threads, tile in itertools.product((1, 2), (1000, 65536)):
                name = f"{isa}-{threads}-{tile}.h5"
                self.ok("run", QUICK, "--events", 20000, "--quiet", "--threads", threads, "-o", name, "--set",
                        f"run.tile_events={tile}", env={"ZPS_ISA": isa})
                seen[name] = self.json("info", name)
        first = next(iter(seen.values()))
        for name, facts in seen.items():
            self.assertEqual(facts["tally_hash"], first["tally_hash"], name)
            self.assertEqual(facts["table_hash"], first["table_hash"], name)
            self.assertEqual(facts["masses"], first["masses"], name)
        self.assertGreaterEqual(n_sets, 1)

    def test_unknown_instruction_set(self):
        status, _, err = self.run_program("run", QUICK, "--events", 10, "-o", "p.h5", env={"ZPS_ISA": "v9"})
        self.assertEqual((status, err.count("\n")), (1, 1))
        self.assertIn("ZPS_ISA = v9: expected v2, v3, v4 or base", err)
        self.assertEqual(self.names(), [])


if __name__ == "__main__":
    unittest.main()
