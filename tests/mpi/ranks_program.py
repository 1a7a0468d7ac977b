"""Starts zpscan on several ranks of this machine; needs Open MPI's or MPICH's mpirun and the plugin of the build."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from zpscan_program import PROGRAM, ProgramTest

MPIRUN = shutil.which("mpirun")
# Fewer cores than ranks, root in a container, one node without ssh: all of it normal for a test and refused by default.
PERMISSIONS = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_plm": "isolated",
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
}


def processes_with(variable, parent=None):
    """Process ids of zpscan by the number that a variable of their environment holds; of one parent alone if given."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            its_parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            values = dict(v.split("=", 1) for v in (entry / "environ").read_text().split("\0") if "=" in v)
            program = os.readlink(entry / "exe")
        except (OSError, ValueError, UnicodeDecodeError):
            continue
        if parent in (None, its_parent) and variable in values and program == str(PROGRAM):
            found[int(values[variable])] = int(entry.name)
    return found


def ranks_of(launcher):
    """Process ids of zpscan below mpirun, by rank."""
    return processes_with("OMPI_COMM_WORLD_RANK", launcher)


class RanksTest(ProgramTest):
    def start_ranks(self, *programs, env=None, options=()):
        """programs: one (number of ranks, arguments) or several, which then run together."""
        command = [MPIRUN, *options]
        for i, (n, arguments) in enumerate(programs):
            command += [":"] if i > 0 else []
            command += ["-np", str(n), str(PROGRAM), *map(str, arguments)]
        return subprocess.Popen(command, cwd=self.folder, env={**os.environ, **PERMISSIONS, **(env or {})},
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)

    def run_ranks(self, *programs, env=None, options=()):
        """Waits for the end; returns exit status, stdout, stderr."""
        process = self.start_ranks(*programs, env=env, options=options)
        out, err = process.communicate(timeout=200)
        return process.returncode, out, err

    def ok_ranks(self, n, *arguments, **kwargs):
        status, out, err = self.run_ranks((n, arguments), **kwargs)
        self.assertEqual(status, 0, err)
        return out, err


def main():
    plugin = PROGRAM.parent / "zps_comm_mpi.so"
    if MPIRUN is None or not plugin.exists():
        print("skipped:", "no mpirun on PATH" if MPIRUN is None else f"no MPI plugin at {plugin}")
        sys.exit(77)
    unittest.main()
