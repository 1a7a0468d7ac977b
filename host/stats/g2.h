/* The anomalous magnetic moment of the muon: what a Z' adds to it. */
#ifndef ZPS_STATS_G2_H
#define ZPS_STATS_G2_H

#include "host/stats/interval.h"

/** Delta a_mu of a vector boson of mass m [GeV] > 0 with coupling 1 to the muon; proportional to the coupling squared:
 *    1/(4 pi^2) Int_0^1 dx x^2 (1 - x)/(x^2 + (1 - x) m^2/m_mu^2)
 *  (Pospelov, PRD 80 (2009) 095002, eq. 7). Limits: 1/(8 pi^2) for m << m_mu, m_mu^2/(12 pi^2 m^2) for m >> m_mu.
 * Relative error below 1e-12 for m from 1e-9 to 1e6 GeV. */
double zps_g2_delta(double mass_gev);

/** Couplings whose Delta a_mu lies within delta -+ n_sigma error; lo = 0 when 0 lies in that range, and lo = hi = 0
 * when all of it is negative. error > 0. */
zps_interval zps_g2_band(double mass_gev, double delta, double error, double n_sigma);

#endif
