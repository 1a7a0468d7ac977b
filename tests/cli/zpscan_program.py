"""Runs zpscan in a folder of its own, as a user would."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("ZPSCAN", ROOT / "build" / "zpscan")).resolve()
QUICK = ROOT / "grids" / "quick.yaml"


class ProgramTest(unittest.TestCase):
    """A test with a working folder that starts empty."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="zpscan-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self, *arguments, env=None, **kwargs):
        return subprocess.Popen(
            [str(PROGRAM), *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **kwargs,
        )

    def run_program(self, *arguments, env=None):
        """Waits for the end; returns exit status, stdout, stderr."""
        process = self.start(*arguments, env=env)
        out, err = process.communicate(timeout=200)
        return process.returncode, out, err

    def ok(self, *arguments, env=None):
        """Runs what must succeed; returns stdout."""
        status, out, err = self.run_program(*arguments, env=env)
        self.assertEqual(status, 0, err)
        return out

    def json(self, *arguments):
        return json.loads(self.ok(*arguments, "--json"))

    def hashes(self, path):
        """What two runs of one job must agree on: all counts, not the published ones alone."""
        facts = self.json("info", path)
        return facts["tally_hash"], facts["masses"]

    def records(self, path):
        """Number of records in a journal; 0 where there is none."""
        try:
            return pathlib.Path(path).read_bytes().count(b"ZREC")
        except FileNotFoundError:
            return 0

    def names(self):
        return sorted(p.name for p in self.folder.iterdir())

    def job(self, *replacements):
        """The quick job with texts replaced, each of which must be there; returns its name."""
        text = QUICK.read_text()
        for old, new in replacements:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        (self.folder / "job.yaml").write_text(text)
        return "job.yaml"

    def line_of(self, text):
        """Number of the line of job.yaml that holds the text."""
        lines = (self.folder / "job.yaml").read_text().splitlines()
        return next(i for i, line in enumerate(lines, 1) if text in line)
