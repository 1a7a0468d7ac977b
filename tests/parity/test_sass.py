#!/usr/bin/env python3
"""bench/gpu/sass.py on a listing written for it: one kernel with a division, a loop and padding, and one with a branch."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench" / "gpu"))
import sass  # noqa: E402

LISTING = """
	code for sm_90
		Function : _Z15zps_alone_steps9zps_setupji
	.headerflags	@"EF_CUDA_SM90"
        /*0000*/                   LDC R1, c[0x0][0x28] ;                    /* 0x00000a00ff017b82 */
                                                                             /* 0x000ff00000000800 */
        /*0010*/                   LDG.E.128.CONSTANT R4, desc[UR8][R2.64+0x10] ;
        /*0020*/                   MUFU.RCP64H R9, R7 ;
        /*0030*/                   DFMA R10, -R6, R8, 1 ;
        /*0040*/               @P0 BRA P1, 0x80 ;
        /*0050*/                   IMAD.MOV.U32 R6, RZ, RZ, R10 ;
        /*0060*/                   CALL.REL.NOINC 0x130 ;
        /*0070*/                   MOV R2, R4 ;
        /*0080*/                   F2F.F64.F32 R12, R4 ;
        /*0090*/                   I2F.U32.RP R5, R5 ;
        /*00a0*/              @!P3 DADD R12, R12, -UR4 ;
        /*00b0*/                   LDG.E.64 R16, desc[UR8][R2.64] ;
        /*00c0*/                   DSETP.GEU.AND P0, PT, R12, 4, PT ;
        /*00d0*/              @!P1 BRA P2, 0x80 ;
        /*00e0*/                   ATOMS.ADD RZ, [R43+0xec0c], R2 ;
        /*00f0*/                   EXIT ;
        /*0130*/                   DMUL R10, R10, R10 ;
        /*0140*/                   RET.REL.NODEC R2 0x0 ;
        /*0150*/                   BRA 0x150;
		Function : _Z4pairP6double
        /*0000*/               @P0 BRA 0x20 ;
        /*0010*/                   DADD R2, R2, 1 ;
        /*0020*/                   EXIT ;
        /*0030*/                   BRA 0x30;
        /*0040*/                   NOP;
"""


class Sass(unittest.TestCase):
    def setUp(self):
        self.kernels = sass.kernels(LISTING)
        self.steps = sass.usual_path(self.kernels["zps_alone_steps"])

    def test_kernels_are_named_as_in_the_source(self):
        self.assertEqual(list(self.kernels), ["zps_alone_steps", "pair"])
        self.assertEqual(len(self.kernels["zps_alone_steps"]), 19)

    def test_slow_path_of_a_division_and_its_subroutine_do_not_count(self):
        self.assertEqual([i.address for i in self.steps],
                         [0x00, 0x10, 0x20, 0x30, 0x40, 0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0, 0xF0])

    def test_both_ways_of_another_branch_count_but_no_padding(self):
        self.assertEqual([i.name for i in sass.usual_path(self.kernels["pair"])], ["BRA", "DADD", "EXIT"])

    def test_a_loop_is_what_a_branch_goes_back_over(self):
        self.assertEqual([i.address for i in sass.loop(self.steps)], [0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0])
        self.assertEqual(sass.loop(sass.usual_path(self.kernels["pair"])), [])

    def test_units(self):
        self.assertEqual(sass.count(self.steps), {"f64": 3, "special": 2, "conversion": 1, "global": 2, "wide": 1,
                                                  "shared": 1, "other": 4, "all": 13})
        self.assertEqual(sass.unit("IMAD.WIDE.U32"), "multiply")
        self.assertEqual(sass.unit("F2I.F64.TRUNC"), "conversion")
        self.assertEqual(sass.unit("UIADD3"), "other")


if __name__ == "__main__":
    unittest.main()
