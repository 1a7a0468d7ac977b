/* Confidence intervals of shares: binomial, and of events with integer weights k. */
#ifndef ZPS_STATS_INTERVAL_H
#define ZPS_STATS_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

/** erf(1/sqrt 2): the probability inside one standard deviation of a Gaussian. */
#define ZPS_LEVEL_ONE_SIGMA 0.68268949213708590

typedef struct zps_interval {
  double lo, hi;
} zps_interval;

/** Clopper-Pearson interval of a probability after x successes in n trials, equal tails of (1 - level)/2:
 *    lo solves I_lo(x, n - x + 1) = (1 - level)/2,  hi solves I_hi(x + 1, n - x) = (1 + level)/2
 *  with the regularised incomplete beta function I  [Clopper & Pearson, Biometrika 26 (1934) 404; PDG review,
 * Statistics]. x and n need not be whole numbers (effective numbers of weighted events). 0 <= x <= n, 0 < level < 1; lo
 * = 0 at x = 0, hi = 1 at x = n, [0, 1] for n = 0 and for arguments out of range. Good to 1e-6 of the width; where x
 *  and n - x exceed 1e5, Abramowitz & Stegun 26.5.22 takes over. */
zps_interval zps_interval_binomial(double x, double n, double level);

/** Sums of k and of k^2 over the events of one trigger. accepted_k2 = 0: the weights have nothing to do with what is
 *  accepted, so that the mean square of the generated stands for that of the accepted. */
typedef struct zps_counts {
  uint64_t accepted, accepted_k2, generated, generated_k2;
} zps_counts;

/** The counts of a trigger in a row of tallies (kernels/tally.h). piloted: weights depend on x, as with
 *  process.pilot, so that the accepted are judged by their own; otherwise accepted_k2 = 0. */
zps_counts zps_counts_of(const uint64_t *row, uint32_t i_trigger, bool piloted);

/** The number of events of weight 1 that would know p = accepted/generated as well:
 *    n = p (1 - p)/var,  var = [accepted_k2 (1 - p)^2 + (generated_k2 - accepted_k2) p^2]/generated^2
 *  var is that of a ratio of two sums over the same events, to first order  [Cochran, Sampling Techniques (1977),
 *  2.11]. Where weights have nothing to do with what is accepted this is generated^2/generated_k2, which is taken
 *  for accepted_k2 = 0 and where nothing or all is accepted. 0 when nothing is generated. */
double zps_effective_number(const zps_counts *counts);

/** Interval of p = accepted/generated: zps_interval_binomial() of n p in n, n the effective number. For rare p this is
 *  the interval of a scaled Poisson number, accepted_k2/accepted times one of accepted^2/accepted_k2  [Bohm and Zech,
 *  NIM A 748 (2014) 1]. */
zps_interval zps_interval_weighted(const zps_counts *counts, double level);

/** Relative error of p: half the width of the one-sigma interval above over the estimate, to order 1/x in x = n p:
 *  sqrt((1 - p)/x) + 1/(2 x)  [normal limit of the binomial; the second term is Clopper-Pearson's half count on either
 *  side]. Infinite where nothing is accepted. Four basic operations and a root of whole numbers: the same bits on every
 *  machine, so that a run may stop on it. */
double zps_relative_error(const zps_counts *counts);

/** Relative error of a sum of k over a given number of events, `accepted` with the sum of squares accepted_k2: with
 *  x = accepted^2/accepted_k2, the number of events of one weight that know as much,
 *    sqrt(1/x - 1/n_events) + 1/(2 x)
 *  from the variance of a mean of n_events numbers, and half a count on either side as above. Infinite where nothing is
 *  accepted. */
double zps_sum_error(uint64_t accepted, uint64_t accepted_k2, uint64_t n_events);

#endif
