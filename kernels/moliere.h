/* Multiple scattering with its tails: Moliere's theory, sampled from the law of the single collision.
 *
 * Moliere's distribution (Moliere, Z. Naturforsch. 3a (1948) 78; Bethe, Phys. Rev. 89 (1953) 1256) is that of a sum of
 * independent small deflections, a Poisson process whose rate is the single-scattering cross-section. Of one crossing
 * the hardest deflections, ZPS_MOLIERE_HARD of them on average, are drawn one by one, each with its own angle, azimuth
 * and depth; the sum of all softer ones is Gaussian to the accuracy named below, with the width that the same law
 * gives it. Angle and displacement are thus drawn from their joint distribution, and a slab is the sum of its parts:
 * no expansion in 1/B, no step size.
 *
 * In the transverse momentum q = p theta the law does not depend on p: per mm of a fast muon the number of
 * collisions above q is rate * nu(q), rate / beta^2 when it is slower. The hardest of a crossing are
 * nu_1 < nu_2 < ... = Gamma_i / collisions with Gamma_i a sum of i exponential numbers, the points of a Poisson
 * process of unit rate; those with Gamma < ZPS_MOLIERE_HARD are drawn, at most ZPS_MOLIERE_SLOTS. If there
 * would be more (1.4 %), the softest are left to the Gaussian part, which contains their variance on average.
 * The soft part has an excess kurtosis of 1.5/(ZPS_MOLIERE_HARD l^2), l = B - O(1): 3 % at l = 10. It is given by two
 * widths, one or the other at even odds, of variances 1 +- 1/l (1 +- sqrt(9/5)/l for the part of the displacement that
 * does not go with the angle, as <(t - 1/2)^4> = 9/5 <(t - 1/2)^2>^2 for a uniform lever arm t).
 * With fewer than ZPS_MOLIERE_HARD collisions in a crossing every one is drawn. */
#ifndef ZPS_MOLIERE_H
#define ZPS_MOLIERE_H

#include "kernels/constants.h"
#include "kernels/scatter.h"

#define ZPS_MOLIERE_OCTAVES 64  /* nu from 2^-64 to 1 */
#define ZPS_MOLIERE_CELL_BITS 2 /* 4 cells to an octave */
#define ZPS_MOLIERE_N_CELL (ZPS_MOLIERE_OCTAVES << ZPS_MOLIERE_CELL_BITS)
#define ZPS_MOLIERE_HARD 0.5
#define ZPS_MOLIERE_SLOTS 2

/** Variance of the hard deflections beyond the slots, in units of rate nu q^2 at the cut, over which it is constant
 *  up to a logarithm: Int_0^h (1 - e^-x (1 + x))/x dx for h = ZPS_MOLIERE_HARD. */
#define ZPS_MOLIERE_BEYOND_SLOTS 0.050372738830382

/** 1/sqrt(2 ZPS_MOLIERE_HARD): relative spread of the soft variance over nu q^2/(mean square below the cut). */
#define ZPS_MOLIERE_SPREAD 1.0

/** First block of random numbers: one per slot. Blocks 0 and 1 are the normal numbers of the Gaussian part. */
#define ZPS_MOLIERE_BLOCK 8

/** Collisions of a muon in one homogenised stack. Built by host/tables/moliere_table.c; 4 KB. */
typedef struct zps_moliere {
  double rate_per_mm; /* collisions of a muon with beta = 1 */
  /* At nu_j, uniform in each octave [2^-k, 2^-k+1): nu q^2 [GeV^2], and the mean square below q,
   * Int_nu^1 q^2 dnu' [GeV^2]. Both are nearly linear in nu over a cell. */
  double node[ZPS_MOLIERE_N_CELL + 1][2];
} zps_moliere;

/** A place in the table: cell and fraction of it. */
typedef struct zps_moliere_place {
  uint64_t cell;
  double fraction;
} zps_moliere_place;

/** Place of nu; taken at the nearer end outside [2^-64, 1). The cell is read off the bits of the double. */
ZPS_HD zps_moliere_place zps_moliere_find(double nu) {
  const uint64_t one = 0x3ff0000000000000ULL;
  const uint64_t lowest = one - ((uint64_t)ZPS_MOLIERE_OCTAVES << 52);
  const uint64_t bits = zps_bits(zps_clamp(nu, zps_from_bits(lowest), zps_from_bits(one - 1)));
  zps_moliere_place place;
  place.cell = (bits - lowest) >> (52 - ZPS_MOLIERE_CELL_BITS);
  place.fraction = zps_from_bits(((bits << ZPS_MOLIERE_CELL_BITS) & 0x000fffffffffffffULL) | one) - 1.0;
  return place;
}

/** Column 0 or 1 of the table. */
ZPS_HD double zps_moliere_value(const zps_moliere *table, zps_moliere_place at, int column) {
  const double *const node = &table->node[0][0];
  const double low = node[(2 * at.cell) + (uint64_t)column];
  const double high = node[(2 * at.cell) + (uint64_t)(2 + column)];
  return low + (at.fraction * (high - low));
}

/** The soft deflections: variance [GeV^2] of the transverse momentum in one plane, and by which fraction it is larger
 * or smaller at even odds to have the fourth cumulant of points, Int q^4 = (node 0)^2/nu below the cut. */
typedef struct zps_moliere_soft {
  double variance, spread;
} zps_moliere_soft;

/** inverse_collisions = 1/(collisions in the crossing). */
ZPS_HD zps_moliere_soft zps_moliere_soft_part(const zps_moliere *table, double inverse_collisions) {
  const zps_moliere_place cut = zps_moliere_find(ZPS_MOLIERE_HARD * inverse_collisions);
  const double at_cut = zps_moliere_value(table, cut, 0);
  const double below = zps_moliere_value(table, cut, 1);
  const double square = zps_max(below + (ZPS_MOLIERE_BEYOND_SLOTS * at_cut), 1e-300);
  zps_moliere_soft soft;
  soft.variance = (0.5 * square) / inverse_collisions;
  soft.spread = zps_min(ZPS_MOLIERE_SPREAD * (at_cut / square), 0.7); /* 0.7 sqrt(9/5) < 1 */
  return soft;
}

/** One hard deflection: transverse momentum in both planes [GeV], depth in units of the crossing, and +-1 at even
 *  odds, of bits the others leave over. */
typedef struct zps_moliere_kick {
  double qx, qy, depth, sign;
} zps_moliere_kick;

/** Slot i_slot of a crossing. gamma: in, that of the slot before (0); out, this one's. */
ZPS_HD zps_moliere_kick zps_moliere_hard(const zps_moliere *table, double inverse_collisions, zps_stream s,
                                         uint32_t purpose, uint32_t i_slot, double *gamma) {
  const zps_words w = zps_stream_words(s, purpose, ZPS_MOLIERE_BLOCK + i_slot);
  const double reached = *gamma - zps_log(zps_uniform_of_words(w.w0, w.w1));
  const double nu = reached * inverse_collisions;
  const zps_sin_cos azimuth = zps_sincos_turn(zps_uniform_of_words(0x80000000U, w.w2));
  const double square = zps_moliere_value(table, zps_moliere_find(nu), 0) / nu;
  const double q = zps_sqrt(reached < ZPS_MOLIERE_HARD ? square : 0.0);
  zps_moliere_kick kick;
  kick.qx = q * azimuth.cosine;
  kick.qy = q * azimuth.sine;
  kick.depth = zps_uniform_of_words(0x80000000U, w.w3);
  kick.sign = zps_from_bits(((uint64_t)(w.w0 & 1U) << 63) | 0x3ff0000000000000ULL);
  *gamma = reached;
  return kick;
}

/** Mean and width of the lever arm of the soft deflections, in units of the path: an angle theta takes the exit by
 *  path (mean theta + width theta'), theta' independent of it. 1/2 and 1/sqrt(12) without loss. */
typedef struct zps_moliere_lever {
  double mean, width;
} zps_moliere_lever;

/** p falls linearly along the path, the angle's variance grows as 1/p^2: with u its fraction reached, the distance to
 *  the exit is t = (1 - u)/(1 + u (p_in/p_out - 1)). Moments of t by Gauss's rule of three nodes, exact without loss.
 */
ZPS_HD zps_moliere_lever zps_moliere_lever_arm(double p_in, double p_out) {
  const double node = 0.11270166537925831; /* 1/2 - sqrt(15)/10 */
  const double gain = (p_in / p_out) - 1.0;
  const double by_far = 1.0 + (node * gain);
  const double by_middle = 1.0 + (0.5 * gain);
  const double by_near = 1.0 + ((1.0 - node) * gain);
  const double per_all = 1.0 / (by_far * (by_middle * by_near)); /* one division for three */
  const double far = (1.0 - node) * (per_all * (by_middle * by_near));
  const double middle = 0.5 * (per_all * (by_far * by_near));
  const double near = node * (per_all * (by_far * by_middle));
  const double mean = ((5.0 * (far + near)) + (8.0 * middle)) / 18.0;
  const double outer = zps_square(far - mean) + zps_square(near - mean);
  zps_moliere_lever lever;
  lever.mean = mean;
  lever.width = zps_sqrt(((5.0 * outer) + (8.0 * zps_square(middle - mean))) / 18.0);
  return lever;
}

/** Kicks [rad] and displacements [path] of a crossing. */
typedef struct zps_moliere_sum {
  double ax, ay, dx, dy;
} zps_moliere_sum;

/** Adds a hard deflection, at the momentum the muon has there. */
ZPS_HD void zps_moliere_add(zps_moliere_sum *sum, zps_moliere_kick kick, double p_in, double p_out) {
  const double per_p = 1.0 / (p_in - (kick.depth * (p_in - p_out)));
  const double ax = kick.qx * per_p;
  const double ay = kick.qy * per_p;
  sum->ax = sum->ax + ax;
  sum->ay = sum->ay + ay;
  sum->dx = sum->dx + (ax * (1.0 - kick.depth));
  sum->dy = sum->dy + (ay * (1.0 - kick.depth));
}

/** Carries a ray over thickness dz [mm] of a stack with loss from p_in to p_out > 0 [GeV], ending exactly on the exit
 *  plane; path = length of the straight line [mm]. Small angles, as in Moliere's theory;
 *  p linear in depth; 1/beta^2 in the number of collisions at p = sqrt(p_in p_out). */
ZPS_HD zps_ray zps_moliere_carry(const zps_moliere *table, zps_ray in, double dz, double path, double p_in,
                                 double p_out, zps_stream s, uint32_t purpose) {
  const double p_squared = p_in * p_out;
  const double energy_squared = p_squared + (ZPS_MUON_MASS_GEV * ZPS_MUON_MASS_GEV);
  const double inverse_collisions = p_squared / (energy_squared * (table->rate_per_mm * zps_max(path, 1e-9)));
  const zps_moliere_soft soft = zps_moliere_soft_part(table, inverse_collisions);
  const zps_moliere_lever lever = zps_moliere_lever_arm(p_in, p_out);
  const zps_pair zx = zps_draw_normal(s, purpose, 0);
  const zps_pair zy = zps_draw_normal(s, purpose, 1);
  /* Written out: gcc makes no vector code of a loop of lanes that holds another. */
  double gamma = 0.0;
  const zps_moliere_kick first = zps_moliere_hard(table, inverse_collisions, s, purpose, 0, &gamma);
  const zps_moliere_kick second = zps_moliere_hard(table, inverse_collisions, s, purpose, 1, &gamma);
  const double angle_squared = soft.variance / p_squared;
  const double spread = first.sign * soft.spread;
  const double width = zps_sqrt(angle_squared * (1.0 + spread));
  const double aside = lever.width * zps_sqrt(angle_squared * (1.0 + (1.3416407864998738 * spread)));
  zps_moliere_sum sum;
  sum.ax = width * zx.b;
  sum.ay = width * zy.b;
  sum.dx = (lever.mean * sum.ax) + (aside * zx.a);
  sum.dy = (lever.mean * sum.ay) + (aside * zy.a);
  zps_moliere_add(&sum, first, p_in, p_out);
  zps_moliere_add(&sum, second, p_in, p_out);
  return zps_scatter_deflect(in, dz, sum.ax, sum.ay, path * sum.dx, path * sum.dy);
}

#endif
