/* The spectrum of e+ e- pairs, integrated over their asymmetry, at many transfers: compiled once per instruction set.
 */
#ifndef ZPS_PAIR_LANES_H
#define ZPS_PAIR_LANES_H

#include <stddef.h>

#define ZPS_N_ASYMMETRY_NODES 10

/** What the integrand needs of the element and the energy; made by radiative_loss.c. */
typedef struct zps_pair_target {
  double energy;       /* of the muon [GeV] */
  double screening;    /* A* Z^-1/3 */
  double form_squared; /* (3 m_e Z^1/3 / (2 m_mu))^2 */
  double log_mu_scale; /* (2/3) (m_mu/m_e) A* Z^-2/3 */
} zps_pair_target;

/** integral[i], i < n: of Phi_e + (m_e/m_mu)^2 Phi_mu (zps_radiative_pair_production()) over rho from 0 to rho_max at
 *  v[i] = eps/E, by nodes x and weights w on [0, 1]; of no meaning outside the range of v. */
typedef void zps_pair_lanes(const zps_pair_target *target, const double x[ZPS_N_ASYMMETRY_NODES],
                            const double w[ZPS_N_ASYMMETRY_NODES], size_t n, const double *v, double *integral);

/** One per instruction set: x86-64-v2, -v3, -v4; `base` for the compiler's default, on any machine. */
zps_pair_lanes zps_pair_lanes_base, zps_pair_lanes_v2, zps_pair_lanes_v3, zps_pair_lanes_v4;

#endif
