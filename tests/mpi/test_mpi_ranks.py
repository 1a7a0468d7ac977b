"""The law: how many ranks share a run, what engines and threads they have, changes no count."""

import pathlib
import re
import signal
import time
import unittest

from ranks_program import RanksTest, main, ranks_of
from zpscan_program import QUICK

EVENTS = 20000
TCP = ("--mca", "btl", "tcp,self", "--mca", "osc", "^sm")
PLACED = ("--set", "placement.step_mm=10", "--set", "placement.first_mm=[-500,100]", "--set",
          "triggers.smu152.Smu.edge_x_mm=-150", "--set", "triggers.smu117.Smu.edge_x_mm=-120", "--set",
          "triggers.smu152.S4.edge_x_mm=-60", "--set", "triggers.smu117.S4.edge_x_mm=-60")


def run(name, *options, events=EVENTS):
    return ("run", QUICK, "--events", events, "-o", name, "--threads", 1, *options)


def tables_of(pid):
    """Inode, permissions and size of the tables that a process has mapped; None when it has none."""
    try:
        for line in (pathlib.Path("/proc") / str(pid) / "maps").read_text().splitlines():
            if "/memfd:zpscan-tables" in line:
                span, permissions, _, _, inode = line.split()[:5]
                first, end = (int(x, 16) for x in span.split("-"))
                return inode, permissions, end - first
    except OSError:
        pass
    return None


class Ranks(RanksTest):
    def reference(self, *options):
        self.ok(*run("reference.h5", "--quiet", *options))
        return self.hashes("reference.h5")

    def test_one_to_four_ranks(self):
        want = self.reference()
        for n in (1, 2, 3, 4):
            out, err = self.ok_ranks(n, *run(f"r{n}.h5"))
            self.assertEqual(out.count("tally_hash"), 1, "rank 0 alone speaks")
            self.assertEqual(self.hashes(f"r{n}.h5"), want)
            if n > 1:
                self.assertIn(f"{n} ranks, {n} threads, 1 node: tables built 1 time;", err)
                self.assertIn(f"{n} ranks", self.json("info", f"r{n}.h5")["engine_detail"])
        self.assertEqual([name for name in self.names() if "journal" in name], [])

    def test_tables_lie_once_in_the_node(self):
        """All ranks have the same memory mapped, read-only, and it is as large as the tables; nothing of it is left."""
        process = self.start_ranks((3, run("r.h5", "--quiet", events=10**8)))
        deadline = time.monotonic() + 60
        mapped = {}
        while len(mapped) < 3 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
            mapped = {rank: tables_of(pid) for rank, pid in ranks_of(process.pid).items() if tables_of(pid)}
        process.send_signal(signal.SIGUSR1)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, err)
        self.assertEqual(set(mapped), {0, 1, 2}, err)
        self.assertEqual(len({inode for inode, _, _ in mapped.values()}), 1, mapped)
        for _, permissions, size in mapped.values():
            self.assertEqual(permissions, "r--s")
            self.assertGreater(size, 10**6)

    def test_mixed_engines_threads_and_tiles(self):
        want = self.reference()
        status, _, err = self.run_ranks((1, run("r.h5", "--engine", "cpu")), (1, run("r.h5", "--engine", "check")),
                                        (1, run("r.h5", "--threads", 2, "--set", "run.tile_events=700")))
        self.assertEqual(status, 0, err)
        self.assertEqual(self.hashes("r.h5"), want)

    def test_surfaces_and_masses(self):
        want = self.reference("--masses", "1:4", *PLACED), self.json("info", "reference.h5")["surface_hash"]
        self.ok_ranks(3, *run("r.h5", "--quiet", "--masses", "1:4", *PLACED))
        self.assertEqual((self.hashes("r.h5"), self.json("info", "r.h5")["surface_hash"]), want)
        self.assertEqual(self.names(), ["r.h5", "reference.h5"])

    def test_extend(self):
        want = self.reference()
        self.ok(*run("r.h5", "--quiet", events=3000))
        self.ok_ranks(2, *run("r.h5", "--quiet", "--extend"))
        self.assertEqual(self.hashes("r.h5"), want)
        self.assertIn("finished already", self.ok_ranks(2, *run("r.h5", "--resume"))[0])

    def test_target_error(self):
        """Where a mass stops does not depend on the ranks."""
        want = self.reference("--target-error", "3%")
        self.assertEqual(len({mass["events"] for mass in want[1]}), 3, "the masses must differ for this to say anything")
        self.ok_ranks(3, *run("r.h5", "--quiet", "--target-error", "3%"))
        self.assertEqual(self.hashes("r.h5"), want)
        status, _, err = self.run_ranks((1, run("s.h5", "--target-error", "3%")), (1, run("s.h5")))
        self.assertNotEqual(status, 0)
        self.assertIn("target error", err)

    def test_hand_out_over_tcp(self):
        """A rank waits less than 50 ms for work while rank 0 computes, also without shared memory. The best of three
        runs: a machine that is busy with something else can keep any of them waiting, an idle counter all of them."""
        waits = []
        for i in range(3):
            _, err = self.ok_ranks(2, *run(f"r{i}.h5"), options=TCP)
            waits.append(float(re.search(r"the longest wait ([0-9.]+) ms", err).group(1)))
        print("longest waits over TCP [ms]:", waits)
        self.assertLess(min(waits), 50.0)

    def test_failure_is_told_once(self):
        for options, want, words in ((("--engine", "warp"), 2, "expected auto, cpu, cuda or check"),
                                     (("--set", "beam.p_gev=-1"), 2, "beam.p_gev"),
                                     (("--masses", "4:9"), 2, "--masses 4:9")):
            status, out, err = self.run_ranks((2, run("r.h5", *options)))
            self.assertEqual((status, out), (want, ""), err)
            self.assertEqual(err.count("zpscan run"), 1, err)
            self.assertIn(words, err)
            self.assertEqual(self.names(), [])
        self.ok(*run("r.h5", "--quiet", events=10))
        status, _, err = self.run_ranks((2, run("r.h5")))
        self.assertEqual((status, err.count("--force")), (1, 1), err)

    def test_ranks_of_different_jobs(self):
        for other, words in ((("--seed", 2), "rank 1: seed 2, but 1 on rank 0"),
                             (("--set", "beam.p_spread=0.02"), "rank 1: job_hash"),
                             (("--masses", "0:2"), "rank 1: number of masses 2, but 6")):
            status, _, err = self.run_ranks((1, run("r.h5")), (1, run("r.h5", *other)))
            self.assertEqual(status, 1, err)
            self.assertIn(words, err)
        status, _, err = self.run_ranks((1, run("r.h5")), (1, run("s.h5")))
        self.assertEqual(status, 1, err)
        self.assertIn("output s.h5", err)
        self.assertEqual(self.names(), [])

    def test_separate_runs_under_a_launcher(self):
        status, _, err = self.run_ranks((1, run("r.h5", "--masses", "0:2")), (1, run("s.h5", "--masses", "2:6")),
                                        env={"ZPS_COMM": "serial"})
        self.assertEqual(status, 0, err)
        self.ok("merge", "r.h5", "s.h5", "-o", "m.h5", "--quiet")
        self.assertEqual(self.hashes("m.h5"), self.reference())

    def test_plugin_that_is_not_there(self):
        status, _, err = self.run_ranks((2, run("r.h5")), env={"ZPS_MPI_PLUGIN": "/nowhere/plugin.so"})
        self.assertEqual(status, 1, err)
        self.assertIn("one of 2 ranks by OMPI_COMM_WORLD_SIZE, but no MPI plugin at /nowhere/plugin.so", err)
        status, _, err = self.run_program(*run("r.h5"), env={"SLURM_STEP_NUM_TASKS": "3"})
        self.assertEqual(status, 1, err)
        self.assertIn("SLURM_STEP_NUM_TASKS = 3, but MPI sees 1", err)
        self.assertEqual(self.names(), [])


if __name__ == "__main__":
    main()
