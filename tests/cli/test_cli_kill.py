"""kill -9 at twenty random moments of a run's life: the counts are those of a run that was left alone."""

import random
import time
import unittest

from resumed_run import ResumedRun

N_KILLS = 20
OPTIONS = [("--engine", engine, "--threads", threads, "--set", f"run.tile_events={tile}")
           for engine in ("cpu", "check") for threads in (1, 2) for tile in (500, 4096, 65536)]


class Kill(ResumedRun):
    def test_at_twenty_random_moments(self):
        """Moments are even over the whole of an undisturbed run, tables and the writing of the result included. A run that
        comes to its end between two kills is checked, and the next begins anew."""
        before = time.monotonic()
        reference = self.reference()  # the first time, so it is run
        life_s = time.monotonic() - before
        moments = random.Random(8)
        n_kills = n_ends = 0
        while n_kills < N_KILLS and n_ends < 4 * N_KILLS:
            process = self.begin("--resume", *moments.choice(OPTIONS))
            time.sleep(moments.uniform(0.0, life_s))
            process.kill()
            _, err = process.communicate()
            if process.returncode == 0:
                self.assertEqual(self.hashes("r.h5"), reference)
                (self.folder / "r.h5").unlink()
                n_ends += 1
            else:
                self.assertEqual(process.returncode, -9, err)
                n_kills += 1
        print(f"{n_kills} kills, {n_ends} ends between them")
        self.assertEqual(n_kills, N_KILLS)
        self.assertEqual(self.finish(), reference)


if __name__ == "__main__":
    unittest.main()
