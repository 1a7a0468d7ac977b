"""--target-error: where a mass stops depends on its events alone, and there the published interval is narrow enough."""

import signal
import time
import unittest

from zpscan_program import QUICK, ProgramTest

MOST = 65536
FLUSH = {"ZPS_FLUSH_S": "0.01"}


class Target(ProgramTest):
    def run_to(self, name, *options, error="3%", events=MOST):
        return self.ok("run", QUICK, "--events", events, "--target-error", error, "-o", name, *options)

    kept = None  # the file of reference(), run once

    def reference(self):
        if Target.kept is None:
            self.run_to("reference.h5", "--quiet", "--threads", 1)
            Target.kept = (self.folder / "reference.h5").read_bytes()
        (self.folder / "reference.h5").write_bytes(Target.kept)
        return self.hashes("reference.h5")

    def test_stops_where_the_interval_is_narrow_enough(self):
        """Half the interval over the efficiency at the stop, to 0.05/sqrt(accepted) < 0.2 % (test_interval.c); and twice
        the events were needed: at the checkpoint before, found by a run up to it, it was wider."""
        self.reference()
        facts = self.json("info", "reference.h5")
        self.assertEqual((facts["target_error"], facts["target_trigger"]), (0.03, None))
        events = [mass["events"] for mass in facts["masses"]]
        self.assertGreaterEqual(len(set(events)), 3, "the masses must differ for this to say anything")
        for i, mass in enumerate(facts["masses"]):
            errors = [0.5 * (t["efficiency_hi"] - t["efficiency_lo"]) / t["efficiency"] for t in mass["triggers"]]
            for trigger, error in zip(mass["triggers"], errors):
                self.assertAlmostEqual(trigger["relative_error"] / error, 1, delta=2e-3)
            self.assertEqual(mass["events"] & (mass["events"] - 1), 0)
            self.assertTrue(max(errors) <= 0.03 * 1.002 or mass["events"] == MOST, mass)
            if mass["events"] > 4096:
                self.ok("run", QUICK, "--events", mass["events"] // 2, "--masses", f"{i}:{i + 1}", "-o", "half.h5",
                        "--quiet", "--force")
                half = self.json("info", "half.h5")["masses"][0]
                self.assertGreater(max(t["relative_error"] for t in half["triggers"]), 0.03)

    def test_counts_are_those_of_a_plain_run(self):
        self.reference()
        for i, mass in enumerate(self.json("info", "reference.h5")["masses"]):
            self.ok("run", QUICK, "--events", mass["events"], "--masses", f"{i}:{i + 1}", "-o", "plain.h5", "--quiet",
                    "--force")
            self.assertEqual(self.json("info", "plain.h5")["masses"], [mass])

    def test_same_stop_for_engines_threads_and_tiles(self):
        want = self.reference()
        for i, options in enumerate([("--engine", "check"), ("--threads", 2), ("--set", "run.tile_events=700"),
                                     ("--engine", "check", "--threads", 2, "--set", "run.tile_events=333")]):
            self.run_to(f"{i}.h5", "--quiet", *options)
            self.assertEqual(self.hashes(f"{i}.h5"), want, options)

    def test_kill_and_resume(self):
        more = {"error": "1%", "events": 32 * MOST}  # long enough to be stopped three times
        self.run_to("reference.h5", "--quiet", "--threads", 1, **more)
        want = self.hashes("reference.h5")
        journal = self.folder / "r.h5.journal.0"
        resume = []
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            before = journal.stat().st_size if journal.exists() else 300
            process = self.start("run", QUICK, "--events", more["events"], "--target-error", more["error"], "-o", "r.h5",
                                 "--quiet", "--threads", 1, *resume, env=FLUSH)
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                if journal.exists() and journal.stat().st_size > before + 2000:
                    break
                time.sleep(0.001)
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertNotEqual(process.returncode, 0, "the run was over before it could be stopped")
            resume = ["--resume"]
        self.run_to("r.h5", "--quiet", "--resume", "--threads", 2, **more)
        self.assertEqual(self.hashes("r.h5"), want)
        self.assertGreater(self.json("info", "r.h5")["events_from_journal"], 0)
        self.assertEqual(self.names(), ["r.h5", "reference.h5"])

    def test_finished_and_extended(self):
        want = self.reference()
        self.run_to("r.h5", "--quiet", error="0.06")
        self.assertNotEqual(self.hashes("r.h5"), want)
        self.assertIn("finished already", self.run_to("r.h5", "--resume", error="6%"))
        status, _, err = self.run_program("run", QUICK, "--events", MOST, "--target-error", "3%", "-o", "r.h5", "--resume")
        self.assertEqual((status, err.count("\n")), (1, 1), err)
        self.assertIn("--extend", err)
        self.run_to("r.h5", "--quiet", "--extend")
        self.assertEqual(self.hashes("r.h5"), want)

    def test_one_trigger(self):
        """The wider one (smu117) accepts more, so it alone is there sooner."""
        self.reference()
        self.run_to("one.h5", "--quiet", "--target-trigger", "smu117")
        facts = self.json("info", "one.h5")
        self.assertEqual(facts["target_trigger"], "smu117")
        fewer = [mass["events"] for mass in facts["masses"]]
        every = [mass["events"] for mass in self.json("info", "reference.h5")["masses"]]
        self.assertTrue(all(a <= b for a, b in zip(fewer, every)) and fewer != every, (fewer, every))

    def test_what_is_not_reached_is_told(self):
        _, _, err = self.run_program("run", QUICK, "--events", 8192, "--target-error", "3%", "-o", "r.h5", "--quiet")
        wanting = [max(t["relative_error"] for t in mass["triggers"]) > 0.03
                   for mass in self.json("info", "r.h5")["masses"]].count(True)
        self.assertGreater(wanting, 0)
        self.assertIn(f"{wanting} of 6 masses have not reached 3 % with 8192 events, the worst", err)
        _, _, err = self.run_program("run", QUICK, "--target-error", "20%", "-o", "s.h5", "--quiet")
        self.assertEqual(err, "")

    def test_one_start_and_one_end(self):
        self.run_to("r.h5", "--quiet", "--json-log", "log")
        log = (self.folder / "log").read_text().splitlines()
        self.assertEqual([sum(f'"event":"{word}"' in line for line in log) for word in ("start", "done")], [1, 1])
        total = sum(mass["events"] for mass in self.json("info", "r.h5")["masses"])
        self.assertIn(f'"events_done":{total},"events_total":{total}', log[-1])

    def test_usage(self):
        for words, options in [(["--target-error = 1:"], ["--target-error", "1"]),
                               (["--target-error = 0%: must be > 0 and <= 50%"], ["--target-error", "0%"]),
                               (["--target-error = 100%: must be > 0 and <= 50%"], ["--target-error", "100%"]),
                               (["--target-error"], ["--target-error", "%"]),
                               (["--target-error = -1"], ["--target-error", "-1%"]),
                               (["expected --target-error"], ["--target-trigger", "smu152"]),
                               (["smu11: no trigger"], ["--target-error", "1%", "--target-trigger", "smu11"])]:
            status, out, err = self.run_program("run", QUICK, "-o", "r.h5", *options)
            self.assertEqual((status, out, err.count("\n")), (2, "", 1), err)
            for word in words:
                self.assertIn(word, err)


if __name__ == "__main__":
    unittest.main()
