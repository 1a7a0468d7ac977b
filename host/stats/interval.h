/* Binomial confidence intervals. */
#ifndef ZPS_STATS_INTERVAL_H
#define ZPS_STATS_INTERVAL_H

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

/** Effective number of events of a sum of integer weights: (sum k)^2 / sum k^2; 0 when sum_k2 is 0. */
double zps_effective_number(uint64_t sum_k, uint64_t sum_k2);

/** Interval of accepted/generated for weighted counts: n = effective number of the generated, x = n accepted/generated.
 */
zps_interval zps_interval_weighted(uint64_t accepted, uint64_t generated, uint64_t generated_k2, double level);

/** Relative error of accepted/generated for weighted counts: half the width of the one-sigma interval above over the
 *  estimate, to order 1/x in x = n accepted/generated: sqrt((1 - p)/x) + 1/(2 x)  [normal limit of the binomial; the
 *  second term is Clopper-Pearson's half count on either side]. Infinite where nothing is accepted. Four basic
 *  operations and a root of whole numbers: the same bits on every machine, so that a run may stop on it. */
double zps_relative_error(uint64_t accepted, uint64_t generated, uint64_t generated_k2);

#endif
