"""Whatever happens to a run on several ranks, it can be continued on any number of them, and ends in the same counts."""

import os
import signal
import time
import unittest

from ranks_program import RanksTest, main, ranks_of
from zpscan_program import QUICK

EVENTS = 2000000  # of each mass: some seconds of work, so that a run can be disturbed
FLUSH = {"ZPS_FLUSH_S": "0.01"}


def run(*options):
    return ("run", QUICK, "--events", EVENTS, "-o", "r.h5", "--threads", 1, "--quiet", *options)


class RankFaults(RanksTest):
    reference = None

    def want(self):
        if RankFaults.reference is None:
            self.ok("run", QUICK, "--events", EVENTS, "-o", "reference.h5", "--quiet")
            RankFaults.reference = self.hashes("reference.h5")
            (self.folder / "reference.h5").unlink()
        return RankFaults.reference

    def journals(self):
        """Records of each journal."""
        return [self.records(p) for p in self.folder.glob("r.h5.journal.*")]

    def begin(self, n, *options):
        """A run on n ranks of which each has something on disk."""
        before = sum(self.journals())
        process = self.start_ranks((n, run(*options)), env=FLUSH)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            records = self.journals()
            if len(records) >= n and min(records) > 0 and sum(records) > before + n:
                return process
            time.sleep(0.002)
        self.fail("the run was over before it could be disturbed: " + str(process.communicate()))

    def finish(self, *n_ranks):
        if n_ranks:
            self.ok_ranks(n_ranks[0], *run("--resume"))
        else:
            self.ok(*run("--resume"))
        self.assertEqual(self.names(), ["r.h5"])
        self.assertGreater(self.json("info", "r.h5")["events_from_journal"], 0)
        self.assertEqual(self.hashes("r.h5"), self.want())

    def test_user_signal_ends_with_three(self):
        """SIGUSR1 goes to every rank: exit status 3, told once; nothing is lost but the batches that were running."""
        self.want()
        process = self.begin(2)
        process.send_signal(signal.SIGUSR1)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (3, ""), err)
        self.assertEqual(err.count("interrupted after"), 1, err)
        self.assertIn("--resume", err)
        self.assertEqual(self.names(), ["r.h5.journal.0", "r.h5.journal.1"])
        self.finish(3)

    def test_signal_to_one_rank_stops_all(self):
        self.want()
        process = self.begin(3)
        os.kill(ranks_of(process.pid)[2], signal.SIGUSR1)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, err)
        self.finish(2)

    def test_lost_ranks(self):
        """kill -9 of rank 1, then of rank 0, then SIGTERM to the launcher, each time with another number of ranks."""
        self.want()
        for n, victim, options in ((3, 1, ()), (2, 0, ("--resume",)), (2, None, ("--resume",))):
            process = self.begin(n, *options)
            if victim is None:
                process.terminate()
            else:
                os.kill(ranks_of(process.pid)[victim], signal.SIGKILL)
            _, err = process.communicate(timeout=60)
            self.assertNotEqual(process.returncode, 0, err)
            self.assertFalse((self.folder / "r.h5").exists())
            self.wait_for_quiet()
        self.finish()

    def wait_for_quiet(self):
        """The launcher may be gone before its last rank is."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            status, _, err = self.run_program(*run())
            self.assertEqual(status, 1)
            if "another process" not in err:
                return
            time.sleep(0.05)
        self.fail("a rank lives on")

    def time_of_flush(self):
        """Seconds from the loss of rank 1 until the others' journals hold what they have done, in a run that would else
        flush once a minute."""
        long_run = [10**8 if option == EVENTS else option for option in run()]
        process = self.start_ranks((3, long_run), env={"ZPS_FLUSH_S": "60", "OMPI_MCA_odls_base_sigkill_timeout": "5"})
        deadline = time.monotonic() + 60
        while len(self.journals()) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(3)
        self.assertEqual(self.journals(), [0] * 3)
        os.kill(ranks_of(process.pid)[1], signal.SIGKILL)
        lost = time.monotonic()
        others = [self.folder / f"r.h5.journal.{i}" for i in (0, 2)]
        while min(map(self.records, others)) == 0 and time.monotonic() < lost + 20:
            time.sleep(0.002)
        took = time.monotonic() - lost
        process.communicate(timeout=100)
        self.assertGreater(min(map(self.records, others)), 0)
        for path in self.folder.glob("r.h5.journal.*"):
            path.unlink()
        return took

    def test_survivors_flush_within_half_a_second(self):
        """A batch takes a quarter of a second and is waited for. The best of three: on a busy machine a batch, or the
        launcher that tells the others, takes longer."""
        times = [self.time_of_flush() for _ in range(3)]
        print("survivors flushed after [s]:", [round(t, 3) for t in times])
        self.assertLess(min(times), 0.5)

    def test_rank_that_cannot_write(self):
        (self.folder / "r.h5.journal.1").mkdir()
        status, out, err = self.run_ranks((2, run("--resume")))
        self.assertEqual((status, out), (1, ""), err)
        self.assertEqual(err.count("r.h5.journal.1"), 1, err)
        self.assertEqual(self.names(), ["r.h5.journal.1"])

    def test_two_runs_on_one_output(self):
        process = self.begin(2)
        status, _, err = self.run_ranks((2, run()))
        self.assertEqual(status, 1, err)
        self.assertIn("another process is writing this output", err)
        process.send_signal(signal.SIGUSR1)
        process.communicate(timeout=60)
        status, _, err = self.run_ranks((2, run()))
        self.assertEqual(status, 1, err)
        self.assertEqual(err.count("continue that run with --resume"), 1, err)


if __name__ == "__main__":
    main()
