"""A large map of text: how long it takes and how much memory."""

import subprocess
import time
import unittest

from zpscan_program import PROGRAM, ROOT, ProgramTest

SMALL = ROOT / "tests" / "unit" / "field_maps" / "bdsim.dat"


class LargeMap(ProgramTest):
    def loads_within(self, kib, name):
        """Whether the map can be checked with that much address space."""
        script = f'ulimit -v {kib}; exec "$0" field check "$1"'
        done = subprocess.run(["sh", "-c", script, PROGRAM, name], cwd=self.folder, capture_output=True)
        return done.returncode == 0

    def test_large_text(self):
        """110 MB of text load in seconds, and take one copy of the map (16 bytes a node) more than the smallest map
        does; 2 MiB for the allocator."""
        if not self.loads_within(1 << 21, SMALL):
            self.skipTest("the program needs 2 GiB of addresses by itself: built with a sanitizer")
        self.ok("field", "make", "dipole", "--grid-mm", "10,5,2.5", "-o", "large.dat")
        self.assertGreater((self.folder / "large.dat").stat().st_size, 1e8)
        start = time.monotonic()
        shape = self.json("field", "check", "large.dat")["shape"]
        self.assertLess(time.monotonic() - start, 20)
        low, high = 0, 1 << 21
        while high - low > 256:
            middle = (low + high) // 2
            low, high = (low, middle) if self.loads_within(middle, SMALL) else (middle, high)
        copy = 16 * shape[0] * shape[1] * shape[2] // 1024
        self.assertTrue(self.loads_within(high + copy + 2048, "large.dat"))
        self.assertFalse(self.loads_within(high + copy // 2, "large.dat"))


if __name__ == "__main__":
    unittest.main()
