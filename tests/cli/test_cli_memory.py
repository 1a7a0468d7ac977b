"""The full job of the 2022 run stays under 200 MB without surfaces, and no number of events changes that."""

import os
import subprocess
import unittest

from zpscan_program import PROGRAM, ROOT, ProgramTest

MOST_MB = 200
FULL = ROOT / "grids" / "na64mu-2022.yaml"  # 60 masses, 61 couplings, 2 triggers


class Memory(ProgramTest):
    def largest_mb(self, *options):
        """Largest resident set of a run [MB]."""
        process = subprocess.Popen([str(PROGRAM), "run", str(FULL), "--quiet", "--force", "-o", "r.h5",
                                    *map(str, options)], cwd=self.folder)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return usage.ru_maxrss / 1024

    def test_full_job(self):
        """Events come in batches of about a quarter of a second whatever their number, so ten times as many may add
        pages of the heap, but not one byte per event: 600 000 events of 8 bytes would be 4.6 MB."""
        few = self.largest_mb("--events", 1000)
        many = self.largest_mb("--events", 11000)
        self.assertLess(many, MOST_MB)
        self.assertLess(many - few, 4.6)

    def test_worst_batch(self):
        """Rows of a batch are held to 64 MB (run_loop.c), however small the tiles and many the threads."""
        self.assertLess(self.largest_mb("--events", 2000, "--threads", 16, "--set", "run.tile_events=1"), MOST_MB)


if __name__ == "__main__":
    unittest.main()
