"""A private Slurm of one node, this machine: its own daemons, ports and folder, and gone with the test.

Without munge (auth/none, cred/none), cgroups (proctrack/linuxproc) or binding (task/none), so that root in a container
can start it; nothing of a Slurm that is installed here is touched."""

import os
import shutil
import socket
import subprocess
import time

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "scontrol", "scancel")
N_CPUS = 4  # told to Slurm whatever there are: ranks of a test may share cores
CONFIGURATION = """\
ClusterName=zpscan
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={port_of_node}
AuthType=auth/none
CredType=cred/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
KillWait=5
NodeName={host} NodeAddr=127.0.0.1 CPUs={n_cpus} RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not():
    """Why no cluster can be started here, or None."""
    if os.geteuid() != 0:
        return "slurmd needs root"
    missing = [p for p in PROGRAMS if shutil.which(p) is None]
    return f"no {', '.join(missing)} on PATH (packages of the group slow)" if missing else None


def free_ports(n):
    """Ports that nobody listens at; all are held until the last is found."""
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Cluster:
    def __init__(self, folder):
        self.folder = folder
        self.daemons = []
        host = socket.gethostname().split(".")[0]
        port, port_of_node = free_ports(2)
        for name in ("state", "spool"):
            (folder / name).mkdir(parents=True)
        (folder / "slurm.conf").write_text(CONFIGURATION.format(host=host, port=port, port_of_node=port_of_node, folder=folder,
                                                                n_cpus=N_CPUS))
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("SLURM")}
        self.env["SLURM_CONF"] = str(folder / "slurm.conf")

    def start(self):
        for name in ("slurmctld", "slurmd"):
            with open(self.folder / f"{name}.out", "w") as out:
                self.daemons.append(subprocess.Popen([name, "-D"], env=self.env, cwd=self.folder, stdout=out, stderr=out,
                                                     start_new_session=True))
        deadline = time.monotonic() + 60
        while "idle" not in self.ask("sinfo", "-h", "-o", "%t"):
            if time.monotonic() > deadline or any(d.poll() is not None for d in self.daemons):
                raise RuntimeError("the cluster does not start: " + self.logs())
            time.sleep(0.2)

    def stop(self):
        """Ends its jobs and then the daemons, of which slurmd leaves steps behind when it is killed."""
        self.ask("scancel", "--user=root")
        deadline = time.monotonic() + 20
        while self.ask("squeue", "-h") and time.monotonic() < deadline:
            time.sleep(0.2)
        for daemon in self.daemons:
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def ask(self, *command):
        """What a command of Slurm prints; nothing when it fails."""
        return subprocess.run(command, env=self.env, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, timeout=60).stdout.strip()

    def logs(self):
        return "".join(p.read_text()[-2000:] for p in sorted(self.folder.glob("slurm*.out")) + sorted(self.folder.glob("*.log")))

    def submit(self, *arguments, env=None):
        done = subprocess.run(["sbatch", "--parsable", *map(str, arguments)], env={**self.env, **(env or {})}, cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"sbatch: {done.stderr}")
        return done.stdout.strip()

    def facts(self, job):
        """What scontrol says of a job, of an array its elements one after another."""
        return [dict(f.split("=", 1) for f in line.split() if "=" in f)
                for line in self.ask("scontrol", "-o", "show", "job", job).splitlines()]

    def wait(self, job, is_reached, timeout=150):
        """Until is_reached(facts) of every element of a job."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            facts = self.facts(job)
            if facts and all(map(is_reached, facts)):
                return facts
            time.sleep(0.1)
        raise RuntimeError(f"job {job} does not come to it: {self.facts(job)} {self.logs()}")

    def hurry(self, job):
        """A requeued job is held for two minutes; some seconds of them Slurm needs to clear away the steps before."""
        self.wait(job, lambda facts: facts["JobState"] == "PENDING")
        deadline = time.monotonic() + 60
        while list((self.folder / "spool").glob("*pmix*")) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(2)  # slurmd takes a start in the second of the requeue for one that was revoked
        self.ask("scontrol", "update", f"JobId={job}", "StartTime=now")
