/* CLs of a counting experiment from exact Poisson sums, averaged over the nuisances: no asymptotics, no toys.
 *
 * The test statistic is T = sum over channels of w_c n_c, w_c = ln(1 + s_c/b_c) [the log of the ratio of likelihoods;
 * Junk, NIM A 434 (1999) 435], b_c times the variance that its error adds, at one fixed reference signal and rounded to
 * whole numbers 0 .. 16. Weights that are whole numbers make the distribution of T a finite sum, and any fixed weights
 * make a valid test: rounding can cost power, never coverage. A channel that 16 steps would round away gets more of
 * them; where the sums become too long for that it is left out, with its observed events: the others limit alone.
 * CLs(N) = P(T <= T_obs | N)/P(T <= T_obs | 0)       [Read, J. Phys. G 28 (2002) 2693] Nuisances are averaged over
 * their priors N(0, 1) (the hybrid of Cousins and Highland, NIM A 320 (1992) 331) by quadrature, of `level` 0, 1, ...,
 * each with twice as many nodes as the one before. */
#ifndef ZPS_STATS_CLS_EXACT_H
#define ZPS_STATS_CLS_EXACT_H

#include <stdint.h>

#include "host/stats/counting.h"

/** Largest T, in units of the smallest weight step. */
#define ZPS_EXACT_MAX_T 20000

typedef struct zps_exact {
  size_t n_channel;  /* those that count */
  size_t n_left_out; /* channels with a share whose weight rounds to 0 */
  zps_channel channels[ZPS_MAX_CHANNELS];
  double signal_error;
  bool backgrounds_together;
  uint32_t weights[ZPS_MAX_CHANNELS];
  size_t t_observed;
  size_t t_max;       /* at least t_observed, and the +2 sigma quantile of T without a signal */
  double *background; /* [t_max + 1] P(T <= t | N = 0) at the level below */
  unsigned level;     /* of `background` */
} zps_exact;

/** Prepares an experiment that zps_counting_check() passes. ZPS_INVALID when more events are seen or expected than an
 *  exact sum can take. Free with zps_exact_free(). */
zps_status zps_exact_make(const zps_counting *counting, zps_exact *exact, zps_error *error);

/** Computes P(T <= t | N = 0) at a level of quadrature. */
zps_status zps_exact_set_level(zps_exact *exact, unsigned level, zps_error *error);

/** Operations one CLs costs at a level, about 3 ns each: what bounds the level. */
double zps_exact_cost(const zps_exact *exact, unsigned level);

/** CLs had T = t been observed, t <= t_max. n_signal >= 0. */
zps_status zps_exact_cls(const zps_exact *exact, double n_signal, size_t t, double *cls, zps_error *error);

/** Smallest t with P(T <= t | N = 0) >= probability; t_max when there is none. */
size_t zps_exact_quantile(const zps_exact *exact, double probability);

void zps_exact_free(zps_exact *exact);

#endif
