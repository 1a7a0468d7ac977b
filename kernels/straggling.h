/* Energy loss of a muon with its fluctuations: every process, every thickness, one draw.
 *
 * Losses of one muon are a Poisson process: N(>loss) dx of them, from knock-on electrons, bremsstrahlung, e+ e- pairs
 * and photonuclear reactions together (host/tables/straggling_table.h). In decreasing order they are loss(G_k/path),
 * G_k the sum of k exponential numbers and loss(N) the inverse of N(>loss) (P. Levy; LePage, Woodroofe and Zinn, Ann.
 * Probab. 9 (1981) 624). The two hardest are drawn so. All others are softer than the second: independent of it once
 * it is known, many, and so nearly Gaussian; they come as one number of the right mean, variance and skewness. From
 * this mean the expectation of the two is subtracted, exactly: what is added to the mean loss has the mean zero.
 * Landau's, Vavilov's and Gauss's regime, and the radiative tail, are this one formula; no cut is chosen.
 *
 * Angles of what is emitted are neglected; all that is lost counts as deposited where it is lost. */
#ifndef ZPS_STRAGGLING_H
#define ZPS_STRAGGLING_H

#include "kernels/energy_loss.h"
#include "kernels/rng.h"

/** Nodes of the tables, two per factor of two: total energy from 2^-2 to 2^11 GeV, N from 2^-33 to 2^4 per mm. */
#define ZPS_STRAGGLE_LOG2_ENERGY_MIN (-2)
#define ZPS_STRAGGLE_LOG2_RATE_MIN (-33)
#define ZPS_STRAGGLE_ENERGY_MIN_GEV 0.25
#define ZPS_STRAGGLE_ENERGY_MAX_GEV 2048.0
#define ZPS_STRAGGLE_RATE_MIN 1.1641532182693481e-10
#define ZPS_STRAGGLE_RATE_MAX 16.0
#define ZPS_N_STRAGGLE_ENERGY 27
#define ZPS_N_STRAGGLE_RATE 75

/** First block of random numbers it takes of the purpose it is given. */
#define ZPS_STRAGGLE_BLOCK 16

/** What a table holds at a node (E, N), summed over all losses at the rate N(>loss) = N and softer or harder. */
enum zps_straggle_value {
  ZPS_STRAGGLE_INVERSE, /* 1/loss [1/GeV]; linear in N between nodes, which is exact for loss ~ 1/N and for constants */
  ZPS_STRAGGLE_ABOVE,   /* integral of loss dN over the harder ones [GeV/mm], of the interpolated loss */
  ZPS_STRAGGLE_VARIANCE, /* integral of loss^2 dN over the softer ones [GeV^2/mm] */
  ZPS_STRAGGLE_SKEWNESS, /* integral of loss^3 dN over the softer ones [GeV^3/mm] */
  ZPS_N_STRAGGLE_VALUE
};

/** Losses in one homogenised stack. Aligned to 16 bytes on a GPU. */
typedef struct zps_straggling {
  float node[ZPS_N_STRAGGLE_ENERGY][ZPS_N_STRAGGLE_RATE][ZPS_N_STRAGGLE_VALUE];
} zps_straggling;

/** A muon after a path through matter in which its loss fluctuates. */
typedef struct zps_straggled_crossing {
  double p_gev;         /* momentum at the end; 0 when stopped */
  double deposited_gev; /* energy lost on the way, by whatever process; all its kinetic energy when stopped */
  double hardest_gev;   /* the hardest single loss among them */
  double normal;        /* a normal number left over, independent of all else */
} zps_straggled_crossing;

/** A place between two nodes of a grid with nodes at 2^i and 1.5 2^i. */
typedef struct zps_half_octave {
  int32_t cell;    /* index of the node below */
  double from;     /* that node */
  double fraction; /* 0 at the node below, 1 at the one above */
} zps_half_octave;

/** x is taken within [low, high), low = 2^log2_low, high a power of two; NaN is low. No logarithm: exponent and first
 *  digit of x are the cell, the rest is the place in it. */
ZPS_HD zps_half_octave zps_half_octave_at(double x, double low, int32_t log2_low, double high) {
  const double inside = zps_matter_clamp(x, low, high * (1.0 - 1.1102230246251565e-16));
  const uint64_t bits = zps_bits(inside);
  const double from = zps_from_bits(bits & 0xfff8000000000000ULL);
  const double two_over_octave = zps_from_bits((2047ULL << 52) - (bits & 0x7ff0000000000000ULL));
  zps_half_octave place;
  place.cell = (int32_t)(bits >> 51) - (2 * (1023 + log2_low));
  place.from = from;
  place.fraction = (inside - from) * two_over_octave;
  return place;
}

/** a, b at fraction 0, 1. */
ZPS_HD double zps_straggle_between(double a, double b, double fraction) {
  return a + (fraction * (b - a));
}

/** The loss [GeV] of which there are N, from the inverse losses at both nodes around it. */
ZPS_HD double zps_straggle_inverse(double inverse_0, double inverse_1, double fraction) {
  return 1.0 / zps_straggle_between(inverse_0, inverse_1, fraction);
}

/** Integral of the interpolated loss over N from node 0, per width: Simpson's rule on 1/linear, good to 1e-4 of the
 *  loss in a cell. */
ZPS_HD double zps_straggle_integral(double inverse_0, double inverse_1, double fraction) {
  const double middle = zps_straggle_inverse(inverse_0, inverse_1, 0.5 * fraction);
  const double end = zps_straggle_inverse(inverse_0, inverse_1, fraction);
  return ((1.0 / inverse_0) + ((4.0 * middle) + end)) / 6.0;
}

/** Index of a node; energies lie ZPS_STRAGGLE_ROW apart. */
#define ZPS_STRAGGLE_ROW (ZPS_N_STRAGGLE_RATE * ZPS_N_STRAGGLE_VALUE)
ZPS_HD int32_t zps_straggle_index(zps_half_octave energy, zps_half_octave rate) {
  return (energy.cell * ZPS_STRAGGLE_ROW) + (rate.cell * ZPS_N_STRAGGLE_VALUE);
}

/** The loss of which there are N per mm: linear in energy between the rows. */
ZPS_HD double zps_straggle_loss(const zps_straggling *table, zps_half_octave energy, zps_half_octave rate) {
  const float *const f = table->node[0][0];
  const int32_t lo = zps_straggle_index(energy, rate);
  const int32_t hi = lo + ZPS_STRAGGLE_ROW;
  const double below = zps_straggle_inverse(ZPS_NODE(f, lo, 0, 0), ZPS_NODE(f, lo, 4, 0), rate.fraction);
  const double above = zps_straggle_inverse(ZPS_NODE(f, hi, 0, 0), ZPS_NODE(f, hi, 4, 0), rate.fraction);
  return zps_straggle_between(below, above, energy.fraction);
}

/** Cubic through two nodes with the given slopes by fraction. */
ZPS_HD double zps_straggle_cubic(double f_0, double s_0, double f_1, double s_1, double fraction) {
  const double rise = f_1 - f_0;
  const double c_2 = (3.0 * rise) - ((2.0 * s_0) + s_1);
  const double c_3 = (s_0 + s_1) - (2.0 * rise);
  return f_0 + (fraction * (s_0 + (fraction * (c_2 + (fraction * c_3)))));
}

/** Everything at (E, N), or in one row of energy. */
typedef struct zps_straggle_point {
  double loss, above, variance, skewness;
} zps_straggle_point;

/** In the row whose node is at: f[at]. width = that of the cell. The slopes of the moments are loss^2 and loss^3. */
ZPS_HD zps_straggle_point zps_straggle_in_row(const float *f, int32_t at, double width, double fraction) {
  const double inverse_0 = ZPS_NODE(f, at, 0, 0);
  const double inverse_1 = ZPS_NODE(f, at, 4, 0);
  const double loss_0 = 1.0 / inverse_0;
  const double loss_1 = 1.0 / inverse_1;
  const double slope_0 = -(width * (loss_0 * loss_0));
  const double slope_1 = -(width * (loss_1 * loss_1));
  zps_straggle_point out;
  out.loss = zps_straggle_inverse(inverse_0, inverse_1, fraction);
  out.above = ZPS_NODE(f, at, 0, 1) + ((width * fraction) * zps_straggle_integral(inverse_0, inverse_1, fraction));
  out.variance = zps_straggle_cubic(ZPS_NODE(f, at, 0, 2), slope_0, ZPS_NODE(f, at, 4, 2), slope_1, fraction);
  out.skewness =
      zps_straggle_cubic(ZPS_NODE(f, at, 0, 3), slope_0 * loss_0, ZPS_NODE(f, at, 4, 3), slope_1 * loss_1, fraction);
  return out;
}

ZPS_HD zps_straggle_point zps_straggle_at(const zps_straggling *table, zps_half_octave energy, zps_half_octave rate) {
  const float *const f = table->node[0][0];
  const int32_t at = zps_straggle_index(energy, rate);
  const double width = 0.5 * zps_from_bits(zps_bits(rate.from) & 0x7ff0000000000000ULL);
  const zps_straggle_point lo = zps_straggle_in_row(f, at, width, rate.fraction);
  const zps_straggle_point hi = zps_straggle_in_row(f, at + ZPS_STRAGGLE_ROW, width, rate.fraction);
  zps_straggle_point out;
  out.loss = zps_straggle_between(lo.loss, hi.loss, energy.fraction);
  out.above = zps_straggle_between(lo.above, hi.above, energy.fraction);
  out.variance = zps_straggle_between(lo.variance, hi.variance, energy.fraction);
  out.skewness = zps_straggle_between(lo.skewness, hi.skewness, energy.fraction);
  return out;
}

/** A number of mean 0, variance 1 and, to first order, the skewness given (Cornish and Fisher, Rev. Inst. Int. Stat. 5
 *  (1938) 307), of a normal number. */
ZPS_HD double zps_straggle_skew(double normal, double skewness) {
  const double skewed = normal + ((skewness / 6.0) * ((normal * normal) - 1.0));
  return skewed / zps_sqrt(1.0 + ((skewness * skewness) / 18.0));
}

/** A fluctuation about the mean loss, and its hardest single loss [GeV]. */
typedef struct zps_fluctuation {
  double excess_gev; /* of mean 0 */
  double hardest_gev;
  double normal; /* left over, independent of both */
} zps_fluctuation;

/** The fluctuation on path_mm > 0 at total energy energy_gev. Takes the blocks ZPS_STRAGGLE_BLOCK and the one behind.
 */
ZPS_HD zps_fluctuation zps_straggle_draw(const zps_straggling *table, double energy_gev, double path_mm, zps_stream s,
                                         uint32_t purpose) {
  const zps_pair u = zps_draw_uniform(s, purpose, ZPS_STRAGGLE_BLOCK);
  const zps_pair z = zps_draw_normal(s, purpose, ZPS_STRAGGLE_BLOCK + 1);
  const double g_1 = -zps_log(u.a);
  const double g_2 = g_1 - zps_log(u.b);
  const double path = zps_max(path_mm, 1e-30);
  const double per_path = 1.0 / path;
  const zps_half_octave energy = zps_half_octave_at(energy_gev, ZPS_STRAGGLE_ENERGY_MIN_GEV,
                                                    ZPS_STRAGGLE_LOG2_ENERGY_MIN, ZPS_STRAGGLE_ENERGY_MAX_GEV);
  const zps_half_octave first =
      zps_half_octave_at(g_1 * per_path, ZPS_STRAGGLE_RATE_MIN, ZPS_STRAGGLE_LOG2_RATE_MIN, ZPS_STRAGGLE_RATE_MAX);
  const zps_half_octave second =
      zps_half_octave_at(g_2 * per_path, ZPS_STRAGGLE_RATE_MIN, ZPS_STRAGGLE_LOG2_RATE_MIN, ZPS_STRAGGLE_RATE_MAX);
  const double hardest = zps_straggle_loss(table, energy, first);
  const zps_straggle_point rest = zps_straggle_at(table, energy, second);
  const double variance = zps_max(path * rest.variance, 0.0); /* a cubic may dip below zero by its rounding */
  const double width = zps_sqrt(variance);
  /* Beyond skewness 1 the softer ones are too few to matter beside the two. */
  const double skewness = zps_matter_clamp((path * rest.skewness) / (variance * width), 0.0, 1.0);
  zps_fluctuation out;
  out.excess_gev = (hardest + (rest.loss - (path * rest.above))) + (width * zps_straggle_skew(z.a, skewness));
  out.hardest_gev = hardest;
  out.normal = z.b;
  return out;
}

/** Loss on path_mm >= 0 in matter by a muon of momentum p_gev > 0 (at most 2000 GeV), fluctuating.
 *
 * The mean is that of zps_matter_cross(), the fluctuation is drawn at the energy half way through the mean loss.
 * path_mm = 0 returns p_gev itself and no loss; a muon never gains energy; one that ends below ZPS_STOP_P_GEV is
 * stopped. */
ZPS_HD zps_straggled_crossing zps_matter_cross_straggled(const zps_matter *m, const zps_straggling *table, double p_gev,
                                                         double path_mm, zps_stream s, uint32_t purpose) {
  const double mass = ZPS_MUON_MASS_GEV;
  const double square = p_gev * p_gev;
  const double t_in = square / (zps_sqrt(square + (mass * mass)) + mass);
  const double t_mean = zps_exp(zps_matter_log_kinetic_after(m, zps_log(zps_max(t_in, 1e-300)), path_mm));
  const zps_fluctuation f = zps_straggle_draw(table, (0.5 * (t_in + t_mean)) + mass, path_mm, s, purpose);
  const double t_out = zps_matter_clamp(t_mean - f.excess_gev, 0.0, t_in);
  const double p_out = zps_sqrt(t_out * (t_out + (2.0 * mass)));
  const int still = path_mm == 0.0;
  const int stopped = p_out < ZPS_STOP_P_GEV;
  zps_straggled_crossing out;
  out.p_gev = zps_matter_pick(still, p_gev, zps_matter_pick(stopped, 0.0, p_out));
  out.deposited_gev = zps_matter_pick(still, 0.0, t_in - zps_matter_pick(stopped, 0.0, t_out));
  out.normal = f.normal;
  out.hardest_gev = zps_matter_pick(still, 0.0, zps_matter_pick(f.hardest_gev < t_in, f.hardest_gev, t_in));
  return out;
}

#endif
