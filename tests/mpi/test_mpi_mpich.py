"""The plugin compiles against MPICH without a warning and counts what a single process counts. Skipped without MPICH."""

import os
import shutil
import subprocess
import sys
import unittest

from zpscan_program import PROGRAM, QUICK, ROOT, ProgramTest

COMPILER = shutil.which("mpicc.mpich")
LAUNCHER = shutil.which("mpiexec.mpich")
SOURCES = ("host/run/comm_mpi.c", "host/run/handout.c", "host/error.c")


class Mpich(ProgramTest):
    def build_plugin(self):
        version = self.json("info")["version"]
        plugin = self.folder / "plugin.so"
        subprocess.run([COMPILER, "-std=gnu11", "-O3", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-D_GNU_SOURCE",
                        f'-DZPS_VERSION="{version}"', f"-I{ROOT}", *(str(ROOT / s) for s in SOURCES), "-o", str(plugin),
                        "-lpthread"], check=True)
        return plugin

    def test_counts_on_two_and_three_ranks(self):
        plugin = self.build_plugin()
        arguments = ("run", str(QUICK), "--events", "20000", "--threads", "1")
        self.ok(*arguments, "-o", "reference.h5", "--quiet")
        for n in (2, 3):
            done = subprocess.run([LAUNCHER, "-launcher", "fork", "-n", str(n), str(PROGRAM), *arguments, "-o", f"r{n}.h5"],
                                  cwd=self.folder, env={**os.environ, "ZPS_MPI_PLUGIN": str(plugin)}, timeout=120,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"{n} ranks, {n} threads, 1 node: tables built 1 time;", done.stderr)
            self.assertEqual(self.hashes(f"r{n}.h5"), self.hashes("reference.h5"))


if __name__ == "__main__":
    if COMPILER is None or LAUNCHER is None:
        print("skipped: no", "mpicc.mpich" if COMPILER is None else "mpiexec.mpich", "on PATH")
        sys.exit(77)
    unittest.main()
