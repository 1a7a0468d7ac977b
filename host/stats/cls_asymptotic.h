/* CLs of a counting experiment in the asymptotic approximation of the profile likelihood ratio.
 *
 * Cowan, Cranmer, Gross and Vitells, EPJ C 71 (2011) 1554 = arXiv:1007.1727: the statistic q-tilde of eq. (16) with the
 * signal strength bound to be >= 0, its distributions eqs. (64) to (66) with sigma^2 = N^2/q_A, where q_A is q-tilde of
 * the Asimov data n = b (all nuisances at 0): q <= q_A:  CLs+b = 1 - Phi(sqrt q),                    CLb = 1 - Phi(sqrt
 * q - sqrt q_A) q >  q_A:  CLs+b = 1 - Phi((q + q_A)/(2 sqrt q_A)),    CLb = 1 - Phi((q - q_A)/(2 sqrt q_A)) Nuisances
 * are profiled. Good where counts are large; at zero counts it undercovers. */
#ifndef ZPS_STATS_CLS_ASYMPTOTIC_H
#define ZPS_STATS_CLS_ASYMPTOTIC_H

#include "host/stats/counting.h"

/** q-tilde of the experiment's data, and of the Asimov data; n_signal > 0. */
zps_status zps_asymptotic_q(const zps_counting *counting, double n_signal, double *q, double *q_asimov,
                            zps_error *error);

/** CLs of a pair of them, q >= 0, q_asimov >= 0. */
double zps_asymptotic_cls(double q, double q_asimov);

#endif
