"""Whatever happens to a run, the counts in the end are those of a run nothing happened to."""

import signal
import time
import unittest

from resumed_run import EVENTS, FLUSH, ResumedRun
from zpscan_program import QUICK, ProgramTest


class Resume(ResumedRun):
    def test_kill_at_five_moments(self):
        reference = self.reference()
        resume = []
        for n_growths, threads, tile in [(1, 1, 1000), (2, 2, 65536), (3, 1, 500), (1, 2, 4096), (2, 1, 65536)]:
            process = self.begin("--threads", threads, "--set", f"run.tile_events={tile}", *resume)
            self.wait_for_journal(process, n_growths)
            process.kill()
            process.communicate()
            self.assertEqual(self.names(), ["r.h5.journal.0"])
            resume = ["--resume"]
        self.assertEqual(self.finish("--threads", 2, "--set", "run.tile_events=1000"), reference)
        self.assertGreater(self.json("info", "r.h5")["events_from_journal"], 0)

    def test_torn_journal(self):
        """The last record is cut off wherever a crash may: it is dropped and its events are run again."""
        reference = self.reference()
        self.begin_and_kill()
        journal = self.folder / "r.h5.journal.0"
        journal.write_bytes(journal.read_bytes()[:-7])
        self.assertEqual(self.finish(), reference)
        self.assertIn("an unfinished record: its events will be simulated again", self.said)

    def test_damaged_journal(self):
        """A record in the middle with one bit wrong: reported, left out, and its events run again."""
        reference = self.reference()
        self.begin_and_kill(n_growths=4)
        journal = self.folder / "r.h5.journal.0"
        content = bytearray(journal.read_bytes())
        starts = [i for i in range(len(content)) if content.startswith(b"ZREC", i)]
        self.assertGreater(len(starts), 2)
        content[(starts[1] + starts[2]) // 2] ^= 16
        journal.write_bytes(content)
        self.assertEqual(self.finish(), reference)
        self.assertIn(f"damaged in 1 places, the first at byte {starts[1]}: those events will be simulated again", self.said)

    def test_other_engine_threads_and_tiles(self):
        reference = self.reference()
        self.begin_and_kill("--engine", "cpu", "--threads", 2)
        self.begin_and_kill("--engine", "check", "--threads", 1, "--resume", n_growths=1)
        self.assertEqual(self.finish("--threads", 1, "--set", "run.tile_events=333"), reference)
        self.assertGreater(self.json("info", "r.h5")["events_from_journal"], 0)

    def test_signals(self):
        """SIGINT, SIGTERM, SIGUSR1: exit status 3, one line that says how to go on, nothing lost."""
        reference = self.reference()
        resume = []
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            process = self.begin("--threads", 1, *resume)
            self.wait_for_journal(process, 1)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
            self.assertEqual((process.returncode, out), (3, ""), err)
            self.assertIn("interrupted", err.splitlines()[-1])
            self.assertTrue(err.endswith(" --resume\n"), err)
            resume = ["--resume"]
        self.assertEqual(self.finish(), reference)

    def test_journal_in_the_way(self):
        process = self.begin("--events", 10**8)  # until it is killed
        self.wait_for_journal(process, 1)
        status, _, err = self.run_program("run", QUICK, "--events", EVENTS, "-o", "r.h5")
        self.assertEqual(status, 1)
        self.assertIn("another process is writing this output", err)
        status, _, err = self.run_program("run", QUICK, "--events", EVENTS, "-o", "r.h5", "--resume")
        self.assertEqual(status, 1)
        self.assertIn("another process", err)
        process.kill()
        process.communicate()
        status, _, err = self.run_program("run", QUICK, "--events", EVENTS, "-o", "r.h5")
        self.assertEqual(status, 1)
        self.assertIn("--resume", err)
        for options, words in [
            (["--seed", "2"], "seed"),
            (["--set", "beam.p_gev=150"], "another job: `p_gev: 160` there, `p_gev: 150` in this run"),
        ]:
            status, _, err = self.run_program("run", QUICK, "--events", EVENTS, "-o", "r.h5", "--resume", *options)
            self.assertEqual((status, err.count("\n")), (1, 1), err)
            self.assertIn(words, err)
        self.assertEqual(self.names(), ["r.h5.journal.0"])

    def test_something_else_at_the_place_of_the_journal(self):
        for junk in (b"junk", b"junk" * 1000):
            (self.folder / "r.h5.journal.0").write_bytes(junk)
            status, _, err = self.run_program("run", QUICK, "--events", EVENTS, "-o", "r.h5", "--resume")
            self.assertEqual((status, err.count("\n")), (1, 1), err)
            self.assertIn("r.h5.journal.0: expected a journal", err)
            self.assertIn("delete this file to start again", err)
            self.assertEqual((self.folder / "r.h5.journal.0").read_bytes(), junk)

    def test_fewer_events_than_are_done(self):
        """The message names the run's file."""
        self.begin_and_kill()
        status, _, err = self.run_program("run", QUICK, "--events", 1, "-o", "r.h5", "--resume", "--quiet")
        self.assertEqual((status, err.count("\n")), (1, 1), err)
        self.assertRegex(err, r"r\.h5: mass 0: events up to \d+ are finished already, but this run asks for 1 per mass")

    def test_resume_without_a_journal_starts(self):
        self.ok("run", QUICK, "--events", 1000, "-o", "r.h5", "--resume", "--quiet")
        self.ok("run", QUICK, "--events", 1000, "-o", "s.h5", "--quiet")
        self.assertEqual(self.hashes("r.h5"), self.hashes("s.h5"))

    def test_finished_result(self):
        self.ok("run", QUICK, "--events", 1000, "-o", "r.h5", "--quiet")
        before = (self.folder / "r.h5").read_bytes()
        self.assertIn("finished already", self.ok("run", QUICK, "--events", 1000, "-o", "r.h5", "--resume"))
        for options, words in [
            (["--events", "2000"], "--extend"),
            (["--events", "500"], "more than the 500"),
            (["--events", "1000", "--seed", "9"], "seed 1"),
            (["--events", "1000", "--masses", "0:2"], "masses 0:6"),
            (["--events", "1000", "--set", "beam.p_spread=0.02"], "p_spread: 0.03"),
        ]:
            status, _, err = self.run_program("run", QUICK, "-o", "r.h5", "--resume", *options)
            self.assertEqual((status, err.count("\n")), (1, 1), err)
            self.assertIn(words, err)
        self.assertEqual((self.folder / "r.h5").read_bytes(), before)
        self.assertEqual(self.names(), ["r.h5"])


class Extend(ProgramTest):
    def test_extended_is_whole(self):
        self.ok("run", QUICK, "--events", 3000, "-o", "whole.h5", "--quiet")
        self.ok("run", QUICK, "--events", 1000, "-o", "r.h5", "--quiet")
        self.ok("run", QUICK, "--events", 3000, "-o", "r.h5", "--extend", "--quiet", "--threads", 1)
        self.assertEqual(self.hashes("r.h5"), self.hashes("whole.h5"))
        self.assertEqual(self.names(), ["r.h5", "whole.h5"])
        self.assertIn("finished already", self.ok("run", QUICK, "--events", 3000, "-o", "r.h5", "--extend"))

    def test_interrupted_extension(self):
        self.ok("run", QUICK, "--events", 60000, "-o", "whole.h5", "--quiet")
        self.ok("run", QUICK, "--events", 1000, "-o", "r.h5", "--quiet")
        extend = ("run", QUICK, "--events", 60000, "-o", "r.h5", "--extend", "--quiet", "--threads", 1)
        process = self.start(*extend, env=FLUSH)
        deadline = time.monotonic() + 60
        journal = self.folder / "r.h5.journal.0"
        while time.monotonic() < deadline and self.records(journal) == 0:
            time.sleep(0.001)
        process.kill()
        process.communicate()
        self.assertEqual(self.json("info", "r.h5")["masses"][0]["events"], 1000)
        self.ok(*extend, "--resume")
        self.assertEqual(self.hashes("r.h5"), self.hashes("whole.h5"))
        self.assertGreater(self.json("info", "r.h5")["events_from_journal"], 0)
        self.assertEqual(self.names(), ["r.h5", "whole.h5"])

    def test_another_job_is_refused(self):
        self.ok("run", QUICK, "--events", 1000, "-o", "r.h5", "--quiet")
        for options, words in [(["--seed", "2"], "seed 1"), (["--set", "beam.p_gev=150"], "p_gev: 160")]:
            status, _, err = self.run_program("run", QUICK, "--events", 2000, "-o", "r.h5", "--extend", *options)
            self.assertEqual((status, err.count("\n")), (1, 1), err)
            self.assertIn(words, err)


class Masses(ProgramTest):
    def test_part_of_the_grid(self):
        """A mass draws the same events whether it is run alone or among others."""
        self.ok("run", QUICK, "--events", 2000, "-o", "whole.h5", "--quiet")
        self.ok("run", QUICK, "--events", 2000, "-o", "part.h5", "--quiet", "--masses", "2:5")
        self.assertEqual(self.json("info", "part.h5")["masses"], self.json("info", "whole.h5")["masses"][2:5])


if __name__ == "__main__":
    unittest.main()
