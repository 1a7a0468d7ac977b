"""The batch scripts of bench/slurm under a Slurm of our own: stopped, killed and requeued, a job ends in the counts of a run
that was left alone; a job array and its merge too."""

import os
import signal
import sys
import time
import unittest

import slurm_cluster
from ranks_program import processes_with
from zpscan_program import PROGRAM, QUICK, ROOT, ProgramTest

EVENTS = 2000000  # of each mass: some seconds of work, so that a run can be disturbed
SCRIPTS = ROOT / "bench" / "slurm"
TIME = "--time=10"


class Slurm(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "slurm").mkdir()
        self.cluster = slurm_cluster.Cluster(self.folder / "slurm")
        self.addCleanup(self.cluster.stop)
        self.cluster.start()

    def submit(self, *arguments, **env):
        return self.cluster.submit(*arguments, env={"ZPSCAN": str(PROGRAM), "ZPS_SLURM_DIR": str(SCRIPTS), **env})

    def output(self, job):
        return "".join(p.read_text() for p in self.cluster.folder.glob(f"slurm-{job}*.out"))

    def reference(self):
        self.ok("run", QUICK, "--events", EVENTS, "-o", "reference.h5", "--quiet")
        return self.hashes("reference.h5")

    def journals(self):
        """Records of each journal."""
        return [self.records(p) for p in self.folder.glob("r.h5.journal.*")]

    def wait_for_growth(self, before=0):
        """Until both ranks have journals and they hold more than before."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            records = self.journals()
            if len(records) == 2 and min(records) > 0 and sum(records) > before:
                return
            time.sleep(0.02)
        self.fail("the journals do not grow: " + self.cluster.logs())

    def wait_for_records(self, journal):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self.records(self.folder / journal) > 0:
                return
            time.sleep(0.02)
        self.fail(f"{journal} does not grow: " + self.cluster.logs())

    def requeued(self, job, status):
        """Waits until a job that ended is back in the queue and lets it start; until it works on, too."""
        self.cluster.hurry(job)
        self.assertIn(f"stopped with {status}: back into the queue", self.output(job))
        self.wait_for_growth(sum(self.journals()))

    def test_stopped_killed_and_requeued(self):
        reference = self.reference()
        job = self.submit("--nodes=1", "--ntasks-per-node=2", "--cpus-per-task=1", TIME, SCRIPTS / "cpu_nodes.sbatch", QUICK,
                          self.folder / "r.h5", "--events", EVENTS, "--threads", 1, ZPS_FLUSH_S="0.05")
        self.wait_for_growth()
        # As Slurm does before the time limit: to the ranks, not to the batch script.
        self.cluster.ask("scancel", "--signal=USR1", job)
        self.requeued(job, 3)
        os.kill(processes_with("SLURM_PROCID")[1], signal.SIGKILL)
        self.requeued(job, 137)
        # The administrator's way, or that of a lost node: the whole job at once.
        self.cluster.ask("scontrol", "requeue", job)
        self.cluster.hurry(job)
        facts = self.cluster.wait(job, lambda facts: facts["JobState"] not in ("PENDING", "RUNNING", "COMPLETING"))[0]
        self.assertEqual((facts["JobState"], facts["Restarts"]), ("COMPLETED", "3"), self.output(job))
        self.assertEqual(self.names(), ["r.h5", "reference.h5", "slurm"])
        self.assertEqual(self.hashes("r.h5"), reference)
        self.assertGreater(self.json("info", "r.h5")["events_from_journal"], 0)

    def test_array_and_merge(self):
        """The last element, whose job id is also that of the array, is stopped: it alone begins again."""
        reference = self.reference()
        array = self.submit("--array=0-2", "--cpus-per-task=1", TIME, SCRIPTS / "mass_array.sbatch", QUICK,
                            self.folder / "part", 6, "--events", EVENTS, ZPS_FLUSH_S="0.05")
        job = self.submit(f"--dependency=afterok:{array}", "--cpus-per-task=1", TIME, SCRIPTS / "merge.sbatch",
                          self.folder / "part", self.folder / "r.h5")
        self.wait_for_records("part-2.h5.journal.0")
        last = f"{array}_2"
        self.cluster.ask("scancel", "--signal=USR1", last)
        self.cluster.hurry(last)
        self.assertEqual({f["ArrayTaskId"]: f["Restarts"] for f in self.cluster.facts(array)}, {"0": "0", "1": "0", "2": "1"})
        self.cluster.wait(job, lambda facts: facts["JobState"] not in ("PENDING", "RUNNING", "COMPLETING"))
        self.assertEqual(self.names(), ["part-0.h5", "part-1.h5", "part-2.h5", "r.h5", "reference.h5", "slurm"],
                         self.output(array) + self.output(job))
        self.assertEqual(self.hashes("r.h5"), reference)


if __name__ == "__main__":
    reason = slurm_cluster.why_not()
    if reason is None and not (PROGRAM.parent / "zps_comm_mpi.so").exists():
        reason = "no MPI plugin beside the program"
    if reason is not None:
        print("skipped:", reason)
        sys.exit(77)
    unittest.main()
