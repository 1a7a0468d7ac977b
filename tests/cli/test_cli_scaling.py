"""docs/scaling.md against bench/scaling.py: what does not depend on a machine is what the page says."""

import importlib.util
import re
import unittest

from zpscan_program import PROGRAM, ROOT, ProgramTest

PAGE = (ROOT / "docs" / "scaling.md").read_text()
# Names of compiler, flags and host, and the command, are strings of some hundred bytes in the 66 kB of the smallest file;
# zlib makes surfaces a little larger or smaller from version to version.
TOLERANCE = {"": 0.03, "surface": 0.05}


def load_script():
    spec = importlib.util.spec_from_file_location("scaling", ROOT / "bench" / "scaling.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def table(heading):
    """Rows of numbers, as text, of the table under a heading."""
    lines = PAGE[PAGE.index(heading):].split("\n|---", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


class Scaling(ProgramTest):
    def setUp(self):
        super().setUp()
        self.script = load_script()
        self.machine = self.script.Machine(PROGRAM.parent, self.folder)

    def assert_near(self, got, told, tolerance, what):
        self.assertLess(abs(got / told - 1), tolerance, f"{what}: {got}, the page says {told}: bench/scaling.py sizes")

    def test_sizes_of_results(self):
        sizes = {}
        for masses, couplings, lattice, told in table("Results, bytes"):
            options = (*self.script.PLACED, "--set", f"placement.step_mm={lattice}") if lattice else ()
            got = self.script.result_size(self.machine, int(masses), int(couplings), *options)
            self.assert_near(got, int(told), TOLERANCE["surface" if lattice else ""], (masses, couplings, lattice))
            if not lattice:
                sizes[int(masses), int(couplings)] = got
        text = re.search(r"Result: ([0-9.]+) kB \+ ([0-9.]+) kB per mass \+ ([0-9.]+) B per mass and coupling.*?within "
                         r"([0-9.]+) %", PAGE, re.S)
        told = [float(x) for x in text.groups()]
        for got, value in zip(self.script.size_law(sizes), told):
            self.assert_near(got, value, 0.02, "the law")
        for (masses, couplings), size in sizes.items():
            law = 1e3 * told[0] + 1e3 * told[1] * masses + told[2] * masses * couplings
            self.assert_near(law, size, 1e-2 * told[3], (masses, couplings))

    def test_rows(self):
        """A journal's header tells its row: counts of two triggers, and the cells of a surface."""
        for lattice, told, *_ in table("Journals:"):
            options = (*self.script.PLACED, "--set", f"placement.step_mm={lattice}") if lattice else ()
            row_size, *_ = self.script.journal_of(self.machine, *options, seconds=0)
            self.assertEqual(row_size, int(told), "bench/scaling.py sizes")
            if not lattice:
                for said in re.findall(r"one row of (\d+) u64|14 x (\d+) bytes", PAGE):
                    self.assertEqual(row_size, int("".join(said)))


if __name__ == "__main__":
    unittest.main()
