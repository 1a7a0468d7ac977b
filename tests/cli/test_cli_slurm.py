"""The batch scripts of bench/slurm without a Slurm: scontrol, srun and zpscan are stand-ins that write down how they were
called. tests/mpi/test_mpi_slurm.py has the real ones."""

import os
import subprocess
import unittest

from zpscan_program import ROOT, ProgramTest

SCRIPTS = ROOT / "bench" / "slurm"
# A run that adds to its journal and ends as it is told to.
RUN = """#!/bin/bash
echo "$@" >>called
printf '%s' "$GROWTH" >>r.h5.journal.0
exit "$STATUS"
"""
ARRAY = {"SLURM_ARRAY_JOB_ID": "70", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_CPUS_PER_TASK": "2"}


class Scripts(ProgramTest):
    def setUp(self):
        super().setUp()
        self.programs = {"zpscan": RUN, "srun": '#!/bin/bash\nwhile [[ $1 == -* ]]; do shift; done\nexec "$@"\n',
                         "scontrol": '#!/bin/bash\necho "$@" >>requeued\n'}
        (self.folder / "bin").mkdir()
        for name, text in self.programs.items():
            (self.folder / "bin" / name).write_text(text)
            (self.folder / "bin" / name).chmod(0o755)

    def script(self, name, *arguments, status=0, growth="", **env):
        """Exit status of a batch script, what it asked scontrol for, and what it printed."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "ZPS"))}
        clean.update(env, PATH=f"{self.folder}/bin:{clean['PATH']}", ZPS_SLURM_DIR=str(SCRIPTS), STATUS=str(status), GROWTH=growth)
        done = subprocess.run(["bash", SCRIPTS / name, *map(str, arguments)], cwd=self.folder, env=clean, text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, self.taken("requeued"), done.stdout

    def taken(self, name):
        path = self.folder / name
        text = path.read_text().strip() if path.exists() else ""
        path.unlink(missing_ok=True)
        return text

    def run_job(self, status, growth, **env):
        """A job of number 72 that is not part of an array unless env says so."""
        return self.script("cpu_nodes.sbatch", "job.yaml", "r.h5", status=status, growth=growth,
                           **{"SLURM_JOB_ID": "72", "SLURM_CPUS_PER_TASK": "2", **env})[:2]

    def test_stopped_runs_go_on(self):
        for status in (3, 129, 130, 138, 143):
            self.assertEqual(self.run_job(status, "x"), (status, "requeue 72"))
        self.assertEqual(self.run_job(3, ""), (3, "requeue 72"), "stopped in its set-up, with the journal of the start before")
        self.assertEqual(self.run_job(3, "x", ZPS_SLURM_TRIES="4", SLURM_RESTART_COUNT="4"), (3, ""))

    def test_killed_runs_go_on_when_they_got_on(self):
        self.assertEqual(self.run_job(137, ""), (137, ""), "no journal")
        self.assertEqual(self.run_job(137, "x"), (137, "requeue 72"))
        self.assertEqual(self.run_job(137, ""), (137, ""), "killed without a record")
        self.assertEqual(self.run_job(0, ""), (200, "requeue 72"), "a step that did not begin")

    def test_failures_do_not(self):
        for status in (1, 2):
            self.assertEqual(self.run_job(status, "x"), (status, ""))

    def test_the_last_element_of_an_array_is_not_the_array(self):
        """Slurm gives the last element the number of the array: requeued by it, all elements would begin again."""
        for element, job in enumerate((71, 72, 70)):
            (self.folder / f"r-{element}.h5.journal.0").write_text("x")
            status, asked, _ = self.script("mass_array.sbatch", "job.yaml", "r", 6, status=3, SLURM_JOB_ID=str(job),
                                           SLURM_ARRAY_TASK_ID=str(element), **ARRAY)
            self.assertEqual((status, asked), (3, f"requeue 70_{element}"))

    def test_masses_and_threads_of_an_element(self):
        (self.folder / "r-1.h5").write_text("")
        status, _, _ = self.script("mass_array.sbatch", "job.yaml", "r", 6, "--seed", 7, SLURM_ARRAY_TASK_ID="1",
                                   SLURM_JOB_ID="71", **ARRAY)
        self.assertEqual((status, self.taken("called")),
                         (0, "run job.yaml -o r-1.h5 --resume --threads 2 --masses 2:4 --seed 7"))

    def test_an_element_without_masses_succeeds(self):
        """Of 2 masses in 3 parts the first has none; a failure would keep the merge from beginning."""
        status, asked, said = self.script("mass_array.sbatch", "job.yaml", "r", 2, SLURM_ARRAY_TASK_ID="0", SLURM_JOB_ID="71",
                                          **ARRAY)
        self.assertEqual((status, asked, said.count("\n")), (0, "", 1), said)
        self.assertEqual(self.taken("called"), "")

    def test_the_merge_wants_every_mass(self):
        (self.folder / "r-0.h5").write_text("")
        self.script("merge.sbatch", "r", "whole.h5", SLURM_CPUS_PER_TASK="2")
        self.assertIn("merge r-0.h5 -o whole.h5 --whole", self.taken("called"))


if __name__ == "__main__":
    unittest.main()
