"""bench measures what it says and fails when what it computed is wrong; no rate passes or fails."""

import json
import unittest

from zpscan_program import QUICK, ProgramTest

KEYS = ["field_lookups_per_s_core", "rk_steps_per_s_core", "etl_samples_per_s_core", "scatterings_per_s_core",
        "field_lookups_per_s", "rk_steps_per_s", "etl_samples_per_s", "scatterings_per_s", "setup_ms",
        "events_per_s_core", "events_per_s", "setup_ms_per_mass", "extra_trigger_ns_per_event",
        "extra_coupling_ns_per_mass", "extra_surface_ns_per_event", "extra_position_ns"]


class Bench(ProgramTest):
    def test_json(self):
        facts = self.json("bench", "--quick", "--repeats", 1, QUICK)
        for key in KEYS:
            with self.subTest(key=key):
                spread = facts["results"][key]
                self.assertEqual(facts[key], spread["median"])
                if not key.startswith("extra"):
                    self.assertGreater(spread["min"], 0)
                self.assertLessEqual(spread["min"], spread["quartile_lo"])
                self.assertLessEqual(spread["quartile_lo"], spread["median"])
                self.assertLessEqual(spread["quartile_hi"], spread["max"])
                self.assertGreater(len(spread["what"]), 20)
        info = self.json("info")
        self.assertEqual((facts["compiler"], facts["flags"]), (info["compiler"], info["flags"]))
        self.assertIn("-O", facts["flags"] + facts["engine_flags"])
        self.assertEqual(facts["job"], str(QUICK))
        self.assertGreaterEqual(facts["machine"]["cores"], 1)
        self.assertGreater(len(facts["machine"]["cpu"]), 3)
        self.assertNotIn("thread", facts["engine"])
        self.assertRegex(facts["start_utc"], r"^2\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(facts["timing"], {"quick": True, "n_repeats": 1, "min_ms": 5, "max_s": 1, "n_calls": 0})

    def test_threads(self):
        """The number that ran is told; a binding of threads to cores does not make the machine smaller."""
        free = json.loads(self.ok("bench", "--only", "random", "--calls", 1, "--json"))
        bound = json.loads(self.ok("bench", "--only", "random", "--calls", 1, "--json",
                                   env={"OMP_PROC_BIND": "true", "OMP_NUM_THREADS": "3"}))
        self.assertEqual(free["threads"], free["machine"]["cores"])
        self.assertEqual((bound["threads"], bound["machine"]["cores"]), (3, free["machine"]["cores"]))
        self.assertEqual((free["timing"]["quick"], free["timing"]["n_calls"]), (False, 1))

    def test_built_in_job(self):
        """Without a job it is that of the 2022 run, wherever the program is started; nothing is left behind."""
        facts = self.json("bench", "--quick", "--only", "random")
        self.assertIn("na64mu-2022", facts["job"])
        self.assertEqual(sorted(facts["results"]), ["normals_per_s_core", "philox_blocks_per_s_core"])
        self.assertIn("normals_per_s_core", self.ok("bench", "--quick", "--only", "random"))
        self.assertEqual(self.names(), [])

    def test_statistics(self):
        """The run must not need more time than the plain way where one event in a hundred is accepted."""
        facts = self.json("bench", "--statistics", "--repeats", 1, QUICK)
        self.assertEqual([mass["mass_gev"] for mass in facts["masses"]], [0.01, 0.04, 0.12, 0.2, 0.5, 1])
        first = facts["masses"][0]
        self.assertLess(first["run"]["seconds"], first["plain"]["seconds"])
        self.assertLess(4 * first["pilot"]["events"], first["run"]["events"], "six times fewer, by counts that do not vary")
        self.assertEqual(first["run"]["pilot_s"], 0)
        self.assertGreater(first["pilot"]["pilot_s"], 0)
        self.assertLess(facts["events_by_mass_s"], facts["same_events_for_all_masses_s"])

    def test_usage(self):
        for words, options in [(["--only nothing: expected part of random"], ["--only", "nothing"]),
                               (["--repeats = 0", "whole number"], ["--repeats", "0"]),
                               (["instruction set v9"], ["--isa", "v9"])]:
            status, out, err = self.run_program("bench", *options)
            self.assertEqual((status, out, err.count("\n")), (2, "", 1), err)
            for word in words:
                self.assertIn(word, err)
        status, _, err = self.run_program("bench", "none.yaml")
        self.assertEqual((status, err.count("\n")), (1, 1), err)


if __name__ == "__main__":
    unittest.main()
