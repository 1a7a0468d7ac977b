/* Relic density of dark matter that freezes out, and the coupling that gives the density observed.
 *
 * The Boltzmann equation of Gondolo and Gelmini, Nucl. Phys. B 360 (1991) 145, eq. 3.8, for the sum of all dark
 * particles: dY/dx = -sqrt(pi/45) M_Planck m_chi g_*^(1/2)/x^2 <sigma v> (Y^2 - Y_eq^2),  Y_eq = 45 n_dof x^2 K_2(x)/(4
 * pi^4 h) starting in equilibrium at x = m_chi/T = 2. <sigma v> is that of zps_annihilation_average() times, and n_dof,
 *   complex scalar  1/2 (half of the pairs are particle and antiparticle), 2
 *   pseudo-Dirac    2 r/(1 + r)^2, 2 (1 + r), with r = (1 + delta)^(3/2) exp(-delta x) heavy per light particles in
 *                   equilibrium: annihilation of light with heavy (coannihilation) at the Dirac cross-section of the
 * light mass, the heavy decaying later. delta = 0 is a Dirac particle (1/2, 4) Majorana        1, 2 */
#ifndef ZPS_STATS_RELIC_H
#define ZPS_STATS_RELIC_H

#include "host/stats/annihilation.h"

/** Omega h^2 of dark matter: Planck 2018, A&A 641 (2020) A6. */
#define ZPS_RELIC_OBSERVED 0.120

/** Largest mass splitting delta = (m_heavy - m_light)/m_light. */
#define ZPS_RELIC_MAX_SPLITTING 0.2

/** Omega h^2 of a sector; m_chi 1 MeV .. 100 GeV, splitting (of pseudo-Dirac only) 0 .. 0.2. ZPS_INVALID out of range,
 *  ZPS_FAILURE when the equation cannot be solved. */
zps_status zps_relic_density(const zps_dark_sector *sector, double splitting, double *omega_h2, zps_error *error);

/** The same for n_dof degrees of freedom and a constant <sigma v> [cm^3/s]. */
zps_status zps_relic_density_constant(double m_chi_gev, double n_dof, double sigma_v_cm3_s, double *omega_h2,
                                      zps_error *error);

/** What gives ZPS_RELIC_OBSERVED. */
typedef struct zps_thermal_target {
  double g; /* coupling of the Z' to muons */
  double y; /* (g_chi g)^2 (m_chi/m)^4 */
} zps_thermal_target;

/** The target at one mass: kind is dirac (for pseudo-Dirac), scalar or majorana; mass_ratio = m_chi/m, 0 .. 0.5 apart
 * from the resonance at 0.5. ZPS_FAILURE when no coupling from 1e-9 to 10 gives the density. */
zps_status zps_relic_target(zps_dark_matter kind, double m_chi_gev, double mass_ratio, double g_chi, double splitting,
                            zps_thermal_target *target, zps_error *error);

#endif
