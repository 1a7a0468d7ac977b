"""Disks, folders, clocks and maps that fail: one line says so, nothing is lost, and the counts in the end are those of a
run nothing happened to."""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import time
import unittest

from resumed_run import EVENTS, ResumedRun
from zpscan_program import PROGRAM, QUICK

NOBODY = 65534
SHIM = os.environ.get("FAULTY_SYSTEM", "")


def shim(**settings):
    if not SHIM:
        raise unittest.SkipTest("FAULTY_SYSTEM does not name libfaulty_system.so of the build")
    return {"LD_PRELOAD": SHIM, **settings}


class Disk(ResumedRun):
    @contextlib.contextmanager
    def small_disk(self, size):
        """A disk of that size at self.disk; needs root."""
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "zpscan-test", str(self.disk)], capture_output=True,
                              text=True) if os.geteuid() == 0 else None
        if done is None or done.returncode != 0:
            self.skipTest("cannot mount a small disk: " + ("not root" if done is None else done.stderr.strip()))
        try:
            yield
        finally:
            subprocess.run(["umount", str(self.disk)], check=True)

    def enlarge(self):
        subprocess.run(["mount", "-o", "remount,size=100m", str(self.disk)], check=True)

    def on_disk(self, *options, flush):
        return self.run_program("run", QUICK, "--events", EVENTS, "-o", self.disk / "r.h5", "--quiet", *options,
                                env={"ZPS_FLUSH_S": flush})

    def check_full_disk(self, size, flush, words):
        reference = self.reference()
        with self.small_disk(size):
            status, out, err = self.on_disk(flush=flush)
            self.assertEqual((status, out, err.count("\n")), (1, "", 1), err)
            self.assertIn("No space left on device", err)
            for word in words:
                self.assertIn(word, err)
            self.assertEqual([p.name for p in self.disk.iterdir()], ["r.h5.journal.0"])
            self.enlarge()
            status, _, err = self.on_disk("--resume", flush=flush)
            self.assertEqual(status, 0, err)
            self.assertEqual(self.hashes(self.disk / "r.h5"), reference)
            self.assertGreater(self.json("info", self.disk / "r.h5")["events_from_journal"], 0)

    def test_full_disk_under_the_journal(self):
        """Two pages of 4 kB, most of one for the journal's header and note, and a record per batch."""
        self.check_full_disk("8k", "0.001", ("r.h5.journal.0: cannot write", "--resume"))

    def test_full_disk_under_the_result(self):
        """Room for a journal of a few records and not for a result file, which is larger."""
        self.check_full_disk("48k", "60", ("r.h5",))

    def test_limit_on_file_sizes(self):
        """ulimit -f: the file that was to become larger is named, under the journal and under the result; no signal ends the
        run, and nothing but the journal is left."""
        for limit, flush, name in (5000, "0.001", "r.h5.journal.0"), (60000, "60", "r.h5"):
            with self.subTest(name=name):
                process = self.start("run", QUICK, "--events", EVENTS, "-o", "r.h5", "--quiet", env={"ZPS_FLUSH_S": flush},
                                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
                out, err = process.communicate(timeout=200)
                self.assertEqual((process.returncode, out, err.count("\n")), (1, "", 1), err)
                self.assertIn(f"{name}: cannot write", err)
                self.assertIn("File too large", err)
                self.assertEqual(self.names(), ["r.h5.journal.0"])
                (self.folder / "r.h5.journal.0").unlink()

    def test_quota(self):
        """The journal is cut off by a quota: told, and continued once there is room."""
        reference = self.reference()
        line = self.refused("--set", "run.tile_events=1000",
                            env={**shim(FAULT_QUOTA="7000", FAULT_QUOTA_NAME="r.h5.journal"), "ZPS_FLUSH_S": "0.001"})
        self.assertIn("Disk quota exceeded", line)
        self.assertIn("--resume", line)
        self.assertEqual(self.names(), ["r.h5.journal.0"])
        self.assertEqual(self.finish(), reference)
        self.assertGreater(self.json("info", "r.h5")["events_from_journal"], 0)

    def test_quota_under_the_result(self):
        reference = self.reference()
        line = self.refused(env=shim(FAULT_QUOTA="40000", FAULT_QUOTA_NAME="r.h5"))
        self.assertIn("Disk quota exceeded", line)
        self.assertEqual(self.names(), ["r.h5.journal.0"])
        self.assertEqual(self.finish(), reference)


class Folder(ResumedRun):
    def as_somebody(self):
        """Root may write anywhere, so the runs are nobody's then."""
        if os.geteuid() != 0:
            return {}
        os.chown(self.folder, NOBODY, NOBODY)
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        try:
            subprocess.run([str(PROGRAM), "--version"], check=True, capture_output=True, **who)
        except (OSError, subprocess.CalledProcessError) as trouble:
            self.skipTest(f"the program is not for everybody: {trouble}")
        return who

    def test_read_only_from_the_start(self):
        """Told before any table is made, and nothing is left."""
        who = self.as_somebody()
        self.folder.chmod(0o555)
        process = self.begin(**who)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, err.count("\n")), (1, "", 1), err)
        self.assertIn("Permission denied", err)
        self.folder.chmod(0o755)
        self.assertEqual(self.names(), [])

    def test_read_only_in_the_middle(self):
        """The journal is open and goes on; the result cannot be made, and is once the folder may be written again."""
        reference = self.reference()
        who = self.as_somebody()
        process = self.begin("--threads", 1, **who)
        self.wait_for_journal(process, 2)
        self.folder.chmod(0o555)
        out, err = process.communicate(timeout=100)
        self.assertEqual((process.returncode, out, err.count("\n")), (1, "", 1), err)
        self.assertIn("Permission denied", err)
        self.folder.chmod(0o755)
        self.assertEqual(self.names(), ["r.h5.journal.0"])
        self.assertEqual(self.finish(), reference)
        facts = self.json("info", "r.h5")
        self.assertEqual(facts["events_from_journal"], EVENTS * len(facts["masses"]))


class Signals(ResumedRun):
    def test_second_interrupt_ends_at_once(self):
        """The first SIGINT waits for the batch (a quarter of a second), the second does not. That it may come too late,
        when the first has ended the run already, is why there are some tries."""
        reference = self.reference()
        for _ in range(8):
            process = self.begin("--threads", 1)
            self.wait_for_journal(process, 4)  # batches grow to their full length first
            time.sleep(0.05)  # the record is seen before it is on disk, and the next batch begins only then
            process.send_signal(signal.SIGINT)
            time.sleep(0.005)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            if process.returncode == -signal.SIGINT:
                break
            self.assertEqual(process.returncode, 3)
            (self.folder / "r.h5.journal.0").unlink()
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertEqual(self.finish(), reference)


class Clock(ResumedRun):
    def test_clock_jumps(self):
        """Neither the counts nor the journal nor the times of a run follow the time of day; the clock that they follow may
        leap ahead."""
        reference = self.reference()
        for clock in ("realtime", "monotonic"):
            env = shim(FAULT_CLOCK=clock)
            before = time.monotonic()
            self.begin_and_kill("--threads", 1, env=env)
            self.assertEqual(self.finish("--threads", 1, env=env), reference)
            facts = self.json("info", "r.h5")
            self.assertGreater(facts["events_from_journal"], 0)
            if clock == "realtime":
                self.assertNotEqual(facts["start_utc"][:13], time.strftime("%Y-%m-%dT%H", time.gmtime()), "no jump at all")
                self.assertLess(facts["wall_s"], time.monotonic() - before)
                self.assertGreater(facts["wall_s"], 0)
            else:
                self.assertGreater(facts["wall_s"], 3600, "no leap at all")
            (self.folder / "r.h5").unlink()


class Map(ResumedRun):
    options = ("--set", "layout.MS2.map=map.h5")

    def make_map(self, integral_tm):
        self.ok("field", "make", "dipole", "--integral-tm", integral_tm, "--gap-mm", 200, "--width-mm", 800, "--force", "-o",
                "map.h5")

    def test_unreadable_in_the_middle(self):
        """A map that is lost when a run has read it harms nothing; one that cannot be read, or is another one, when the run
        is resumed is named, and the journal waits for the right one."""
        self.make_map(1.4)
        reference = self.reference(*self.options)
        good = self.folder / "map.h5"
        content = good.read_bytes()
        process = self.begin("--threads", 1, *self.options)
        self.wait_for_journal(process, 1)
        good.unlink()
        self.wait_for_journal(process, 1)
        process.kill()
        process.communicate()
        self.check_refused("map.h5")
        good.write_bytes(content[: len(content) // 2])
        self.check_refused("map.h5")
        self.make_map(1.3)
        self.check_refused("field map hash")
        good.write_bytes(content)
        self.assertEqual(self.finish(*self.options), reference)
        self.assertGreater(self.json("info", "r.h5")["events_from_journal"], 0)

    def check_refused(self, words):
        before = (self.folder / "r.h5.journal.0").read_bytes()
        self.assertIn(words, self.refused("--resume", *self.options))
        self.assertEqual((self.folder / "r.h5.journal.0").read_bytes(), before)


if __name__ == "__main__":
    unittest.main()
