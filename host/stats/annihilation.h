/* Annihilation of dark matter through the Z': cross-section and thermal average. */
#ifndef ZPS_STATS_ANNIHILATION_H
#define ZPS_STATS_ANNIHILATION_H

#include "host/job/job.h"

/** 1 GeV^-2 times c in cm^3/s. */
#define ZPS_CM3_S_GEV2 1.1673299e-17

/** Dark matter and its mediator. kind is not ZPS_DARK_NONE; the Z' is heavier than m_chi. */
typedef struct zps_dark_sector {
  zps_dark_matter kind;
  double m_chi_gev;
  double m_z_gev;
  double g, g_chi;  /* couplings of the Z' to muon and tau, and to dark matter */
  double width_gev; /* of the Z', all decays; see zps_dark_sector_make() */
} zps_dark_sector;

/** Fills in m_z_gev = m_chi/mass_ratio and the width. */
zps_dark_sector zps_dark_sector_make(zps_dark_matter kind, double m_chi_gev, double mass_ratio, double g, double g_chi);

/** sigma(chi chi -> nu nu, mu mu, tau tau) [GeV^-2] at squared energy s > 4 m_chi^2, D = (s - m^2)^2 + m^2 Gamma^2:
 *    Dirac             g^2 g_chi^2 (beta_f/beta_chi) (s + 2 m_chi^2)(s + 2 m_f^2)/(12 pi s D)
 *    scalar, Majorana  g^2 g_chi^2 s beta_chi beta_f (1 + 2 m_f^2/s)/(12 pi D)
 *  per final state f; both neutrinos together count as one massless f (docs/physics.md section 7). For Dirac and
 * scalar: of particle and antiparticle. */
double zps_annihilation_sigma(const zps_dark_sector *sector, double s);

/** <sigma v> [GeV^-2] of zps_annihilation_sigma() at x = m_chi/T >= 1:
 *    1/(8 m_chi^4 T K_2(x)^2) Int_{4 m_chi^2} ds sigma (s - 4 m_chi^2) sqrt(s) K_1(sqrt(s)/T)
 *  [Gondolo and Gelmini, Nucl. Phys. B 360 (1991) 145, eq. 3.8]. Double-exponential quadrature between thresholds and
 *  resonance: relative error below 1e-6 for widths down to 1e-9 of the mass. */
double zps_annihilation_average(const zps_dark_sector *sector, double x);

#endif
