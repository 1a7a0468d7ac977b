"""A run that something happens to, and the same run left in peace: both must end in the same counts."""

import time

from zpscan_program import QUICK, ProgramTest

EVENTS = 600000  # of each mass: long enough to be stopped several times
FLUSH = {"ZPS_FLUSH_S": "0.01"}  # a journal record per batch: something to go on from at once


class ResumedRun(ProgramTest):
    references = {}

    def begin(self, *options, env=None, **kwargs):
        return self.start("run", QUICK, "--events", EVENTS, "-o", "r.h5", "--quiet", *options, env={**FLUSH, **(env or {})},
                          **kwargs)

    def wait_for_journal(self, process, n_growths):
        """Until the journal has grown that many times, or the run is over."""
        journal = self.folder / "r.h5.journal.0"
        n = self.records(journal)
        deadline = time.monotonic() + 60
        while n_growths > 0 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
            now = self.records(journal)
            n_growths -= 1 if now > n else 0
            n = now
        self.assertEqual(n_growths, 0, "the run was over before it could be stopped")

    def begin_and_kill(self, *options, n_growths=2, **kwargs):
        process = self.begin(*options, **kwargs)
        self.wait_for_journal(process, n_growths)
        process.kill()
        process.communicate()

    def refused(self, *options, env=None):
        """A run that must fail with one line on stderr; returns it."""
        status, out, err = self.run_program("run", QUICK, "--events", EVENTS, "-o", "r.h5", "--quiet", *options, env=env)
        self.assertEqual((status, out, err.count("\n")), (1, "", 1), err)
        return err

    def reference(self, *options):
        """The counts of a run that is left alone; run once."""
        if options not in ResumedRun.references:
            self.ok("run", QUICK, "--events", EVENTS, "-o", "reference.h5", "--quiet", *options)
            ResumedRun.references[options] = self.hashes("reference.h5")
            (self.folder / "reference.h5").unlink()
        return ResumedRun.references[options]

    def finish(self, *options, env=None):
        """Goes on to the end; returns the counts, and keeps what was said in self.said."""
        status, _, self.said = self.run_program("run", QUICK, "--events", EVENTS, "-o", "r.h5", "--resume", "--quiet",
                                                *options, env=env)
        self.assertEqual(status, 0, self.said)
        self.assertEqual([n for n in self.names() if n.startswith("r.h5")], ["r.h5"])
        return self.hashes("r.h5")
