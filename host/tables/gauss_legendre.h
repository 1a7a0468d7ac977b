/* Gauss-Legendre nodes with the same bits from every compiler. */
#ifndef ZPS_TABLES_GAUSS_LEGENDRE_H
#define ZPS_TABLES_GAUSS_LEGENDRE_H

#include <stddef.h>

/** Nodes x[n] (ascending, in (-1, 1)) and weights w[n] (sum 2) of the n-point rule, n >= 1.
 *
 * Newton's method on P_n from cos(pi (i + 3/4)/(n + 1/2)) (Abramowitz and Stegun 22.16.6), a fixed
 * number of steps, + - * / and kernels/math.h only. Errors below 1e-14 for n <= 256. */
void zps_gauss_legendre(size_t n, double *x, double *w);

#endif
