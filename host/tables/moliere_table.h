/* The law of the single collision in a homogenised stack, as kernels/moliere.h samples it.
 *
 * Every number here has the same bits from every compiler and instruction set:
 * kernels/math.h instead of libm, Gauss-Legendre sums of fixed order. */
#ifndef ZPS_TABLES_MOLIERE_TABLE_H
#define ZPS_TABLES_MOLIERE_TABLE_H

#include <stddef.h>

#include "host/error.h"
#include "host/tables/stack.h"
#include "kernels/moliere.h"

/** What a muon scatters on. */
typedef enum zps_moliere_charge {
  ZPS_MOLIERE_EXTENDED = 0, /* nuclei of finite size, their protons, electrons that recoil */
  ZPS_MOLIERE_POINT = 1     /* points: Moliere's theory as published */
} zps_moliere_charge;

/** Collisions of a muon with beta = 1 per mm of a chemical element of 1 g/cm^3 and per dq [1/(mm GeV)], q = transverse
 *  momentum [GeV]:
 *
 *    4 pi (alpha hbar c)^2 (N_A/A) 2 q S(q)/(q^2 + q_a^2)^2,   q_a = alpha m_e Z^(1/3)/0.885 sqrt(1.13 + 3.76 (alpha
 * Z)^2)
 *
 * with Moliere's screening angle q_a/p (Bethe, Phys. Rev. 89 (1953) 1256, eq. 21; Scott, Rev. Mod. Phys. 35 (1963)
 * 231). Point: S = Z (Z + 1), nucleus and electrons (Bethe, eq. 10). Extended: S = Z^2 F^2 + Z (1 - F^2) G^2 + Z E with
 * Helm's form factor F = 3 j1(q r)/(q r) exp(-(q s)^2/2), s = 0.9 fm, r^2 = c^2 + 7/3 pi^2 a^2 - 5 s^2,
 * c = (1.23 A^(1/3) - 0.6) fm, a = 0.52 fm (Helm, Phys. Rev. 104 (1956) 1466; Lewin and Smith, Astropart. Phys. 6
 * (1996) 87); G = (1 + q^2/(0.71 GeV^2))^-2 of the proton, knocked out of its nucleus (hydrogen: Z^2 F^2 = G^2 alone);
 * E = 1/(1 + (q/q_e)^8), q_e = 0.1 GeV, the largest transverse momentum an electron at rest gives to a muon of 50 GeV
 * (0.06 GeV at 20 GeV, 0.19 GeV at 160 GeV). The muon's spin and recoil, and the energy lost in a collision, are left
 * out. */
double zps_moliere_rate(int z, double a, zps_moliere_charge charge, double q_gev);

/** Fills *out for a stack whose period is layers[n_layers], homogenised by mass: the laws of its elements add up, which
 *  for points is Bethe's average of ln chi_a with weights Z (Z + 1). The number of periods does not matter.
 *  Fails (ZPS_INVALID) for no or too many layers, a NULL material, a thickness not finite and > 0. */
zps_status zps_moliere_build(const zps_layer *layers, size_t n_layers, zps_moliere_charge charge, zps_moliere *out,
                             zps_error *error);

#endif
