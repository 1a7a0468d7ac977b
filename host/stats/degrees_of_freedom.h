/* Effective degrees of freedom of the early universe.
 *
 * From 1 MeV upwards the table S2 of Borsanyi et al., Nature 539 (2016) 69 = arXiv:1606.07494 (lattice QCD, all of the
 * standard model), with cubic splines in log10 T as there. Below 1 MeV: photons and e+e- as ideal gases, three
 * neutrinos that keep their entropy apart (decoupled at once before the e+e- annihilate): h = 43/11 = 3.909 at T = 0,
 * and 3.363 for g. */
#ifndef ZPS_STATS_DEGREES_OF_FREEDOM_H
#define ZPS_STATS_DEGREES_OF_FREEDOM_H

#include <stddef.h>

#include "host/error.h"

/** Energy density rho = pi^2/30 g T^4, entropy density s = 2 pi^2/45 h T^3. */
typedef struct zps_freedom {
  double g, h;
  double
      root; /* h/sqrt(g) (1 + T/(3h) dh/dT): g_*^(1/2) of Gondolo and Gelmini, Nucl. Phys. B 360 (1991) 145, eq. 3.9 */
} zps_freedom;

/** Range of the table [GeV]; above it the last value holds. */
#define ZPS_FREEDOM_T_MAX_GEV 281.838

/** Values for temperatures t_gev[n], each > 0, into freedom[n]. ZPS_MEMORY. */
zps_status zps_freedom_fill(size_t n, const double *t_gev, zps_freedom *freedom, zps_error *error);

#endif
