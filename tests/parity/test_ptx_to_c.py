#!/usr/bin/env python3
"""ptx_on_host/ on words of PTX where a host's own operators would answer otherwise: shifts too far, NaN, numbers out of
range, the sign of zero, halves of registers. Expected values: PTX ISA, the sections on the instructions."""

import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "parity" / "ptx_on_host"))
import ptx_to_c  # noqa: E402

COMPILER = "cc"
NAN, INF, TOP32, TOP64, ALL = 0x7FF8 << 48, 0x7FF0 << 48, 1 << 31, 1 << 63, (1 << 64) - 1


def f64(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


# Instruction with r, a, b, c for its registers, their width in bits, the operands' bits, the bits of the result.
CASES = [
    ("shl.b32 r, a, b", 32, (1, 31), TOP32), ("shl.b32 r, a, b", 32, (1, 32), 0), ("shl.b64 r, a, 64", 64, (1,), 0),
    ("shr.s32 r, a, b", 32, (TOP32, 40), 0xFFFFFFFF), ("shr.u32 r, a, b", 32, (TOP32, 40), 0),
    ("shr.s64 r, a, 4", 64, (TOP64,), 0xF8 << 56), ("shr.u64 r, a, 63", 64, (TOP64,), 1),
    ("mul.hi.u32 r, a, b", 32, (0xFFFFFFFF, 0xFFFFFFFF), 0xFFFFFFFE),
    ("mul.hi.s32 r, a, b", 32, (TOP32, 2), 0xFFFFFFFF),
    ("mul.lo.s32 r, a, b", 32, (TOP32, 3), TOP32), ("mad.lo.s32 r, a, b, c", 32, (7, 6, 0xFFFFFFFF), 41),
    ("bfi.b64 r, a, b, 32, 32", 64, (0x11111111, 0x22222222), 0x1111111122222222),
    ("bfi.b64 r, a, b, 8, 4", 64, (0xFF, 0), 0xF00), ("sub.s64 r, a, b", 64, (0, 1), ALL),
    ("neg.s32 r, a", 32, (1,), 0xFFFFFFFF),
    ("min.s32 r, a, b", 32, (0xFFFFFFFF, 1), 0xFFFFFFFF), ("min.u32 r, a, b", 32, (0xFFFFFFFF, 1), 1),
    ("shf.l.wrap.b32 r, a, b, 40", 32, (0xAB000000, 0xCD), 0xCDAB), ("rem.u32 r, a, b", 32, (17, 5), 2),
    ("max.f64 r, a, b", 64, (f64(-0.0), f64(0.0)), f64(0.0)), ("min.f64 r, a, b", 64, (f64(0.0), f64(-0.0)), f64(-0.0)),
    ("max.f64 r, a, b", 64, (NAN, f64(1.0)), f64(1.0)), ("min.f64 r, a, b", 64, (f64(1.0), NAN), f64(1.0)),
    ("mul.rn.f64 r, a, b", 64, (f64(1.1), f64(1.1)), f64(1.1 * 1.1)), ("neg.f64 r, a", 64, (f64(0.0),), f64(-0.0)),
    ("div.rn.f64 r, a, b", 64, (f64(1.0), f64(0.0)), INF), ("rcp.rn.f64 r, a", 64, (f64(3.0),), f64(1.0 / 3.0)),
    ("sqrt.rn.f64 r, a", 64, (f64(2.0),), f64(2.0 ** 0.5)), ("mul.rn.f64 r, a, 0d3FE0000000000000", 64, (1,), 0),
    ("add.rn.f64 r, a, b", 64, (1, 1), 2),  # the least subnormal stays
    # (1 + 2^-52)^2 - 1 - 2^-51: 2^-104 in one rounding, nothing in two
    ("fma.rn.f64 r, a, a, b", 64, (f64(1 + 2.0 ** -52), f64(-1 - 2.0 ** -51)), f64(2.0 ** -104)),
]
# The same into 32 or 64 bits; the third: whether a host would answer otherwise.
TO_INTEGER = [
    ("cvt.rzi.s32.f64", f64(-1.9), 0xFFFFFFFF, False), ("cvt.rzi.s32.f64", f64(3e9), TOP32 - 1, True),
    ("cvt.rzi.s32.f64", f64(-3e9), TOP32, True), ("cvt.rzi.s32.f64", NAN, TOP32, True),
    ("cvt.rzi.s64.f64", INF, TOP64 - 1, True), ("cvt.rzi.u64.f64", f64(2.0 ** 63), TOP64, False),
    ("cvt.rzi.u64.f64", f64(-1.0), 0, True), ("cvt.rni.s32.f64", f64(2.5), 2, False),
    ("cvt.rmi.s32.f64", f64(-0.5), 0xFFFFFFFF, False),
]
COMPARE = [
    ("lt", NAN, f64(1.0), 0), ("ltu", NAN, f64(1.0), 1), ("geu", f64(2.0), f64(1.0), 1), ("ne", NAN, NAN, 0),
    ("neu", NAN, NAN, 1), ("equ", f64(1.0), f64(2.0), 0), ("eq", f64(-0.0), f64(0.0), 1), ("nan", NAN, f64(0.0), 1),
]


def listing(lines):
    """A kernel with the address of its output as parameter."""
    return "\n".join([".visible .entry _Z5wordsPy(", "\t.param .u64 _Z5wordsPy_param_0", ")", "{", ".reg .pred %p<9>;",
                      ".reg .b32 %r<9>;", ".reg .b64 %rd<9>;", ".reg .f64 %fd<9>;",
                      "ld.param.u64 %rd8, [_Z5wordsPy_param_0];", *lines, "ret;", "}"])


def with_registers(instruction, width, operands):
    name = ("%fd" if "f64" in instruction else "%rd") if width == 64 else "%r"
    word, rest = instruction.split(" ", 1)
    for i, letter in enumerate("rabc"):
        rest = ", ".join(f"{name}{i}" if x == letter else x for x in rest.split(", "))
    loads = [f"mov.b{width} {name}{i}, {value if name != '%fd' else f'0d{value:016X}'};"
             for i, value in enumerate(operands, 1)]
    return [*loads, f"{word} {rest};"], name


def run(lines, n):
    """The n words that a thread of the kernel leaves, and how many conversions were out of range."""
    main = f"""
#include <stdio.h>
unsigned long ptx_n_out_of_range;
int main(void) {{
  uint64_t out[{n}] = {{0}}, *at = out;
  void *const argument[] = {{&at}};
  const ptx_thread t = {{0, 1, 0, 1, NULL, argument, NULL, NULL}};
  ptx_words(&t);
  for (int i = 0; i < {n}; i++)
    printf("%llu ", (unsigned long long)out[i]);
  printf("%lu", ptx_n_out_of_range);
}}
"""
    with tempfile.TemporaryDirectory() as folder:
        source, program = pathlib.Path(folder, "words.c"), pathlib.Path(folder, "words")
        source.write_text("\n".join(ptx_to_c.translate(listing(lines))) + main)
        options = ["-O1", "-w", "-ffp-contract=off", f"-I{ROOT}"]
        subprocess.run([COMPILER, *options, source, "-o", program, "-lm"], check=True)
        numbers = [int(x) for x in subprocess.run([program], stdout=subprocess.PIPE, check=True).stdout.split()]
    return numbers[:-1], numbers[-1]


class PtxToC(unittest.TestCase):
    def test_words(self):
        lines = []
        for i, (instruction, width, operands, _) in enumerate(CASES):
            code, name = with_registers(instruction, width, operands)
            lines += code + [f"st.global.b{width} [%rd8+{8 * i}], {name}0;"]
        for case, got in zip(CASES, run(lines, len(CASES))[0]):
            self.assertEqual(got, case[3], case)

    def test_conversions_to_integers_and_which_a_host_does_otherwise(self):
        for word, value, want, is_out_of_range in TO_INTEGER:
            name = "%r" if "32" in word.split(".")[2] else "%rd"
            width = 32 if name == "%r" else 64
            got, n = run([f"{word} {name}1, 0d{value:016X};", f"st.global.b{width} [%rd8], {name}1;"], 1)
            self.assertEqual((got[0], n), (want, int(is_out_of_range)), (word, hex(value)))

    def test_comparisons_with_nan(self):
        lines = []
        for i, (word, a, b, _) in enumerate(COMPARE):
            lines += [f"setp.{word}.f64 %p1, 0d{a:016X}, 0d{b:016X};", "selp.b64 %rd1, 1, 0, %p1;",
                      f"st.global.u64 [%rd8+{8 * i}], %rd1;"]
        for case, got in zip(COMPARE, run(lines, len(COMPARE))[0]):
            self.assertEqual(got, case[3], case)

    def test_halves_branches_and_predicates(self):
        lines = ["mov.b64 %rd1, 0x1122334455667788;", "mov.b64 {%r1, %r2}, %rd1;", "mov.b64 %rd2, {%r2, %r1};",
                 "st.global.u64 [%rd8], %rd2;", "setp.eq.s32 %p1, %r1, 0;", "not.pred %p2, %p1;", "@%p2 bra $L__BB0_2;",
                 "mov.u64 %rd2, 7;", "$L__BB0_2:", "@!%p2 mov.u64 %rd2, 9;", "st.global.u64 [%rd8+8], %rd2;"]
        self.assertEqual(run(lines, 2)[0], [0x5566778811223344, 0x5566778811223344])

    def test_what_it_does_not_know_it_refuses(self):
        for line in ["vote.sync.any.pred %p1, %p2, 1;", "sqrt.approx.f64 %fd1, %fd2;", "add.rz.f64 %fd1, %fd2, %fd3;",
                     "mov.u32 %r1, %laneid;", "bar.sync 1;", "mul.ftz.f64 %fd1, %fd2, %fd3;",
                     "st.global.u64 [elsewhere], %rd1;", "cvt.f64.f64 %fd1;", "a line"]:
            with self.assertRaises(ptx_to_c.Unknown, msg=line) as caught:
                ptx_to_c.translate(listing([line]))
            self.assertIn(f"line 10: {line}", str(caught.exception))


if __name__ == "__main__":
    COMPILER = sys.argv.pop(1) if len(sys.argv) > 1 else COMPILER
    unittest.main()
