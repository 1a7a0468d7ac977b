"""zpscan field: check, convert, make; and a job that reads a map in every format has the counts of the one that makes it."""

import gzip
import re
import shutil
import struct
import textwrap
import unittest

import h5py
import numpy

from zpscan_program import QUICK, ROOT, ProgramTest

MAPS = ROOT / "tests" / "unit" / "field_maps"

# The magnet of grids/quick.yaml.
DIPOLE = ("--integral-tm", "1.4", "--effective-length-mm", "1000", "--gap-mm", "200", "--width-mm", "800",
          "--length-mm", "2200", "--grid-mm", "100,5,25")


def decimals(values):
    return " ".join(f"{v:.9g}" for v in values)


def level(tag, payload):
    end = (tag + 0x20000000) & 0xFFFFFFFF
    return struct.pack("<II", 0xC04F1EAB, tag) + payload + struct.pack("<II", 0xC04F1E70, end)


class Formats:
    """Writes a map in each format from the format's description; x, y, z in mm and B[nx, ny, nz, 3] in T."""

    def __init__(self, path):
        with h5py.File(path) as file:
            self.axes = [file[name][:] for name in "xyz"]
            self.field = file["field"][..., :3]

    def nodes(self, scale=1.0):
        x, y, z = self.axes
        for i in range(len(x)):
            for j in range(len(y)):
                for k in range(len(z)):
                    # The coordinates are whole numbers of mm: their decimals are exact in cm and m.
                    place = [f"{v * scale:.7g}" for v in (x[i], y[j], z[k])]
                    yield " ".join(place), decimals(self.field[i, j, k])

    def bdsim(self):
        head = ""
        for name, axis in zip("xyz", self.axes):
            head += f"n{name}> {len(axis)}\n{name}min> {axis[0] / 10:.7g}\n{name}max> {axis[-1] / 10:.7g}\n"
        rows = "".join(f"{place} {b}\n" for place, b in self.nodes(0.1))
        return f"{head}loopOrder> tzyx\n! X Y Z Fx Fy Fz\n{rows}".encode()

    def bdsim_gz(self):
        return gzip.compress(self.bdsim())

    def opera(self, names=("X", "Y", "Z", "BX", "BY", "BZ")):
        sizes = " ".join(str(len(axis)) for axis in self.axes)
        units = ["[CM]"] * 3 + ["[TESLA]"] * 3
        columns = "".join(f" {i} {n} {u}\n" for i, (n, u) in enumerate(zip(names, units), 1))
        return (f"{sizes} 1\n{columns} 0\n" + "".join(f"{p} {b}\n" for p, b in self.nodes(0.1))).encode()

    def geant4(self):
        sizes = " ".join(str(len(axis)) for axis in self.axes)
        columns = "".join(f" {i} {n}\n" for i, n in enumerate(("X", "Y", "Z", "BX", "BY", "BZ", "BMOD/HMOD"), 1))
        return (f"\n{sizes} 1\n{columns} 0 [METRE]\n" + "".join(f"{p} {b} 1\n" for p, b in self.nodes(1e-3))).encode()

    def comsol(self):
        n = self.field.size // 3
        head = f"% Dimension: 3\n% Nodes: {n}\n% Length unit: mm\n% x y z mf.Bx (T) mf.By (T) mf.Bz (T)\n"
        return (head + "".join(f"{p} {b}\n" for p, b in self.nodes())).encode()

    def acts(self):
        rows = (f"{p} {b}".replace(" ", ",") for p, b in self.nodes())
        return ("x,y,z,Bx,By,Bz\n" + "\n".join(rows) + "\n").encode()

    def covfie(self):
        sizes = self.field.shape[:3]
        matrix = numpy.zeros((3, 4), "<f4")
        for i, axis in enumerate(self.axes):
            step = (axis[-1] - axis[0]) / (len(axis) - 1)
            matrix[i, i] = 1 / step
            matrix[i, 3] = -axis[0] / step
        n = self.field.size // 3
        array = level(0xAB010000, struct.pack("<IQ", 4, n) + self.field.astype("<f4").tobytes())
        strided = level(0xAB020010, struct.pack("<3Q", *sizes) + array)
        return level(0xAB000000, level(0xAB020000, matrix.tobytes() + level(0xAB020005, strided)))


class Field(ProgramTest):
    def make(self, name="d.h5", *more):
        self.ok("field", "make", "dipole", *DIPOLE, *more, "-o", name)
        return name

    def check(self, name, *options):
        return self.json("field", "check", name, *options)

    def test_check(self):
        facts = self.check(self.make())
        self.assertEqual(facts["format"], "native")
        self.assertEqual(facts["shape"], [9, 41, 89])
        self.assertEqual(facts["extent_mm"], [[-400, 400], [-100, 100], [-1100, 1100]])
        self.assertEqual(facts["spacing_mm"], [100, 5, 25])
        self.assertAlmostEqual(facts["integral_by_tm"], 1.4, delta=3e-7)
        # Close to the poles' edges the Enge field concentrates: docs/adr/0005-enge-off-axis.md.
        self.assertTrue(1.4 < facts["b_max_t"] < 5.3 * 1.4)
        for key in ("div_max_t_m", "curl_max_t_m", "div_rms_t_m", "curl_rms_t_m", "b_max_at_mm", "hash"):
            self.assertIn(key, facts)
        out = self.ok("field", "check", "d.h5")
        for word in ("9 x 41 x 89 nodes", "1.40000", "T m", "|div B|", "|curl B|", facts["hash"]):
            self.assertIn(word, out)

    def test_every_format_of_the_fixtures(self):
        for name, options in [
            ("bdsim.dat", []), ("geant4.TABLE", []), ("comsol.txt", []),
            ("opera.table", ["--length-unit", "cm", "--field-unit", "G"]),
            ("acts.csv", ["--length-unit", "mm", "--field-unit", "T"]),
            ("covfie_gev.cvf", ["--length-unit", "mm", "--field-unit", "gev_mm"]),
        ]:
            facts = self.check(MAPS / name, *options)
            told = facts["format"]
            self.assertEqual(facts["shape"], [3, 2, 2])
            self.assertEqual(self.check(MAPS / name, *options, "--format", told)["hash"], facts["hash"])
            self.ok("field", "convert", MAPS / name, f"{told}.h5", *options)
            self.assertEqual(self.check(f"{told}.h5")["hash"], facts["hash"])
        one = self.check(MAPS / "bdsim_1d.dat")
        self.assertEqual((one["shape"], one["integral_by_tm"]), ([1, 1, 3], 0.07))

    def test_convert_keeps_every_bit(self):
        """Native and BDSIM text, plain and compressed: the hash covers axes and values to the last bit."""
        want = self.check(self.make("a.h5", "--grid-mm", "33.3,7,11", "--length-mm", "1734.5"))["hash"]
        for name in ("b.dat", "c.h5", "d.dat.gz", "e.h5"):
            before = sorted(self.names())[-1]
            self.ok("field", "convert", before, name)
            self.assertEqual(self.check(name)["hash"], want)
        with h5py.File(self.folder / "a.h5") as a, h5py.File(self.folder / "e.h5") as e:
            self.assertEqual(a["field"][...].tobytes(), e["field"][...].tobytes())

    def test_make(self):
        self.ok("field", "make", "uniform", "--integral-tm", "2.2", "--length-mm", "2000", "-o", "u.h5")
        facts = self.check("u.h5")
        self.assertAlmostEqual(facts["b_max_t"], 1.1, delta=1e-6)
        self.assertAlmostEqual(facts["integral_by_tm"], 2.2, delta=1e-6)
        self.ok("field", "make", "quadrupole", "--gradient-t-m", "5", "--length-mm", "400", "-o", "q.dat")
        facts = self.check("q.dat")
        # 5 T/m in the corner (400, 100) mm
        self.assertAlmostEqual(facts["b_max_t"], 5 * (0.4**2 + 0.1**2) ** 0.5, delta=1e-6)
        self.assertLess(facts["div_max_t_m"] + facts["curl_max_t_m"], 2e-5)

    def test_what_a_job_generates(self):
        """The map a job makes and the one `field make` writes are the same: same counts from either."""
        self.make()
        want = self.hashes(self.run_job("generated.h5"))
        told = {
            "bdsim": ("m.dat", {}), "bdsim_gz": ("m.dat.gz", {}), "opera": ("m.table", {}), "geant4": ("m.TABLE", {}),
            "comsol": ("m.txt", {}), "acts": ("m.csv", {"length_unit": "mm", "field_unit": "T"}),
            "covfie": ("m.cvf", {"length_unit": "mm", "field_unit": "T"}),
        }
        formats = Formats(self.folder / "d.h5")
        hash_of_map = self.check("d.h5")["hash"]
        for name, (path, units) in told.items():
            (self.folder / path).write_bytes(getattr(formats, name)())
            options = [x for k, v in units.items() for x in ("--" + k.replace("_", "-"), v)]
            self.assertEqual(self.check(path, *options)["hash"], hash_of_map, name)
            settings = [f"layout.MS2.{k}={v}" for k, v in units.items()]
            self.assertEqual(self.hashes(self.run_job(f"{name}.h5", f"layout.MS2.map={path}", *settings)), want, name)
        self.assertEqual(self.hashes(self.run_job("native.h5", "layout.MS2.map=d.h5")), want)
        # The test can fail: another field has other counts.
        self.assertNotEqual(
            self.hashes(self.run_job("half.h5", "layout.MS2.map=d.h5", "layout.MS2.scale=0.5")), want)

    def run_job(self, output, *settings):
        extra = [x for s in settings for x in ("--set", s)]
        self.ok("run", QUICK, "--events", "400", "--quiet", *extra, "-o", output)
        return output

    def test_turned_upside_down(self):
        """A dipole turned by 180 degrees about z has the opposite field, as with scale -1: same counts."""
        self.make()
        turned = self.hashes(self.run_job("t.h5", "layout.MS2.map=d.h5", "layout.MS2.rotate_deg=[0, 0, 180]"))
        negative = self.hashes(self.run_job("n.h5", "layout.MS2.map=d.h5", "layout.MS2.scale=-1"))
        self.assertEqual(turned, negative)

    def test_one_octant(self):
        """An octant of the map and its mirrors are the whole map."""
        self.octant("o.h5")
        want = self.hashes(self.run_job("w.h5", "layout.MS2.map=d.h5"))
        mirrors = [f"layout.MS2.symmetry.{a}={k}" for a, k in (("x", "parallel"), ("y", "normal"), ("z", "parallel"))]
        self.assertEqual(self.hashes(self.run_job("m.h5", "layout.MS2.map=o.h5", *mirrors)), want)

    def octant(self, name):
        """The octant x, y, z >= 0 of d.h5."""
        self.make()
        with h5py.File(self.folder / "d.h5") as whole, h5py.File(self.folder / name, "w") as octant:
            for key, value in whole.attrs.items():
                octant.attrs[key] = value
            octant["field"] = whole["field"][4:, 20:, 44:]
            octant["field"].attrs["units"] = "T"
            for axis, first in (("x", 4), ("y", 20), ("z", 44)):
                octant[axis] = whole[axis][first:]
                octant[axis].attrs["units"] = "mm"

    def test_check_of_one_octant(self):
        """`--symmetry` makes the whole map of an octant and its integral; without it the table says that it is half."""
        self.octant("o.h5")
        whole = self.check("d.h5")
        half = self.check("o.h5")
        self.assertAlmostEqual(half["integral_by_tm"], 0.5 * whole["integral_by_tm"], delta=1e-9)
        self.assertEqual((whole["ends_at_z_0"], half["ends_at_z_0"]), (False, True))
        self.assertIn("the map ends at z = 0: half of it", self.ok("field", "check", "o.h5"))
        self.assertNotIn("half of it", self.ok("field", "check", "d.h5"))
        mirrored = self.check("o.h5", "--symmetry", "x=parallel,y=normal,z=parallel")
        # The hash tells 0 from -0, which mirrored components have.
        self.assertEqual({**mirrored, "map": "d.h5", "hash": whole["hash"]}, whole)
        self.refuses(1, ["o.h5: "], "check", "o.h5", "--symmetry", "z=normal")

    def test_example_of_the_page(self):
        """The element of docs/how-to/use-a-field-map.md, in the quick job: it loads, and bends in x alone."""
        self.octant("o.h5")
        octant = Formats(self.folder / "o.h5")
        octant.field = octant.field * 1e4  # G
        text = octant.opera().decode().replace("[CM]", "[LENGU]").replace("[TESLA]", "[FLUXU]")
        (self.folder / "magnet.table").write_text(text)
        page = (ROOT / "docs" / "how-to" / "use-a-field-map.md").read_text()
        element = re.search(r"^       - name: MS2\n(?:         .*\n)+", page, re.M).group()
        job, n = re.subn(r"^  - name: MS2\n(?:    .*\n)+", textwrap.indent(textwrap.dedent(element), "  "),
                         QUICK.read_text(), flags=re.M)
        self.assertEqual(n, 1)
        (self.folder / "job.yaml").write_text(job)
        self.ok("check", "job.yaml")
        options = re.search(r"zpscan field check magnet.table (.*--symmetry \S+)`", page).group(1).split()
        self.assertAlmostEqual(self.check("magnet.table", *options)["integral_by_tm"], 1.4, delta=1e-6)
        for command in (("check",), ("run", "-o", "r.h5")):
            status, _, err = self.run_program(*command, "job.yaml", "--set", "layout.MS2.field_unit=T")
            self.assertEqual(status, 1, err)
            for words in ("magnet.table: field of up to 2.87e+04 T, 1.37e+04 T m", "at most 1000 T and 100 T m", "field_unit"):
                self.assertIn(words, err)
        whole, s4 = [self.json("track", path, "--p-gev", "160", "--no-matter")["planes"][0] for path in
                     (QUICK, "job.yaml")]
        # scale: 0.98, and 12.5 mm less from the middle of the magnet to S4; float32 rounds the field to 6e-8 of itself
        # and its decimals to 5e-10.
        self.assertAlmostEqual(s4["tx_mrad"] / whole["tx_mrad"], 0.98, delta=1e-5)
        self.assertAlmostEqual(s4["x_mm"], whole["x_mm"] * 0.98 + 12.5e-3 * -s4["tx_mrad"], delta=1e-3)
        self.assertEqual(s4["ty_mrad"], 0)

    def test_outside(self):
        """A map narrower than its element is refused until the job says what holds around it."""
        self.make("narrow.h5", "--width-mm", "600")
        status, _, err = self.run_program("run", QUICK, "--set", "layout.MS2.map=narrow.h5", "-o", "r.h5")
        self.assertEqual(status, 1)
        self.assertIn("x from -300 to 300 mm", err)
        self.assertIn("outside: zero or clamp", err)
        # The dipole does not depend on x: clamped it is the wide map.
        self.make()
        clamp = self.run_job("c.h5", "layout.MS2.map=narrow.h5", "layout.MS2.outside=clamp")
        self.run_job("w.h5", "layout.MS2.map=d.h5")
        self.assertEqual(self.json("info", clamp)["tally_hash"], self.json("info", "w.h5")["tally_hash"])
        self.run_job("z.h5", "layout.MS2.map=narrow.h5", "layout.MS2.outside=zero")
        # How many muons the policy was for; the field is that of the whole map, so is everything else.
        self.run_job("s.h5", "layout.MS2.map=narrow.h5", "layout.MS2.outside=clamp", "layout.MS2.length_mm=2400")
        counts = {}
        for name in ("w", "c", "z", "s"):
            masses = self.json("info", f"{name}.h5")["masses"]
            counts[name] = [(m["beyond_map"]["side"], m["beyond_map"]["end"]) for m in masses]
            with h5py.File(self.folder / f"{name}.h5") as file:
                self.assertEqual([tuple(row) for row in file["beyond_map"][:]], counts[name])
                self.assertEqual([n.decode() for n in file["grid/beyond"][:]], ["side", "end"])
        self.assertEqual(counts["w"], [(0, 0)] * len(counts["w"]))
        self.assertGreater(sum(side for side, _ in counts["c"]), 0)
        self.assertEqual(sum(end for _, end in counts["c"]), 0)
        self.assertTrue(all(end > side for side, end in counts["s"]))
        self.assertIn("beyond the nodes of a map file", self.ok("info", "c.h5"))
        self.assertNotIn("beyond the nodes", self.ok("info", "w.h5"))

    def test_interpolation(self):
        """Tricubic lookups in a coarse map: other tracks than with trilinear ones, the same counts on engines, not to be
        mixed in one run."""
        coarse = ("--set", "layout.MS2.grid_mm=[100, 25, 100]")
        cubic = (*coarse, "--set", "layout.MS2.interpolation=tricubic")
        for name, options in (("t.h5", coarse), ("c.h5", cubic), ("k.h5", (*cubic, "--engine", "check"))):
            self.ok("run", QUICK, "--events", "400", "--quiet", *options, "-o", name)
        self.assertEqual(self.hashes("c.h5"), self.hashes("k.h5"))
        status, _, err = self.run_program("run", QUICK, "--events", "800", "--extend", *cubic, "-o", "t.h5")
        self.assertEqual(status, 1, err)
        self.assertIn("interpolation", err)
        ends = []
        for options in (coarse, cubic):
            track = self.json("track", QUICK, "--p-gev", "20", "--y-mm", "30", "--ty-mrad", "3", "--no-matter", *options)
            ends.append(track["planes"][-1]["x_mm"])
            self.ok("events", QUICK, "--mass-gev", "0.2", "--events", "20", *options, "-o", f"e{len(ends)}.h5")
        self.assertNotEqual(ends[0], ends[1])
        with h5py.File(self.folder / "e1.h5") as a, h5py.File(self.folder / "e2.h5") as b:
            self.assertFalse(numpy.array_equal(a["plane/S4/x"][:], b["plane/S4/x"][:], equal_nan=True))

    def refuses(self, status, words, *arguments):
        before = self.names()
        got, out, err = self.run_program("field", *arguments)
        told = f"{arguments}: status {got}, stdout {out!r}, stderr {err!r}"
        self.assertEqual((got, out, err.count("\n")), (status, "", 1), told)
        for word in ("zpscan field: ", *words):
            self.assertIn(word, err, told)
        self.assertEqual(self.names(), before, told)

    def test_faults(self):
        (self.folder / "here.h5").write_text("old")
        (self.folder / "text.dat").write_text("hello\n")
        for words, arguments in [
            (["expected check|convert|make"], []),
            (["field = plot: expected one of check, convert, make"], ["plot"]),
            (["expected MAP"], ["check"]),
            (["expected FROM TO"], ["convert", "a.dat"]),
            (["--format = hdf4: expected one of native, bdsim, opera"], ["check", "x", "--format", "hdf4"]),
            (["--length-unit = inch: expected one of mm, cm, m"], ["check", "x", "--length-unit", "inch"]),
            (["--field-unit = t: expected one of T, mT, kG, G, gev_mm"], ["check", "x", "--field-unit", "t"]),
            (["x.txt: expected a name that ends in .h5, .dat or .dat.gz"], ["convert", "a.dat", "x.txt"]),
            (["--symmetry = z: expected axis=none, normal or parallel"], ["check", "x", "--symmetry", "z"]),
            (["--symmetry = z=odd:"], ["check", "x", "--symmetry", "z=odd"]),
            (["--symmetry = x=normal,:"], ["check", "x", "--symmetry", "x=normal,"]),
            (["--symmetry = w=normal:"], ["check", "x", "--symmetry", "w=normal"]),
            (["magnet = sextupole: expected one of dipole, quadrupole, uniform"], ["make", "sextupole", "-o", "x.h5"]),
            (["--output: must be given"], ["make", "dipole"]),
            (["--gradient-t-m: must be given"], ["make", "quadrupole", "-o", "x.h5"]),
            (["--grid-mm = 1,2: expected 3 numbers"], ["make", "dipole", "--grid-mm", "1,2", "-o", "x.h5"]),
            (["--enge = 1: expected 6 numbers"], ["make", "dipole", "--enge", "1", "-o", "x.h5"]),
            (["--gap-mm = 0: must be > 0"], ["make", "dipole", "--gap-mm", "0", "-o", "x.h5"]),
        ]:
            with self.subTest(arguments=arguments):
                self.refuses(2, words, *arguments)
        for words, arguments in [
            (["none.dat: cannot read the field map: No such file"], ["check", "none.dat"]),
            (["text.dat: its first lines are of no known format"], ["check", "text.dat"]),
            (["here.h5: its first lines are of no known format"], ["check", "here.h5"]),
            (["here.h5: exists; give --force"], ["convert", MAPS / "bdsim.dat", "here.h5"]),
            (["here.h5: exists; give --force"], ["make", "dipole", "-o", "here.h5"]),
            (["No such file"], ["make", "dipole", "-o", "none/x.h5"]),
            (["expected length_unit = mm, cm or m"], ["check", MAPS / "acts.txt"]),
            (["at most 2147483648 are allowed"], ["make", "dipole", "--grid-mm", "0.01,0.01,0.01", "-o", "x.h5"]),
        ]:
            with self.subTest(arguments=arguments):
                self.refuses(1, words, *arguments)
        self.assertEqual((self.folder / "here.h5").read_text(), "old")

    def test_help(self):
        for words in (("field",), ("field", "check"), ("field", "convert"), ("field", "make")):
            out = self.ok(*words, "--help")
            for word in (f"Usage: zpscan {' '.join(words)}", "Units", "Example: zpscan field"):
                self.assertIn(word, out)

    @unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
    def test_pictures(self):
        (self.folder / "p").mkdir()
        self.ok("field", "check", self.make(), "--plot", "p")
        names = sorted(p.name for p in (self.folder / "p").iterdir())
        self.assertEqual(names, ["field_profile.png", "field_slices.png"])
        for name in names:
            self.assertEqual((self.folder / "p" / name).read_bytes()[:4], b"\x89PNG")
        (self.folder / "one").mkdir()
        self.ok("field", "check", MAPS / "bdsim_1d.dat", "--plot", "one")
        self.refuses(1, ["none/field_profile.png"], "check", "d.h5", "--plot", "none")


if __name__ == "__main__":
    unittest.main()
