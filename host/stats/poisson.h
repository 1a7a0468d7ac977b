/* Poisson probabilities, in tables. */
#ifndef ZPS_STATS_POISSON_H
#define ZPS_STATS_POISSON_H

#include <stddef.h>

/** p[k] = mean^k exp(-mean)/k! for k = 0 .. n; p holds n + 1 numbers, mean >= 0. Relative error below 1e-12 for means
 * up to 1e3, 1e-9 up to 1e6; what a double cannot hold is 0. */
void zps_poisson_fill(double mean, size_t n, double *p);

#endif
